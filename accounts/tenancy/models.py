"""Abstract base and managers of tenant-owned tables.

The filter is resolved when SQL is compiled, never when the queryset is built: a queryset made at import time (a form's
field, say) must not keep the first tenant it met.
"""

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Func

from accounts.tenancy import context as tenancy


class InCurrentTenant(Func):
    """`tenant_id = <the active tenant>`; NoTenantError when compiled without one."""

    output_field = models.BooleanField()
    conditional = True

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:
        if tenancy.current().scope != "tenant":
            table = self.source_expressions[0].target.model._meta.db_table
            raise tenancy.NoTenantError(f"Query on {table} with no tenant active; wrap the call in tenant_context().")
        sql, params = compiler.compile(self.source_expressions[0])
        return f"{sql} = %s", [*params, _value(connection)]


class InCurrentScope(InCurrentTenant):
    """Rows of the tenant, or on the platform the rows without one; nothing at all without a context."""

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:
        scope = tenancy.current().scope
        if scope == "tenant":
            return super().as_sql(compiler, connection)
        sql, params = compiler.compile(self.source_expressions[0])
        return (f"{sql} IS NULL", params) if scope == "platform" else ("1 = 0", [])


def _value(connection: Any) -> Any:
    """The tenant id as the database stores it."""
    tenant_id = tenancy.current_tenant_id()
    return tenant_id if connection.features.has_native_uuid_field else tenant_id.hex


class TenantQuerySet(models.QuerySet):
    """Queryset of a tenant-owned table."""


class TenantManager(models.Manager.from_queryset(TenantQuerySet)):
    """Filters by the active tenant."""

    def get_queryset(self) -> TenantQuerySet:
        return super().get_queryset().filter(InCurrentTenant(F("tenant_id")))


class ScopeManager(models.Manager.from_queryset(TenantQuerySet)):
    """For tables that also hold platform rows (users, sessions)."""

    def get_queryset(self) -> TenantQuerySet:
        return super().get_queryset().filter(InCurrentScope(F("tenant_id")))


class TenantModel(models.Model):
    """A row that belongs to one tenant; the active tenant is the default."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(
        "accounts.Tenant",
        on_delete=models.PROTECT,
        default=tenancy.current_tenant_id,
        editable=False,
        db_index=False,
        related_name="+",
    )

    objects = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


class Index(models.Index):
    """PostgreSQL's limit instead of Django's 30: the schema document's index names are longer."""

    max_name_length = 63
