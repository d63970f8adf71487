"""WSGI entry point. Tenancy and transactions are thread-bound, so the product is served by WSGI threads, not ASGI."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

from compliance.analyzers import warm_up

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare_cms.settings")
django_application = get_wsgi_application()
warm_up()  # not at the cost of the first author of the day


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django's, for requests in UTF-8. Python knows codecs that decode no text (`charset=rot13`); Django decodes the
    query with the named one while it builds the request, which is before any middleware could refuse."""
    _type, parameters = parse_header_parameters(environ.get("CONTENT_TYPE", ""))
    if (parameters.get("charset") or "utf-8").lower() not in ("utf-8", "utf8"):
        start_response("400 Bad Request", [("Content-Type", "text/plain"), ("Content-Length", "0")])
        return []
    return django_application(environ, start_response)
