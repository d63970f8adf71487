"""How the PDF dossier says what the data structure keeps as codes."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Role
from compliance.enums import (
    ApprovalAction,
    ApprovalKind,
    AttentionKind,
    AuditOperation,
    Capacity,
    CheckResult,
    ClaimStatus,
    FindingStatus,
    PolicyDecision,
    WorkflowStage,
)
from compliance.policy import has_capability
from content.enums import ComplianceLevel, MedicalCategory, PostStatus
from content.models import Post
from content.queries_review import CHECK_LABELS

register = template.Library()
LISTS: dict[str, Any] = {
    "action": ApprovalAction,
    "attention": AttentionKind,
    "capacity": Capacity,
    "category": MedicalCategory,
    "check_result": CheckResult,
    "claim": ClaimStatus,
    "decision": PolicyDecision,
    "finding": FindingStatus,
    "kind": ApprovalKind,
    "level": ComplianceLevel,
    "operation": AuditOperation,
    "role": Role,
    "stage": WorkflowStage,
    "status": PostStatus,
}
# Hashed values that are not columns of a post.
CHANGED = {
    "category_ids": gettext_lazy("categories"),
    "custom_fields": gettext_lazy("custom fields"),
    "scientific_references": gettext_lazy("references"),
    "media_ids": gettext_lazy("media"),
    "author_id": gettext_lazy("author"),
    "category_id": gettext_lazy("primary category"),
}
SEVERITIES = {"block": gettext_lazy("blocks"), "warn": gettext_lazy("warns"), "info": gettext_lazy("informs")}


@register.filter
def named(code: Any, kind: str) -> str:
    """The label of a code; the code itself where the list has none."""
    choices = LISTS[kind]
    return str(choices(code).label) if code in choices.values else str(code or "–")


@register.filter
def field_names(names: list[str]) -> str:
    """Columns as people call them."""
    return ", ".join(str(CHANGED.get(name) or Post._meta.get_field(name).verbose_name) for name in names)


@register.filter
def check_name(code: str) -> str:
    """A check as the review page calls it."""
    return str(CHECK_LABELS.get(code, code))


@register.filter
def severity(code: str | None) -> str:
    """How much a finding weighs; personal data has grades of its own."""
    return str(SEVERITIES.get(code or "", code or ""))


@register.filter
def person(name: str) -> str:
    """A person's name; jobs have none."""
    return _("System") if name == "system" else name


@register.filter
def holds(user: Any, capability: str) -> bool:
    """May this person have the dossier, see the numbers…?"""
    return has_capability(user, capability)


@register.filter
def moment(text: str | None) -> str:
    """A stored time on the clinic's clock, to the second; a stored day as a day."""
    if not text:
        return "–"
    found: datetime | date | None = parse_datetime(text) if "T" in text else parse_date(text)
    if isinstance(found, datetime):
        return f"{date_format(localtime(found), 'SHORT_DATE_FORMAT')} {date_format(localtime(found), 'H:i:s')}"
    return date_format(found, "SHORT_DATE_FORMAT") if found else text


@register.filter
def flat(value: Any) -> str:
    """JSON on one line."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {flat(each)}" for name, each in value.items() if each not in (None, "", [], {}))
    if isinstance(value, list):
        return ", ".join(flat(each) for each in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)


@register.filter
def extracts(dossier: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The two lists of the trail under their names; an empty one is left out."""
    parts = [(_("Changes and decisions"), "entries"), (_("Readings and exports"), "reads")]
    return [(title, dossier["audit"][key]) for title, key in parts if dossier["audit"][key]]
