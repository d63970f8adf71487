"""Access rows: one per request of somebody who is signed in, none for visitors."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from accounts.models import Tenant, User
from accounts.tenancy.context import SYSTEM_UUID, platform_context, tenant_context
from compliance import audit
from compliance.models import AuditEntry
from content.models import Category

pytestmark = pytest.mark.urls("tests.compliance.audit_urls")


@pytest.fixture
def client(client_for: Callable[..., Client], cast: dict[str, User]) -> Client:
    client = client_for(cast["administrator"])
    client.raise_request_exception = False
    return client


@pytest.fixture
def rows(aurora: Tenant, client: Client) -> Callable[[], list[AuditEntry]]:
    """The rows of Aurora written since, without those of row changes."""
    with tenant_context(aurora, actor=SYSTEM_UUID):
        before = set(AuditEntry.objects.values_list("pk", flat=True))

    def read() -> list[AuditEntry]:
        with tenant_context(aurora, actor=SYSTEM_UUID):
            found = AuditEntry.objects.exclude(pk__in=before).exclude(operation__in=audit.WRITTEN_BY_TRIGGERS)
            return list(found.order_by("created_at"))

    return read


def test_request_of_signed_in_person_leaves_one_row(
    client: Client, rows: Callable[[], list[AuditEntry]], cast: dict[str, User], aurora: Tenant
) -> None:
    thing = uuid.uuid4()

    client.get(f"/thing/{thing}/?q=Maria+da+Silva", HTTP_USER_AGENT="Browser/1.0")

    (row,) = rows()
    assert (row.operation, row.resource_type, row.resource_id) == ("access", "route", thing)
    assert (row.tenant_id, row.user_id) == (aurora.pk, cast["administrator"].pk)
    assert (row.policy_decision, row.trust_score) == ("allow", 100)
    assert row.metadata.pop("request_id")
    assert row.metadata == {
        "route": "thing",
        "method": "GET",
        "status": 200,
        "ip_address": "127.0.0.1",
        "user_agent": "Browser/1.0",
    }


def test_trust_is_lower_without_second_factor(
    client_for: Callable[..., Client], rows: Callable[[], list[AuditEntry]], cast: dict[str, User]
) -> None:
    client_for(cast["administrator"], verified=False).get("/ok/")

    assert [row.trust_score for row in rows()] == [60]


@pytest.mark.parametrize(
    ("address", "route", "resource"),
    [
        ("/ok/", "ok", ("route", "ok")),
        ("/text/dor-no-peito-de-maria/", "text", ("route", "text")),
        ("/unnamed/", "tests.compliance.audit_urls.ok", ("route", "tests.compliance.audit_urls.ok")),
        ("/named/", "named", ("report", "monthly")),
        ("/no-such-address/", "unknown", ("route", "unknown")),
    ],
)
def test_resource_without_uuid_is_derived_from_route(
    client: Client, rows: Callable[[], list[AuditEntry]], address: str, route: str, resource: tuple[str, str]
) -> None:
    client.get(address)

    (row,) = rows()
    assert (row.metadata["route"], row.resource_type) == (route, resource[0])
    assert row.resource_id == audit.audit_key(*resource)
    assert "maria" not in str(row.metadata)


@pytest.mark.parametrize(
    ("name", "status", "operation", "decision"),
    [
        ("forbidden", 403, "deny", "deny"),
        ("missing", 404, "access", None),
        ("broken", 500, "access", None),
        ("broken_sql", 500, "access", None),
        ("undone", 409, "access", None),
    ],
)
def test_every_ending_is_recorded_once(
    client: Client,
    rows: Callable[[], list[AuditEntry]],
    aurora: Tenant,
    cast: dict[str, User],
    name: str,
    status: int,
    operation: str,
    decision: str | None,
) -> None:
    response = client.post(reverse(name))

    assert response.status_code == status
    (row,) = rows()
    assert (row.operation, row.policy_decision, row.metadata["status"]) == (operation, decision, status)
    assert row.user_id == cast["administrator"].pk
    with tenant_context(aurora, actor=SYSTEM_UUID):
        assert not Category.objects.filter(slug__in=["half-written", "undone"]).exists()


def test_error_of_safe_request_is_recorded(client: Client, rows: Callable[[], list[AuditEntry]]) -> None:
    client.get("/broken-sql/")

    assert [row.metadata["status"] for row in rows()] == [500]


def test_visitor_leaves_no_row_and_no_session(
    client_for: Callable[..., Client], rows: Callable[[], list[AuditEntry]]
) -> None:
    visitor = client_for()

    response = visitor.get("/ok/")

    assert rows() == []
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_static_file_leaves_no_row(client: Client, rows: Callable[[], list[AuditEntry]]) -> None:
    assert client.get("/static/site.css").status_code == 200

    assert rows() == []


def test_request_fails_when_its_row_cannot_be_written(
    client: Client, aurora: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("The trail is full.")

    monkeypatch.setattr(audit, "record", refuse)

    assert client.post("/write/").status_code == 500

    with tenant_context(aurora, actor=SYSTEM_UUID):
        assert not Category.objects.filter(slug="written").exists()


def test_row_of_platform_stands_under_nil_tenant(
    client_for: Callable[..., Client], platform_admin: User, rows: Callable[[], list[AuditEntry]]
) -> None:
    client_for(platform_admin, host="localhost").get("/ok/")

    assert rows() == []
    with platform_context(actor=SYSTEM_UUID):
        row = AuditEntry.objects.filter(operation="access").latest("created_at")
    assert (row.tenant_id, row.user_id) == (uuid.UUID(int=0), platform_admin.pk)
