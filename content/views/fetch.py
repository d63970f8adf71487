"""Fetch and check: a text that is absent or another tenant's is 404, one that the actor may not open is 403."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from compliance import audit
from compliance.enums import AuditOperation, PolicyDecision
from compliance.models import WorkflowState
from compliance.policy import Decision, decide, has_capability, trust_score
from content.enums import ComplianceLevel
from content.models import Post, PostRevision
from content.rules import can_edit, can_trash, is_granted, resource_for
from content.services import review, revisions

REASONS_KEY = "phi_reasons"  # session: post id → why it is read
LEVELS = [None, *revisions.LEVEL_ORDER]  # from open to closed
AUDITED_LEVELS = (ComplianceLevel.RESTRICTED, ComplianceLevel.PHI)


class ReasonNeeded(Exception):
    """A text with patient data is opened only with a reason; the view asks for it."""

    def __init__(self, post: Post) -> None:
        self.post = post
        super().__init__(str(post.pk))


def tenant_only(request: HttpRequest) -> None:
    """Texts live with tenants; the platform's own console has none."""
    if request.site.is_platform:
        raise Http404


def need(request: HttpRequest, capability: str) -> None:
    """403 unless the role carries the capability."""
    tenant_only(request)
    if not has_capability(request.user, capability):
        raise PermissionDenied


def deny(request: HttpRequest, post: Post, act: str) -> NoReturn:
    """403, written to the trail: who tried what is what an investigation asks first."""
    audit.record(
        AuditOperation.DENY,
        resource_type="post",
        resource_id=post.pk,
        metadata={"act": act},
        trust_score=trust_score(request.user),
        policy_decision=PolicyDecision.DENY,
    )
    raise PermissionDenied


def find_post(request: HttpRequest, post_type: str, post_id: uuid.UUID) -> Post:
    """The post of this tenant and type with its author's name, or 404."""
    tenant_only(request)
    post = Post.objects.select_related("author__profile").filter(pk=post_id, post_type=post_type).first()
    if post is None:
        raise Http404
    return post


def readable_post(request: HttpRequest, post_type: str, post_id: uuid.UUID) -> tuple[Post, WorkflowState | None]:
    """A post whose wording the actor may see in any version, with its run. Reads of closed levels are recorded."""
    post = find_post(request, post_type, post_id)
    return post, _check_read(request, post)


def check_versions(request: HttpRequest, post: Post, run: WorkflowState | None, versions: list[PostRevision]) -> None:
    """403 or ReasonNeeded where an old version is more closed than the text is today: lowering a level opens the new
    wording, not what was taken out of it."""
    level = max((each.compliance_level for each in versions), key=LEVELS.index)
    if LEVELS.index(level) > LEVELS.index(_strictest_level(post)):
        _check_level(request, post, run, level)


def editable_post(
    request: HttpRequest, post_type: str, post_id: uuid.UUID, *, shows_text: bool = True
) -> tuple[Post, WorkflowState | None]:
    """A post that the actor may edit (its stage may still freeze it), with its run. An answer that shows nothing of
    the stored text is no read of it."""
    post = find_post(request, post_type, post_id)
    if not can_edit(request.user, post):
        deny(request, post, "edit")
    return post, _check_read(request, post, recorded=shows_text)


def trashable_post(request: HttpRequest, post_type: str, post_id: uuid.UUID) -> Post:
    """A post that the actor may move to the trash and bring back."""
    post = find_post(request, post_type, post_id)
    if not can_trash(request.user, post):
        deny(request, post, "trash")
    return post


def _check_read(request: HttpRequest, post: Post, *, recorded: bool = True) -> WorkflowState | None:
    """403 or ReasonNeeded where the level is closed to the actor; reads of closed levels are recorded."""
    run = review.latest_run(post)
    _check_level(request, post, run, _strictest_level(post), recorded=recorded)
    return run


def _check_level(
    request: HttpRequest, post: Post, run: WorkflowState | None, level: str | None, *, recorded: bool = True
) -> None:
    """The same for one level of the text."""
    if level is None:  # not classified yet: for who writes it, and for who may classify it
        if post.author_id != request.user.pk and not has_capability(request.user, "post.list_others"):
            deny(request, post, "read")
        return
    reason = request.session.get(REASONS_KEY, {}).get(str(post.pk), "") if level == ComplianceLevel.PHI else ""
    decision = _decide(request, post, level, run, reason)
    if decision.outcome == PolicyDecision.STEP_UP:
        raise ReasonNeeded(post)
    if not decision.allowed:
        deny(request, post, "read")
    if recorded and level in AUDITED_LEVELS:
        audit.record(
            AuditOperation.READ,
            resource_type="post",
            resource_id=post.pk,
            metadata={"level": level, "where": "admin", **({"reason": reason[:200]} if reason else {})},
            trust_score=decision.trust_score,
            policy_decision=decision.outcome,
        )


def _decide(request: HttpRequest, post: Post, level: str, run: WorkflowState | None, reason: str) -> Decision:
    """The policy's answer for the strictest level of live text and working copy."""
    granted = level in AUDITED_LEVELS and is_granted(request.user, post)
    stage = run.current_stage if run else None
    resource = resource_for(post, granted=granted, stage=stage, actor=request.user, reason=reason)
    return decide(request.user, "read", replace(resource, level=level))


def _strictest_level(post: Post) -> str | None:
    """The higher of the live level and the working copy's: a raised level closes the text before it is published."""
    if not post.is_live:
        return post.compliance_level
    newest = revisions.newest_revision(post)
    return max(post.compliance_level, newest.compliance_level if newest else None, key=LEVELS.index)


def remember_reason(request: HttpRequest, post: Post, reason: str) -> None:
    """Keep the reason for this session, so that it is asked once per text."""
    reasons: dict[str, Any] = request.session.get(REASONS_KEY, {})
    request.session[REASONS_KEY] = {**reasons, str(post.pk): reason.strip()[:500]}
