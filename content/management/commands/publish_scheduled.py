"""`publish_scheduled`: put due texts on the site; `--loop` makes it the worker that `script/server` starts."""

import argparse
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from content.services.publishing import active_tenant_ids_by_slug, publish_scheduled


class Command(BaseCommand):
    """Safe to run twice and at the same time; catches up after downtime."""

    help = "Publish scheduled posts that are due."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--tenant", help="slug of one tenant; all active tenants without it")
        parser.add_argument("--loop", action="store_true", help="keep running")
        parser.add_argument("--interval", type=float, default=15.0, help="seconds between two rounds of --loop")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["loop"]:
            self.stdout.write(f"{self._round(options['tenant'])} published")
            return
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            try:
                self._round(options["tenant"])
            except DatabaseError as error:  # the database is away: the next round tries again
                self.stderr.write(f"round failed: {error.__class__.__name__}")
                connection.close()
            stop.wait(options["interval"])

    def _round(self, slug: str | None) -> int:
        return publish_scheduled(tenant_id=active_tenant_ids_by_slug()[slug] if slug else None)
