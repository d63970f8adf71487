"""Print a second-factor code of a demo account."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor
from accounts.backends import DEMO_EMAIL_DOMAINS
from accounts.models import User
from accounts.tenancy.context import SYSTEM_UUID, platform_context, tenant_context
from accounts.tenancy.hosts import PLATFORM, Site, resolve_host

STEP_SECONDS = 30


class Command(BaseCommand):
    """A code is accepted once, so this prints one that has not been used yet, and waits for it where it must."""

    help = "Print a second-factor code of a demo account that is still unused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Demo accounts do not exist unless DEBUG is on.")
        self.stdout.write(unused_code(options["email"].strip().lower()))


def unused_code(email: str) -> str:
    """The code shown now if it is unused, else the next one (accepted a step early), else the one after a wait."""
    device = _device(email)
    while (step := max(int(time.time()) // STEP_SECONDS, device.last_t + 1)) > time.time() // STEP_SECONDS + 1:
        time.sleep(1)
    totp = TOTP(device.bin_key)
    totp.time = step * STEP_SECONDS
    return f"{totp.token():06d}"


def _device(email: str) -> TOTPDevice:
    site = _site(email)
    with platform_context(actor=SYSTEM_UUID) if site.is_platform else tenant_context(site, actor=SYSTEM_UUID):
        user = User.objects.filter(email=email, deleted_at=None).first()
        if user is None:
            raise CommandError(f"There is no account {email}. Run “manage.py demo” first.")
        device = second_factor.device_of(user)
    if device is None:
        raise CommandError(f"{email} signs in without a code.")
    return device


def _site(email: str) -> Site:
    domain = email.rpartition("@")[2]
    if domain not in DEMO_EMAIL_DOMAINS:
        raise CommandError(f"{email} is not a demo account.")
    slug = domain.removesuffix(".example")
    site = PLATFORM if slug == "platform" else resolve_host(f"{slug}.localhost")
    if site is None:
        raise CommandError(f"There is no tenant {slug}. Run “manage.py demo” first.")
    return site
