"""When a live article is to be reviewed again: its field `next_review_due`, or so many months after its approval.

One definition twice: `due_date()` in Python for one article, `with_due()` in SQL for lists; a test compares them.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, Func, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from accounts.queries import tenant_settings
from content.models import CustomField, PublishedPage

FIELD = "next_review_due"
DATE = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
SOON_DAYS = 60


def review_months() -> int:
    """Months between two reviews in the active tenant."""
    return tenant_settings().review_months


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def parse_due(text: str | None) -> date | None:
    """The date in the field; 31 February is the month's last day, anything else that is no date is none."""
    if not text or not re.fullmatch(DATE, text):
        return None
    year, month, day = (int(part) for part in text.split("-"))
    return date(year, month, min(day, monthrange(year, month)[1])) if year else None


def due_date(fields: Mapping[str, Any], approved_at: datetime | None, months: int) -> date | None:
    """When an article with these custom fields, last approved then, is due."""
    if chosen := parse_due(fields.get(FIELD)):
        return chosen
    return add_months(timezone.localdate(approved_at), months) if approved_at else None


class _AddMonths(Func):
    """A date so many months later, as text; the month's end is kept as `add_months` keeps it."""

    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        day, months = (compiler.compile(each) for each in self.source_expressions)
        return f"to_char({day[0]} + make_interval(months => {months[0]}), 'YYYY-MM-DD')", (*day[1], *months[1])

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        day, months = (compiler.compile(each) for each in self.source_expressions)
        month = f"{day[0]}, 'start of month', '+' || {months[0]} || ' months'"
        last = f"CAST(strftime('%%d', {month}, '+1 month', '-1 day') AS INTEGER)"
        wanted = f"CAST(strftime('%%d', {day[0]}) AS INTEGER)"
        sql = f"date({month}, '+' || (MIN({wanted}, {last}) - 1) || ' days')"
        return sql, (*day[1], *months[1], *day[1], *day[1], *months[1])


def with_due(pages: QuerySet[PublishedPage], months: int) -> QuerySet[PublishedPage]:
    """Pages with `due`: the date as text, which sorts as dates do."""
    chosen = CustomField.objects.filter(post=OuterRef("post_id"), meta_key=FIELD, meta_value__regex=DATE)
    approved = TruncDate(Coalesce("reviewed_at", "published_at"))
    return pages.annotate(
        due=Coalesce(
            Subquery(chosen.values("meta_value")[:1], output_field=CharField()),
            _AddMonths(approved, Value(months)),
        )
    )
