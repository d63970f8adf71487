"""No tenant reads or changes another tenant's rows, in no context, by no statement, past no foreign key.

Generated from the migrations and compared with the catalogue, so that a new table is tested the day it exists.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors

from accounts.tenancy.checks import WITHOUT_ROW_SECURITY
from accounts.tenancy.context import SYSTEM_UUID
from tests.cast import tenant_id, user_id
from tests.guards import databases, rows
from tests.guards.databases import set_context

pytestmark = pytest.mark.postgresql

AURORA, HORIZONTE = tenant_id("aurora"), tenant_id("horizonte")
NIL = UUID(int=0)
VERBS = ("select", "insert", "update", "delete")
CONTEXTS = {"none": {}, "platform": {"scope": "platform"}, "other": {"tenant": AURORA}}
# Tables that also hold rows of the platform (no tenant), and what stands in their tenant column.
PLATFORM_TABLES = {
    "users": None, "sessions": None, "recovery_codes": None, "sign_in_throttles": None,
    "audit_trail": NIL, "audit_checkpoints": NIL,
}  # fmt: skip
# Nobody's rows are visible here: the condition is `false`.
CLOSED = ("guardian_groupobjectpermission",)
# The owner keeps the directory: it must find a tenant before there is a context.
DIRECTORY = ("tenants", "domains")


@pytest.fixture(scope="module")
def builder(superuser: psycopg.Connection) -> rows.Builder:
    return rows.Builder(superuser)


class Planted:
    """A row of `tenant` in `table`, and statements about it."""

    def __init__(self, builder: rows.Builder, table: str, tenant: UUID | None) -> None:
        self.builder, self.table, self.tenant = builder, table, tenant
        self.pk = rows.primary_key(builder.db, table)
        self.values = builder.row(table, tenant)
        if table in rows.OWNER_COLUMN:
            self.key = tenant
        else:
            self.key = builder.made.get((table, tenant)) or builder.plant(table, self.values)
            builder.made[table, tenant] = self.key
            if self.pk in self.values:
                self.values[self.pk] = self.key
        # Package tables have no tenant column: the row is its user's.
        self.owner = rows.tenant_column(builder.db, table) or rows.OWNER_DOCUMENT.get(table) or "user_id"

    def statement(self, verb: str) -> tuple[str, list[Any]]:
        if verb == "insert":
            fresh = self.builder.row(self.table, self.tenant)
            return rows.insert(self.table, fresh)
        where = f"WHERE {self.pk} = %s"
        return {
            "select": (f"SELECT {self.pk} FROM {self.table} {where}", [self.key]),
            "update": (f"UPDATE {self.table} SET {self.pk} = {self.pk} {where}", [self.key]),
            "delete": (f"DELETE FROM {self.table} {where}", [self.key]),
        }[verb]

    def digest(self, db: psycopg.Connection) -> tuple[int, str]:
        """Number and content of all rows of the table."""
        return db.execute(
            f"SELECT count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {self.table} t"
        ).fetchone()


@pytest.fixture
def planted(builder: rows.Builder, table: str) -> Planted:
    """A row of Horizonte."""
    return Planted(builder, table, HORIZONTE)


@pytest.fixture
def platform_row(builder: rows.Builder, table: str) -> Planted:
    """A row of the platform."""
    return Planted(builder, table, PLATFORM_TABLES[table])


@pytest.fixture
def policy_alone(superuser: psycopg.Connection, table: str) -> Iterator[psycopg.Connection]:
    """hcms_app with every privilege and no trigger or key in the way: only the policy is left. Rolled back."""
    with superuser.transaction(force_rollback=True):
        superuser.execute("SET LOCAL session_replication_role = replica")
        superuser.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO hcms_app")
        superuser.execute("SET LOCAL ROLE hcms_app")
        yield superuser


# --- Every table, every statement, every wrong context ---------------------------------------------------------------


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("table", rows.TENANT_TABLES)
def test_other_tenants_row_is_out_of_reach(
    table: str, verb: str, context: str, planted: Planted, app: psycopg.Connection, backup: psycopg.Connection
) -> None:
    before = planted.digest(backup)
    assert before[0] > 0, "nothing there that could leak"

    set_context(app, **CONTEXTS[context], user=SYSTEM_UUID)
    try:
        with app.transaction():
            reached = app.execute(*planted.statement(verb)).rowcount
    except psycopg.Error:
        reached = 0

    assert reached == 0
    assert planted.digest(backup) == before


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("table", rows.TENANT_TABLES)
def test_policy_alone_keeps_other_tenants_row_out_of_reach(
    table: str, verb: str, context: str, planted: Planted, policy_alone: psycopg.Connection
) -> None:
    statement = planted_statement_as_superuser(planted, verb)
    set_context(policy_alone, **CONTEXTS[context], local=True)

    if verb == "insert":
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"), policy_alone.transaction():
            policy_alone.execute(*statement)
    else:
        assert policy_alone.execute(*statement).rowcount == 0


def planted_statement_as_superuser(planted: Planted, verb: str) -> tuple[str, list[Any]]:
    """The builder reads the catalogue and may plant rows, so it works as superuser within the same transaction."""
    db = planted.builder.db
    db.execute("RESET ROLE")
    statement = planted.statement(verb)
    db.execute("SET LOCAL ROLE hcms_app")
    return statement


@pytest.mark.parametrize("table", [table for table in rows.TENANT_TABLES if table not in CLOSED])
def test_policy_lets_a_tenant_work_with_its_own_row(
    table: str, planted: Planted, policy_alone: psycopg.Connection
) -> None:
    update, delete = planted.statement("update"), planted.statement("delete")
    set_context(policy_alone, tenant=HORIZONTE, local=True)

    assert policy_alone.execute(*planted.statement("select")).rowcount == 1
    assert policy_alone.execute(*update).rowcount == 1
    if table != "tenants":
        assert policy_alone.execute(*delete).rowcount == 1
        assert policy_alone.execute(*rows.insert(table, planted.values)).rowcount == 1


@pytest.mark.parametrize("table", [table for table in rows.TENANT_TABLES if table not in CLOSED])
def test_policy_refuses_to_move_an_own_row_to_another_tenant(
    table: str, planted: Planted, policy_alone: psycopg.Connection
) -> None:
    stranger = rows.owned_by(table, AURORA) if planted.owner != "user_id" else user_id("aurora", "author")
    set_context(policy_alone, tenant=HORIZONTE, local=True)

    with pytest.raises(errors.InsufficientPrivilege, match="row-level security"), policy_alone.transaction():
        policy_alone.execute(
            f"UPDATE {table} SET {planted.owner} = %s WHERE {planted.pk} = %s", [stranger, planted.key]
        )


@pytest.mark.parametrize("table", [table for table in rows.TENANT_TABLES if table in PLATFORM_TABLES])
def test_platform_rows_are_the_platforms(table: str, platform_row: Planted, policy_alone: psycopg.Connection) -> None:
    select = platform_row.statement("select")

    for context, visible in (({}, 0), ({"tenant": HORIZONTE}, 0), ({"scope": "platform"}, 1)):
        set_context(policy_alone, **context, local=True)
        assert policy_alone.execute(*select).rowcount == visible
    set_context(policy_alone, tenant=HORIZONTE, local=True)
    with pytest.raises(errors.InsufficientPrivilege, match="row-level security"), policy_alone.transaction():
        policy_alone.execute(*rows.insert(table, platform_row.values))


@pytest.mark.parametrize("table", [table for table in rows.TENANT_TABLES if table not in DIRECTORY])
def test_owner_is_as_blind_as_everybody(table: str, planted: Planted) -> None:
    with databases.connect("hcms_owner") as owner:
        set_context(owner, tenant=AURORA)
        assert owner.execute(*planted.statement("select")).rowcount == 0
        set_context(owner)
        assert owner.execute(*planted.statement("select")).rowcount == 0


@pytest.mark.parametrize("table", [table for table in rows.TENANT_TABLES if table in DIRECTORY])
def test_owner_keeps_the_directory(table: str, planted: Planted) -> None:
    with databases.connect("hcms_owner") as owner:
        assert owner.execute(*planted.statement("select")).rowcount == 1
        # FORCE is on although this policy opens the table: whoever drops the policy must not open it to everybody.
        flags = "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass"
        assert owner.execute(flags, [table]).fetchone() == (True, True)


def test_worker_sees_the_queue_and_nothing_else(
    builder: rows.Builder, app: psycopg.Connection, superuser: psycopg.Connection
) -> None:
    queue = "django_tasks_database_dbtaskresult"
    mine, theirs = Planted(builder, queue, AURORA), Planted(builder, queue, HORIZONTE)
    set_context(app, scope="worker", user=SYSTEM_UUID)

    assert app.execute(*mine.statement("select")).rowcount == app.execute(*theirs.statement("select")).rowcount == 1
    for table in rows.TENANT_TABLES:
        if (
            table != queue
            and superuser.execute("SELECT has_table_privilege('hcms_app', %s, 'SELECT')", [table]).fetchone()[0]
        ):
            assert app.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_every_table_is_isolated_or_listed_with_a_reason(superuser: psycopg.Connection) -> None:
    found = superuser.execute(
        "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class"
        " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    ).fetchall()

    isolated = {name for name, forced in found if forced}
    assert {name for name, forced in found if not forced} == set(WITHOUT_ROW_SECURITY)
    if not rows._WANTED:
        assert isolated == set(rows.TENANT_TABLES)


@pytest.mark.parametrize("table", WITHOUT_ROW_SECURITY)
def test_tables_without_isolation_cannot_be_written_by_the_application(table: str, app: psycopg.Connection) -> None:
    for statement in (f"INSERT INTO {table} DEFAULT VALUES", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute(statement)


def test_views_do_not_walk_around_policies(superuser: psycopg.Connection) -> None:
    """A view runs with its owner's eyes unless it is security_invoker."""
    views = superuser.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace"
        " AND NOT coalesce(reloptions::text ~ 'security_invoker=(true|on)', false)"
        " AND has_table_privilege('hcms_app', oid, 'SELECT')"
    ).fetchall()

    # PostGIS's lists of columns; they read the catalogue only.
    assert {name for (name,) in views} == {"geography_columns", "geometry_columns"}


# --- Foreign keys ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("table", "column", "references"), rows.COMPOSITE_KEYS)
def test_row_cannot_point_at_another_tenants_row(
    table: str, column: str, references: str, builder: rows.Builder, superuser: psycopg.Connection
) -> None:
    """Existing and absent alike: the same error, so that nobody learns which ids exist elsewhere."""
    mine = Planted(builder, table, AURORA)
    theirs = builder.plant(references, builder.row(references, HORIZONTE))

    answers = [_answer_of_key(superuser, mine, column, target) for target in (theirs, uuid4())]

    assert answers[0] is not None, "accepted"
    assert answers[0] == answers[1]


def _answer_of_key(db: psycopg.Connection, mine: Planted, column: str, target: UUID) -> tuple[Any, ...] | None:
    """Error of pointing `mine.column` at `target` with user triggers out of the way; None when accepted."""
    try:
        with db.transaction(force_rollback=True):
            db.execute("SET LOCAL session_replication_role = origin")
            db.execute(f"ALTER TABLE {mine.table} DISABLE TRIGGER USER")
            db.execute(f"GRANT SELECT, UPDATE ON {mine.table} TO hcms_app")
            db.execute("SET LOCAL ROLE hcms_app")
            set_context(db, tenant=AURORA, user=SYSTEM_UUID, local=True)
            sql = f"UPDATE {mine.table} SET {column} = %s WHERE {mine.pk} = %s"
            assert db.execute(sql, [target, mine.key]).rowcount == 1
            db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except errors.ForeignKeyViolation as error:
        detail = (error.diag.message_detail or "").replace(str(target), "…")
        return error.sqlstate, error.diag.constraint_name, error.diag.message_primary, detail
    return None


@pytest.mark.parametrize("table", ["sessions", "recovery_codes"])
def test_platform_row_cannot_point_at_a_tenants_person(
    table: str, builder: rows.Builder, app: psycopg.Connection
) -> None:
    set_context(app, scope="platform", user=SYSTEM_UUID)
    answers = []
    for person in (user_id("aurora", "author"), uuid4()):
        values = builder.row(table, None) | {"user_id": person}
        with pytest.raises(psycopg.Error) as refused:
            app.execute(*rows.insert(table, values))
        answers.append((refused.value.sqlstate, refused.value.diag.message_primary, refused.value.diag.message_detail))

    assert answers[0] == answers[1]


def test_every_key_between_tenant_tables_is_composite(superuser: psycopg.Connection) -> None:
    """Single-column keys may only point at the directory, at tables that are the same for all, or be kept as well."""
    simple = superuser.execute(
        """
        SELECT k.conrelid::regclass::text, a.attname, k.confrelid::regclass::text FROM pg_constraint k
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
        JOIN pg_class c ON c.oid = k.conrelid
        WHERE k.contype = 'f' AND cardinality(k.conkey) = 1 AND c.relnamespace = 'public'::regnamespace
            AND k.conparentid = 0
        """
    ).fetchall()

    allowed = {"tenants", "auth_permission", "auth_group", "django_content_type"}
    # Both keys (see test_platform_row_cannot_point_…), or a policy that asks for a visible user.
    kept = {("sessions", "user_id"), ("recovery_codes", "user_id"), ("otp_totp_totpdevice", "user_id"),
            ("guardian_userobjectpermission", "user_id"), ("django_admin_log", "user_id")}  # fmt: skip
    assert {(table, column) for table, column, target in simple if target not in allowed} == kept
