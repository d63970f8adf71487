"""The library of references, and which texts cite them."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.tenancy.context
import accounts.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_audit_rows"),
        ("content", "0010_require_checks_to_sign"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reference",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("pubmed", "PubMed (PMID)"),
                            ("pmc", "PubMed Central (PMCID)"),
                            ("doi", "DOI"),
                            ("trial", "Trial registry"),
                            ("scielo", "SciELO"),
                            ("lilacs", "LILACS"),
                            ("isbn", "ISBN"),
                            ("guideline", "Guideline or document"),
                            ("url", "Web address"),
                        ],
                        max_length=20,
                        verbose_name="type",
                    ),
                ),
                ("identifier", models.CharField(max_length=300, verbose_name="identifier")),
                ("other_identifiers", models.JSONField(blank=True, default=list, verbose_name="other identifiers")),
                ("title", models.TextField(blank=True, default="", verbose_name="title")),
                ("authors", models.JSONField(blank=True, default=list, verbose_name="authors")),
                (
                    "container",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="journal, book or site"),
                ),
                ("year", models.IntegerField(blank=True, null=True, verbose_name="year")),
                ("volume", models.CharField(blank=True, default="", max_length=40, verbose_name="volume")),
                ("issue", models.CharField(blank=True, default="", max_length=40, verbose_name="issue")),
                ("pages", models.CharField(blank=True, default="", max_length=60, verbose_name="pages")),
                (
                    "publisher",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="publisher or institution"),
                ),
                ("place", models.CharField(blank=True, default="", max_length=100, verbose_name="place")),
                ("url", models.CharField(blank=True, default="", max_length=500, verbose_name="address")),
                ("accessed_at", models.DateField(blank=True, null=True, verbose_name="accessed on")),
                (
                    "csl_type",
                    models.CharField(
                        choices=[
                            ("article-journal", "Journal article"),
                            ("book", "Book"),
                            ("chapter", "Book chapter"),
                            ("report", "Guideline or report"),
                            ("webpage", "Web page"),
                            ("trial", "Registered trial"),
                            ("thesis", "Thesis"),
                        ],
                        default="article-journal",
                        max_length=20,
                        verbose_name="kind of work",
                    ),
                ),
                (
                    "check_result",
                    models.CharField(
                        choices=[
                            ("syntax_valid", "Form is valid"),
                            ("verified_online", "Verified online"),
                            ("not_found", "Not found in the register"),
                            ("mismatch", "Title differs from the register"),
                            ("lookup_unavailable", "Register could not be asked"),
                        ],
                        default="syntax_valid",
                        max_length=20,
                        verbose_name="check",
                    ),
                ),
                ("checked_at", models.DateTimeField(editable=False, null=True, verbose_name="checked at")),
                ("retracted_at", models.DateTimeField(editable=False, null=True, verbose_name="retracted")),
                ("retraction_note", models.TextField(blank=True, default="", verbose_name="reason of the retraction")),
                ("search_text", models.TextField(default="", editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                "verbose_name": "reference",
                "verbose_name_plural": "references",
                "db_table": "reference_items",
                "ordering": ["-created_at", "identifier"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    accounts.tenancy.models.Index(
                        fields=["tenant", "-created_at"], name="idx_reference_items_tenant_created"
                    ),
                    accounts.tenancy.models.Index(fields=["created_by"], name="idx_reference_items_created_by_id"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("identifier", "tenant"), name="reference_items_identifier_tenant_id_index"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReferenceUse",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("identifier", models.CharField(max_length=300)),
                ("live", models.BooleanField(default=False)),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reference_uses",
                        to="content.post",
                    ),
                ),
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
                "db_table": "reference_uses",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    accounts.tenancy.models.Index(
                        fields=["tenant", "identifier"], name="idx_reference_uses_tenant_identifier"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("post", "identifier", "live"), name="reference_uses_post_identifier_live_index"
                    )
                ],
            },
        ),
    ]
