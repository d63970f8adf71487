"""The LGPD score (domain 2.4), row by row, and the gate of stage S.2.1 (2.5)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ..findings import Finding

BASE = {"S4": 40, "S3": 25, "S2": 10, "S1": 4}
HEALTH_LINK, MINOR = 20, 15
STEPS = ((0.85, 1.0), (0.60, 0.6), (0.0, 0.2))


@dataclass(frozen=True)
class Row:
    """One line of the explanation. The points of all rows sum to 100 − score, unless the score is capped at 0."""

    type: str
    masked: str
    confidence: float
    base: int
    factor: float
    points: int
    reason: str = ""

    def as_json(self) -> dict[str, object]:
        return dict(self.__dict__)


@dataclass(frozen=True)
class Score:
    value: int
    rows: tuple[Row, ...]
    total: int

    @property
    def capped(self) -> bool:
        return self.total > 100

    def as_json(self) -> dict[str, object]:
        return {
            "value": self.value,
            "points": self.total,
            "capped": self.capped,
            "rows": [r.as_json() for r in self.rows],
        }


@dataclass(frozen=True)
class Gate:
    result: str
    hard: bool
    reason: str

    def as_json(self) -> dict[str, object]:
        return dict(self.__dict__)


def factor(confidence: float) -> float:
    return next(value for least, value in STEPS if round(confidence, 4) >= least)


def score(findings: Iterable[Finding], *, health_link: bool = False, minor: bool = False) -> Score:
    """Each distinct value of a type: the first in full, the others half, together at most twice the base."""
    rows: list[Row] = []
    spent: dict[str, int] = {}
    seen: set[str] = set()
    open_findings = [f for f in findings if f.kind == "phi" and f.status == "open"]
    for finding in open_findings:
        base = BASE[finding.severity]
        share = factor(finding.confidence)
        first = finding.code not in seen
        seen.add(finding.code)
        points = math.ceil(round(base * share * (1 if first else 0.5), 6))
        room = max(0, 2 * base - spent.get(finding.code, 0))
        points, capped = min(points, room), points > room
        spent[finding.code] = spent.get(finding.code, 0) + points
        reason = "" if first else "limite do tipo" if capped else "valor adicional: metade"
        rows.append(Row(finding.code, finding.masked, finding.confidence, base, share, points, reason))
    if health_link and any(f.severity in ("S3", "S4") for f in open_findings):
        reason = "dado de saúde no mesmo parágrafo (LGPD art. 5º II)"
        rows.append(Row("health_link", "", 1.0, HEALTH_LINK, 1.0, HEALTH_LINK, reason))
    if minor and open_findings:
        rows.append(Row("minor", "", 1.0, MINOR, 1.0, MINOR, "criança ou adolescente (LGPD art. 14)"))
    total = sum(row.points for row in rows)
    return Score(max(0, 100 - total), tuple(rows), total)


def gate(result: Score, findings: Iterable[Finding], *, health_link: bool = False, level: str = "public") -> Gate:
    """Domain 2.5. At level ``phi`` the score is shown but does not block: such content is never public."""
    open_now = {f.severity for f in findings if f.kind == "phi" and f.status == "open"}
    if not open_now:
        return Gate("passed", False, "nenhum achado aberto")
    if level == "phi":
        return Gate("passed_with_warnings", False, "nível phi: nunca é público")
    if result.value < 70 or "S4" in open_now or ("S3" in open_now and health_link):
        return Gate("failed", True, "identificador único, dado de saúde ligado a pessoa ou pontuação abaixo de 70")
    if result.value < 90 or "S3" in open_now:
        return Gate("failed", False, "identificador direto ou pontuação de 70 a 89")
    return Gate("passed_with_warnings", False, "somente quase-identificadores")
