"""Composite keys, row-level security and audit triggers of the reference library."""

from django.db import migrations

from accounts.tenancy.operations import Audited, CompositeForeignKey, TenantIsolation

AUDITED = [
    "type",
    "identifier",
    "other_identifiers",
    "title",
    "authors",
    "container",
    "year",
    "volume",
    "issue",
    "pages",
    "publisher",
    "place",
    "url",
    "accessed_at",
    "csl_type",
    "check_result",
    "checked_at",
    "retracted_at",
    "retraction_note",
    "search_text",
    "created_by_id",
]


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0011_create_reference_library"),
        ("compliance", "0005_close_list_of_operations"),
    ]

    operations = [
        # Invariant: a reference and its uses belong to the tenant of their maker and of their text.
        CompositeForeignKey("reference_items", "created_by_id", "users"),
        CompositeForeignKey("reference_uses", "post_id", "posts", on_delete="CASCADE"),
        TenantIsolation("reference_items"),
        TenantIsolation("reference_uses"),
        Audited("reference_items", resource_type="reference", columns=AUDITED),
        Audited("reference_uses", resource_type="reference_use", columns=["post_id", "identifier", "live"]),
    ]
