"""Row-level security and grants of the content tables."""

from django.db import migrations

from accounts.tenancy.operations import AppendOnly, Grant, TenantIsolation


class Migration(migrations.Migration):
    dependencies = [("content", "0002_bind_rows_to_tenants"), ("accounts", "0004_isolate_tenants")]

    operations = [
        TenantIsolation("posts", privileges="SELECT, INSERT, UPDATE"),
        TenantIsolation("categories"),
        TenantIsolation("custom_fields"),
        TenantIsolation("post_revisions", privileges="SELECT, INSERT"),
        TenantIsolation("post_categories"),
        TenantIsolation("published_pages"),
        TenantIsolation("post_user_permissions"),
        AppendOnly("post_revisions"),
        # What the gate's definer functions read and write.
        Grant("posts", "hcms_gate", "SELECT, UPDATE"),
        Grant("post_revisions", "hcms_gate", "SELECT"),
        Grant("post_categories", "hcms_gate", "SELECT"),
        Grant("custom_fields", "hcms_gate", "SELECT"),
        Grant("users", "hcms_gate", "SELECT"),
        Grant("tenants", "hcms_gate", "SELECT"),
        Grant("published_pages", "hcms_gate", "SELECT, DELETE"),
    ]
