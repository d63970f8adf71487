"""A pooler in transaction mode hands one server connection to many clients: no context may stay on it.

Readers of two tenants and readers without a context share few server connections, which are being killed meanwhile.
"""

import os
import random
import shutil
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.conf import settings

from accounts.tenancy.backends.postgresql.base import context_sql
from accounts.tenancy.context import NO_CONTEXT, SYSTEM_UUID, TenancyContext
from tests.cast import CAST, tenant_id
from tests.guards import databases
from tests.guards.databases import free_port

pytestmark = pytest.mark.postgresql

READS = int(os.environ.get("GUARD_READS", "20000"))
THREADS = 6
PORT = free_port()
CONTEXTS: dict[UUID | None, TenancyContext] = {
    **{
        tenant: TenancyContext("tenant", tenant, SYSTEM_UUID)
        for tenant in (tenant_id("aurora"), tenant_id("horizonte"))
    },
    None: NO_CONTEXT,
}


def pgbouncer() -> list[Path | str]:
    """The local stack's, else the system's; it refuses to run as root."""
    if Path(settings.BASE_DIR, ".postgres", "stack").exists():
        return [Path(settings.BASE_DIR, "script", "postgres"), "exec", "pgbouncer"]
    return [shutil.which("pgbouncer") or "pgbouncer", *(["-u", "nobody"] if os.geteuid() == 0 else [])]


@pytest.fixture
def pooler(clone: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """pgbouncer in transaction mode before the clone, with fewer server connections than clients."""
    with databases.connect() as db:
        host, port = db.info.host, db.info.port
    folder = Path("/tmp", f"hcms-pooler-{os.getpid()}")  # readable by the account that the program runs under
    folder.mkdir(mode=0o755)
    config = folder / "pgbouncer.ini"
    config.write_text(
        f"[databases]\n{clone} = host={host} port={port} dbname={clone} user=hcms_app\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {PORT}\nunix_socket_dir =\nauth_type = any\n"
        "pool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 50\nserver_login_retry = 0\n"
        "ignore_startup_parameters = extra_float_digits\n"
    )
    config.chmod(0o644)
    process = subprocess.Popen([*pgbouncer(), "-q", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                    break
            assert process.poll() is None, "pgbouncer did not start"
            time.sleep(0.1)
        yield {"host": "127.0.0.1", "port": PORT, "dbname": clone, "user": "hcms_app", "autocommit": True}
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder)


class Reader(threading.Thread):
    """Reads in a random tenant's context, or in none, transaction by transaction on one client connection."""

    def __init__(self, address: dict[str, Any], reads: int) -> None:
        super().__init__()
        self.address, self.reads = address, reads
        self.wrong: list[str] = []
        self.seen: Counter[str] = Counter()

    def run(self) -> None:
        db: psycopg.Connection | None = None
        while self.reads > 0:
            tenant = random.choice(list(CONTEXTS))
            try:
                db = db or psycopg.connect(**self.address, prepare_threshold=None)
                rows = self.read(db, CONTEXTS[tenant])
            except psycopg.Error:  # the server connection was killed under us
                self.seen["errors"] += 1
                if db is not None:
                    db.close()
                db = None
                continue
            self.reads -= 1
            self.seen["reads"] += 1
            expected = [] if tenant is None else [(tenant, len(CAST))]
            if rows != expected:
                self.wrong.append(f"{tenant}: {rows}")
        if db is not None:
            db.close()

    @staticmethod
    def read(db: psycopg.Connection, context: TenancyContext) -> list[tuple[UUID, int]]:
        db.execute("BEGIN; " + context_sql(context))
        # People of the cast only: other tests of this clone may have added some.
        rows = db.execute(
            "SELECT u.tenant_id, count(*)::int FROM users u JOIN user_profiles p ON p.user_id = u.id"
            " WHERE u.email LIKE '%.test' AND u.email !~ '^[0-9a-f]{32}@' GROUP BY 1"
        ).fetchall()
        db.execute("COMMIT")
        return rows


def test_no_row_of_another_tenant_in_twenty_thousand_reads(
    pooler: dict[str, Any], superuser: psycopg.Connection
) -> None:
    readers = [Reader(pooler, READS // THREADS + 1) for _ in range(THREADS)]
    for reader in readers:
        reader.start()
    killed = 0
    while any(reader.is_alive() for reader in readers):
        time.sleep(random.random() * 0.2)
        killed += superuser.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity"
            " WHERE usename = 'hcms_app' AND datname = current_database() AND pid <> pg_backend_pid()"
            " ORDER BY random() LIMIT 1) AS one"
        ).fetchone()[0]
    for reader in readers:
        reader.join()

    seen = sum((reader.seen for reader in readers), Counter())
    print(f"{seen['reads']} reads, {killed} server connections killed, {seen['errors']} errors")
    assert [line for reader in readers for line in reader.wrong] == []
    assert seen["reads"] >= READS
    assert killed > 5
