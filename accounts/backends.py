"""Sign-in by e-mail, within the host that was asked: an account of one tenant does not exist at another."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts.models import User

# Accounts of `manage.py demo`, whose password and second factor everybody can read in the source.
DEMO_EMAIL_DOMAINS = ("aurora.example", "horizonte.example", "platform.example")


def is_refused_demo_account(email: str) -> bool:
    """Demo accounts work only while DEBUG is on. `.example` can never be a real address (RFC 2606)."""
    return not settings.DEBUG and email.rpartition("@")[2] in DEMO_EMAIL_DOMAINS


class EmailBackend(BaseBackend):
    """E-mail and password. Managers and row-level security confine both methods to the scope of the request."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The account, or None. Costs one password hash whether the account exists or not."""
        email = (username or kwargs.get("email") or "").strip().lower()
        user = User.objects.select_related("profile").filter(email=email, deleted_at=None).first()
        if user is None or is_refused_demo_account(email):
            User().set_password(password)  # as long as checking one: time must not tell who exists
            return None
        return user if user.check_password(password or "") else None

    def get_user(self, user_id: Any) -> User | None:
        """The account of a session. A deleted account, or one of another tenant, is nobody."""
        user = User.objects.select_related("profile").filter(pk=user_id, deleted_at=None).first()
        return None if user is None or is_refused_demo_account(user.email) else user
