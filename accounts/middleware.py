"""Who acts: told to the database as soon as the session is read, and to the audit trail once the answer is known."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from accounts.tenancy.context import set_actor
from accounts.throttle import client_address
from compliance import audit
from compliance.enums import AuditOperation, PolicyDecision
from compliance.policy import trust_score

LONGEST_AGENT = 150


class ActorMiddleware:
    """Sets the actor and leaves one row in the trail for each request of somebody who is signed in.

    A request without a session cookie never touches the session, so it stays cacheable. The row is written with the
    answer, in the request's transaction if it has one; where that one was rolled back, TenancyMiddleware calls
    `request.record_access` in a new one. A request whose row cannot be written fails.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return self.get_response(request)
        set_actor(request.user)
        # The person of now: signing out in the view changes `request.user`.
        request.record_access = partial(_record_access, request, request.user, trust_score(request.user))
        response = self.get_response(request)
        if response.status_code < 500 and not _rolls_back():
            request.record_access(response)
            request.record_access = None
        return response


def _rolls_back() -> bool:
    """Is the request's transaction going to be undone? A row written into it would be lost with it."""
    return transaction.get_connection().in_atomic_block and transaction.get_rollback()


def _record_access(request: HttpRequest, user: Any, score: int, response: HttpResponse) -> None:
    """One row: which route, about what, how it was answered. Never the path or the query, which may name a patient."""
    if request.path.startswith(settings.STATIC_URL):
        return
    set_actor(user)
    denied = response.status_code == 403
    route = _route(request)
    resource_type, resource_id = getattr(request, "audit_resource", None) or ("route", _resource_id(request) or route)
    audit.record(
        AuditOperation.DENY if denied else AuditOperation.ACCESS,
        resource_type=resource_type,
        resource_id=resource_id,
        metadata={
            "route": route,
            "method": request.method,
            "status": response.status_code,
            "ip_address": client_address(request),
            "user_agent": request.headers.get("User-Agent", "")[:LONGEST_AGENT],
        },
        trust_score=score,
        policy_decision=_decision(response.status_code),
    )


def _route(request: HttpRequest) -> str:
    """Name of the view's address, the view's own where that has none."""
    return request.resolver_match.view_name if request.resolver_match else "unknown"


def _resource_id(request: HttpRequest) -> uuid.UUID | None:
    """The first UUID among the view's arguments: the object of the request."""
    if request.resolver_match is None:
        return None
    for value in [*request.resolver_match.kwargs.values(), *request.resolver_match.args]:
        try:
            return uuid.UUID(str(value))
        except ValueError:
            continue
    return None


def _decision(status: int) -> PolicyDecision | None:
    """What the status says of the policy; absent things and errors say nothing."""
    if status == 403:
        return PolicyDecision.DENY
    return PolicyDecision.ALLOW if status < 400 else None
