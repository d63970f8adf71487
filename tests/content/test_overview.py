"""The officer's overview: right numbers, drawn and written alike, few queries, and a file that no spreadsheet runs."""

import csv
import io
import re
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance import attention
from compliance.models import Approval, AuditEntry, ReviewAssignment, WorkflowState
from compliance.spreadsheets import safe_cell
from content import charts
from content.overview import Period, _days_per_stage, _moves, overview
from content.services import publishing, review

pytestmark = pytest.mark.django_db
URL = "/admin/compliance/overview/"
TODAY = timezone.localdate()
WEEK = Period(TODAY - timedelta(days=6), TODAY)


def file_run(post, *, validations=None, **values):
    """Change what the newest run holds, as the engine and people would."""
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID, atomic=True):
        run = review.latest_run(post)
        for name, value in values.items():
            setattr(run, name, value)
        run.compliance_validations = {**(run.compliance_validations or {}), **(validations or {})}
        run.save()


def finding(code, status):
    return {"id": f"rule-{code}-{status}", "code": code, "kind": "rule", "severity": "warn", "status": status}


def look(aurora, period=WEEK):
    with tenant_context(aurora, actor=SYSTEM_UUID):
        return overview(period)


# --- Numbers ---------------------------------------------------------------------------------------------------------


def test_articles_by_stage(post_factory, aurora, cast, act_as):
    post_factory.draft()
    post_factory.draft(title="Outro")
    post_factory.submitted(title="Enviado")
    post_factory.in_final(title="No fim")
    post_factory.approved(title="Aprovado")
    post_factory.published(title="No ar")
    trashed = post_factory.draft(title="Lixo")
    with act_as(cast["author"]):
        publishing.trash(trashed, actor=cast["author"])

    found = look(aurora)

    assert found.stages == {"S.1.1": 2, "S.2.1": 1, "S.3.1": 0, "S.4-1.1-3": 1}
    assert (found.approved_waiting, found.live, found.approved) == (1, 1, 2)


def moment(day, hour=12):
    return datetime(2026, 11, day, hour, tzinfo=timezone.get_current_timezone())


def at(day, **entry):
    return {"at": moment(day).isoformat(), **entry}


def test_days_at_each_stage_with_a_way_back():
    moves = list(
        _moves(
            moment(1),
            [at(2), at(8)],
            [at(4, stage="S.2.1"), at(9, stage="S.2.1"), at(11, stage="S.3.1")],
            [at(7, **{"from": "S.3.1", "to": "S.1.1"})],
        )
    )
    assert _days_per_stage(moves, moment(12)) == {"S.1.1": 2.0, "S.2.1": 3.0, "S.3.1": 5.0, "S.4-1.1-3": 1.0}


def test_cycle_time_is_the_median_of_the_reviews_that_ended_in_the_period(post_factory, aurora):
    for days in (1, 2, 9):
        post = post_factory.approved(title=f"Texto {days}")
        with tenant_context(aurora, actor=SYSTEM_UUID, atomic=True):
            run = review.latest_run(post)
            end = max(Approval.objects.filter(content_id=post.pk).values_list("created_at", flat=True))
            start = end - timedelta(days=days)
            half = start + timedelta(days=days / 2)
            run.compliance_validations = {
                **run.compliance_validations,
                "submitted": [{"at": start.isoformat()}],
                "decisions": [
                    {"at": half.isoformat(), "stage": "S.2.1"},
                    {"at": half.isoformat(), "stage": "S.3.1"},
                ],
            }
            run.save()
            WorkflowState.objects.filter(pk=run.pk).update(created_at=start - timedelta(days=4))

    found = look(aurora)

    assert {row.stage: (row.median_days, row.reviews) for row in found.times} == {
        "S.1.1": (pytest.approx(4.0), 3),
        "S.2.1": (pytest.approx(1.0), 3),
        "S.3.1": (pytest.approx(0.0), 3),
        "S.4-1.1-3": (pytest.approx(1.0), 3),
    }
    assert found.total_days == pytest.approx(2.0)
    past = Period(date(2020, 1, 1), date(2020, 12, 31))
    assert look(aurora, past).approved == 0
    assert look(aurora, past).total_days is None


def test_rules_by_what_became_of_their_findings(post_factory, aurora, other_post_factory):
    first, second, foreign = post_factory.draft(), post_factory.draft(title="B"), other_post_factory.draft()
    file_run(
        first,
        validations={
            "findings": [
                finding("CFM-PROMISE", "fixed"),
                finding("CFM-PROMISE", "false_positive"),
                finding("ANV-UNPROV", "waived"),
                finding("cpf", "waiver_requested"),
            ]
        },
    )
    file_run(second, validations={"findings": [finding("CFM-PROMISE", "open")]})
    file_run(foreign, validations={"findings": [finding("CFM-PROMISE", "open")] * 3})

    rules = {rule.code: rule for rule in look(aurora).rules}

    promise = rules["CFM-PROMISE"]
    assert list(rules) == ["CFM-PROMISE", "ANV-UNPROV", "cpf"]
    assert (promise.articles, promise.found, promise.fixed, promise.false_alarms, promise.open) == (2, 3, 1, 1, 1)
    assert (rules["ANV-UNPROV"].waived, rules["cpf"].open) == (1, 1)
    assert look(aurora, Period(date(2020, 1, 1), date(2020, 12, 31))).rules == []


def test_what_was_sent_back_withdrawn_and_rejected(post_factory, aurora, cast, act_as):
    post = post_factory.submitted()
    reviewer, officer = cast["editor"], cast["compliance_officer"]
    with act_as(reviewer):
        review.send_back(post, actor=reviewer, reason="Falta a fonte dos números.")
    old = post_factory.submitted(title="Antigo")
    file_run(
        old,
        validations={
            "sent_back": [{"from": "S.2.1", "to": "S.1.1", "at": "2020-01-01T00:00:00+00:00", "reason": "x"}]
        },
        medical_claims={"claim_1": {"status": "rejected"}, "claim_2": {"status": "validated"}},
    )
    approved = post_factory.approved(title="Aprovado")
    with act_as(officer):
        review.withdraw(approved, actor=officer, reason="Nova bula publicada hoje.")

    found = look(aurora)

    assert found.sent_back == {"S.2.1": 1, "S.3.1": 0, "S.4-1.1-3": 0}
    assert (found.withdrawn, found.rejected_claims) == (1, 1)


def test_score_ranges_meet_without_gap_and_overlap(post_factory, aurora):
    for number, score in enumerate((0, 39, 40, 59, 60, 79, 80, 89, 90, 99, 100, 100)):
        file_run(post_factory.draft(title=f"Nota {number}"), lgpd_score=score)
    counts = {low: number for low, _high, number in look(aurora).scores}
    assert counts == {0: 2, 40: 2, 60: 2, 80: 2, 90: 2, 100: 2}


def test_due_reviews_and_to_dos(post_factory, aurora):
    post = post_factory.published(custom_fields={"next_review_due": "2020-01-01"})
    post_factory.published(title="B", custom_fields={"next_review_due": "2120-01-01"})
    with tenant_context(aurora, actor=SYSTEM_UUID):
        attention.open_item("recheck", post.pk)
    found = look(aurora)
    assert found.reviews_due == {"overdue": 1, "due": 0, "all": 2}
    assert found.to_dos == {"recheck": 1}


def test_texts_that_are_late_at_the_desk(post_factory, aurora, cast):
    late, soon, done = post_factory.submitted(), post_factory.submitted(title="B"), post_factory.approved(title="C")
    with tenant_context(aurora, actor=SYSTEM_UUID, atomic=True):
        for post, hours in ((late, -1), (soon, 1), (done, -1)):
            due = timezone.now() + timedelta(hours=hours)
            ReviewAssignment.objects.update_or_create(
                content_id=post.pk, defaults={"due_at": due}, create_defaults={"due_at": due, "set_by_id": SYSTEM_UUID}
            )
    assert look(aurora).desk_overdue == 1


def test_json_of_another_shape_stops_nothing(post_factory, aurora):
    file_run(post_factory.draft(), validations={"findings": None, "sent_back": None, "submitted": "x"})
    file_run(post_factory.draft(title="B"), medical_claims={})
    assert look(aurora).rules == []


# --- The page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def officer(client_for, cast):
    return client_for(cast["compliance_officer"])


def show(client, query="", status=200):
    response = client.get(f"{URL}{query}", HTTP_ACCEPT_LANGUAGE="en")
    assert response.status_code == status
    return response.content.decode()


def test_charts_say_what_their_tables_say(post_factory, officer):
    post_factory.submitted()
    post_factory.published(title="No ar")
    html = show(officer)
    for key in ("stages", "times", "due", "sent_back", "scores"):
        section = re.search(rf'<section class="card ov-section ov-{key}".*?</section>', html, re.S)[0]
        drawn = re.findall(r'<text class="ov-label"[^>]*>(.*?)</text>', section)
        values = re.findall(r'<text class="ov-value"[^>]*>(.*?)</text>', section)
        rows = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td>', section)
        assert rows == list(zip(drawn, values, strict=True)) != []
    assert "<style" not in html and " style=" not in html and "<script>" not in html


def test_period_is_chosen_and_a_wrong_one_explained(officer):
    assert 'value="2026-01-01"' in show(officer, "?since=2026-01-01&until=2026-02-01")
    assert "ends before it begins" in show(officer, "?since=2026-02-01&until=2026-01-01", status=400)
    assert "ten years" in show(officer, "?since=1990-01-01&until=2026-01-01", status=400)
    assert show(officer, "?since=nonsense", status=400)


@pytest.mark.parametrize(
    ("role", "status"),
    [("compliance_officer", 200), ("administrator", 200), ("dpo", 200), ("editor", 403), ("contributor", 403)],
)
def test_who_sees_it(client_for, cast, role, status):
    for path in (URL, "/admin/compliance/overview.csv"):
        assert client_for(cast[role]).get(path).status_code == status


def test_queries_do_not_grow_with_articles(post_factory, officer):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            show(officer)
        return len(asked)

    post_factory.published()  # without any, some parts ask nothing
    show(officer)
    few = cost()
    for number in range(4):
        file_run(
            post_factory.published(title=f"T{number}"), validations={"findings": [finding(f"CFM-{number}", "open")]}
        )
    assert cost() == few <= 30


# --- The file --------------------------------------------------------------------------------------------------------


def test_file_has_the_numbers_and_is_recorded(post_factory, officer, aurora, cast):
    file_run(post_factory.submitted(), validations={"findings": [finding("=CMD()|'/c calc'!A1", "open")]})

    response = officer.get("/admin/compliance/overview.csv", HTTP_ACCEPT_LANGUAGE="en")

    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0] == ["Subject", "Row", "What", "Value"]
    assert ["Articles by stage", "Privacy check (LGPD)", "Texts", "1"] in rows
    assert ["Findings by rule", "'=CMD()|'/c calc'!A1", "Articles", "1"] in rows
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell]
    assert response["Content-Type"].startswith("text/csv")
    with tenant_context(aurora, actor=SYSTEM_UUID):
        entry = AuditEntry.objects.get(operation="export", metadata__act="overview")
    assert entry.user_id == cast["compliance_officer"].pk
    assert set(entry.metadata) >= {"since", "until"}


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx"])
def test_cell_is_no_formula(text):
    assert safe_cell(text) == f"'{text}"
    assert safe_cell(f"a{text}") == f"a{text}"


# --- Bars ------------------------------------------------------------------------------------------------------------


def test_bars_are_shares_of_the_largest_and_fit_the_drawing():
    chart = charts.bars([("a", 10), ("b", 5, "five"), ("c", 0), ("d", 0.001)])
    room = charts.WIDTH - charts.VALUE_WIDTH
    assert [bar.width for bar in chart.bars] == [room, room // 2, 0, charts.SHORTEST]
    assert [bar.shown for bar in chart.bars] == ["10", "five", "0", "0.001"]
    assert all(bar.y + charts.BAR < chart.height for bar in chart.bars)
    assert charts.bars([]).height > 0
