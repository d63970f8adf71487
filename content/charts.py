"""Bars as the page draws them: geometry in the units of the drawing's view box, so that no style and no script is
needed. Every chart stands above a table with the same numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH, VALUE_WIDTH = 360, 56  # view box; room for the number behind the longest bar
LABEL, BAR, GAP = 16, 14, 10  # heights of a row's parts
SHORTEST = 2  # a value above nothing is seen


@dataclass(frozen=True)
class Bar:
    """One row: its label above, the bar, and the number behind it."""

    label: str
    shown: str
    label_y: int
    y: int
    width: int
    value_x: int
    value_y: int


@dataclass(frozen=True)
class Chart:
    """A drawing of bars."""

    bars: list[Bar]
    height: int
    width: int = WIDTH
    bar_height: int = BAR
    bar_space: int = WIDTH - VALUE_WIDTH

    @property
    def view_box(self) -> str:
        return f"0 0 {self.width} {self.height}"


def bars(rows: Iterable[Sequence[object]]) -> Chart:
    """A chart of (label, value) or (label, value, shown text) rows; lengths are shares of the largest value."""
    found = [(str(row[0]), float(row[1] or 0), str(row[2] if len(row) > 2 else row[1])) for row in rows]  # type: ignore[arg-type]
    largest = max((value for _label, value, _shown in found), default=0)
    step = LABEL + BAR + GAP
    drawn = []
    for number, (label, value, shown) in enumerate(found):
        width = max(round((WIDTH - VALUE_WIDTH) * value / largest), SHORTEST) if value > 0 else 0
        y = number * step + LABEL
        drawn.append(Bar(label, shown, y - 4, y, width, width + 6, y + BAR - 2))
    return Chart(drawn, max(len(found), 1) * step)
