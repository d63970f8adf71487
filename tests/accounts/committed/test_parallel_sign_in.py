"""Attempts at the same moment, over connections of their own."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from accounts import second_factor
from accounts.models import SignInThrottle, User
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from accounts.tenancy.hosts import resolve_host
from tests.accounts.second_factors import code, give_device

ATTEMPTS = 12
# SQLite lets one writer in at a time, so there is no race to show.
pytestmark = pytest.mark.postgresql


def attempt(number: int) -> int:
    """One wrong password from an address of its own."""
    try:
        client = Client(HTTP_HOST="aurora.localhost", REMOTE_ADDR=f"198.51.100.{number}")
        return client.post("/entrar/", {"email": "author@aurora.test", "password": "wrong"}).status_code
    finally:
        connections.close_all()


def test_parallel_guesses_get_five_answers(db: str) -> None:
    with ThreadPoolExecutor(ATTEMPTS) as pool:
        answers = Counter(pool.map(attempt, range(ATTEMPTS)))

    assert answers == {200: 5, 429: ATTEMPTS - 5}
    with tenant_context(resolve_host("aurora.localhost"), actor=SYSTEM_UUID):
        assert SignInThrottle.objects.get(failures__gt=1).failures == 5


def use(shown: str) -> bool:
    """Use a code in a transaction of its own."""
    try:
        with tenant_context(resolve_host("aurora.localhost"), actor=SYSTEM_UUID):
            return second_factor.verify(User.objects.get(email="dpo@aurora.test"), shown).ok
    finally:
        connections.close_all()


def test_one_code_counts_once_for_parallel_users_of_it(db: str) -> None:
    with tenant_context(resolve_host("aurora.localhost"), actor=SYSTEM_UUID):
        give_device(User.objects.get(email="dpo@aurora.test"))
    shown = code()

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(use, [shown] * 6))

    assert results.count(True) == 1


def test_one_recovery_code_counts_once_for_parallel_users_of_it(db: str) -> None:
    with tenant_context(resolve_host("aurora.localhost"), actor=SYSTEM_UUID):
        spare = second_factor.make_recovery_codes(User.objects.get(email="dpo@aurora.test"))[0]

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(use, [spare] * 6))

    assert results.count(True) == 1
