"""Delete what sign-ins leave behind: expired sessions, and failure counts that no longer matter."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import queries, throttle
from accounts.models import Session, SignInThrottle
from accounts.tenancy.context import SYSTEM_UUID, platform_context, tenant_context


class Command(BaseCommand):
    """Daily, tenant by tenant and then the platform. Safe to run at any time."""

    help = "Delete expired sessions and old counts of failed sign-ins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", help="slug of the one tenant to clear (default: all, and the platform)")

    def handle(self, *args: Any, **options: Any) -> None:
        tenants = {slug: pk for pk, slug in queries.active_tenants()}
        if (wanted := options["tenant"]) and wanted not in tenants:
            raise CommandError(f"There is no active tenant {wanted!r}.")
        count = 0
        for pk in [tenants[wanted]] if wanted else tenants.values():
            with tenant_context(pk, actor=SYSTEM_UUID, atomic=True):
                count += clear()
        if not wanted:
            with platform_context(actor=SYSTEM_UUID, atomic=True):
                count += clear()
        self.stdout.write(f"Rows deleted: {count}.")


def clear() -> int:
    """Delete the stale rows of the active scope."""
    now = timezone.now()
    longest = max(limit.memory for limit in throttle.LIMITS.values())
    sessions = Session.objects.filter(expire_date__lt=now).delete()[0]
    return sessions + SignInThrottle.objects.filter(updated_at__lt=now - longest).delete()[0]
