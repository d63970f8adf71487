"""Addresses for people who read them outside a request."""

import os

from django.conf import settings


def site_address(domain: str) -> str:
    """Scheme, host and port as a browser needs them."""
    return f"http://{domain}:{os.environ.get('PORT', '8000')}" if settings.DEBUG else f"https://{domain}"
