"""The tenant's list of background jobs: asked for, how far, done or given up. The queue is `accounts.tenancy.jobs`."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_tasks.base import Task

from accounts.tenancy import jobs as queue
from accounts.tenancy.context import NIL_UUID, SYSTEM_UUID, current_tenant_id, tenant_context
from compliance.enums import JobKind, JobStatus
from compliance.models import JobRun

KEPT_DAYS = 30  # finished runs; what gave up stays until a person has seen it
OPEN = (JobStatus.QUEUED, JobStatus.RUNNING)


@transaction.atomic
def start(
    kind: JobKind,
    job: Task,
    *,
    actor_id: uuid.UUID = SYSTEM_UUID,
    subject_id: uuid.UUID = NIL_UUID,
    versions: dict[str, str] | None = None,
) -> JobRun | None:
    """Queue `job` for the active tenant; None when one of its kind and subject is waiting or running already.

    The job is called with the ids of the tenant and of the run.
    """
    run = JobRun(kind=kind, subject_id=subject_id, started_by_id=actor_id, versions=versions or {})
    # One statement that waits for a simultaneous one, and does nothing where an open run exists.
    JobRun.objects.bulk_create([run], ignore_conflicts=True)
    if not JobRun.objects.filter(pk=run.pk).exists():
        return None
    run.task_id = queue.enqueue(job, current_tenant_id(), run.pk)
    run.save(update_fields=["task_id"])
    return run


def begin(run_id: uuid.UUID, *, total: int, versions: dict[str, str] | None = None) -> JobRun:
    """The job has been taken, for the first time or again after a crash."""
    run = JobRun.objects.select_for_update().get(pk=run_id)
    run.status, run.total, run.error = JobStatus.RUNNING, total, ""
    run.attempts += 1
    run.started_at = run.started_at or timezone.now()
    if versions is not None:
        run.versions = versions
    run.save(update_fields=["status", "total", "error", "attempts", "started_at", "versions"])
    return run


def advance(run_id: uuid.UUID, *, done: int, failing: int) -> None:
    """How far the job is: numbers since its beginning, so that saying it twice changes nothing."""
    JobRun.objects.filter(pk=run_id).update(done=done, failing=failing)


def finish(run_id: uuid.UUID) -> None:
    """The job is done."""
    JobRun.objects.filter(pk=run_id).update(status=JobStatus.DONE, finished_at=timezone.now())


def wait_again(tenant_id: uuid.UUID, task_id: uuid.UUID, *, error: str) -> None:
    """The job failed or its worker died; the queue will give it out again. `error` is the exception's class."""
    with tenant_context(tenant_id, actor=SYSTEM_UUID, atomic=True):
        JobRun.objects.filter(task_id=task_id, status__in=OPEN).update(status=JobStatus.QUEUED, error=error[:200])


def bury(tenant_id: uuid.UUID, task_id: uuid.UUID, *, error: str) -> None:
    """The job gave up: it stays in the list for a person. `error` is the exception's class."""
    with tenant_context(tenant_id, actor=SYSTEM_UUID, atomic=True):
        JobRun.objects.filter(task_id=task_id, status__in=OPEN).update(
            status=JobStatus.DEAD, error=error[:200], finished_at=timezone.now()
        )


def newest(kind: JobKind, **wanted: Any) -> JobRun | None:
    """The run asked for last."""
    return JobRun.objects.filter(kind=kind, **wanted).order_by("-created_at", "-id").first()


def forget_old() -> int:
    """Remove finished runs of the active tenant after a month."""
    old = timezone.now() - timedelta(days=KEPT_DAYS)
    return JobRun.objects.filter(status=JobStatus.DONE, finished_at__lt=old).delete()[0]
