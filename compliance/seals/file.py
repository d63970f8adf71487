"""The seals outside the database: one JSON line per tenant and day, and beside it the hashes of each day's rows.

The file is the anchor: whoever rewrites the database rewrites its table of seals too, but not a file that was copied
away. The row hashes (`<file>.rows/<tenant>/<month>`, 32 bytes each, day after day) only help to name the row; a day's
part is genuine when its SHA-256 is the day's digest, and without it the day is still known.
"""

import fcntl
import json
import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from compliance.seals.chain import Seal
from compliance.seals.rows import HASH_BYTES


class SealFileError(Exception):
    """The file cannot be used as it is; the message says why."""


class SealFile:
    """The file of one installation."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = path.with_name(path.name + ".rows")

    @contextmanager
    def locked(self, *, exclusive: bool) -> Iterator[None]:
        """One process seals at a time, and nobody verifies meanwhile. Sealing makes the file if there is none."""
        if exclusive:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        elif not self.path.exists():
            yield
            return
        flags = os.O_RDWR | os.O_CREAT if exclusive else os.O_RDONLY
        descriptor = os.open(self.path, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
            yield
        finally:
            os.close(descriptor)

    def read(self) -> dict[uuid.UUID, list[Seal]]:
        """Every tenant's seals in the order of the file. A last line that a crash left unfinished does not count."""
        seals: dict[uuid.UUID, list[Seal]] = {}
        if not self.path.exists():
            return seals
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.endswith(b"\n"):
                    seal = _parse(line, number)
                    seals.setdefault(seal.tenant_id, []).append(seal)
        return seals

    def append(self, seals: Iterable[Seal]) -> None:
        """Write lines and wait until the disk has them. Under the exclusive lock."""
        with self.path.open("r+b") as file:
            file.truncate(_end_of_last_line(file))
            file.seek(0, os.SEEK_END)
            file.write(b"".join(map(_line, seals)))
            file.flush()
            os.fsync(file.fileno())

    def write_rows(self, chain: list[Seal], hashes: bytes) -> None:
        """Keep the row hashes of the days that a tenant's `chain` ends with. What a crash left there is cut off."""
        if not hashes:
            return
        path, end = self._rows_of(chain, chain[-1])
        end += chain[-1].row_count * HASH_BYTES
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("r+b" if path.exists() else "w+b") as file:
            file.truncate(end - len(hashes))
            file.seek(end - len(hashes))
            file.write(hashes)

    def read_rows(self, chain: list[Seal], seal: Seal) -> bytes | None:
        """The row hashes of a sealed day; None where they are gone or are not what was sealed."""
        path, start = self._rows_of(chain, seal)
        hashes = b""
        if path.exists():
            with path.open("rb") as file:
                file.seek(start)
                hashes = file.read(seal.row_count * HASH_BYTES)
        return hashes if seal.covers(hashes) else None

    def _rows_of(self, chain: list[Seal], seal: Seal) -> tuple[Path, int]:
        """The month's file, and where in it the day begins: after the rows of the month's earlier days."""
        month = seal.day.replace(day=1)
        before = sum(other.row_count for other in chain if month <= other.day < seal.day)
        return self.rows / str(seal.tenant_id) / f"{seal.day:%Y-%m}", before * HASH_BYTES


def _line(seal: Seal) -> bytes:
    values = {
        "tenant_id": str(seal.tenant_id),
        "day": seal.day.isoformat(),
        "row_count": seal.row_count,
        "digest": seal.digest,
        "previous_seal": seal.previous_seal,
        "seal": seal.seal,
        "sealed_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return json.dumps(values).encode() + b"\n"


def _parse(line: bytes, number: int) -> Seal:
    try:
        values = json.loads(line)
        return Seal(
            tenant_id=uuid.UUID(values["tenant_id"]),
            day=date.fromisoformat(values["day"]),
            row_count=int(values["row_count"]),
            digest=values["digest"],
            previous_seal=values["previous_seal"],
            seal=values["seal"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SealFileError(f"Line {number} is no seal: {line[:80]!r}.") from error


def _end_of_last_line(file: Any) -> int:
    """Where the last finished line ends: what a crash left after it is cut off."""
    size = file.seek(0, os.SEEK_END)
    position = size
    while position > 0:
        step = min(4096, position)
        position -= step
        file.seek(position)
        if (newline := file.read(step).rfind(b"\n")) >= 0:
            return position + newline + 1
    return 0
