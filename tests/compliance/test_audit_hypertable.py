"""The trail as a hypertable of TimescaleDB (AUDIT_TRAIL_STORAGE=hypertable) keeps the same promises."""

import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import errors

from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance import audit
from compliance.audit_storage import PartitionStatus, partition_status
from compliance.models import AuditEntry
from compliance.seals import sealing, verification
from compliance.seals.file import SealFile
from tests.compliance.test_audit_storage import INDEXES
from tests.compliance.trail import Tamperer
from tests.guards import databases

pytestmark = pytest.mark.postgresql

TENANT, OTHER, ACTOR = uuid4(), uuid4(), uuid4()
CHANGES = ["UPDATE audit_trail SET operation = 'x'", "DELETE FROM audit_trail", "TRUNCATE audit_trail"]
# What only somebody with INSERT or ownership could do; COPY into a hypertable crashes the server beside pgaudit.
REACHES = ["COPY audit_trail FROM STDIN", "SELECT drop_chunks('audit_trail', now())"]


@pytest.fixture(scope="module")
def hypertable(django_db_setup: None, django_db_blocker: Any) -> Iterator[Tamperer]:
    """A database from the template with TimescaleDB, migrated with AUDIT_TRAIL_STORAGE=hypertable."""
    with django_db_blocker.unblock():
        name = f"{connection.settings_dict['NAME']}_hypertable"
        databases.copy_database("hcms_template_timescale", name)
        environment = os.environ | {
            "AUDIT_TRAIL_STORAGE": "hypertable",
            "DATABASE_URL": f"{settings.DATABASE_URL.rpartition('/')[0]}/{name}",
            "DATABASE_OWNER_URL": f"{settings.DATABASE_OWNER_URL.rpartition('/')[0]}/{name}",
        }
        command = [sys.executable, "manage.py", "migrate", "-v", "0", "--skip-checks"]
        subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True)
        with databases.served_from(name), databases.connect(databases.SUPERUSER) as db:
            yield Tamperer(db)
        databases.drop_database(name)


@pytest.fixture
def db(hypertable: Tamperer) -> None:
    """Takes the place of pytest-django's `db`."""


@pytest.fixture
def chunks(db: None, hypertable: Tamperer) -> list[str]:
    """Chunks with rows of two tenants: one made through record(), an older one by a trigger-like insert."""
    for tenant in (TENANT, OTHER):
        with tenant_context(tenant, actor=ACTOR):
            audit.record("read", resource_type="post", resource_id=uuid4())
    with databases.connect("hcms_owner") as owner, owner.transaction():
        databases.set_context(owner, tenant=TENANT, user=ACTOR, local=True)
        owner.execute("SET LOCAL ROLE hcms_audit")
        owner.execute(
            "INSERT INTO audit_trail (operation, resource_type, resource_id, tenant_id, user_id, created_at)"
            " VALUES ('read', 'post', gen_random_uuid(), %s, %s, now() - interval '100 days')",
            [TENANT, ACTOR],
        )
    made = hypertable.run("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_trail'::regclass")
    return [name for (name,) in made]


def test_hypertable_holds_isolation_and_closes_its_chunks(hypertable: Tamperer, chunks: list[str]) -> None:
    assert len(chunks) >= 2
    assert all(name.startswith("audit_partitions.") for name in chunks)
    with databases.connect() as app:
        assert app.execute("SELECT count(*) FROM audit_trail").fetchone() == (0,)
        databases.set_context(app, tenant=OTHER, user=ACTOR)
        assert app.execute("SELECT DISTINCT tenant_id FROM audit_trail").fetchall() == [(OTHER,)]
        for chunk in chunks:
            for statement in (f"SELECT * FROM {chunk}", f"INSERT INTO {chunk} SELECT * FROM audit_trail"):
                with pytest.raises(errors.InsufficientPrivilege, match="schema audit_partitions"):
                    app.execute(statement)


def test_hypertable_is_written_by_triggers(db: None, hypertable: Tamperer) -> None:
    tenant = uuid4()
    with databases.connect("hcms_owner") as owner, owner.transaction():
        databases.set_context(owner, tenant=tenant, user=SYSTEM_UUID, local=True)
        owner.execute(
            "INSERT INTO tenants (id, schema_name, name, slug, tagline, description, contact, technical_director,"
            " technical_director_registry, own_declaration_allowed, is_active, version, created_at)"
            " VALUES (%s, 'public', 'T', %s, '', '', '', '', '', false, true, 1, now())",
            [tenant, str(tenant)],
        )

    with tenant_context(tenant, actor=ACTOR):
        (row,) = AuditEntry.objects.all()
    assert (row.operation, row.resource_type, row.resource_id, row.user_id) == (
        "create", "tenant", tenant, SYSTEM_UUID,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("role", "statement"),
    [("hcms_app", statement) for statement in CHANGES + REACHES]
    + [("hcms_owner", statement) for statement in CHANGES],
)
def test_hypertable_is_append_only(hypertable: Tamperer, chunks: list[str], role: str, statement: str) -> None:
    with databases.connect(role) as db:
        databases.set_context(db, tenant=TENANT, user=ACTOR)
        with pytest.raises(errors.InsufficientPrivilege), db.cursor() as cursor:
            if statement.startswith("COPY"):
                with cursor.copy(statement):
                    pass
            else:
                cursor.execute(statement)
        assert db.execute("SELECT count(*) FROM audit_trail").fetchone()[0] >= 2


def test_hypertable_has_the_same_indexes_and_makes_its_own_chunks(db: None, hypertable: Tamperer) -> None:
    names = hypertable.run(
        "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename = 'audit_trail'"
    )
    out = StringIO()
    call_command("audit_partitions", stdout=out)

    assert {name for (name,) in names} == INDEXES
    assert partition_status() == PartitionStatus("hypertable", None)
    assert out.getvalue() == "Audit trail: hypertable, made on insert.\n"


def test_hypertable_is_sealed_and_tampering_is_found(hypertable: Tamperer, chunks: list[str], tmp_path: Path) -> None:
    file = SealFile(tmp_path / "seals.jsonl")
    with file.locked(exclusive=True):
        chain = sealing.seal_tenant(TENANT, [], file, until=sealing.last_finished_day())
    assert verification.verify_tenant(TENANT, chain, file) == []

    hypertable.run("SET session_replication_role = replica")
    key = UUID(str(hypertable.run("SELECT id FROM audit_trail WHERE tenant_id = ? ORDER BY created_at", TENANT)[0][0]))
    hypertable.run("UPDATE audit_trail SET user_id = ? WHERE id = ?", OTHER, key)

    (finding,) = verification.verify_tenant(TENANT, chain, file)
    assert finding.day == chain[0].day
    assert f"row {key} of" in finding.message
