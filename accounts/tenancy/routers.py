"""Database router: every app is migrated once, into the one schema that all tenants share."""

from typing import Any


class SharedSchemaRouter:
    """Stands where django-tenants expects its own router; it never forbids a migration."""

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> None:
        """No opinion."""
        return
