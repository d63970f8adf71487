"""Make a new organization with its host name and first administrator."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import ProgrammingError

from accounts import services
from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.links import site_address
from accounts.tenancy.context import SYSTEM_UUID, tenant_context


class Command(BaseCommand):
    """Prints a link, valid once and for three days, with which the administrator chooses a password."""

    help = "Create an organization, its domain and its first administrator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--slug", required=True, help="short name: lower-case letters, digits, hyphens")
        parser.add_argument("--name", required=True, help="name that readers see")
        parser.add_argument("--domain", required=True, help="host name of the site, without https:// and port")
        parser.add_argument("--admin-email", required=True, help="e-mail of the first administrator")
        parser.add_argument("--admin-name", default="", help="name of the first administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["admin_email"].strip().lower()
        try:
            validate_email(email)  # before anything is made
            tenant = services.create_tenant(
                name=options["name"], slug=options["slug"], domain=options["domain"], actor=SYSTEM_UUID
            )
            with tenant_context(tenant, actor=SYSTEM_UUID, atomic=True):
                user = services.create_user(
                    email=email,
                    role=Role.ADMINISTRATOR,
                    display_name=options["admin_name"] or email.partition("@")[0],
                    actor=SYSTEM_UUID,
                )
                link = services.password_link(user)
        except ValidationError as error:
            raise CommandError(f"{email} is not an e-mail address.") from error
        except AccountRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        except ProgrammingError as error:
            raise CommandError(f"DATABASE_OWNER_URL must name the owning role: {error}") from error
        domain = options["domain"].strip().lower().rstrip(".")
        self.stdout.write(self.style.SUCCESS(f"{tenant.name} is ready at {site_address(domain)}/"))
        self.stdout.write(f"{email} chooses a password at (once, within three days):\n  {site_address(domain)}{link}")
