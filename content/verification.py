"""Is the text on the page the one that was signed? Recomputed from the rows each time, believing no stored verdict.

Three things are hashed again in Python and compared with the hash in the signatures: what the page's own row shows,
the live article, and the archived revision. The database keeps them equal; this finds out when somebody went round it.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.enums import ApprovalAction, Capacity, ClaimStatus, WorkflowStage
from compliance.models import Approval, WorkflowState
from content.enums import ComplianceLevel, PostStatus
from content.models import CustomField, Post, PostCategory, PostRevision, PublishedPage
from content.review_dates import due_date, review_months
from content.sanitize import headings
from content.services.revisions import MIRRORED, hash_of, values_of
from content.services.signing import approval_stands

logger = logging.getLogger(__name__)

# Columns of a page that repeat the article's; what it does not repeat is taken from the revision.
SHOWN = {
    "title": _("title"),
    "slug": _("permalink"),
    "content": _("content"),
    "excerpt": _("excerpt"),
    "medical_disclaimer": _("medical disclaimer"),
    "meta_description": _("meta description"),
    "compliance_level": _("compliance level"),
    "medical_category": _("medical category"),
    "author_id": _("author"),
    "category_id": _("primary category"),
}
OPEN_LEVELS = (ComplianceLevel.PUBLIC, ComplianceLevel.PROFESSIONAL)


class Verdict(StrEnum):
    """What the reader is told."""

    SAME = "same"
    PAGE_DIFFERS = "page_differs"  # what readers see is not what was signed
    RECORD_DIFFERS = "record_differs"  # readers see the signed text, but a record behind it was changed
    UNSIGNED = "unsigned"  # no signature stands for what is shown


@dataclass(frozen=True)
class Signature:
    """One signature under the version on the page."""

    name: str
    capacity: str | Promise
    registry: str
    at: datetime
    statement: str
    content_hash: str
    matches: bool


@dataclass(frozen=True)
class Verification:
    """The verdict with everything that it rests on."""

    post_id: uuid.UUID
    title: str
    slug: str
    level: str
    verdict: Verdict
    differing: list[str | Promise]  # names of what differs, in the reader's words
    shown_hash: str
    signed_hash: str
    signatures: list[Signature]
    number: int
    engine: dict[str, str]  # versions of the rules that the checks ran with
    next_review: date | None

    @property
    def matches(self) -> bool:
        return self.verdict == Verdict.SAME


def verify_page(post_id: uuid.UUID) -> Verification | None:
    """The verdict about a published text that anybody may know of; None where there is none at that id."""
    page = PublishedPage.objects.select_related("post").filter(post_id=post_id).first()
    if page is None:
        return None
    revision = PostRevision.objects.filter(pk=page.revision_id, post_id=post_id).first()
    # The strictest level counts: a changed row must not open what its revision keeps closed.
    levels = {page.compliance_level, page.post.compliance_level, *([revision.compliance_level] if revision else [])}
    if not levels <= set(OPEN_LEVELS):
        return None
    found = verification_of(page, revision)
    if not found.matches:
        logger.error("The page of post %s is not as it was signed: %s", post_id, found.verdict)
    return found


def verification_of(page: PublishedPage, revision: PostRevision | None = None) -> Verification:
    """The verdict about a page of any level. Who may know of it is the caller's question."""
    revision = revision or PostRevision.objects.filter(pk=page.revision_id, post_id=page.post_id).first()
    signed = _standing(page)
    run = approved_run(page.post_id, page.revision_id)
    shown_hash = shown_page_hash(page, revision) if revision else ""
    hashes = {approval.content_hash for approval in signed}
    differing = _differences(page, revision) if revision else []
    if revision is None or not hashes or not approval_stands(page.post_id, revision):
        # That the page differs says more than that no signature stands for what was changed.
        verdict = Verdict.PAGE_DIFFERS if hashes and hashes != {shown_hash} else Verdict.UNSIGNED
    elif hashes != {shown_hash} or _around_differs(page, revision, signed, run):
        verdict = Verdict.PAGE_DIFFERS
    else:
        records = {page.content_hash, hash_of(values_of(revision)), live_hash(page.post, revision)}
        verdict = Verdict.SAME if records == hashes and _is_live(page) else Verdict.RECORD_DIFFERS
    return Verification(
        post_id=page.post_id,
        title=page.title,
        slug=page.slug,
        level=page.compliance_level,
        verdict=verdict,
        differing=differing,
        shown_hash=shown_hash,
        signed_hash=signed[0].content_hash if signed else "",
        signatures=_signatures(signed, shown_hash),
        number=revision.number if revision else 0,
        engine=_engine(run),
        next_review=_next_review(page, revision, signed),
    )


def _next_review(page: PublishedPage, revision: PostRevision | None, signed: list[Approval]) -> date | None:
    approved_at = max((approval.created_at for approval in signed), default=page.reviewed_at)
    return due_date(revision.custom_fields if revision else {}, approved_at, review_months())


# --- Hashes ----------------------------------------------------------------------------------------------------------


def shown_page_hash(page: PublishedPage, revision: PostRevision) -> str:
    """Hash of what visitors see: the page's own columns; what it has no column for comes from the revision."""
    return hash_of(values_of(revision) | {name: getattr(page, name) for name in SHOWN})


def live_hash(post: Post, revision: PostRevision) -> str:
    """Hash of the live article, its terms and fields; references and media stand in the revision alone."""
    terms = PostCategory.objects.filter(post=post).values_list("category_id", flat=True)
    fields = CustomField.objects.filter(post=post).values_list("meta_key", "meta_value")
    values = {name: getattr(post, name) for name in MIRRORED}
    return hash_of(values_of(revision) | values | {"category_ids": list(terms), "custom_fields": dict(fields)})


def _differences(page: PublishedPage, revision: PostRevision) -> list[str | Promise]:
    """Which parts of the page are other than in the revision, or of the article than on the page."""
    return [
        label
        for name, label in SHOWN.items()
        if len({str(getattr(each, name) or "") for each in (page, revision, page.post)}) > 1
    ]


def _around_differs(
    page: PublishedPage, revision: PostRevision, signed: list[Approval], run: WorkflowState | None
) -> bool:
    """Headings, references, evidence and reviewers stand beside the text; all follow from what was signed."""
    toc = [(item.get("id"), item.get("text")) for item in page.details.get("toc") or []]
    reviewers = {(person.get("capacity"), person.get("at")) for person in page.details.get("reviewers") or []}
    given = {(approval.capacity, approval.created_at.isoformat()) for approval in signed}
    cited = [each["id"] if isinstance(each, dict) else each for each in page.details.get("references") or []]
    shown = {_evidence(claim, "level", "scale", "registry") for claim in page.details.get("claims") or []}
    claims = (run.medical_claims or {}).values() if run else []
    accepted = {
        _evidence(claim, "evidence_level", "evidence_scale", "validator_registry")
        for claim in claims
        if claim.get("status") == ClaimStatus.VALIDATED
    }
    return (
        toc != [tuple(each) for each in headings(page.content)]
        or cited != revision.scientific_references
        or not shown <= accepted
        or not reviewers <= given
    )


def _evidence(claim: dict[str, Any], *names: str) -> tuple[Any, ...]:
    """Where a claim stands and what it rests on; the page and the run name the rest differently."""
    rest = (claim.get(name) or "" for name in names)
    return claim.get("start"), claim.get("end"), tuple(claim.get("references") or []), *rest


def _is_live(page: PublishedPage) -> bool:
    post = page.post
    live = post.status == PostStatus.PUBLISHED and post.deleted_at is None
    return live and post.published_revision_id == page.revision_id


# --- Signatures and rules --------------------------------------------------------------------------------------------


def _standing(page: PublishedPage) -> list[Approval]:
    """Signatures under the page's revision that no withdrawal followed."""
    rows = list(Approval.objects.filter(content_id=page.post_id).order_by("sequence"))
    withdrawn = max((each.sequence for each in rows if each.action == ApprovalAction.WITHDRAW), default=0)
    return [
        each
        for each in rows
        if each.action == ApprovalAction.SIGN and each.sequence > withdrawn and each.revision_id == page.revision_id
    ]


def _signatures(signed: list[Approval], shown_hash: str) -> list[Signature]:
    people = User.objects.select_related("profile").in_bulk([approval.user_id for approval in signed])
    return [
        Signature(
            name=people[approval.user_id].display_name if approval.user_id in people else "",
            capacity=Capacity(approval.capacity).label if approval.capacity in Capacity.values else "",
            registry=approval.registry or "",
            at=approval.created_at,
            statement=approval.statement,
            content_hash=approval.content_hash or "",
            matches=approval.content_hash == shown_hash,
        )
        for approval in signed
    ]


def approved_run(post_id: uuid.UUID, revision_id: uuid.UUID) -> WorkflowState | None:
    """The run that ended in the approval of this version."""
    runs = WorkflowState.objects.filter(content_id=post_id, revision_id=revision_id)
    return runs.filter(current_stage=WorkflowStage.APPROVED).order_by("-created_at").first()


def _engine(run: WorkflowState | None) -> dict[str, str]:
    """Versions of analyzers and rule packs that the checks were made with."""
    engine = ((run.compliance_validations or {}) if run else {}).get("engine")
    return {str(name): str(version) for name, version in engine.items()} if isinstance(engine, dict) else {}
