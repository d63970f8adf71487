"""The desk's own tables: who has a text and until when, and notes about texts and their passages."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import accounts.tenancy.context
import accounts.tenancy.models
import compliance.models
from accounts.tenancy.operations import Audited, TenantIsolation, VendorSQL


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_create_primary_domain"),
        ("compliance", "0008_create_job_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReviewAssignment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("content_id", models.UUIDField()),
                ("assignee_id", models.UUIDField(blank=True, null=True)),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due")),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Low"), (2, "Normal"), (3, "High"), (4, "Urgent")],
                        db_default=2,
                        default=2,
                        verbose_name="priority",
                    ),
                ),
                ("set_by_id", models.UUIDField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=accounts.tenancy.context.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "assignment of a review",
                "verbose_name_plural": "assignments of reviews",
                "db_table": "review_assignments",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    accounts.tenancy.models.Index(
                        fields=["tenant", "assignee_id"], name="idx_review_assignments_assignee"
                    ),
                    accounts.tenancy.models.Index(fields=["tenant", "due_at"], name="idx_review_assignments_due"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("content_id", "tenant"), name="review_assignments_content_id_index"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewNote",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("content_id", models.UUIDField()),
                ("revision_id", models.UUIDField()),
                ("field", models.CharField(blank=True, default="", max_length=120)),
                ("start_offset", models.PositiveIntegerField(blank=True, null=True)),
                ("end_offset", models.PositiveIntegerField(blank=True, null=True)),
                ("parent_id", models.UUIDField(blank=True, null=True)),
                ("author_id", models.UUIDField()),
                ("text", models.TextField(verbose_name="note")),
                ("mentions", models.JSONField(blank=True, default=compliance.models.empty_list)),
                ("resolved_at", models.DateTimeField(blank=True, null=True, verbose_name="resolved")),
                ("resolved_by_id", models.UUIDField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=accounts.tenancy.context.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "note",
                "verbose_name_plural": "notes",
                "db_table": "review_notes",
                "ordering": ["created_at", "id"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    accounts.tenancy.models.Index(
                        fields=["content_id", "created_at"], name="idx_review_notes_content_id"
                    ),
                    accounts.tenancy.models.Index(
                        fields=["tenant", "-created_at"], name="idx_review_notes_tenant_created"
                    ),
                ],
            },
        ),
        *[
            VendorSQL(
                f"Default key of {table}",
                postgresql=f"ALTER TABLE {table} ALTER id SET DEFAULT gen_random_uuid()",
                postgresql_reverse=f"ALTER TABLE {table} ALTER id DROP DEFAULT",
            )
            for table in ("review_assignments", "review_notes")
        ],
        TenantIsolation("review_assignments", privileges="SELECT, INSERT, UPDATE"),
        # Invariant: a note is resolved, never removed.
        TenantIsolation("review_notes", privileges="SELECT, INSERT, UPDATE"),
        Audited(
            "review_assignments",
            resource_type="assignment",
            columns=["content_id", "assignee_id", "due_at", "priority", "set_by_id"],
        ),
        Audited(
            "review_notes",
            resource_type="note",
            columns=[
                "content_id",
                "revision_id",
                "field",
                "start_offset",
                "end_offset",
                "parent_id",
                "author_id",
                "text",
                "mentions",
                "resolved_at",
                "resolved_by_id",
            ],
        ),
    ]
