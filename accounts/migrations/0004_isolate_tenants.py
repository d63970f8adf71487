"""Row-level security and grants of the accounts tables, and of the package tables that hold user data."""

from django.db import migrations

from accounts.tenancy.operations import TenantIsolation, VendorSQL

PLATFORM = TenantIsolation.PLATFORM_CONDITION
OF_A_VISIBLE_USER = "EXISTS (SELECT FROM users u WHERE u.id = user_id)"
# The composite key says nothing about a row without a tenant, so the platform's rows are held to its own people here.
PLATFORM_OF_ITS_USER = (
    "tenant_id = (SELECT current_tenant_id())"
    " OR (tenant_id IS NULL AND current_setting('app.scope', true) = 'platform'"
    f" AND (user_id IS NULL OR {OF_A_VISIBLE_USER}))"
)


def directory(table: str) -> VendorSQL:
    """The owner reads and writes the directory: resolve_host() runs as the owner, create_tenant too."""
    return VendorSQL(
        f"Let the owner keep {table}",
        postgresql=f"CREATE POLICY directory_{table} ON {table} TO hcms_owner USING (true) WITH CHECK (true)",
        postgresql_reverse=f"DROP POLICY directory_{table} ON {table}",
        declared=[("policy", table, f"directory_{table}")],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_bind_rows_to_tenants"),
        ("otp_totp", "0003_add_timestamps"),
        ("guardian", "0003_remove_groupobjectpermission_guardian_gr_content_ae6aec_idx_and_more"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        TenantIsolation("tenants", privileges="SELECT, UPDATE", condition="id = (SELECT current_tenant_id())"),
        directory("tenants"),
        TenantIsolation("domains", privileges=""),
        directory("domains"),
        TenantIsolation("users", privileges="SELECT, INSERT, UPDATE", condition=PLATFORM),
        TenantIsolation("user_profiles", privileges="SELECT, INSERT, UPDATE"),
        TenantIsolation("sessions", condition=PLATFORM_OF_ITS_USER),
        TenantIsolation("recovery_codes", condition=PLATFORM_OF_ITS_USER),
        TenantIsolation("sign_in_throttles", condition=PLATFORM),
        TenantIsolation("otp_totp_totpdevice", condition=OF_A_VISIBLE_USER),
        # Not used (grants are rows of post_user_permissions), so nobody gets a privilege.
        TenantIsolation("guardian_userobjectpermission", privileges="", condition=OF_A_VISIBLE_USER),
        TenantIsolation("guardian_groupobjectpermission", privileges="", condition="false"),
        # Django's own log is off; the trail replaces it.
        TenantIsolation("django_admin_log", privileges="", condition=OF_A_VISIBLE_USER),
        VendorSQL(
            "Let the web role use the identity of otp_totp_totpdevice and read the permission directory",
            postgresql=[
                "GRANT USAGE ON SEQUENCE otp_totp_totpdevice_id_seq TO hcms_app",
                "GRANT SELECT ON django_content_type, auth_permission, django_migrations TO hcms_app",
            ],
            postgresql_reverse=[
                "REVOKE SELECT ON django_content_type, auth_permission, django_migrations FROM hcms_app",
                "REVOKE USAGE ON SEQUENCE otp_totp_totpdevice_id_seq FROM hcms_app",
            ],
            declared=[
                ("grant", "django_content_type", "hcms_app:SELECT"),
                ("grant", "auth_permission", "hcms_app:SELECT"),
                ("grant", "django_migrations", "hcms_app:SELECT"),
            ],
        ),
    ]
