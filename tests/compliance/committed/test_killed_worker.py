"""A worker that ends in the middle of a job, killed or asked to: another finishes it, and nothing is done twice."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import User
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance.enums import JobStatus
from compliance.models import JobRun, RecheckOutcome
from content.services import recheck
from tests.cast import tenant_id
from tests.conftest import PostFactory

LONG = (
    "<h2>O que é</h2>"
    + "<p>Pressão alta é uma condição comum, e medir em casa ajuda a conversa na consulta.</p>" * 150
)
TEXTS = 8
LEASE = 3.0


def environment(name: str) -> dict[str, str]:
    """A worker on the copy, with a short lease."""
    if connection.vendor == "postgresql":
        url = urlunsplit(urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}"))
    else:
        url = f"sqlite:///{name}"
    return {**os.environ, "DATABASE_URL": url, "JOB_LEASE_SECONDS": str(LEASE), "LOG_LEVEL": "INFO"}


@pytest.fixture
def workers(clone: str) -> Iterator[Callable[[], subprocess.Popen]]:
    """Starts worker processes; those that are left are ended."""
    processes: list[subprocess.Popen] = []

    def start() -> subprocess.Popen:
        command = [sys.executable, "manage.py", "db_worker", "--interval", "0.1"]
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment(clone), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def in_aurora() -> Any:
    return tenant_context(tenant_id("aurora"), actor=SYSTEM_UUID)


def state() -> JobRun:
    with in_aurora():
        return JobRun.objects.order_by("-created_at").first()


def wait_for(condition: Callable[[JobRun], bool], worker: subprocess.Popen, seconds: float) -> JobRun:
    """The run once `condition` holds. Looks often: what is waited for lasts a second."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition(run := state()):
            return run
        assert worker.poll() is None, worker.communicate()[0].decode()
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s; the run is {state().__dict__}")


@pytest.fixture
def live(cast: dict[str, User]) -> set[uuid.UUID]:
    """Long texts on the site; they stay in the copy for the next test."""
    with in_aurora():
        ids = set(recheck.live_texts().values_list("id", flat=True))
    factory = PostFactory(cast)
    missing = range(len(ids), TEXTS)
    return ids | {factory.published(title=f"Texto {number}", content=LONG).pk for number in missing}


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_the_job_of_a_worker_that_ends_is_finished_by_another(
    ending: signal.Signals, workers: Callable[[], subprocess.Popen], live: set[uuid.UUID], cast: dict[str, User]
) -> None:
    officer = cast["compliance_officer"]
    with tenant_context(officer.tenant_id, actor=officer, atomic=True):
        recheck.start(actor=officer)

    first = workers()
    wait_for(lambda run: run.done >= recheck.BATCH, first, 60)
    os.kill(first.pid, ending)
    output = first.communicate(timeout=20)[0].decode()
    stopped = state()
    before = noted(stopped)
    assert len(before) == stopped.done < TEXTS, output
    # A kill leaves everything as it was; who was asked to end puts the job back.
    asked = ending == signal.SIGTERM
    assert (stopped.status, stopped.attempts) == (JobStatus.QUEUED if asked else JobStatus.RUNNING, 1)
    assert first.returncode == (0 if asked else -signal.SIGKILL), output

    second = workers()
    run = wait_for(lambda run: run.status == JobStatus.DONE, second, 60)

    assert (run.total, run.done, run.failing, run.attempts) == (TEXTS, TEXTS, 0, 2)
    after = noted(run)
    assert set(after) == live
    assert {pk: after[pk] for pk in before} == before  # what was noted was not done again
    second.terminate()
    output = second.communicate(timeout=20)[0].decode()
    assert second.returncode == 0, output
    assert ("its worker died, attempt 1" in output) == (not asked)


def noted(run: JobRun) -> dict[uuid.UUID, Any]:
    """What this run has written so far."""
    with in_aurora():
        return dict(RecheckOutcome.objects.filter(run_id=run.pk).values_list("content_id", "checked_at"))
