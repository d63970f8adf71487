"""What a text still needs to pass its stage: one list, from the questions that the services and the database ask.

`tests/content/test_review_findings.py` holds it together with `review.gate()` and `signing.open_points()`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from compliance import checks
from compliance.enums import WorkflowStage
from content.enums import ComplianceLevel
from content.queries_review import Slot, Text
from content.services.review import missing_for_submission


@dataclass(frozen=True)
class Point:
    """One condition. `code` is the refusal that it stands for; `href` where on the page it is met."""

    code: str
    label: str | Promise
    done: bool
    detail: str = ""
    href: str = ""


COMPLETE = {
    "title": gettext_lazy("The text has a title."),
    "content": gettext_lazy("The text has content."),
    "compliance_level": gettext_lazy("A compliance level is chosen."),
    "medical_disclaimer": gettext_lazy("A medical disclaimer is there where the level needs one."),
}


def checklist(text: Text, slots: list[Slot]) -> list[Point]:
    """The conditions of the text's stage, met or not."""
    if text.run is None or text.stage == WorkflowStage.APPROVED:
        return []
    if text.stage == WorkflowStage.DRAFT:
        missing = missing_for_submission(text.revision)
        return [Point("incomplete", label, name not in missing) for name, label in COMPLETE.items()]
    points = [_current(text)]
    if text.stage == WorkflowStage.FINAL:
        return [*points, _blocks(text), _claims(text), *_results(text), _warnings(text), *_signatures(slots)]
    points.append(_personal(text))
    return [*points, _claims(text)] if text.stage == WorkflowStage.EVIDENCE else points


def _current(text: Text) -> Point:
    assert text.run is not None
    done = checks.are_current(text.validations, text.run.content_hash)
    return Point("checks", _("The automatic checks are about exactly this wording."), done, href="#rv-checks")


def _personal(text: Text) -> Point:
    found = checks.open_findings(text.validations, kind="phi")
    shown_only = text.revision.compliance_level == ComplianceLevel.PHI
    label = _("Each finding of personal data is closed, or gone from the text.")
    return Point("lgpd", label, shown_only or not found, _still_open(len(found)), "#rv-findings")


def _claims(text: Text) -> Point:
    assert text.run is not None
    missing = [each for each in (text.run.medical_claims or {}).values() if not checks.claim_stands(each)]
    label = _("Each claim has evidence that a medical reviewer accepted.")
    return Point("claims", label, not missing, _still_open(len(missing)), "#rv-claims")


def _blocks(text: Text) -> Point:
    found = checks.open_findings(text.validations, severities=["block"])
    label = _("No blocking rule is broken, or two people have waived it.")
    return Point("findings", label, not found, _still_open(len(found)), "#rv-findings")


def _warnings(text: Text) -> Point:
    found = checks.open_findings(text.validations, kind="rule", severities=["warn"])
    label = _("The compliance officer has closed each warning with a reason.")
    return Point("warnings", label, not found, _still_open(len(found)), "#rv-findings")


def _results(text: Text) -> list[Point]:
    """Personal data, seen from the end: closed at its stage, but a finding may have been opened again."""
    done = text.validations.get("lgpd_check") in checks.PASSING
    return [] if done else [Point("checks", _("The privacy check has passed."), done, href="#rv-findings")]


def _signatures(slots: list[Slot]) -> list[Point]:
    return [
        Point("signature", _("Signed: %(capacity)s.") % {"capacity": slot.capacity.label}, slot.approval is not None)
        for slot in slots
        if slot.required
    ]


def _still_open(number: int) -> str:
    return ngettext("%(number)s still open", "%(number)s still open", number) % {"number": number} if number else ""
