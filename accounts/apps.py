"""People and organizations."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Floor 2: tenants, users, sign-in."""

    name = "accounts"
