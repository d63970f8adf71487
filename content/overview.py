"""The officer's numbers: where articles stand, how long reviews take, what is late, and what texts fail on.

Sums over the whole organization, without titles and names. Each part is one query, or two; JSON is summed up by the
database, since findings of thousands of reviews are more than a page should carry.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from django.db import connection
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Value, When
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.tenancy.context import current_tenant_id
from compliance.enums import ApprovalAction, WorkflowStage
from compliance.models import Approval, AttentionItem, ReviewAssignment, WorkflowState
from compliance.workflow import ORDER
from content.enums import PostStatus
from content.models import Post, PublishedPage
from content.queries_after import due_counts
from content.queries_review import RUNS

MOST_REVIEWS = 5_000  # whose times are looked at, the newest
MOST_RULES = 20
SCORES = ((0, 39), (40, 59), (60, 79), (80, 89), (90, 99), (100, 100))
IN_REVIEW = (WorkflowStage.DRAFT, WorkflowStage.PRIVACY, WorkflowStage.EVIDENCE, WorkflowStage.FINAL)
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included."""

    since: datetime.date
    until: datetime.date

    @property
    def start(self) -> datetime.datetime:
        return _midnight(self.since)

    @property
    def end(self) -> datetime.datetime:
        """The first moment after it."""
        return _midnight(self.until + DAY)


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


@dataclass(frozen=True)
class Rule:
    """What a rule found in the period's reviews, by what became of it."""

    code: str
    articles: int = 0
    found: int = 0
    fixed: int = 0
    false_alarms: int = 0
    accepted: int = 0
    waived: int = 0
    open: int = 0


@dataclass(frozen=True)
class StageTime:
    """How long reviews stayed at a stage."""

    stage: str
    median_days: float | None
    reviews: int


@dataclass(frozen=True)
class Overview:
    """Everything the page and its file show."""

    period: Period
    stages: dict[str, int]
    approved_waiting: int
    live: int
    times: list[StageTime]
    total_days: float | None
    approved: int
    reviews_due: dict[str, int]
    desk_overdue: int
    to_dos: dict[str, int]
    rules: list[Rule]
    sent_back: dict[str, int]
    withdrawn: int
    rejected_claims: int
    scores: list[tuple[int, int, int]] = field(default_factory=list)


def overview(period: Period) -> Overview:
    """The numbers of the active tenant. What stands now is counted now; what happened, in the period."""
    times, total, approved = _times(period)
    stages, waiting, live = _standing()
    return Overview(
        period=period,
        stages=stages,
        approved_waiting=waiting,
        live=live,
        times=times,
        total_days=total,
        approved=approved,
        reviews_due=due_counts(PublishedPage.objects.all()),
        desk_overdue=_desk_overdue(),
        to_dos=_to_dos(),
        rules=list(_rules(period)),
        sent_back=_sent_back(period),
        withdrawn=Approval.objects.filter(
            action=ApprovalAction.WITHDRAW, created_at__gte=period.start, created_at__lt=period.end
        ).count(),
        rejected_claims=_rejected_claims(period),
        scores=_scores(period),
    )


# --- What stands now -------------------------------------------------------------------------------------------------


def _standing() -> tuple[dict[str, int], int, int]:
    """Open runs by stage, texts that were approved and wait for publication, and live texts."""
    kept = Exists(Post.objects.filter(pk=OuterRef("content_id"), deleted_at__isnull=True))
    runs = WorkflowState.objects.filter(kept, current_stage__in=IN_REVIEW)
    counts = dict(runs.values_list("current_stage").annotate(number=Count("pk")).order_by())
    stages = {stage.value: counts.get(stage.value, 0) for stage in IN_REVIEW}
    published = Post.objects.filter(status=PostStatus.PUBLISHED, deleted_at__isnull=True).count()
    return stages, RUNS["approved"](None).filter(kept).count(), published


def _desk_overdue() -> int:
    """Texts in review whose day at the desk has passed."""
    in_review = WorkflowState.objects.filter(content_id=OuterRef("content_id"), current_stage__in=IN_REVIEW[1:])
    return ReviewAssignment.objects.filter(Exists(in_review), due_at__lt=timezone.now()).count()


def _to_dos() -> dict[str, int]:
    found = AttentionItem.objects.filter(resolved_at=None).values_list("kind").annotate(number=Count("pk"))
    return dict(found.order_by())


# --- How long it takes -----------------------------------------------------------------------------------------------


def _times(period: Period) -> tuple[list[StageTime], float | None, int]:
    """Median days per stage and from submission to approval, of the reviews that ended in the period."""
    signed = (
        Approval.objects.filter(action=ApprovalAction.SIGN, created_at__gte=period.start, created_at__lt=period.end)
        .order_by("-created_at")
        .values_list("revision_id", "created_at")[: MOST_REVIEWS * 2]
    )
    ended: dict[Any, datetime.datetime] = {}
    for revision_id, moment in signed:
        ended[revision_id] = max(moment, ended.get(revision_id, moment))
    runs = WorkflowState.objects.filter(current_stage=WorkflowStage.APPROVED, revision_id__in=list(ended))
    parts = [f"compliance_validations__{name}" for name in ("submitted", "decisions", "sent_back")]
    spent: dict[str, list[float]] = defaultdict(list)
    totals: list[float] = []
    count = 0
    for revision_id, begun, *events in runs.values_list("revision_id", "created_at", *parts)[:MOST_REVIEWS]:
        count += 1
        moves = list(_moves(begun, *events))
        for stage, days in _days_per_stage(moves, ended[revision_id]).items():
            spent[stage].append(days)
        if first := next((at for at, stage in moves if stage == WorkflowStage.PRIVACY), None):
            totals.append((ended[revision_id] - first) / DAY)
    rows = [
        StageTime(stage.value, median(spent[stage]) if spent[stage] else None, len(spent[stage]))
        for stage in IN_REVIEW
    ]
    return rows, (median(totals) if totals else None), count


def _moves(begun: datetime.datetime, submitted: Any, decisions: Any, sent_back: Any) -> Iterator[tuple[Any, str]]:
    """When the run came to which stage, in order."""
    found: list[tuple[datetime.datetime, str]] = [(begun, WorkflowStage.DRAFT)]
    found += [(at, WorkflowStage.PRIVACY) for at, _entry in _dated(submitted)]
    found += [(at, after) for at, entry in _dated(decisions) if (after := _after(entry.get("stage")))]
    found += [(at, entry["to"]) for at, entry in _dated(sent_back) if entry.get("to") in ORDER]
    yield from sorted(found, key=lambda move: move[0])


def _dated(entries: Any) -> Iterator[tuple[datetime.datetime, dict[str, Any]]]:
    for entry in entries if isinstance(entries, list) else []:
        moment = parse_datetime(entry.get("at", "")) if isinstance(entry, dict) else None
        if moment is not None:
            yield moment, entry


def _after(stage: str | None) -> str | None:
    """The stage that follows; passing the last one is a signature."""
    position = ORDER.index(stage) + 1 if stage in ORDER else len(ORDER)
    return ORDER[position] if position < len(ORDER) - 1 else None


def _days_per_stage(moves: list[tuple[datetime.datetime, str]], end: datetime.datetime) -> dict[str, float]:
    """Days at each stage, all stays added up."""
    spent: dict[str, float] = defaultdict(float)
    for (at, stage), (left, _next) in zip(moves, [*moves[1:], (end, "")], strict=True):
        spent[stage] += max((left - at) / DAY, 0.0)
    return spent


# --- What texts fail on ----------------------------------------------------------------------------------------------

RULES_POSTGRESQL = """
    SELECT f ->> 'code', coalesce(f ->> 'status', 'open'), count(*), count(DISTINCT w.content_id)
    FROM workflow_states w,
        jsonb_array_elements(CASE jsonb_typeof(w.compliance_validations -> 'findings')
            WHEN 'array' THEN w.compliance_validations -> 'findings' ELSE '[]' END) f
    WHERE w.tenant_id = %s AND w.updated_at >= %s AND w.updated_at < %s
    GROUP BY GROUPING SETS ((1, 2), (1))
"""
SENT_BACK_POSTGRESQL = """
    SELECT e ->> 'from', count(*)
    FROM workflow_states w,
        jsonb_array_elements(CASE jsonb_typeof(w.compliance_validations -> 'sent_back')
            WHEN 'array' THEN w.compliance_validations -> 'sent_back' ELSE '[]' END) e
    WHERE w.tenant_id = %s AND w.updated_at >= %s
        AND (e ->> 'at')::timestamptz >= %s AND (e ->> 'at')::timestamptz < %s
    GROUP BY 1
"""
CLAIMS_POSTGRESQL = """
    SELECT count(*) FROM workflow_states w, jsonb_each(CASE jsonb_typeof(w.medical_claims)
        WHEN 'object' THEN w.medical_claims ELSE '{}' END) c
    WHERE w.tenant_id = %s AND w.updated_at >= %s AND w.updated_at < %s AND c.value ->> 'status' = 'rejected'
"""
RULES_SQLITE = """
    SELECT json_extract(f.value, '$.code'), coalesce(json_extract(f.value, '$.status'), 'open'),
        count(*), count(DISTINCT w.content_id)
    FROM workflow_states w, json_each(coalesce(json_extract(w.compliance_validations, '$.findings'), '[]')) f
    WHERE w.tenant_id = %s AND w.updated_at >= %s AND w.updated_at < %s GROUP BY 1, 2
    UNION ALL
    SELECT json_extract(f.value, '$.code'), NULL, count(*), count(DISTINCT w.content_id)
    FROM workflow_states w, json_each(coalesce(json_extract(w.compliance_validations, '$.findings'), '[]')) f
    WHERE w.tenant_id = %s AND w.updated_at >= %s AND w.updated_at < %s GROUP BY 1
"""
SENT_BACK_SQLITE = """
    SELECT json_extract(e.value, '$.from'), count(*)
    FROM workflow_states w, json_each(coalesce(json_extract(w.compliance_validations, '$.sent_back'), '[]')) e
    WHERE w.tenant_id = %s AND w.updated_at >= %s
        AND julianday(json_extract(e.value, '$.at')) >= julianday(%s)
        AND julianday(json_extract(e.value, '$.at')) < julianday(%s)
    GROUP BY 1
"""
CLAIMS_SQLITE = """
    SELECT count(*) FROM workflow_states w, json_each(coalesce(w.medical_claims, '{}')) c
    WHERE w.tenant_id = %s AND w.updated_at >= %s AND w.updated_at < %s
        AND json_extract(c.value, '$.status') = 'rejected'
"""
STATUSES = {
    "fixed": "fixed",
    "false_positive": "false_alarms",
    "accepted_with_consent": "accepted",
    "waived": "waived",
    "open": "open",
    "waiver_requested": "open",
}


def _rules(period: Period) -> Iterator[Rule]:
    """The rules that most articles met, with what became of their findings."""
    params = [_tenant(), period.start, period.end]
    if connection.vendor == "postgresql":
        rows = _select(RULES_POSTGRESQL, params)
    else:
        rows = _select(RULES_SQLITE, [*params, *params])
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for code, status, number, articles in rows:
        if status is None:
            found[code] |= {"found": number, "articles": articles}
        elif name := STATUSES.get(status):
            found[code][name] += number
    rules = [Rule(code=str(code), **counts) for code, counts in found.items() if code]
    yield from sorted(rules, key=lambda rule: (-rule.articles, rule.code))[:MOST_RULES]


def _sent_back(period: Period) -> dict[str, int]:
    """How often texts were sent back in the period, by the stage that they were at."""
    sql = SENT_BACK_POSTGRESQL if connection.vendor == "postgresql" else SENT_BACK_SQLITE
    rows = dict(_select(sql, [_tenant(), period.start, period.start, period.end]))
    return {stage.value: rows.get(stage.value, 0) for stage in IN_REVIEW[1:]}


def _rejected_claims(period: Period) -> int:
    sql = CLAIMS_POSTGRESQL if connection.vendor == "postgresql" else CLAIMS_SQLITE
    return next(iter(_select(sql, [_tenant(), period.start, period.end])))[0]


def _scores(period: Period) -> list[tuple[int, int, int]]:
    """(from, to, reviews) per range of the LGPD score."""
    ranges = [When(lgpd_score__gte=low, lgpd_score__lte=high, then=Value(low)) for low, high in SCORES]
    runs = WorkflowState.objects.filter(
        lgpd_score__isnull=False, updated_at__gte=period.start, updated_at__lt=period.end
    )
    counts = dict(
        runs.annotate(low=Case(*ranges, output_field=IntegerField()))
        .values_list("low")
        .annotate(number=Count("pk"))
        .order_by()
    )
    return [(low, high, counts.get(low, 0)) for low, high in SCORES]


def _tenant() -> Any:
    tenant = current_tenant_id()
    return tenant if connection.features.has_native_uuid_field else tenant.hex


def _select(sql: str, params: list[Any]) -> Iterable[tuple[Any, ...]]:
    """Rows of one of the statements above; SQLite keeps times as text in UTC."""
    if connection.vendor == "sqlite":
        params = [
            each.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
            if isinstance(each, datetime.datetime)
            else each
            for each in params
        ]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
