"""Every change of a row leaves a row in the trail, or does not happen: table by table, column by column."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4, uuid5

import psycopg
import pytest
from psycopg import errors

from accounts.tenancy.context import AUDIT_KEY_NAMESPACE, NIL_UUID
from accounts.tenancy.operations import Audited
from tests.cast import tenant_id, user_id
from tests.guards import rows
from tests.guards.databases import set_context

pytestmark = pytest.mark.postgresql

AURORA = tenant_id("aurora")
ACTOR = user_id("aurora", "editor")
# Changes of these columns alone are bookkeeping and leave no row: who looks for a reason finds it here.
NOT_AUDITED = {
    "*": {"id", "created_at", "updated_at", "inserted_at", "tenant_id", "version"},
    "tenants": {"schema_name"},
    "posts": {"wp_id"},
    "categories": {"count", "level"},
    "attention_items": {"opened_at"},
    "otp_totp_totpdevice": {
        "name", "step", "t0", "digits", "tolerance", "drift", "last_t", "throttling_failure_count",
        "throttling_failure_timestamp", "last_used_at",
    },
}  # fmt: skip
# Append-only tables: nothing but an insert can happen there.
ONLY_INSERT = ("approvals", "post_revisions", "audit_checkpoints")


class Bare:
    """A table whose only triggers are those of the trail, and one row of Aurora in it; all rolled back."""

    def __init__(self, builder: rows.Builder, operation: Audited) -> None:
        self.db, self.table, self.operation = builder.db, operation.table, operation
        self.pk = rows.primary_key(self.db, self.table)
        self.values = builder.row(self.table, AURORA)
        if self.table in rows.OWNER_COLUMN:
            self.values |= {"slug": uuid4().hex}

    def strip(self) -> None:
        """Without keys, checks, other triggers and conditions of policies, so that any value may stand anywhere."""
        for (name,) in self.db.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname NOT LIKE 'zzz_audit%%'"
            " AND NOT tgisinternal",
            [self.table],
        ).fetchall():
            self.db.execute(f"ALTER TABLE {self.table} DISABLE TRIGGER {name}")
        for (name,) in self.db.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('c', 'f')", [self.table]
        ).fetchall():
            self.db.execute(f"ALTER TABLE {self.table} DROP CONSTRAINT {name}")
        for (name,) in self.db.execute(
            "SELECT polname FROM pg_policy WHERE polrelid = %s::regclass", [self.table]
        ).fetchall():
            self.db.execute(f"DROP POLICY {name} ON {self.table}")
        self.db.execute(f"CREATE POLICY anything ON {self.table} USING (true) WITH CHECK (true)")
        self.db.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {self.table} TO hcms_app")

    def execute(self, sql: str, values: list[Any]) -> psycopg.Cursor:
        """As a role that has no rights on the trail, so that only the trigger's own can write to it."""
        self.db.execute("SET LOCAL ROLE hcms_app")
        found = self.db.execute(sql, values)
        self.db.execute("RESET ROLE")
        return found

    def insert(self) -> Any:
        return self.execute(*rows.insert(self.table, self.values, returning=self.pk)).fetchone()[0]

    def resource_id(self, key: Any) -> UUID:
        return key if isinstance(key, UUID) else uuid5(AUDIT_KEY_NAMESPACE, f"{self.table}:{key}")

    def trail(self, key: Any) -> list[tuple[Any, ...]]:
        return self.db.execute(
            "SELECT operation, resource_type, tenant_id, user_id, metadata -> 'changed' FROM audit_trail"
            " WHERE resource_id = %s ORDER BY created_at",
            [self.resource_id(key)],
        ).fetchall()


@pytest.fixture(scope="module")
def builder(superuser: psycopg.Connection) -> rows.Builder:
    return rows.Builder(superuser)


@pytest.fixture
def bare(builder: rows.Builder, operation: Audited) -> Iterator[Bare]:
    table = Bare(builder, operation)
    with builder.db.transaction(force_rollback=True):
        table.strip()
        set_context(builder.db, tenant=AURORA, user=ACTOR, local=True)
        yield table


operations = pytest.mark.parametrize("operation", rows.AUDITED, ids=lambda operation: operation.table)


@operations
def test_creating_and_deleting_leave_a_row(operation: Audited, bare: Bare) -> None:
    key = bare.insert()
    assert bare.trail(key) == [("create", operation.resource_type, AURORA, ACTOR, None)]

    bare.execute(f"DELETE FROM {bare.table} WHERE {bare.pk} = %s", [key])
    assert [row[0] for row in bare.trail(key)] == ["create", "delete"]


@operations
def test_changing_any_column_leaves_a_row_that_names_it(operation: Audited, bare: Bare) -> None:
    key = bare.insert()
    silent = NOT_AUDITED["*"] | NOT_AUDITED.get(bare.table, set())
    named, unnamed = [], []

    for name, type_, *_rest, generated in bare.db.execute(rows.COLUMNS, [bare.table]).fetchall():
        if generated or name == bare.pk:
            continue
        bare.execute(f"UPDATE {bare.table} SET {name} = %s WHERE {bare.pk} = %s", [different(type_, name), key])
        changed = bare.trail(key)[-1]
        if changed[0] == "update" and changed[4] == [name]:
            named.append(name)
        elif name not in silent:
            unnamed.append(name)

    assert set(named) >= set(operation.columns) - {bare.pk}
    if bare.table not in ONLY_INSERT:
        assert unnamed == []


def different(type_: str, name: str) -> Any:
    if type_ == "boolean":
        return True
    if type_ == "jsonb":
        return '{"other": 1}'
    if type_.startswith("character varying") and name != "current_stage":
        length = int(type_.partition("(")[2].rstrip(")") or 9)
        return uuid4().hex[: min(length, 30)]
    return "S.2.1" if name == "current_stage" else rows.value(type_, name)


@operations
def test_same_values_leave_no_row(operation: Audited, bare: Bare) -> None:
    key = bare.insert()
    bare.execute(f"UPDATE {bare.table} SET {bare.pk} = {bare.pk} WHERE {bare.pk} = %s", [key])

    assert len(bare.trail(key)) == 1


@operations
@pytest.mark.parametrize("actor", [None, NIL_UUID], ids=["nobody", "visitor"])
@pytest.mark.parametrize("verb", ["insert", "update", "delete"])
def test_change_by_nobody_does_not_happen(verb: str, actor: UUID | None, operation: Audited, bare: Bare) -> None:
    key = bare.insert() if verb != "insert" else None
    set_context(bare.db, tenant=AURORA, user=actor, local=True)

    with pytest.raises(errors.Error) as refused, bare.db.transaction():
        if verb == "insert":
            bare.insert()
        elif verb == "delete":
            bare.execute(f"DELETE FROM {bare.table} WHERE {bare.pk} = %s", [key])
        else:
            column = next(name for name in operation.columns if name != bare.pk)
            type_ = {row[0]: row[1] for row in bare.db.execute(rows.COLUMNS, [bare.table]).fetchall()}[column]
            sql = f"UPDATE {bare.table} SET {column} = %s WHERE {bare.pk} = %s"
            bare.execute(sql, [different(type_, column), key])
    assert refused.value.sqlstate == "HC003"


def test_every_tenant_table_is_audited_or_listed(superuser: psycopg.Connection) -> None:
    """Not audited by row: the trail itself and what would drown it."""
    if rows._WANTED:
        return
    silent = {
        "audit_trail", "audit_checkpoints", "sessions", "sign_in_throttles", "django_admin_log",
        "guardian_userobjectpermission", "guardian_groupobjectpermission",
        "django_tasks_database_dbtaskresult", "job_runs", "recheck_outcomes",
    }  # fmt: skip

    assert set(rows.TENANT_TABLES) - {operation.table for operation in rows.AUDITED} == silent


def test_row_changes_cannot_be_made_up(app: psycopg.Connection) -> None:
    set_context(app, tenant=AURORA, user=ACTOR)
    for operation in ("create", "update", "delete"):
        with pytest.raises(errors.Error) as refused:
            app.execute("SELECT audit_record(%s, 'post', %s, '{}', NULL, NULL)", [operation, uuid4()])
        assert refused.value.sqlstate == "HC003"
    with pytest.raises(errors.InsufficientPrivilege):
        app.execute("SELECT audit_write('create', 'post', %s, '{}')", [uuid4()])
    with pytest.raises(errors.InsufficientPrivilege):
        app.execute(
            "INSERT INTO audit_trail (operation, resource_type, resource_id, tenant_id, user_id, created_at)"
            " VALUES ('read', 'post', %s, %s, %s, now())",
            [uuid4(), AURORA, ACTOR],
        )


@pytest.mark.parametrize(("operation", "metadata"), [("nonsense", "{}"), ("read", "[]"), ("read", '"text"')])
def test_made_up_operations_and_shapeless_metadata_are_refused(
    operation: str, metadata: str, app: psycopg.Connection
) -> None:
    set_context(app, tenant=AURORA, user=ACTOR)

    with pytest.raises(errors.Error) as refused:
        app.execute("SELECT audit_record(%s, 'post', %s, %s, NULL, NULL)", [operation, uuid4(), metadata])
    assert refused.value.sqlstate == "HC003"


def test_tenant_and_actor_of_a_record_come_from_the_context(app: psycopg.Connection) -> None:
    set_context(app, tenant=AURORA, user=ACTOR)
    forged = f'{{"tenant_id": "{uuid4()}", "user_id": "{uuid4()}", "request_id": "forged"}}'
    entry = app.execute("SELECT audit_record('read', 'post', %s, %s, 50, 'allow')", [uuid4(), forged]).fetchone()[0]

    found = app.execute(
        "SELECT tenant_id, user_id, metadata ->> 'request_id' FROM audit_trail WHERE id = %s", [entry]
    ).fetchone()
    assert found == (AURORA, ACTOR, str(UUID(int=0)))


def test_record_without_a_context_does_not_happen(app: psycopg.Connection) -> None:
    set_context(app)
    with pytest.raises(errors.Error) as refused:
        app.execute("SELECT audit_record('read', 'post', %s, '{}', NULL, NULL)", [uuid4()])
    assert refused.value.sqlstate == "HC003"
