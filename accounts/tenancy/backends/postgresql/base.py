"""PostgreSQL backend that hands the tenancy context to the database in the same trip as BEGIN."""

from typing import Any

from django.db.backends.postgresql.psycopg_any import is_psycopg3
from django.db.utils import NotSupportedError
from django_tenants.postgresql_backend import base
from psycopg.pq import TransactionStatus

from accounts.tenancy import context as tenancy
from accounts.tenancy.versions import too_old

assert is_psycopg3, "Healthcare CMS needs psycopg 3."


def context_sql(context: tenancy.TenancyContext) -> str:
    """`SET LOCAL` for the four settings. Values are UUIDs and a closed list, so nothing needs quoting."""
    return (
        f"SET LOCAL app.scope = '{'' if context.scope == 'none' else context.scope}';"
        f" SET LOCAL app.tenant_id = '{context.tenant_id or ''}';"
        f" SET LOCAL app.user_id = '{context.user_id or ''}';"
        f" SET LOCAL app.request_id = '{context.request_id}'"
    )


class DatabaseWrapper(base.DatabaseWrapper):
    """django-tenants' backend with transaction-local tenancy instead of a session-wide search_path."""

    def check_database_version_supported(self) -> None:
        """Refuse a PostgreSQL with known holes in row-level security, at the first connection."""
        super().check_database_version_supported()
        if problem := too_old(self.pg_version):
            raise NotSupportedError(problem)

    def _handle_search_path(self, cursor: Any = None) -> None:
        """All tenants share `public`; a session-wide SET would leak through a pooler in transaction mode."""

    def _start_transaction_under_autocommit(self) -> None:
        """Django's hook for the outermost atomic(): BEGIN and the context in one trip."""
        with self.wrap_database_errors:
            self.connection.execute("BEGIN; " + context_sql(tenancy.current()))

    def assert_context(self) -> None:
        """Tell a running transaction the current context. Nothing to do outside one or in a failed one."""
        if self.connection is None or self.connection.closed:
            return
        if self.connection.info.transaction_status == TransactionStatus.INTRANS:
            with self.wrap_database_errors:
                self.connection.execute(context_sql(tenancy.current()))

    def savepoint_rollback(self, sid: str) -> None:
        """A savepoint rollback reverts SET LOCAL, so say it again."""
        super().savepoint_rollback(sid)
        self.assert_context()

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        """django-tenants' entry point: remember the tenant; a real one becomes the context, with the same actor."""
        self.tenant = tenant
        self.schema_name = "public"
        self.include_public_schema = include_public
        if (pk := getattr(tenant, "pk", None)) is not None:
            current = tenancy.current()
            tenancy.activate(tenancy.TenancyContext("tenant", pk, current.user_id, current.request_id))
