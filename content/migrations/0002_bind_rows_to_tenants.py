"""Composite foreign keys of the content tables, and the schema document's default ids."""

from django.db import migrations

from accounts.tenancy.operations import CompositeForeignKey, TenantKey, VendorSQL

TABLES = ("posts", "categories", "custom_fields")


class Migration(migrations.Migration):
    dependencies = [("content", "0001_create_tables"), ("accounts", "0003_bind_rows_to_tenants")]

    operations = [
        TenantKey("posts"),
        TenantKey("categories"),
        CompositeForeignKey("posts", "author_id", "users"),
        CompositeForeignKey("posts", "category_id", "categories", on_delete="SET NULL"),
        CompositeForeignKey("posts", "parent_id", "posts", on_delete="SET NULL"),
        CompositeForeignKey("categories", "parent_id", "categories", on_delete="SET NULL"),
        CompositeForeignKey("custom_fields", "post_id", "posts", on_delete="CASCADE"),
        CompositeForeignKey("post_revisions", "post_id", "posts"),
        CompositeForeignKey("post_categories", "post_id", "posts", on_delete="CASCADE"),
        CompositeForeignKey("post_categories", "category_id", "categories", on_delete="CASCADE"),
        CompositeForeignKey("published_pages", "post_id", "posts", on_delete="CASCADE"),
        CompositeForeignKey("post_user_permissions", "content_object_id", "posts", on_delete="CASCADE"),
        CompositeForeignKey("post_user_permissions", "user_id", "users", on_delete="CASCADE"),
        VendorSQL(
            "Default ids",
            postgresql=[f"ALTER TABLE {table} ALTER id SET DEFAULT gen_random_uuid()" for table in TABLES],
            postgresql_reverse=[f"ALTER TABLE {table} ALTER id DROP DEFAULT" for table in TABLES],
        ),
    ]
