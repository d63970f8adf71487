"""`migrate` as the owning role. Installed before django-tenants, whose own `migrate` works schema by schema."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connection

from accounts.tenancy.owner import as_owner


class Command(migrate.Command):
    """Django's `migrate`, run as DATABASE_OWNER_URL; also makes the audit trail's partitions two years ahead."""

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner():
            super().handle(*args, **options)
            if connection.vendor == "postgresql" and options["plan"] is False:
                _make_partitions()


def _make_partitions() -> None:
    """Partitions for 24 months, where the audit trail is there yet and is partitioned by us."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regprocedure('audit_ensure_partitions(integer)') IS NOT NULL")
        if cursor.fetchone()[0]:
            cursor.execute("SELECT audit_ensure_partitions(24)")
