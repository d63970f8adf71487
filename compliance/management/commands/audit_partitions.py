"""Make the audit trail's partitions for the next 24 months. Run daily."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.audit_storage import FEWEST_MONTHS_AHEAD, ensure_partitions


class Command(BaseCommand):
    """Without a partition for the month no row can be audited, and so nothing can be changed."""

    help = "Makes the audit trail's monthly partitions for the next 24 months. Run it daily; it can run any time."

    def handle(self, *args: Any, **options: Any) -> None:
        status = ensure_partitions()
        if not status.ok:
            raise CommandError(f"Only {status.months_ahead} months ahead; at least {FEWEST_MONTHS_AHEAD} are needed.")
        ahead = "made on insert" if status.months_ahead is None else f"{status.months_ahead} months ahead"
        self.stdout.write(f"Audit trail: {status.storage}, {ahead}.")
