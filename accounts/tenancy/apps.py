"""The tenancy app has no tables; it is installed for its `migrate` command and its system checks."""

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    """Floor 0: who is the tenant, who is the actor."""

    name = "accounts.tenancy"
    label = "tenancy"
    verbose_name = "Tenancy"

    def ready(self) -> None:
        from accounts.tenancy import checks  # noqa: F401  # app ready
