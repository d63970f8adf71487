"""The trail in the admin: who may read it, what is found, and that reading it is recorded."""

import csv
import io
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Tenant, User
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance import audit
from compliance.admin_views import BATCH, PAGE, safe_cell
from compliance.models import AuditEntry
from compliance.queries import Position, TrailFilter, trail, trail_page
from tests.conftest import PostFactory

URL, EXPORT = "/admin/compliance/auditentry/", "/admin/compliance/auditentry/export/"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def officer(client_for: Callable[..., Client], cast: dict[str, User]) -> Client:
    client = client_for(cast["compliance_officer"])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def recorded(tenant: Tenant, actor: Any, number: int = 1, **values: Any) -> list[uuid.UUID]:
    """Rows of one tenant about a thing of its own."""
    values = {"resource_type": "media", "resource_id": uuid.uuid4()} | values
    with tenant_context(tenant, actor=actor):
        return [audit.record("read", **values) for _ in range(number)]


def lines(response: HttpResponse) -> list[Any]:
    assert response.status_code == 200
    return response.context["lines"]


def test_addresses_are_where_the_menu_expects_them() -> None:
    assert (reverse("admin:compliance_auditentry_changelist"), reverse("admin:compliance_auditentry_export")) == (
        URL,
        EXPORT,
    )


@pytest.mark.parametrize("address", [URL, EXPORT])
@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("administrator", 200),
        ("compliance_officer", 200),
        ("dpo", 200),
        ("editor", 403),
        ("medical_reviewer", 403),
        ("author", 403),
        ("contributor", 403),
        ("subscriber", 403),
    ],
)
def test_roles(
    client_for: Callable[..., Client], cast: dict[str, User], aurora: Tenant, address: str, key: str, status: int
) -> None:
    assert client_for(cast[key]).get(address).status_code == status

    with tenant_context(aurora, actor=SYSTEM_UUID):
        last = AuditEntry.objects.filter(user_id=cast[key].pk, metadata__status=status).latest("created_at")
    assert last.operation == ("access" if status == 200 else "deny")


def test_visitor_is_sent_to_sign_in(client_for: Callable[..., Client]) -> None:
    response = client_for().get(URL)

    assert (response.status_code, response["Location"].split("?")[0]) == (302, reverse("accounts:sign_in"))


def test_unverified_officer_is_asked_for_the_second_factor(
    client_for: Callable[..., Client], cast: dict[str, User]
) -> None:
    assert client_for(cast["compliance_officer"], verified=False).get(URL).status_code == 302


def test_platform_has_no_view_of_it(client_for: Callable[..., Client], platform_admin: User) -> None:
    assert client_for(platform_admin, host="localhost").get(URL).status_code == 404


@pytest.mark.parametrize("address", [URL, EXPORT])
def test_nothing_can_be_posted(officer: Client, address: str) -> None:
    assert officer.post(address).status_code == 405
    assert officer.get(f"{URL}{uuid.uuid4()}/change/").status_code == 404
    assert officer.get(f"{URL}add/").status_code == 404


def test_rows_of_another_tenant_are_not_there(
    officer: Client, aurora: Tenant, horizonte: Tenant, other_cast: dict[str, User]
) -> None:
    thing = uuid.uuid4()
    (own,) = recorded(aurora, SYSTEM_UUID, resource_id=thing)
    recorded(horizonte, other_cast["editor"], resource_id=thing)

    found = lines(officer.get(URL, {"resource_id": str(thing)}))

    assert [line.entry.id for line in found] == [own]
    assert other_cast["editor"].display_name  # the select offers people of this tenant only
    assert str(other_cast["editor"].pk) not in officer.get(URL).content.decode()
    assert lines(officer.get(URL, {"user": str(other_cast["editor"].pk)})) == []


def test_filters_narrow_down(officer: Client, aurora: Tenant, cast: dict[str, User]) -> None:
    thing = uuid.uuid4()
    (mine,) = recorded(aurora, cast["editor"], resource_id=thing)
    with tenant_context(aurora, actor=cast["author"]) as context:
        export = audit.record("export", resource_type="post", resource_id=thing)
    both = {"resource_id": str(thing)}

    def found(**filters: str) -> set[uuid.UUID]:
        return {line.entry.id for line in lines(officer.get(URL, both | filters))}

    assert found() == {mine, export}
    assert found(user=str(cast["editor"].pk)) == {mine}
    assert found(operation="export") == {export}
    assert found(resource_type="post") == {export}
    assert found(request=str(context.request_id)) == {export}
    assert found(user=str(cast["editor"].pk), operation="export") == set()


def test_period_is_whole_days_of_the_site(db: None) -> None:
    from django.http import QueryDict

    from compliance.forms import TrailFilterForm

    form = TrailFilterForm(QueryDict("since=2026-11-20&until=21/11/2026"), people=[])
    assert form.is_valid(), form.errors
    wanted = form.wanted()
    assert wanted.since == timezone.make_aware(datetime(2026, 11, 20))
    assert wanted.until == timezone.make_aware(datetime(2026, 11, 22))


def test_last_week_is_the_default(officer: Client) -> None:
    form = officer.get(URL).context["form"]

    today = timezone.localdate()
    assert (form["since"].value(), form["until"].value()) == (str(today - timedelta(days=6)), str(today))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("since", "yesterday", "Write the day as"),
        ("since", "", "required"),
        ("until", "2020-01-01", "before the first one"),
        ("since", "2020-01-01", "longer than 366 days"),
        ("user", "nobody", "not one of the available choices"),
        ("operation", "steal", "not one of the available choices"),
        ("resource_type", "secret", "not one of the available choices"),
        ("resource_id", "12", "A resource number looks like"),
        ("request", "12", "This is no request number"),
        ("after", "12", "This page does not exist"),
        ("after", "2026-11-22T10:00:00~" + "0" * 32, "This page does not exist"),
    ],
)
@pytest.mark.parametrize("address", [URL, EXPORT])
def test_bad_filter_is_said_and_kept(
    officer: Client, aurora: Tenant, address: str, field: str, value: str, words: str
) -> None:
    today = str(timezone.localdate())
    sent = {"since": today, "until": today, "operation": "read", "resource_id": str(uuid.uuid4())} | {field: value}

    response = officer.get(address, sent)

    text = response.content.decode()
    assert response.status_code == 400
    assert words in text
    assert "Nothing was searched" in text
    assert response.context["lines"] == []
    assert {name: response.context["form"][name].value() for name in sent} == sent


def test_reading_and_exporting_are_recorded(officer: Client, aurora: Tenant, cast: dict[str, User]) -> None:
    officer.get(URL, {"operation": "read", "q": "Maria"})
    b"".join(officer.get(EXPORT, {"operation": "deny"}).streaming_content)

    with tenant_context(aurora, actor=SYSTEM_UUID):
        rows = list(
            AuditEntry.objects.filter(resource_type="audit_trail", user_id=cast["compliance_officer"].pk)
            .order_by("created_at")
            .values_list("operation", "metadata__filter__operation", "metadata__route")
        )
    assert rows == [
        ("read", "read", None),
        ("access", None, "admin:compliance_auditentry_changelist"),
        ("export", "deny", None),
        ("access", None, "admin:compliance_auditentry_export"),
    ]


def test_pages_hold_every_row_once(officer: Client, aurora: Tenant) -> None:
    thing = uuid.uuid4()
    made = recorded(aurora, SYSTEM_UUID, number=2 * PAGE + 3, resource_id=thing)
    seen: list[uuid.UUID] = []
    response = officer.get(URL, {"resource_id": str(thing)})

    for _number in range(3):
        seen += [line.entry.id for line in lines(response)]
        older = response.context["older"]
        response = officer.get(f"{URL}?{older}") if older else response

    assert not older
    assert len(seen) == len(made)
    assert set(seen) == set(made)
    assert "count(" not in officer.get(URL).content.decode().lower()


def test_rows_of_the_same_moment_are_not_lost_between_pages(aurora: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    entries = [AuditEntry(id=uuid.uuid4(), created_at=now) for _ in range(5)]
    rows = sorted(entries, key=lambda entry: entry.id, reverse=True)

    position = Position(rows[1].created_at, rows[1].id)

    assert Position.parse(str(position)) == position
    wanted = TrailFilter(now - timedelta(days=1), now + timedelta(days=1))
    with tenant_context(aurora, actor=SYSTEM_UUID):
        assert trail_page(wanted, after=position, size=3)[0] == [
            entry for entry in trail(wanted) if (entry.created_at, entry.id) < position
        ][:3]  # fmt: skip


def test_page_needs_few_queries(officer: Client, post_factory: PostFactory, in_aurora: Tenant) -> None:
    for number in range(3):
        post_factory.published(title=f"Text {number}")
    officer.get(URL)

    with CaptureQueriesContext(
        connection,
    ) as captured:
        found = lines(officer.get(URL))

    sql = [query["sql"] for query in captured.captured_queries]
    queries = [each for each in sql if not each.startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "SET LOCAL"))]
    assert len({line.resource for line in found}) > 4
    assert len(queries) <= 12, "\n".join(queries)
    assert not [each for each in queries if "COUNT(" in each.upper()]


def test_names_of_people_and_texts(
    officer: Client, post_factory: PostFactory, aurora: Tenant, cast: dict[str, User]
) -> None:
    post = post_factory.draft(title="Asma na escola")
    with tenant_context(aurora, actor=cast["author"]):
        from content.services import revisions

        revisions.save_revision(post, actor=cast["author"], changes={"title": "Asma na escola, hoje"})

    found = [line for line in lines(officer.get(URL)) if line.entry.resource_type in ("post", "revision")]

    assert {line.who for line in found} == {cast["author"].display_name}
    assert {line.what for line in found} == {"Asma na escola, hoje"}
    update = next(line for line in found if line.operation == "Update")
    assert update.details[0].startswith("changed: ")
    assert update.compare_url == f"/admin/content/post/{post.pk}/history/compare/?old=1&new=2"
    assert officer.get(update.compare_url).status_code == 200
    created = [line.compare_url for line in found if line.operation == "Create"]
    assert sorted(created) == ["", "", update.compare_url]


def test_title_of_patient_data_is_not_shown(
    client_for: Callable[..., Client], post_factory: PostFactory, cast: dict[str, User]
) -> None:
    post = post_factory.draft(title="Caso de Maria", compliance_level="phi")

    for key in ("administrator", "compliance_officer", "dpo"):
        page = client_for(cast[key]).get(URL, {"resource_id": str(post.pk)})
        assert {line.entry.resource_id for line in lines(page)} == {post.pk}
        assert "Maria" not in page.content.decode()


def test_all_of_one_request(officer: Client, aurora: Tenant, cast: dict[str, User]) -> None:
    with tenant_context(aurora, actor=cast["editor"]):
        two = {
            audit.record(operation, resource_type="post", resource_id=uuid.uuid4()) for operation in ("read", "deny")
        }
    recorded(aurora, cast["editor"])
    line = next(line for line in lines(officer.get(URL)) if line.entry.id in two)

    response = officer.get(f"{URL}?{line.request_query}")

    assert {each.entry.id for each in lines(response)} == two
    assert "Only what one request did" in response.content.decode()


def test_metadata_is_escaped(officer: Client, aurora: Tenant) -> None:
    recorded(aurora, SYSTEM_UUID, metadata={"user_agent": "<script>alert(1)</script>"})

    assert "<script>alert" not in officer.get(URL).content.decode()


# --- CSV -------------------------------------------------------------------------------------------------------------


def exported(client: Client, **filters: str) -> list[list[str]]:
    response = client.get(EXPORT, filters)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith("attachment; filename=")
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def test_export_holds_every_matching_row_over_several_batches(
    officer: Client, aurora: Tenant, horizonte: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compliance.admin_views.BATCH", 3)
    assert BATCH > 3
    thing = uuid.uuid4()
    made = recorded(aurora, SYSTEM_UUID, number=7, resource_id=thing)
    recorded(horizonte, SYSTEM_UUID, resource_id=thing)

    head, *rows = exported(officer, resource_id=str(thing))

    assert (head[0], head[-1]) == ("Time", "Entry number")
    assert [row[-1] for row in rows] == [str(entry) for entry in reversed(made)]
    assert {row[1] for row in rows} == {"System"}


def test_export_cannot_start_a_formula(officer: Client, aurora: Tenant) -> None:
    thing = uuid.uuid4()
    recorded(aurora, SYSTEM_UUID, resource_id=thing, resource_type="=cmd|' /C calc'!A0")

    ((*cells,),) = exported(officer, resource_id=str(thing))[1:]

    assert cells[4] == "'=cmd|' /C calc'!A0"
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx"])
def test_safe_cell(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert safe_cell(f"a{text}") == f"a{text}"
    assert safe_cell("") == ""


@pytest.mark.parametrize("address", [URL, EXPORT])
@pytest.mark.parametrize(
    "query",
    [
        "since=9999-12-31&until=9999-12-31",
        "since=0001-01-01&until=0001-01-02",
        "since=2026-11-01&until=2026-11-02&after=9999-12-31T23:59:59-23:59~00000000-0000-0000-0000-000000000001",
        "since=2026-11-01&until=2026-11-02&after=0001-01-01T00:00:00%2B23:59~00000000-0000-0000-0000-000000000001",
    ],
)
def test_time_beyond_the_calendar_is_said_and_not_searched(officer: Client, address: str, query: str) -> None:
    assert officer.get(f"{address}?{query}").status_code == 400
