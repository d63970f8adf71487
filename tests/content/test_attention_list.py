"""The officer's list of what came up after approval: right counts, links to the acts, resolved with a reason."""

import uuid

import pytest

from compliance import attention
from compliance.models import AttentionItem, AuditEntry
from content.services import references

pytestmark = pytest.mark.django_db
URL = "/admin/compliance/attention/"
REASON = "Trocamos a referência e publicamos de novo."


@pytest.fixture
def item(post_factory, cast, act_as):
    post = post_factory.published(title="Título <i>com</i> marcas")
    with act_as(cast["compliance_officer"]):
        return attention.open_item(
            "recheck", post.pk, {"codes": ["CFM-PROMISE"], "engine": {"rules": "2026.12"}}, subject="2026.12"
        )


@pytest.fixture
def officer(client_for, cast):
    return client_for(cast["compliance_officer"])


def show(client, query="", status=200):
    response = client.get(f"{URL}{query}", HTTP_ACCEPT_LANGUAGE="en")
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def test_list_names_text_rules_and_acts(item, officer):
    html = show(officer)
    assert "Título &lt;i&gt;com&lt;/i&gt; marcas" in html
    assert "CFM-PROMISE" in html and "rules 2026.12" in html
    for address in (
        f"/admin/compliance/{item.content_id}/",
        f"/admin/content/post/{item.content_id}/change/",
        f"/admin/compliance/{item.content_id}/withdraw/",
        f"{URL}{item.pk}/resolve/",
    ):
        assert f'"{address}"' in html


def test_counts_are_those_of_the_lists(item, officer, cast, act_as):
    user = cast["compliance_officer"]
    with act_as(user):
        attention.open_item("retraction", item.content_id, subject="PMID:1")
        done = attention.open_item("retraction", item.content_id, subject="PMID:2")
        attention.resolve(done, actor=user, reason=REASON)

    html = show(officer)
    for label, count in (
        ("All open", 2),
        ("Retracted reference", 1),
        ("Fails the newest rules", 1),
        ("Review is due", 0),
        ("Resolved", 1),
    ):
        assert f'{label} <span class="count">({count})</span>' in html
    assert show(officer, "?kind=retraction").count("after-todo") == 1
    assert REASON in show(officer, "?state=resolved")


def test_resolving_needs_a_reason_and_keeps_what_was_typed(item, officer):
    refused = officer.post(f"{URL}{item.pk}/resolve/", {"reason": "  ok  "}, HTTP_ACCEPT_LANGUAGE="en")
    assert refused.status_code == 422
    assert "at least ten characters" in refused.content.decode()
    assert ">ok</textarea>" in refused.content.decode().replace("  ", "")

    done = officer.post(f"{URL}{item.pk}/resolve/", {"reason": REASON})
    assert (done.status_code, done["Location"]) == (302, URL)
    again = officer.post(f"{URL}{item.pk}/resolve/", {"reason": REASON}, HTTP_ACCEPT_LANGUAGE="en")
    assert again.status_code == 409
    assert "already resolved" in again.content.decode()


def test_who_sees_and_who_resolves(item, client_for, cast, act_as):
    for role in ("author", "contributor", "editor", "medical_reviewer"):
        assert client_for(cast[role]).get(URL).status_code == 403
    for role in ("administrator", "dpo"):
        client = client_for(cast[role])
        assert f"{URL}{item.pk}/resolve/" not in show(client)
        assert client.post(f"{URL}{item.pk}/resolve/", {"reason": REASON}).status_code == 403
    with act_as(cast["dpo"]):
        assert AttentionItem.objects.get(pk=item.pk).resolved_at is None
        assert AuditEntry.objects.filter(operation="deny", metadata__act="attention.resolve").count() == 2


def test_absent_and_foreign_items_are_unknown(item, client_for, other_cast, officer):
    foreign = client_for(other_cast["compliance_officer"])
    assert foreign.post(f"{URL}{item.pk}/resolve/", {"reason": REASON}).status_code == 404
    assert officer.post(f"{URL}{uuid.uuid4()}/resolve/", {"reason": REASON}).status_code == 404
    assert officer.get(f"{URL}{item.pk}/resolve/").status_code == 405
    assert "after-todo" not in show(foreign)


def test_title_of_patient_data_is_not_shown(post_factory, officer, cast, act_as):
    post = post_factory.published(title="Relato sobre asma", compliance_level="phi")
    with act_as(cast["compliance_officer"]):
        attention.open_item("review_due", post.pk, subject="2026-11-23")
    assert "Relato" not in show(officer)


def test_list_needs_few_queries(post_factory, officer, cast, act_as, django_assert_max_num_queries):
    post = post_factory.published()
    with act_as(cast["compliance_officer"]):
        for number in range(25):
            attention.open_item("retraction", post.pk, subject=f"PMID:{number + 1}")
    show(officer)
    with django_assert_max_num_queries(20):
        assert show(officer).count("after-todo") == 20
    assert show(officer, "?p=2").count("after-todo") == 5


def test_dashboard_counts_what_is_open_for_who_may_see_it(item, officer, client_for, cast):
    def counted(client):
        return {row["url"]: row["count"] for row in client.get("/admin/").context["dashboard"]["glance"]}

    assert counted(officer)[URL] == 1
    assert URL not in counted(client_for(cast["editor"]))


def test_retracted_work_is_named_and_linked(post_factory, officer, cast, act_as):
    user = cast["editor"]
    post = post_factory.published(scientific_references=["PMID:12345678"])
    with act_as(user):
        work = references.add(actor=user, identifier="PMID:12345678", title="Ensaio que caiu")
        references.mark_retracted(work, actor=user, note="Dados inventados, diz a revista.")

    html = show(officer, "?kind=retraction")

    assert "PMID:12345678: <cite>Ensaio que caiu</cite>" in html
    assert f'"/admin/content/references/{work.pk}/"' in html
    assert "<dt>Taken offline</dt><dd>no</dd>" in html
    assert f'"/admin/compliance/{post.pk}/withdraw/"' in html
