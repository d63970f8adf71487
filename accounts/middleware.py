"""Who acts: told to the database as soon as the session is read."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.tenancy.context import set_actor
from django.conf import settings


class ActorMiddleware:
    """Sets the actor. A request without a session cookie never touches the session, so it stays cacheable."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            set_actor(request.user)
        return self.get_response(request)
