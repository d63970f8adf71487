"""Differences between two revisions, for people: by block of text, and by word inside a changed block.

Pure functions. What they return is plain text in pieces; the template escapes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from html.parser import HTMLParser
from typing import Any

BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "caption", "dd", "div", "dl", "dt", "figcaption", "figure", "footer",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
SKIPPED = frozenset({"script", "style"})
LABELLED = frozenset(
    {"blockquote", "caption", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "li", "pre", "td", "th"}
)
# Beyond these sizes a block is shown as replaced as a whole: word by word costs the square of the length.
LONGEST_WORDS = 1500
LONGEST_BLOCKS = 4000
# Steps for one comparison, about a second. Texts made of repeated words would take minutes within the sizes above.
MOST_STEPS = 5_000_000


@dataclass(frozen=True)
class Piece:
    """A run of text; `kind` is 'same', 'removed' or 'added'."""

    kind: str
    text: str


@dataclass(frozen=True)
class Row:
    """One line of the comparison: the old block beside the new one."""

    kind: str  # same, changed, removed, added
    old: list[Piece] = field(default_factory=list)
    new: list[Piece] = field(default_factory=list)


class _TooMuch(Exception):
    """The comparison has used up its steps."""


class _Effort:
    """The steps that one comparison has left."""

    def __init__(self) -> None:
        self.left = MOST_STEPS

    def opcodes(self, before: list[str], after: list[str]) -> list[tuple[str, int, int, int, int]]:
        """As SequenceMatcher.get_opcodes(), or _TooMuch."""
        return _Matcher(self, before, after).get_opcodes()


class _Matcher(SequenceMatcher):
    """Counts what it does: each search looks at every pair of equal items."""

    def __init__(self, effort: _Effort, before: list[str], after: list[str]) -> None:
        self.effort = effort
        super().__init__(None, before, after, autojunk=False)

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Any:
        self.effort.left -= sum(1 + len(self.b2j.get(item, ())) for item in self.a[alo:ahi])
        if self.effort.left < 0:
            raise _TooMuch
        return super().find_longest_match(alo, ahi, blo, bhi)


class _Blocks(HTMLParser):
    """Collects the text of each block element, with the element's name before headings, items and cells."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self.text: list[str] = []
        self.label = ""
        self.skip = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SKIPPED:
            self.skip += 1
        elif tag in BLOCKS:
            self.flush()
            self.label = tag if tag in LABELLED else self.label if tag in ("p", "div") else ""
        elif tag == "br":
            self.text.append("\n")
        elif tag == "img":
            values = dict(attrs)
            self.text.append(f"[{values.get('alt') or ''} {values.get('src') or ''}]")
        elif tag == "a" and (href := dict(attrs).get("href")):
            self.text.append(f"[{href}] ")

    def handle_endtag(self, tag: str) -> None:
        if tag in SKIPPED:
            self.skip = max(0, self.skip - 1)
        elif tag in BLOCKS:
            self.flush()
            self.label = ""

    def handle_data(self, data: str) -> None:
        if not self.skip:
            self.text.append(data)

    def flush(self) -> None:
        text = re.sub(r"[ \t\r\f\v]+", " ", "".join(self.text)).strip()
        if text:
            self.blocks.append(f"{self.label}: {text}" if self.label else text)
        self.text = []


def blocks_of(html: str | None) -> list[str]:
    """Readable lines of an HTML text, one per block element."""
    parser = _Blocks()
    parser.feed(html or "")
    parser.close()
    parser.flush()
    return parser.blocks


def compare_html(old: str | None, new: str | None) -> list[Row]:
    """Rows of the comparison of two HTML texts; when only the mark-up differs, the sources are compared."""
    before, after = blocks_of(old), blocks_of(new)
    if before == after and (old or "") != (new or ""):
        before, after = _source_lines(old), _source_lines(new)
    return compare_lines(before, after)


def compare_text(old: str | None, new: str | None) -> list[Row]:
    """Rows of the comparison of two plain texts, line by line."""
    return compare_lines((old or "").splitlines(), (new or "").splitlines())


def _source_lines(html: str | None) -> list[str]:
    return re.sub(r"(</(?:p|li|h[1-6]|tr|table|ul|ol|blockquote)>)", r"\1\n", html or "").splitlines()


def compare_lines(before: list[str], after: list[str]) -> list[Row]:
    """Align two lists of lines; changed neighbours are paired and compared word by word."""
    if len(before) + len(after) <= LONGEST_BLOCKS:
        try:
            return _aligned(before, after, _Effort())
        except _TooMuch:
            pass
    return _aligned(["\n".join(before)], ["\n".join(after)], _Effort())


def _aligned(before: list[str], after: list[str], effort: _Effort) -> list[Row]:
    rows: list[Row] = []
    for tag, a1, a2, b1, b2 in effort.opcodes(before, after):
        if tag == "equal":
            rows += [Row("same", [Piece("same", line)], [Piece("same", line)]) for line in before[a1:a2]]
        else:
            rows += _paired(before[a1:a2], after[b1:b2], effort)
    return rows


def _paired(old: list[str], new: list[str], effort: _Effort) -> Iterator[Row]:
    for index in range(max(len(old), len(new))):
        if index >= len(new):
            yield Row("removed", [Piece("removed", old[index])], [])
        elif index >= len(old):
            yield Row("added", [], [Piece("added", new[index])])
        else:
            yield Row("changed", *_words(old[index], new[index], effort))


def _words(old: str, new: str, effort: _Effort) -> tuple[list[Piece], list[Piece]]:
    """The pieces of both sides, word by word."""
    a, b = re.findall(r"\s+|\w+|[^\w\s]", old), re.findall(r"\s+|\w+|[^\w\s]", new)
    whole = [Piece("removed", old)], [Piece("added", new)]
    if max(len(a), len(b)) > LONGEST_WORDS:
        return whole
    try:
        steps = effort.opcodes(a, b)
    except _TooMuch:
        return whole
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, a1, a2, b1, b2 in steps:
        before, after = "".join(a[a1:a2]), "".join(b[b1:b2])
        if tag == "equal":
            left.append(Piece("same", before))
            right.append(Piece("same", after))
            continue
        if before:
            left.append(Piece("removed", before))
        if after:
            right.append(Piece("added", after))
    return left, right
