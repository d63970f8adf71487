"""Seal the audit trail's finished days. Run daily, after midnight UTC."""

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.queries import active_tenants
from accounts.tenancy.context import NIL_UUID
from compliance.seals.chain import Seal
from compliance.seals.file import SealFile, SealFileError
from compliance.seals.sealing import OpenTransactionError, last_finished_day, seal_tenant, wait_for_writers

PLATFORM = "platform"


def tenants_to_check(slug: str | None, sealed: dict[uuid.UUID, list[Seal]]) -> dict[uuid.UUID, str]:
    """Id → name of one tenant, or of all: active ones, those that the file knows, and the platform."""
    names = {NIL_UUID: PLATFORM, **dict(active_tenants())}
    if slug is None:
        return {tenant_id: str(tenant_id) for tenant_id in sealed} | names
    chosen = {tenant_id: name for tenant_id, name in names.items() if name == slug}
    if not chosen:
        raise CommandError(f"There is no active tenant {slug!r}.")
    return chosen


class Command(BaseCommand):
    """Digest of each day's rows, chained to the day before, in a file outside the database and in a table."""

    help = "Seals the audit trail's finished days (UTC). Run it daily; it can run any time and catches up."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", metavar="SLUG", help=f"only this tenant, or '{PLATFORM}'")

    def handle(self, *args: Any, tenant: str | None = None, **options: Any) -> None:
        file = SealFile(Path(settings.AUDIT_SEAL_FILE))
        try:
            with file.locked(exclusive=True):
                made, days = self.seal(file, tenant)
        except (SealFileError, OpenTransactionError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Sealed {days} days of {made} tenants.")

    def seal(self, file: SealFile, slug: str | None) -> tuple[int, int]:
        """Number of tenants that got seals, and of seals."""
        sealed = file.read()
        until = last_finished_day()
        wait_for_writers()
        counts = [
            len(seal_tenant(tenant_id, sealed.get(tenant_id, []), file, until=until))
            for tenant_id in tenants_to_check(slug, sealed)
        ]
        return sum(count > 0 for count in counts), sum(counts)
