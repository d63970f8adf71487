"""A second opinion on claims: a linear model over words and their pieces, for wordings that no list foresees.

The lists of `claim_cues` and `claim_frames` are exact and can be explained, but an author finds words that they lack.
This model gives a sentence a score from its words, pairs of words and pieces of three to five letters. Its weights are
trained by `script/train-claims` on the labelled texts of this repository and committed beside it; nothing is learned
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
_DIGITS = str.maketrans("0123456789", "0" * 10)


def features(sentence: str) -> list[int]:
    """Buckets of a folded sentence, each once, in order. Numbers count by their length only."""
    words = [match.group().translate(_DIGITS) for match in _WORD.finditer(sentence[:MOST_CHARACTERS])]
    return sorted({crc32(piece.encode()) % BUCKETS for piece in _pieces(words)})


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
