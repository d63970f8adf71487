"""Regular expressions that cannot run away, and the step counter that proves it.

Every pattern of the engine is compiled here. ``compile`` refuses unbounded repeats (``*``, ``+``, ``{n,}``), very wide
bounded ones and back-references, so one attempt at one position costs at most a constant. Work is therefore linear in the
text; ``counting`` adds up what was scanned and tried, so a test can show it without a clock.
"""

from __future__ import annotations

import re
import re._constants as _sre
import re._parser as _parser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

MAX_REPEAT = 256
MAX_WIDTH = 2000
MAX_NEEDLES, MAX_NEEDLES_IN_WINDOW, MIN_NEEDLE = 400, 60, 2

_steps: ContextVar[Steps | None] = ContextVar("analyzer_steps", default=None)


class UnsafePattern(ValueError):
    """A pattern whose cost is not bounded per position."""


@dataclass
class Steps:
    total: int = 0


@contextmanager
def counting() -> Iterator[Steps]:
    """Count the work done inside the block: characters scanned, candidates and their widths."""
    steps = Steps()
    token = _steps.set(steps)
    try:
        yield steps
    finally:
        _steps.reset(token)


def tick(amount: int = 1) -> None:
    steps = _steps.get()
    if steps is not None:
        steps.total += amount


def _check(items: object, *, source: str) -> None:
    for op, arg in items:
        if op in (_sre.MAX_REPEAT, _sre.MIN_REPEAT):
            _, high, body = arg
            if high is _sre.MAXREPEAT or high > MAX_REPEAT:
                raise UnsafePattern(f"Repeat without a bound of {MAX_REPEAT} in {source!r}")
            _check(body, source=source)
        elif op is _sre.SUBPATTERN:
            _check(arg[3], source=source)
        elif op is _sre.BRANCH:
            for branch in arg[1]:
                _check(branch, source=source)
        elif op in (_sre.ASSERT, _sre.ASSERT_NOT):
            _check(arg[1], source=source)
        elif op is _sre.ATOMIC_GROUP:
            _check(arg, source=source)
        elif op is _sre.GROUPREF:
            raise UnsafePattern(f"Back-reference in {source!r}")


def _needles(items: Iterable) -> frozenset[str] | None:
    """Literals of which at least one stands in every match; None when there is no such set."""
    found: list[frozenset[str]] = []
    run = ""
    for op, arg in items:
        if op is _sre.LITERAL:
            run += chr(arg)
            continue
        if run:
            found.append(frozenset({run}))
            run = ""
        inner: frozenset[str] | None = None
        if op is _sre.SUBPATTERN:
            inner = _needles(arg[3])
        elif op is _sre.BRANCH:
            branches = [_needles(branch) for branch in arg[1]]
            inner = None if None in branches else frozenset().union(*branches)
        elif op in (_sre.MAX_REPEAT, _sre.MIN_REPEAT) and arg[0] > 0:
            inner = _needles(arg[2])
        if inner is not None:
            found.append(inner)
    if run:
        found.append(frozenset({run}))
    return max(found, key=lambda needles: (min(map(len, needles)), -len(needles)), default=None)


def _shortest(needles: frozenset[str] | None) -> tuple[str, ...]:
    """Without the needles that hold another one; empty when looking for them would tell nothing or cost too much."""
    if needles is None or min(map(len, needles)) < MIN_NEEDLE:
        return ()
    kept: list[str] = []
    for needle in sorted(needles, key=len):
        if not any(other in needle for other in kept):
            kept.append(needle)
    return tuple(kept) if len(kept) <= MAX_NEEDLES else ()


class Pattern:
    """A safe pattern. Only the methods the engine needs, each of them counted.

    Most patterns find nothing in most texts. Looking for the literals that a match must hold is many times faster than
    trying the pattern at every position, so that is done first; and a pattern is checked when made, but compiled, which
    takes as long again, when a text first needs it.
    """

    __slots__ = ("_flags", "_needs", "_re", "source", "width")

    def __init__(self, source: str, flags: int = 0) -> None:
        tree = _parser.parse(source, flags)
        _check(tree, source=source)
        self.width = tree.getwidth()[1]
        if self.width > MAX_WIDTH:
            raise UnsafePattern(f"Pattern may match {self.width} characters: {source!r}")
        self.source, self._flags = source, flags
        self._re: re.Pattern[str] | None = None
        self._needs = () if tree.state.flags & re.IGNORECASE else _shortest(_needles(tree))

    def compiled(self) -> re.Pattern[str]:
        if self._re is None:
            self._re = re.compile(self.source, self._flags)
        return self._re

    def _possible(self, text: str, start: int, end: int) -> bool:
        needs = self._needs
        if not needs:
            return True
        if start > 0 or end < len(text):
            if len(needs) > MAX_NEEDLES_IN_WINDOW:
                return True
            text = text[start:end]
        for needle in needs:  # noqa: SIM110 - a plain loop: this is the hottest line of the engine
            if needle in text:
                return True
        return False

    def finditer(self, text: str, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
        end = len(text) if end is None else end
        tick(end - start)
        if not self._possible(text, start, end):
            return
        for match in self.compiled().finditer(text, start, end):
            tick(1)
            yield match

    def search(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        end = len(text) if end is None else end
        tick(max(0, end - start))
        if not self._possible(text, start, end):
            return None
        return self.compiled().search(text, start, end)

    def match(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        tick(1)
        return self.compiled().match(text, start, len(text) if end is None else end)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        tick(1)
        return self.compiled().fullmatch(text)


def compile(source: str, flags: int = 0) -> Pattern:
    return Pattern(source, flags)


def words(*alternatives: str) -> Pattern:
    """A pattern over folded text (lower case, no accents): whole words, ``*`` = any word ending."""
    return Pattern(cue_source(list(alternatives)))


# The end of a word, unless the cue ends in a sign such as "R$".
BOUNDARY = r")(?!(?<=\w)\w)"


def cue_source(alternatives: list[str]) -> str:
    return r"(?<!\w)(?:" + "|".join(_cue(a) for a in alternatives) + BOUNDARY


_CUE_TOKEN = re.compile(r"~(\d) ?|(\*)|( \??)|(\\.)|(\[(?:\\.|[^\]\\])*\])|(.)")


_TRAILING_GAP = re.compile(r" ?~\d$")


def _cue(text: str) -> str:
    """Cue syntax of the rule packs: ``garant*`` word ending, blank = white space, ``~3`` = up to three words between."""
    out: list[str] = []
    text = _TRAILING_GAP.sub("", text)
    for gap, star, blank, escaped, charset, other in _CUE_TOKEN.findall(text):
        if gap:
            out.append(rf"(?:[^\s.;:!?]{{1,30}}[\s]{{1,3}}){{0,{gap}}}")
        elif star:
            out.append(r"[\w-]{0,24}")
        elif blank:
            out.append(r"\s{0,3}" if blank.endswith("?") else r"\s{1,3}")
        else:
            out.append(escaped or charset or (r"\." if other == "." else other))
    return "".join(out)
