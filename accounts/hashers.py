"""Password hashing."""

import os
import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

_slots = threading.BoundedSemaphore(os.cpu_count() or 1)


class BoundedArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id at OWASP's m=47104, t=1, p=1, at most one hash per core at a time.

    Without the bound, fifty simultaneous sign-ins would take fifty times 46 MiB.
    """

    time_cost = 1
    memory_cost = 47104
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _slots:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _slots:
            return super().verify(password, encoded)
