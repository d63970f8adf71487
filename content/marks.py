"""Marks and small links inside an article, placed by offsets of its source, without breaking its mark-up.

The offsets are the engine's: they count characters of the stored HTML or text. A mark never crosses a tag (it is cut
into one piece per run of text) and never splits an entity. The work grows with the length of the source plus the
number of spans: at most `DEEPEST` marks lie over each other, the oldest give way.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

DEEPEST = 4
LONGEST_ENTITY = 40
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
# As nh3 writes a tag. The alternatives begin with different characters, so no text is read twice.
TAG = re.compile(r"""</?([a-zA-Z][a-zA-Z0-9]*)(?:[^<>"']|"[^"]*"|'[^']*')*>""")
NO_LINK_INSIDE = frozenset({"a", "sup", "sub"})  # a link behind a span waits until these have ended
ATTRIBUTES_OF = frozenset({"a", "abbr", "img"})  # phrasing: a link may stand right behind the tag


@dataclass(frozen=True)
class Span:
    """From `start` to `end`. `after` is trusted HTML put behind it; without `css` there is no mark, only that."""

    start: int
    end: int
    key: str = ""
    anchor: str = ""  # id of the first piece
    css: str = ""
    after: str = ""


@dataclass
class Marked:
    """The HTML, and the anchors that stand in it."""

    html: SafeString
    anchors: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    tag: str = ""  # small letters; empty for text
    closing: bool = False


def mark_html(html: str, spans: Iterable[Span]) -> Marked:
    """`html` (sanitised) with its spans."""
    return _Writer(html, list(_tokens(html)), plain=False).write(spans)


def mark_text(text: str, spans: Iterable[Span]) -> Marked:
    """Plain `text`, escaped, with its spans; line breaks become `<br>`."""
    return _Writer(text, [_Token(0, len(text))] if text else [], plain=True).write(spans)


def _tokens(html: str) -> Iterator[_Token]:
    position, length = 0, len(html)
    while position < length:
        start = html.find("<", position)
        if start < 0:
            start = length
        match = TAG.match(html, start) if start < length else None
        if match is None and start < length:
            # A bracket that opens nothing is text; sanitised HTML has none.
            following = html.find("<", start + 1)
            yield _Token(position, following if following > 0 else length)
            position = following if following > 0 else length
            continue
        if start > position:
            yield _Token(position, start)
        if match:
            yield _Token(match.start(), match.end(), match[1].lower(), html[start + 1] == "/")
        position = match.end() if match else length


class _Writer:
    def __init__(self, source: str, tokens: list[_Token], *, plain: bool) -> None:
        self.source, self.tokens, self.plain = source, tokens, plain
        # White space between tags may be inside a table or list, where nothing but their parts may stand.
        runs = [t for t in tokens if not t.tag and source[t.start : t.end].strip()]
        self.run_starts, self.run_ends = [t.start for t in runs], [t.end for t in runs]
        self.runs = frozenset(self.run_starts)
        self.tags = [t for t in tokens if t.tag]
        self.tag_starts = [t.start for t in self.tags]
        self.out: list[str] = []
        self.anchors: set[str] = set()
        self.active: dict[int, Span] = {}
        self.waiting: list[str] = []
        self.inside = 0  # how many elements are open in which no link may stand

    def write(self, spans: Iterable[Span]) -> Marked:
        starts: dict[int, list[tuple[int, Span]]] = {}
        ends: dict[int, list[tuple[int, Span]]] = {}
        points: dict[int, list[Span]] = {}
        # Of those that start together the longest comes first: it is the outermost.
        for number, span in enumerate(sorted(spans, key=lambda each: (each.start, -each.end))):
            start, end = self._snapped(span)
            if start < end:
                starts.setdefault(start, []).append((number, span))
                ends.setdefault(end, []).append((number, span))
            elif end >= 0:
                points.setdefault(end, []).append(span)
        cuts = sorted(starts.keys() | ends.keys() | points.keys())
        for token in self.tokens:
            if token.tag:
                self._tag(token, points)
            elif token.start in self.runs:
                first, last = bisect_left(cuts, token.start), bisect_right(cuts, token.end)
                self._run(token, cuts[first:last], starts, ends, points)
            else:
                self.out.append(self._raw(token.start, token.end))
        self._flush()
        return Marked(mark_safe("".join(self.out)), self.anchors)  # noqa: S308 - source sanitised or escaped

    # --- Where a span may stand --------------------------------------------------------------------------------------

    def _snapped(self, span: Span) -> tuple[int, int]:
        """The span reduced to text. Two equal numbers: a point behind a tag or text; negative: nowhere."""
        length = len(self.source)
        start, end = max(0, min(span.start, length)), max(0, min(span.end, length))
        if end <= start:
            return -1, -1
        first = bisect_right(self.run_ends, start)
        last = bisect_left(self.run_starts, end) - 1
        if first > last:
            return self._point(start)
        start = max(start, self.run_starts[first])
        end = min(end, self.run_ends[last])
        return self._entity(start)[0], self._entity(end)[1]

    def _point(self, start: int) -> tuple[int, int]:
        """A span without text of its own: behind its tag if that is a phrase's, else at the end of the text before."""
        index = bisect_right(self.tag_starts, start) - 1
        if index >= 0 and self.tags[index].end > start and self.tags[index].tag in ATTRIBUTES_OF:
            return self.tags[index].end, self.tags[index].end
        run = bisect_right(self.run_ends, start) - 1
        return (self.run_ends[run], self.run_ends[run]) if run >= 0 else (-1, -1)

    def _entity(self, position: int) -> tuple[int, int]:
        """Both ends of the entity around `position`; the position itself where there is none."""
        if self.plain:
            return position, position
        ampersand = self.source.rfind("&", max(0, position - LONGEST_ENTITY), position)
        match = ENTITY.match(self.source, ampersand) if ampersand >= 0 else None
        return (match.start(), match.end()) if match and match.end() > position else (position, position)

    # --- One way through ---------------------------------------------------------------------------------------------

    def _tag(self, token: _Token, points: dict[int, list[Span]]) -> None:
        self.out.append(self.source[token.start : token.end])
        if token.tag in NO_LINK_INSIDE:
            self.inside = max(0, self.inside + (-1 if token.closing else 1))
        self._reach(points.pop(token.end, []))

    def _run(
        self,
        token: _Token,
        cuts: list[int],
        starts: dict[int, list[tuple[int, Span]]],
        ends: dict[int, list[tuple[int, Span]]],
        points: dict[int, list[Span]],
    ) -> None:
        position = token.start
        for cut in cuts:
            self._piece(position, cut)
            position = cut
            for number, span in ends.pop(cut, []) if cut > token.start else []:
                self.active.pop(number, None)
                self.waiting.append(span.after)
            self._reach(points.pop(cut, []) if cut > token.start else [])
            if cut < token.end:
                self._begin(starts.pop(cut, []))
        self._piece(position, token.end)

    def _begin(self, starting: list[tuple[int, Span]]) -> None:
        marks = [(number, span) for number, span in starting if span.css]
        for _number, span in marks[:-DEEPEST]:  # they will be under the others
            self.out.append(self._anchor(span))
        self.active.update(marks)

    def _reach(self, points: list[Span]) -> None:
        self.waiting += [self._anchor(span) + span.after for span in points]
        if not self.inside:
            self._flush()

    def _flush(self) -> None:
        self.out += self.waiting
        self.waiting.clear()

    def _piece(self, start: int, end: int) -> None:
        if start >= end:
            return
        marks = list(islice(reversed(self.active.values()), DEEPEST))[::-1]
        for span in marks:
            identity = ""
            if span.anchor and span.anchor not in self.anchors:
                self.anchors.add(span.anchor)
                identity = f' id="{escape(span.anchor)}"'
            self.out.append(f'<mark{identity} class="{escape(span.css)}" data-for="{escape(span.key)}">')
        self.out.append(self._raw(start, end))
        self.out.append("</mark>" * len(marks))

    def _anchor(self, span: Span) -> str:
        if not span.anchor or span.anchor in self.anchors:
            return ""
        self.anchors.add(span.anchor)
        return f'<span id="{escape(span.anchor)}" data-for="{escape(span.key)}"></span>'

    def _raw(self, start: int, end: int) -> str:
        text = self.source[start:end]
        return escape(text).replace("\n", "<br>") if self.plain else text
