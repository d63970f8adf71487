"""Citations in a text: `<sup data-ref="PMID:123">[1]</sup>`. The numbers follow the order of first appearance.

The numbers stand in the stored HTML, so a signature covers them, and they agree with `scientific_references`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from html import unescape

from compliance.analyzers import references as syntax

# As nh3 writes an element: attributes in double quotes; a marker holds nothing but text.
MARKER = re.compile(r'<sup((?: [\w-]+="[^"]*")*)>([^<]*)</sup>')
_REF = re.compile(r' data-ref="([^"]*)"')
_OPEN = re.compile(r'(<sup(?: [\w-]+="[^"]*")*?) data-ref="[^"]*"')
LONGEST = 300  # reference_items.identifier
_ISBN13 = re.compile(r"97[89]\d{10}")


def parse(text: str) -> tuple[str, str] | None:
    """Type and normal form when `text` is one identifier and nothing else; a bare number is at most an ISBN-13."""
    text = text.strip()
    if text[:4].upper() == "URL:":
        text = text[4:].strip()
    hits = syntax.find(text)
    if hits:
        whole = len(hits) == 1 and hits[0].start == 0 and not text[hits[0].end :].strip(" .,;")
        return (hits[0].type, hits[0].id) if whole else None
    if _ISBN13.fullmatch(text) and (isbn := syntax.normal_form("isbn", text)):
        return "isbn", isbn
    return syntax.identify(text)


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """The normal form of an identifier; any other line of a reference list stays as it is."""
    found = parse(text)
    return found[1] if found else text.strip()


def keys_of(entry: str) -> list[str]:
    """The identifiers that a line of a reference list stands for; a citation in words stands for itself."""
    found = parse(entry)
    if found:
        return [found[1]]
    named = [hit.id for hit in syntax.find(entry) if hit.type not in ("url", "issn")]
    return list(dict.fromkeys(named)) or [entry.strip()[:LONGEST]]


def cited(html: str | None) -> list[str]:
    """Identifiers in the order in which the text cites them first."""
    found = [_ref_of(match[1]) for match in MARKER.finditer(html or "")]
    return list(dict.fromkeys(filter(None, found)))


def renumber(html: str | None, references: list[str]) -> tuple[str | None, list[str]]:
    """The text with right numbers, and its list of references: the cited ones in order, then the others in theirs.

    `html` has been cleaned. A marker of a work that is missing from the list adds it.
    """
    references = _distinct(canonical(each) for each in references)
    if not html or "data-ref" not in html:
        return html, references
    entry_of = {key.lower(): entry for entry in reversed(references) for key in keys_of(entry)}
    place: dict[str, int] = {}

    def numbered(match: re.Match[str]) -> str:
        key = _ref_of(match[1])
        if not key:
            return match[0]
        entry = entry_of.setdefault(key.lower(), key)
        number = place.setdefault(entry, len(place) + 1)
        return f'<sup data-ref="{_attribute(key)}">[{number}]</sup>'

    html = MARKER.sub(numbered, html)
    return _without_strangers(html), [*place, *(each for each in references if each not in place)]


_SHOWN = re.compile(r'<sup((?: [\w-]+="[^"]*")*? data-ref="[^"]*"[^>]*)>(.*?)</sup>', re.S)
_NUMBER = re.compile(r"\[(\d{1,4})\]")


def linked(html: str | None, lines: int) -> tuple[str, dict[int, list[str]]]:
    """The text with links from its markers to the list of `lines` works, and the anchors of each number's markers.

    For showing only: what is stored and signed has no links. Ids hold a colon, which no heading's id does.
    """
    anchors: dict[int, list[str]] = {}

    def link(match: re.Match[str]) -> str:
        shown = _NUMBER.search(re.sub(r"<[^>]*>", "", match[2]))
        number = int(shown[1]) if shown else 0
        if not 1 <= number <= lines or "<a" in match[2]:
            return match[0]
        anchor = f"cite:{number}:{len(anchors.setdefault(number, [])) + 1}"
        anchors[number].append(anchor)
        return f'<sup{match[1]}><a class="cite" id="{anchor}" href="#ref:{number}">{match[2]}</a></sup>'

    html = html or ""
    return (_SHOWN.sub(link, html) if "data-ref" in html else html), anchors


def _ref_of(attributes: str) -> str:
    found = _REF.search(attributes)
    return canonical(unescape(found[1]))[:LONGEST] if found else ""


def _attribute(value: str) -> str:
    """As nh3 writes it, so that cleaning a stored text changes nothing."""
    return value.replace("&", "&amp;").replace("\u00a0", "&nbsp;").replace('"', "&quot;")


def _without_strangers(html: str) -> str:
    """Drop `data-ref` where mark-up inside the element makes it no marker."""
    parts, last = [], 0
    for match in MARKER.finditer(html):
        parts += [_OPEN.sub(r"\1", html[last : match.start()]), match[0]]
        last = match.end()
    return "".join([*parts, _OPEN.sub(r"\1", html[last:])])


def _distinct(entries: Iterable[str]) -> list[str]:
    seen: dict[str, str] = {}
    for entry in entries:
        if entry:
            seen.setdefault(entry.lower(), entry)
    return list(seen.values())
