"""These tests commit and start processes, so they run in a copy of the test database."""

from tests.accounts.committed.conftest import clone, db

__all__ = ["clone", "db"]
