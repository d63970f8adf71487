"""Audit triggers of the content tables."""

from django.db import migrations

from accounts.tenancy.operations import Audited


class Migration(migrations.Migration):
    dependencies = [("content", "0005_create_gate"), ("compliance", "0003_create_audit_functions")]

    operations = [
        Audited(
            "posts",
            resource_type="post",
            columns=[
                "title",
                "slug",
                "content",
                "excerpt",
                "status",
                "post_type",
                "comment_status",
                "ping_status",
                "meta_description",
                "meta_keywords",
                "medical_category",
                "compliance_level",
                "requires_crm_validation",
                "medical_disclaimer",
                "published_at",
                "scheduled_at",
                "deleted_at",
                "author_id",
                "category_id",
                "parent_id",
                "menu_order",
                "sticky",
                "published_revision_id",
            ],
        ),
        Audited(
            "categories",
            resource_type="category",
            columns=[
                "name",
                "slug",
                "description",
                "parent_id",
                "medical_specialty",
                "compliance_required",
                "crm_validation_required",
            ],
        ),
        Audited(
            "custom_fields",
            resource_type="custom_field",
            columns=[
                "meta_key",
                "meta_value",
                "meta_type",
                "medical_significance",
                "requires_validation",
                "validation_rules",
                "is_phi",
                "field_group",
                "field_order",
                "is_required",
                "post_id",
            ],
        ),
        Audited("post_revisions", resource_type="revision", columns=["content_hash"]),
        Audited("post_categories", resource_type="post_category", columns=["post_id", "category_id"]),
        Audited(
            "published_pages",
            resource_type="page",
            columns=[
                "content_hash",
                "slug",
                "compliance_level",
                "revision_id",
                "medical_category",
                "title",
                "excerpt",
                "content",
                "medical_disclaimer",
                "meta_description",
                "author_id",
                "category_id",
                "details",
                "etag",
                "sticky",
                "published_at",
                "reviewed_at",
                "post_id",
            ],
        ),
        Audited(
            "post_user_permissions",
            resource_type="post_grant",
            columns=["user_id", "content_object_id", "permission_id"],
        ),
    ]
