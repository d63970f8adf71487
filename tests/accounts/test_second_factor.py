"""Codes, recovery codes and the proof of identity for signatures."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor
from accounts.models import RecoveryCode, SignInThrottle, Tenant, User
from tests.accounts.second_factors import KEY, code, give_device, wrong_code
from tests.cast import PASSWORD

pytestmark = pytest.mark.usefixtures("in_aurora")


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Messages are compared by their words."""
    with translation.override("en"):
        yield


@pytest.fixture
def officer(cast: dict[str, User], in_aurora: Tenant) -> User:
    """The compliance officer with an authenticator."""
    give_device(cast["compliance_officer"])
    return cast["compliance_officer"]


def unlock_device() -> None:
    """As if the device's waiting time were over."""
    TOTPDevice.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(hours=1))


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_neighbouring_codes_are_accepted(officer: User, steps: int) -> None:
    assert second_factor.verify(officer, code(steps)).ok


@pytest.mark.parametrize("text", ["", "12345", "1234567", "abcdef", "٠١٢٣٤٥", "-12345", "1e5000", " "])
def test_other_texts_are_refused_without_error(officer: User, text: str) -> None:
    result = second_factor.verify(officer, text)

    assert (result.ok, bool(result.message)) == (False, True)


def test_code_counts_once_and_older_ones_never_again(officer: User) -> None:
    assert second_factor.verify(officer, code(0)).ok

    assert not second_factor.verify(officer, code(0)).ok
    assert not second_factor.verify(officer, code(-1)).ok
    assert second_factor.verify(officer, code(1)).ok


def test_early_code_does_not_shift_the_clock(officer: User) -> None:
    second_factor.verify(officer, code(1))

    assert TOTPDevice.objects.get().drift == 0
    assert not second_factor.verify(officer, code(2)).ok


def test_failures_make_the_device_wait(officer: User) -> None:
    second_factor.verify(officer, wrong_code())

    assert not second_factor.verify(officer, code()).ok
    unlock_device()
    assert second_factor.verify(officer, code()).ok


def test_code_of_another_account_is_wrong(officer: User, cast: dict[str, User]) -> None:
    TOTPDevice.objects.create(user=cast["dpo"], name="app", key="00" * 20, confirmed=True)

    assert not second_factor.verify(cast["dpo"], code()).ok
    unlock_device()
    assert second_factor.verify(cast["dpo"], code(key="00" * 20)).ok


def test_account_without_device_is_told_where_to_get_one(cast: dict[str, User]) -> None:
    assert "profile" in second_factor.verify(cast["editor"], "123456").message


def test_recovery_codes_are_stored_like_passwords_and_count_once(officer: User) -> None:
    codes = second_factor.make_recovery_codes(officer)

    stored = list(RecoveryCode.objects.values_list("code_hash", flat=True))
    assert len(set(codes)) == len(stored) == 10
    assert not any(part in text for text in stored for part in codes[0].split("-"))
    assert second_factor.verify(officer, codes[4].lower()).used_recovery_code
    assert not second_factor.verify(officer, codes[4]).ok
    assert second_factor.verify(officer, codes[5]).ok
    assert second_factor.unused_recovery_codes(officer) == 8


def test_new_recovery_codes_replace_the_old(officer: User) -> None:
    old = second_factor.make_recovery_codes(officer)
    second_factor.make_recovery_codes(officer)

    assert not second_factor.verify(officer, old[0]).ok


def test_recovery_codes_of_a_colleague_are_wrong(officer: User, cast: dict[str, User]) -> None:
    give_device(cast["dpo"])
    codes = second_factor.make_recovery_codes(cast["dpo"])

    assert not second_factor.verify(officer, codes[0]).ok


def test_enrolment_uses_up_the_code_that_confirmed_it(cast: dict[str, User]) -> None:
    key = second_factor.new_key()
    used = code(key=key)

    assert second_factor.enrol(cast["dpo"], key, used).ok
    assert not second_factor.verify(cast["dpo"], used).ok


def test_enrolment_address_names_tenant_and_account(cast: dict[str, User]) -> None:
    uri = second_factor.enrolment_uri(cast["author"], KEY, "Clínica: Aurora")

    assert uri.startswith("otpauth://totp/Healthcare%20CMS%20Cl%C3%ADnica%20%20Aurora%3Aauthor%40aurora.test?secret=")
    assert second_factor.qr_image(uri).startswith("data:image/svg+xml")


# --- Signatures ------------------------------------------------------------------------------------------------------


def test_identity_needs_password_and_new_code(officer: User) -> None:
    assert not second_factor.confirm_identity(officer, "wrong", code()).ok
    assert not second_factor.confirm_identity(officer, PASSWORD, wrong_code()).ok
    unlock_device()
    assert second_factor.confirm_identity(officer, PASSWORD, code()).ok
    assert not second_factor.confirm_identity(officer, PASSWORD, code()).ok


def test_wrong_password_does_not_use_up_the_code(officer: User) -> None:
    second_factor.confirm_identity(officer, "wrong", code())

    assert second_factor.confirm_identity(officer, PASSWORD, code()).ok


def test_five_failures_lock_signatures_too(officer: User) -> None:
    for _attempt in range(5):
        second_factor.confirm_identity(officer, "wrong", "")

    result = second_factor.confirm_identity(officer, PASSWORD, code())

    assert not result.ok
    assert SignInThrottle.objects.get().failures == 5


def test_replay_message_says_when(officer: User, monkeypatch: Any) -> None:
    now = 1_800_000_000.0  # the beginning of a step
    monkeypatch.setattr(time, "time", lambda: now)
    monkeypatch.setattr(timezone, "now", lambda: second_factor.datetime.fromtimestamp(now, tz=second_factor.UTC))
    device = TOTPDevice.objects.get()
    device.last_t = int(now) // 30
    device.save()

    message = second_factor.verify(officer, code()).message

    assert "in 30 seconds" in message
