"""Who has a text on the desk: claims, releases, due dates, and lists that say the same as their counts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance.errors import Refused
from compliance.models import AuditEntry, ReviewAssignment
from content import queries_review as queries
from content.services import assignments, review

DESK = "/admin/compliance/"


@pytest.fixture
def in_privacy(post_factory):
    """A text at S.2.1 by the author."""
    return post_factory.submitted()


def code_of(act) -> str:
    try:
        act()
    except Refused as refused:
        return refused.code
    return "done"


def row_of(post) -> ReviewAssignment:
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        return ReviewAssignment.objects.get(content_id=post.pk)


def test_text_that_enters_a_stage_gets_a_due_date(in_privacy):
    row = row_of(in_privacy)
    assert timedelta(days=1) < row.due_at - timezone.now() <= timedelta(days=2)
    assert row.assignee_id is None


@pytest.mark.parametrize(
    ("role", "code"),
    [
        ("editor", "done"),
        ("compliance_officer", "done"),
        ("medical_reviewer", "assignee"),
        ("author", "role"),
        ("contributor", "role"),
        ("administrator", "role"),
        ("dpo", "role"),
    ],
)
def test_who_may_take_a_text_at_the_privacy_stage(role, code, in_privacy, cast, act_as):
    with act_as(cast[role]):
        assert code_of(lambda: assignments.claim(in_privacy, actor=cast[role])) == code


def test_nobody_takes_an_own_text(post_factory, cast, act_as):
    post = post_factory.submitted(author="editor")
    with act_as(cast["editor"]):
        assert code_of(lambda: assignments.claim(post, actor=cast["editor"])) == "assignee"


def test_taken_text_is_released_by_its_holder_or_the_officer(in_privacy, cast, act_as):
    editor, officer = cast["editor"], cast["compliance_officer"]
    with act_as(officer):
        assignments.assign(in_privacy, actor=officer, assignee=editor)
    with act_as(officer):
        assert code_of(lambda: assignments.claim(in_privacy, actor=officer)) == "taken"
    with act_as(cast["medical_reviewer"]):
        reviewer = cast["medical_reviewer"]
        assert code_of(lambda: assignments.release(in_privacy, actor=reviewer)) == "taken"
    with act_as(officer):
        assignments.release(in_privacy, actor=officer)
    assert row_of(in_privacy).assignee_id is None


def test_holder_who_lacks_the_next_stage_has_the_text_no_longer(in_privacy, cast, act_as):
    editor = cast["editor"]
    with act_as(editor):
        assignments.claim(in_privacy, actor=editor)
        review.advance(in_privacy, actor=editor, confirmed=True)
    assert row_of(in_privacy).assignee_id is None


def test_drafts_are_on_nobodys_desk(post_factory, cast, act_as):
    post = post_factory.draft()
    with act_as(cast["editor"]):
        assert code_of(lambda: assignments.claim(post, actor=cast["editor"])) == "stage"


@pytest.mark.parametrize("role", ["editor", "compliance_officer", "medical_reviewer"])
def test_lists_and_counts_agree(role, post_factory, cast, act_as):
    mine, free, late = (post_factory.submitted(title=f"Texto {n}") for n in range(3))
    person = cast[role]
    with act_as(cast["compliance_officer"]):
        officer = cast["compliance_officer"]
        if role != "medical_reviewer":
            assignments.assign(mine, actor=officer, assignee=person)
        assignments.plan(late, actor=officer, due_at=timezone.now() - timedelta(days=1), priority=4)
    with act_as(person):
        tabs = queries.tabs_for(person)
        counts = queries.desk_counts(person, tabs)
        lists = {tab.key: {post.pk for post in queries.desk_posts(person, tab.key)} for tab in tabs}
        assert counts == {key: len(found) for key, found in lists.items()}
        assert lists["overdue"] == {late.pk}
        assert lists["assigned"] == (set() if role == "medical_reviewer" else {mine.pk})
        assert free.pk in lists["unassigned"]
        assert (mine.pk in lists["unassigned"]) == (role == "medical_reviewer")
        first = queries.with_details(list(queries.desk_rows(queries.desk_posts(person, "in_review"))), person)[0]
    assert (first.post.pk, first.overdue, first.priority.label) == (late.pk, True, first.priority.URGENT.label)


def test_desk_takes_and_puts_back_from_the_row(in_privacy, client_for, cast):
    client = client_for(cast["editor"])
    address = f"{DESK}{in_privacy.pk}/assignment/"

    answer = client.post(address, {"act": "claim", "next": f"{DESK}?tab=assigned"})

    assert (answer.status_code, answer["Location"]) == (302, f"{DESK}?tab=assigned")
    assert row_of(in_privacy).assignee_id == cast["editor"].pk
    client.post(address, {"act": "release", "next": "https://elsewhere.example/"})
    assert row_of(in_privacy).assignee_id is None


def test_review_page_sets_due_date_and_priority(in_privacy, client_for, cast):
    client = client_for(cast["editor"])
    address = f"{DESK}{in_privacy.pk}/assignment/"

    assert client.post(address, {"act": "plan", "due": "2031-02-03", "priority": "3"}).status_code == 302
    row = row_of(in_privacy)
    assert (timezone.localtime(row.due_at).date().isoformat(), row.priority) == ("2031-02-03", 3)
    for due in ("soon", "9999-12-31", "0001-01-01"):
        assert client.post(address, {"act": "plan", "due": due, "priority": "3"}).status_code == 409
    assert client.post(address, {"act": "assign", "assignee": "nobody"}).status_code == 409


def test_other_tenant_is_answered_like_no_text(in_privacy, client_for, other_cast):
    client = client_for(other_cast["editor"])
    assert client.post(f"{DESK}{in_privacy.pk}/assignment/", {"act": "claim"}).status_code == 404
    assert row_of(in_privacy).assignee_id is None


def test_assignment_is_on_record(in_privacy, cast, act_as):
    with act_as(cast["editor"]):
        assignments.claim(in_privacy, actor=cast["editor"])
        rows = AuditEntry.objects.filter(resource_id=in_privacy.pk, operation="decision")
        assert cast["editor"].pk in [entry.user_id for entry in rows if entry.metadata.get("act") == "assign"]
