"""Accounts to list and to find."""

import uuid

from django.db import connection
from django.db.models import QuerySet

from accounts.enums import Role
from accounts.models import Session, Tenant, TenantSettings, User
from accounts.tenancy.context import current_tenant_id


def active_users() -> QuerySet[User]:
    """People of the active tenant who can sign in, with their names."""
    return User.objects.filter(deleted_at=None).select_related("profile")


def active_administrators() -> QuerySet[User]:
    """Of these at least one must stay."""
    return User.objects.filter(role=Role.ADMINISTRATOR, deleted_at=None)


def sessions_of(user: User) -> QuerySet[Session]:
    """A person's open sessions, newest first."""
    return Session.objects.filter(user_id=user.pk).order_by("-created_at")


def tenant_settings() -> TenantSettings:
    """The active tenant's settings. Before anybody has saved any: the defaults, unsaved, as reading writes nothing."""
    saved = TenantSettings.objects.first()
    if saved is not None:
        return saved
    tenant = Tenant.objects.get(pk=current_tenant_id())
    registry, _comma, rqe = tenant.technical_director_registry.partition(",")
    return TenantSettings(
        director_name=tenant.technical_director, director_registry=registry.strip(), director_rqe=rqe.strip()
    )


def primary_domain() -> str:
    """The active tenant's host name, for links outside a request; empty where it has none."""
    if connection.vendor == "postgresql":
        sql, params = "SELECT primary_domain()", []  # definer: the web role cannot read `domains`
    else:
        sql = "SELECT domain FROM domains WHERE tenant_id = %s ORDER BY is_primary DESC, domain LIMIT 1"
        params = [current_tenant_id().hex]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row = cursor.fetchone()
    return (row and row[0]) or ""


def active_tenants() -> list[tuple[uuid.UUID, str]]:
    """Id and slug of every active tenant: all that the platform may know of them."""
    if connection.vendor == "postgresql":
        sql = "SELECT id, slug FROM active_tenant_ids()"  # definer: the web role sees only its own tenant
    else:
        sql = "SELECT id, slug FROM tenants WHERE is_active ORDER BY slug"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [(row[0] if isinstance(row[0], uuid.UUID) else uuid.UUID(row[0]), row[1]) for row in cursor.fetchall()]
