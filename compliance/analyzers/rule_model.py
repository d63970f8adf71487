"""A second reader of the advertising rules: a small network over concepts, for wordings that no clause foresees.

The clauses of the packs are exact and can be explained, but a promise has more wordings than anybody lists. The network
reads every sentence, alone and with its neighbours, and says for every rule how much it sounds like the breaches among the
labelled texts of this repository. What it finds is reported as found by it, with the concepts that decided.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy

from . import concepts, network
from .concepts import Token
from .text import SHORT, View

WEIGHTS = Path(__file__).with_name("rule_weights.json")
SIZES = (1 << 12, 1 << 13)  # rows of the members: concepts and words, the same with pairs of concepts
WIDTHS = (64, 64)
MOST_CHARACTERS = 900  # read at once
WINDOW = 450  # characters of a sentence and its next two
MOST_REASONS = 3
FEWEST_WORDS = 4  # of a sentence that may be held against a rule: "Aprovado" is a title

_DIGITS = str.maketrans("0123456789", "0" * 10)


@dataclass
class Passage:
    """A place of a text as the network read it, with its score for every rule."""

    start: int
    end: int
    scores: numpy.ndarray


class Reading:
    """One text as the network reads it."""

    def __init__(self, view: View) -> None:
        self.view = view
        spans = passages(view)
        self.passages = [Passage(*span, row) for span, row in zip(spans, _scores(view, spans), strict=True)]
        self._alone: dict[tuple[int, int], numpy.ndarray] = {}

    def place(self, passage: Passage, column: int) -> tuple[int, int]:
        """The sentence of a passage, of several words if it has one, that sounds most like a breach of the rule in this column."""
        first = self.view.sentence_index(passage.start)
        last = self.view.sentence_index(max(passage.start, passage.end - 1))
        spans = self.view.sentences[first : last + 1]
        spans = [span for span in spans if holds_words(self.view, span)] or spans
        if len(spans) == 1:
            return spans[0]
        unread = [span for span in spans if span not in self._alone]
        self._alone.update(zip(unread, _scores(self.view, unread), strict=True))
        return max(spans, key=lambda span: self._alone[span][column])


def holds_words(view: View, span: tuple[int, int]) -> bool:
    """Whether a sentence is more than a title."""
    return view.fold.count(" ", *span) >= FEWEST_WORDS - 1


def passages(view: View) -> list[tuple[int, int]]:
    """What is read: each sentence with its next two of the paragraph; a short text whole and by sentence."""
    spans = view.sentences
    if not spans:
        return []
    if len(spans) > SHORT:
        return [piece for index in range(len(spans)) for piece in _cut(_with_next(view, index))]
    whole = (0, len(view.fold))
    return [piece for span in ([whole, *spans] if len(spans) > 1 else [whole]) for piece in _cut(span)]


def _with_next(view: View, index: int) -> tuple[int, int]:
    start, end = view.sentences[index]
    block_end = view.paragraph_at(start)[1]
    for next_start, next_end in view.sentences[index + 1 : index + 3]:
        if next_start >= block_end or next_end - start > WINDOW:
            break
        end = next_end
    return start, end


def _cut(span: tuple[int, int]) -> Iterator[tuple[int, int]]:
    for start in range(span[0], max(span[1], span[0] + 1), MOST_CHARACTERS):
        yield start, min(span[1], start + MOST_CHARACTERS)


def inputs(tokens: list[Token]) -> list[list[int]]:
    """Buckets of one passage for every member: the starts of its words and its concepts, without and with their pairs."""
    starts = [f"l{token.word[:5].translate(_DIGITS)}" for token in tokens]
    alone = [f"c{concept}" for concept in concepts.present(tokens)]
    return [
        network.buckets(starts + alone, SIZES[0]),
        network.buckets([*starts, *concepts.meetings(tokens)], SIZES[1]),
    ]


def codes() -> list[str]:
    """The rules that the network knows, in the order of its answers."""
    return list(network.load(WEIGHTS)[1]["codes"])


def _scores(view: View, spans: list[tuple[int, int]]) -> numpy.ndarray | list:
    return network.score(WEIGHTS, [inputs(tokens) for tokens in words(view, spans)]) if spans else []


def words(view: View, spans: list[tuple[int, int]]) -> list[list[Token]]:
    """The tokens of each span; the text is looked at once."""
    starts = [token.start for token in view.tokens]
    return [view.tokens[bisect_left(starts, start) : bisect_left(starts, end)] for start, end in spans]


def reasons(view: View, span: tuple[int, int], code: str) -> list[str]:
    """The concepts without which the network would say less, the weightiest first. Labels only, no words of the text."""
    tokens = concepts.tokens(view.fold, span[0], min(span[1], span[0] + MOST_CHARACTERS))
    present = concepts.present(tokens)
    without = [[_lacking(token, concept) for token in tokens] for concept in present]
    scores = network.score(WEIGHTS, [inputs(each) for each in (tokens, *without)])[:, codes().index(code)]
    drops = sorted(zip(scores[0] - scores[1:], present, strict=True), reverse=True)
    return [concepts.label(concept) for drop, concept in drops[:MOST_REASONS] if drop > 0]


def _lacking(token: Token, concept: int) -> Token:
    return (
        Token(token.start, token.end, token.word, token.concepts - {concept}) if concept in token.concepts else token
    )
