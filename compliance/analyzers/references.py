"""Identifiers of scientific references: syntax, check digits, normal form, detection in text (domain 3.4). Never online."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stdnum import isbn, issn

from . import scan

TYPES = ("pubmed", "pmc", "doi", "trial", "scielo", "lilacs", "isbn", "issn", "guideline", "url")


@dataclass(frozen=True)
class ReferenceHit:
    """A reference identifier found in a text."""

    type: str
    id: str
    start: int
    end: int

    def as_json(self) -> dict[str, object]:
        return {"type": self.type, "id": self.id, "start": self.start, "end": self.end}


_DOI = r"10\.\d{4,9}/[^\s\"<>“”]{1,200}"
# The order matters: an address of PubMed is a PMID, not a URL; the first that claims the characters keeps them.
_DETECTORS: tuple[tuple[str, scan.Pattern], ...] = (
    ("doi", scan.compile(rf"(?i)(?:https?://(?:dx\.)?doi\.org/|(?<!\w)doi[:\s]{{0,3}})?(?<![\w.])({_DOI})")),
    (
        "pubmed",
        scan.compile(
            r"(?i)(?:https?://)?(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/([1-9]\d{0,7})(?!\d)/?"
        ),
    ),
    ("pmc", scan.compile(r"(?i)(?:https?://[\w./-]{0,80}/)?(?<![A-Z0-9])(?:PMCID[:\s]{0,3})?(PMC\d{1,8})(?!\w)")),
    ("pubmed", scan.compile(r"(?i)(?<!\w)PMID(?:s|\sn[º°o])?[:\s.#]{0,3}([1-9]\d{0,7})(?!\d)")),
    (
        "trial",
        scan.compile(
            r"(?i)(?<!\w)(NCT\d{8}|ISRCTN\s?\d{8}|RBR-[0-9a-z]{6,8}|20\d\d-\d{6}-\d\d(?:-\d\d)?|U1111-\d{4}-\d{4})(?!\w)"
        ),
    ),
    ("scielo", scan.compile(r"(?<!\w)(S\d{4}-\d{3}[\dX]\d{13})(?!\w)")),
    (
        "scielo",
        scan.compile(
            r"(?i)https?://(?:www\.)?scielo\.[a-z.]{2,8}/[\w/.]{1,60}/([A-Za-z0-9]{23})(?!\w)[\w/?=&.-]{0,80}"
        ),
    ),
    ("lilacs", scan.compile(r"(?i)(?<!\w)(lil-\d{4,8})(?!\d)")),
    ("isbn", scan.compile(r"(?i)(?<!\w)ISBN(?:-1[03])?[:\s]{0,3}((?:\d[\s-]?){9,12}[\dX])(?!\w)")),
    ("issn", scan.compile(r"(?i)(?<!\w)(?:e-?)?ISSN(?:-L)?[:\s]{0,3}(\d{4}-?\d{3}[\dX])(?!\w)")),
    ("url", scan.compile(r"(?i)(?<!\w)https?://[^\s\"<>]{3,250}")),
)
_CLOSERS = {")": "(", "]": "[", "}": "{"}


def trim_doi(value: str) -> str:
    """Drop the punctuation of the sentence around a DOI, but keep a bracket that balances."""
    while value:
        last = value[-1]
        if last in _CLOSERS:
            if value.count(last) <= value.count(_CLOSERS[last]):
                break
        elif last not in ".,;:\"'”’":
            break
        value = value[:-1]
    return value


def find(text: str) -> list[ReferenceHit]:
    """Reference identifiers in reading order; each character belongs to one of them."""
    hits: list[ReferenceHit] = []
    taken: list[tuple[int, int]] = []
    for kind, pattern in _DETECTORS:
        found = []
        for match in pattern.finditer(text):
            hit = _hit(kind, match)
            if hit is not None:
                found.append(hit)
        hits += _free(found, taken)
        taken = sorted((h.start, h.end) for h in hits)
    return sorted(hits, key=lambda hit: hit.start)


def _free(found: list[ReferenceHit], taken: list[tuple[int, int]]) -> Iterator[ReferenceHit]:
    index = 0
    for hit in found:
        while index < len(taken) and taken[index][1] <= hit.start:
            index += 1
        if index == len(taken) or taken[index][0] >= hit.end:
            yield hit


def _hit(kind: str, match) -> ReferenceHit | None:
    start, end = match.span()
    if kind == "doi":
        value = trim_doi(match.group(1))
        end = match.start(1) + len(value)
        return ReferenceHit(kind, f"DOI:{value.lower()}", start, end) if _valid_doi(value) else None
    if kind == "url":
        value = trim_doi(match.group())
        return ReferenceHit(kind, value, start, start + len(value))
    normal = normal_form(kind, match.group(1))
    return ReferenceHit(kind, normal, start, end) if normal else None


def _valid_doi(value: str) -> bool:
    prefix, _, suffix = value.partition("/")
    return prefix.startswith("10.") and 4 <= len(prefix) - 3 <= 9 and bool(suffix)


_NORMAL = {
    "pubmed": scan.compile(r"(?i)(?:PMID[:\s]{0,3})?([1-9]\d{0,7})"),
    "pmc": scan.compile(r"(?i)(?:PMCID[:\s]{0,3})?PMC(\d{1,8})"),
    "nct": scan.compile(r"(?i)NCT\d{8}"),
    "isrctn": scan.compile(r"(?i)ISRCTN\s?\d{8}"),
    "rebec": scan.compile(r"(?i)RBR-([0-9a-z]{6,8})"),
    "eudract": scan.compile(r"20\d\d-\d{6}-\d\d(?:-\d\d)?"),
    "utn": scan.compile(r"(?i)U1111-\d{4}-\d{4}"),
    "scielo": scan.compile(r"S\d{4}-\d{3}[\dX]\d{13}|[A-Za-z0-9]{23}"),
    "lilacs": scan.compile(r"(?i)lil-\d{4,8}"),
    "doi_prefix": scan.compile(r"(?i)(?:https?://(?:dx\.)?doi\.org/|doi[:\s]{0,3})"),
    "url": scan.compile(r"(?i)https?://[a-z0-9][a-z0-9.-]{2,200}(?::\d{1,5})?(?:/[^\s\"<>]{0,250})?"),
}


def normal_form(kind: str, value: str) -> str | None:
    """The one spelling of an identifier of this type, or None when its syntax or check digit is wrong."""
    value = value.strip()
    if kind == "doi":
        prefix = _NORMAL["doi_prefix"].match(value)
        value = trim_doi(value[prefix.end() :] if prefix else value)
        return f"DOI:{value.lower()}" if _valid_doi(value) and " " not in value else None
    if kind == "pubmed":
        match = _NORMAL["pubmed"].fullmatch(value)
        return f"PMID:{match.group(1)}" if match else None
    if kind == "pmc":
        match = _NORMAL["pmc"].fullmatch(value)
        return f"PMC{match.group(1)}" if match else None
    if kind == "trial":
        return _trial(value)
    if kind == "isbn":
        compact = isbn.compact(value)
        return compact if isbn.is_valid(compact) else None
    if kind == "issn":
        return issn.format(value) if issn.is_valid(value) else None
    if kind in ("scielo", "lilacs", "url"):
        if not _NORMAL[kind].fullmatch(value):
            return None
        return value.lower() if kind == "lilacs" else value
    return value or None  # a guideline has a name, no syntax


def _trial(value: str) -> str | None:
    rebec = _NORMAL["rebec"].fullmatch(value)
    if rebec:
        return "RBR-" + rebec.group(1).lower()
    if any(_NORMAL[key].fullmatch(value) for key in ("nct", "isrctn", "eudract", "utn")):
        return value.upper().replace(" ", "")
    return None


def check(kind: str, value: str) -> str:
    """``syntax_valid`` or ``invalid``: what can be known offline."""
    return "syntax_valid" if normal_form(kind, value) else "invalid"


def identify(value: str) -> tuple[str, str] | None:
    """Type and normal form of one identifier typed or pasted by a person. A bare number is never a PMID."""
    hits = find(value.strip())
    if hits and (hits[0].type != "url" or len(hits) == 1):
        return hits[0].type, hits[0].id
    for kind in ("scielo", "lilacs", "isbn", "issn"):
        if kind in ("isbn", "issn") and not any(c in value for c in "-"):
            continue
        normal = normal_form(kind, value)
        if normal:
            return kind, normal
    return None


def distinct(identifiers: list[str]) -> list[str]:
    """Without duplicates, order kept; identifiers compare without regard to case."""
    seen: dict[str, str] = {}
    for identifier in identifiers:
        seen.setdefault(identifier.lower(), identifier)
    return list(seen.values())
