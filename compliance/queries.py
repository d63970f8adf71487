"""Reading the audit trail: filtered, newest first, page by page without counting."""

import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from compliance.models import AuditEntry


class Position(NamedTuple):
    """Where a page ends: the time and id of its last row."""

    created_at: datetime
    id: uuid.UUID

    def __str__(self) -> str:
        return f"{self.created_at.isoformat()}~{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Position":
        """The position of an address; ValueError where it is none."""
        moment, _tilde, entry = text.partition("~")
        position = cls(datetime.fromisoformat(moment), uuid.UUID(entry))
        if position.created_at.tzinfo is None:
            raise ValueError("A position needs a time with its offset.")
        try:
            position.created_at.astimezone(UTC)
        except OverflowError as error:
            raise ValueError("A position needs a time that every clock can show.") from error
        return position


@dataclass(frozen=True)
class TrailFilter:
    """What to look for. The period is mandatory: the trail has millions of rows and is stored by month."""

    since: datetime
    until: datetime
    operation: str | None = None
    user_id: uuid.UUID | None = None
    resource_type: str | None = None
    resource_id: uuid.UUID | None = None
    request_id: uuid.UUID | None = None

    def as_metadata(self) -> dict[str, Any]:
        """The parts that were chosen, for the trail itself."""
        return {name: str(value) for name, value in asdict(self).items() if value}


def trail(wanted: TrailFilter) -> QuerySet[AuditEntry]:
    """The rows of the active tenant that match, newest first. `until` is not included."""
    found = AuditEntry.objects.filter(created_at__gte=wanted.since, created_at__lt=wanted.until)
    for name in ("operation", "user_id", "resource_type", "resource_id"):
        if (value := getattr(wanted, name)) is not None:
            found = found.filter(**{name: value})
    if wanted.request_id is not None:
        found = found.filter(metadata__request_id=str(wanted.request_id))
    return found.order_by("-created_at", "-id")


def trail_page(wanted: TrailFilter, *, after: Position | None, size: int) -> tuple[list[AuditEntry], Position | None]:
    """At most `size` rows after a position, and where the next page begins (None on the last)."""
    found = trail(wanted)
    if after is not None:
        older = Q(created_at__lt=after.created_at) | Q(created_at=after.created_at, id__lt=after.id)
        found = found.filter(older, created_at__lte=after.created_at)
    rows = list(found[: size + 1])
    if len(rows) <= size:
        return rows, None
    return rows[:size], Position(rows[size - 1].created_at, rows[size - 1].id)
