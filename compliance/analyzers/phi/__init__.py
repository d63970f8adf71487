"""Recognisers of personal data of patients (domain 2), their score and gate."""

from .engine import VERSION, PhiHit, Segment, detect
from .score import Gate, Row, Score, gate, score
from .types import TYPES, PhiType, redaction

__all__ = [
    "TYPES", "VERSION", "Gate", "PhiHit", "PhiType", "Row", "Score", "Segment", "detect", "gate", "redaction", "score",
]  # fmt: skip
