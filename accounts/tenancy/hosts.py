"""Which site answers at a host name."""

import time
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

CACHE_SECONDS = 60
_cache: dict[tuple[str, str], tuple[float, "Site | None"]] = {}


@dataclass(frozen=True)
class Site:
    """What a request needs to know of its tenant before it may read anything. `tenant_id` is None on the platform."""

    tenant_id: uuid.UUID | None
    slug: str = ""
    name: str = ""
    tagline: str = ""
    version: int = 0

    @property
    def is_platform(self) -> bool:
        return self.tenant_id is None

    @property
    def pk(self) -> uuid.UUID | None:
        return self.tenant_id


PLATFORM = Site(None, slug="platform", name="Healthcare CMS")


def hostname(host: str) -> str:
    """Lower case, without port and trailing dot."""
    name = host.rsplit(":", 1)[0] if ":" in host and not host.endswith("]") else host
    return name.rstrip(".").lower()


def resolve_host(host: str) -> Site | None:
    """The site of a host name, cached for a minute; None where nobody lives. Never a default tenant."""
    name = hostname(host)
    if name in (settings.PLATFORM_HOST, "127.0.0.1"):
        return PLATFORM
    key = (str(connection.settings_dict["NAME"]), name)
    found = _cache.get(key)
    if found and found[0] > time.monotonic():
        return found[1]
    site = _lookup(name)
    if len(_cache) > 10_000:  # a flood of made-up hosts must not fill the memory
        _cache.clear()
    _cache[key] = (time.monotonic() + CACHE_SECONDS, site)
    return site


def forget_hosts() -> None:
    """Drop the cache, after a tenant or a domain has changed."""
    _cache.clear()


def _lookup(name: str) -> Site | None:
    """One row from the directory: a definer function on PostgreSQL, where the web role cannot read `domains`."""
    if connection.vendor == "postgresql":
        sql = "SELECT id, slug, name, tagline, version FROM resolve_host(%s)"
    else:
        sql = (
            "SELECT t.id, t.slug, t.name, t.tagline, t.version FROM domains d JOIN tenants t ON t.id = d.tenant_id"
            " WHERE d.domain = %s AND t.is_active"
        )
    with connection.cursor() as cursor:
        cursor.execute(sql, [name])
        row = cursor.fetchone()
    if row is None:
        return None
    return Site(row[0] if isinstance(row[0], uuid.UUID) else uuid.UUID(row[0]), *row[1:])
