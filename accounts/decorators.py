"""Doors of the views that are not part of Django's admin."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def way_back(request: HttpRequest) -> str:
    """Where signing in leads: to the page asked for, or after a form to the page on which it stood, as many an address
    that takes forms shows nothing."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    if request.method in ("GET", "HEAD") or came_from.netloc != request.get_host():
        return request.get_full_path()
    return came_from._replace(scheme="", netloc="", fragment="").geturl()


def signed_in_required(view: View) -> View:
    """Signed in, and with the second factor where the account needs one; else to the sign-in page and back."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if user.is_authenticated and (user.is_verified() or not user.needs_second_factor):
            return view(request, *args, **kwargs)
        return redirect_to_login(way_back(request))

    return guarded
