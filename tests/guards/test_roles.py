"""What each database role may do: exactly what the migrations grant, tried out statement by statement."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors

from accounts.tenancy.checks import declarations, missing_guards
from accounts.tenancy.context import SYSTEM_UUID
from tests.cast import tenant_id
from tests.guards import databases, rows
from tests.guards.databases import set_context

pytestmark = pytest.mark.postgresql

ROLES = ("hcms_app", "hcms_audit", "hcms_gate")
STATEMENTS = {
    "SELECT": "SELECT FROM {table} WHERE false",
    "INSERT": "INSERT INTO {table} SELECT * FROM (SELECT {columns}) AS r WHERE false",
    "UPDATE": "UPDATE {table} SET {column} = NULL WHERE false",
    "DELETE": "DELETE FROM {table} WHERE false",
    "TRUNCATE": "TRUNCATE {table}",
}
DECLARED = declarations()
TABLES = sorted({guard.table for guard in DECLARED if guard.kind in ("grant", "row_security")})
# Functions that the product calls by name, and who may.
FUNCTIONS = {
    "sign(NULL, NULL, NULL, NULL, NULL)": {"hcms_app", "hcms_gate"},
    "withdraw(NULL, NULL)": {"hcms_app", "hcms_gate"},
    "audit_record('access', NULL, NULL, NULL, NULL, NULL)": {"hcms_app", "hcms_audit", "hcms_gate"},
    "audit_write('create', NULL, NULL, NULL)": {"hcms_audit"},
    "refuse_signature('x')": {"hcms_gate"},
    "resolve_host('x')": {"hcms_app"},
    "active_tenant_ids()": {"hcms_app"},
    "primary_domain()": {"hcms_app"},
    "audit_ensure_partitions(1)": {"hcms_app"},
    "audit_ensure_partition(NULL)": set(),
    "search_pages('x', false, 1)": {"hcms_app", "hcms_gate"},
    "content_hash(NULL, NULL, NULL, NULL, NULL)": {"hcms_app", "hcms_gate"},
    "require_read_committed()": {"hcms_app", "hcms_gate"},
    "approval_stands(NULL, NULL, NULL, NULL)": {"hcms_app", "hcms_gate"},
    "hash_pair('a', 'b')": {"hcms_app", "hcms_gate"},
    "revision_hash(NULL)": {"hcms_app", "hcms_gate"},
    "live_hash(NULL, NULL, NULL)": {"hcms_app", "hcms_gate"},
    "audit_key('a', 'b')": {"hcms_audit"},
    "current_tenant_id()": {"hcms_app", "hcms_audit", "hcms_gate"},
    "audit_tenant_id()": {"hcms_app", "hcms_audit", "hcms_gate"},
}
# Whose powers a definer function lends. The owner's alone know every tenant, so few are the owner's.
OWNERS_OWN = {
    "resolve_host",
    "active_tenant_ids",
    "primary_domain",
    "audit_ensure_partition",
    "audit_ensure_partitions",
}


@pytest.fixture
def as_role(superuser: psycopg.Connection, role: str) -> Iterator[psycopg.Connection]:
    with superuser.transaction(force_rollback=True):
        superuser.execute(f"SET LOCAL ROLE {role}")
        yield superuser


def granted(role: str, table: str) -> set[str]:
    return {
        guard.name.partition(":")[2]
        for guard in DECLARED
        if guard.kind == "grant" and guard.table == table and guard.name.startswith(f"{role}:")
    }


@pytest.mark.parametrize("table", [table for table in TABLES if rows.wanted(table)])
@pytest.mark.parametrize("role", ROLES)
def test_role_may_do_what_was_granted_and_nothing_else(role: str, table: str, superuser: psycopg.Connection) -> None:
    columns = [row for row in superuser.execute(rows.COLUMNS, [table]).fetchall() if not row[4]]
    shape = {
        "table": table,
        "columns": ", ".join(f"NULL::{type_}" for _name, type_, *_rest in columns),
        "column": columns[-1][0],
    }
    allowed = set()
    for verb, statement in STATEMENTS.items():
        if verb == "INSERT":
            statement = statement.replace("INTO {table}", f"INTO {table} ({', '.join(row[0] for row in columns)})")
        with superuser.transaction(force_rollback=True):
            superuser.execute(f"SET LOCAL ROLE {role}")
            try:
                with superuser.transaction():
                    superuser.execute(statement.format(**shape))
                allowed.add(verb)
            except errors.InsufficientPrivilege as error:
                assert "permission denied" in str(error)

    # A WHERE on UPDATE and DELETE needs no SELECT here, as it names no column.
    assert allowed == granted(role, table)


@pytest.mark.parametrize("call", FUNCTIONS)
@pytest.mark.parametrize("role", ROLES)
def test_role_may_call_its_functions_and_no_others(role: str, call: str, as_role: psycopg.Connection) -> None:
    denied = False
    try:
        as_role.execute(f"SELECT {call}")
    except errors.InsufficientPrivilege as error:
        denied = f"permission denied for function {call.partition('(')[0]}" in str(error)
    except psycopg.Error:
        pass  # allowed to call it; what it answers to nonsense is not the question

    assert denied == (role not in FUNCTIONS[call])


def test_application_finds_its_tenants_through_functions_alone(app: psycopg.Connection) -> None:
    """It reads no row of the directory itself; the functions lend it the owner's eyes for one answer."""
    set_context(app)

    assert app.execute("SELECT id FROM resolve_host('aurora.localhost')").fetchall() == [(tenant_id("aurora"),)]
    assert app.execute("SELECT id FROM resolve_host('unknown.localhost')").fetchall() == []
    assert app.execute("SELECT primary_domain()").fetchone() == (None,)
    set_context(app, tenant=tenant_id("horizonte"))
    assert app.execute("SELECT primary_domain()").fetchone() == ("horizonte.localhost",)
    set_context(app)
    assert {tenant_id("aurora"), tenant_id("horizonte")} <= {
        tenant for (tenant,) in app.execute("SELECT id FROM active_tenant_ids()").fetchall()
    }
    assert app.execute("SELECT count(*) FROM tenants").fetchone() == (0,)


def test_application_makes_partitions_ahead_through_a_function_alone(app: psycopg.Connection) -> None:
    count = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'audit_trail'::regclass"
    before = app.execute(count).fetchone()[0]

    with app.transaction(force_rollback=True):
        app.execute("SELECT audit_ensure_partitions(30)")
        assert app.execute(count).fetchone()[0] > before


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE posts",
        "CREATE TABLE mine (id integer)",
        "CREATE TEMPORARY TABLE mine (id integer)",
        "CREATE FUNCTION pg_temp.peek() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION public.peek() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "SET ROLE hcms_owner",
        "SET ROLE hcms_gate",
        "SET ROLE hcms_audit",
        "SET ROLE hcms_backup",
        "SET SESSION AUTHORIZATION hcms_owner",
        "SET session_replication_role = replica",
        "ALTER TABLE posts DISABLE TRIGGER zz_gate",
        "ALTER TABLE posts DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE posts NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY tenant_isolation_posts ON posts",
        "DROP TRIGGER zz_gate ON posts",
        "ALTER ROLE hcms_app BYPASSRLS",
        "CREATE VIEW v AS SELECT * FROM posts",
        "SELECT * FROM pg_stat_statements",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT lo_get(1)",
        "LOCK TABLE approvals IN ACCESS EXCLUSIVE MODE",
    ],
)
def test_application_cannot_change_the_rules(statement: str, app: psycopg.Connection) -> None:
    with pytest.raises(errors.InsufficientPrivilege), app.transaction():
        app.execute(statement)


def test_application_cannot_make_references(superuser: psycopg.Connection) -> None:
    """A foreign key of one's own would tell which ids exist."""
    assert (
        superuser.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
            " AND has_table_privilege('hcms_app', oid, 'REFERENCES, TRIGGER, TRUNCATE')"
        ).fetchall()
        == []
    )


def test_switching_row_security_off_shows_nothing(app: psycopg.Connection) -> None:
    set_context(app, tenant=tenant_id("aurora"), user=SYSTEM_UUID)
    with app.transaction(force_rollback=True):
        app.execute("SET LOCAL row_security = off")
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
            app.execute("SELECT count(*) FROM posts")


def test_partitions_of_the_trail_cannot_be_addressed(app: psycopg.Connection, superuser: psycopg.Connection) -> None:
    """Row-level security of the parent does not guard a partition."""
    parts = superuser.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_trail'::regclass"
    )
    names = [name for (name,) in parts.fetchall()]

    assert len(names) >= 24
    set_context(app, tenant=tenant_id("aurora"), user=SYSTEM_UUID)
    for name in (names[0], names[-1]):
        for statement in (f"SELECT * FROM {name}", f"INSERT INTO {name} DEFAULT VALUES", f"DELETE FROM {name}"):
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute(statement)


def test_backup_reads_every_tenant_and_writes_nothing(backup: psycopg.Connection) -> None:
    tenants = backup.execute("SELECT DISTINCT tenant_id FROM users WHERE tenant_id IS NOT NULL").fetchall()

    assert {tenant_id("aurora"), tenant_id("horizonte")} <= {tenant for (tenant,) in tenants}
    backup.execute("SET default_transaction_read_only = off")
    for statement in ("UPDATE users SET role = role", "DELETE FROM posts", "INSERT INTO tenants DEFAULT VALUES"):
        with pytest.raises(errors.InsufficientPrivilege):
            backup.execute(statement)


def test_definer_functions_cannot_be_led_astray(superuser: psycopg.Connection) -> None:
    """Each pins its search_path, and none belongs to a superuser."""
    functions = superuser.execute(
        "SELECT proname, pg_get_userbyid(proowner), proconfig::text FROM pg_proc"
        " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype = 'e')"
    ).fetchall()

    assert len(functions) > 20
    for name, owner, config in functions:
        lent = "hcms_owner" if name in OWNERS_OWN else "hcms_audit" if name.startswith("audit_") else "hcms_gate"
        assert owner == lent, name
        assert "search_path=" in (config or "") and "pg_temp" in config, name


def test_gate_is_the_last_word_on_posts(superuser: psycopg.Connection) -> None:
    """A trigger that fires after it could change what it has just checked."""
    names = superuser.execute(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'posts'::regclass AND NOT tgisinternal AND tgtype & 2 = 2"
        " AND tgtype & 1 = 1 ORDER BY tgname"
    ).fetchall()

    assert names[-1] == ("zz_gate",)


# --- The system check ------------------------------------------------------------------------------------------------


def test_nothing_is_missing(db: str) -> None:
    assert missing_guards() == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("DROP POLICY tenant_isolation_posts ON posts", "policy tenant_isolation_posts on posts"),
        ("ALTER TABLE posts NO FORCE ROW LEVEL SECURITY", "row_security forced on posts"),
        ("ALTER TABLE posts DISABLE TRIGGER zz_gate", "trigger zz_gate on posts"),
        ("REVOKE INSERT ON approvals FROM hcms_gate", "grant hcms_gate:INSERT on approvals"),
        (
            "ALTER TABLE posts DROP CONSTRAINT posts_author_id_tenant_fk",
            "foreign_key posts_author_id_tenant_fk on posts",
        ),
        ("ALTER FUNCTION zz_gate() OWNER TO hcms_owner", "function_owner hcms_gate on zz_gate"),
        ("ALTER FUNCTION zz_gate() SECURITY INVOKER", "function_owner hcms_gate on zz_gate"),
        ("ALTER FUNCTION ts_match_vq(tsvector, tsquery) NOT LEAKPROOF", "leakproof leakproof on ts_match_vq"),
        ("GRANT CREATE ON SCHEMA public TO hcms_app", "the serving role may create tables"),
        ("GRANT hcms_owner TO hcms_app", "the serving role owns tenant tables"),
        ("ALTER ROLE hcms_app BYPASSRLS", "the serving role has BYPASSRLS"),
    ],
)
def test_missing_guard_is_named(change: str, message: str, superuser: psycopg.Connection) -> None:
    """Asked within the transaction that takes the guard away, as the serving role."""
    from accounts.tenancy import checks

    with superuser.transaction(force_rollback=True):
        superuser.execute(change)
        superuser.execute("SET LOCAL ROLE hcms_app")
        assert message in checks.missing_guards_of(superuser.cursor())


@pytest.mark.parametrize(
    ("version", "refused"),
    [(150010, True), (160014, True), (160015, False), (170010, True), (170011, False), (180001, False)],
)
def test_versions_below_the_floor_are_refused(version: int, refused: bool) -> None:
    from accounts.tenancy.versions import too_old

    assert bool(too_old(version)) == refused


def test_serving_as_the_owner_is_an_error(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    from accounts.tenancy import checks

    assert checks.check_serving_role(databases=["default"]) == []
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "USER", "hcms_owner")
    found = checks.check_serving_role(databases=["default"])
    connection.close()

    assert [message.id for message in found] == ["tenancy.E002", "tenancy.E002"]
    assert databases.SUPERUSER
