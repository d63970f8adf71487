"""Sign-in attempts, counted per account name and per address.

Five failures lock a name, twenty an address, first for a minute, then twice as long after each further failure, up
to an hour. The keys are keyed hashes, so the table names nobody; a name is counted whether or not it exists. A lock
is decided twice: before the password is hashed (cheap refusal), and again under a row lock when the attempt is
settled, so that a thousand parallel guesses get no more answers than five successive ones.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import SignInThrottle
from accounts.tenancy import context as tenancy

FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=1)


@dataclass(frozen=True)
class Limit:
    """How many failures lock, and how long they are remembered."""

    failures: int
    memory: timedelta


LIMITS = {
    "account": Limit(failures=5, memory=timedelta(hours=24)),
    "address": Limit(failures=20, memory=timedelta(hours=1)),
}


def client_address(request: HttpRequest) -> str:
    """Who calls. Behind our own proxy its last entry counts; what a client writes into the header never does."""
    if settings.BEHIND_PROXY:
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return request.META.get("REMOTE_ADDR", "")


def throttle_key(kind: str, value: str) -> str:
    """The stored key. An IPv6 caller owns a whole /64, so that is what is counted."""
    if kind == "address":
        value = _network(value)
    return salted_hmac(f"accounts.throttle.{kind}", value.strip().lower(), algorithm="sha256").hexdigest()


def _network(value: str) -> str:
    try:
        address = ip_address(value)
    except ValueError:
        return value
    return str(int(address) >> 64) if isinstance(address, IPv6Address) else value


def keys_for(email: str, address: str = "") -> dict[str, str]:
    """The counters of one attempt, in the order in which they are locked."""
    named = {"account": email, **({"address": address} if address else {})}
    return {kind: throttle_key(kind, value) for kind, value in named.items()}


def locked_until(email: str, address: str = "") -> datetime | None:
    """When the next attempt is allowed; None when it is allowed now."""
    keys = keys_for(email, address).values()
    rows = SignInThrottle.objects.filter(key__in=list(keys), locked_until__gt=timezone.now())
    return max((row.locked_until for row in rows), default=None)


@transaction.atomic
def settle(email: str, address: str = "", *, failed: bool) -> datetime | None:
    """Count an attempt that was tried, or find that others have locked it meanwhile: then its result is void.

    Returns until when it is locked because of *earlier* attempts (the caller refuses, whatever the result), else None.
    """
    rows = {kind: _locked_row(key) for kind, key in keys_for(email, address).items()}
    now = timezone.now()
    already = max(
        (row.locked_until for row in rows.values() if row.locked_until and row.locked_until > now), default=None
    )
    if already is None and failed:
        for kind, row in rows.items():
            _count_failure(row, LIMITS[kind], now)
    return already


def forgive(email: str) -> None:
    """Both factors were right: the name starts from zero. The address does not, or one account would launder it."""
    SignInThrottle.objects.filter(key=throttle_key("account", email)).update(failures=0, locked_until=None)


def _locked_row(key: str) -> SignInThrottle:
    """The counter's row, created where missing, held until the transaction ends."""
    tenant_id = tenancy.current().tenant_id
    SignInThrottle.objects.bulk_create([SignInThrottle(key=key, tenant_id=tenant_id)], ignore_conflicts=True)
    return SignInThrottle.objects.select_for_update().get(key=key)


def _count_failure(row: SignInThrottle, limit: Limit, now: datetime) -> None:
    if now - row.updated_at > limit.memory:
        row.failures = 0
    row.failures += 1
    excess = row.failures - limit.failures
    row.locked_until = now + min(FIRST_LOCK * 2 ** min(excess, 10), LONGEST_LOCK) if excess >= 0 else None
    row.save(update_fields=["failures", "locked_until", "updated_at"])
