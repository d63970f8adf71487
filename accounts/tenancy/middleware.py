"""Host → tenant → context (and transaction) around the whole request."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.core.exceptions import RequestDataTooBig
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render

from accounts.tenancy.context import TenancyContext, platform_context, tenant_context
from accounts.tenancy.hosts import Site, resolve_host
from accounts.tenancy.later import LaterResponse

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
WITHOUT_TENANT = ("/health/live", "/health/ready")


class TenancyMiddleware:
    """First in the list: whatever runs below sees this host's tenant and nothing else."""

    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in WITHOUT_TENANT:
            return self.get_response(request)
        site = resolve_host(request.get_host())
        if site is None:
            return render(request, "unknown_host.html", status=404)
        request.site = site
        unsafe = request.method not in SAFE_METHODS
        if unsafe and (refusal := _spool_body(request)):
            return refusal
        # SQLite: reading needs no transaction, and one that later writes could meet "database is locked".
        atomic = unsafe or connection.vendor == "postgresql"
        with site_context(site, atomic=atomic) as context:
            response = self.get_response(request)
            failed = response.status_code >= 500
            if failed and atomic:
                transaction.set_rollback(True)  # nothing half-written survives an error
        # What ActorMiddleware could not write because the transaction was to be undone.
        if record_access := getattr(request, "record_access", None):
            with site_context(site, atomic=True, context=context):
                record_access(response)
        if isinstance(response, LaterResponse):
            with site_context(site, atomic=False, context=context):
                response.finish()
        return response


def site_context(
    site: Site, *, atomic: bool, context: TenancyContext | None = None
) -> AbstractContextManager[TenancyContext]:
    """The context of a site, as a visitor, or as the actor and request of an earlier context."""
    actor, request_id = (context.user_id, context.request_id) if context else (None, None)
    if site.is_platform:
        return platform_context(actor=actor, request_id=request_id, atomic=atomic)
    return tenant_context(site.tenant_id, actor=actor, request_id=request_id, atomic=atomic)


def _spool_body(request: HttpRequest) -> HttpResponse | None:
    """Read the body before BEGIN: a slow sender must not hold a transaction open."""
    try:
        _ = request.body
    except RequestDataTooBig:
        return render(request, "too_large.html", status=413)
    except UnreadablePostError:
        return HttpResponse(status=400)
    return None
