"""Evidence scales (domain rules 3.3). The level is chosen by a person; nothing here reads a study."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Scale(TextChoices):
    """`evidence_scale` of a claim."""

    OCEBM2011 = "ocebm2011", _("Oxford (OCEBM) 2011")
    OCEBM2009 = "ocebm2009", _("Oxford (OCEBM) 2009")
    GRADE = "grade", _("GRADE")
    NONE = "none", pgettext_lazy("evidence scale", "No scale")


class Grade(TextChoices):
    """Levels of GRADE."""

    HIGH = "high", pgettext_lazy("evidence", "high")
    MODERATE = "moderate", pgettext_lazy("evidence", "moderate")
    LOW = "low", pgettext_lazy("evidence", "low")
    VERY_LOW = "very_low", pgettext_lazy("evidence", "very low")


# Level → its place in the steps of OCEBM 2011, by which levels of different scales are compared.
LEVELS: dict[str, dict[str, int]] = {
    Scale.OCEBM2011: {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5},
    Scale.OCEBM2009: {"1a": 1, "1b": 1, "1c": 1, "2a": 2, "2b": 2, "2c": 2, "3a": 3, "3b": 3, "4": 4, "5": 5},
    Scale.GRADE: {Grade.HIGH: 1, Grade.MODERATE: 2, Grade.LOW: 3, Grade.VERY_LOW: 4},
    Scale.NONE: {"": 0},
}
WEAK = 4  # from here on a public text needs words of uncertainty (domain rules 3.2)
# Categories whose claims need at least this level (domain rules 4.1).
WEAKEST_ALLOWED = {"infectologia_vacinas": 3}


def is_valid(scale: str, level: str) -> bool:
    """Does the scale have this level? "No scale" has none."""
    return level in LEVELS.get(scale, {})


def is_strong_enough(scale: str, level: str, category: str | None) -> bool:
    """Categories about infections and vaccines need level 3 or better; a claim without a scale has no level there."""
    weakest = WEAKEST_ALLOWED.get(category or "")
    return weakest is None or 0 < LEVELS.get(scale, {}).get(level, 0) <= weakest


def is_weak(scale: str | None, level: str | None) -> bool:
    """Level 4 or 5, or what other scales call so."""
    return LEVELS.get(scale or "", {}).get(level or "", 0) >= WEAK


def label(scale: str | None, level: str | None) -> str:
    """Level and scale as people read them; empty without a level."""
    if not level or scale not in Scale.values:
        return ""
    shown = Grade(level).label if level in Grade.values else level
    return str(_("level %(level)s, %(scale)s")) % {"level": shown, "scale": Scale(scale).label}
