"""Sessions in our own table, each row owned by a tenant (or by the platform) and naming its user."""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware

from accounts.tenancy import context as tenancy


class SessionStore(db.SessionStore):
    """Django's database sessions; row-level security makes another tenant's key an unknown key."""

    @classmethod
    def get_model_class(cls) -> Any:
        from accounts.models import Session  # app ready

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        instance = super().create_model_instance(data)
        instance.tenant_id = tenancy.current().tenant_id
        instance.user_id = data.get("_auth_user_id")
        return instance


class SessionMiddleware(DjangoSessionMiddleware):
    """Named here so that settings say which sessions these are."""
