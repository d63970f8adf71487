"""Sealing finished days, tenant by tenant, month by month."""

import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta

from django.db import connection

from accounts.tenancy.context import NIL_UUID, SYSTEM_UUID, TenancyContext, platform_context, tenant_context
from compliance.models import AuditCheckpoint
from compliance.seals import rows
from compliance.seals.chain import ONE_DAY, Seal, make_seal
from compliance.seals.file import SealFile, SealFileError

# After midnight (UTC), in case a clock is set back a little.
MARGIN = timedelta(minutes=5)
STATEMENT_TIMEOUT = "10min"


class OpenTransactionError(Exception):
    """A transaction that may still commit rows of a finished day did not end in time."""


def scope_of(tenant_id: uuid.UUID) -> AbstractContextManager[TenancyContext]:
    """One transaction as the system in the tenant; the nil UUID is the platform."""
    if tenant_id == NIL_UUID:
        return platform_context(actor=SYSTEM_UUID, atomic=True)
    return tenant_context(tenant_id, actor=SYSTEM_UUID, atomic=True)


def allow_long_statements() -> None:
    """For the rest of the transaction: a month of a large tenant takes longer than a web request may."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'")


def last_finished_day() -> date:
    """Yesterday by the clock that stamps the rows: the database's."""
    now = datetime.now(UTC)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            now = cursor.fetchone()[0].astimezone(UTC)
    return (now - MARGIN).date() - ONE_DAY


def wait_for_writers(*, seconds: float = 60) -> None:
    """Return when every transaction that has written to the trail so far has ended.

    A row is stamped when it is inserted and its transaction holds a lock on the trail from then to its end. So what is
    stamped before midnight and not yet committed belongs to a transaction that holds the lock now; later ones write
    later days. SQLite has one writer at a time: the sealing transaction itself keeps the others out.
    """
    if connection.vendor != "postgresql":
        return
    deadline = time.monotonic() + seconds
    writing = _writers()
    while writing:
        if time.monotonic() > deadline:
            raise OpenTransactionError(f"{len(writing)} transactions have been writing for {seconds:.0f} s.")
        time.sleep(0.2)
        writing &= _writers()


def _writers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'"
            " AND relation = 'audit_trail'::regclass AND pid IS DISTINCT FROM pg_backend_pid()"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return {transaction for (transaction,) in cursor.fetchall()}


def seal_tenant(tenant_id: uuid.UUID, chain: list[Seal], file: SealFile, *, until: date) -> list[Seal]:
    """Seal every finished day after the last of `chain` (the tenant's seals in the file), days without rows too.

    The line is on disk before the table has its copy: after a crash between the two the copy is made up for.
    """
    with scope_of(tenant_id):
        _complete_table(tenant_id, chain)
        first = chain[-1].day + ONE_DAY if chain else rows.first_day(tenant_id) or until
    sealed = list(chain)
    for start, end in months(first, until):
        with scope_of(tenant_id):
            allow_long_statements()
            hashes = rows.hashes_by_day(tenant_id, start, end)
            batch = _seal_days(tenant_id, start, end, hashes, sealed[-1] if sealed else None)
            sealed += batch
            file.write_rows(sealed, b"".join(hashes[day] for day in sorted(hashes)))
            file.append(batch)
            _write_table(batch)
    return sealed[len(chain) :]


def months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The span cut at the ends of months: one transaction, and on PostgreSQL one partition, at a time."""
    while first <= last:
        end = min(last, (first.replace(day=1) + timedelta(days=31)).replace(day=1) - ONE_DAY)
        yield first, end
        first = end + ONE_DAY


def _seal_days(
    tenant_id: uuid.UUID, start: date, end: date, hashes: dict[date, bytes], previous: Seal | None
) -> list[Seal]:
    seals: list[Seal] = []
    for number in range((end - start).days + 1):
        day = start + timedelta(days=number)
        previous = make_seal(previous, tenant_id, day, hashes.get(day, b""))
        seals.append(previous)
    return seals


def _complete_table(tenant_id: uuid.UUID, chain: list[Seal]) -> None:
    """Make up for copies that a crash lost. The other way round, somebody has taken lines out of the file."""
    stored = set(AuditCheckpoint.objects.filter(tenant_id=tenant_id).values_list("day", flat=True))
    if missing_in_file := stored - {seal.day for seal in chain}:
        raise SealFileError(
            f"The database holds {len(missing_in_file)} seals of tenant {tenant_id} that the file lacks, the first of"
            f" {min(missing_in_file)}. Restore the file from its copy; without it nothing can be verified."
        )
    _write_table([seal for seal in chain if seal.day not in stored])


def _write_table(seals: list[Seal]) -> None:
    AuditCheckpoint.objects.bulk_create(
        AuditCheckpoint(
            tenant_id=seal.tenant_id,
            day=seal.day,
            row_count=seal.row_count,
            digest=seal.digest,
            previous_seal=seal.previous_seal,
            seal=seal.seal,
        )
        for seal in seals
    )
