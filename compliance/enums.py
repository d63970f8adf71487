"""Closed lists of the compliance app."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class WorkflowStage(TextChoices):
    """`workflow_states.current_stage`, in order."""

    DRAFT = "S.1.1", _("Writing")
    PRIVACY = "S.2.1", _("Privacy check (LGPD)")
    EVIDENCE = "S.3.1", _("Claims and evidence")
    FINAL = "S.4-1.1-3", _("Final approval")
    APPROVED = "approved", _("Approved")


class ApprovalAction(TextChoices):
    """`approvals.action`: the newest by sequence counts."""

    SIGN = "sign", _("Signed")
    WITHDRAW = "withdraw", pgettext_lazy("approval", "Withdrawn")


class ApprovalKind(TextChoices):
    """`approvals.kind`: every published text needs one or the other."""

    MEDICAL = "medical", _("Medical text")
    NON_MEDICAL = "non_medical", _("Declared non-medical")


class Capacity(TextChoices):
    """`approvals.capacity`: as what somebody signs."""

    COMPLIANCE = "compliance", _("Compliance officer")
    PROFESSIONAL = "professional", _("Validated professional")
    DECLARATION = "declaration", _("Editor, non-medical declaration")


class AuditOperation(TextChoices):
    """`audit_trail.operation`. Create, update and delete are written by triggers only."""

    CREATE = "create", _("Create")
    READ = "read", _("Read")
    UPDATE = "update", _("Update")
    DELETE = "delete", _("Delete")
    ACCESS = "access", _("Access")
    SIGN_IN = "sign_in", _("Sign-in")
    SIGN_IN_FAILED = "sign_in_failed", _("Failed sign-in")
    SIGN_OUT = "sign_out", _("Sign-out")
    DENY = "deny", _("Denied")
    EXPORT = "export", _("Export")
    DECISION = "decision", _("Decision")


class PolicyDecision(TextChoices):
    """`audit_trail.policy_decision` and the answer of `compliance.policy.decide`."""

    ALLOW = "allow", _("Allowed")
    DENY = "deny", _("Denied")
    STEP_UP = "step_up", _("Ask again")


class CheckResult(TextChoices):
    """Values of the flat keys in `workflow_states.compliance_validations`."""

    PENDING = "pending", _("Pending")
    PASSED = "passed", _("Passed")
    PASSED_WITH_WARNINGS = "passed_with_warnings", _("Passed with warnings")
    FAILED = "failed", _("Failed")
    WAIVED = "waived", _("Waived")
    STALE = "stale", _("Stale")
    ERROR = "error", _("Error")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")


class FindingStatus(TextChoices):
    """`status` of a finding in `workflow_states` (domain rules 1). A requested waiver is still open."""

    OPEN = "open", pgettext_lazy("finding", "Open")
    WAIVER_REQUESTED = "waiver_requested", pgettext_lazy("finding", "Waiver asked for")
    FIXED = "fixed", pgettext_lazy("finding", "Fixed")
    FALSE_POSITIVE = "false_positive", pgettext_lazy("finding", "False alarm")
    ACCEPTED_WITH_CONSENT = "accepted_with_consent", pgettext_lazy("finding", "Accepted with consent")
    WAIVED = "waived", pgettext_lazy("finding", "Waived")


class ClaimStatus(TextChoices):
    """`status` of a claim in `workflow_states.medical_claims` (domain rules 3.2)."""

    OPEN = "open", pgettext_lazy("claim", "Without evidence")
    LINKED = "linked", pgettext_lazy("claim", "Evidence linked")
    VALIDATED = "validated", pgettext_lazy("claim", "Validated")
    REJECTED = "rejected", pgettext_lazy("claim", "Rejected")
    NOT_A_CLAIM = "not_a_claim", pgettext_lazy("claim", "Not a claim")


class AttentionKind(TextChoices):
    """`attention_items.kind`: why a live or approved text needs its officer again."""

    RETRACTION = "retraction", _("Retracted reference")
    RECHECK = "recheck", _("Fails the newest rules")
    REVIEW_DUE = "review_due", _("Review is due")


class JobKind(TextChoices):
    """`job_runs.kind`: what a background job does."""

    RECHECK = "recheck", _("Check of all live texts")
    ASSESS = "assess", _("Check of one text")


class JobStatus(TextChoices):
    """`job_runs.status`. Dead: it failed or was killed three times and waits for a person."""

    QUEUED = "queued", pgettext_lazy("job", "Waiting")
    RUNNING = "running", pgettext_lazy("job", "Running")
    DONE = "done", pgettext_lazy("job", "Finished")
    DEAD = "dead", pgettext_lazy("job", "Gave up")


class ReviewPriority(IntegerChoices):
    """`review_assignments.priority`."""

    LOW = 1, pgettext_lazy("priority", "Low")
    NORMAL = 2, pgettext_lazy("priority", "Normal")
    HIGH = 3, pgettext_lazy("priority", "High")
    URGENT = 4, pgettext_lazy("priority", "Urgent")
