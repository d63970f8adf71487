"""Workflow runs, approvals and the audit trail. Ids point at content without foreign keys: this app knows no post."""

import uuid
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import context as tenancy
from accounts.tenancy.models import InCurrentTenant, Index, TenantModel
from compliance.enums import (
    ApprovalAction,
    ApprovalKind,
    AttentionKind,
    AuditOperation,
    Capacity,
    CheckResult,
    JobKind,
    JobStatus,
    PolicyDecision,
    ReviewPriority,
    WorkflowStage,
)


def empty_list() -> list:
    """Default of JSON lists."""
    return []


class WorkflowState(TenantModel):
    """One run of a text through the stages, bound to a revision and its hash. At most one open run per content."""

    content_id = models.UUIDField()
    current_stage = models.CharField(
        _("stage"),
        max_length=50,
        choices=WorkflowStage,
        null=True,
        default=WorkflowStage.DRAFT,
        db_default=WorkflowStage.DRAFT.value,
    )
    lgpd_score = models.IntegerField(_("LGPD score"), null=True)
    medical_claims = models.JSONField(default=dict, null=True)
    scientific_references = models.JSONField(default=empty_list, null=True)
    compliance_validations = models.JSONField(default=dict, null=True)
    revision_id = models.UUIDField(null=True)
    content_hash = models.CharField(max_length=64, null=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        db_table = "workflow_states"
        verbose_name = _("workflow run")
        verbose_name_plural = _("workflow runs")
        constraints = [
            models.UniqueConstraint(
                fields=["content_id"],
                condition=~models.Q(current_stage=WorkflowStage.APPROVED.value),
                name="workflow_states_one_open_run",
            )
        ]
        indexes = [
            Index(fields=["content_id"], name="idx_workflow_states_content_id"),
            Index(fields=["tenant"], name="idx_workflow_states_tenant_id"),
            Index(fields=["current_stage"], name="idx_workflow_states_current_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.content_id} {self.current_stage}"


class Approval(TenantModel):
    """A signature, or its withdrawal. Append-only; on PostgreSQL written by `sign()` and `withdraw()` alone."""

    sequence = models.BigIntegerField(editable=False)
    content_id = models.UUIDField()
    revision_id = models.UUIDField(null=True)
    content_hash = models.CharField(max_length=64, null=True)
    action = models.CharField(max_length=10, choices=ApprovalAction)
    kind = models.CharField(max_length=20, choices=ApprovalKind, null=True)
    capacity = models.CharField(max_length=20, choices=Capacity, null=True)
    user_id = models.UUIDField()
    registry = models.CharField(max_length=100, null=True)
    statement = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        db_table = "approvals"
        ordering = ["sequence"]
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [
            models.UniqueConstraint(fields=["content_id", "sequence"], name="approvals_content_id_sequence_index")
        ]
        indexes = [Index(fields=["tenant"], name="idx_approvals_tenant_id")]

    def __str__(self) -> str:
        return f"{self.action} {self.content_id} #{self.sequence}"


class AttentionItem(TenantModel):
    """Something that came up about an approved text after its approval. At most one open per text, kind and subject.

    `subject` names what it is about: a reference's normal form, the versions of the rules, a date. `details` holds
    ids, codes and versions, never text of the article. `compliance.attention` opens and resolves.
    """

    content_id = models.UUIDField()
    kind = models.CharField(_("kind"), max_length=20, choices=AttentionKind)
    subject = models.CharField(_("about"), max_length=300, blank=True, default="")
    details = models.JSONField(default=dict, blank=True)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by_id = models.UUIDField(null=True, blank=True)
    resolution = models.TextField(_("what was done"), blank=True, default="")

    class Meta(TenantModel.Meta):
        db_table = "attention_items"
        verbose_name = _("to-do about a text")
        verbose_name_plural = _("to-dos about texts")
        ordering = ["-opened_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "content_id", "kind", "subject"],
                condition=models.Q(resolved_at=None),
                name="attention_items_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(resolved_at=None, resolved_by_id=None)
                | models.Q(resolved_at__isnull=False, resolved_by_id__isnull=False),
                name="attention_items_resolved_by_somebody",
            ),
        ]
        indexes = [
            Index(fields=["tenant", "-opened_at"], name="idx_attention_items_tenant_opened"),
            Index(fields=["content_id"], name="idx_attention_items_content_id"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.content_id} {self.subject}".rstrip()


class JobRun(TenantModel):
    """A background job of the tenant, for its people: how far it is, and whether it gave up. At most one open per
    kind and subject. The queue itself is the task package's table, which holds ids only."""

    kind = models.CharField(_("job"), max_length=20, choices=JobKind)
    status = models.CharField(_("status"), max_length=20, choices=JobStatus, default=JobStatus.QUEUED)
    subject_id = models.UUIDField(default=tenancy.nil_uuid)  # the text it is about; nil when it is about all
    task_id = models.UUIDField(null=True)
    started_by_id = models.UUIDField(default=tenancy.system_uuid)
    total = models.PositiveIntegerField(_("texts"), default=0)
    done = models.PositiveIntegerField(_("checked"), default=0)
    failing = models.PositiveIntegerField(_("failing"), default=0)
    versions = models.JSONField(_("versions"), default=dict)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("error"), max_length=200, blank=True, default="")  # the exception's class, no message
    created_at = models.DateTimeField(_("asked for"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta(TenantModel.Meta):
        db_table = "job_runs"
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "subject_id"],
                condition=models.Q(status__in=[JobStatus.QUEUED.value, JobStatus.RUNNING.value]),
                name="job_runs_one_open",
            )
        ]
        indexes = [Index(fields=["tenant", "-created_at"], name="idx_job_runs_tenant_created")]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"

    @property
    def is_open(self) -> bool:
        return self.status in (JobStatus.QUEUED, JobStatus.RUNNING)


class RecheckOutcome(TenantModel):
    """What the newest check of a live text by the engine said: codes and versions, never what was found."""

    content_id = models.UUIDField()
    run_id = models.UUIDField()
    content_hash = models.CharField(max_length=64)
    result = models.CharField(_("result"), max_length=30, choices=CheckResult)
    codes = models.JSONField(_("rules"), default=empty_list)
    versions = models.JSONField(_("versions"), default=dict)
    checked_at = models.DateTimeField(_("checked"), default=timezone.now)

    class Meta(TenantModel.Meta):
        db_table = "recheck_outcomes"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "content_id"], name="recheck_outcomes_tenant_id_content_id_index"
            )
        ]
        indexes = [Index(fields=["tenant", "result"], name="idx_recheck_outcomes_tenant_result")]

    def __str__(self) -> str:
        return f"{self.content_id} {self.result}"


class ReviewAssignment(TenantModel):
    """Who has a text on the desk, until when, and how urgent it is: at most one row per text."""

    content_id = models.UUIDField()
    assignee_id = models.UUIDField(null=True, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=ReviewPriority, default=ReviewPriority.NORMAL, db_default=ReviewPriority.NORMAL.value
    )
    set_by_id = models.UUIDField()
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        db_table = "review_assignments"
        verbose_name = _("assignment of a review")
        verbose_name_plural = _("assignments of reviews")
        constraints = [
            models.UniqueConstraint(fields=["content_id", "tenant"], name="review_assignments_content_id_index")
        ]
        indexes = [
            Index(fields=["tenant", "assignee_id"], name="idx_review_assignments_assignee"),
            Index(fields=["tenant", "due_at"], name="idx_review_assignments_due"),
        ]

    def __str__(self) -> str:
        return f"{self.content_id} {self.assignee_id}"


class ReviewNote(TenantModel):
    """A remark about a text or one of its passages. No service changes its words; it is resolved or reopened.

    `start_offset` and `end_offset` count characters of `field` in the revision it was made on; its words are not kept.
    """

    content_id = models.UUIDField()
    revision_id = models.UUIDField()
    field = models.CharField(max_length=120, blank=True, default="")
    start_offset = models.PositiveIntegerField(null=True, blank=True)
    end_offset = models.PositiveIntegerField(null=True, blank=True)
    parent_id = models.UUIDField(null=True, blank=True)
    author_id = models.UUIDField()
    text = models.TextField(_("note"))
    mentions = models.JSONField(default=empty_list, blank=True)  # ids of users
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        db_table = "review_notes"
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["created_at", "id"]
        indexes = [
            Index(fields=["content_id", "created_at"], name="idx_review_notes_content_id"),
            Index(fields=["tenant", "-created_at"], name="idx_review_notes_tenant_created"),
        ]

    def __str__(self) -> str:
        return f"{self.content_id} {self.created_at:%Y-%m-%d}"


class InAuditScope(InCurrentTenant):
    """Rows of the active tenant; on the platform its own, which stand under the nil UUID."""

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:
        if tenancy.current().scope != "platform":
            return super().as_sql(compiler, connection, **extra)
        sql, params = compiler.compile(self.source_expressions[0])
        nil = tenancy.NIL_UUID
        return f"{sql} = %s", [*params, nil if connection.features.has_native_uuid_field else nil.hex]


class AuditManager(models.Manager):
    """The trail of the active tenant, or the platform's own."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(InAuditScope(models.F("tenant_id")))


class AuditEntry(models.Model):
    """A row of the append-only trail. Written by the database; read by the viewer and the seals."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    operation = models.CharField(_("operation"), max_length=50, choices=AuditOperation)
    resource_type = models.CharField(_("resource"), max_length=50)
    resource_id = models.UUIDField()
    tenant_id = models.UUIDField()
    user_id = models.UUIDField()
    metadata = models.JSONField(default=dict, null=True)
    trust_score = models.IntegerField(null=True)
    policy_decision = models.CharField(max_length=50, choices=PolicyDecision, null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = AuditManager()

    class Meta:
        db_table = "audit_trail"
        base_manager_name = "objects"
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        indexes = [
            Index(fields=["tenant_id"], name="idx_audit_trail_tenant_id"),
            Index(fields=["user_id"], name="idx_audit_trail_user_id"),
            Index(fields=["resource_type"], name="idx_audit_trail_resource_type"),
            Index(fields=["created_at"], name="idx_audit_trail_created_at"),
            Index(fields=["user_id", "created_at"], name="idx_audit_trail_user_created"),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M:%S} {self.operation} {self.resource_type}"


class AuditCheckpoint(models.Model):
    """The seal of one tenant's finished day, chained to the seal before it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant_id = models.UUIDField()
    day = models.DateField()
    row_count = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    previous_seal = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    objects = AuditManager()

    class Meta:
        db_table = "audit_checkpoints"
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "day"], name="audit_checkpoints_tenant_id_day_index")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.seal[:12]}"
