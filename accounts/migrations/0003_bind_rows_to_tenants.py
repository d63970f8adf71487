"""Composite foreign keys. Before row security is forced, so that existing rows are really checked."""

from django.db import migrations

from accounts.tenancy.operations import CompositeForeignKey, TenantKey, VendorSQL


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_create_tenancy_functions")]

    operations = [
        TenantKey("users"),
        CompositeForeignKey("user_profiles", "user_id", "users"),
        CompositeForeignKey("sessions", "user_id", "users", on_delete="CASCADE", keep_simple=True),
        CompositeForeignKey("recovery_codes", "user_id", "users", on_delete="CASCADE", keep_simple=True),
        # The schema document's default keys, where the vendor can make them.
        VendorSQL(
            "Default ids of users",
            postgresql="ALTER TABLE users ALTER id SET DEFAULT gen_random_uuid()",
            postgresql_reverse="ALTER TABLE users ALTER id DROP DEFAULT",
        ),
    ]
