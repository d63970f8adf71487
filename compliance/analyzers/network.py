"""A small neural network over hashed features, and how it is stored.

A member adds up the rows of its features, keeps what is positive, and mixes that once more before it answers; a model is
the mean of its members. Sizes are chosen so that one sentence costs microseconds and the weights stay a text file.
``script/train-models`` makes the weights; nothing is learned from what users write.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from zlib import crc32

import numpy

from . import scan

LINE = 120  # characters of a line of weights


def buckets(features: Iterable[str], size: int) -> list[int]:
    """The features as numbers below ``size``, each once, in order."""
    return sorted({_hashed(feature) % size for feature in features})


@lru_cache(maxsize=1 << 16)
def _hashed(feature: str) -> int:
    return crc32(feature.encode())


@dataclass
class Member:
    """One network: ``(size, width)`` rows, a hidden layer of ``mixed`` units, ``outputs`` answers (log odds)."""

    rows: numpy.ndarray  # (size, width)
    row_bias: numpy.ndarray  # (width,)
    mix: numpy.ndarray  # (width, mixed)
    mix_bias: numpy.ndarray  # (mixed,)
    out: numpy.ndarray  # (width + mixed, outputs)
    out_bias: numpy.ndarray  # (outputs,)

    def score(self, texts: Sequence[Sequence[int]]) -> numpy.ndarray:
        """Log odds ``(len(texts), outputs)`` of texts given by their buckets."""
        scan.tick(sum(map(len, texts)))
        summed = numpy.stack([self.rows[text].sum(axis=0) / max(1, len(text)) ** 0.5 for text in map(list, texts)])
        first = numpy.maximum(summed + self.row_bias, 0)
        second = numpy.maximum(first @ self.mix + self.mix_bias, 0)
        return numpy.hstack([first, second]) @ self.out + self.out_bias


PARTS = ("rows", "row_bias", "mix", "mix_bias", "out", "out_bias")


@cache
def load(path: Path) -> tuple[list[Member], dict[str, object]]:
    """The members of a weights file, and what else it says (names of the answers, digest of the training texts)."""
    stored = json.loads(path.read_text())
    members = [Member(**{name: _unpacked(member[name]) for name in PARTS}) for member in stored.pop("members")]
    return members, stored


def score(path: Path, texts: Sequence[Sequence[Sequence[int]]]) -> numpy.ndarray:
    """Log odds ``(len(texts), outputs)``: the mean of the members, of texts given as buckets for every member."""
    members, _ = load(path)
    return sum(member.score([text[n] for text in texts]) for n, member in enumerate(members)) / len(members)


def save(path: Path, members: Sequence[Member], **notes: object) -> None:
    """Write members as text: every part in 255 steps."""
    packed = [{name: _packed(getattr(member, name)) for name in PARTS} for member in members]
    path.write_text(json.dumps({**notes, "members": packed}, indent=0) + "\n")


def _packed(values: numpy.ndarray) -> dict[str, object]:
    scale = float(numpy.abs(values).max()) / 127 or 1.0
    text = b64encode(numpy.round(values / scale).astype(numpy.int8).tobytes()).decode()
    lines = [text[start : start + LINE] for start in range(0, len(text), LINE)]
    return {"shape": list(values.shape), "scale": scale, "steps": lines}


def _unpacked(stored: dict) -> numpy.ndarray:
    steps = numpy.frombuffer(b64decode("".join(stored["steps"])), dtype=numpy.int8)
    return steps.reshape(stored["shape"]).astype(numpy.float32) * numpy.float32(stored["scale"])
