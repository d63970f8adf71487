"""Background jobs: the tenant's list of them, what the re-check said, and who may see the package's queue."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import accounts.tenancy.context
import accounts.tenancy.models
import compliance.models
from accounts.tenancy.operations import TenantIsolation, VendorSQL

QUEUE = "django_tasks_database_dbtaskresult"
# The package's table has no tenant column; the first argument of every job is its tenant's id. A tenant sees and makes
# its own jobs only; the worker, which takes them before it knows a tenant, sees all of them and nothing else.
OF_THE_TENANT_OR_FOR_THE_WORKER = (
    "(args_kwargs -> 'args' ->> 0) = (SELECT current_tenant_id())::text"
    " OR current_setting('app.scope', true) = 'worker'"
)


def tenant() -> tuple[str, models.ForeignKey]:
    return (
        "tenant",
        models.ForeignKey(
            db_index=False,
            default=accounts.tenancy.context.current_tenant_id,
            editable=False,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="+",
            to="accounts.tenant",
        ),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0007_create_attention_items"),
        ("accounts", "0006_create_tenant_settings"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
    ]

    operations = [
        migrations.CreateModel(
            name="JobRun",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("recheck", "Check of all live texts"), ("assess", "Check of one text")],
                        max_length=20,
                        verbose_name="job",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("done", "Finished"),
                            ("dead", "Gave up"),
                        ],
                        default="queued",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                ("subject_id", models.UUIDField(default=accounts.tenancy.context.nil_uuid)),
                ("task_id", models.UUIDField(null=True)),
                ("started_by_id", models.UUIDField(default=accounts.tenancy.context.system_uuid)),
                ("total", models.PositiveIntegerField(default=0, verbose_name="texts")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="checked")),
                ("failing", models.PositiveIntegerField(default=0, verbose_name="failing")),
                ("versions", models.JSONField(default=dict, verbose_name="versions")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("error", models.CharField(blank=True, default="", max_length=200, verbose_name="error")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked for")),
                ("started_at", models.DateTimeField(null=True, verbose_name="started")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                tenant(),
            ],
            options={
                "verbose_name": "background job",
                "verbose_name_plural": "background jobs",
                "db_table": "job_runs",
                "ordering": ["-created_at", "id"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    accounts.tenancy.models.Index(fields=["tenant", "-created_at"], name="idx_job_runs_tenant_created")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["queued", "running"])),
                        fields=("tenant", "kind", "subject_id"),
                        name="job_runs_one_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RecheckOutcome",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("content_id", models.UUIDField()),
                ("run_id", models.UUIDField()),
                ("content_hash", models.CharField(max_length=64)),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("passed", "Passed"),
                            ("passed_with_warnings", "Passed with warnings"),
                            ("failed", "Failed"),
                            ("waived", "Waived"),
                            ("stale", "Stale"),
                            ("error", "Error"),
                            ("not_applicable", "Not applicable"),
                        ],
                        max_length=30,
                        verbose_name="result",
                    ),
                ),
                ("codes", models.JSONField(default=compliance.models.empty_list, verbose_name="rules")),
                ("versions", models.JSONField(default=dict, verbose_name="versions")),
                ("checked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="checked")),
                tenant(),
            ],
            options={
                "db_table": "recheck_outcomes",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    accounts.tenancy.models.Index(
                        fields=["tenant", "result"], name="idx_recheck_outcomes_tenant_result"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "content_id"), name="recheck_outcomes_tenant_id_content_id_index"
                    )
                ],
            },
        ),
        TenantIsolation("job_runs"),
        TenantIsolation("recheck_outcomes"),
        TenantIsolation(QUEUE, condition=OF_THE_TENANT_OR_FOR_THE_WORKER),
        VendorSQL(
            "Keep texts of errors out of the queue: they may quote an article",
            postgresql=f"ALTER TABLE {QUEUE} ADD CONSTRAINT {QUEUE}_without_text CHECK (traceback = '')",
            postgresql_reverse=f"ALTER TABLE {QUEUE} DROP CONSTRAINT {QUEUE}_without_text",
        ),
    ]
