import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import accounts.tenancy.context
import accounts.tenancy.models
import compliance.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_create_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditCheckpoint",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("tenant_id", models.UUIDField()),
                ("day", models.DateField()),
                ("row_count", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("previous_seal", models.CharField(max_length=64)),
                ("seal", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "audit_checkpoints",
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "day"), name="audit_checkpoints_tenant_id_day_index")
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "operation",
                    models.CharField(
                        choices=[
                            ("create", "Create"),
                            ("read", "Read"),
                            ("update", "Update"),
                            ("delete", "Delete"),
                            ("access", "Access"),
                            ("sign_in", "Sign-in"),
                            ("sign_in_failed", "Failed sign-in"),
                            ("sign_out", "Sign-out"),
                            ("deny", "Denied"),
                            ("export", "Export"),
                            ("decision", "Decision"),
                        ],
                        max_length=50,
                        verbose_name="operation",
                    ),
                ),
                ("resource_type", models.CharField(max_length=50, verbose_name="resource")),
                ("resource_id", models.UUIDField()),
                ("tenant_id", models.UUIDField()),
                ("user_id", models.UUIDField()),
                ("metadata", models.JSONField(default=dict, null=True)),
                ("trust_score", models.IntegerField(null=True)),
                (
                    "policy_decision",
                    models.CharField(
                        choices=[("allow", "Allowed"), ("deny", "Denied"), ("step_up", "Ask again")],
                        max_length=50,
                        null=True,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit trail",
                "db_table": "audit_trail",
                "base_manager_name": "objects",
                "indexes": [
                    accounts.tenancy.models.Index(fields=["tenant_id"], name="idx_audit_trail_tenant_id"),
                    accounts.tenancy.models.Index(fields=["user_id"], name="idx_audit_trail_user_id"),
                    accounts.tenancy.models.Index(fields=["resource_type"], name="idx_audit_trail_resource_type"),
                    accounts.tenancy.models.Index(fields=["created_at"], name="idx_audit_trail_created_at"),
                    accounts.tenancy.models.Index(
                        fields=["user_id", "created_at"], name="idx_audit_trail_user_created"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("sequence", models.BigIntegerField(editable=False)),
                ("content_id", models.UUIDField()),
                ("revision_id", models.UUIDField(null=True)),
                ("content_hash", models.CharField(max_length=64, null=True)),
                ("action", models.CharField(choices=[("sign", "Signed"), ("withdraw", "Withdrawn")], max_length=10)),
                (
                    "kind",
                    models.CharField(
                        choices=[("medical", "Medical text"), ("non_medical", "Declared non-medical")],
                        max_length=20,
                        null=True,
                    ),
                ),
                (
                    "capacity",
                    models.CharField(
                        choices=[
                            ("compliance", "Compliance officer"),
                            ("professional", "Validated professional"),
                            ("declaration", "Editor, non-medical declaration"),
                        ],
                        max_length=20,
                        null=True,
                    ),
                ),
                ("user_id", models.UUIDField()),
                ("registry", models.CharField(max_length=100, null=True)),
                ("statement", models.TextField()),
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
                "verbose_name": "approval",
                "verbose_name_plural": "approvals",
                "db_table": "approvals",
                "ordering": ["sequence"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [accounts.tenancy.models.Index(fields=["tenant"], name="idx_approvals_tenant_id")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("content_id", "sequence"), name="approvals_content_id_sequence_index"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkflowState",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("content_id", models.UUIDField()),
                (
                    "current_stage",
                    models.CharField(
                        choices=[
                            ("S.1.1", "Writing"),
                            ("S.2.1", "Privacy check (LGPD)"),
                            ("S.3.1", "Claims and evidence"),
                            ("S.4-1.1-3", "Final approval"),
                            ("approved", "Approved"),
                        ],
                        db_default="S.1.1",
                        default="S.1.1",
                        max_length=50,
                        null=True,
                        verbose_name="stage",
                    ),
                ),
                ("lgpd_score", models.IntegerField(null=True, verbose_name="LGPD score")),
                ("medical_claims", models.JSONField(default=dict, null=True)),
                ("scientific_references", models.JSONField(default=compliance.models.empty_list, null=True)),
                ("compliance_validations", models.JSONField(default=dict, null=True)),
                ("revision_id", models.UUIDField(null=True)),
                ("content_hash", models.CharField(max_length=64, null=True)),
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
                "verbose_name": "workflow run",
                "verbose_name_plural": "workflow runs",
                "db_table": "workflow_states",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    accounts.tenancy.models.Index(fields=["content_id"], name="idx_workflow_states_content_id"),
                    accounts.tenancy.models.Index(fields=["tenant"], name="idx_workflow_states_tenant_id"),
                    accounts.tenancy.models.Index(fields=["current_stage"], name="idx_workflow_states_current_stage"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("current_stage", "approved"), _negated=True),
                        fields=("content_id",),
                        name="workflow_states_one_open_run",
                    )
                ],
            },
        ),
    ]
