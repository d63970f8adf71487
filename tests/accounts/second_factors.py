"""Authenticators for the cast, and the codes they show."""

import time

from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from accounts.tenancy.context import platform_context, tenant_context

KEY = "3132333435363738393031323334353637383930"


def give_device(user: User) -> TOTPDevice:
    """The person's authenticator with a known secret."""
    context = tenant_context(user.tenant_id, actor=user) if user.tenant_id else platform_context(actor=user)
    with context:
        return TOTPDevice.objects.create(user=user, name="app", key=KEY, confirmed=True)


def code(steps: int = 0, key: str = KEY) -> str:
    """What the app shows `steps` half-minutes from now."""
    totp = TOTP(bytes.fromhex(key))
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06d}"


def wrong_code() -> str:
    """Six digits that are right at no accepted moment."""
    right = {code(step) for step in range(-2, 3)}
    return next(text for text in ("000000", "111111", "222222", "333333", "444444", "555555") if text not in right)
