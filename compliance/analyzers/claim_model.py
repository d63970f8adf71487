"""A second opinion on claims: a linear model over words and their pieces, for wordings that no list foresees.

The lists of `claim_cues` and `claim_frames` are exact and can be explained, but an author finds words that they lack.
This model gives a sentence a score from its words, pairs of words, pieces of three to five letters, how it opens, how long
it is and whether it defines something. Its weights are trained by `script/train-claims` on the labelled texts of this repository and committed beside it; nothing is learned
from what users write. Work is linear in the sentence.
"""

from __future__ import annotations

import json
import math
from array import array
from base64 import b64decode
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from zlib import crc32

from . import scan

WEIGHTS = Path(__file__).with_name("claim_weights.json")
BUCKETS = 1 << 15
PIECES = (3, 4, 5)
MOST_CHARACTERS = 600  # of a sentence

_WORD = scan.compile(r"\w{1,40}|%")
# "Bócio é o aumento visível da tireoide": the words of an effect, but a definition.
_DEFINES = scan.compile(
    r"\W?(?:\w{1,24}[ ,-]{1,2}){1,6}?(?:e|sao|is|are|chama-se|significa|quer dizer|means|mede|measures) "
    r"(?:o|a|os|as|um|uma|uns|umas|aquel[ea]s?|the|an?|that)\b"
)
_DIGITS = str.maketrans("0123456789", "0" * 10)


def features(sentence: str) -> list[int]:
    """Buckets of a folded sentence, each once, in order. Numbers count by their length only."""
    sentence = sentence[:MOST_CHARACTERS]
    words = [match.group().translate(_DIGITS) for match in _WORD.finditer(sentence)]
    pieces = [*_pieces(words), *_shape(words)]
    if _DEFINES.match(sentence):
        pieces.append("#definition")
    return sorted({crc32(piece.encode()) % BUCKETS for piece in pieces})


def _shape(words: list[str]) -> Iterator[str]:
    for place, word in enumerate(words[:4]):
        yield f"^{word}"
        yield f"^{place}{word}"
    yield f"#length{min(6, len(words) // 5)}"
    for first, third in zip(words, words[2:], strict=False):
        yield f"s{first} {third}"


def _pieces(words: list[str]) -> Iterator[str]:
    for before, word in zip(["", *words], words, strict=False):
        yield f"w{word}"
        yield f"b{before} {word}"
        padded = f" {word} "
        for size in PIECES:
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]


@cache
def _model() -> tuple[array[int], float, float]:
    stored = json.loads(WEIGHTS.read_text())
    weights = array("b", b64decode("".join(stored["weights"])))
    if len(weights) != BUCKETS:
        raise ValueError(f"{WEIGHTS.name} has {len(weights)} weights instead of {BUCKETS}")
    return weights, float(stored["scale"]), float(stored["bias"])


def score(sentence: str) -> float:
    """How much a folded sentence looks like a claim: log odds, 0 is even."""
    weights, scale, bias = _model()
    buckets = features(sentence)
    scan.tick(len(buckets))
    return bias + scale * sum(weights[bucket] for bucket in buckets) / math.sqrt(len(buckets) or 1)
