"""Compares the engine with labelled texts (domain 2.7): recall, precision, F1, false alarms, speed. Pure; reads no files."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from . import Analysis, analyze, document_of_text, packs
from .phi import TYPES

MIN_OVERLAP = 0.5
MEASURED_FROM = 20  # a type with fewer examples is "not measured"

Span = tuple[str, int, int]


class BadExample(ValueError):
    """A line of the labelled file that does not follow the format."""


@dataclass
class Counts:
    expected: int = 0
    found: int = 0
    extra: int = 0

    @property
    def recall(self) -> float | None:
        return self.found / self.expected if self.expected else None

    @property
    def precision(self) -> float | None:
        return self.found / (self.found + self.extra) if self.found + self.extra else None

    @property
    def f1(self) -> float | None:
        total = 2 * self.found + self.extra + (self.expected - self.found)
        return 2 * self.found / total if total else None

    def as_json(self) -> dict[str, object]:
        numbers = {name: None if value is None else round(value, 4) for name, value in (
            ("recall", self.recall), ("precision", self.precision), ("f1", self.f1))}  # fmt: skip
        return {"expected": self.expected, "found": self.found, "extra": self.extra, **numbers,
                "measured": self.expected >= MEASURED_FROM}  # fmt: skip


@dataclass
class Report:
    groups: dict[str, dict[str, Counts]] = field(
        default_factory=lambda: {g: defaultdict(Counts) for g in ("phi", "claims", "rules")}
    )
    totals: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    texts: int = 0
    negatives: int = 0
    alarmed: int = 0
    characters: int = 0
    seconds: float = 0.0
    mistakes: list[dict[str, object]] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        return {
            "texts": self.texts,
            "groups": {g: {name: c.as_json() for name, c in sorted(types.items())} for g, types in self.groups.items()},
            "totals": {name: counts.as_json() for name, counts in self.totals.items()},
            "negatives": {"texts": self.negatives, "with_finding": self.alarmed,
                          "rate": round(self.alarmed / self.negatives, 4) if self.negatives else None},
            "characters": self.characters,
            "ms_per_1000_characters": round(self.seconds * 1e6 / self.characters, 3) if self.characters else None,
        }  # fmt: skip


def read(lines: Iterable[str]) -> Iterator[dict]:
    """Labelled texts of a JSON-lines file; spans as offsets, whatever form the label has."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            expected = record.get("expected", {})
            text = record["text"]
            record["spans"] = {
                "phi": [(item["type"], *_span(text, item)) for item in expected.get("phi", [])],
                "claims": [("claim", *_span(text, item)) for item in expected.get("claims", [])],
            }
            record["rules"] = list(expected.get("rules", []))
        except (ValueError, KeyError, TypeError) as error:
            raise BadExample(f"Line {number}: {error!r}") from error
        yield record


def _span(text: str, item: dict | str) -> tuple[int, int]:
    if isinstance(item, dict) and "start" in item:
        return int(item["start"]), int(item["end"])
    sample = item if isinstance(item, str) else item.get("span_text") or item["text"]
    start = text.find(sample)
    if start < 0:
        raise ValueError(f"the labelled span does not occur in the text: {sample[:40]!r}")
    return start, start + len(sample)


def predict(record: dict) -> dict[str, object]:
    """The exported form of one text: the first mention of each distinct value, offsets in characters of ``text``."""
    return prediction(str(record["id"]), analyze(document_of_text(record["text"], record.get("lang", "pt"))))


def prediction(identifier: str, analysis: Analysis) -> dict[str, object]:
    return {
        "id": identifier,
        "phi": [
            {"type": f.code, "start": f.start, "end": f.end, "confidence": round(f.confidence, 2)}
            for f in analysis.phi
        ],
        "claims": [{"start": claim.start, "end": claim.end} for claim in analysis.claims],
        "rules": [f.code for f in analysis.rules if f.severity != "info"],
    }


def evaluate(records: Iterable[dict]) -> Report:
    report = Report()
    packs.load()  # reading the packs is not part of the speed
    for record in records:
        began = time.perf_counter()
        predicted = predict(record)
        report.seconds += time.perf_counter() - began
        report.characters += len(record["text"])
        report.texts += 1
        _count(report, record, predicted)
    return report


def _count(report: Report, record: dict, predicted: dict) -> None:
    phi = [(p["type"], p["start"], p["end"]) for p in predicted["phi"] if p["end"] > p["start"]]
    claims = [("claim", c["start"], c["end"]) for c in predicted["claims"]]
    mistakes = {
        "phi": _compare(report, "phi", record["spans"]["phi"], phi),
        "claims": _compare(report, "claims", record["spans"]["claims"], claims),
        "rules": _compare_rules(report, record["rules"], predicted["rules"]),
    }
    if not (record["spans"]["phi"] or record["spans"]["claims"] or record["rules"]):
        report.negatives += 1
        report.alarmed += bool(predicted["phi"] or claims or predicted["rules"])
    if any(missed or extra for missed, extra in mistakes.values()):
        report.mistakes.append(
            {"id": record["id"], **{k: {"missed": m, "extra": e} for k, (m, e) in mistakes.items() if m or e}}
        )


def _compare(report: Report, group: str, expected: list[Span], predicted: list[Span]) -> tuple[list[Span], list[Span]]:
    rest = list(predicted)
    missed = []
    for span in expected:
        best = max(rest, key=lambda other: overlap(span, other), default=None)
        hit = best is not None and overlap(span, best) >= MIN_OVERLAP
        for counts in _counts(report, group, span[0]):
            counts.expected += 1
            counts.found += hit
        if hit:
            rest.remove(best)
        else:
            missed.append(span)
    for span in rest:
        for counts in _counts(report, group, span[0]):
            counts.extra += 1
    return missed, rest


def _counts(report: Report, group: str, name: str) -> list[Counts]:
    counts = [report.groups[group][name], report.totals[group]]
    if group == "phi" and name in TYPES and TYPES[name].severity == "S4":
        counts.append(report.totals["phi_s4"])
    return counts


def overlap(one: Span, other: Span) -> float:
    if one[0] != other[0]:
        return 0.0
    shared = min(one[2], other[2]) - max(one[1], other[1])
    union = max(one[2], other[2]) - min(one[1], other[1])
    return max(0, shared) / union if union else 0.0


def _compare_rules(report: Report, expected: list[str], predicted: list[str]) -> tuple[list[str], list[str]]:
    for code in expected:
        for counts in (report.groups["rules"][code], report.totals["rules"]):
            counts.expected += 1
            counts.found += code in predicted
    extra = [code for code in predicted if code not in expected]
    for code in extra:
        report.groups["rules"][code].extra += 1
        report.totals["rules"].extra += 1
    return [code for code in expected if code not in predicted], extra
