"""Who has a text on the desk, until when, and how urgent it is. Bookkeeping: it opens no door and closes none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from compliance import audit
from compliance.enums import AuditOperation, PolicyDecision, ReviewPriority, WorkflowStage
from compliance.errors import Refused
from compliance.models import ReviewAssignment, WorkflowState
from compliance.policy import has_capability, trust_score
from compliance.workflow import DESK
from content.models import Post
from content.services.publishing import refusals
from content.services.revisions import lock_post, newest_revision, open_run

DAYS = {WorkflowStage.PRIVACY: 2, WorkflowStage.EVIDENCE: 3, WorkflowStage.FINAL: 2}  # until a stage is overdue


def claim(post: Post, *, actor: Any) -> ReviewAssignment:
    """Take the text. Raises Refused ('taken' while a colleague has it)."""
    return _hand_over(post, actor=actor, to=actor)


def assign(post: Post, *, actor: Any, assignee: User) -> ReviewAssignment:
    """Give the text to a colleague whose role has its stage, also from somebody else."""
    return _hand_over(post, actor=actor, to=assignee, over=True)


def release(post: Post, *, actor: Any) -> ReviewAssignment:
    """Put the text back: whoever has it, and the compliance officer for others."""
    with refusals():
        _run, row = _locked(post, actor)
        if row.assignee_id not in (None, actor.pk) and not has_capability(actor, "review.sign"):
            raise Refused("taken")
        row.assignee_id = None
        return _save(row, actor, "release")


def plan(post: Post, *, actor: Any, due_at: datetime | None, priority: int) -> ReviewAssignment:
    """Set due date (aware) and priority."""
    with refusals():
        _run, row = _locked(post, actor)
        if priority not in ReviewPriority.values:
            raise Refused("priority")
        row.due_at, row.priority = due_at, priority
        return _save(row, actor, "plan")


def enter_stage(post: Post, stage: str, *, actor: Any) -> None:
    """The stage has begun: a new due date; who cannot work at it has the text no longer."""
    row = ReviewAssignment.objects.filter(content_id=post.pk).first()
    row = row or ReviewAssignment(content_id=post.pk, set_by_id=actor.pk)
    days = DAYS.get(WorkflowStage(stage))
    row.due_at = timezone.now() + timedelta(days=days) if days else None
    if row.assignee_id and not _fits(User.objects.filter(pk=row.assignee_id).first(), stage, post):
        row.assignee_id = None
    row.set_by_id = actor.pk
    row.save()


def candidates(post: Post, stage: str, *, authors: tuple[Any, ...]) -> list[User]:
    """Colleagues who may get the text at this stage, by name."""
    people = User.objects.select_related("profile").filter(role__in=DESK.get(stage, ()), deleted_at=None)
    return sorted((each for each in people if each.pk not in authors), key=lambda each: each.display_name.lower())


def _hand_over(post: Post, *, actor: Any, to: User, over: bool = False) -> ReviewAssignment:
    with refusals():
        run, row = _locked(post, actor)
        if not _fits(to, run.current_stage, post):
            raise Refused("assignee")
        if row.assignee_id not in (None, to.pk) and not over:
            raise Refused("taken")
        row.assignee_id = to.pk
        return _save(row, actor, "assign")


def _fits(person: User | None, stage: str, post: Post) -> bool:
    """Works here, has the stage, and did not write the text."""
    if person is None or not person.is_active or person.role not in DESK.get(stage, ()):
        return False
    newest = newest_revision(post)
    return person.pk not in (post.author_id, newest.author_id if newest else None)


def _locked(post: Post, actor: Any) -> tuple[WorkflowState, ReviewAssignment]:
    if not has_capability(actor, "review.desk"):
        raise Refused("role")
    locked = lock_post(post.pk)
    run = open_run(locked)
    if locked.deleted_at is not None:
        raise Refused("trashed")
    if run is None or run.current_stage not in DESK:
        raise Refused("stage")
    row = ReviewAssignment.objects.filter(content_id=post.pk).first()
    return run, row or ReviewAssignment(content_id=post.pk)


def _save(row: ReviewAssignment, actor: Any, act: str) -> ReviewAssignment:
    row.set_by_id = actor.pk
    row.save()
    audit.record(
        AuditOperation.DECISION,
        resource_type="post",
        resource_id=row.content_id,
        metadata={"act": act, "assignee": str(row.assignee_id or ""), "priority": row.priority},
        trust_score=trust_score(actor),
        policy_decision=PolicyDecision.ALLOW,
    )
    return row


def assignment_of(content_id: UUID) -> ReviewAssignment | None:
    """The text's row, if it ever came to the desk."""
    return ReviewAssignment.objects.filter(content_id=content_id).first()
