"""Taking a text through the stages: submit, advance, send back, sign, withdraw. Each step checks, acts and records."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from compliance import audit, checks
from compliance.enums import ApprovalAction, ApprovalKind, AuditOperation, Capacity, PolicyDecision, WorkflowStage
from compliance.errors import Refused
from compliance.models import Approval, WorkflowState
from compliance.policy import has_capability, trust_score
from compliance.workflow import ORDER, REVIEWER_ROLES, step_from
from content.enums import ComplianceLevel, PostStatus
from content.models import Post, PostRevision
from content.services import assessment, assignments, signing
from content.services.publishing import counted_terms, recount_after_withdrawal, refusals
from content.services.reference_uses import keep_uses
from content.services.revisions import lock_post, newest_revision, open_run, save_revision

MINIMUM_DISCLAIMER = 40  # characters; domain rules 4.5
MINIMUM_REASON = 10
NEEDS_PROFESSIONAL = _("Automatic: the text makes health claims, so a validated professional signs it.")


def latest_run(post: Post) -> WorkflowState | None:
    """The run that says where the text stands: the open one, else the newest."""
    return open_run(post) or WorkflowState.objects.filter(content_id=post.pk).order_by("-created_at", "-id").first()


def missing_for_submission(revision: PostRevision) -> list[str]:
    """Names of the fields that S.1.1 → S.2.1 still needs, as codes: title, content, level, disclaimer."""
    missing = [name for name in ("title", "content") if not (getattr(revision, name) or "").strip()]
    if not revision.compliance_level:
        missing.append("compliance_level")
    needs_disclaimer = revision.compliance_level in ("professional", "restricted")
    if needs_disclaimer and len((revision.medical_disclaimer or "").strip()) < MINIMUM_DISCLAIMER:
        missing.append("medical_disclaimer")
    return missing


def submit(post: Post, *, actor: Any) -> WorkflowState:
    """S.1.1 → S.2.1, by who writes the text or by an editor. Raises Refused ('incomplete' names what is missing).

    The engine reads the wording first; what it finds stops no submission, it is what the reviewers look at.
    """
    wording = newest_revision(post)
    assessed = assessment.analyze_revision(wording) if wording else None
    with refusals():
        locked, run = _locked(post)
        step = step_from(run.current_stage, "submit")
        if step is None:
            raise Refused("stage")
        own = locked.author_id == actor.pk and has_capability(actor, "post.write_own")
        if not own and not has_capability(actor, "post.edit_others"):
            raise Refused("own")
        revision = newest_revision(locked)
        if missing := missing_for_submission(revision):
            labels = [str(PostRevision._meta.get_field(name).verbose_name) for name in missing]
            raise Refused("incomplete", missing=", ".join(labels), fields=missing)
        if assessed is None or assessed.content_hash != revision.content_hash:
            raise Refused("stale")
        revision = _with_professional(locked, revision, assessed, actor)
        run = open_run(locked)
        entry = {"user_id": str(actor.pk), "at": timezone.now().isoformat(), "number": revision.number}
        validations = run.compliance_validations or {}
        run.compliance_validations = {**validations, "submitted": [*validations.get("submitted", []), entry]}
        assessment.file_assessment(run, assessed.about(revision), level=revision.compliance_level)
        assessment.record_assessment(run, actor=actor)
        _move(locked, run, step.target, actor=actor, note="")
        if not locked.is_live:
            Post.objects.filter(pk=locked.pk).update(status=PostStatus.PENDING, updated_at=timezone.now())
    post.refresh_from_db()
    return run


def _with_professional(post: Post, revision: PostRevision, assessed: assessment.Assessed, actor: Any) -> PostRevision:
    """A text with claims needs a professional (domain rules 4.4). The flag is part of what is signed, so a text that
    lacks it gets a revision that has it."""
    if revision.requires_crm_validation or not (assessed.analysis and assessed.analysis.claims):
        return revision
    changes = {"requires_crm_validation": True}
    return save_revision(post, actor=actor, changes=changes, summary=str(NEEDS_PROFESSIONAL))


def advance(
    post: Post, *, actor: Any, confirmed: bool, note: str = "", revision: PostRevision | None = None
) -> WorkflowState:
    """S.2.1 → S.3.1 → S.4-1.1-3. `confirmed`: the box "I read the text and its media" (domain rules 1).

    `revision` is what the reviewer looked at: refused as stale when the text has changed since.
    """
    with refusals():
        locked, run = _locked(post)
        step = step_from(run.current_stage, "advance")
        if step is None:
            raise Refused("stage")
        if getattr(actor, "role", None) not in step.roles:
            raise Refused("role")
        newest = newest_revision(locked)
        # A working copy may name another author than the live text: neither decides.
        if actor.pk in (locked.author_id, newest.author_id):
            raise Refused("author")
        if revision is not None and newest.pk != revision.pk:
            raise Refused("stale")
        if not confirmed:
            raise Refused("confirm")
        if refusal := gate(run, newest):
            raise refusal
        run.compliance_validations = checks.decided(
            run.compliance_validations or {}, step.source, user_id=actor.pk, at=timezone.now(), statement=note.strip()
        )
        _move(locked, run, step.target, actor=actor, note=note)
    return run


def gate(run: WorkflowState, revision: PostRevision) -> Refused | None:
    """The automatic gate of the stage (domain rules 1 and 2.5): each finding was closed, each claim decided."""
    validations = run.compliance_validations or {}
    if not checks.are_current(validations, run.content_hash):
        return Refused("checks")
    shown_only = revision.compliance_level == ComplianceLevel.PHI  # never public: the score is shown, nothing blocks
    if not shown_only and checks.open_findings(validations, kind="phi"):
        return Refused("lgpd")
    if run.current_stage == WorkflowStage.EVIDENCE and validations["claims_check"] not in checks.PASSING:
        return Refused("claims")
    return None


def open_personal_data(run: WorkflowState | None, revision: PostRevision) -> Refused | None:
    """Nothing is signed over a finding that was opened again after S.2.1, or that a declaration would jump over."""
    found = checks.open_findings(run.compliance_validations, kind="phi") if run else []
    return Refused("lgpd") if found and revision.compliance_level != ComplianceLevel.PHI else None


def send_back(post: Post, *, actor: Any, reason: str, to_stage: str = WorkflowStage.DRAFT) -> WorkflowState:
    """Back to an earlier stage with a reason that the author reads."""
    with refusals():
        locked, run = _locked(post)
        if getattr(actor, "role", None) not in REVIEWER_ROLES:
            raise Refused("role")
        if len(reason.strip()) < MINIMUM_REASON:
            raise Refused("statement")
        if to_stage not in ORDER or ORDER.index(to_stage) >= ORDER.index(run.current_stage):
            raise Refused("stage")
        validations = run.compliance_validations or {}
        entry = {
            "from": str(run.current_stage),
            "to": str(to_stage),
            "reason": reason.strip(),
            "user_id": str(actor.pk),
            "at": timezone.now().isoformat(),
        }
        run.compliance_validations = {
            **checks.stale(validations),
            "sent_back": [*validations.get("sent_back", []), entry],
        }
        _move(locked, run, WorkflowStage(to_stage), actor=actor, note=reason)
        if to_stage == WorkflowStage.DRAFT and not locked.is_live:
            Post.objects.filter(pk=locked.pk).update(status=PostStatus.DRAFT, updated_at=timezone.now())
    post.refresh_from_db()
    return run


def sign(
    post: Post,
    *,
    actor: Any,
    statement: str,
    kind: str = ApprovalKind.MEDICAL,
    capacity: str = Capacity.COMPLIANCE,
    revision: PostRevision | None = None,
) -> int:
    """Sign the newest wording, or `revision` if the signer looked at that one. The caller has confirmed who signs.

    The database checks everything again (`sign()`); a signature that completes the approval ends the run.
    """
    with refusals():
        if lock_post(post.pk).deleted_at is not None:
            raise Refused("trashed")
        revision = revision or newest_revision(post)
        if revision is None:
            raise Refused("not_found")
        if refusal := open_personal_data(open_run(post), revision):
            raise refusal
        sequence = signing.sign(post, revision=revision, kind=kind, capacity=capacity, statement=statement.strip())
        _record(post, actor, "sign", {"capacity": str(capacity), "kind": str(kind), "hash": revision.content_hash})
    return sequence


def withdraw(post: Post, *, actor: Any, reason: str) -> int:
    """Take the approval back; a live text leaves the site in the same transaction."""
    with refusals():
        before = counted_terms(post)
        locked = lock_post(post.pk)
        newest = Approval.objects.filter(content_id=locked.pk).order_by("-sequence").first()
        if newest is not None and newest.action == ApprovalAction.WITHDRAW and not locked.is_live:
            raise Refused("nothing_signed")
        sequence = signing.withdraw(post, reason=reason.strip())
        recount_after_withdrawal(before)
        keep_uses(post, [], live=True)
        if (run := open_run(post)) is not None and run.current_stage == WorkflowStage.DRAFT:
            # Approved but never published: back at writing, it is no longer "in review".
            Post.objects.filter(pk=post.pk, status=PostStatus.PENDING).update(
                status=PostStatus.DRAFT, updated_at=timezone.now()
            )
        _record(post, actor, "withdraw", {"sequence": sequence})
    post.refresh_from_db()
    return sequence


def history(post: Post) -> list[Approval]:
    """Signatures and withdrawals, oldest first."""
    return list(Approval.objects.filter(content_id=post.pk).order_by("sequence"))


def _locked(post: Post) -> tuple[Post, WorkflowState]:
    locked = lock_post(post.pk)
    if locked.deleted_at is not None:
        raise Refused("trashed")
    run = open_run(locked)
    if run is None:
        raise Refused("stage")
    return locked, run


def _move(post: Post, run: WorkflowState, target: WorkflowStage, *, actor: Any, note: str) -> None:
    source = run.current_stage
    run.current_stage = target
    run.save()
    assignments.enter_stage(post, target, actor=actor)
    _record(
        post,
        actor,
        "stage",
        {"from": str(source), "to": str(target), "hash": run.content_hash, "has_note": bool(note.strip())},
    )


def _record(post: Post, actor: Any, act: str, metadata: dict[str, Any]) -> None:
    audit.record(
        AuditOperation.DECISION,
        resource_type="post",
        resource_id=post.pk,
        metadata={"act": act, **metadata},
        trust_score=trust_score(actor),
        policy_decision=PolicyDecision.ALLOW,
    )
