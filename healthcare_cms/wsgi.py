"""WSGI entry point. Tenancy and transactions are thread-bound, so the product is served by WSGI threads, not ASGI."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare_cms.settings")
application = get_wsgi_application()
