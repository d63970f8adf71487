"""SQLite's audit triggers, table by table and column by column (PostgreSQL's: tests/guards/test_trail.py)."""

import json
import secrets
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Tenant, User
from accounts.tenancy.context import tenant_context
from accounts.tenancy.operations import Audited
from compliance.audit import audit_key
from tests.guards.rows import AUDITED

pytestmark = pytest.mark.sqlite


class Table:
    """An audited table without other triggers; changes are rolled back before foreign keys are looked at."""

    def __init__(self, operation: Audited) -> None:
        self.name, self.columns = operation.table, operation.columns
        self.described = {row[1]: row for row in self.run(f"PRAGMA table_info({self.name})")}
        self.pk = next(name for name, row in self.described.items() if row[5])
        self.key: Any = None

    def run(self, sql: str, *values: Any) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def value(self, column: str) -> Any:
        """Something of the column's type, different each time."""
        declared = self.described[column][2].lower()
        if declared == "char(32)":
            return uuid4().hex
        if declared.startswith("varchar"):
            return secrets.token_hex(20)[: int(declared[8:-1])]
        if declared in ("bool", "integer", "integer unsigned", "smallint unsigned", "bigint", "bigint unsigned"):
            return secrets.randbelow(30_000) if "bool" not in declared else 1
        if declared.startswith(("datetime", "date")):
            return f"2026-01-01 10:00:00.{secrets.randbelow(10**6):06}"
        return json.dumps([secrets.token_hex(4)]) if declared == "text" else float(secrets.randbelow(90))

    def insert(self) -> None:
        wanted = [name for name, row in self.described.items() if row[3] or name in self.columns or row[5]]
        values = {name: 0 if self.described[name][2] == "bool" else self.value(name) for name in wanted}
        if "integer" in self.described[self.pk][2].lower():
            del values[self.pk]
        holes = ", ".join(["%s"] * len(values))
        self.run(f"INSERT INTO {self.name} ({', '.join(values)}) VALUES ({holes})", *values.values())
        self.key = self.run(f"SELECT {self.pk} FROM {self.name} WHERE rowid = last_insert_rowid()")[0][0]

    def update(self, column: str, value: Any) -> None:
        self.run(f"UPDATE {self.name} SET {column} = %s WHERE {self.pk} = %s", value, self.key)

    def delete(self) -> None:
        self.run(f"DELETE FROM {self.name} WHERE {self.pk} = %s", self.key)

    def trail(self) -> list[tuple[Any, ...]]:
        key = str(self.key)
        resource = key if len(key) == 32 else audit_key(self.name, key).hex
        return self.run(
            "SELECT operation, resource_type, tenant_id, user_id, json_extract(metadata, '$.changed') FROM audit_trail"
            " WHERE resource_id = %s ORDER BY rowid",
            resource,
        )


@pytest.fixture(params=AUDITED, ids=lambda operation: operation.table)
def operation(request: pytest.FixtureRequest) -> Audited:
    return request.param


@pytest.fixture
def table(operation: Audited, aurora: Tenant, cast: dict[str, User]) -> Iterator[Table]:
    with tenant_context(aurora, actor=cast["editor"], atomic=True):
        table = Table(operation)
        table.run("PRAGMA defer_foreign_keys = ON")
        for (name,) in table.run(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", table.name
        ):
            if not name.startswith("zzz_audit"):
                table.run(f'DROP TRIGGER "{name}"')
        yield table
        transaction.set_rollback(True)


def test_each_change_leaves_one_row(table: Table, operation: Audited, aurora: Tenant, cast: dict[str, User]) -> None:
    who = (aurora.pk.hex, cast["editor"].pk.hex)
    resource = operation.resource_type
    table.insert()
    assert table.trail() == [("create", resource, *who, None)]

    for column in operation.columns:
        before = len(table.trail())
        table.update(column, table.value(column))
        added = table.trail()[before:]
        assert added == [("update", resource, *who, json.dumps([column], separators=(",", ":")))], column
    before = table.trail()
    table.run(f"UPDATE {table.name} SET {table.columns[0]} = {table.columns[0]}")
    assert table.trail() == before

    table.delete()
    assert table.trail()[len(before) :] == [("delete", resource, *who, None)]


@pytest.mark.parametrize("actor", [None, UUID(int=0)], ids=["none", "nil"])
@pytest.mark.parametrize("verb", ["insert", "update", "delete"])
def test_change_by_nobody_is_refused(table: Table, aurora: Tenant, verb: str, actor: Any) -> None:
    table.insert()
    column = table.columns[0]

    with (
        tenant_context(aurora, actor=actor),
        pytest.raises(DatabaseError, match="HC003"),
        transaction.atomic(),
    ):
        if verb == "insert":
            table.insert()
        elif verb == "update":
            table.update(column, table.value(column))
        else:
            table.delete()
