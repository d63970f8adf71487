"""What the words of a text are about: "garantimos" and "certeza" are both *guarantee*, "lipo" and "laser" are treatments.

The learned parts of the engine see concepts instead of words, so a wording that nobody listed is understood by words that
somebody did. ``concepts.json`` holds the words: ``garant*`` is the start of a word, ``*statina`` its end, several words stand
in a row. A word may have
several concepts or none. Work is linear in the text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from . import scan

WORDS = Path(__file__).with_name("concepts.json")
LONGEST = 40  # characters of a word that are looked at
MOST_IN_A_ROW = 8  # words of one entry

_TOKEN = scan.compile(r"r\$|\w{1,40}|%|[?!]")
_PARTS = str.maketrans("-'", "  ")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a folded text, where it stands, and its concepts as places in ``names()``."""

    start: int
    end: int
    word: str
    concepts: frozenset[int]


@dataclass(frozen=True)
class _Lexicon:
    names: tuple[str, ...]
    labels: tuple[str, ...]
    whole: dict[str, frozenset[int]]
    starts: dict[str, frozenset[int]]
    ends: dict[str, frozenset[int]]
    rows: dict[str, list[tuple[tuple[str, ...], int]]]  # by the start of their first word


@cache
def _lexicon() -> _Lexicon:
    stored = json.loads(WORDS.read_text("utf-8"))["concepts"]
    whole: dict[str, set[int]] = {}
    starts: dict[str, set[int]] = {}
    ends: dict[str, set[int]] = {}
    rows: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for number, entry in enumerate(stored.values()):
        for words in entry["words"]:
            parts = tuple(words.translate(_PARTS).split())
            if len(parts) > 1:
                rows.setdefault(parts[0].rstrip("*"), []).append((parts[:MOST_IN_A_ROW], number))
            elif parts[0].startswith("*"):
                ends.setdefault(parts[0][1:], set()).add(number)
            elif parts[0].endswith("*"):
                starts.setdefault(parts[0][:-1], set()).add(number)
            else:
                whole.setdefault(parts[0], set()).add(number)
    labels = tuple(entry["label"] for entry in stored.values())
    return _Lexicon(tuple(stored), labels, _frozen(whole), _frozen(starts), _frozen(ends), rows)


def _frozen(sets: dict[str, set[int]]) -> dict[str, frozenset[int]]:
    return {word: frozenset(numbers) for word, numbers in sets.items()}


def names() -> tuple[str, ...]:
    return _lexicon().names


def label(concept: int) -> str:
    """The concept in Portuguese, as an officer reads it."""
    return _lexicon().labels[concept]


def tokens(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The words of a folded text with their concepts, in order."""
    found = [(match.start(), match.end(), match.group()) for match in _TOKEN.finditer(text, start, end)]
    words = [word for _, _, word in found]
    scan.tick(sum(map(len, words)))
    known = [_known(word) for word in words]
    concepts = [own for own, _ in known]
    for place, (_, rows) in enumerate(known):
        for parts, number in rows:
            if _stands(parts, words, place):
                for other in range(place, place + len(parts)):
                    concepts[other] = concepts[other] | {number}
    return [Token(*where, own) for where, own in zip(found, concepts, strict=True)]


@lru_cache(maxsize=1 << 14)
def _known(word: str) -> tuple[frozenset[int], tuple[tuple[tuple[str, ...], int], ...]]:
    """The concepts of a word alone, and the entries of several words that it may open."""
    lexicon = _lexicon()
    own = set(lexicon.whole.get(word, ()))
    rows: list[tuple[tuple[str, ...], int]] = []
    for size in range(1, len(word) + 1):
        own.update(lexicon.starts.get(word[:size], ()), lexicon.ends.get(word[-size:], ()))
        rows += lexicon.rows.get(word[:size], ())
    return frozenset(own), tuple(rows)


def _stands(parts: tuple[str, ...], words: list[str], place: int) -> bool:
    last = place + len(parts) - 1
    if last >= len(words):
        return False
    for offset in range(len(parts) - 1, -1, -1):  # the last word of a row is the rarest
        part, word = parts[offset], words[place + offset]
        if word != part and not (part[-1] == "*" and word.startswith(part[:-1])):
            return False
    return True


def present(found: list[Token]) -> list[int]:
    """The concepts of some tokens, each once, in order."""
    return sorted(set().union(*(token.concepts for token in found)))


def meetings(found: list[Token]) -> Iterator[str]:
    """Features: every concept of some tokens, and every two of them."""
    concepts = present(found)
    for place, concept in enumerate(concepts):
        yield f"c{concept}"
        for other in concepts[place + 1 :]:
            yield _pair(concept, other)


@cache
def _pair(one: int, other: int) -> str:
    return f"x{one} {other}"
