"""/health/live and /health/ready."""

import json
import re

import pytest
from django.db import DatabaseError
from django.test import Client

from healthcare_cms import health

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept():
    health.forget()
    yield
    health.forget()


@pytest.fixture
def probe():
    return Client(HTTP_HOST="qualquer.example")


def test_live_needs_no_tenant_and_no_database(probe, django_assert_num_queries, settings):
    settings.ALLOWED_HOSTS = ["*"]
    with django_assert_num_queries(0):
        response = probe.get("/health/live")

    assert response.json() == {"status": "ok"}
    assert "no-store" in response["Cache-Control"]


def test_ready_names_each_part(settings, probe):
    settings.ALLOWED_HOSTS = ["*"]
    response = probe.get("/health/ready")

    answer = response.json()
    assert set(answer) == {"status", "checks"}
    assert set(answer["checks"]) == {"database", "migrations", "guards", "audit_partitions"}
    assert (answer["checks"]["database"], answer["checks"]["migrations"]) == ("ok", "ok")
    assert response.status_code == (200 if answer["status"] == "ready" else 503)


def test_ready_tells_no_version_and_no_secret(settings, probe):
    settings.ALLOWED_HOSTS = ["*"]
    text = json.dumps(probe.get("/health/ready").json())

    assert not re.search(r"\d+\.\d+", text)
    assert settings.SECRET_KEY not in text
    assert str(settings.DATABASES["default"]["NAME"]) not in text


@pytest.mark.parametrize(
    ("part", "state"), [("_database", "unavailable"), ("_migrations", "pending"), ("_guards", "missing")]
)
def test_a_broken_part_is_503(part, state, settings, probe, monkeypatch):
    settings.ALLOWED_HOSTS = ["*"]
    monkeypatch.setattr(health, part, lambda: state)

    response = probe.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["status"] == "unavailable"


def test_unreachable_database_is_an_answer(monkeypatch):
    class Broken:
        def cursor(self):
            raise DatabaseError("secret host name")

    monkeypatch.setattr(health, "connection", Broken())

    assert health.examine() == {"status": "unavailable", "checks": {"database": "unavailable"}}


def test_answer_is_kept_for_a_moment(settings, probe, django_assert_num_queries):
    settings.ALLOWED_HOSTS = ["*"]
    probe.get("/health/ready")

    with django_assert_num_queries(0):
        probe.get("/health/ready")


@pytest.mark.postgresql
def test_audit_partitions_reach_two_years_ahead():
    assert health._audit_partitions() == {"months_ahead": 24, "warning": False}


def test_pages_are_for_reading_only(settings, probe):
    settings.ALLOWED_HOSTS = ["*"]
    assert probe.post("/health/ready").status_code == 405


@pytest.mark.parametrize("address", ["/health/", "/health/x", "/health/live/x", "/health"])
def test_what_is_no_health_address_is_not_found(address, client_for):
    client = client_for()

    assert client.get(address, follow=True).status_code == 404
    client.cookies["hcms_session"] = "a" * 32
    assert client.get(address, follow=True).status_code == 404
