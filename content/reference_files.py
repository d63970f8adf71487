"""Reading references from files and pasted text: RIS, BibTeX, lists in words, lists of retractions.

Nothing here asks the database. A reader gives `Found` records; what cannot be read is said in `problems`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import bibtexparser
import rispy
from bibtexparser import middlewares
from django.utils.translation import gettext as _

from compliance.analyzers import references as syntax
from content.enums import ReferenceKind

MOST_ENTRIES = 2_000
LONGEST_TEXT = 2_000_000  # characters of a file of references
LONGEST_LIST = 100_000_000  # bytes of a list of retractions


class UnreadableFile(ValueError):
    """The file is not what it should be; the message is a sentence for the person."""


@dataclass
class Found:
    """One work: its identifiers as (type, normal form), best first, and what is known of it."""

    label: str
    identifiers: list[tuple[str, str]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Reading:
    """What a file held."""

    found: list[Found] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)  # (entry, what is wrong)


def decoded(data: bytes) -> str:
    """Text of a file: UTF-8, or Windows' western encoding as older programs write it."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _check_size(text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise UnreadableFile(_("The file is too large. Split it into files of at most 2 MB."))


def _one_line(text: Any, limit: int = 300) -> str:
    return " ".join(str(text or "").split())[:limit]


def _year(text: Any) -> int | None:
    match = re.search(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)", str(text or ""))
    return int(match[1]) if match else None


def _identifiers(candidates: Iterable[tuple[str, Any]]) -> list[tuple[str, str]]:
    """Valid ones in their normal form, without repeats."""
    found: dict[str, tuple[str, str]] = {}
    for kind, value in candidates:
        for each in value if isinstance(value, list) else [value]:
            normal = syntax.normal_form(kind, str(each)) if each else None
            if normal and len(normal) <= 300:
                found.setdefault(normal.lower(), (kind, normal))
    return list(found.values())


def author(text: str) -> dict[str, str] | None:
    """`Silva, Ana M` or `Silva AM` is a person; anything else is a name as it stands."""
    text = _one_line(text, 200).strip(" ;,.")
    if not text:
        return None
    family, comma, given = text.partition(",")
    if comma and given.strip():
        return {"family": family.strip(), "given": given.strip()}
    family, _space, last = text.rpartition(" ")
    if family and re.fullmatch(r"[A-ZÀ-Ý]{1,3}", last) and not family.isupper():
        return {"family": family, "given": last}
    return {"literal": text}


def authors_from(lines: Iterable[str]) -> list[dict[str, str]]:
    return [found for found in map(author, lines) if found][:100]


# --- RIS -------------------------------------------------------------------------------------------------------------

_RIS_KINDS = {
    "BOOK": ReferenceKind.BOOK, "EBOOK": ReferenceKind.BOOK, "CHAP": ReferenceKind.CHAPTER,
    "ECHAP": ReferenceKind.CHAPTER, "RPRT": ReferenceKind.REPORT, "STAND": ReferenceKind.REPORT,
    "GOVDOC": ReferenceKind.REPORT, "ELEC": ReferenceKind.WEBPAGE, "WEB": ReferenceKind.WEBPAGE,
    "THES": ReferenceKind.THESIS,
}  # fmt: skip


def read_ris(text: str) -> Reading:
    """Entries of a RIS file (EndNote, Zotero, Mendeley, PubMed)."""
    _check_size(text)
    if not re.search(r"(?m)^\s*TY\s\s?-", text):
        raise UnreadableFile(_("This is no RIS file: it has no line that begins with “TY  -”."))
    text = re.sub(r"(?m)^\s*([A-Z][A-Z0-9])\s{1,2}-[ \t]*", r"\1  - ", text)
    if not re.search(r"(?m)^ER  -", text):
        raise UnreadableFile(_("The RIS file breaks off: no entry ends with “ER  -”."))
    try:
        entries = rispy.loads(text, skip_unknown_tags=True)
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise UnreadableFile(
            _("The RIS file could not be read: %(reason)s.") % {"reason": _one_line(error)}
        ) from error
    return _collected(entries, _from_ris)


def _from_ris(entry: dict[str, Any]) -> Found:
    notes = " ".join(map(str, [*entry.get("notes", []), entry.get("accession_number", ""), *_urls(entry)]))
    kind = _RIS_KINDS.get(entry.get("type_of_reference", ""), ReferenceKind.ARTICLE)
    number = entry.get("issn", "")
    candidates = [("doi", entry.get("doi")), ("pubmed", entry.get("pubmed_id"))]
    candidates += [(hit.type, hit.id) for hit in syntax.find(notes) if hit.type in ("pubmed", "pmc", "doi", "trial")]
    if kind in (ReferenceKind.BOOK, ReferenceKind.REPORT):
        candidates.append(("isbn", number))
    candidates += [("url", url) for url in _urls(entry)]
    start, end = entry.get("start_page", ""), entry.get("end_page", "")
    values = {
        "title": entry.get("title") or entry.get("primary_title"),
        "authors": authors_from([*entry.get("authors", []), *entry.get("first_authors", [])]),
        "container": entry.get("journal_name") or entry.get("secondary_title") or entry.get("alternate_title3"),
        "year": _year(entry.get("year") or entry.get("publication_year") or entry.get("date")),
        "volume": entry.get("volume"),
        "issue": entry.get("number"),
        "pages": f"{start}-{end}" if start and end else start,
        "publisher": entry.get("publisher"),
        "place": entry.get("place_published"),
        "url": next(iter(_urls(entry)), ""),
        "csl_type": kind,
    }
    return Found(_one_line(values["title"]) or "RIS", _identifiers(candidates), values)


def _urls(entry: dict[str, Any]) -> list[str]:
    urls = entry.get("urls", [])
    return [url for url in (urls if isinstance(urls, list) else [urls]) if url]


# --- BibTeX ----------------------------------------------------------------------------------------------------------

_BIBTEX_KINDS = {
    "book": ReferenceKind.BOOK, "incollection": ReferenceKind.CHAPTER, "inbook": ReferenceKind.CHAPTER,
    "techreport": ReferenceKind.REPORT, "report": ReferenceKind.REPORT, "manual": ReferenceKind.REPORT,
    "online": ReferenceKind.WEBPAGE, "electronic": ReferenceKind.WEBPAGE, "phdthesis": ReferenceKind.THESIS,
    "mastersthesis": ReferenceKind.THESIS, "thesis": ReferenceKind.THESIS,
}  # fmt: skip


def read_bibtex(text: str) -> Reading:
    """Entries of a BibTeX or BibLaTeX file, LaTeX accents included."""
    _check_size(text)
    if not re.search(r"@\s*\w+\s*[{(]", text):
        raise UnreadableFile(_("This is no BibTeX file: it has no entry such as “@article{…}”."))
    library = bibtexparser.parse_string(text, append_middleware=[middlewares.LatexDecodingMiddleware()])
    reading = _collected(({"type": e.entry_type, "key": e.key, **_fields(e)} for e in library.entries), _from_bibtex)
    reading.problems += [
        (_one_line(block.raw, 80), _("This entry could not be read.")) for block in library.failed_blocks[:50]
    ]
    return reading


def _fields(entry: Any) -> dict[str, str]:
    return {f.key.lower(): str(f.value).strip("{} \n\t").replace("{", "").replace("}", "") for f in entry.fields}


def _from_bibtex(entry: dict[str, str]) -> Found:
    candidates = [("doi", entry.get("doi")), ("pubmed", entry.get("pmid")), ("pmc", entry.get("pmcid"))]
    candidates += [("isbn", entry.get("isbn")), ("url", entry.get("url"))]
    note = f"{entry.get('note', '')} {entry.get('eprint', '')} {entry.get('howpublished', '')}"
    candidates += [(hit.type, hit.id) for hit in syntax.find(note) if hit.type != "issn"]
    values = {
        "title": entry.get("title"),
        "authors": authors_from(re.split(r"\s+and\s+", entry.get("author", ""))),
        "container": entry.get("journal") or entry.get("journaltitle") or entry.get("booktitle"),
        "year": _year(entry.get("year") or entry.get("date")),
        "volume": entry.get("volume"),
        "issue": entry.get("number") or entry.get("issue"),
        "pages": re.sub(r"\s*[-–]+\s*", "-", entry.get("pages", "")),
        "publisher": entry.get("publisher") or entry.get("institution") or entry.get("school"),
        "place": entry.get("address") or entry.get("location"),
        "url": entry.get("url"),
        "csl_type": _BIBTEX_KINDS.get(entry["type"].lower(), ReferenceKind.ARTICLE),
    }
    return Found(_one_line(values["title"]) or entry["key"], _identifiers(candidates), values)


def _collected(entries: Iterable[dict[str, Any]], read: Any) -> Reading:
    reading = Reading()
    for number, entry in enumerate(entries):
        if number >= MOST_ENTRIES:
            reading.problems.append(_too_many())
            break
        found = read(entry)
        if not found.identifiers and found.values.get("title"):
            found.identifiers = [("guideline", _one_line(found.values["title"]))]
        if found.identifiers:
            reading.found.append(found)
        else:
            reading.problems.append((found.label, _("It has neither an identifier nor a title.")))
    return reading


def _too_many() -> tuple[str, str]:
    text = _("Only the first %(number)s entries were read. Import the rest from another file.")
    return "…", text % {"number": MOST_ENTRIES}


# --- A list in words -------------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"^\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\d{1,3}[.)](?=\s))\s*")


def read_list(text: str) -> Reading:
    """A reference list as it stands under an article: one work per line or paragraph."""
    _check_size(text)
    reading = Reading()
    for line in _works(text):
        hits = [hit for hit in syntax.find(line) if hit.type != "issn"]
        named = [hit for hit in hits if hit.type != "url"] or hits
        identifiers = _identifiers((hit.type, hit.id) for hit in named)
        if len(reading.found) + len(reading.problems) >= MOST_ENTRIES:
            reading.problems.append(_too_many())
            break
        if identifiers:
            rest = line[: min(hit.start for hit in named)]
            reading.found.append(Found(_one_line(line, 160), identifiers, _from_words(rest, line)))
        else:
            reading.problems.append(
                (_one_line(line, 160), _("No identifier was found. Add the PMID, DOI or address, or add it by hand."))
            )
    return reading


def _works(text: str) -> Iterator[str]:
    """Lines, unless blank lines part the works or numbers begin them: then the lines of one work belong together."""
    lines = [line.strip() for line in text.splitlines()]
    filled = [line for line in lines if line]
    if sum(bool(_NUMBER.match(line)) for line in filled) >= max(1, len(filled) // 4):
        work: list[str] = []
        for line in filled:
            if _NUMBER.match(line) and work:
                yield " ".join(work)
                work = []
            work.append(_NUMBER.sub("", line))
        yield " ".join(work)
        return
    if "" in " ".join(lines).strip().split(" ") and len(re.split(r"\n\s*\n", text.strip())) > 1:
        yield from (" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))
        return
    yield from filled


def _from_words(text: str, line: str) -> dict[str, Any]:
    """Authors, title and journal of a citation in Vancouver's order; only what is certain enough."""
    parts = [part.strip() for part in re.split(r"(?<=[.?!])\s+", text) if part.strip()]
    values: dict[str, Any] = {"year": _year(line)}
    if len(parts) < 2:
        return values
    names = [part.strip() for part in parts[0].rstrip(".").split(",")]
    people = [found for found in map(author, names) if found and "family" in found]
    if people and len(people) >= len([name for name in names if name != "et al"]) - 1:
        values["authors"] = people
        parts = parts[1:]
    values["title"] = parts[0].rstrip(".")[:1000]
    if len(parts) > 1 and not re.match(r"\d", parts[1]):
        values["container"] = parts[1].rstrip(".")[:300]
    if match := re.search(r"(?:19|20)\d\d[^;]{0,12};\s?(\w{1,8})(?:\((\w{1,10})\))?(?::\s?([\w-]{1,20}))?", text):
        values |= {"volume": match[1], "issue": match[2] or "", "pages": match[3] or ""}
    return values


# --- Retractions -----------------------------------------------------------------------------------------------------

_DOI_COLUMNS = ("originalpaperdoi", "doi")
_PMID_COLUMNS = ("originalpaperpubmedid", "pmid", "pubmedid")


@dataclass(frozen=True)
class Retraction:
    """A row of a list of retractions."""

    identifiers: tuple[str, ...]
    reason: str
    retracted_on: date | None


def read_retractions(lines: io.TextIOBase) -> Iterator[Retraction]:
    """Rows of a CSV as Retraction Watch and Crossref publish it, or of any CSV with DOI or PMID columns."""
    csv.field_size_limit(1_000_000)
    try:
        yield from _retractions(lines)
    except csv.Error as error:
        raise UnreadableFile(
            _("The CSV file could not be read: %(reason)s.") % {"reason": _one_line(error)}
        ) from error


def _retractions(lines: io.TextIOBase) -> Iterator[Retraction]:
    head = lines.readline(100_000)
    delimiter = max(",;\t", key=head.count)
    names = [re.sub(r"[^a-z]", "", name.lower()) for name in next(csv.reader([head], delimiter=delimiter), [])]
    doi, pmid = (
        next((names.index(c) for c in wanted if c in names), None) for wanted in (_DOI_COLUMNS, _PMID_COLUMNS)
    )
    if doi is None and pmid is None:
        raise UnreadableFile(_("The first line names no column “DOI” or “PMID”, so nothing can be compared."))
    nature, reason, day = (
        names.index(n) if n in names else None for n in ("retractionnature", "reason", "retractiondate")
    )
    for row in csv.reader(lines, delimiter=delimiter):

        def cell(index: int | None, row: list[str] = row) -> str:
            return row[index].strip() if index is not None and index < len(row) else ""

        if cell(nature) and cell(nature).lower() != "retraction":
            continue  # corrections, expressions of concern, reinstatements
        ids = _identifiers([("doi", cell(doi)), ("pubmed", cell(pmid))])
        if ids:
            text = cell(reason).replace("+", " ").replace(";", "; ")
            yield Retraction(tuple(each for _kind, each in ids), _one_line(text, 500).strip("; "), _date(cell(day)))


def _date(text: str) -> date | None:
    """2021-03-04 or, as Retraction Watch writes it, 3/4/2021 with the month first."""
    if match := re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        year, month, day = map(int, match.groups())
    elif match := re.match(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
        month, day, year = map(int, match.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
