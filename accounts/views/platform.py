"""The platform's own page: how many tenants there are, and whether the machinery works. No tenant's content."""

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import queries
from accounts.decorators import signed_in_required
from compliance.policy import has_capability


@never_cache
@require_safe
def platform(request: HttpRequest) -> HttpResponse:
    """Only at the platform's host: at a tenant's this address does not exist."""
    if not request.site.is_platform:
        raise Http404
    return _platform(request)


@signed_in_required
def _platform(request: HttpRequest) -> HttpResponse:
    if not has_capability(request.user, "platform.manage"):
        return render(request, "403.html", status=403)
    context = {
        "tenants": [slug for _id, slug in queries.active_tenants()],
        "database": _database(),
    }
    return render(request, "accounts/platform.html", context)


def _database() -> str:
    """Vendor and version, for the person who runs it."""
    if connection.vendor == "postgresql":
        version = connection.pg_version
        return f"PostgreSQL {version // 10000}.{version % 10000}"
    return f"SQLite {'.'.join(str(part) for part in connection.Database.sqlite_version_info)}"
