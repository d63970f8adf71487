"""`review_reminders`: mails about reviews that are due. Run it once a day."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from content.services.publishing import active_tenant_ids_by_slug
from content.services.reminders import remind


class Command(BaseCommand):
    """Safe to run as often as you like: each text is named once for each stage of lateness."""

    help = "Send reminders about reviews that are due."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--tenant", help="slug of one tenant; all active tenants without it")

    def handle(self, *args: Any, **options: Any) -> None:
        tenants = active_tenant_ids_by_slug()
        if (slug := options["tenant"]) and slug not in tenants:
            raise CommandError(f"There is no active tenant {slug!r}.")
        wanted = [tenants[slug]] if slug else list(tenants.values())
        self.stdout.write(f"{sum(remind(tenant_id) for tenant_id in wanted)} texts reminded")
