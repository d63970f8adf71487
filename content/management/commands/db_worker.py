"""`db_worker`: takes background jobs from the queue in the database. `script/server` starts it beside the web process.

The package's worker in the manner that this product needs: every access to the queue in the worker's own context, a
lease per job so that a killed worker's job runs again, and of an error nothing but its class.
"""

import logging
import time
import uuid
from datetime import timedelta
from typing import Any

from django.db import Error, close_old_connections, connection
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.management.commands import db_worker as package
from django_tasks_db.models import DBTaskResult, get_date_max

from accounts.tenancy.context import worker_context
from accounts.tenancy.jobs import MOST_ATTEMPTS, Interrupted, Lease, LeaseLost, lease_end
from compliance import jobs
from content.services import recheck

log = logging.getLogger("healthcare_cms.jobs")
LOOK_SECONDS = 5.0  # between two looks for jobs whose worker died
ROUND_SECONDS = 60.0  # between two rounds of housekeeping
PAUSE_SECONDS = 10  # before a failed job runs again, times its attempts
KEPT_DAYS = 14


class Worker(package.Worker):
    """One process, one job at a time."""

    next_look = 0.0
    next_round = 0.0

    def run(self) -> None:
        """Until a signal; with `batch` until the queue is empty."""
        while self.running:
            close_old_connections()
            try:
                row = self.turn()
            except Error as error:  # the database is away: the next turn tries again
                log.warning("worker waits for the database: %s", type(error).__name__)
                connection.close()
                row = None
            if row is None and self.batch:
                return
            if row is None and self.running:
                time.sleep(self.interval)

    def turn(self) -> DBTaskResult | None:
        """Look after what others left, then do one job; None when there was none."""
        now = time.monotonic()
        if now >= self.next_look:
            self.next_look = now + LOOK_SECONDS
            recover_expired()
        if now >= self.next_round:
            self.next_round = now + ROUND_SECONDS
            housekeeping()
        row = self.claim()
        if row is not None:
            self.run_task(row)
        return row

    def claim(self) -> DBTaskResult | None:
        """Take the next job and its lease, in one transaction."""
        ready = DBTaskResult.objects.ready().filter(backend_name=self.backend_name)
        if not self.process_all_queues:
            ready = ready.filter(queue_name__in=self.queue_names)
        with worker_context():
            if not ready.exists():  # without a write lock, which SQLite has one of
                return None
        with worker_context(atomic=True):
            row = ready.get_locked()
            if row is not None:
                row.claim(self.worker_id)
                row.run_after = lease_end()
                row.save(update_fields=["run_after"])
        return row

    def run_task(self, row: DBTaskResult) -> None:
        """Do the job under its lease. Whatever becomes of it is written only while the job is still ours."""
        lease = Lease(row.pk, row.worker_ids, stopping=lambda: not self.running)
        self.running_task = True
        log.info("job %s %s begins, attempt %d", row.task_path, row.pk, len(row.worker_ids))
        try:
            with lease.held():
                row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
        except LeaseLost:
            log.warning("job %s %s was taken over", row.task_path, row.pk)
        except (Interrupted, SystemExit, KeyboardInterrupt):
            # Told to end, not failed: the attempt does not count.
            self.running = False
            if settle(lease, status=TaskResultStatus.READY, run_after=get_date_max(), worker_ids=row.worker_ids[:-1]):
                jobs.wait_again(tenant_of(row), row.pk, error="")
        except Exception as error:
            # Only its class: a message may quote the text that the job was about.
            failed(lease, row, type(error).__qualname__)
        else:
            settle(lease, status=TaskResultStatus.SUCCESSFUL, finished_at=timezone.now())
            log.info("job %s %s is done", row.task_path, row.pk)
        finally:
            self.running_task = False


def settle(lease: Lease, **values: Any) -> bool:
    """Write what became of the job; False when it is no longer ours."""
    with worker_context(atomic=True):
        return bool(lease.row.update(**values))


def failed(lease: Lease, row: DBTaskResult, error: str) -> None:
    """Give the job out again after a pause, or give up at the last attempt."""
    attempts = len(row.worker_ids)
    log.warning("job %s %s failed, attempt %d: %s", row.task_path, row.pk, attempts, error)
    if attempts < MOST_ATTEMPTS:
        pause = timezone.now() + timedelta(seconds=PAUSE_SECONDS * attempts)
        if settle(lease, status=TaskResultStatus.READY, run_after=pause, exception_class_path=error):
            jobs.wait_again(tenant_of(row), row.pk, error=error)
    elif settle(lease, status=TaskResultStatus.FAILED, finished_at=timezone.now(), exception_class_path=error):
        jobs.bury(tenant_of(row), row.pk, error=error)


def tenant_of(row: DBTaskResult) -> uuid.UUID:
    """The first argument of every job."""
    return uuid.UUID(row.args_kwargs["args"][0])


def recover_expired() -> int:
    """Give out again what a worker died over; at the last attempt bury it. The number of such jobs."""
    expired = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING, run_after__lt=timezone.now())
    with worker_context():
        if not expired.exists():
            return 0
    with worker_context(atomic=True):
        rows = list(expired.select_for_update(skip_locked=True))
        for row in rows:
            again = len(row.worker_ids) < MOST_ATTEMPTS
            row.status = TaskResultStatus.READY if again else TaskResultStatus.FAILED
            row.run_after, row.exception_class_path = get_date_max(), "WorkerDied"
            row.finished_at = None if again else timezone.now()
            row.save(update_fields=["status", "run_after", "exception_class_path", "finished_at"])
    for row in rows:
        log.warning("job %s %s: its worker died, attempt %d", row.task_path, row.pk, len(row.worker_ids))
        tell = jobs.wait_again if row.status == TaskResultStatus.READY else jobs.bury
        tell(tenant_of(row), row.pk, error="WorkerDied")
    return len(rows)


def housekeeping() -> None:
    """What is due without anybody asking: checks after the engine changed, and removing what is old."""
    recheck.start_where_due()
    old = timezone.now() - timedelta(days=KEPT_DAYS)
    with worker_context(atomic=True):
        DBTaskResult.objects.filter(
            status__in=[TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED], finished_at__lt=old
        ).delete()


class Command(package.Command):
    """The package's options; `--reload` stays off, as a restarted worker would abandon its job."""

    help = "Run background jobs until stopped."

    def handle(self, **options: Any) -> None:
        worker = Worker(
            queue_names=options["queue_name"].split(","),
            interval=options["interval"],
            batch=options["batch"],
            backend_name=options["backend_name"],
            startup_delay=False,
            max_tasks=None,
            worker_id=options["worker_id"],
            excluded_queue_names=[],
        )
        worker.configure_signals()
        worker.run()
