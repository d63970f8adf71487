"""When a live text is due: one definition in Python and in SQL; lists with right counts; reminders once per stage."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.services import save_settings
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from accounts.tenancy.hosts import forget_hosts
from compliance.models import AttentionItem
from content import queries_after as queries
from content.forms import CustomFieldForm
from content.menu import forget_menus
from content.models import PublishedPage
from content.review_dates import add_months, due_between, due_date, latest_approval, parse_due, with_due
from content.services import revisions
from content.services.reminders import remind

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_menu():
    forget_menus()


def due_on(post_factory, day, **changes):
    """A live text with its own review date."""
    field = {"next_review_due": day.isoformat()} if isinstance(day, date) else {"next_review_due": day}
    return post_factory.published(**{"title": f"Texto de {day}", "custom_fields": field} | changes)


# --- The date --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 11, 22), 24, date(2028, 11, 22)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 24, date(2026, 2, 28)),
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 1, 15), 11, date(2026, 12, 15)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_months_later(day, months, later):
    assert add_months(day, months) == later


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2031-05-09", date(2031, 5, 9)),
        ("2031-02-31", date(2031, 2, 28)),
        ("2031-13-01", None),
        ("31/05/2031", None),
        ("2031-05-09\n", None),
        ("٢٠٣١-٠٥-٠٩", None),
        ("0000-05-09", None),
        ("", None),
        (None, None),
    ],
)
def test_field_is_a_date_or_nothing(text, found):
    assert parse_due(text) == found


MOMENTS = [
    datetime(2024, 2, 29, 12, tzinfo=UTC),
    datetime(2025, 8, 31, 12, tzinfo=UTC),
    datetime(2025, 12, 31, 23, 59, tzinfo=UTC),
    datetime(2026, 1, 1, 1, 30, tzinfo=UTC),  # still last year where the clinic is
    datetime(2026, 3, 30, 3, 0, tzinfo=UTC),
]


@pytest.mark.parametrize("months", [1, 6, 12, 24])
@pytest.mark.parametrize("chosen", [None, "2029-04-05", "kein Datum", "2029-99-01"])
def test_sql_and_python_agree(post_factory, aurora, months, chosen):
    fields = {"next_review_due": chosen} if chosen else {}
    post = post_factory.published(custom_fields=fields)
    with tenant_context(aurora, actor=SYSTEM_UUID, atomic=True):
        for moment in MOMENTS:
            PublishedPage.objects.filter(post=post).update(reviewed_at=moment)
            in_sql = with_due(PublishedPage.objects.filter(post=post), months).get().due
            assert in_sql == due_date(fields, moment, months).isoformat(), moment


@pytest.mark.parametrize("months", [1, 6, 12, 24])
@pytest.mark.parametrize("day", [date(2026, 2, 28), date(2028, 2, 29), date(2026, 3, 1), date(2026, 4, 30)])
def test_latest_approval_is_the_last_that_is_due_by_then(day, months):
    found = latest_approval(day, months)
    assert add_months(found, months) <= day < add_months(found + timedelta(days=1), months)


@pytest.mark.parametrize("chosen", [None, "2026-03-31", "2026-04-01", "2026-05-31", "2026-06-01", "no date"])
@pytest.mark.parametrize("approved", [date(2024, 3, 30), date(2024, 3, 31), date(2024, 4, 1), date(2024, 5, 31)])
def test_conditions_and_dates_agree(post_factory, aurora, chosen, approved):
    fields = {"next_review_due": chosen} if chosen else {}
    post = post_factory.published(custom_fields=fields)
    noon = timezone.make_aware(datetime.combine(approved, datetime.min.time())) + timedelta(hours=23, minutes=59)
    first, last = date(2026, 4, 1), date(2026, 5, 31)
    due = due_date(fields, noon, 24)
    with tenant_context(aurora, actor=SYSTEM_UUID, atomic=True):
        PublishedPage.objects.filter(post=post).update(reviewed_at=noon)
        assert PublishedPage.objects.filter(due_between(24, first, last)).exists() == (first <= due <= last)
        assert PublishedPage.objects.filter(due_between(24, None, last)).exists() == (due <= last)


# --- Lists -----------------------------------------------------------------------------------------------------------


def test_lists_and_counts_by_date(post_factory, cast, act_as):
    today = date(2026, 11, 23)
    expected = {
        queries.OVERDUE: [date(2026, 1, 1), date(2026, 11, 22)],
        queries.DUE: [today, date(2027, 1, 22)],
        "later": [date(2027, 1, 23)],
    }
    for days in expected.values():
        for day in days:
            due_on(post_factory, day)
    officer = cast["compliance_officer"]

    with act_as(officer):
        counts = queries.review_counts(officer, today=today)
        rows = {
            name: queries.as_reviews(officer, list(queries.reviews(officer, name, today=today)), today=today)
            for name in (queries.OVERDUE, queries.DUE)
        }

    assert counts == {queries.OVERDUE: 2, queries.DUE: 2, queries.ALL: 5}
    for name, found in rows.items():
        assert [row.due for row in found] == expected[name]
    assert [row.late for row in rows[queries.OVERDUE]] == [326, 1]


def test_text_without_a_date_is_due_two_years_after_its_last_approval(post_factory, cast, act_as):
    post = post_factory.published()
    officer = cast["compliance_officer"]
    with act_as(officer):
        page = queries.reviews(officer, queries.ALL).get()
        assert parse_due(page.due) == add_months(timezone.localdate(page.reviewed_at), 24)
        late = timezone.localdate() + timedelta(days=800)
        assert [each.post_id for each in queries.reviews(officer, queries.OVERDUE, today=late)] == [post.pk]


def test_lists_show_live_texts_only_and_no_closed_title_to_who_may_not_see_it(post_factory, cast, act_as):
    day = date(2020, 1, 1)
    post_factory.draft(custom_fields={"next_review_due": day.isoformat()})
    due_on(post_factory, day, title="Restrito", compliance_level="restricted")
    due_on(post_factory, day, title="Aberto")
    editor, officer = cast["editor"], cast["compliance_officer"]
    with act_as(editor):
        rows = queries.as_reviews(editor, list(queries.reviews(editor, queries.OVERDUE)))
        assert [row.title for row in rows] == ["Aberto"]
        assert queries.review_counts(editor)[queries.OVERDUE] == 1
    with act_as(officer):
        assert queries.review_counts(officer)[queries.OVERDUE] == 2


def test_page_of_the_list(post_factory, client_for, cast):
    due_on(post_factory, date(2020, 1, 1), title="Atrasado <b>")
    due_on(post_factory, timezone.localdate() + timedelta(days=5), title="Em breve")

    officer = client_for(cast["compliance_officer"])
    overdue = officer.get("/admin/compliance/reviews/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    due = officer.get("/admin/compliance/reviews/?list=due", HTTP_ACCEPT_LANGUAGE="en").content.decode()

    assert "Atrasado &lt;b&gt;" in overdue and "Em breve" not in overdue
    assert "Em breve" in due and "in 5 days" in due
    assert re.search(r"Overdue <span class=\"count\">\(1\)", overdue)


@pytest.mark.parametrize("role", ["contributor", "author", "dpo"])
def test_list_is_refused_and_the_refusal_recorded(role, client_for, cast):
    assert client_for(cast[role]).get("/admin/compliance/reviews/").status_code == 403


def test_list_pages_and_needs_few_queries(post_factory, client_for, cast, django_assert_max_num_queries):
    for number in range(21):
        due_on(post_factory, date(2020, 1, 1), slug=f"t{number}")
    officer = client_for(cast["compliance_officer"])
    officer.get("/admin/compliance/reviews/")
    with django_assert_max_num_queries(20):
        first = officer.get("/admin/compliance/reviews/?list=overdue").content.decode()
    second = officer.get("/admin/compliance/reviews/?list=overdue&p=2").content.decode()
    assert first.count('class="row-title"') == 20
    assert second.count('class="row-title"') == 1


# --- On the page -----------------------------------------------------------------------------------------------------


def test_json_ld_says_who_reviewed_and_when(post_factory, client_for, aurora):
    post = post_factory.published(slug="texto")
    html = client_for().get("/texto/").content.decode()
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)[1])
    page = data["@graph"][0]
    with tenant_context(aurora, actor=SYSTEM_UUID):
        reviewed = PublishedPage.objects.get(post=post).reviewed_at
    assert [person["name"] for person in page["reviewedBy"]] == ["Medical Reviewer Aurora"]
    assert page["reviewedBy"][0]["identifier"] == "CRM/SP 123456"
    assert page["lastReviewed"] in (reviewed.date().isoformat(), timezone.localdate(reviewed).isoformat())


def tell_readers(cast, act_as, **values):
    administrator = cast["administrator"]
    with act_as(administrator), transaction.atomic():
        save_settings(actor=administrator, **values)
    forget_hosts()
    forget_menus()


NOTICE = "The review of this text was due on"


def article(client, slug="texto"):
    return client.get(f"/{slug}/", HTTP_ACCEPT_LANGUAGE="en")


def test_readers_are_told_of_an_overdue_review_where_the_tenant_wants_it(post_factory, client_for, cast, act_as):
    due_on(post_factory, date(2020, 1, 1), slug="texto")
    assert NOTICE not in article(client_for()).content.decode()

    tell_readers(cast, act_as, show_review_due=True)

    assert NOTICE in article(client_for()).content.decode()


def test_notice_appears_on_the_day_although_the_page_is_kept(post_factory, client_for, cast, act_as, monkeypatch):
    tell_readers(cast, act_as, show_review_due=True)
    due_on(post_factory, timezone.localdate() + timedelta(days=1), slug="texto")
    due_on(post_factory, timezone.localdate() + timedelta(days=1), slug="aberto", compliance_level="professional")
    first = article(client_for())
    assert NOTICE not in first.content.decode() + article(client_for(), "aberto").content.decode()

    later = timezone.localdate() + timedelta(days=2)
    monkeypatch.setattr("content.views.site.timezone.localdate", lambda: later)

    assert NOTICE in article(client_for()).content.decode()
    assert NOTICE in article(client_for(), "aberto").content.decode()
    again = client_for().get("/texto/", HTTP_ACCEPT_LANGUAGE="en", HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 200


def test_article_is_still_one_select(post_factory, client_for):
    post_factory.published(slug="texto")
    client = client_for()
    article(client)
    with CaptureQueriesContext(connection) as asked:
        article(client)
    selects = [query["sql"] for query in asked if query["sql"].startswith("SELECT") and "FROM" in query["sql"]]
    assert len(selects) == 1 and "published_pages" in selects[0]


# --- Reminders -------------------------------------------------------------------------------------------------------


def run(aurora, day):
    return remind(aurora.pk, today=day)


def test_each_stage_is_told_once_to_officer_and_author(post_factory, aurora, cast, mailoutbox):
    day = date(2027, 3, 1)
    post = due_on(post_factory, day, title="Título que não sai daqui")
    told = []
    for offset in (-61, -60, -59, 0, 1, 29, 30, 89, 90, 400):
        told.append((offset, run(aurora, day + timedelta(days=offset))))

    assert [offset for offset, count in told if count] == [-60, 0, 30, 90]
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted(
        [cast["author"].email, cast["compliance_officer"].email] * 4
    )
    for mail in mailoutbox:
        assert f"https://aurora.localhost/admin/compliance/{post.pk}/" in mail.body.split()
        assert "Título" not in mail.body + mail.subject
    with tenant_context(aurora, actor=SYSTEM_UUID):
        item = AttentionItem.objects.get(content_id=post.pk)
    assert item.details == {"due": "2027-03-01", "reminded": ["soon", "due", "late", "very_late"]}
    assert item.subject == "2027-03-01"


def test_address_of_the_clinic_takes_the_place_of_its_officers(post_factory, aurora, cast, act_as, mailoutbox):
    tell_readers(cast, act_as, contact_email="revisao@aurora.test")
    due_on(post_factory, date(2027, 3, 1))
    due_on(post_factory, date(2027, 3, 2))

    assert run(aurora, date(2027, 3, 2)) == 2

    assert sorted(mail.to[0] for mail in mailoutbox) == sorted([cast["author"].email, "revisao@aurora.test"])
    assert all(mail.body.count("/admin/compliance/") == 2 for mail in mailoutbox)


def test_what_was_not_sent_is_tried_again(post_factory, aurora, mailoutbox, monkeypatch):
    due_on(post_factory, date(2027, 3, 1))

    def down(*args, **kwargs):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("content.services.reminders.send_mail", down)
        assert run(aurora, date(2027, 3, 1)) == 0
    assert run(aurora, date(2027, 3, 1)) == 1
    assert len(mailoutbox) == 2


def test_a_new_approval_ends_the_waiting(post_factory, aurora, cast, act_as, mailoutbox):
    day = date(2027, 3, 1)
    post = due_on(post_factory, day)
    run(aurora, day)
    with act_as(cast["author"]):
        revisions.save_revision(
            post, actor=cast["author"], changes={"custom_fields": {"next_review_due": "2029-03-01"}}
        )
    post_factory.submit(post)
    post_factory.publish(post_factory.approve(post_factory.to_final(post)))
    mailoutbox.clear()

    assert run(aurora, day) == 0

    assert mailoutbox == []
    with tenant_context(aurora, actor=SYSTEM_UUID):
        item = AttentionItem.objects.get(content_id=post.pk)
    assert (item.resolved_by_id, item.resolution) == (SYSTEM_UUID, "2027-03-01 → 2029-03-01")


def test_command_acts_on_one_tenant_or_on_all(post_factory, other_post_factory, mailoutbox, capsys):
    due_on(post_factory, date(2020, 1, 1))
    due_on(other_post_factory, date(2020, 1, 1))

    call_command("review_reminders", "--tenant", "aurora")
    assert capsys.readouterr().out == "1 texts reminded\n"
    assert {mail.to[0].partition("@")[2] for mail in mailoutbox} == {"aurora.test"}
    call_command("review_reminders")
    assert capsys.readouterr().out == "1 texts reminded\n"
    with pytest.raises(CommandError, match="nowhere"):
        call_command("review_reminders", "--tenant", "nowhere")


@pytest.mark.parametrize(
    ("value", "accepted"),
    [("2028-05-31", True), (" 2028-05-31 ", True), ("31/05/2028", False), ("2028-02-31", False), ("maio", False)],
)
def test_editor_takes_only_a_day_of_the_calendar(value, accepted):
    form = CustomFieldForm({"key": "next_review_due", "value": value})
    assert form.is_valid() == accepted
    assert accepted or form.errors.as_data()["value"][0].code == "review_due"
    assert CustomFieldForm({"key": "other", "value": value}).is_valid()
