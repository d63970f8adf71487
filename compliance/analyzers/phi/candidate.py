"""A possible identifier, before overlaps are resolved."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Candidate:
    """Offsets count characters of the normalised text. ``label``: distance to the label that names the type."""

    type: str
    start: int
    end: int
    confidence: float
    value: str
    label: int = 999
    repeats: list[tuple[int, int]] = field(default_factory=list)
