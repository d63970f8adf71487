"""To-dos about approved texts: a retracted reference, rules that the text now fails, a review that is due."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import accounts.tenancy.context
import accounts.tenancy.models
from accounts.tenancy.operations import Audited, TenantIsolation, VendorSQL


class Migration(migrations.Migration):
    dependencies = [("compliance", "0005_close_list_of_operations")]

    operations = [
        migrations.CreateModel(
            name="AttentionItem",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("content_id", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("retraction", "Retracted reference"),
                            ("recheck", "Fails the newest rules"),
                            ("review_due", "Review is due"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("subject", models.CharField(blank=True, default="", max_length=300, verbose_name="about")),
                ("details", models.JSONField(blank=True, default=dict)),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="opened")),
                ("resolved_at", models.DateTimeField(blank=True, null=True, verbose_name="resolved")),
                ("resolved_by_id", models.UUIDField(blank=True, null=True)),
                ("resolution", models.TextField(blank=True, default="", verbose_name="what was done")),
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
                "verbose_name": "to-do about a text",
                "verbose_name_plural": "to-dos about texts",
                "db_table": "attention_items",
                "ordering": ["-opened_at", "id"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    accounts.tenancy.models.Index(
                        fields=["tenant", "-opened_at"], name="idx_attention_items_tenant_opened"
                    ),
                    accounts.tenancy.models.Index(fields=["content_id"], name="idx_attention_items_content_id"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("resolved_at", None)),
                        fields=("tenant", "content_id", "kind", "subject"),
                        name="attention_items_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("resolved_at", None), ("resolved_by_id", None)),
                            models.Q(("resolved_at__isnull", False), ("resolved_by_id__isnull", False)),
                            _connector="OR",
                        ),
                        name="attention_items_resolved_by_somebody",
                    ),
                ],
            },
        ),
        VendorSQL(
            "Default key of attention_items",
            postgresql="ALTER TABLE attention_items ALTER id SET DEFAULT gen_random_uuid()",
            postgresql_reverse="ALTER TABLE attention_items ALTER id DROP DEFAULT",
        ),
        # Invariant: what came up about a text is resolved, never removed.
        TenantIsolation("attention_items", privileges="SELECT, INSERT, UPDATE"),
        Audited(
            "attention_items",
            resource_type="attention",
            columns=["content_id", "kind", "subject", "details", "resolved_at", "resolved_by_id", "resolution"],
        ),
    ]
