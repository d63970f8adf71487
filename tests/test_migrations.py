"""Migrations: complete, named, reversible, and unable to validate what the new rule forbids.

`script/replay-migrations` runs all of them forward, back and forward again on both databases.
"""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from accounts.tenancy.operations import VendorSQL
from tests.cast import tenant_id
from tests.guards import databases
from tests.guards.rows import Builder

ROOT = Path(settings.BASE_DIR)
OURS = ("compliance", "accounts", "media_library", "content")
FILES = [path for app in OURS for path in sorted((ROOT / app / "migrations").glob("0*.py"))]
# What a migration may import of ours: operations, and constants that never change.
FROZEN = {
    "accounts.tenancy.operations", "accounts.tenancy.models", "accounts.tenancy.context", "accounts.tenancy",
    "compliance.audit_storage", "compliance.models",
}  # fmt: skip


def test_no_migration_is_missing(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_migration_has_a_name_and_imports_nothing_that_moves(path: Path) -> None:
    assert re.fullmatch(r"\d{4}_[a-z_0-9]+", path.stem)
    assert "_auto_" not in path.stem
    imported = {
        node.module if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {name for name in imported if name and name.split(".")[0] in OURS} <= FROZEN


@pytest.mark.parametrize("app", OURS)
def test_numbers_are_used_once(app: str) -> None:
    numbers = [path.stem[:4] for path in FILES if path.parts[-3] == app]

    assert len(numbers) == len(set(numbers))


def operations() -> Iterator[tuple[str, Any]]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app in OURS:
            yield from ((f"{app}/{name}", operation) for operation in migration.operations)


def test_every_operation_can_be_taken_back() -> None:
    for where, operation in operations():
        assert operation.reversible, f"{where}: {operation.describe()}"
        if isinstance(operation, VendorSQL):
            for vendor in ("postgresql", "sqlite"):
                changes = [sql for sql in operation.forward[vendor] if not harmless(sql)]
                assert bool(operation.reverse[vendor]) or not changes, f"{where}: {operation.describe()} on {vendor}"


def harmless(sql: str) -> bool:
    """Undone with the table or the function that it is about."""
    return sql.strip().startswith(("GRANT", "REVOKE", "CREATE EXTENSION IF NOT EXISTS"))


# --- A violating row, planted before the composite keys --------------------------------------------------------------

AURORA, HORIZONTE = tenant_id("aurora"), tenant_id("horizonte")


class Scratch:
    """A database of its own, migrated step by step by the owner."""

    def __init__(self, name: str) -> None:
        self.name = name

    def migrate(self, *target: str) -> subprocess.CompletedProcess[str]:
        owner = settings.DATABASE_OWNER_URL
        urls = {
            "DATABASE_URL": settings.DATABASE_URL.rpartition("/")[0] + f"/{self.name}",
            "DATABASE_OWNER_URL": owner.rpartition("/")[0] + f"/{self.name}",
        }
        command = [sys.executable, "manage.py", "migrate", "--skip-checks", "-v", "0", *target]
        return subprocess.run(
            command, cwd=ROOT, env=os.environ | urls, capture_output=True, text=True, check=False, timeout=120
        )

    def superuser(self) -> psycopg.Connection:
        return databases.connect(databases.SUPERUSER, database=self.name)


@pytest.fixture
def scratch(django_db_blocker: Any) -> Iterator[Scratch]:
    name = f"{settings.DATABASES['default']['TEST']['NAME'] or 'test'}_planted_{os.getpid()}"
    with django_db_blocker.unblock():
        databases.copy_database(os.environ.get("TEST_DATABASE_TEMPLATE", "hcms_template"), name)
        try:
            yield Scratch(name)
        finally:
            databases.drop_database(name)


def plant(db: psycopg.Connection, table: str, tenant: UUID, **values: Any) -> UUID:
    """A row with little in it."""
    builder = Builder(db)
    return builder.plant(table, builder.row(table, tenant) | values)


def plant_tenants(db: psycopg.Connection) -> None:
    for tenant, slug in ((AURORA, "aurora"), (HORIZONTE, "horizonte")):
        plant(db, "tenants", tenant, id=tenant, slug=slug)


@pytest.mark.postgresql
def test_row_pointing_at_another_tenant_stops_the_composite_keys(scratch: Scratch) -> None:
    assert scratch.migrate("content", "0001").returncode == 0
    with scratch.superuser() as db:
        plant_tenants(db)
        stranger = plant(db, "users", HORIZONTE)
        post = plant(db, "posts", AURORA, author_id=stranger)

    refused = scratch.migrate("content", "0002")

    assert refused.returncode != 0
    assert "posts_author_id_tenant_fk" in refused.stderr
    with scratch.superuser() as db:
        db.execute("UPDATE posts SET author_id = %s WHERE id = %s", [plant(db, "users", AURORA), post])
    assert scratch.migrate().returncode == 0, "the repaired row is accepted"


@pytest.mark.postgresql
def test_key_added_to_isolated_tables_still_looks_at_every_row(scratch: Scratch) -> None:
    """Under FORCE the owner sees no row, and a key that looks as the owner would find nothing wrong."""
    assert scratch.migrate("content").returncode == 0
    assert scratch.migrate("media_library", "0001").returncode == 0
    with scratch.superuser() as db:
        assert db.execute("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'users'").fetchone() == (True,)
        plant_tenants(db)
        plant(db, "media", AURORA, uploaded_by_id=plant(db, "users", HORIZONTE), filename=str(uuid4()))

    refused = scratch.migrate("media_library")

    assert refused.returncode != 0
    assert "media_uploaded_by_id_tenant_fk" in refused.stderr
    with scratch.superuser() as db:
        forced = db.execute(
            "SELECT relname FROM pg_class WHERE relname IN ('users', 'posts') AND relforcerowsecurity ORDER BY 1"
        ).fetchall()
    assert forced == [("posts",), ("users",)], "row security is forced again, or still"
