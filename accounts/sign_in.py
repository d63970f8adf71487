"""The steps of a sign-in between its pages: half signed in, fully signed in, signed out; each recorded."""

import secrets
import time
import uuid
from functools import partial
from typing import Any

from django.contrib.auth import login as auth_login
from django.contrib.auth import logout as auth_logout
from django.http import HttpRequest
from django_otp import login as otp_login
from django_otp.middleware import is_verified

from accounts import throttle
from accounts.backends import EmailBackend
from accounts.models import User
from accounts.tenancy.context import set_actor
from compliance import audit
from compliance.enums import AuditOperation
from compliance.policy import trust_score

PENDING = "sign_in_pending"
ENROLMENT_KEY = "enrolment_key"
AGENT = "agent"
PENDING_SECONDS = 600
BACKEND = f"{EmailBackend.__module__}.{EmailBackend.__qualname__}"


def begin(request: HttpRequest, user: User) -> None:
    """The password was right: remember for ten minutes who is half signed in, under a new session key."""
    if request.user.is_authenticated:
        request.session.flush()
    request.session.cycle_key()
    request.session.pop(ENROLMENT_KEY, None)
    request.session[PENDING] = {
        "user": str(user.pk),
        "at": int(time.time()),
        "password": user.get_session_auth_hash(),
    }


def half_signed_in(request: HttpRequest) -> User | None:
    """Whose password was right, but whose second factor is still missing. Ten minutes, and until the next password.

    An older session whose account needs a second factor by now counts as half signed in, too.
    """
    user = request.user
    if user.is_authenticated and user.needs_second_factor and not user.is_verified():
        return user
    pending: dict[str, Any] | None = request.session.get(PENDING)
    if not pending or time.time() - pending["at"] > PENDING_SECONDS:
        return None
    user = EmailBackend().get_user(pending["user"])
    if user is None or not secrets.compare_digest(pending["password"], user.get_session_auth_hash()):
        return None
    return user


def complete(request: HttpRequest, user: User, *, device: Any = None, method: str = "none") -> None:
    """Sign in for good. The session key rotates (a planted one is worthless), the act is in the trail."""
    set_actor(user)
    request.session.pop(PENDING, None)
    request.session.pop(ENROLMENT_KEY, None)
    user.otp_device = device
    user.is_verified = partial(is_verified, user)
    if request.user.is_authenticated:
        request.session.cycle_key()  # auth_login() keeps the key of a session that is already this person's
    auth_login(request, user, backend=BACKEND)
    if device is not None:
        otp_login(request, device)
    request.session[AGENT] = request.headers.get("User-Agent", "")[:200]
    throttle.forgive(user.email)
    audit.record(
        AuditOperation.SIGN_IN,
        resource_type="user",
        resource_id=user.pk,
        metadata={"second_factor": method},
        trust_score=trust_score(user),
    )


def record_failure(email: str, reason: str) -> None:
    """A failed attempt. An unknown name is recorded under a keyed hash, so that repeated ones can be counted."""
    known = User.objects.filter(email=email.strip().lower(), deleted_at=None).values_list("pk", flat=True).first()
    audit.record(
        AuditOperation.SIGN_IN_FAILED,
        resource_type="user",
        resource_id=known or uuid.UUID(throttle.throttle_key("account", email)[:32]),
        metadata={"reason": reason},
    )


def end(request: HttpRequest) -> None:
    """Sign out and record it; a visitor who signs out changes nothing."""
    if request.user.is_authenticated:
        audit.record(AuditOperation.SIGN_OUT, resource_type="user", resource_id=request.user.pk)
    auth_logout(request)
