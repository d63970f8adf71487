"""The hash of one row of the trail: once in SQL, for speed, and once in Python, for SQLite; a test proves them equal.

SHA-256 over the columns as text in the order of COLUMNS, each written as `<bytes>:<text>` in UTF-8, or as `-` where it
is NULL. UUIDs are lower-case with hyphens, times are UTC with microseconds, metadata is written as jsonb prints it.
The SQL stands here and not in a function of the database, because whoever tampers with the trail could change that.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

COLUMNS = (
    "id",
    "tenant_id",
    "user_id",
    "operation",
    "resource_type",
    "resource_id",
    "metadata",
    "trust_score",
    "policy_decision",
    "created_at",
)
HASH_BYTES = 32

_TEXTS = {name: f"{name}::text" for name in COLUMNS}
_TEXTS["created_at"] = """to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
# The texts are made in a subquery and hashed outside of it: each is needed twice, and metadata is costly to print.
TEXTS_SQL = ", ".join(f"{text} AS {name}_text" for name, text in _TEXTS.items())
_FIELDS = " || ".join(f"coalesce(octet_length({name}_text)::text || ':' || {name}_text, '-')" for name in COLUMNS)
ROW_HASH_SQL = f"sha256(convert_to({_FIELDS}, 'UTF8'))"

_CONDITION = "tenant_id = %s AND created_at >= %s AND created_at < %s"
# OFFSET 0 keeps the planner from merging the two. Nothing here comes from outside; the values are parameters.
_ROWS = f"(SELECT id, created_at, {TEXTS_SQL} FROM audit_trail WHERE {_CONDITION} OFFSET 0) AS texts"  # noqa: S608
_DAY = "(created_at AT TIME ZONE 'UTC')::date"
_UUIDS = frozenset({"id", "tenant_id", "user_id", "resource_id"})
# As Django and the triggers store them on SQLite. A UUID in capitals would be found by no query.
_STORED_UUID = re.compile("[0-9a-f]{32}")
_STORED_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?")


class Row(NamedTuple):
    """A row as far as a seal is concerned."""

    id: str
    created_at: str
    hash: bytes


def row_hash(texts: Iterable[str | None]) -> bytes:
    """SHA-256 of the columns' texts, given in the order of COLUMNS."""
    parts = []
    for text in texts:
        data = None if text is None else text.encode("utf-8", "surrogateescape")
        parts.append(b"-" if data is None else f"{len(data)}:".encode() + data)
    return hashlib.sha256(b"".join(parts)).digest()


def hashes_by_day(tenant_id: uuid.UUID, first: date, last: date) -> dict[date, bytes]:
    """The row hashes of each day that has rows, one after the other in order of time and id, within the context."""
    if connection.vendor != "postgresql":
        by_day = rows_by_day(tenant_id, first, last)
        return {day: b"".join(row.hash for row in rows) for day, rows in by_day.items()}
    days = f"string_agg({ROW_HASH_SQL}, ''::bytea ORDER BY created_at, id)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_DAY}, {days} FROM {_ROWS} GROUP BY 1", [tenant_id, *_bounds(first, last)])  # noqa: S608
        return {day: bytes(hashes) for day, hashes in cursor.fetchall()}


def rows_by_day(tenant_id: uuid.UUID, first: date, last: date) -> dict[date, list[Row]]:
    """The same row by row, to find out which of them differ."""
    days: dict[date, list[Row]] = {}
    for row in (_postgresql_rows if connection.vendor == "postgresql" else _sqlite_rows)(tenant_id, first, last):
        days.setdefault(date.fromisoformat(row.created_at[:10]), []).append(row)
    return days


def _postgresql_rows(tenant_id: uuid.UUID, first: date, last: date) -> list[Row]:
    sql = f"SELECT id_text, created_at_text, {ROW_HASH_SQL} FROM {_ROWS} ORDER BY created_at, id"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [tenant_id, *_bounds(first, last)])
        return [Row(row_id, created_at, bytes(hash_)) for row_id, created_at, hash_ in cursor.fetchall()]


def first_day(tenant_id: uuid.UUID, *, before: date = date.max) -> date | None:
    """The day of the oldest row that is older than `before`, None where there is no such row."""
    if connection.vendor == "postgresql":
        # Not the bare column: for its minimum the planner walks all tenants' rows in order of time until one fits.
        oldest, values = "min(created_at AT TIME ZONE 'UTC')", [tenant_id, _midnight(before)]
    else:
        oldest, values = "min(created_at)", [tenant_id.hex, before.isoformat()]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT CAST({oldest} AS text) FROM audit_trail WHERE tenant_id = %s AND created_at < %s",  # noqa: S608
            values,
        )
        found = cursor.fetchone()[0]
    return date.fromisoformat(found[:10]) if found else None


def _bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """Midnight before `first` and after `last`, in UTC."""
    return _midnight(first), _midnight(last + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


# --- SQLite: the values as they are stored, brought into the texts that PostgreSQL would print -----------------------


def _sqlite_rows(tenant_id: uuid.UUID, first: date, last: date) -> list[Row]:
    """Rows of some days. Text is compared with text: a stored time begins with its day."""
    columns = ", ".join(f"CAST({name} AS TEXT)" for name in COLUMNS)  # the stored text, not Django's reading of it
    with connection.cursor() as cursor:
        bounds = [first.isoformat(), (last + timedelta(days=1)).isoformat()]
        cursor.execute(f"SELECT {columns} FROM audit_trail WHERE {_CONDITION}", [tenant_id.hex, *bounds])  # noqa: S608
        found = cursor.fetchall()
    texts = [tuple(map(canonical, COLUMNS, values)) for values in found]
    read = [Row(values[0] or "", values[-1] or "", row_hash(values)) for values in texts]
    return sorted(read, key=lambda row: (row.created_at, row.id))


def canonical(column: str, value: str | None) -> str | None:
    """A stored text as PostgreSQL would print it. One of another form stays as it is, and so differs from before."""
    if value is None:
        return None
    if column in _UUIDS and _STORED_UUID.fullmatch(value):
        return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"
    if column == "created_at" and _STORED_TIME.fullmatch(value):
        return f"{value[:10]}T{value[11:19]}.{value[20:]:0<6}Z"
    if column == "metadata":
        try:
            return canonical_json(value)
        except ValueError:
            return value
    return value


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal)
_ENCODER = json.JSONEncoder(ensure_ascii=False)


def canonical_json(text: str) -> str:
    """JSON as `jsonb::text` prints it: keys by length and bytes, numbers without exponent, little escaped."""
    return _print_json(_DECODER.decode(text))


def _print_json(value: Any) -> str:
    if isinstance(value, str):
        return _ENCODER.encode(value)
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(encoded := key.encode()), encoded))
        return "{" + ", ".join(f"{_ENCODER.encode(key)}: {_print_json(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_print_json, value)) + "]"
    if isinstance(value, Decimal):
        return format(abs(value) if value == 0 else value, "f")
    return _ENCODER.encode(value)
