"""What an organization decides for itself, one row per tenant."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import accounts.tenancy.context
from accounts.tenancy.operations import Audited, TenantIsolation

AUDITED = [
    "establishment_registry",
    "director_name",
    "director_registry",
    "director_rqe",
    "contact_email",
    "review_months",
    "show_review_due",
    "unpublish_on_retraction",
    "online_lookup",
    "extra_words",
]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_audit_rows")]

    operations = [
        migrations.CreateModel(
            name="TenantSettings",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "establishment_registry",
                    models.CharField(
                        blank=True, default="", max_length=100, verbose_name="registry of the establishment"
                    ),
                ),
                (
                    "director_name",
                    models.CharField(blank=True, default="", max_length=150, verbose_name="technical director"),
                ),
                (
                    "director_registry",
                    models.CharField(blank=True, default="", max_length=60, verbose_name="director's registry"),
                ),
                (
                    "director_rqe",
                    models.CharField(
                        blank=True, default="", max_length=30, verbose_name="director's speciality registry (RQE)"
                    ),
                ),
                (
                    "contact_email",
                    models.EmailField(blank=True, default="", max_length=254, verbose_name="e-mail for reminders"),
                ),
                (
                    "review_months",
                    models.PositiveSmallIntegerField(default=24, verbose_name="months until the next review"),
                ),
                (
                    "show_review_due",
                    models.BooleanField(default=False, verbose_name="tell readers when a review is overdue"),
                ),
                (
                    "unpublish_on_retraction",
                    models.BooleanField(
                        default=False,
                        verbose_name="take a text offline when a reference behind a claim is retracted",
                    ),
                ),
                ("online_lookup", models.BooleanField(default=False, verbose_name="look references up online")),
                ("extra_words", models.JSONField(blank=True, default=dict, verbose_name="own words of the rules")),
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
                "db_table": "tenant_settings",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("tenant",), name="tenant_settings_tenant_id_index")],
            },
        ),
        TenantIsolation("tenant_settings", privileges="SELECT, INSERT, UPDATE"),
        Audited("tenant_settings", resource_type="settings", columns=AUDITED),
    ]
