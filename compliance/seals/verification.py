"""Does the trail still say what was sealed? If not: on which day, and in which rows."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from compliance.models import AuditCheckpoint
from compliance.seals import rows
from compliance.seals.chain import Seal
from compliance.seals.file import SealFile
from compliance.seals.rows import HASH_BYTES, Row
from compliance.seals.sealing import allow_long_statements, months, scope_of


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was sealed. `kind`: file, table or rows."""

    tenant_id: uuid.UUID
    day: date
    kind: str
    message: str


def verify_tenant(tenant_id: uuid.UUID, chain: list[Seal], file: SealFile) -> list[Finding]:
    """Compare the file with itself, the table with the file, and the rows with the file; findings by day."""
    findings = [*_check_file(chain), *_check_table(tenant_id, chain), *_check_rows(tenant_id, chain, file)]
    return sorted(findings, key=lambda finding: (finding.day, finding.kind))


def _check_file(chain: list[Seal]) -> Iterator[Finding]:
    """The file's own chain: every line follows from the one before."""
    for previous, seal in zip([None, *chain], chain, strict=False):
        if not seal.is_sound:
            yield Finding(seal.tenant_id, seal.day, "file", "the line in the seal file was changed")
        elif not seal.follows(previous):
            yield Finding(seal.tenant_id, seal.day, "file", "the seal file lacks lines before this day")


def _check_table(tenant_id: uuid.UUID, chain: list[Seal]) -> Iterator[Finding]:
    """The table's copy against the file."""
    with scope_of(tenant_id):
        stored = {
            checkpoint.day: (checkpoint.row_count, checkpoint.digest, checkpoint.previous_seal, checkpoint.seal)
            for checkpoint in AuditCheckpoint.objects.filter(tenant_id=tenant_id)
        }
    sealed = {seal.day: (seal.row_count, seal.digest, seal.previous_seal, seal.seal) for seal in chain}
    for day in sorted(stored.keys() | sealed.keys()):
        if day not in sealed:
            yield Finding(tenant_id, day, "table", "the database holds a seal that the seal file lacks")
        elif day not in stored:
            yield Finding(tenant_id, day, "table", "the seal is missing in the database")
        elif stored[day] != sealed[day]:
            yield Finding(tenant_id, day, "table", "the seal in the database differs from the seal file")


def _check_rows(tenant_id: uuid.UUID, chain: list[Seal], file: SealFile) -> Iterator[Finding]:
    """The rows against the file: every sealed day, and the time before the first."""
    if not chain:
        return
    first = min(seal.day for seal in chain)
    for start, end in months(first, max(seal.day for seal in chain)):
        of_month = sorted((seal for seal in chain if start <= seal.day <= end), key=lambda seal: seal.day)
        with scope_of(tenant_id):
            allow_long_statements()
            hashes = rows.hashes_by_day(tenant_id, start, end)
            bad = [seal for seal in of_month if not seal.covers(hashes.get(seal.day, b""))]
            found = rows.rows_by_day(tenant_id, bad[0].day, bad[-1].day) if bad else {}
        for seal in bad:
            sealed_rows = file.read_rows(chain, seal)
            yield Finding(tenant_id, seal.day, "rows", _describe(seal, found.get(seal.day, []), sealed_rows))
    with scope_of(tenant_id):
        oldest = rows.first_day(tenant_id, before=first)
    if oldest:
        yield Finding(tenant_id, oldest, "rows", f"rows were inserted before the first sealed day, {first}")


def _describe(seal: Seal, found: list[Row], sealed: bytes | None) -> str:
    """Which rows differ, as far as the file of row hashes (`sealed`) tells."""
    counts = f"{seal.row_count} rows were sealed, {len(found)} are there"
    if sealed is None:
        return f"{counts}; the file of row hashes is missing or altered, so the row cannot be named"
    parts = compare([sealed[at : at + HASH_BYTES] for at in range(0, len(sealed), HASH_BYTES)], found)
    return "; ".join([counts, *parts])


def compare(sealed: list[bytes], found: list[Row]) -> Iterator[str]:
    """What happened to the rows, in words. Between two rows that stayed, what went and what came is paired."""
    present, genuine = {row.hash for row in found}, set(sealed)
    position, previous = 0, None
    new: list[Row] = []
    for row in found:
        if row.hash not in genuine:
            new.append(row)
            continue
        gone = 0
        while position < len(sealed) and sealed[position] != row.hash:
            gone += sealed[position] not in present
            position += 1
        position += 1
        yield from _in_words(gone, new, previous)
        previous, new = row, []
    gone = sum(hash_ not in present for hash_ in sealed[position:])
    yield from _in_words(gone, new, previous)


def _in_words(gone: int, new: list[Row], previous: Row | None) -> Iterator[str]:
    changed = min(gone, len(new))
    for row in new[:changed]:
        yield f"row {row.id} of {row.created_at} was changed"
    for row in new[changed:]:
        yield f"row {row.id} of {row.created_at} was inserted"
    if gone > changed:
        place = f"after row {previous.id} of {previous.created_at}" if previous else "before the day's first row"
        yield f"{gone - changed} row(s) removed {place}"
