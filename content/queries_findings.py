"""What the review page shows of findings, score, claims and references, and where each stands in the text.

Everything comes from the run that `find_text()` has fetched; one query looks up the library, one the suggestions.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from compliance import checks, evidence
from compliance.analyzers import packs
from compliance.analyzers.phi import TYPES
from compliance.analyzers.text import extract
from compliance.enums import CheckResult, ClaimStatus, FindingStatus, WorkflowStage
from compliance.errors import Refused
from compliance.policy import has_capability
from content import markers
from content.marks import Marked, Span, mark_html, mark_text
from content.queries_references import entries
from content.queries_review import Text
from content.sanitize import clean_html
from content.services import claims as claim_services
from content.services.findings import IN_REVIEW, consent_helps, may_close, stops

MOST_FLAGS = 20  # numbers in the text per finding; the marks go on
SEVERITIES = {
    "S4": gettext_lazy("unique identifier"),
    "S3": gettext_lazy("direct identifier"),
    "S2": gettext_lazy("indirect identifier"),
    "S1": gettext_lazy("hint"),
    "block": pgettext_lazy("severity", "blocks"),
    "warn": pgettext_lazy("severity", "warning"),
    "info": pgettext_lazy("severity", "information"),
}
ORDER = list(SEVERITIES)
KINDS = {
    "effect": pgettext_lazy("claim", "effect"),
    "quantitative": pgettext_lazy("claim", "numbers"),
    "comparative": pgettext_lazy("claim", "comparison"),
    "absolute": pgettext_lazy("claim", "absolute"),
    "harm": pgettext_lazy("claim", "harm"),
    "negative": pgettext_lazy("claim", "no effect"),
}
FIELDS = {
    "title": gettext_lazy("title"),
    "content": gettext_lazy("text"),
    "excerpt": gettext_lazy("summary"),
    "disclaimer": gettext_lazy("medical disclaimer"),
    "": gettext_lazy("the article as a whole"),
}
MARKED_FIELDS = ("title", "content", "excerpt", "disclaimer")


# --- Findings --------------------------------------------------------------------------------------------------------


@dataclass
class FindingRow:
    """One finding as the page lists it. `number` stands beside it in the text, too."""

    number: int
    record: dict[str, Any]
    title: str
    severity: str | Promise
    status: FindingStatus
    is_open: bool
    places: int
    where: str
    closer: str = ""
    confirmer: str = ""
    closed_at: datetime | None = None
    choices: list[tuple[str, str | Promise]] = field(default_factory=list)
    why_not: Refused | None = None
    may_confirm: bool = False
    may_reopen: bool = False
    in_text: bool = False
    form: str = ""  # its HTML, made by the view

    @property
    def key(self) -> str:
        return str(self.record["id"])


@dataclass
class Findings:
    """All findings: those of personal data, those of rules, and those that the text no longer has."""

    phi: list[FindingRow]
    rules: list[FindingRow]
    gone: list[FindingRow]
    refusal: Refused | None  # why nobody, or not this person, closes any

    @property
    def open(self) -> int:
        return sum(row.is_open for row in (*self.phi, *self.rules))

    @property
    def present(self) -> list[FindingRow]:
        return [*self.phi, *self.rules]


def findings_of(text: Text, actor: Any) -> Findings:
    """Open ones first, the gravest on top."""
    refusal = refuse_findings(text, actor)
    records = sorted(text.validations.get("findings", []), key=_rank)
    rows = [
        _finding_row(text, actor, record, number, locked=refusal is not None)
        for number, record in enumerate(records, 1)
    ]
    return Findings(
        phi=[row for row in rows if row.record["kind"] == "phi" and not row.record.get("gone")],
        rules=[row for row in rows if row.record["kind"] == "rule" and not row.record.get("gone")],
        gone=[row for row in rows if row.record.get("gone")],
        refusal=refusal,
    )


def _rank(record: dict[str, Any]) -> tuple:
    severity = record["severity"]
    return (
        bool(record.get("gone")),
        record["kind"] != "phi",
        not checks.is_open(record),
        ORDER.index(severity) if severity in ORDER else len(ORDER),
        record.get("start", 0),
        record["id"],
    )


def refuse_findings(text: Text, actor: Any) -> Refused | None:
    """Why `findings.close()` would refuse this person whatever the finding is."""
    if text.run is None or text.stage not in IN_REVIEW:
        return Refused("stage")
    if actor.pk in (text.post.author_id, text.revision.author_id):
        return Refused("author")
    if not checks.are_current(text.validations, text.run.content_hash):
        return Refused("checks")
    return None


def _finding_row(text: Text, actor: Any, record: dict[str, Any], number: int, *, locked: bool) -> FindingRow:
    status = FindingStatus(record.get("status", FindingStatus.OPEN))
    row = FindingRow(
        number=number,
        record=record,
        title=_finding_title(record),
        severity=SEVERITIES.get(record["severity"], record["severity"]),
        status=status,
        is_open=checks.is_open(record),
        places=len(record.get("places", [])),
        where=_where({place[0] for place in record.get("places", [])} or {record.get("field", "")}),
    )
    if record.get("closed_by"):
        row.closer, row.closed_at = text.name(record["closed_by"]), parse_datetime(record.get("closed_at") or "")
    if record.get("confirmed_by"):
        row.confirmer = text.name(record["confirmed_by"])
    if locked or record.get("gone"):
        return row
    allowed = may_close(actor, record, text.validations)
    saved = actor.pk in text.savers
    if row.is_open and allowed:
        row.choices = _choices(record, text.validations, own=saved and stops(record))
        row.why_not = Refused("saved") if saved and stops(record) else None
    elif row.is_open:
        row.why_not = Refused("role")
    waits = status == FindingStatus.WAIVER_REQUESTED
    other = record.get("closed_by") != str(actor.pk) and not saved
    row.may_confirm = waits and other and has_capability(actor, "review.confirm_waiver")
    row.may_reopen = allowed and status != FindingStatus.OPEN
    return row


def _finding_title(record: dict[str, Any]) -> str:
    code = record["code"]
    if record["kind"] == "phi":
        return TYPES[code].label if code in TYPES else code
    return _rule_titles().get(code, code)


@cache
def _rule_titles() -> dict[str, str]:
    return {rule.code: rule.title for rule in packs.load().rules}


def _where(fields: Iterable[str]) -> str:
    names = []
    for name in sorted(fields):
        custom = name.partition("custom_fields.")[2]
        names.append(custom or str(FIELDS.get(name.partition(".")[0], name)))
    return ", ".join(names)


def _choices(
    record: dict[str, Any], validations: dict[str, Any], *, own: bool = False
) -> list[tuple[str, str | Promise]]:
    """`own`: of somebody with a hand in the wording, who may only ask for a waiver that another person confirms."""
    choices: list[tuple[str, str | Promise]] = []
    two = checks.needs_two(record, validations)
    if not own:
        choices.append((FindingStatus.FALSE_POSITIVE, FindingStatus.FALSE_POSITIVE.label))
    if not own and consent_helps(record):
        choices.append((FindingStatus.ACCEPTED_WITH_CONSENT, FindingStatus.ACCEPTED_WITH_CONSENT.label))
    if record.get("status") != FindingStatus.WAIVER_REQUESTED and (two or not own):
        label = _("Waive (a second person confirms)") if two else _("Waive")
        choices.append((FindingStatus.WAIVED, label))
    return choices


@dataclass(frozen=True)
class ScoreRow:
    """One line of the LGPD score."""

    title: str
    masked: str
    confidence: int
    base: int
    factor: float
    points: int
    reason: str


def why_not_current(text: Text) -> str | Promise:
    """Why the results say nothing about this wording; empty when they do."""
    if text.run is None or checks.are_current(text.validations, text.run.content_hash):
        return ""
    results = {text.validations.get(name) for name in checks.NAMES}
    if CheckResult.ERROR in results:
        return _("The automatic checks broke off. Nothing passes until they have run.")
    if CheckResult.PENDING in results or None in results:
        return _("The automatic checks have not run on this text yet.")
    return _("These results are not about exactly this wording.")


def score_of(text: Text) -> dict[str, Any] | None:
    """The score with rows that sum to 100 − score, or the note that it stops at 0."""
    score = text.validations.get("score")
    if not score:
        return None
    rows = [
        ScoreRow(
            title=TYPES[row["type"]].label if row["type"] in TYPES else SURCHARGES.get(row["type"], row["type"]),
            masked=row["masked"],
            confidence=round(row["confidence"] * 100),
            base=row["base"],
            factor=row["factor"],
            points=row["points"],
            reason=row["reason"],
        )
        for row in score["rows"]
    ]
    return {"value": score["value"], "points": score["points"], "capped": score["capped"], "rows": rows}


SURCHARGES = {
    "health_link": gettext_lazy("Identifier beside a health term"),
    "minor": gettext_lazy("Identifier of a minor"),
}


# --- Claims ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decided:
    """One line of a claim's history."""

    status: ClaimStatus
    name: str
    at: datetime | None
    references: list[str]
    level: str
    note: str


@dataclass
class ClaimRow:
    """One claim as the page lists it."""

    number: int
    key: str
    record: dict[str, Any]
    status: ClaimStatus
    stands: bool
    kinds: str
    where: str
    level: str
    weak: bool
    works: list[dict[str, Any]]
    validator: str
    validated_at: datetime | None
    history: list[Decided]
    suggestions: list[dict[str, Any]]
    options: list[tuple[str, str, bool]] = field(default_factory=list)  # identifier, citation, linked
    may_link: bool = False
    may_decide: bool = False
    in_text: bool = False

    @property
    def chosen(self) -> str:
        """Scale and level as the form's value."""
        scale = self.record.get("evidence_scale") or evidence.Scale.OCEBM2011
        return f"{scale}:{self.record.get('evidence_level') or ''}"


@dataclass
class Claims:
    """All claims, and why nobody, or not this person, decides any."""

    rows: list[ClaimRow]
    refusal: Refused | None

    @property
    def open(self) -> int:
        return sum(not row.stands for row in self.rows)


def claims_of(text: Text, actor: Any, works: list[dict[str, Any]], *, first: int = 1) -> Claims:
    """Claims in the order of the text; `first` is the number that the first one gets there."""
    records = (text.run.medical_claims or {}) if text.run else {}
    ordered = sorted(records.items(), key=lambda each: (each[1].get("field") != "title", each[1].get("start", 0)))
    refusal = refuse_decisions(text, actor)
    options = _options(works)
    linker = text.run is not None and claim_services.may_link(
        actor, text.run, authors=(text.post.author_id, text.revision.author_id)
    )
    undecided = [
        record["text_hash"] for _key, record in ordered if record["status"] in (ClaimStatus.OPEN, ClaimStatus.LINKED)
    ]
    # Only who can take a suggestion up is shown one, and only then it is looked for.
    suggested = claim_services.suggestions_for(text.post, undecided) if linker else {}
    rows = []
    for number, (key, record) in enumerate(ordered, first):
        row = _claim_row(text, key, record, number, options, suggested.get(record["text_hash"], []))
        decided = row.status not in (ClaimStatus.OPEN, ClaimStatus.LINKED)
        row.may_decide = refusal is None
        row.may_link = linker and (not decided or row.may_decide)
        linked = claim_services.valid_identifiers(record.get("references", []))
        if row.may_link:
            row.options = [(identifier, shown, identifier.lower() in linked) for identifier, shown in options]
        rows.append(row)
    return Claims(rows, refusal)


def refuse_decisions(text: Text, actor: Any) -> Refused | None:
    """Why `claims.decide()` would refuse this person whatever the claim is."""
    if text.run is None or text.stage != WorkflowStage.EVIDENCE:
        return Refused("stage")
    if not checks.are_current(text.validations, text.run.content_hash):
        return Refused("checks")
    if not has_capability(actor, "review.evidence"):
        return Refused("role")
    if actor.pk in (text.post.author_id, text.revision.author_id):
        return Refused("author")
    return Refused("saved") if actor.pk in text.savers else None


def _options(works: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Identifiers that a claim may be linked to, each with its number and citation."""
    found: dict[str, str] = {}
    for work in works:
        for identifier in work["identifiers"]:
            mark = f" ({_('retracted')})" if work["retracted"] else ""
            found.setdefault(identifier, f"[{work['number']}] {work['text'] or work['id']}{mark}")
    return list(found.items())


def _claim_row(
    text: Text,
    key: str,
    record: dict[str, Any],
    number: int,
    options: list[tuple[str, str]],
    suggested: list[dict[str, Any]],
) -> ClaimRow:
    shown = {identifier.lower(): citation for identifier, citation in options}
    scale, level = record.get("evidence_scale"), record.get("evidence_level")
    return ClaimRow(
        number=number,
        key=key,
        record=record,
        status=ClaimStatus(record.get("status", ClaimStatus.OPEN)),
        stands=checks.claim_stands(record),
        kinds=", ".join(str(KINDS.get(kind, kind)) for kind in record.get("kind", [])),
        where=_where([record.get("field", "content").partition("#")[0]]),
        level=evidence.label(scale, level),
        weak=text.revision.compliance_level == "public" and evidence.is_weak(scale, level),
        works=[{"id": each, "text": shown.get(each.lower(), each)} for each in record.get("references", [])],
        validator=text.name(record["validated_by"]) if record.get("validated_by") else "",
        validated_at=parse_datetime(record.get("validated_at") or ""),
        history=[_decided(text, entry) for entry in reversed(record.get("history", []))],
        suggestions=[
            {
                **each,
                "level": evidence.label(each["evidence_scale"], each["evidence_level"]),
                "value": f"{each['evidence_scale']}:{each['evidence_level'] or ''}",
                "known": all(identifier.lower() in shown for identifier in each["references"]),
            }
            for each in suggested
        ],
    )


def _decided(text: Text, entry: dict[str, Any]) -> Decided:
    return Decided(
        status=ClaimStatus(entry["status"]),
        name=text.name(entry.get("by")),
        at=parse_datetime(entry.get("at") or ""),
        references=entry.get("references", []),
        level=evidence.label(entry.get("evidence_scale"), entry.get("evidence_level")),
        note=entry.get("note", ""),
    )


def levels() -> list[tuple[str, list[tuple[str, str]]]]:
    """Scales with their levels, as the groups of a list of choices."""
    return [
        (
            str(scale.label),
            [
                (f"{scale.value}:{level}", evidence.label(scale, level) or _("no level"))
                for level in evidence.LEVELS[scale]
            ],
        )
        for scale in evidence.Scale
    ]


# --- References ------------------------------------------------------------------------------------------------------


def works_of(text: Text) -> list[dict[str, Any]]:
    """The list of references as readers will see it, each with how many claims rest on it."""
    found = entries([str(entry) for entry in text.revision.scientific_references])
    records = (text.run.medical_claims or {}).values() if text.run else []
    uses = Counter(each.lower() for record in records for each in record.get("references", []))
    return [
        {
            **work,
            "number": number,
            "identifiers": list(claim_services.valid_identifiers([work["id"]]).values()),
            "claims": sum(uses[key.lower()] for key in {work["id"], *markers.keys_of(work["id"])}),
        }
        for number, work in enumerate(found, 1)
    ]


# --- The text with its marks -----------------------------------------------------------------------------------------


@dataclass
class Wording:
    """The fields of the article as HTML, marked where the findings and claims are."""

    title: SafeString
    excerpt: SafeString
    body: SafeString
    disclaimer: SafeString


def wording_of(
    text: Text,
    found: Findings | None = None,
    claims: Claims | None = None,
    others: dict[str, list[Span]] | None = None,
) -> Wording:
    """The article as readers will see it, sanitised once more; results about another wording leave no marks.

    `others`: spans of this wording by field, beside those of findings and claims.
    """
    revision = text.revision
    about_this = text.validations.get("content_hash") == revision.content_hash
    spans = _spans(found, claims) if about_this else {}
    for name, more in (others or {}).items():
        spans.setdefault(name, []).extend(more)
    sources = {
        "title": revision.title,
        "excerpt": revision.excerpt or "",
        "disclaimer": revision.medical_disclaimer or "",
    }
    marked = {name: mark_text(source or "", spans.get(name, [])) for name, source in sources.items()}
    marked["content"] = _marked_body(revision.content or "", spans.get("content", []))
    anchors = set().union(*(each.anchors for each in marked.values()))
    for finding in found.present if found else []:
        finding.in_text = f"f:{finding.key}" in anchors
    for claim in claims.rows if claims else []:
        claim.in_text = f"f:{claim.key}" in anchors
    return Wording(marked["title"].html, marked["excerpt"].html, marked["content"].html, marked["disclaimer"].html)


def _marked_body(source: str, spans: list[Span]) -> Marked:
    """Offsets count in what is stored. Where cleaning it again changes it, they are carried over by the text."""
    html = clean_html(source)
    if html == source or not spans:
        return mark_html(html, spans)
    before, after = extract(source), extract(html)
    if before.text != after.text:
        return mark_html(html, [])
    moved = []
    for span in spans:
        first, last = bisect_left(before.origin, span.start), bisect_left(before.origin, span.end)
        if first < last:
            start, end = after.to_source(first, last)
            moved.append(Span(start, end, span.key, span.anchor, span.css, span.after))
    return mark_html(html, moved)


def _spans(found: Findings | None, claims: Claims | None) -> dict[str, list[Span]]:
    """Spans by field. Claims come first: they are the longer ones."""
    spans: dict[str, list[Span]] = {}
    for claim in claims.rows if claims else []:
        record = claim.record
        css = "rv-mark rv-claim" + (" rv-closed" if claim.stands else "")
        label = _("Claim %(number)s") % {"number": claim.number}
        flag = _flag(claim.key, "claim", claim.number, f"{label}: {claim.status.label}")
        _add(spans, record.get("field", "content"), record["start"], record["end"], claim.key, css, flag)
    for row in found.present if found else []:
        css = f"rv-mark rv-{row.record['severity']}" + ("" if row.is_open else " rv-closed")
        label = _("Finding %(number)s") % {"number": row.number}
        flag = _flag(row.key, "finding", row.number, f"{label}: {row.title}")
        for place, (name, start, end) in enumerate(row.record.get("places", [])):
            _add(spans, name, start, end, row.key, css, flag if place < MOST_FLAGS else "")
    return spans


def _add(spans: dict[str, list[Span]], name: str, start: int, end: int, key: str, css: str, flag: str) -> None:
    name = name.partition("#")[0]
    if name in MARKED_FIELDS:
        spans.setdefault(name, []).append(Span(start, end, key, f"f:{key}", css, flag))


def _flag(key: str, kind: str, number: int, label: str) -> str:
    """The number behind a passage; it leads to what is said about it."""
    return format_html(
        '<a class="rv-flag rv-flag-{}" href="#{}:{}" aria-label="{}">{}</a>', kind, kind, key, label, number
    )
