"""Loads and validates the rule packs. A broken pack stops the start, it never weakens a check."""

from __future__ import annotations

import datetime
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from . import scan
from .text import fold

DIRECTORY = Path(__file__).resolve().parent.parent / "rule_packs"
SEVERITIES = frozenset({"block", "warn", "info"})
SCOPES = frozenset({"text", "doc"})
CLAUSE_KEYS = frozenset(
    {
        "any",
        "with",
        "unless",
        "unless_text",
        "plain",
        "unless_document_pattern",
        "within",
        "level",
        "council",
        "raw",
        "negation",
    }
)
COUNCILS = ("psychology", "nursing", "dentistry", "nutrition")
# Lei 9.294/1996 art. 7º §5º says "a persistirem", RDC 96/2008 "se persistirem": both count.
W1 = scan.compile(r"(?<!\w)(?:se|a|ao) persistirem os sintomas,? o medico devera ser consultado")
MAX_EXTRA_WORDS = 500


class PackError(ValueError):
    """A rule pack that does not say what it must."""


@dataclass(frozen=True)
class Clause:
    anchor: scan.Pattern
    with_: tuple[scan.Pattern, ...] = ()
    unless: scan.Pattern | None = None
    unless_text: tuple[str, ...] = ()
    unless_w1: bool = False
    within: int = 0
    level: str = ""
    council: str = ""
    negation: bool = True
    plain: bool = False  # words that leave no doubt: the learned model does not overrule them


@dataclass(frozen=True)
class Rule:
    id: str
    pack: str
    version: str
    check: str
    source: str
    status: str
    severity: str
    scope: str
    title: str
    explanation: str
    fix: str
    clauses: tuple[Clause, ...]
    council: str
    twin_of: tuple[str, ...]
    replaced_by: dict[str, str]
    yields_to: tuple[str, ...]
    silenced_by: tuple[str, ...]
    exempt: tuple[str, ...]
    derived: str
    valid_from: datetime.date
    valid_to: datetime.date | None
    reported_as: str

    @property
    def code(self) -> str:
        return self.reported_as or self.id

    def valid_on(self, day: datetime.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Packs:
    rules: tuple[Rule, ...]
    versions: dict[str, str]
    negation: scan.Pattern
    negation_after: scan.Pattern
    norm: scan.Pattern
    councils: dict[str, scan.Pattern]
    professional: scan.Pattern

    def rule(self, code: str) -> Rule:
        return next(rule for rule in self.rules if rule.code == code)

    def valid_on(self, day: datetime.date) -> list[Rule]:
        return [rule for rule in self.rules if rule.valid_on(day)]


def load(extra_words: dict[str, list[str]] | None = None, directory: Path = DIRECTORY) -> Packs:
    """All packs, with the words a tenant added. Words can be added to a list, never taken away."""
    frozen = tuple(sorted((name, tuple(sorted(set(words)))) for name, words in (extra_words or {}).items()))
    return _load(frozen, directory)


@lru_cache(maxsize=32)
def _load(extra: tuple[tuple[str, tuple[str, ...]], ...], directory: Path) -> Packs:
    raw = [(path, _read(path)) for path in sorted(directory.glob("*.json"))]
    lists = _lists([data for _, data in raw if data["pack"] == "word_lists"], extra)
    rules: list[Rule] = []
    versions: dict[str, str] = {}
    for path, data in raw:
        versions[data["pack"]] = max(data["version"], versions.get(data["pack"], ""))
        for item in data.get("rules", []):
            rules.append(_rule(item, data, lists, path))
    _validate(rules)
    return Packs(
        tuple(rules), versions, _pattern(lists["negation"], lists), _pattern(lists["negation_after"], lists),
        _pattern(lists["norm"], lists),
        {c: _pattern(lists[f"councils_{c}"], lists) for c in (*COUNCILS, "medicine")},
        _pattern(lists["professional"], lists),
    )  # fmt: skip


@lru_cache(maxsize=4)
def word_lists(directory: Path = DIRECTORY) -> dict[str, tuple[str, ...]]:
    """The lists that a tenant may add to, with the words that are in them whatever a tenant does."""
    files = [data for path in sorted(directory.glob("*.json")) if (data := _read(path))["pack"] == "word_lists"]
    newest = max(files, key=lambda data: data["version"])
    return {name: tuple(newest["lists"][name]) for name in newest["extensible"]}


def _read(path: Path) -> dict:
    try:
        data = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise PackError(f"{path.name} is not JSON: {error}") from error
    missing = {"pack", "version", "valid_from"} - data.keys()
    if missing:
        raise PackError(f"{path.name} lacks {sorted(missing)}")
    return data


def _lists(files: list[dict], extra: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, list[str]]:
    if not files:
        raise PackError("No pack with the word lists")
    newest = max(files, key=lambda data: data["version"])
    lists = {name: list(words) for name, words in newest["lists"].items()}
    for name, words in extra:
        if name not in newest["extensible"]:
            raise PackError(f"The list {name!r} cannot be extended; only {newest['extensible']} can")
        if len(words) > MAX_EXTRA_WORDS:
            raise PackError(f"More than {MAX_EXTRA_WORDS} words for {name!r}")
        lists[name] += [_literal(word) for word in words if word.strip()]
    return lists


def _literal(word: str) -> str:
    """A tenant's word taken literally: nothing in it is a pattern."""
    escaped = "".join(f"\\{c}" if not c.isalnum() and c != " " else c for c in " ".join(fold(word).split()))
    return escaped[:120]


def _expand(cue: str, lists: dict[str, list[str]]) -> str:
    for _ in range(3):
        if "@" not in cue:
            return cue
        head, _, rest = cue.partition("@")
        size = next((i for i, c in enumerate(rest) if not (c.isalnum() or c == "_")), len(rest))
        name = rest[:size]
        if name not in lists:
            raise PackError(f"Unknown word list {name!r} in {cue!r}")
        cue = f"{head}(?:{'|'.join(lists[name])}){rest[size:]}"
    return cue


def _pattern(cues: list[str], lists: dict[str, list[str]], *, raw: bool = False) -> scan.Pattern:
    expanded = [_expand(cue, lists) for cue in cues]
    return _compiled("|".join(expanded) if raw else scan.cue_source(expanded))


@lru_cache(maxsize=2048)
def _compiled(source: str) -> scan.Pattern:
    """The packs of a tenant with own words share with all others what these words do not touch."""
    return scan.compile(source)


def _rule(item: dict, pack: dict, lists: dict[str, list[str]], path: Path) -> Rule:
    try:
        return Rule(
            id=item["id"], pack=pack["pack"], version=pack["version"], check=pack["check"], source=item["source"],
            status=item["status"], severity=item["severity"], scope=item["scope"], title=item["title"],
            explanation=item["explanation"], fix=item["fix"],
            clauses=tuple(_clause(clause, item, lists) for clause in item.get("detect", [])),
            council=item.get("council", ""), twin_of=tuple(item.get("twin_of", ())), replaced_by=item.get("replaced_by", {}),
            yields_to=tuple(item.get("yields_to", ())), silenced_by=tuple(item.get("silenced_by", ())),
            exempt=tuple(item.get("exempt", ("negation", "norm"))), derived=item.get("derived", ""),
            valid_from=datetime.date.fromisoformat(item.get("valid_from", pack["valid_from"])),
            valid_to=datetime.date.fromisoformat(item["valid_to"]) if item.get("valid_to") else None,
            reported_as=item.get("reported_as", ""),
        )  # fmt: skip
    except (KeyError, ValueError, re.error) as error:
        raise PackError(f"{path.name}, rule {item.get('id')!r}: {error}") from error


def _clause(clause: dict, item: dict, lists: dict[str, list[str]]) -> Clause:
    unknown = clause.keys() - CLAUSE_KEYS
    if unknown or not clause.get("any"):
        raise ValueError(f"clause with {sorted(unknown) or 'no cue'}")
    return Clause(
        anchor=_pattern(clause["any"], lists, raw=clause.get("raw", False)),
        with_=tuple(_pattern(words, lists) for words in clause.get("with", [])),
        unless=_pattern(clause["unless"], lists) if clause.get("unless") else None,
        unless_text=tuple(clause.get("unless_text", ())),
        unless_w1=clause.get("unless_document_pattern") == "w1",
        plain=bool(clause.get("plain", False)),
        within=clause.get("within", 0), level=clause.get("level", ""), council=clause.get("council", ""),
        negation=clause.get("negation", "") != "none",
    )  # fmt: skip


def _validate(rules: list[Rule]) -> None:
    seen: set[tuple[str, str]] = set()
    ids = {rule.id for rule in rules}
    for rule in rules:
        if (rule.id, rule.version) in seen:
            raise PackError(f"Rule {rule.id} twice in version {rule.version}")
        seen.add((rule.id, rule.version))
        if rule.severity not in SEVERITIES or rule.scope not in SCOPES:
            raise PackError(f"Rule {rule.id}: severity {rule.severity!r}, scope {rule.scope!r}")
        if rule.scope == "text" and not (rule.clauses or rule.twin_of or rule.derived):
            raise PackError(f"Rule {rule.id} has scope text but nothing to look for")
        if rule.council and rule.council not in COUNCILS:
            raise PackError(f"Rule {rule.id}: unknown council {rule.council!r}")
        others = {*rule.twin_of, *rule.yields_to, *rule.silenced_by, *filter(None, rule.replaced_by.values())}
        if others - ids:
            raise PackError(f"Rule {rule.id} refers to unknown rules {sorted(others - ids)}")
        if rule.valid_to and rule.valid_to < rule.valid_from:
            raise PackError(f"Rule {rule.id} ends before it begins")
        if not (rule.fix and rule.explanation and rule.source):
            raise PackError(f"Rule {rule.id} lacks source, explanation or fix")
