"""Access decisions in one place: tables of the domain rules (4.2 access matrix, 4.3 capabilities).

`decide()` is pure: it gets the actor and a description of the resource, and asks the database nothing. Absent and
other-tenant objects never come here: the views answer 404 before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from compliance.enums import PolicyDecision

ALL_STAFF = (
    "contributor",
    "author",
    "editor",
    "medical_reviewer",
    "compliance_officer",
    "administrator",
    "dpo",
)
# Capability → roles (domain rules 4.3). `own` variants are asked for explicitly by the caller.
CAPABILITIES: dict[str, frozenset[str]] = {
    "admin.enter": frozenset(ALL_STAFF),
    "post.write_own": frozenset({"contributor", "author", "editor", "medical_reviewer", "administrator"}),
    "post.edit_others": frozenset({"editor", "compliance_officer"}),
    "post.list_others": frozenset({"editor", "medical_reviewer", "compliance_officer", "administrator"}),
    "post.publish_own": frozenset({"author", "editor", "compliance_officer", "administrator"}),
    "post.publish_others": frozenset({"editor", "compliance_officer", "administrator"}),
    "post.trash_others": frozenset({"editor", "administrator"}),
    "post.withdraw": frozenset({"editor", "compliance_officer", "administrator"}),
    "post.lower_level": frozenset({"compliance_officer"}),
    "post.clear_crm": frozenset({"compliance_officer"}),
    "post.grant": frozenset({"compliance_officer", "administrator"}),
    "media.upload": frozenset({"author", "editor", "medical_reviewer", "administrator"}),
    "category.manage": frozenset({"editor", "administrator"}),
    "reference.add": frozenset({"author", "editor", "medical_reviewer", "compliance_officer"}),
    "reference.manage": frozenset({"editor", "medical_reviewer", "compliance_officer"}),
    "review.desk": frozenset({"editor", "medical_reviewer", "compliance_officer"}),
    "review.privacy": frozenset({"editor", "compliance_officer"}),
    "review.evidence": frozenset({"medical_reviewer"}),
    "review.waive": frozenset({"compliance_officer"}),
    "review.confirm_waiver": frozenset({"compliance_officer", "dpo"}),
    "review.sign": frozenset({"compliance_officer"}),
    "review.cosign": frozenset({"medical_reviewer"}),
    "review.declare": frozenset({"editor"}),
    "review.recheck": frozenset({"compliance_officer"}),
    "audit.view": frozenset({"compliance_officer", "administrator", "dpo"}),
    "report.view": frozenset({"compliance_officer", "administrator", "dpo"}),
    "attention.resolve": frozenset({"compliance_officer"}),
    "users.manage": frozenset({"administrator"}),
    "settings.manage": frozenset({"administrator"}),
    "registry.validate": frozenset({"administrator", "compliance_officer"}),
    "platform.manage": frozenset({"platform_admin"}),
}
EDITORIAL = frozenset({"contributor", "author", "editor", "medical_reviewer", "administrator", "compliance_officer"})


@dataclass(frozen=True)
class Resource:
    """What a decision about reading or editing a text needs to know."""

    kind: str = "post"
    level: str | None = "public"
    author_id: UUID | None = None
    published: bool = False
    granted: bool = False  # named in the post's grant list
    assigned: bool = False  # a reviewer whose stage the text is at
    reason: str = ""  # why a PHI text is read


@dataclass(frozen=True)
class Decision:
    """`outcome` allow, deny or step_up; `teaser` when title and summary may be shown instead of the text."""

    outcome: PolicyDecision
    trust_score: int
    reasons: list[str] = field(default_factory=list)
    teaser: bool = False

    @property
    def allowed(self) -> bool:
        return self.outcome == PolicyDecision.ALLOW


def has_capability(actor: Any, capability: str) -> bool:
    """Does the actor's role carry the capability? A deleted account or a visitor carries none."""
    return bool(
        getattr(actor, "is_authenticated", False)
        and getattr(actor, "is_active", False)
        and actor.role in CAPABILITIES[capability]
    )


def is_validated_professional(actor: Any) -> bool:
    """A registry that was validated within the last 12 months (setting REGISTRY_VALIDITY_DAYS)."""
    if not getattr(actor, "is_authenticated", False) or not actor.is_active:
        return False
    if not actor.professional_registry or not actor.validated_at:
        return False
    return actor.validated_at >= timezone.now() - timedelta(days=settings.REGISTRY_VALIDITY_DAYS)


def trust_score(actor: Any) -> int:
    """0 to 100, explainable: signed in 40, second factor verified 40, role with that duty 10, active 10."""
    if not getattr(actor, "is_authenticated", False):
        return 0
    verified = getattr(actor, "is_verified", None)
    score = 40 + (10 if actor.is_active else 0)
    score += 40 if verified is not None and verified() else 0
    return score + (10 if actor.needs_second_factor else 0)


def decide(actor: Any, action: str, resource: Resource) -> Decision:
    """May `actor` do `action` ('read', 'edit', 'list', or a capability) with `resource`?"""
    score = trust_score(actor)
    if action == "read":
        return _decide_read(actor, resource, score)
    if action == "edit":
        return _decide_edit(actor, resource, score)
    allowed = has_capability(actor, action)
    return _answer(allowed, score, action if allowed else f"role lacks {action}")


def _answer(allowed: bool, score: int, reason: str, *, teaser: bool = False) -> Decision:
    return Decision(PolicyDecision.ALLOW if allowed else PolicyDecision.DENY, score, [reason], teaser)


def _decide_read(actor: Any, resource: Resource, score: int) -> Decision:
    """The access matrix, level by level."""
    role = actor.role if getattr(actor, "is_authenticated", False) and actor.is_active else None
    own = role is not None and resource.author_id == actor.pk
    if role == "platform_admin":
        return _answer(False, score, "the platform is blind to tenants")
    level = resource.level or "restricted"  # unclassified is treated as closed
    if not resource.published and not (own or role in EDITORIAL):
        return _answer(False, score, "not published")
    if level == "public":
        return _answer(True, score, "public")
    if level == "professional":
        allowed = role in EDITORIAL or is_validated_professional(actor)
        return _answer(allowed, score, "professional" if allowed else "not validated", teaser=not allowed)
    if level == "restricted":
        allowed = (
            (own and role in EDITORIAL)
            or (resource.assigned and role in EDITORIAL)
            or role == "compliance_officer"
            or (resource.granted and (role in EDITORIAL or is_validated_professional(actor)))
        )
        return _answer(allowed, score, "restricted" if allowed else "not named")
    if role == "compliance_officer":
        if resource.reason.strip():
            return _answer(True, score, "phi with reason")
        return Decision(PolicyDecision.STEP_UP, score, ["phi needs a reason"])
    allowed = resource.granted and role is not None
    return _answer(allowed, score, "phi by grant" if allowed else "phi")


def _decide_edit(actor: Any, resource: Resource, score: int) -> Decision:
    """Own texts by who writes, others' by editors and compliance officers; closed levels only where readable."""
    own = getattr(actor, "is_authenticated", False) and resource.author_id == actor.pk
    allowed = has_capability(actor, "post.write_own" if own else "post.edit_others")
    if allowed and not own and resource.level in ("restricted", "phi"):
        allowed = _decide_read(actor, resource, score).outcome != PolicyDecision.DENY
    return _answer(allowed, score, "edit" if allowed else "not yours to edit")
