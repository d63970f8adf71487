"""Background jobs of a tenant: what they may carry, the context they work in, and the lease that outlives a crash.

A job is called with ids and nothing else, so that no text of an article and no name gets into the queue. It begins
without a context and opens one per batch. While it runs, its worker renews a lease; a worker that was killed renews
nothing, so another takes the job over. Hence every job can run twice, and asks `check_lease()` before each batch.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone
from django_tasks import task
from django_tasks.base import Task, TaskResultStatus

from accounts.tenancy.context import SYSTEM_UUID, TenancyContext, tenant_context, worker_context

MOST_ATTEMPTS = 3
BATCH = 100  # rows per transaction, at most


class LeaseLost(Exception):
    """Another worker has the job now: stop, and leave everything to it."""


class Interrupted(Exception):
    """The worker was told to end: the job goes back to the queue."""


def tenant_task(function: Callable[..., None]) -> Task:
    """Make `function(tenant_id, *ids)` a job. Everything that is not a UUID is refused, when it is enqueued too."""

    @wraps(function)
    def run(*ids: str) -> None:
        function(*map(uuid.UUID, ids))

    return task(run)


def enqueue(job: Task, tenant_id: uuid.UUID, *ids: uuid.UUID) -> uuid.UUID:
    """Queue `job` with its tenant and further ids; in a transaction, so that what is rolled back never runs."""
    if not all(isinstance(each, uuid.UUID) for each in (tenant_id, *ids)):
        raise TypeError("A job carries ids only.")
    return uuid.UUID(job.enqueue(str(tenant_id), *map(str, ids)).id)


@contextmanager
def job_context(tenant_id: uuid.UUID, *, writing: bool = False) -> Iterator[TenancyContext]:
    """One batch of a job, as the system user. `writing` makes it one transaction on SQLite too."""
    check_lease()
    with tenant_context(tenant_id, actor=SYSTEM_UUID, atomic=True if writing else None) as active:
        yield active


# --- The lease -------------------------------------------------------------------------------------------------------


@dataclass
class Lease:
    """The right to work on a job. It is kept in the queue: `run_after` is when it ends, the last of `worker_ids` is
    who has it."""

    task_id: uuid.UUID
    worker_ids: list[str]
    stopping: Callable[[], bool] = lambda: False
    lost: threading.Event = field(default_factory=threading.Event)

    @property
    def row(self) -> Any:
        """The queue's row, while it is still ours."""
        from django_tasks_db.models import DBTaskResult  # app ready

        return DBTaskResult.objects.filter(
            pk=self.task_id, status=TaskResultStatus.RUNNING, worker_ids=self.worker_ids
        )

    def renew(self) -> None:
        with worker_context(atomic=True):
            if not self.row.update(run_after=lease_end()):
                self.lost.set()

    def check(self) -> None:
        if self.lost.is_set():
            raise LeaseLost
        if self.stopping():
            raise Interrupted

    @contextmanager
    def held(self) -> Iterator[Lease]:
        """Renew in the background until the block ends, four times per lease."""
        done = threading.Event()
        thread = threading.Thread(target=self._renew_until, args=(done,), name="lease", daemon=True)
        token = _lease.set(self)
        thread.start()
        try:
            yield self
        finally:
            _lease.reset(token)
            done.set()
            thread.join()

    def _renew_until(self, done: threading.Event) -> None:
        while not done.wait(settings.JOB_LEASE_SECONDS / 4):
            try:
                self.renew()
            except Error:  # the database is away: the next round tries again, and the lease may end meanwhile
                connection.close()
        connection.close()


_lease: ContextVar[Lease | None] = ContextVar("job_lease", default=None)


def lease_end() -> Any:
    return timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def check_lease() -> None:
    """Raise when the job has gone to another worker, or when this one is told to end. Nothing outside a worker."""
    lease = _lease.get()
    if lease is not None:
        lease.check()
