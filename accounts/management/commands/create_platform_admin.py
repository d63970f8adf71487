"""Make an administrator of the platform, who runs it and sees no tenant's content."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import services
from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.links import site_address
from accounts.tenancy.context import SYSTEM_UUID, platform_context


class Command(BaseCommand):
    """Prints a link, valid once and for three days, with which the person chooses a password."""

    help = "Create an administrator of the platform."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with platform_context(actor=SYSTEM_UUID, atomic=True):
                user = services.create_user(
                    email=options["email"], role=Role.PLATFORM_ADMIN, display_name=options["email"], actor=SYSTEM_UUID
                )
                link = services.password_link(user)
        except AccountRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{user.email} chooses a password at:\n  {site_address(settings.PLATFORM_HOST)}{link}")
