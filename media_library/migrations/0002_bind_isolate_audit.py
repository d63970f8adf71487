"""Composite keys, row-level security and audit triggers of `media`."""

from django.db import migrations

from accounts.tenancy.operations import Audited, CompositeForeignKey, TenantIsolation, TenantKey, VendorSQL


class Migration(migrations.Migration):
    dependencies = [
        ("media_library", "0001_create_tables"),
        ("content", "0002_bind_rows_to_tenants"),
        ("compliance", "0003_create_audit_functions"),
    ]

    operations = [
        TenantKey("media"),
        CompositeForeignKey("media", "uploaded_by_id", "users"),
        CompositeForeignKey("media", "post_id", "posts", on_delete="SET NULL"),
        VendorSQL(
            "Default id of media",
            postgresql="ALTER TABLE media ALTER id SET DEFAULT gen_random_uuid()",
            postgresql_reverse="ALTER TABLE media ALTER id DROP DEFAULT",
        ),
        TenantIsolation("media"),
        Audited(
            "media",
            resource_type="media",
            columns=[
                "title",
                "filename",
                "mime_type",
                "file_size",
                "file_path",
                "alt_text",
                "caption",
                "description",
                "medical_content",
                "contains_phi",
                "dicom_metadata",
                "encryption_status",
                "access_level",
                "requires_crm_validation",
                "post_id",
                "original_filename",
                "url",
                "width",
                "height",
                "attachment_type",
                "uploaded_by_id",
            ],
        ),
    ]
