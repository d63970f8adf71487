"""What the panel beside the editor shows of a run, stored or not, and where its script finds each place.

The engine's offsets count characters of the HTML. The script sees the visual editor instead, so each place in the text
is given a second time in visible characters, blanks not counted: both sides can count those without a common markup.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from typing import Any

from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance import checks
from compliance.analyzers import packs
from compliance.analyzers.phi import TYPES, redaction
from compliance.analyzers.text import Extracted, extract
from compliance.enums import CheckResult, ClaimStatus
from compliance.models import WorkflowState
from content.models import PostRevision
from content.queries_findings import FIELDS, KINDS, ORDER, SEVERITIES, SURCHARGES
from content.services.review import missing_for_submission

LONGEST_QUOTE = 120  # characters
NEEDED = ("title", "content", "compliance_level", "medical_disclaimer")
CHECKED, NEVER, STALE, ERROR, TOO_LONG = "checked", "never", "stale", "error", "too_long"
# Blanks, control and invisible characters; `static/js/analysis.js` has the same list.
UNSEEN = re.compile(
    "[\u0000-\u0020\u007f-\u00a0\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]"
)
TAG_NAME = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)")

Place = tuple[str, int, int]
Record = dict[str, Any]


@dataclass
class Item:
    """One finding or claim. `places` are the engine's; nothing here holds a matched value."""

    kind: str  # phi, claim, rule
    key: str
    title: str
    severity: str = ""
    label: str | Promise = ""
    masked: str = ""
    quote: str = ""
    explanation: str = ""
    fix: str = ""
    source: str = ""
    where: str = ""
    placeholder: str = ""
    status: str = ""
    places: list[Place] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.places)


@dataclass(frozen=True)
class Point:
    """A line of the writer's checklist."""

    name: str
    label: str
    done: bool


@dataclass
class Panel:
    """Everything the fragment shows."""

    state: str
    score: dict[str, Any] | None = None
    passes: str = ""
    phi: list[Item] = field(default_factory=list)
    claims: list[Item] = field(default_factory=list)
    rules: list[Item] = field(default_factory=list)
    supported: int = 0  # claims that have a reference
    needed: list[Point] = field(default_factory=list)

    @property
    def known(self) -> bool:
        return self.state in (CHECKED, STALE)

    @property
    def items(self) -> list[Item]:
        return [*self.phi, *self.claims, *self.rules]

    @property
    def missing(self) -> int:
        return sum(not point.done for point in self.needed)

    @property
    def summary(self) -> str:
        """One line for the publish box and for screen readers."""
        if self.state == TOO_LONG:
            return _("Too long to be checked while writing.")
        if self.state == ERROR:
            return _("The text could not be checked.")
        if not self.known or self.score is None:
            return _("Not checked yet.")
        parts = [
            _("LGPD score %(value)s of 100") % {"value": self.score["value"]},
            ngettext("%(n)s personal datum", "%(n)s personal data", len(self.phi)) % {"n": len(self.phi)},
            ngettext("%(n)s claim to support", "%(n)s claims to support", len(self.claims)) % {"n": len(self.claims)},
            ngettext("%(n)s rule", "%(n)s rules", len(self.rules)) % {"n": len(self.rules)},
        ]
        return ", ".join(parts) + "."


# --- Building --------------------------------------------------------------------------------------------------------


def panel_of(run: WorkflowState | None, revision: PostRevision | None, fields: dict[str, str]) -> Panel:
    """The panel of a saved text from its run. `fields` names the checklist's fields as the form does."""
    validations = (run.compliance_validations if run else None) or {}
    state = _state(validations, revision)
    panel = Panel(state, needed=_needed(revision, fields))
    if panel.known:
        _fill(panel, run, sources_of_revision(revision) if state == CHECKED else {})
    return panel


def panel_of_values(
    run: WorkflowState, sources: dict[str, str], revision: PostRevision, fields: dict[str, str]
) -> Panel:
    """The panel of an unsaved text; `revision` holds its values and is never saved."""
    broken = (run.compliance_validations or {}).get("lgpd_check") == CheckResult.ERROR
    panel = Panel(ERROR if broken else CHECKED, needed=_needed(revision, fields))
    if not broken:
        _fill(panel, run, sources)
    return panel


def _state(validations: Record, revision: PostRevision | None) -> str:
    if revision is None or "findings" not in validations:
        return NEVER
    if validations.get("lgpd_check") == CheckResult.ERROR:
        return ERROR
    return CHECKED if checks.are_current(validations, revision.content_hash) else STALE


def sources_of_revision(revision: PostRevision | None) -> dict[str, str]:
    """The texts of a saved revision under the engine's names of fields."""
    if revision is None:
        return {}
    fields = {f"custom_fields.{name}": text for name, text in revision.custom_fields.items()}
    return {
        "title": revision.title or "",
        "content": revision.content or "",
        "excerpt": revision.excerpt or "",
        "disclaimer": revision.medical_disclaimer or "",
        "custom_fields.meta_description": revision.meta_description or "",
        **fields,
    }


def _fill(panel: Panel, run: WorkflowState, sources: dict[str, str]) -> None:
    validations = run.compliance_validations or {}
    found = sorted(checks.open_findings(validations), key=_rank)
    personal = [record for record in found if record["kind"] == "phi"]
    hidden = [(place, record) for record in personal for place in _places(record)]
    panel.phi = [_personal(record, sources) for record in personal]
    panel.rules = [_rule(record, sources, hidden) for record in found if record["kind"] == "rule"]
    panel.score = _score(validations.get("score"))
    panel.passes = _gate(validations)
    for key, record in (run.medical_claims or {}).items():
        if record.get("status") in (ClaimStatus.OPEN, ClaimStatus.REJECTED) and not record.get("gone"):
            panel.claims.append(_claim(key, record))
        elif record.get("status") in (ClaimStatus.LINKED, ClaimStatus.VALIDATED):
            panel.supported += 1


def _rank(record: Record) -> tuple[int, int, str]:
    severity = record["severity"]
    return (ORDER.index(severity) if severity in ORDER else len(ORDER), record.get("start", 0), record["id"])


def _places(record: Record) -> list[Place]:
    return [(name, start, end) for name, start, end in record.get("places", [])]


def _personal(record: Record, sources: dict[str, str]) -> Item:
    code = record["code"]
    placeholder = record.get("placeholder", "")
    for name, start, end in _places(record):  # a date keeps its year, wherever it is written out
        if code in TYPES and (short := redaction(code, sources.get(name, "")[start:end])) != TYPES[code].placeholder:
            placeholder = short
            break
    return Item(
        kind="phi",
        key=record["id"],
        title=TYPES[code].label if code in TYPES else code,
        severity=record["severity"],
        label=SEVERITIES.get(record["severity"], record["severity"]),
        masked=record.get("masked", ""),
        explanation=record.get("explanation", ""),
        fix=f"Troque por {placeholder} ou retire o trecho." if placeholder else record.get("fix", ""),
        source=record.get("source", ""),
        where=_where(record),
        placeholder=placeholder,
        places=_places(record),
    )


def _rule(record: Record, sources: dict[str, str], hidden: list[tuple[Place, Record]]) -> Item:
    places = _places(record)
    return Item(
        kind="rule",
        key=record["id"],
        title=_rule_titles().get(record["code"], record["code"]),
        severity=record["severity"],
        label=SEVERITIES.get(record["severity"], record["severity"]),
        quote=_quote(places[0], sources, hidden) if places else "",
        explanation=record.get("explanation", ""),
        fix=record.get("fix", ""),
        source=record.get("source", ""),
        where=_where(record),
        status=record["code"],
        places=places,
    )


@cache
def _rule_titles() -> dict[str, str]:
    return {rule.code: rule.title for rule in packs.load().rules}


def _quote(place: Place, sources: dict[str, str], hidden: list[tuple[Place, Record]]) -> str:
    """The passage, with every identifier in it replaced."""
    name, start, end = place
    source, out, position = sources.get(name, ""), [], start
    inside = sorted((first, last, record) for (field_, first, last), record in hidden if field_ == name)
    for first, last, record in inside:
        if last <= position or first >= end:
            continue
        out += [source[position : max(first, position)], record.get("placeholder") or "[…]"]
        position = last
    out.append(source[position:end])
    text = "".join(out)
    return Truncator(strip_tags(text) if name == "content" else text).chars(LONGEST_QUOTE)


def _claim(key: str, record: Record) -> Item:
    place = (record.get("field", "content").partition("#")[0], record.get("start", 0), record.get("end", 0))
    return Item(
        kind="claim",
        key=key,
        title=", ".join(str(KINDS.get(kind, kind)) for kind in record.get("kind", [])),
        quote=Truncator(record.get("text", "")).chars(LONGEST_QUOTE),
        where=_where({"field": place[0]}),
        status=str(record.get("status")),
        places=[place],
    )


def _where(record: Record) -> str:
    names = {place[0] for place in record.get("places", [])} or {record.get("field", "")}
    custom = "custom_fields."
    return ", ".join(str(FIELDS.get(name, name.removeprefix(custom).partition("#")[0])) for name in sorted(names))


def _score(score: Record | None) -> dict[str, Any] | None:
    if not score:
        return None
    rows = [
        {
            "title": TYPES[row["type"]].label if row["type"] in TYPES else SURCHARGES.get(row["type"], row["type"]),
            **{name: row[name] for name in ("masked", "points", "reason", "base", "factor")},
            "sure": round(row["confidence"] * 100),
        }
        for row in score["rows"]
    ]
    return {"value": score["value"], "points": score["points"], "capped": score["capped"], "rows": rows}


def _gate(validations: Record) -> str:
    """What the score means for S.2.1, in a sentence (domain rules 2.5)."""
    door = validations.get("lgpd_gate") or {}
    result = door.get("result")
    if result == CheckResult.FAILED and door.get("hard"):
        return _("Blocks the privacy check: only the compliance officer could let it pass.")
    if result == CheckResult.FAILED:
        return _("Does not pass the privacy check yet.")
    if result == CheckResult.PASSED_WITH_WARNINGS:
        return _("Passes the privacy check with warnings.")
    return _("Passes the privacy check.") if result else ""


def _needed(revision: PostRevision | None, fields: dict[str, str]) -> list[Point]:
    """What S.1.1 → S.2.1 needs. The disclaimer is a point of its own only where the level asks for one."""
    missing = set(missing_for_submission(revision) if revision else NEEDED[:3])
    names = [name for name in NEEDED if name != "medical_disclaimer" or name in missing]
    return [Point(name, fields.get(name, name), name not in missing) for name in names]


# --- Places for the script -------------------------------------------------------------------------------------------


class Locator:
    """Translates the engine's places into places of the form."""

    def __init__(self, sources: dict[str, str], inputs: dict[str, str]) -> None:
        """`inputs`: name of the engine's field → name of the input."""
        self.inputs = inputs
        self.html = sources.get("content", "")
        self.extracted: Extracted = extract(self.html)
        self.seen = [0, *accumulate(0 if UNSEEN.match(char) else 1 for char in self.extracted.text)]

    @property
    def total(self) -> int:
        """Visible characters of the text: the script compares it with its own count."""
        return self.seen[-1]

    def locate(self, places: Iterable[Place]) -> list[dict[str, Any]]:
        found = []
        for name, start, end in places:
            if name not in self.inputs:
                continue
            place: dict[str, Any] = {"input": self.inputs[name], "start": start, "end": end}
            found.append({**place, **self._in_text(start, end)} if name == "content" else place)
        return found

    def _in_text(self, start: int, end: int) -> dict[str, Any]:
        origin = self.extracted.origin
        first, last = bisect_left(origin, start), bisect_left(origin, end)
        if self.seen[first] < self.seen[last]:
            return {"from": self.seen[first], "to": self.seen[last]}
        opening = self.html.rfind("<", 0, start + 1)
        match = TAG_NAME.match(self.html, opening) if opening >= 0 else None
        if match is None:
            return {}
        tag = match[1].lower()
        before = re.findall(rf"<{tag}(?=[\s/>])", self.html[:opening], re.IGNORECASE)
        return {"element": tag, "number": len(before), "attribute": self._attribute(opening, start)}

    def _attribute(self, opening: int, start: int) -> str:
        """Name of the attribute whose value has the place."""
        head = self.html[opening:start]
        names = re.findall(r"""\s([a-z-]{1,20})\s{0,5}=""", head[-400:], re.IGNORECASE)
        return names[-1].lower() if names else ""


def places_of(panel: Panel, locator: Locator) -> list[dict[str, Any]]:
    """One entry per item in the order of the fragment."""
    return [
        {"kind": item.kind, "key": item.key, "placeholder": item.placeholder, "places": locator.locate(item.places)}
        for item in panel.items
    ]
