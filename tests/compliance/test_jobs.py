"""Background jobs: only ids travel, a lease outlives a crash, errors keep their class and nothing else."""

import logging
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.models import Tenant
from accounts.tenancy.context import SYSTEM_UUID, current, tenant_context, worker_context
from accounts.tenancy.jobs import Interrupted, LeaseLost, check_lease, enqueue, job_context, tenant_task
from compliance import jobs
from compliance.enums import JobKind, JobStatus
from compliance.models import JobRun
from content.management.commands import db_worker
from content.management.commands.db_worker import Worker, recover_expired

SECRET = "Maria Aparecida, CPF 529.982.247-25"
seen: list[tuple[uuid.UUID, ...]] = []
trouble: list[BaseException] = []


@tenant_task
def probe(tenant_id: uuid.UUID, run_id: uuid.UUID) -> None:
    """What the tests let a worker do."""
    seen.append((tenant_id, run_id))
    with job_context(tenant_id, writing=True):
        assert (current().tenant_id, current().user_id) == (tenant_id, SYSTEM_UUID)
        jobs.begin(run_id, total=1)
    if trouble:
        raise trouble.pop()
    check_lease()
    with job_context(tenant_id, writing=True):
        jobs.finish(run_id)


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing happens by itself here."""
    seen.clear()
    trouble.clear()
    monkeypatch.setattr(db_worker, "housekeeping", lambda: None)
    monkeypatch.setattr(db_worker, "close_old_connections", lambda: None)  # the test's transaction is in it


@pytest.fixture
def run(aurora: Tenant) -> JobRun:
    with tenant_context(aurora, actor=SYSTEM_UUID):
        started = jobs.start(JobKind.RECHECK, probe)
    assert started is not None
    return started


def a_worker(name: str = "w1") -> Worker:
    return Worker(
        queue_names=["default"], interval=0, batch=True, backend_name="default", startup_delay=False, max_tasks=None,
        worker_id=name, excluded_queue_names=[],
    )  # fmt: skip


def row_of(run: JobRun) -> DBTaskResult:
    with worker_context():
        return DBTaskResult.objects.get(pk=run.task_id)


def change(run: JobRun, **values: Any) -> None:
    with worker_context(atomic=True):
        assert DBTaskResult.objects.filter(pk=run.task_id).update(**values) == 1


def status_of(run: JobRun) -> tuple[str, str, int]:
    with tenant_context(run.tenant_id, actor=SYSTEM_UUID):
        fresh = JobRun.objects.get(pk=run.pk)
    return fresh.status, fresh.error, fresh.attempts


def test_a_job_runs_in_its_tenant_as_the_system(run: JobRun) -> None:
    a_worker().run()

    assert seen == [(run.tenant_id, run.pk)]
    assert status_of(run) == (JobStatus.DONE, "", 1)
    assert row_of(run).status == TaskResultStatus.SUCCESSFUL


def test_only_ids_travel(run: JobRun, aurora: Tenant) -> None:
    assert row_of(run).args_kwargs == {"args": [str(aurora.pk), str(run.pk)], "kwargs": {}}
    with tenant_context(aurora, actor=SYSTEM_UUID), pytest.raises(TypeError, match="ids only"):
        enqueue(probe, aurora.pk, SECRET)
    with pytest.raises(ValueError, match="UUID"):
        probe.call(str(aurora.pk), SECRET)


def test_what_is_rolled_back_never_runs(aurora: Tenant) -> None:
    with tenant_context(aurora, actor=SYSTEM_UUID), pytest.raises(RuntimeError), transaction.atomic():
        jobs.start(JobKind.RECHECK, probe)
        raise RuntimeError

    a_worker().run()
    assert seen == []


def test_one_of_a_kind_waits(run: JobRun, aurora: Tenant, horizonte: Tenant) -> None:
    with tenant_context(aurora, actor=SYSTEM_UUID):
        assert jobs.start(JobKind.RECHECK, probe) is None
        assert jobs.start(JobKind.ASSESS, probe, subject_id=uuid.uuid4()) is not None
        assert jobs.start(JobKind.ASSESS, probe, subject_id=uuid.uuid4()) is not None
    with tenant_context(horizonte, actor=SYSTEM_UUID):
        assert jobs.start(JobKind.RECHECK, probe) is not None
        assert JobRun.objects.count() == 1


def test_an_error_keeps_its_class_and_nothing_else(run: JobRun, caplog: pytest.LogCaptureFixture) -> None:
    trouble.append(ValueError(SECRET))
    with caplog.at_level(logging.DEBUG):
        a_worker().run()

    row = row_of(run)
    assert (row.status, row.exception_class_path, row.traceback) == (TaskResultStatus.READY, "ValueError", "")
    assert status_of(run) == (JobStatus.QUEUED, "ValueError", 1)
    assert "Maria" not in caplog.text
    assert "ValueError" in caplog.text
    assert "Maria" not in str(row.__dict__)


def test_three_failures_are_a_dead_letter(run: JobRun) -> None:
    for attempt in range(1, 4):
        trouble.append(ValueError(SECRET))
        a_worker(f"w{attempt}").run()
        assert len(seen) == attempt
        if attempt < 3:
            assert row_of(run).run_after > timezone.now()  # a pause
            change(run, run_after=timezone.now() - timedelta(seconds=1))
    a_worker().run()

    assert len(seen) == 3
    assert row_of(run).status == TaskResultStatus.FAILED
    assert status_of(run) == (JobStatus.DEAD, "ValueError", 3)
    with tenant_context(run.tenant_id, actor=SYSTEM_UUID):  # and the way is free for another
        assert jobs.start(JobKind.RECHECK, probe) is not None


def test_a_dead_workers_job_is_given_out_again(run: JobRun) -> None:
    for attempt in range(1, 4):
        with worker_context(atomic=True):
            assert a_worker().claim() is not None  # and then its process is killed
        a_worker().run()
        assert recover_expired() == 0  # the lease still holds
        change(run, run_after=timezone.now() - timedelta(seconds=1))
        assert recover_expired() == 1
        expected = (JobStatus.QUEUED if attempt < 3 else JobStatus.DEAD, "WorkerDied", 0)
        assert status_of(run) == expected
    a_worker().run()

    assert seen == []
    assert row_of(run).status == TaskResultStatus.FAILED


def test_after_a_crash_the_job_is_done(run: JobRun) -> None:
    a_worker("killed").claim()
    change(run, run_after=timezone.now() - timedelta(seconds=1))

    a_worker("second").run()

    assert status_of(run) == (JobStatus.DONE, "", 1)
    assert row_of(run).worker_ids == ["killed", "second"]


def test_a_lost_lease_leaves_everything_to_the_other(run: JobRun) -> None:
    trouble.append(LeaseLost())
    worker = a_worker("slow")
    row = worker.claim()
    assert row is not None
    change(run, worker_ids=["slow", "other"])

    worker.run_task(row)

    assert row_of(run).status == TaskResultStatus.RUNNING
    assert row_of(run).worker_ids == ["slow", "other"]


def test_a_worker_that_lost_its_lease_stops_before_the_next_batch(run: JobRun) -> None:
    worker = a_worker("slow")
    row = worker.claim()
    assert row is not None
    lease = db_worker.Lease(row.pk, row.worker_ids)
    lease.renew()
    lease.check()
    change(run, worker_ids=["slow", "other"])
    lease.renew()

    with pytest.raises(LeaseLost):
        lease.check()


def test_renewing_moves_the_end_of_the_lease(run: JobRun) -> None:
    row = a_worker().claim()
    assert row is not None
    change(run, run_after=timezone.now() + timedelta(seconds=1))

    db_worker.Lease(row.pk, row.worker_ids).renew()

    assert row_of(run).run_after > timezone.now() + timedelta(seconds=30)


def test_an_interrupted_job_waits_and_its_attempt_does_not_count(run: JobRun) -> None:
    trouble.append(Interrupted())
    worker = a_worker()
    worker.run()

    row = row_of(run)
    assert (row.status, row.worker_ids) == (TaskResultStatus.READY, [])
    assert not worker.running
    assert status_of(run)[:2] == (JobStatus.QUEUED, "")


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_worker_outlives_the_database(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    worker = a_worker()
    worker.batch = False
    turns = iter([error(f"could not connect: {SECRET}"), None])

    def turn() -> None:
        if (trouble := next(turns)) is not None:
            raise trouble
        worker.running = False

    monkeypatch.setattr(worker, "turn", turn)
    monkeypatch.setattr(db_worker, "connection", SimpleNamespace(close=lambda: None))
    worker.run()

    assert "waits for the database" in caplog.text
    assert "Maria" not in caplog.text


def test_a_tenant_queues_its_own_jobs_only(aurora: Tenant, horizonte: Tenant, run: JobRun) -> None:
    """By the policy of the queue, on PostgreSQL; elsewhere by `compliance.jobs`, which takes the active tenant."""
    from django.db import DatabaseError, connection

    if connection.vendor != "postgresql":
        assert run.tenant_id == aurora.pk
        return
    with tenant_context(horizonte, actor=SYSTEM_UUID):
        assert not DBTaskResult.objects.filter(pk=run.task_id).exists()
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            enqueue(probe, aurora.pk, uuid.uuid4())
    assert not DBTaskResult.objects.exists()  # without a context


def test_only_the_worker_sees_all_jobs() -> None:
    """Nothing that answers a request takes the worker's place."""
    root = Path(settings.BASE_DIR)
    apps = ("accounts", "compliance", "content", "media_library", "healthcare_cms")
    users = {
        str(path.relative_to(root))
        for app in apps
        for path in (root / app).rglob("*.py")
        if "worker_context" in path.read_text()
    }

    assert users == {
        "accounts/tenancy/context.py",
        "accounts/tenancy/jobs.py",
        "content/management/commands/db_worker.py",
    }


def test_the_database_refuses_texts_of_errors(run: JobRun) -> None:
    from django.db import DatabaseError, connection

    if connection.vendor != "postgresql":
        return
    with pytest.raises(DatabaseError, match="without_text"), transaction.atomic():
        change(run, traceback=SECRET)


def test_finished_runs_are_forgotten_after_a_month(run: JobRun, act_as: Callable[..., Any]) -> None:
    a_worker().run()
    with tenant_context(run.tenant_id, actor=SYSTEM_UUID):
        assert jobs.forget_old() == 0
        JobRun.objects.update(finished_at=timezone.now() - timedelta(days=31))
        assert jobs.forget_old() == 1
