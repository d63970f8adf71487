"""How PostgreSQL keeps the trail: monthly partitions (the hypertable: test_audit_hypertable.py)."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from psycopg import errors

from accounts.tenancy.context import tenant_context
from compliance import audit, audit_storage
from compliance.audit_storage import PartitionStatus, partition_status
from content.models import Category
from tests import cast
from tests.compliance.trail import Tamperer, clone
from tests.guards import databases

AURORA = cast.tenant_id("aurora")
ACTOR = uuid4()
PARTITION = f"audit_partitions.audit_trail_{datetime.now(UTC):%Y_%m}"
INDEXES = {
    "audit_trail_pkey",
    "idx_audit_trail_tenant_id",
    "idx_audit_trail_user_id",
    "idx_audit_trail_resource_type",
    "idx_audit_trail_created_at",
    "idx_audit_trail_user_created",
}


# --- Without a database ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "today", "ahead"),
    [
        ([], date(2026, 11, 22), -1),
        (["2026_11"], date(2026, 11, 30), 0),
        (["2026_10", "2026_11", "2026_12", "2027_01"], date(2026, 11, 1), 2),
        (["2026_11", "2026_12", "2027_02"], date(2026, 11, 1), 1),
        (["2026_12", "2027_01"], date(2026, 11, 1), -1),
    ],
)
def test_months_ahead_are_counted_without_gaps(names: list[str], today: date, ahead: int) -> None:
    assert audit_storage._months_ahead({f"audit_trail_{name}" for name in names}, today) == ahead


@pytest.mark.parametrize(("ahead", "ok"), [(24, True), (3, True), (2, False), (-1, False), (None, True)])
def test_fewer_than_three_months_are_a_warning(ahead: int | None, ok: bool) -> None:
    assert PartitionStatus("partitions", ahead).ok is ok


def test_storage_with_another_name_is_refused(settings: Any) -> None:
    settings.AUDIT_TRAIL_STORAGE = "files"
    with pytest.raises(ImproperlyConfigured, match="'files'"):
        audit_storage._statements(SimpleNamespace(connection=connection))


@pytest.mark.sqlite
def test_sqlite_needs_no_partitions(db: None) -> None:
    out = StringIO()
    call_command("audit_partitions", stdout=out)

    assert partition_status() == PartitionStatus("table", None)
    assert out.getvalue() == "Audit trail: table, made on insert.\n"


# --- Monthly partitions ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tamperer(django_db_setup: None, django_db_blocker: Any) -> Iterator[Tamperer]:
    with django_db_blocker.unblock(), clone("storage") as somebody:
        yield somebody


@pytest.fixture
def db(request: pytest.FixtureRequest) -> None:
    """Takes the place of pytest-django's `db`: on PostgreSQL the clone, where other roles connect too."""
    if settings.POSTGRESQL:
        request.getfixturevalue("tamperer")


@pytest.fixture
def as_role(db: None) -> Iterator[Callable[[str], psycopg.Connection]]:
    """A connection as that role, in Aurora's context, with a row of Aurora in the trail."""
    opened: list[psycopg.Connection] = []

    def connect(role: str) -> psycopg.Connection:
        opened.append(databases.connect(role))
        databases.set_context(opened[-1], tenant=AURORA, user=ACTOR)
        return opened[-1]

    with tenant_context(AURORA, actor=ACTOR):
        audit.record("read", resource_type="post", resource_id=uuid4())
    yield connect
    for each in opened:
        each.close()


CHANGES = [
    "UPDATE audit_trail SET operation = 'x'",
    "DELETE FROM audit_trail",
    "TRUNCATE audit_trail",
    "UPDATE audit_checkpoints SET seal = 'x'",
    "DELETE FROM audit_checkpoints",
    "TRUNCATE audit_checkpoints",
]


@pytest.mark.postgresql
@pytest.mark.parametrize("role", ["hcms_app", "hcms_owner"])
@pytest.mark.parametrize("statement", CHANGES)
def test_nobody_changes_or_removes_rows(
    as_role: Callable[[str], psycopg.Connection], role: str, statement: str
) -> None:
    db = as_role(role)
    if role == "hcms_owner":
        db.execute(
            "INSERT INTO audit_checkpoints (id, tenant_id, day, row_count, digest, previous_seal, seal, created_at)"
            " VALUES (gen_random_uuid(), %s, '2026-01-01', 0, '', '', '', now()) ON CONFLICT DO NOTHING",
            [AURORA],
        )
    words = "append-only" if role == "hcms_owner" else "permission denied"
    with pytest.raises(errors.InsufficientPrivilege, match=words):
        db.execute(statement)


@pytest.mark.postgresql
@pytest.mark.parametrize("statement", ["SELECT * FROM {}", "DELETE FROM {}", "TRUNCATE {}", "SELECT count(*) FROM {}"])
def test_web_role_reaches_no_partition(as_role: Callable[[str], psycopg.Connection], statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege, match="schema audit_partitions"):
        as_role("hcms_app").execute(statement.format(PARTITION))


@pytest.mark.postgresql
def test_partition_shows_nothing_even_where_somebody_granted_it(
    tamperer: Tamperer, as_role: Callable[[str], psycopg.Connection]
) -> None:
    tamperer.run("GRANT USAGE ON SCHEMA audit_partitions TO hcms_app")
    tamperer.run(f"GRANT SELECT, INSERT ON {PARTITION} TO hcms_app")
    try:
        app = as_role("hcms_app")
        assert app.execute("SELECT count(*) FROM audit_trail").fetchone()[0] > 0
        assert app.execute(f"SELECT count(*) FROM {PARTITION}").fetchone()[0] == 0
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
            app.execute(f"INSERT INTO {PARTITION} SELECT * FROM audit_trail LIMIT 1")
    finally:
        tamperer.run("REVOKE ALL ON SCHEMA audit_partitions FROM hcms_app")
        tamperer.run(f"REVOKE ALL ON {PARTITION} FROM hcms_app")


@pytest.mark.postgresql
@pytest.mark.parametrize("statement", ["UPDATE {} SET operation = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_owner_changes_no_partition(as_role: Callable[[str], psycopg.Connection], statement: str) -> None:
    owner = as_role("hcms_owner")
    owner.execute("SET row_security = on")
    if statement.startswith("TRUNCATE"):
        with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
            owner.execute(statement.format(PARTITION))
        return
    assert owner.execute(statement.format(PARTITION)).rowcount == 0  # row-level security: it sees none


@pytest.mark.postgresql
def test_indexes_have_the_names_of_the_schema_document(db: None, tamperer: Tamperer) -> None:
    names = tamperer.run("SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename = 'audit_trail'")
    assert {name for (name,) in names} == INDEXES


@pytest.mark.postgresql
def test_two_years_are_made_ahead_and_none_is_the_default(db: None, tamperer: Tamperer) -> None:
    assert partition_status() == PartitionStatus("partitions", 24)
    bounds = tamperer.run(
        "SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = 'audit_trail'::regclass"
    )
    assert not [text for (text,) in bounds if text == "DEFAULT"]


@pytest.mark.postgresql
def test_command_makes_missing_months(db: None, tamperer: Tamperer) -> None:
    last = tamperer.run(
        "SELECT max(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'audit_trail'::regclass"
    )[0][0]
    tamperer.run(f"DROP TABLE {last}")
    assert partition_status().months_ahead == 23
    out = StringIO()

    call_command("audit_partitions", stdout=out)
    call_command("audit_partitions", stdout=out)

    assert out.getvalue() == "Audit trail: partitions, 24 months ahead.\n" * 2


@pytest.mark.postgresql
def test_command_fails_when_the_months_do_not_suffice(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    status = PartitionStatus("partitions", 1)
    monkeypatch.setattr("compliance.management.commands.audit_partitions.ensure_partitions", lambda: status)

    with pytest.raises(CommandError, match="Only 1 months ahead"):
        call_command("audit_partitions")


# --- If the audit write fails, the act fails -------------------------------------------------------------------------


def _without_this_month(tamperer: Tamperer) -> Callable[[], None]:
    tamperer.run(f"ALTER TABLE audit_trail DETACH PARTITION {PARTITION}")
    first = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (first + timedelta(days=32)).replace(day=1)
    span = f"FROM ('{first.isoformat()}') TO ('{following.isoformat()}')"
    return lambda: tamperer.run(f"ALTER TABLE audit_trail ATTACH PARTITION {PARTITION} FOR VALUES {span}")


def _without_insert(tamperer: Tamperer) -> Callable[[], None]:
    tamperer.run("REVOKE INSERT ON audit_trail FROM hcms_audit")
    return lambda: tamperer.run("GRANT INSERT ON audit_trail TO hcms_audit")


def _without_writer(tamperer: Tamperer) -> Callable[[], None]:
    tamperer.run("ALTER FUNCTION audit_write(text, text, uuid, jsonb) RENAME TO audit_write_away")
    tamperer.run("ALTER FUNCTION audit_record(text, text, uuid, jsonb, integer, text) RENAME TO audit_record_away")

    def back() -> None:
        tamperer.run("ALTER FUNCTION audit_write_away(text, text, uuid, jsonb) RENAME TO audit_write")
        tamperer.run("ALTER FUNCTION audit_record_away(text, text, uuid, jsonb, integer, text) RENAME TO audit_record")

    return back


@pytest.mark.postgresql
@pytest.mark.parametrize("breakage", [_without_this_month, _without_insert, _without_writer])
def test_nothing_happens_that_cannot_be_recorded(
    db: None, tamperer: Tamperer, breakage: Callable[[Tamperer], Callable[[], None]]
) -> None:
    with tenant_context(AURORA, actor=ACTOR):
        category = Category.objects.create(name=f"Before {uuid4()}", slug=f"before-{uuid4()}")
    connection.close()
    repair = breakage(tamperer)
    try:
        for act in (
            lambda: Category.objects.create(name="New", slug="unrecorded"),
            lambda: Category.objects.filter(pk=category.pk).update(name=f"After {category.pk}"),
            lambda: Category.objects.filter(pk=category.pk).delete(),
            lambda: audit.record("read", resource_type="post", resource_id=uuid4()),
        ):
            with pytest.raises(DatabaseError), tenant_context(AURORA, actor=ACTOR), transaction.atomic():
                act()
    finally:
        repair()
    with tenant_context(AURORA, actor=ACTOR):
        assert not Category.objects.filter(slug="unrecorded").exists()
        assert Category.objects.get(pk=category.pk).name == category.name
        Category.objects.filter(pk=category.pk).update(name=f"After {category.pk}")  # all is well again


@pytest.mark.postgresql
def test_hypertable_without_timescale_is_refused(db: None, settings: Any) -> None:
    settings.AUDIT_TRAIL_STORAGE = "hypertable"

    with pytest.raises(ImproperlyConfigured, match="has no TimescaleDB"):
        audit_storage._statements(SimpleNamespace(connection=connection))
