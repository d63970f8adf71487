"""What the analyzers report. A finding holds a masked sample; the matched value lives only while the analysis runs."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
from dataclasses import dataclass, replace

SEVERITIES = ("S4", "S3", "S2", "S1")
RULE_SEVERITIES = ("block", "warn", "info")


@dataclass
class Finding:
    """One thing an editor has to look at. ``start``/``end`` and ``offsets`` count characters of ``field`` as given."""

    kind: str  # "phi" or "rule"
    code: str
    severity: str
    start: int
    end: int
    field: str = "content"
    offsets: list[tuple[int, int]] = dataclasses.field(default_factory=list)
    masked: str = ""
    confidence: float = 1.0
    version: str = ""
    explanation: str = ""
    fix: str = ""
    source: str = ""
    hipaa: str = ""
    by_analogy: bool = False
    placeholder: str = ""
    status: str = "open"
    places: list[tuple[str, int, int]] = dataclasses.field(
        default_factory=list
    )  # every mention as (field, start, end)
    value: str = dataclasses.field(default="", repr=False)  # transient: normal form of the match; never exported

    def digest(self, key: bytes) -> str:
        """HMAC-SHA-256 of the value under the tenant's key: recognises the same value again without storing it."""
        return hmac.new(key, f"{self.code}\x00{self.value}".encode(), hashlib.sha256).hexdigest()

    def without_value(self) -> Finding:
        return replace(self, value="")

    def as_json(self, *, identifier: str = "", key: bytes | None = None) -> dict[str, object]:
        """The record for ``workflow_states.findings`` (domain 1): offsets and mask, no value."""
        record: dict[str, object] = {
            "id": identifier, "kind": self.kind, "code": self.code, "severity": self.severity, "field": self.field,
            "start": self.start, "end": self.end, "offsets": [list(span) for span in self.offsets],
            "places": [list(place) for place in self.places], "masked": self.masked,
            "confidence": round(self.confidence, 2), "status": self.status, "version": self.version,
            "explanation": self.explanation, "fix": self.fix, "source": self.source,
        }  # fmt: skip
        if self.hipaa:
            record["hipaa"] = self.hipaa
        if self.placeholder:
            record["placeholder"] = self.placeholder
        if self.by_analogy:
            record["by_analogy"] = True
        if key is not None and self.value:
            record["hmac"] = self.digest(key)
        return record


def mask_digits(value: str, keep: int = 2) -> str:
    """``529.982.247-25`` becomes ``***.***.***-25``: the shape and the last characters stay."""
    alnum = [i for i, char in enumerate(value) if char.isalnum()]
    visible = set(alnum[len(alnum) - keep :]) if len(alnum) > keep + 2 else set()
    return "".join(c if i in visible or not c.isalnum() else "*" for i, c in enumerate(value))


def mask_words(value: str) -> str:
    """``Maria da Silva`` becomes ``M*** d* S****``."""
    return " ".join(word[:1] + "*" * (len(word) - 1) for word in value.split())
