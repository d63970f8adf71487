"""A way back in for somebody whom nobody else can let in: the only administrator, the platform's administrator."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import services
from accounts.links import site_address
from accounts.models import User
from accounts.tenancy.context import SYSTEM_UUID, set_actor
from accounts.tenancy.hosts import resolve_host
from accounts.tenancy.middleware import site_context


class Command(BaseCommand):
    """Prints a link, valid once and for three days. Whoever runs this has made sure who asks."""

    help = "Print a link with which a person chooses a new password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--domain", required=True, help="host name of the tenant's site, or of the platform")
        parser.add_argument("--reset-second-factor", action="store_true", help="the phone is lost, too")

    def handle(self, *args: Any, **options: Any) -> None:
        site = resolve_host(options["domain"])
        if site is None:
            raise CommandError(f"No site lives at {options['domain']}.")
        with site_context(site, atomic=True):
            set_actor(SYSTEM_UUID)
            user = User.objects.filter(email=options["email"].strip().lower(), deleted_at=None).first()
            if user is None:
                raise CommandError(f"There is no account {options['email']} at {options['domain']}.")
            if options["reset_second_factor"]:
                services.reset_second_factor(user, actor=SYSTEM_UUID)
            self.stdout.write(f"{site_address(options['domain'])}{services.password_link(user)}")
