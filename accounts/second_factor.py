"""The second factor: time-based codes (TOTP), recovery codes, and the proof of identity that a signature needs.

A code is accepted once. Failures are counted on the device (1, 2, 4 … seconds of waiting) and, by the callers here
and in the sign-in views, on the account, so that both factors share one limit. Callers must let the transaction
commit after a refusal: answer with a page, do not raise.

Recovery codes have 55 bits, below the 112 that ASVS asks of unhashed look-up secrets, so they are stored like
passwords (Argon2, salted). Their first character names the slot, so that checking one costs one hash and not ten.
"""

import secrets
import time
from base64 import b32encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from accounts import throttle
from accounts.models import RecoveryCode, User

if TYPE_CHECKING:
    from django_otp.models import Device

RECOVERY_CODES = 10
RECOVERY_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I, O, 0, 1: people copy these by hand
RECOVERY_LENGTH = 12
DEVICE_NAME = "app"


@dataclass(frozen=True)
class VerificationResult:
    """`message` is a sentence for the user when not `ok`; `device` is what `django_otp.login` wants."""

    ok: bool
    message: str = ""
    device: "Device | None" = None
    used_recovery_code: bool = False


# --- Enrolment -------------------------------------------------------------------------------------------------------


def device_of(user: User) -> TOTPDevice | None:
    """The person's confirmed authenticator, None before enrolment."""
    return TOTPDevice.objects.filter(user_id=user.pk, confirmed=True).order_by("pk").first()


def new_key() -> str:
    """A fresh secret, hexadecimal, 160 bits."""
    return random_hex(20)


def manual_key(key: str) -> str:
    """The secret as people type it into an app: base32 in groups of four."""
    text = b32encode(bytes.fromhex(key)).decode()
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def enrolment_uri(user: User, key: str, site_name: str) -> str:
    """What the QR code holds. The tenant's name is in the label, for people with accounts at two clinics."""
    issuer = f"{settings.OTP_TOTP_ISSUER} {site_name}".strip().replace(":", " ")
    label = quote(f"{issuer}:{user.email}")
    secret = b32encode(bytes.fromhex(key)).decode()
    query = {"secret": secret, "issuer": issuer, "algorithm": "SHA1", "digits": 6, "period": 30}
    return f"otpauth://totp/{label}?{urlencode(query, quote_via=quote)}"


def qr_image(uri: str) -> str:
    """The QR code as a data: address (the content security policy allows images from those)."""
    return segno.make(uri, error="m").svg_data_uri(scale=5, border=3, dark="#10243a", light="#ffffff")


@transaction.atomic
def enrol(user: User, key: str, code: str) -> VerificationResult:
    """Make `key` the person's second factor once `code` proves that the app has it. Replaces an earlier device."""
    step = matching_step(key, code)
    if step is None:
        return VerificationResult(False, _("This code is not right. Type the six digits that the app shows now."))
    remove(user)
    device = TOTPDevice.objects.create(user=user, name=DEVICE_NAME, key=key, confirmed=True, last_t=step)
    user.mfa_enabled = True
    user.save(update_fields=["mfa_enabled", "updated_at"])
    return VerificationResult(True, device=device)


def remove(user: User) -> None:
    """Take the authenticator and the recovery codes away; the account's role may ask for new ones at sign-in."""
    TOTPDevice.objects.filter(user_id=user.pk).delete()
    RecoveryCode.objects.filter(user_id=user.pk).delete()


# --- Codes -----------------------------------------------------------------------------------------------------------


def matching_step(key: str, code: str, *, now: float | None = None, tolerance: int = 1) -> int | None:
    """The time step whose code this is, within one step of now; None for any other text."""
    code = "".join(code.split())
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        return None
    totp = TOTP(bytes.fromhex(key))
    totp.time = time.time() if now is None else now
    for drift in range(-tolerance, tolerance + 1):
        totp.drift = drift
        if totp.token() == int(code):
            return totp.t()
    return None


def normalized(code: str) -> str:
    """A code as typed, without spaces and hyphens."""
    return "".join(code.split()).replace("-", "").upper()


@transaction.atomic
def verify(user: User, code: str) -> VerificationResult:
    """Check a code of the app, or a recovery code, and use it up."""
    code = normalized(code)
    if len(code) == RECOVERY_LENGTH:
        return _use_recovery_code(user, code)
    device = TOTPDevice.objects.select_for_update().filter(user_id=user.pk, confirmed=True).order_by("pk").first()
    if device is None:
        return VerificationResult(False, _("This account has no second factor yet. Set it up in your profile."))
    allowed, reason = device.verify_is_allowed()
    if not allowed:
        return VerificationResult(False, retry_message(reason["locked_until"]))
    if (step := matching_step(device.key, code)) is not None and step <= device.last_t:
        return VerificationResult(False, _replay_message(device.last_t))
    if device.verify_token(code):
        return VerificationResult(True, device=device)
    return VerificationResult(False, _("This code is not right. Type the six digits that the app shows now."))


def _replay_message(last_step: int) -> str:
    """A code counts once; say when the next one is shown."""
    ready_at = datetime.fromtimestamp((last_step + 1) * 30, tz=UTC)
    seconds = round((ready_at - timezone.now()).total_seconds())
    if seconds <= 0:
        return _("This code has already been used. Type the code that the app shows now.")
    clock = date_format(timezone.localtime(ready_at), "H:i:s")
    return ngettext(
        "This code has already been used. The next one is valid from %(clock)s, in %(seconds)d second.",
        "This code has already been used. The next one is valid from %(clock)s, in %(seconds)d seconds.",
        seconds,
    ) % {"clock": clock, "seconds": seconds}


def retry_message(until: datetime) -> str:
    """Too many failures: when the next attempt is allowed."""
    seconds = max(1, round((until - timezone.now()).total_seconds()))
    if seconds < 120:
        text = ngettext(
            "Too many failed attempts. Try again in %(seconds)d second.",
            "Too many failed attempts. Try again in %(seconds)d seconds.",
            seconds,
        )
        return text % {"seconds": seconds}
    clock = date_format(timezone.localtime(until), "H:i")
    return _("Too many failed attempts. Try again at %(clock)s.") % {"clock": clock}


# --- Recovery codes --------------------------------------------------------------------------------------------------


def make_recovery_codes(user: User) -> list[str]:
    """Ten new codes, shown once; the old ones stop working. Hash outside of long transactions where possible."""
    codes = [_random_code(slot) for slot in range(RECOVERY_CODES)]
    rows = [
        RecoveryCode(user=user, tenant_id=user.tenant_id, code_hash=f"{code[0]}${make_password(code)}")
        for code in codes
    ]
    with transaction.atomic():
        RecoveryCode.objects.filter(user_id=user.pk).delete()
        RecoveryCode.objects.bulk_create(rows)
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes]


def _random_code(slot: int) -> str:
    tail = "".join(secrets.choice(RECOVERY_ALPHABET) for _position in range(RECOVERY_LENGTH - 1))
    return f"{RECOVERY_ALPHABET[slot]}{tail}"


def unused_recovery_codes(user: User) -> int:
    """How many are left."""
    return RecoveryCode.objects.filter(user_id=user.pk, used_at=None).count()


def _use_recovery_code(user: User, code: str) -> VerificationResult:
    """One hash per attempt: the slot finds the row. The row is locked, so a code cannot be used twice at once."""
    rows = RecoveryCode.objects.select_for_update().filter(user_id=user.pk, used_at=None)
    row = rows.filter(code_hash__startswith=f"{code[0]}$").first()
    device = device_of(user)
    if device is None or row is None or not check_password(code, row.code_hash.partition("$")[2]):
        return VerificationResult(False, _("This recovery code is not right, or it has already been used."))
    row.used_at = timezone.now()
    row.save(update_fields=["used_at"])
    return VerificationResult(True, device=device, used_recovery_code=True)


# --- Proof of identity -----------------------------------------------------------------------------------------------


def confirm_identity(user: User, password: str, code: str) -> VerificationResult:
    """Password and a new code, as a signature asks for. Failures count towards the account's lock.

    The code is only looked at (and used up) when the password is right.
    """
    if until := throttle.locked_until(user.email):
        return VerificationResult(False, retry_message(until))
    if user.check_password(password):
        result = verify(user, code)
    else:
        result = VerificationResult(False, _("The password is not right. Type the one with which you sign in."))
    if until := throttle.settle(user.email, failed=not result.ok):
        return VerificationResult(False, retry_message(until))
    if result.ok:
        throttle.forgive(user.email)
    return result


def confirm_password(user: User, password: str) -> VerificationResult:
    """The password alone, for changes to one's own account. Failures count towards the account's lock."""
    until = throttle.locked_until(user.email)
    if until is None:
        ok = user.check_password(password)
        until = throttle.settle(user.email, failed=not ok)
    if until:
        return VerificationResult(False, retry_message(until))
    return VerificationResult(ok, "" if ok else _("The password is not right. Type the one with which you sign in."))
