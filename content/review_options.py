"""What an actor may do now with a text in review, and why not.

The services and the database decide; this module predicts their answer in the same order, so that the page can explain
it beforehand. `tests/compliance/test_workflow_table.py` holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compliance.enums import ApprovalKind, Capacity, WorkflowStage
from compliance.errors import Refused
from compliance.policy import has_capability, is_validated_professional
from compliance.workflow import REVIEWER_ROLES, step_from
from content.models import PostRevision
from content.queries_review import SIGNS_AS, Text
from content.services import review, signing
from content.services.review import missing_for_submission
from content.services.signing import is_medical

# Refusals that are about the person rather than about the moment: 403, and a row "denied" in the trail.
ABOUT_THE_PERSON = frozenset({"role", "own", "author", "saved", "registry"})


@dataclass(frozen=True)
class Option:
    """One act on the page: shown, explained, and disabled with `refusal` where it is not allowed now."""

    name: str
    label: str | Promise
    help: str | Promise
    refusal: Refused | None = None

    @property
    def allowed(self) -> bool:
        return self.refusal is None


def options_for(actor: Any, text: Text) -> list[Option]:
    """The acts that belong to the text's stage, each with the reason why the actor may not."""
    stage = text.stage
    options = []
    if stage == WorkflowStage.DRAFT:
        options.append(
            Option(
                "submit",
                _("Submit for review"),
                _("Sends the newest wording to the privacy check."),
                refuse_submit(actor, text),
            )
        )
    if stage in (WorkflowStage.PRIVACY, WorkflowStage.EVIDENCE):
        options.append(Option("advance", _("Pass this stage"), PASS_HELP[stage], refuse_advance(actor, text)))
    if stage == WorkflowStage.FINAL or (_declares(actor) and _declarable(text)):
        capacity = SIGNS_AS.get(getattr(actor, "role", ""))
        label, explanation = SIGN_WORDS.get(capacity, SIGN_WORDS[Capacity.COMPLIANCE])
        options.append(Option("sign", label, explanation, refuse_sign(actor, text)))
    if stage in (WorkflowStage.PRIVACY, WorkflowStage.EVIDENCE, WorkflowStage.FINAL):
        options.append(
            Option(
                "send_back",
                _("Send back"),
                _("Returns the text to an earlier stage with a reason that the author reads."),
                refuse_send_back(actor, text),
            )
        )
    if text.withdrawable:
        options.append(
            Option(
                "withdraw",
                _("Withdraw the approval"),
                _("Ends every signature of this text. A published text leaves the site at once."),
                refuse_withdraw(actor, text),
            )
        )
    return options


PASS_HELP = {
    WorkflowStage.PRIVACY: _("Moves the text on to the medical reviewer, for its claims and their evidence."),
    WorkflowStage.EVIDENCE: _("Moves the text on to its final approval."),
}
SIGN_WORDS = {
    Capacity.COMPLIANCE: (_("Sign the approval"), _("Your signature approves exactly this wording for publication.")),
    Capacity.PROFESSIONAL: (
        _("Sign as professional"),
        _("Your signature says, with your registry, that the medical content is right."),
    ),
    Capacity.DECLARATION: (
        _("Declare non-medical"),
        _("Your signature says that this public text has no medical content. It can then be published."),
    ),
}


def signs_as(actor: Any) -> tuple[ApprovalKind, Capacity] | None:
    """Kind and capacity of the actor's signature; None for roles that sign nothing."""
    capacity = SIGNS_AS.get(getattr(actor, "role", ""))
    if capacity is None:
        return None
    return (ApprovalKind.NON_MEDICAL if capacity == Capacity.DECLARATION else ApprovalKind.MEDICAL, capacity)


def _declares(actor: Any) -> bool:
    return SIGNS_AS.get(getattr(actor, "role", "")) == Capacity.DECLARATION


def _declarable(text: Text) -> bool:
    return text.stage in (WorkflowStage.PRIVACY, WorkflowStage.EVIDENCE) and not is_medical(text.revision)


def refuse_submit(actor: Any, text: Text) -> Refused | None:
    """Why `review.submit()` would refuse."""
    if refusal := _refuse_place(text):
        return refusal
    if step_from(text.stage, "submit") is None:
        return Refused("stage")
    own = text.post.author_id == actor.pk and has_capability(actor, "post.write_own")
    if not own and not has_capability(actor, "post.edit_others"):
        return Refused("own")
    if missing := missing_for_submission(text.revision):
        labels = [str(PostRevision._meta.get_field(name).verbose_name) for name in missing]
        return Refused("incomplete", missing=", ".join(labels), fields=missing)
    return None


def refuse_advance(actor: Any, text: Text) -> Refused | None:
    """Why `review.advance()` would refuse, but for the box."""
    if refusal := _refuse_place(text):
        return refusal
    step = step_from(text.stage, "advance")
    if step is None:
        return Refused("stage")
    if actor.role not in step.roles:
        return Refused("role")
    if actor.pk in (text.post.author_id, text.revision.author_id):
        return Refused("author")
    return review.gate(text.run, text.revision) if text.run else None


def refuse_send_back(actor: Any, text: Text) -> Refused | None:
    """Why `review.send_back()` would refuse, but for the reason."""
    if refusal := _refuse_place(text):
        return refusal
    if actor.role not in REVIEWER_ROLES:
        return Refused("role")
    return Refused("stage") if text.stage == WorkflowStage.DRAFT else None


def refuse_sign(actor: Any, text: Text) -> Refused | None:
    """Why `sign()` would refuse the actor's own signature, but for the statement."""
    if refusal := _refuse_place(text):
        return refusal
    kind_and_capacity = signs_as(actor)
    if kind_and_capacity is None:
        return Refused("role")
    kind, capacity = kind_and_capacity
    return (
        _refuse_capacity(actor, text, capacity)
        or _refuse_own(actor, text, kind)
        or _refuse_open_points(text, kind, capacity)
        or _refuse_second(actor, text, capacity)
    )


def refuse_withdraw(actor: Any, text: Text) -> Refused | None:
    """Why `withdraw()` would refuse, but for the reason. A second withdrawal in a row would end nothing."""
    if not has_capability(actor, "post.withdraw"):
        return Refused("role")
    return None if text.withdrawable else Refused("nothing_signed")


def _refuse_place(text: Text) -> Refused | None:
    if text.post.deleted_at is not None:
        return Refused("trashed")
    return Refused("stage") if text.run is None or text.stage == WorkflowStage.APPROVED else None


def _refuse_capacity(actor: Any, text: Text, capacity: Capacity) -> Refused | None:
    if capacity == Capacity.DECLARATION:
        if text.stage == WorkflowStage.DRAFT:
            return Refused("stage")
        return Refused("medical") if is_medical(text.revision) else None
    if text.stage != WorkflowStage.FINAL:
        return Refused("stage")
    if capacity == Capacity.PROFESSIONAL and not is_validated_professional(actor):
        return Refused("registry")
    return None


def _refuse_own(actor: Any, text: Text, kind: ApprovalKind) -> Refused | None:
    if kind == ApprovalKind.NON_MEDICAL and text.own_declaration_allowed:
        return None
    if text.revision.author_id == actor.pk:
        return Refused("author")
    return Refused("saved") if actor.pk in text.savers else None


def _refuse_open_points(text: Text, kind: str, capacity: Capacity) -> Refused | None:
    if text.run is None:
        return None
    return signing.open_points(text.run, text.revision, kind, capacity) or review.open_personal_data(
        text.run, text.revision
    )


def _refuse_second(actor: Any, text: Text, capacity: Capacity) -> Refused | None:
    signed = any(a.user_id == actor.pk or a.capacity == capacity for a in text.standing)
    return Refused("already_signed") if signed else None
