"""Who reads which published page: the access matrix of the domain rules (4.2), applied and recorded.

The decision is `compliance.policy.decide`; this module brings it the facts and turns it into what the page shows.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from compliance import audit
from compliance.enums import ApprovalAction, AuditOperation, PolicyDecision
from compliance.models import Approval
from compliance.policy import Decision, Resource, decide
from content.enums import ComplianceLevel
from content.models import PostUserPermission

CLOSED = (ComplianceLevel.RESTRICTED, ComplianceLevel.PHI)
SHORTEST_REASON, LONGEST_REASON = 10, 200


class Show(StrEnum):
    """What a reader gets to see."""

    FULL = "full"
    TEASER = "teaser"  # title and summary, and how to get in
    REASON = "reason"  # a form that asks why; nothing of the text
    NOTHING = "nothing"  # the same 404 as a page that does not exist


@dataclass(frozen=True)
class Reading:
    """The decision about one reader and one page."""

    show: Show
    decision: Decision


def has_session(request: HttpRequest) -> bool:
    """Without the cookie neither session nor user is touched, so that the page stays cacheable."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def reader_of(request: HttpRequest) -> Any:
    """The signed-in person; a visitor as long as a second factor that the role needs is missing."""
    if not has_session(request):
        return AnonymousUser()
    user = request.user
    if user.is_authenticated and user.needs_second_factor and not user.is_verified():
        return AnonymousUser()
    return user


def reads_professional(reader: Any) -> bool:
    """May the reader open professional texts at all?"""
    return decide(reader, "read", Resource(level=ComplianceLevel.PROFESSIONAL.value, published=True)).allowed


def reading(reader: Any, page: dict[str, Any], *, reason: str = "") -> Reading:
    """What `reader` sees of a published page. Asks the database only about closed levels and signed-in people.

    A PHI text is opened with a reason each time, also by people who are named in its grants.
    """
    level = page["compliance_level"]
    facts = _facts(reader, page) if level not in (ComplianceLevel.PUBLIC, ComplianceLevel.PROFESSIONAL) else {}
    stated = reason.strip() if len(reason.strip()) >= SHORTEST_REASON else ""
    resource = Resource(level=level, author_id=page["author_id"], published=True, reason=stated, **facts)
    decision = decide(reader, "read", resource)
    if decision.outcome == PolicyDecision.STEP_UP or (
        decision.allowed and level == ComplianceLevel.PHI and not stated
    ):
        return Reading(Show.REASON, decision)
    if decision.allowed:
        return Reading(Show.FULL, decision)
    return Reading(Show.TEASER if decision.teaser else Show.NOTHING, decision)


def _facts(reader: Any, page: dict[str, Any]) -> dict[str, bool]:
    """Named in the grants? Assigned, that is: signed this text as its reviewer?"""
    if not reader.is_authenticated:
        return {}
    grants = PostUserPermission.objects.filter(
        user_id=reader.pk, content_object_id=page["post_id"], permission__codename="view_post"
    )
    signatures = Approval.objects.filter(
        content_id=page["post_id"], user_id=reader.pk, action=ApprovalAction.SIGN.value
    )
    return {"granted": grants.exists(), "assigned": signatures.exists()}


def record_reading(reader: Any, page: dict[str, Any], outcome: Reading, *, reason: str = "") -> None:
    """One row per read of a closed text and per denial; the act fails if the row cannot be written.

    A visitor's teaser is no row: nothing was asked for by anybody we know, and crawlers would fill the trail.
    """
    level = page["compliance_level"]
    denied = outcome.show == Show.NOTHING or (outcome.show == Show.TEASER and reader.is_authenticated)
    if not denied and not (outcome.show == Show.FULL and level in CLOSED):
        return
    metadata = {"level": level, "reasons": outcome.decision.reasons}
    if reason and not denied:
        metadata["reason"] = reason.strip()[:LONGEST_REASON]
    audit.record(
        AuditOperation.DENY if denied else AuditOperation.READ,
        resource_type="post",
        resource_id=page["post_id"],
        metadata=metadata,
        trust_score=outcome.decision.trust_score,
        policy_decision=PolicyDecision.DENY if denied else PolicyDecision.ALLOW,
    )
