"""A committed clone of the test database, and second connections to it under any role.

Guards hold between transactions and between roles, so these tests cannot run inside one rolled-back transaction.
`GUARD_DATABASE` names a clone that somebody else made (script/mutate); then none is made.
"""

import os
import re
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import connection
from environ import Env

SUPERUSER = os.environ.get("GUARD_SUPERUSER", "postgres")
HERE = Path(__file__).parent
BOOTSTRAP = Path(settings.BASE_DIR, "script", "bootstrap.sql")
DEVELOPMENT_DATABASE = str(Path(settings.BASE_DIR, "healthcare_cms_dev.db"))


def connect(role: str = "hcms_app", *, database: str = "", **options: Any) -> psycopg.Connection:
    """A second connection, autocommit, to the clone (or another database of the cluster)."""
    served = connection.settings_dict
    url = Env.db_url_config(settings.DATABASE_OWNER_URL if role == "hcms_owner" else settings.DATABASE_URL)
    return psycopg.connect(
        host=served["HOST"] or url["HOST"],
        port=served["PORT"] or url["PORT"],
        user=role,
        password=url["PASSWORD"] or None,
        dbname=database or served["NAME"],
        autocommit=True,
        **options,
    )


def set_context(
    db: psycopg.Connection,
    *,
    tenant: UUID | None = None,
    scope: str = "",
    user: UUID | None = None,
    local: bool = False,
) -> None:
    """What the backend sends at BEGIN, for a plain connection."""
    values = {
        "app.scope": scope or ("tenant" if tenant else ""),
        "app.tenant_id": str(tenant or ""),
        "app.user_id": str(user or ""),
        "app.request_id": str(UUID(int=0)),
    }
    calls = ", ".join(["set_config(%s, %s, %s)"] * len(values))
    db.execute(f"SELECT {calls}", [part for name, value in values.items() for part in (name, value, local)])


def free_port() -> int:
    """A port of this machine that nobody listens on: two runs, or one that was killed, must not meet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def copy_database(source: str, name: str) -> None:
    """`name` becomes a copy of `source`, with the rights that the bootstrap file gives a database of the product."""
    # As superuser: the owner may not end a superuser's session, nor autovacuum, that is still in the old copy.
    with connect(SUPERUSER, database="postgres") as db:
        db.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        for attempt in range(9):
            _end_sessions(source)
            try:
                db.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}" OWNER hcms_owner')
                break
            except psycopg.errors.ObjectInUse:  # autovacuum, or a session that ends late
                if attempt == 8:
                    raise
                time.sleep(0.5)
        for statement in re.findall(
            r'^((?:REVOKE|GRANT) [^;]*:"database"[^;]*);', BOOTSTRAP.read_text(), re.MULTILINE
        ):
            db.execute(statement.replace(':"database"', f'"{name}"'))


def _end_sessions(name: str) -> None:
    """A database that somebody is connected to cannot be copied; on a busy machine sessions end late."""
    with connect(SUPERUSER, database="postgres") as db:
        db.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name])


def drop_database(name: str) -> None:
    with connect(SUPERUSER, database="postgres") as db:
        db.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def clone_test_database(suffix: str = "guard") -> Iterator[str]:
    """The clone's name, for as long as the generator lives. Two clones alive at once need two suffixes."""
    if existing := os.environ.get("GUARD_DATABASE"):
        yield existing
        return
    source = connection.settings_dict["NAME"]
    assert source not in (DEVELOPMENT_DATABASE, Env.db_url_config(settings.DATABASE_URL or "sqlite://")["NAME"])
    connection.close()
    if connection.vendor == "postgresql":
        name = f"{source}_{suffix}"
        copy_database(source, name)
        yield name
        drop_database(name)
    else:
        name = f"{source}_{suffix}.db"
        Path(name).unlink(missing_ok=True)
        copy_file(source, name)
        yield name
        for ending in ("", "-wal", "-shm"):
            Path(name + ending).unlink(missing_ok=True)


def copy_file(source: str, name: str) -> None:
    """A consistent copy of a SQLite file that others may be writing to."""
    old, new = sqlite3.connect(source), sqlite3.connect(name)
    old.backup(new)
    new.execute("PRAGMA journal_mode = WAL")
    old.close()
    new.close()


@contextmanager
def served_from(name: str) -> Iterator[None]:
    """Django's connection goes to database `name`."""
    connection.close()
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
