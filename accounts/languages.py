"""The language of the screens: a cookie for Django's LocaleMiddleware, set from the profile."""

from django.conf import settings
from django.http import HttpResponse

YEAR = 365 * 24 * 3600


def remember_language(response: HttpResponse, language: str) -> HttpResponse:
    """Set the cookie where the profile names a language that exists."""
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response
