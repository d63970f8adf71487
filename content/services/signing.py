"""Signatures and withdrawals. On PostgreSQL `sign()` and `withdraw()` run in the database, which alone may write
`approvals`; on SQLite this module follows the same rules in the same order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils import timezone

from accounts.models import Tenant, User
from accounts.tenancy.context import current, current_tenant_id
from compliance import checks
from compliance.enums import ApprovalAction, ApprovalKind, Capacity, ClaimStatus, FindingStatus, WorkflowStage
from compliance.errors import Refused
from compliance.models import Approval, WorkflowState
from content.enums import LIVE_STATUSES, PostStatus
from content.models import Post, PostRevision
from content.services.publishing import refusals
from content.services.revisions import lock_post, open_run


def sign(post: Post, *, revision: PostRevision, kind: str, capacity: str, statement: str) -> int:
    """Sign exactly this revision as the actor of the context; returns the signature's sequence. Raises Refused."""
    with refusals():
        if connection.vendor == "postgresql":
            return _call("sign", post.pk, revision.pk, kind, capacity, statement)
        return _sign(post, revision, kind, capacity, statement)


def withdraw(post: Post, *, reason: str) -> int:
    """Take every signature of the post back and take it off the site. Raises Refused."""
    with refusals():
        if connection.vendor == "postgresql":
            return _call("withdraw", post.pk, reason)
        return _withdraw(post, reason)


def _call(function: str, *args: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({', '.join(['%s'] * len(args))})", args)
        return cursor.fetchone()[0]


def approval_stands(post_id: Any, revision: PostRevision) -> bool:
    """Would the gate let this wording pass now? Same rule as `approval_stands()` in SQL."""
    withdrawn = _last_withdrawal(post_id)
    signs = Approval.objects.filter(
        content_id=post_id, content_hash=revision.content_hash, action=ApprovalAction.SIGN, sequence__gt=withdrawn
    )
    if not is_medical(revision) and any(
        a.kind == ApprovalKind.NON_MEDICAL and a.capacity == Capacity.DECLARATION for a in signs
    ):
        return True
    officers = {a.user_id for a in signs if a.kind == ApprovalKind.MEDICAL and a.capacity == Capacity.COMPLIANCE}
    professionals = {
        a.user_id for a in signs if a.kind == ApprovalKind.MEDICAL and a.capacity == Capacity.PROFESSIONAL
    }
    if not revision.requires_crm_validation:
        return bool(officers)
    return any(officer != professional for officer in officers for professional in professionals)


def is_medical(revision: PostRevision) -> bool:
    """Only an unclassified public text may be declared non-medical; no level at all counts as medical."""
    return bool(revision.medical_category or revision.compliance_level != "public" or revision.requires_crm_validation)


def _last_withdrawal(post_id: Any) -> int:
    found = Approval.objects.filter(content_id=post_id, action=ApprovalAction.WITHDRAW).aggregate(n=Max("sequence"))
    return found["n"] or 0


def _next_sequence(post_id: Any) -> int:
    return (Approval.objects.filter(content_id=post_id).aggregate(n=Max("sequence"))["n"] or 0) + 1


def _actor() -> User:
    user = User.objects.filter(pk=current().user_id, tenant_id=current_tenant_id(), deleted_at=None).first()
    if user is None:
        raise Refused("no_actor")
    return user


def _sign(post: Post, revision: PostRevision, kind: str, capacity: str, statement: str) -> int:
    user = _actor()
    if len(statement.strip()) < 3:
        raise Refused("statement")
    lock_post(post.pk)
    if revision.post_id != post.pk:
        raise Refused("not_found")
    if PostRevision.objects.filter(post=post, number__gt=revision.number).exists():
        raise Refused("stale")
    run = open_run(post)
    if run is None:
        raise Refused("stage")
    if run.revision_id != revision.pk or run.content_hash != revision.content_hash:
        raise Refused("stale")
    _refuse_capacity(user, run, revision, kind, capacity)
    _refuse_own(user, post, revision, kind)
    if refusal := open_points(run, revision, kind, capacity):
        raise refusal
    signed = Approval.objects.filter(
        content_id=post.pk,
        content_hash=revision.content_hash,
        action=ApprovalAction.SIGN,
        sequence__gt=_last_withdrawal(post.pk),
    )
    if any(a.user_id == user.pk or a.capacity == capacity for a in signed):
        raise Refused("already_signed")
    sequence = _next_sequence(post.pk)
    Approval(
        sequence=sequence,
        content_id=post.pk,
        revision_id=revision.pk,
        content_hash=revision.content_hash,
        action=ApprovalAction.SIGN,
        kind=kind,
        capacity=capacity,
        user_id=user.pk,
        registry=user.professional_registry,
        statement=statement,
    ).save(force_insert=True)
    if approval_stands(post.pk, revision):
        run.current_stage = WorkflowStage.APPROVED
        run.save(update_fields=["current_stage", "updated_at"])
    return sequence


def _refuse_capacity(user: User, run: WorkflowState, revision: PostRevision, kind: str, capacity: str) -> None:
    """As what, and by whom (domain rules: roles and capabilities, requires_crm_validation)."""
    if kind == ApprovalKind.MEDICAL and capacity in (Capacity.COMPLIANCE, Capacity.PROFESSIONAL):
        if run.current_stage != WorkflowStage.FINAL:
            raise Refused("stage")
        role = "compliance_officer" if capacity == Capacity.COMPLIANCE else "medical_reviewer"
        if user.role != role:
            raise Refused("role")
        oldest = timezone.now() - timedelta(days=settings.REGISTRY_VALIDITY_DAYS)
        if capacity == Capacity.PROFESSIONAL and not (
            user.professional_registry and user.validated_at and user.validated_at >= oldest
        ):
            raise Refused("registry")
    elif kind == ApprovalKind.NON_MEDICAL and capacity == Capacity.DECLARATION:
        if user.role != "editor":
            raise Refused("role")
        if run.current_stage == WorkflowStage.DRAFT:
            raise Refused("stage")
        if is_medical(revision):
            raise Refused("medical")
    else:
        raise Refused("role")


def _refuse_own(user: User, post: Post, revision: PostRevision, kind: str) -> None:
    """Four eyes: not the author, not anyone who saved a revision since the last approval."""
    if kind == ApprovalKind.NON_MEDICAL and Tenant.objects.get(pk=revision.tenant_id).own_declaration_allowed:
        return
    if revision.author_id == user.pk:
        raise Refused("author")
    if has_saved(post, revision, user=user):
        raise Refused("saved")


def has_saved(post: Post, revision: PostRevision, *, user: User) -> bool:
    """Who saved any revision since the last approval has a hand in this wording."""
    since = _last_approved_number(post, revision)
    return PostRevision.objects.filter(post_id=post.pk, number__gt=since, saved_by_id=user.pk).exists()


def _last_approved_number(post: Post, revision: PostRevision) -> int:
    """Number of the newest other wording that was fully signed; half of a double signature is no approval yet."""
    signs = Approval.objects.filter(content_id=post.pk, action=ApprovalAction.SIGN)
    signs = list(signs.exclude(content_hash=revision.content_hash))
    signed = {each.pk: each for each in PostRevision.objects.filter(pk__in=[a.revision_id for a in signs])}
    return max((signed[a.revision_id].number for a in signs if _completes(a, signs, signed[a.revision_id])), default=0)


def _completes(approval: Approval, signs: list[Approval], revision: PostRevision) -> bool:
    if approval.capacity == Capacity.DECLARATION:
        return True
    return approval.capacity == Capacity.COMPLIANCE and (
        not revision.requires_crm_validation
        or any(
            other.capacity == Capacity.PROFESSIONAL
            and other.content_hash == approval.content_hash
            and other.user_id != approval.user_id
            for other in signs
        )
    )


def open_points(run: WorkflowState, revision: PostRevision, kind: str, capacity: str) -> Refused | None:
    """What stands between this wording and a signature: the questions of `sign()` in SQL, in the same order."""
    validations, claims = run.compliance_validations or {}, run.medical_claims or {}
    if validations.get("content_hash") != revision.content_hash:
        return Refused("checks")
    if any(f.get("severity") == "block" and _is_open(f) for f in validations.get("findings", [])):
        return Refused("findings")
    declared = kind == ApprovalKind.NON_MEDICAL
    for claim in claims.values():
        if claim.get("status") != ClaimStatus.NOT_A_CLAIM and (declared or not checks.claim_stands(claim)):
            return Refused("claims")
    if any(validations.get(name) not in checks.PASSING for name in checks.NAMES):
        return Refused("checks")
    # The officer has looked at every warning (domain rules 7).
    warnings = checks.open_findings(validations, kind="rule", severities=["warn"])
    return Refused("warnings") if warnings and capacity == Capacity.COMPLIANCE else None


def _is_open(finding: dict[str, Any]) -> bool:
    """Closed, and where it was waived, by two people."""
    if finding.get("status") != FindingStatus.WAIVED:
        return checks.is_open(finding)
    first, second = finding.get("closed_by"), finding.get("confirmed_by")
    return not first or not second or first == second


def _withdraw(post: Post, reason: str) -> int:
    user = _actor()
    if user.role not in ("compliance_officer", "editor", "administrator"):
        raise Refused("role")
    if len(reason.strip()) < 10:
        raise Refused("statement")
    locked = lock_post(post.pk)
    sequence = _next_sequence(post.pk)
    if sequence == 1:
        raise Refused("nothing_signed")
    Approval(
        sequence=sequence,
        content_id=post.pk,
        action=ApprovalAction.WITHDRAW,
        user_id=user.pk,
        registry=user.professional_registry,
        statement=reason,
    ).save(force_insert=True)
    if locked.status in LIVE_STATUSES:
        Post.objects.filter(pk=post.pk).update(
            status=PostStatus.ARCHIVED, published_revision_id=None, scheduled_at=None, updated_at=timezone.now()
        )
    if open_run(post) is None:
        run = WorkflowState.objects.filter(content_id=post.pk).order_by("-created_at", "-id").first()
        run.current_stage = WorkflowStage.DRAFT
        run.save(update_fields=["current_stage", "updated_at"])
    return sequence
