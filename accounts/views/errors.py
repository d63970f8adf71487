"""Error pages that need a view."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or stale: say what to do, in the user's language."""
    return render(request, "403_csrf.html", status=403)
