"""Waivers that wait for a second person. The data protection officer confirms here without opening the text."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from compliance import audit
from compliance.enums import AuditOperation, FindingStatus, PolicyDecision, WorkflowStage
from compliance.errors import Refused
from compliance.models import WorkflowState
from compliance.policy import trust_score
from content.enums import ComplianceLevel
from content.models import Post, PostRevision
from content.review_options import ABOUT_THE_PERSON
from content.services import findings, signing
from content.views.after import answer, need

MOST = 100  # texts on the page; the oldest first, so that nothing waits for ever


@dataclass(frozen=True)
class Waiver:
    """One finding that somebody wants to waive. `hidden`: title, sample and reason could tell of a patient."""

    post_id: uuid.UUID
    title: str
    key: str
    code: str
    explanation: str
    sample: str
    reason: str
    hidden: bool
    asked_by: str
    own: bool


@require_safe
def waivers(request: HttpRequest) -> HttpResponse:
    """Every waiver that was asked for, never with the matched value; with its reason where the level is open."""
    need(request, "review.confirm_waiver", "waivers")
    return _page(request)


@require_POST
def confirm(request: HttpRequest, post_id: uuid.UUID) -> HttpResponse:
    """The second person's consent."""
    need(request, "review.confirm_waiver", "waivers")
    post = Post.objects.filter(pk=post_id).first()
    if post is None:
        raise Http404
    try:
        findings.confirm_waiver(post, request.POST.get("finding", ""), actor=request.user)
    except Refused as refusal:
        if refusal.code in ABOUT_THE_PERSON:
            _record_refusal(request, post_id, refusal)
        return _page(request, refusal=refusal)
    messages.success(request, _("The waiver is confirmed."))
    return redirect("admin:compliance_waivers")


def _record_refusal(request: HttpRequest, post_id: uuid.UUID, refusal: Refused) -> None:
    audit.record(
        AuditOperation.DENY,
        resource_type="post",
        resource_id=post_id,
        metadata={"act": "waiver_confirm", "code": refusal.code},
        trust_score=trust_score(request.user),
        policy_decision=PolicyDecision.DENY,
    )


def _page(request: HttpRequest, *, refusal: Refused | None = None) -> HttpResponse:
    context = {"title": _("Waivers to confirm"), "waivers": _asked(request.user), "refusal": refusal}
    status = 200
    if refusal:
        status = 403 if refusal.code in ABOUT_THE_PERSON else 409
    return answer(request, "waivers", context, status=status)


def _asked(actor: User) -> list[Waiver]:
    """Five queries: runs, their wordings, who asked, and what the reader wrote. Few confirm what they have edited."""
    runs = WorkflowState.objects.exclude(current_stage=WorkflowStage.APPROVED)
    runs = list(runs.filter(compliance_validations__waivers_requested__gt=0).order_by("updated_at", "pk")[:MOST])
    wordings = PostRevision.objects.only("id", "title", "compliance_level", "author_id", "content_hash")
    wordings = wordings.in_bulk([run.revision_id for run in runs])
    asked = [(run, f) for run in runs for f in run.compliance_validations["findings"] if _waits(f)]
    people = User.objects.select_related("profile").in_bulk({uuid.UUID(f["closed_by"]) for _run, f in asked})
    written = _written_by(actor, {run.content_id: wordings[run.revision_id] for run in runs})
    return [_waiver(run, f, wordings[run.revision_id], people, actor, written) for run, f in asked]


def _written_by(actor: User, wordings: dict[uuid.UUID, PostRevision]) -> set[uuid.UUID]:
    """The texts in whose wording the actor has a hand: `findings.confirm_waiver()` refuses them."""
    written = {key for key, wording in wordings.items() if wording.author_id == actor.pk}
    written |= set(Post.objects.filter(pk__in=wordings, author_id=actor.pk).values_list("pk", flat=True))
    saved = PostRevision.objects.filter(post_id__in=wordings, saved_by_id=actor.pk).order_by()
    saved = set(saved.values_list("post_id", flat=True).distinct()) - written
    posts = Post.objects.filter(pk__in=saved) if saved else []
    return written | {post.pk for post in posts if signing.has_saved(post, wordings[post.pk], user=actor)}


def _waits(finding: dict[str, Any]) -> bool:
    return finding.get("status") == FindingStatus.WAIVER_REQUESTED and bool(finding.get("closed_by"))


def _waiver(
    run: WorkflowState,
    finding: dict[str, Any],
    wording: PostRevision,
    people: dict[uuid.UUID, User],
    actor: User,
    written: set[uuid.UUID],
) -> Waiver:
    """A title can name a patient, and what is said about a finding can, too: those of closed texts are not shown."""
    hidden = wording.compliance_level in (ComplianceLevel.PHI, ComplianceLevel.RESTRICTED)
    asker = people.get(uuid.UUID(finding["closed_by"]))
    return Waiver(
        post_id=run.content_id,
        title=str(_("Restricted text (title hidden)")) if hidden else wording.title,
        key=finding["id"],
        code=finding["code"],
        explanation=finding["explanation"],
        sample="" if hidden else finding.get("masked", ""),
        reason="" if hidden else finding.get("reason", ""),
        hidden=hidden,
        asked_by=asker.display_name if asker else str(_("Unknown person")),
        own=finding["closed_by"] == str(actor.pk) or run.content_id in written,
    )
