"""Audit triggers of the accounts tables. Sessions and throttles are not audited by row; sign-ins are recorded."""

from django.db import migrations

from accounts.tenancy.operations import Audited


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_isolate_tenants"), ("compliance", "0003_create_audit_functions")]

    operations = [
        Audited(
            "tenants",
            resource_type="tenant",
            columns=[
                "name",
                "slug",
                "tagline",
                "description",
                "contact",
                "technical_director",
                "technical_director_registry",
                "own_declaration_allowed",
                "is_active",
            ],
        ),
        Audited("domains", resource_type="domain", columns=["domain", "tenant_id", "is_primary"]),
        Audited(
            "users",
            resource_type="user",
            columns=[
                "email",
                "password_hash",
                "role",
                "mfa_enabled",
                "professional_registry",
                "professional_type",
                "speciality",
                "validated_at",
                "tenant_id",
                "deleted_at",
                "deleted_by",
            ],
        ),
        Audited(
            "user_profiles", resource_type="profile", columns=["display_name", "slug", "bio", "language", "user_id"]
        ),
        Audited("recovery_codes", resource_type="recovery_code", columns=["code_hash", "used_at", "user_id"]),
        Audited(
            "otp_totp_totpdevice",
            resource_type="totp_device",
            columns=["user_id", "key", "confirmed"],
            uuid_key=False,
        ),
    ]
