"""A clone of the test database whose trail can be filled and tampered with by somebody whom nothing stops."""

import json
import random
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from accounts.models import Tenant
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from tests import cast
from tests.guards import databases

COLUMNS = (
    "id",
    "operation",
    "resource_type",
    "resource_id",
    "tenant_id",
    "user_id",
    "metadata",
    "trust_score",
    "policy_decision",
    "created_at",
)
Values = dict[str, Any]


@contextmanager
def clone(suffix: str) -> Iterator["Tamperer"]:
    """Django is served from the clone; the tamperer is a superuser there (on SQLite: whoever has the file)."""
    source = connection.settings_dict["NAME"]
    connection.close()
    if settings.POSTGRESQL:
        name = f"{source}_{suffix}"
        databases.copy_database(source, name)
        with databases.served_from(name), closing(databases.connect(databases.SUPERUSER)) as db:
            db.execute("SET session_replication_role = replica")  # no triggers
            yield Tamperer(db)
        databases.drop_database(name)
        return
    name = f"{source}_{suffix}.db"
    Path(name).unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(name)) as new:
        old.backup(new)
        for (trigger,) in new.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            new.execute(f'DROP TRIGGER "{trigger}"')
    with databases.served_from(name), closing(sqlite3.connect(name, isolation_level=None)) as db:
        yield Tamperer(db)
    for ending in ("", "-wal", "-shm"):
        Path(name + ending).unlink(missing_ok=True)


class Tamperer:
    """SQL past every guard. `?` stands for a parameter on both databases."""

    def __init__(self, db: Any) -> None:
        self.db = db
        self.together = False
        self.hole = "%s" if settings.POSTGRESQL else "?"

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """One transaction around many tamperings; within another one, part of that."""
        nested, self.together = self.together, True
        if nested:
            yield
            return
        with self.db.pipeline() if settings.POSTGRESQL else nullcontext():
            self.db.execute("BEGIN")
            yield
            self.db.execute("COMMIT")
        self.together = False

    def many(self, sql: str, rows: Iterable[list[Any]]) -> None:
        sql, rows = sql.replace("?", self.hole), [list(map(stored, row)) for row in rows]
        with self.at_once(), closing(self.db.cursor()) as cursor:
            cursor.executemany(sql, rows)

    def run(self, sql: str, *values: Any) -> list[Any]:
        cursor = self.db.execute(sql.replace("?", self.hole), [stored(value) for value in values])
        return cursor.fetchall() if sql.startswith("SELECT") else []

    def make_partitions(self, first: date) -> None:
        """For rows that are older than the test database."""
        month = first.replace(day=1)
        while settings.POSTGRESQL and month <= datetime.now(UTC).date():
            self.run("SELECT audit_ensure_partition(?)", month)
            month = (month + timedelta(days=31)).replace(day=1)

    def insert(self, rows: Iterable[Values]) -> None:
        holes = ", ".join("?" * len(COLUMNS))
        sql = f"INSERT INTO audit_trail ({', '.join(COLUMNS)}) VALUES ({holes})"
        self.many(sql, ([row[name] for name in COLUMNS] for row in rows))

    def update(self, row: Values, **values: Any) -> None:
        names = ", ".join(f"{name} = ?" for name in values)
        key = [row["id"], row["created_at"]]
        self.run(f"UPDATE audit_trail SET {names} WHERE id = ? AND created_at = ?", *values.values(), *key)

    def delete(self, row: Values) -> None:
        self.run("DELETE FROM audit_trail WHERE id = ? AND created_at = ?", row["id"], row["created_at"])

    def add_tenants(self, number: int) -> list[uuid.UUID]:
        """More tenants, like Aurora."""
        names = [field.column for field in Tenant._meta.fields]
        with tenant_context(cast.tenant_id("aurora"), actor=SYSTEM_UUID):
            like = dict(Tenant.objects.values().get(pk=cast.tenant_id("aurora")))
        made = [like | {"id": uuid.uuid4(), "slug": f"tenant-{at}", "name": f"Tenant {at}"} for at in range(number)]
        sql = f"INSERT INTO tenants ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        self.many(sql, ([row[name] for name in names] for row in made))
        return [row["id"] for row in made]


def stored(value: Any) -> Any:
    """A value as the database's driver takes it."""
    if isinstance(value, dict):
        return json.dumps(value)
    if settings.POSTGRESQL:
        return value
    if isinstance(value, uuid.UUID):
        return value.hex
    return value.isoformat(" ", "microseconds")[:26] if isinstance(value, datetime) else value


def made_up_rows(tenant_id: uuid.UUID, day: date, number: int, chance: random.Random) -> list[Values]:
    """Rows of one tenant's day as the product writes them, in order of time."""
    midnight = datetime.combine(day, time(), tzinfo=UTC)
    rows = [_made_up_row(tenant_id, midnight, chance) for _number in range(number)]
    return sorted(rows, key=lambda row: (row["created_at"], row["id"]))


def _made_up_row(tenant_id: uuid.UUID, midnight: datetime, chance: random.Random) -> Values:
    return {
        "id": random_uuid(chance),
        "operation": chance.choice(["create", "update", "access", "read", "sign_in"]),
        "resource_type": chance.choice(["post", "user", "route"]),
        "resource_id": chance.choice(SOME_IDS),
        "tenant_id": tenant_id,
        "user_id": chance.choice(SOME_IDS),
        "metadata": {
            "request_id": str(chance.choice(SOME_IDS)),
            "changed": chance.choice([["title"], ["conteúdo", "x"]]),
        },
        "trust_score": chance.choice([None, 0, 50, 100]),
        "policy_decision": chance.choice([None, "allow", "deny"]),
        "created_at": midnight + timedelta(microseconds=chance.randrange(1, 86_399_000_000)),
    }


def random_uuid(chance: random.Random) -> uuid.UUID:
    return uuid.UUID(int=chance.getrandbits(128), version=4)


SOME_IDS = [random_uuid(random.Random(number)) for number in range(500)]
