"""When a live article is to be reviewed again: its field `next_review_due`, or so many months after its approval.

One definition twice: `due_date()` in Python for one article, `with_due()` in SQL for lists; a test compares them.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import CharField, Exists, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, TruncDate
from django.db.models.lookups import LessThan
from django.utils import timezone

from accounts.queries import tenant_settings
from content.models import CustomField, PublishedPage

FIELD = "next_review_due"
DATE = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
SOON_DAYS = 60
_APPROVED = Coalesce("reviewed_at", "published_at")


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
    chosen = Subquery(_chosen().values("meta_value")[:1], output_field=CharField())
    return pages.annotate(due=Coalesce(chosen, _AddMonths(TruncDate(_APPROVED), Value(months))))


def due_between(months: int, first: date | None, last: date) -> Q:
    """Pages whose `due` is in these days (from ever, without `first`). No date is worked out per row: the days are
    turned into days of approval once."""
    chosen = _chosen().filter(meta_value__lte=last.isoformat())
    approved = Q(LessThan(_APPROVED, _midnight_after(latest_approval(last, months))))
    if first is not None:
        chosen = chosen.filter(meta_value__gte=first.isoformat())
        before = latest_approval(first - timedelta(days=1), months)
        approved &= ~Q(LessThan(_APPROVED, _midnight_after(before)))
    return Q(Exists(chosen)) | (approved & ~Q(Exists(_chosen())))


def latest_approval(day: date, months: int) -> date:
    """The last day on which an approval is due on `day` or earlier."""
    found = add_months(day, -months)
    while add_months(found + timedelta(days=1), months) <= day:
        found += timedelta(days=1)
    while add_months(found, months) > day:
        found -= timedelta(days=1)
    return found


def _chosen() -> QuerySet[CustomField]:
    """The page's own date, where it is one."""
    return CustomField.objects.filter(post=OuterRef("post_id"), meta_key=FIELD, meta_value__regex=DATE).order_by()


def _midnight_after(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
