"""A second opinion on claims: a small network over concepts and words, for wordings that no list foresees.

The lists of `claim_cues` and `claim_frames` are exact and can be explained, but an author finds words that they lack.
This model gives a sentence a score. One of its members reads concepts, which of them meet, how the sentence opens and ends,
how long it is and whether it defines something; the other reads words, pairs of words and pieces of three to five letters.
The weights are trained by `script/train-models` on the labelled texts of this repository and committed beside it; nothing is
learned from what users write. Work is linear in the sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from . import concepts, network, scan
from .concepts import Token

WEIGHTS = Path(__file__).with_name("claim_weights.json")
SIZES = (1 << 13, 1 << 15)  # rows of the members: concepts, pieces of words
WIDTHS = (48, 16)
PIECES = (3, 4, 5)
MOST_CHARACTERS = 600  # of a sentence

# "Bócio é o aumento visível da tireoide": the words of an effect, but a definition.
_DEFINES = scan.compile(
    r"\W?(?:\w{1,24}[ ,-]{1,2}){1,6}?(?:e|sao|is|are|chama-se|significa|quer dizer|means|mede|measures) "
    r"(?:o|a|os|as|um|uma|uns|umas|aquel[ea]s?|the|an?|that)\b"
)
_DIGITS = str.maketrans("0123456789", "0" * 10)


def inputs(sentence: str) -> list[list[int]]:
    """Buckets of a folded sentence for every member. Numbers count by their length only."""
    sentence = sentence[:MOST_CHARACTERS]
    tokens = concepts.tokens(sentence)
    words = [token.word.translate(_DIGITS) for token in tokens]
    shape = [*_shape(words)]
    if _DEFINES.match(sentence):
        shape.append("#definition")
    return [
        network.buckets([*_meanings(tokens, words), *shape], SIZES[0]),
        network.buckets([*_pieces(words), *shape], SIZES[1]),
    ]


def _shape(words: list[str]) -> Iterator[str]:
    for place, word in enumerate(words[:4]):
        yield f"^{word}"
        yield f"^{place}{word}"
    yield f"#length{min(6, len(words) // 5)}"


def _meanings(tokens: list[Token], words: list[str]) -> Iterator[str]:
    for word in words:
        yield f"l{word[:5]}"
    for word in words[-2:]:
        yield f"${word[:5]}"
    for token in tokens[:3]:
        for concept in token.concepts:
            yield f"^c{concept}"
    yield from concepts.meetings(tokens)


def _pieces(words: list[str]) -> Iterator[str]:
    for before, word in zip(["", *words], words, strict=False):
        yield f"w{word}"
        yield f"b{before} {word}"
        padded = f" {word} "
        for size in PIECES:
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]
    for first, third in zip(words, words[2:], strict=False):
        yield f"s{first} {third}"


def score(sentence: str) -> float:
    """How much a folded sentence looks like a claim: log odds, 0 is even."""
    return float(network.score(WEIGHTS, [inputs(sentence)])[0, 0])
