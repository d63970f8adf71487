"""One seal per tenant and day, each bound to the one before."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from compliance.seals.rows import HASH_BYTES

# What stands in the place of a previous seal on a tenant's first day.
BEGINNING = "0" * 64
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Seal:
    """What a tenant's day looked like when it was over. `digest` is the SHA-256 of the day's row hashes in order."""

    tenant_id: uuid.UUID
    day: date
    row_count: int
    digest: str
    previous_seal: str
    seal: str

    @property
    def is_sound(self) -> bool:
        """Does the seal follow from the rest of the line?"""
        return self.seal == _seal(self.previous_seal, self.tenant_id, self.day, self.row_count, self.digest)

    def follows(self, previous: "Seal | None") -> bool:
        """Is this the day after `previous`, and does it name that seal?"""
        if previous is None:
            return self.previous_seal == BEGINNING
        return self.previous_seal == previous.seal and self.day == previous.day + ONE_DAY

    def covers(self, hashes: bytes) -> bool:
        """Are these the row hashes that were sealed?"""
        return self.row_count * HASH_BYTES == len(hashes) and self.digest == digest(hashes)


def make_seal(previous: Seal | None, tenant_id: uuid.UUID, day: date, hashes: bytes) -> Seal:
    """The seal of `day`, bound to `previous`."""
    before = previous.seal if previous else BEGINNING
    count, of_rows = len(hashes) // HASH_BYTES, digest(hashes)
    return Seal(tenant_id, day, count, of_rows, before, _seal(before, tenant_id, day, count, of_rows))


def digest(hashes: bytes) -> str:
    """SHA-256 over the hashes of a day's rows, one after the other."""
    return hashlib.sha256(hashes).hexdigest()


def _seal(previous: str, tenant_id: uuid.UUID, day: date, row_count: int, of_rows: str) -> str:
    text = "\n".join([previous, str(tenant_id), day.isoformat(), str(row_count), of_rows])
    return hashlib.sha256(text.encode()).hexdigest()
