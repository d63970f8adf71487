"""These tests commit, or need several connections, so they run in a copy of the test database."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.tenancy.hosts import forget_hosts
from tests.guards import databases


@pytest.fixture(scope="module")
def clone(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A copy for each module; Django's connections go to it meanwhile."""
    with django_db_blocker.unblock():
        copies = databases.clone_test_database("committed")
        name = next(copies)
        with databases.served_from(name):
            yield name
        next(copies, None)


@pytest.fixture
def db(clone: str) -> str:
    """Takes the place of pytest-django's `db` here."""
    forget_hosts()
    return clone
