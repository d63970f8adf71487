"""Pages of accounts: sign-in, second factor, profile, platform."""

from accounts.views.errors import csrf_failure

__all__ = ["csrf_failure"]
