"""Guards are tested on a committed clone: several connections, several roles. See databases.py."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings

from accounts.tenancy.hosts import forget_hosts
from tests.guards import databases


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """pytest-django makes a test database only when a collected test is marked as needing one."""
    if settings.POSTGRESQL:
        others = [item for item in items if item.get_closest_marker("sqlite")]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]
    for item in items:
        if item.path.is_relative_to(databases.HERE):
            item.add_marker(pytest.mark.django_db)


@pytest.fixture
def _django_db_helper() -> None:
    """What the mark would do: a rolled-back transaction in the test database. These tests use the clone."""


@pytest.fixture(scope="session")
def guard_database(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[str]:
    """Name of the clone. The test database is only made where nobody brought one."""
    if not databases.os.environ.get("GUARD_DATABASE"):
        request.getfixturevalue("django_db_setup")
    with django_db_blocker.unblock():
        yield from databases.clone_test_database()


@pytest.fixture(scope="module")
def clone(guard_database: str, django_db_blocker: Any) -> Iterator[str]:
    """Django's connection (as hcms_app) and all second ones go to the clone while this module runs."""
    with django_db_blocker.unblock(), databases.served_from(guard_database):
        forget_hosts()
        yield guard_database


@pytest.fixture
def db(clone: str) -> str:
    """Takes the place of pytest-django's `db` here: what these tests write stays, in the clone."""
    forget_hosts()
    return clone


@pytest.fixture(scope="module")
def app(clone: str) -> Iterator[psycopg.Connection]:
    """A second connection as the serving role, autocommit, without a context."""
    with databases.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def superuser(clone: str) -> Iterator[psycopg.Connection]:
    """A second connection above all policies: it plants rows and takes guards away."""
    with databases.connect(databases.SUPERUSER) as connection:
        yield connection


@pytest.fixture(scope="module")
def backup(clone: str) -> Iterator[psycopg.Connection]:
    """A second connection as hcms_backup, which sees every tenant and can write nothing: it counts."""
    with databases.connect("hcms_backup") as connection:
        yield connection
