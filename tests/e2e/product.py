"""The product as its users have it: its own processes, on a database of its own, filled with the demo."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django_otp.oath import TOTP
from environ import Env

from accounts.demo.files import totp_key
from tests.guards.databases import copy_database, drop_database

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60
STEP_SECONDS = 30


def _with_name(url: str, name: str) -> str:
    return f"{url.rpartition('/')[0]}/{name}"


@dataclass
class Database:
    """A scratch database: a file, or a database of the cluster."""

    name: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Environment of processes that use this database."""
        base = {**os.environ, "DEBUG": "1", "AUDIT_SEAL_FILE": str(self.folder / f"{self.name}.seals.jsonl")}
        base["MEDIA_ROOT"] = str(self.folder / f"{self.name}-media")
        if settings.POSTGRESQL:
            return {
                **base,
                "DATABASE_URL": _with_name(settings.DATABASE_URL, self.name),
                "DATABASE_OWNER_URL": _with_name(settings.DATABASE_OWNER_URL, self.name),
            }
        return {**base, "DATABASE_URL": f"sqlite:///{self.folder / self.name}.db", "DATABASE_OWNER_URL": ""}

    def create(self, template: str = "") -> None:
        """Empty from the installation's template, or a copy of another scratch database."""
        if settings.POSTGRESQL:
            source = template or Env.db_url_config(settings.DATABASE_URL).get("TEMPLATE") or "hcms_template"
            copy_database(source, self.name)
        elif template:
            shutil.copy(self.folder / f"{template}.db", self.folder / f"{self.name}.db")

    def drop(self) -> None:
        if settings.POSTGRESQL:
            drop_database(self.name)

    def manage(self, *args: str) -> str:
        """Output of a management command on this database."""
        done = subprocess.run(
            [sys.executable, "manage.py", *args], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"manage.py {' '.join(args)} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout


@dataclass
class Product:
    """The running product."""

    database: Database
    port: int = 0
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    log: Any = None
    sessions: dict[tuple[str, str], Any] = field(default_factory=dict)  # cookies of people who have signed in
    last_steps: dict[str, int] = field(default_factory=dict)  # of each person's second-factor codes

    def start(self) -> None:
        """Web, scheduler and worker, as script/server starts them."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = (self.database.folder / f"{self.database.name}.log").open("wb")
        self._run(
            [
                sys.executable,
                *("-m", "gunicorn", "healthcare_cms.wsgi", "--worker-class", "gthread", "--threads", "4"),
                *("--workers", "1", "--bind", f"127.0.0.1:{self.port}"),
            ]
        )
        self._run([sys.executable, "manage.py", "publish_scheduled", "--loop", "--interval", "2"])
        self._run([sys.executable, "manage.py", "db_worker"])
        self._wait()

    def _run(self, command: list[str]) -> None:
        self.processes.append(
            subprocess.Popen(command, cwd=ROOT, env=self.database.environment, stdout=self.log, stderr=self.log)
        )

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/live", timeout=5):
                    return
            except OSError:  # refused, reset, or too slow yet
                time.sleep(0.2)
        raise AssertionError(f"The product did not start:\n{self.output()}")

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(timeout=20)
        self.log.close()

    def output(self) -> str:
        """What the processes printed so far."""
        return (self.database.folder / f"{self.database.name}.log").read_text(errors="replace")

    def url(self, path: str = "/", *, tenant: str = "aurora") -> str:
        """Address on a tenant's host; `tenant=""` is the platform."""
        host = f"{tenant}.localhost" if tenant else "localhost"
        return f"http://{host}:{self.port}{path}"

    def code(self, email: str) -> str:
        """A second-factor code that is still unused: the next one (accepted a step early), or the one after a wait."""
        step = max(int(time.time()) // STEP_SECONDS, self.last_steps.get(email, -1) + 1)
        while step > time.time() // STEP_SECONDS + 1:
            time.sleep(0.2)
        self.last_steps[email] = step
        totp = TOTP(bytes.fromhex(totp_key(email)))
        totp.time = step * STEP_SECONDS
        return f"{totp.token():06d}"
