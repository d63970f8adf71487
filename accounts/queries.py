"""Accounts to list and to find."""

import uuid

from django.db import connection
from django.db.models import QuerySet

from accounts.enums import Role
from accounts.models import Session, User


def active_users() -> QuerySet[User]:
    """People of the active tenant who can sign in, with their names."""
    return User.objects.filter(deleted_at=None).select_related("profile")


def active_administrators() -> QuerySet[User]:
    """Of these at least one must stay."""
    return User.objects.filter(role=Role.ADMINISTRATOR, deleted_at=None)


def sessions_of(user: User) -> QuerySet[Session]:
    """A person's open sessions, newest first."""
    return Session.objects.filter(user_id=user.pk).order_by("-created_at")


def active_tenants() -> list[tuple[uuid.UUID, str]]:
    """Id and slug of every active tenant: all that the platform may know of them."""
    if connection.vendor == "postgresql":
        sql = "SELECT id, slug FROM active_tenant_ids()"  # definer: the web role sees only its own tenant
    else:
        sql = "SELECT id, slug FROM tenants WHERE is_active ORDER BY slug"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [(row[0] if isinstance(row[0], uuid.UUID) else uuid.UUID(row[0]), row[1]) for row in cursor.fetchall()]
