"""A hand with the database's highest rights: it goes past every trigger and policy, to see who notices."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection

from tests.guards import databases

Change = Callable[[str, list[Any]], None]


@contextmanager
def past_the_guards(name: str = "") -> Iterator[Change]:
    """`change(sql, params)` changes exactly one row of database `name`: Django's own, or another file or database."""
    name = name or str(connection.settings_dict["NAME"])
    with _past_postgresql(name) if connection.vendor == "postgresql" else _past_sqlite(name) as change:
        yield change


@contextmanager
def _past_postgresql(name: str) -> Iterator[Change]:
    with databases.connect(databases.SUPERUSER, database=name) as db:
        db.execute("SET session_replication_role = replica")
        yield lambda sql, params: _one_row(db.execute(sql, params).rowcount)


@contextmanager
def _past_sqlite(name: str) -> Iterator[Change]:
    """A plain connection without our functions; the triggers are taken away and put back."""
    db = sqlite3.connect(name, isolation_level=None, timeout=20)
    triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for trigger, _sql in triggers:
        db.execute(f"DROP TRIGGER {trigger}")
    try:
        yield lambda sql, params: _one_row(
            db.execute(sql.replace("%s", "?"), [p.hex if isinstance(p, UUID) else p for p in params]).rowcount
        )
    finally:
        for _trigger, sql in triggers:
            db.execute(sql)
        db.close()


def _one_row(count: int) -> None:
    assert count == 1
