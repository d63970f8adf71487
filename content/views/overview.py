"""The officer's overview: numbers drawn on the server, and the same numbers as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from compliance import audit
from compliance.enums import AttentionKind, AuditOperation, PolicyDecision, WorkflowStage
from compliance.policy import has_capability, trust_score
from compliance.spreadsheets import safe_cell
from content.after_forms import PeriodForm, last_days
from content.charts import Chart, bars
from content.overview import Overview, overview
from content.queries_after import ALL, DUE, OVERDUE
from content.views.after import answer, need


@dataclass(frozen=True)
class Section:
    """One subject: its chart, and the table beneath with the same rows. The first two columns are drawn."""

    key: str
    title: str
    note: str
    head: list[str]
    rows: list[list[Any]]

    @property
    def chart(self) -> Chart:
        return bars([row[0], row[1] or 0, shown(row[1])] for row in self.rows)

    @property
    def cells(self) -> list[list[str]]:
        return [[str(row[0]), *(shown(each) for each in row[1:])] for row in self.rows]


def shown(value: Any) -> str:
    """A number for people; a dash where there is none."""
    if value is None:
        return "–"
    return number_format(value, decimal_pos=1 if isinstance(value, float) else 0)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Charts with their tables, for a period."""
    need(request, "report.view", "overview")
    form = PeriodForm(request.GET or None)
    found = overview(form.period() if form.is_bound else PeriodForm({}).period())
    days = {"since": found.period.since.isoformat(), "until": found.period.until.isoformat()}
    if not form.is_bound:
        form = PeriodForm(initial=days)
    context = {
        "title": _("Overview"),
        "form": form,
        "period": found.period,
        "periods": [_period_link(number) for number in (30, 90, 365)],
        "facts": _facts(found),
        "sections": list(_sections(found)),
        "export_query": urlencode(days),
        "may_list": has_capability(request.user, "post.list_others"),
    }
    return answer(request, "overview", context, status=400 if form.is_bound and not form.is_valid() else 200)


def _period_link(days: int) -> dict[str, str]:
    since, until = last_days(days)
    label = ngettext("Last %(days)s day", "Last %(days)s days", days) % {"days": days}
    return {"label": label, "query": urlencode({"since": since.isoformat(), "until": until.isoformat()})}


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Every number as CSV. The export is recorded."""
    need(request, "report.view", "overview")
    form = PeriodForm(request.GET)
    if not form.is_valid():
        return page(request)
    found = overview(form.period())
    days = {"since": found.period.since.isoformat(), "until": found.period.until.isoformat()}
    audit.record(
        AuditOperation.EXPORT,
        resource_type="route",
        resource_id="overview",
        metadata={"act": "overview", **days},
        trust_score=trust_score(request.user),
        policy_decision=PolicyDecision.ALLOW,
    )
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="overview-{days["since"]}-{days["until"]}.csv"'
    response["Cache-Control"] = "no-store"
    response.write("\ufeff")  # so that spreadsheets read UTF-8
    csv.writer(response).writerows([safe_cell(cell) for cell in row] for row in _lines(found))
    return response


def _lines(found: Overview) -> Iterator[list[str]]:
    """One line per number: subject, row, what it counts, value. Values are plain, with a point."""
    yield [_("Subject"), _("Row"), _("What"), _("Value")]
    yield [_("Period"), "", "", f"{found.period.since.isoformat()}/{found.period.until.isoformat()}"]
    for label, value, _url in _facts(found):
        yield [_("At a glance"), label, "", _plain(value)]
    for section in _sections(found):
        for row in section.rows:
            for name, value in zip(section.head[1:], row[1:], strict=True):
                yield [section.title, str(row[0]), name, _plain(value)]


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, float) else str(value)


# --- Numbers to words ------------------------------------------------------------------------------------------------


def _facts(found: Overview) -> list[tuple[str, Any, str]]:
    """The figures on top: name, value, and the list behind it."""
    return [
        (_("Live texts"), found.live, ""),
        (_("Overdue reviews"), found.reviews_due[OVERDUE], "admin:compliance_reviews"),
        (_("Overdue at the desk"), found.desk_overdue, ""),
        (_("Open to-dos"), sum(found.to_dos.values()), "admin:compliance_attention"),
        (_("Approved in the period"), found.approved, ""),
        (_("Median days from submission to approval"), found.total_days, ""),
        (_("Approvals withdrawn"), found.withdrawn, ""),
        (_("Claims rejected"), found.rejected_claims, ""),
    ]


def _days(value: float | None) -> float | None:
    """Days as they are shown, so that what is shown as nothing is drawn as nothing."""
    return None if value is None else round(value, 1)


def _sections(found: Overview) -> Iterator[Section]:
    stage = {each.value: str(each.label) for each in WorkflowStage}
    yield Section(
        "stages",
        _("Articles by stage"),
        _("Now. A new version of a live text counts at its own stage."),
        [_("Stage"), _("Texts")],
        [
            *([stage[key], number] for key, number in found.stages.items()),
            [_("Approved, not published"), found.approved_waiting],
            [_("On the site"), found.live],
        ],
    )
    yield Section(
        "times",
        _("Cycle time"),
        _("Median days at each stage, of the reviews that ended in an approval in the period."),
        [_("Stage"), _("Median days"), _("Reviews")],
        [[stage[each.stage], _days(each.median_days), each.reviews] for each in found.times],
    )
    late, soon, live = (found.reviews_due[key] for key in (OVERDUE, DUE, ALL))
    kinds = {each.value: str(each.label) for each in AttentionKind}
    yield Section(
        "due",
        _("Reviews and to-dos"),
        _("Now."),
        [_("What"), _("Texts")],
        [
            [_("At the desk past their day"), found.desk_overdue],
            [_("Overdue"), late],
            [_("Due within 60 days"), soon],
            [_("Due later"), live - late - soon],
            *([f"{_('To-do')}: {label}", found.to_dos.get(key, 0)] for key, label in kinds.items()),
        ],
    )
    yield Section(
        "sent_back",
        _("Sent back"),
        _("How often texts were sent back in the period, by the stage that they were at."),
        [_("Stage"), _("Times")],
        [[stage[key], number] for key, number in found.sent_back.items()],
    )
    yield Section(
        "scores",
        _("LGPD scores"),
        _("Of the reviews of the period; 100 is a text without personal data."),
        [_("Score"), _("Reviews")],
        [[f"{low}–{high}" if low != high else str(low), number] for low, high, number in found.scores],
    )
    yield Section(
        "rules",
        _("Findings by rule"),
        _("Of the reviews of the period: in how many articles each rule found something, and what became of it."),
        [_("Rule"), _("Articles"), _("Findings"), _("Fixed"), _("False alarm"), _("Accepted"), _("Waived"), _("Open")],
        [
            [
                rule.code,
                rule.articles,
                rule.found,
                rule.fixed,
                rule.false_alarms,
                rule.accepted,
                rule.waived,
                rule.open,
            ]
            for rule in found.rules
        ],
    )
