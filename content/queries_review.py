"""What the review desk and the review page show: which texts wait, where a text stands, and what happened to it.

Counts and lists of the desk come from the same conditions, so they cannot disagree.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Tenant, User, UserProfile
from compliance.checks import CHECKS
from compliance.enums import ApprovalAction, Capacity, CheckResult, ReviewPriority, WorkflowStage
from compliance.models import Approval, ReviewAssignment, ReviewNote, WorkflowState
from compliance.policy import has_capability
from compliance.workflow import DESK, ORDER
from content.admin_queries import CLOSED_LEVELS, post_url, visible_posts
from content.diff import Row, compare_html, compare_text
from content.enums import ComplianceLevel, MedicalCategory
from content.models import Category, Post, PostRevision

IN_REVIEW = (WorkflowStage.PRIVACY, WorkflowStage.EVIDENCE, WorkflowStage.FINAL)
# As what a role signs; each role has one capacity.
SIGNS_AS = {
    "compliance_officer": Capacity.COMPLIANCE,
    "medical_reviewer": Capacity.PROFESSIONAL,
    "editor": Capacity.DECLARATION,
}
CHECK_LABELS = {
    "lgpd_check": _("Personal data (LGPD)"),
    "claims_check": _("Claims and references"),
    "cfm_check": _("Medical advertising (CFM)"),
    "anvisa_check": _("Medicines and products (ANVISA)"),
    "cfp_check": _("Psychology (CFP)"),
    "other_checks": _("Other councils and editorial rules"),
}


# --- The desk --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tab:
    """One list of the desk. `needs`: any of these capabilities opens it."""

    key: str
    label: str | Promise
    empty: str | Promise
    needs: tuple[str, ...]


TABS = (
    Tab("waiting", _("Waiting for me"), _("Nothing waits for you. Well done."), ("review.desk",)),
    Tab("in_review", _("All in review"), _("No text is in review."), ("review.desk",)),
    Tab("assigned", _("Assigned to me"), _("No text is assigned to you."), ("review.desk",)),
    Tab("unassigned", _("Unassigned"), _("Every text in review has somebody."), ("review.desk",)),
    Tab("overdue", pgettext_lazy("reviews", "Overdue"), _("No review is overdue."), ("review.desk",)),
    Tab("sent_back", _("Sent back"), _("No text is waiting for its author."), ("review.desk",)),
    Tab(
        "approved",
        _("Approved, not published"),
        _("No approved text waits to be published."),
        ("review.desk", "post.publish_others"),
    ),
    Tab(
        "mine",
        _("My submissions"),
        _("You have nothing in review. Submit a draft from the editor."),
        ("post.write_own",),
    ),
)


def tabs_for(actor: Any) -> list[Tab]:
    """The lists that the actor's role may open; empty for who has no business at the desk."""
    return [tab for tab in TABS if any(has_capability(actor, needed) for needed in tab.needs)]


def _runs() -> QuerySet[WorkflowState]:
    return WorkflowState.objects.filter(content_id=OuterRef("pk"))


def _standing(**conditions: Any) -> QuerySet[Approval]:
    """Signatures under exactly the run's wording that no withdrawal followed."""
    later = Approval.objects.filter(
        content_id=OuterRef("content_id"), action=ApprovalAction.WITHDRAW, sequence__gt=OuterRef("sequence")
    )
    signs = Approval.objects.filter(
        content_id=OuterRef("content_id"), content_hash=OuterRef("content_hash"), action=ApprovalAction.SIGN
    )
    return signs.filter(~Exists(later), **conditions)


def _waiting(actor: Any) -> QuerySet[WorkflowState]:
    """At a stage of the actor's role and not signed by that role already."""
    stages = [stage for stage, roles in DESK.items() if actor.role in roles]
    wanted = Q(current_stage__in=[stage for stage in stages if stage != WorkflowStage.FINAL])
    if WorkflowStage.FINAL in stages:
        final = Q(current_stage=WorkflowStage.FINAL) & ~Q(Exists(_standing(capacity=SIGNS_AS[actor.role])))
        if actor.role == "medical_reviewer":
            needed = PostRevision.objects.filter(pk=OuterRef("revision_id"), requires_crm_validation=True)
            final &= Q(Exists(needed))
        wanted |= final
    return WorkflowState.objects.filter(wanted)


def _in_review(_actor: Any) -> QuerySet[WorkflowState]:
    return WorkflowState.objects.filter(current_stage__in=IN_REVIEW)


def _sent_back(_actor: Any) -> QuerySet[WorkflowState]:
    """At S.1.1 because a reviewer sent it there, or because its approval was withdrawn."""
    last = Approval.objects.filter(content_id=OuterRef("content_id")).order_by("-sequence").values("action")[:1]
    runs = WorkflowState.objects.filter(current_stage=WorkflowStage.DRAFT).annotate(last_act=Subquery(last))
    return runs.filter(Q(compliance_validations__has_key="sent_back") | Q(last_act=ApprovalAction.WITHDRAW))


def _approved(_actor: Any) -> QuerySet[WorkflowState]:
    """The newest wording is approved, and it is not the one on the site."""
    live = Post.objects.filter(pk=OuterRef("content_id"), published_revision_id=OuterRef("revision_id"))
    newer = WorkflowState.objects.filter(content_id=OuterRef("content_id"), created_at__gt=OuterRef("created_at"))
    return WorkflowState.objects.filter(~Exists(live), ~Exists(newer), current_stage=WorkflowStage.APPROVED)


def _assigned(actor: Any) -> QuerySet[WorkflowState]:
    return _in_review(actor).filter(Exists(_assignment().filter(assignee_id=actor.pk)))


def _unassigned(actor: Any) -> QuerySet[WorkflowState]:
    return _in_review(actor).filter(~Exists(_assignment().filter(assignee_id__isnull=False)))


def _overdue(actor: Any) -> QuerySet[WorkflowState]:
    return _in_review(actor).filter(Exists(_assignment().filter(due_at__lt=timezone.now())))


def _assignment() -> QuerySet[ReviewAssignment]:
    return ReviewAssignment.objects.filter(content_id=OuterRef("content_id"))


# Which runs make a list. Starting from the runs keeps the lists quick: few of many texts are in review.
RUNS = {
    "waiting": _waiting,
    "in_review": _in_review,
    "assigned": _assigned,
    "unassigned": _unassigned,
    "overdue": _overdue,
    "sent_back": _sent_back,
    "approved": _approved,
}


def desk_posts(actor: Any, tab: str) -> QuerySet[Post]:
    """The texts of one list, as far as the actor may see their titles."""
    posts = visible_posts(actor).filter(deleted_at__isnull=True)
    if tab == "mine":
        lists = [
            Q(Exists(RUNS[key](actor).filter(content_id=OuterRef("pk"))))
            for key in ("in_review", "sent_back", "approved")
        ]
        return posts.filter(lists[0] | lists[1] | lists[2], author_id=actor.pk)
    posts = posts.filter(pk__in=RUNS[tab](actor).values("content_id"))
    return posts.exclude(author_id=actor.pk) if tab == "waiting" else posts


def desk_counts(actor: Any, tabs: list[Tab]) -> dict[str, int]:
    """How many texts each list holds: one query, whose parts the database plans one by one."""
    parts = [
        desk_posts(actor, tab.key)
        .order_by()
        .annotate(tab=Value(tab.key, output_field=CharField()))
        .values("tab")
        .annotate(number=Count("pk"))
        for tab in tabs
    ]
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return {tab.key: 0 for tab in tabs} | {row["tab"]: row["number"] for row in found}


def filtered(posts: QuerySet[Post], filters: dict[str, str]) -> QuerySet[Post]:
    """`posts` reduced by title, level, category and stage, as the open wording has them."""
    if search := filters.get("s"):
        posts = posts.filter(Exists(_newest_wording().filter(title__icontains=search)))
    if level := filters.get("level"):
        posts = posts.filter(Exists(_newest_wording().filter(compliance_level=level)))
    if category := filters.get("category"):
        posts = posts.filter(Exists(_newest_wording().filter(medical_category=category)))
    if stage := filters.get("stage"):
        posts = posts.filter(Exists(_runs().filter(current_stage=stage)))
    return posts


def _newest_wording() -> QuerySet[PostRevision]:
    later = PostRevision.objects.filter(post_id=OuterRef("post_id"), number__gt=OuterRef("number"))
    return PostRevision.objects.filter(~Exists(later), post_id=OuterRef("pk"))


def desk_rows(posts: QuerySet[Post], *, by_stage: bool = False) -> QuerySet[Post]:
    """Rows by priority, due date, and how long they have waited; no bodies."""
    newest = _runs().order_by("-created_at", "-id")
    assigned = ReviewAssignment.objects.filter(content_id=OuterRef("pk"))
    holder = UserProfile.objects.filter(user_id=OuterRef("holder_id"))
    notes = ReviewNote.objects.filter(content_id=OuterRef("pk"), parent_id=None, resolved_at=None)
    notes = notes.order_by().values("content_id").annotate(number=Count("pk"))
    rows = posts.select_related("author__profile").only(
        "id",
        "tenant_id",
        "title",
        "post_type",
        "status",
        "compliance_level",
        "author__id",
        "author__tenant_id",
        "author__email",
        "author__profile__display_name",
    )
    rows = rows.annotate(
        run_id=Subquery(newest.values("pk")[:1]),
        run_stage=Subquery(newest.values("current_stage")[:1]),
        since=Subquery(newest.values("updated_at")[:1]),
        due_at=Subquery(assigned.values("due_at")[:1]),
        priority=Coalesce(Subquery(assigned.values("priority")[:1]), Value(ReviewPriority.NORMAL.value)),
        holder_id=Subquery(assigned.values("assignee_id")[:1]),
        holder_name=Subquery(holder.values("display_name")[:1]),
        open_notes=Coalesce(Subquery(notes.values("number")[:1]), Value(0)),
    )
    urgent = ["-priority", F("due_at").asc(nulls_last=True)]
    return rows.order_by(*(["run_stage"] if by_stage else []), *urgent, "since", "pk")


@dataclass(frozen=True)
class DeskRow:
    """A line of the desk."""

    post: Post
    title: str
    stage: WorkflowStage
    since: datetime
    level: str
    category: str
    working_copy: bool
    note: str
    due_at: datetime | None
    overdue: bool
    priority: ReviewPriority
    holder: str
    mine: bool
    free: bool
    open_notes: int


def with_details(posts: list[Post], actor: Any) -> list[DeskRow]:
    """Two more queries for a whole page of rows: runs and their revisions."""
    runs = WorkflowState.objects.in_bulk([post.run_id for post in posts])
    wordings = PostRevision.objects.only("id", "title", "compliance_level", "medical_category", "number")
    revisions = wordings.in_bulk([run.revision_id for run in runs.values() if run.revision_id])
    return [_desk_row(post, runs[post.run_id], revisions.get(runs[post.run_id].revision_id), actor) for post in posts]


def _desk_row(post: Post, run: WorkflowState, revision: PostRevision | None, actor: Any) -> DeskRow:
    in_review = run.current_stage in IN_REVIEW
    may_take = actor.role in DESK.get(run.current_stage, ()) and actor.pk != post.author_id
    level = revision.compliance_level if revision else post.compliance_level
    sent_back = (run.compliance_validations or {}).get("sent_back", [])
    return DeskRow(
        post=post,
        title=_listed_title(post, revision, level),
        stage=WorkflowStage(run.current_stage),
        since=run.updated_at,
        level=ComplianceLevel(level).label if level else "",
        category=MedicalCategory(revision.medical_category).label if revision and revision.medical_category else "",
        working_copy=post.is_live,
        note=sent_back[-1]["reason"] if sent_back and run.current_stage == WorkflowStage.DRAFT else "",
        due_at=post.due_at if in_review else None,
        overdue=bool(in_review and post.due_at and post.due_at < timezone.now()),
        priority=ReviewPriority(post.priority),
        holder=(post.holder_name or "") if in_review else "",
        mine=in_review and post.holder_id == actor.pk,
        free=in_review and post.holder_id is None and may_take,
        open_notes=post.open_notes,
    )


def _listed_title(post: Post, revision: PostRevision | None, level: str | None) -> str:
    """The open wording's title. One with patient data shows none, as titles can name patients; nor is a live text's
    title replaced by that of a working copy which is closed further."""
    if level == ComplianceLevel.PHI:
        return str(_("Text with patient data (title hidden)"))
    hidden = level in CLOSED_LEVELS and post.compliance_level not in CLOSED_LEVELS
    return str(post) if hidden or revision is None else revision.title or str(post)


# --- One text --------------------------------------------------------------------------------------------------------


@dataclass
class Text:
    """A text under review with everything that is known about its way. Made by `find_text()`."""

    post: Post
    revision: PostRevision
    runs: list[WorkflowState]  # oldest first
    approvals: list[Approval]  # by sequence

    @cached_property
    def run(self) -> WorkflowState | None:
        """The open run, else the newest."""
        return next((r for r in self.runs if r.current_stage != WorkflowStage.APPROVED), None) or (
            self.runs[-1] if self.runs else None
        )

    @property
    def stage(self) -> WorkflowStage:
        return WorkflowStage(self.run.current_stage) if self.run else WorkflowStage.DRAFT

    @property
    def validations(self) -> dict[str, Any]:
        return (self.run.compliance_validations or {}) if self.run else {}

    @property
    def level(self) -> str | None:
        """The stricter of the live text's level and the open wording's: a raised level closes the text at once."""
        order = [None, *(level.value for level in ComplianceLevel)]
        levels = (self.post.compliance_level, self.revision.compliance_level)
        return max(levels, key=order.index) if self.post.is_live else self.revision.compliance_level

    @cached_property
    def last_withdrawal(self) -> int:
        return max((a.sequence for a in self.approvals if a.action == ApprovalAction.WITHDRAW), default=0)

    @cached_property
    def standing(self) -> list[Approval]:
        """Signatures that count for the newest wording."""
        return [
            a
            for a in self.approvals
            if a.action == ApprovalAction.SIGN
            and a.sequence > self.last_withdrawal
            and a.content_hash == self.revision.content_hash
        ]

    @cached_property
    def withdrawable(self) -> bool:
        """Is there any signature that a withdrawal would end?"""
        return any(a.action == ApprovalAction.SIGN and a.sequence > self.last_withdrawal for a in self.approvals)

    @cached_property
    def signed_revisions(self) -> dict[uuid.UUID, PostRevision]:
        """Every revision that was signed: one query. Bodies included, the comparison needs one of them."""
        return PostRevision.objects.in_bulk({a.revision_id for a in self.approvals if a.revision_id})

    @cached_property
    def last_approved(self) -> PostRevision | None:
        """The newest earlier revision with all the signatures that it needed."""
        if not any(a.revision_id not in (None, self.revision.pk) for a in self.approvals):
            return None
        found = [
            r for r in self.signed_revisions.values() if r.number < self.revision.number and self._was_complete(r)
        ]
        return max(found, key=lambda revision: revision.number, default=None)

    def _was_complete(self, revision: PostRevision) -> bool:
        capacities = {
            a.capacity
            for a in self.approvals
            if a.action == ApprovalAction.SIGN and a.content_hash == revision.content_hash
        }
        if Capacity.DECLARATION in capacities:
            return True
        return Capacity.COMPLIANCE in capacities and (
            not revision.requires_crm_validation or Capacity.PROFESSIONAL in capacities
        )

    @cached_property
    def savers(self) -> set[uuid.UUID]:
        """Who has saved the text since its last approval; they do not sign it. One query."""
        since = self.last_approved.number if self.last_approved else 0
        saved = PostRevision.objects.filter(post_id=self.post.pk, number__gt=since)
        return set(saved.order_by().values_list("saved_by_id", flat=True).distinct())

    @cached_property
    def own_declaration_allowed(self) -> bool:
        """The tenant's policy about an editor's own non-medical text. One query, asked for editors only."""
        return Tenant.objects.values_list("own_declaration_allowed", flat=True).get(pk=self.post.tenant_id)

    @cached_property
    def people(self) -> dict[str, User]:
        """Everybody named on the page by id: one query."""
        return people_named(self)

    def name(self, user_id: Any) -> str:
        """A person's name; a deleted account keeps its own."""
        user = self.people.get(str(user_id))
        return user.display_name if user else str(_("Unknown person"))


def find_text(post_id: uuid.UUID) -> Text | None:
    """The text with its newest wording, runs and approvals: four queries. None when the tenant has no such text."""
    post = Post.objects.select_related("author__profile").filter(pk=post_id).first()
    revision = PostRevision.objects.filter(post_id=post_id).order_by("-number").first() if post else None
    if post is None or revision is None:
        return None
    runs = WorkflowState.objects.filter(content_id=post_id).order_by("created_at", "id")
    approvals = Approval.objects.filter(content_id=post_id).order_by("sequence")
    return Text(post, revision, list(runs), list(approvals))


def people_named(text: Text) -> dict[str, User]:
    """Authors, savers, reviewers and signers of a text."""
    ids = {str(text.post.author_id), str(text.revision.author_id), str(text.revision.saved_by_id)}
    ids |= {str(approval.user_id) for approval in text.approvals}
    for run in text.runs:
        validations = run.compliance_validations or {}
        for key in ("submitted", "decisions", "sent_back"):
            ids |= {entry["user_id"] for entry in validations.get(key, []) if entry.get("user_id")}
        for finding in validations.get("findings", []):
            ids |= {finding[key] for key in ("closed_by", "confirmed_by") if finding.get(key)}
        for claim in (run.medical_claims or {}).values():
            ids |= {entry["by"] for entry in claim.get("history", [])}
            ids |= {claim["validated_by"]} if claim.get("validated_by") else set()
    users = User.objects.select_related("profile").filter(pk__in=ids)
    return {str(user.pk): user for user in users}


# --- Where it stands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One stage of the stepper. `state`: done, current or todo; `people` passed it, with the time."""

    stage: WorkflowStage
    state: str
    people: list[tuple[str, datetime | None]] = field(default_factory=list)


def steps_of(text: Text) -> list[Step]:
    """The five stages with who has passed them in this run."""
    position = ORDER.index(text.stage)
    passed: dict[str, list[tuple[str, datetime | None]]] = {}
    if entries := text.validations.get("submitted", []):
        passed[WorkflowStage.DRAFT] = [_who(text, entries[-1])]
    for entry in text.validations.get("decisions", []):
        passed[entry["stage"]] = [_who(text, entry)]
    passed[WorkflowStage.FINAL] = [(text.name(a.user_id), a.created_at) for a in text.standing]
    steps = []
    for index, stage in enumerate(ORDER):
        done = index < position or text.stage == WorkflowStage.APPROVED
        state = "done" if done else "current" if index == position else "todo"
        shown = done or stage == WorkflowStage.FINAL
        steps.append(Step(stage, state, passed.get(stage, []) if shown else []))
    return steps


def _who(text: Text, entry: dict[str, Any]) -> tuple[str, datetime | None]:
    return text.name(entry.get("user_id")), parse_datetime(entry.get("at") or "")


@dataclass(frozen=True)
class Slot:
    """A signature that the wording needs or may have."""

    capacity: Capacity
    required: bool
    approval: Approval | None
    name: str


def slots_of(text: Text, *, medical: bool) -> list[Slot]:
    """Which signatures the wording needs, and who has given them."""
    given = {a.capacity: a for a in text.standing}
    wanted = [(Capacity.COMPLIANCE, True), (Capacity.PROFESSIONAL, bool(text.revision.requires_crm_validation))]
    if not medical:
        wanted = [(Capacity.DECLARATION, False), (Capacity.COMPLIANCE, False)]
    return [
        Slot(capacity, required, given.get(capacity), text.name(given[capacity].user_id) if capacity in given else "")
        for capacity, required in wanted
        if required or capacity in given or not medical
    ]


@dataclass(frozen=True)
class Check:
    """An automatic check's result, or that nobody has looked yet."""

    label: str | Promise
    stage: WorkflowStage
    result: CheckResult


def checks_of(text: Text) -> list[Check]:
    """Every check with its result, in the order of the stages."""
    results = text.validations
    return [
        Check(CHECK_LABELS.get(name, name), stage, CheckResult(results.get(name) or CheckResult.PENDING))
        for stage, names in CHECKS.items()
        for name in names
    ]


# --- History ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    """One line of the timeline."""

    kind: str  # submitted, passed, sent_back, signed, withdrawn
    at: datetime | None
    name: str
    stage: WorkflowStage | None = None
    target: WorkflowStage | None = None
    text: str = ""
    approval: Approval | None = None
    number: int | None = None


def history_of(text: Text) -> list[Event]:
    """Submissions, decisions, send-backs, signatures and withdrawals of all runs, newest first."""
    events: list[Event] = []
    for run in text.runs:
        validations = run.compliance_validations or {}
        for entry in validations.get("submitted", []):
            name, at = _who(text, entry)
            events.append(Event("submitted", at, name, number=entry.get("number")))
        for entry in validations.get("decisions", []):
            name, at = _who(text, entry)
            stage = WorkflowStage(entry["stage"])
            events.append(Event("passed", at, name, stage=stage, text=entry.get("statement", "")))
        for entry in validations.get("sent_back", []):
            name, at = _who(text, entry)
            events.append(
                Event("sent_back", at, name, WorkflowStage(entry["from"]), WorkflowStage(entry["to"]), entry["reason"])
            )
    for approval in text.approvals:
        kind = "signed" if approval.action == ApprovalAction.SIGN else "withdrawn"
        signed = text.signed_revisions.get(approval.revision_id) if approval.revision_id else None
        number = signed.number if signed else None
        events.append(
            Event(
                kind,
                approval.created_at,
                text.name(approval.user_id),
                text=approval.statement,
                approval=approval,
                number=number,
            )
        )
    return sorted(events, key=lambda event: event.at.timestamp() if event.at else 0, reverse=True)


# --- What changed since the last approval ----------------------------------------------------------------------------


CONTEXT = 2  # unchanged paragraphs shown around a change


@dataclass(frozen=True)
class Gap:
    """Unchanged paragraphs that the comparison leaves out."""

    count: int
    kind: str = "gap"


@dataclass(frozen=True)
class Change:
    """A field that differs from the last approved wording."""

    label: str | Promise
    rows: list[Row | Gap]


def _with_gaps(rows: list[Row]) -> list[Row | Gap]:
    """`rows` without what is far from any change: a reviewer looks for changes."""
    changed = [index for index, row in enumerate(rows) if row.kind != "same"]
    near = {index + step for index in changed for step in range(-CONTEXT, CONTEXT + 1)}
    found: list[Row | Gap] = []
    for index, row in enumerate(rows):
        if index in near:
            found.append(row)
        elif found and isinstance(found[-1], Gap):
            found[-1] = Gap(found[-1].count + 1)
        else:
            found.append(Gap(1))
    return found


def changes_of(text: Text) -> list[Change]:
    """Every hashed field that differs from the last approved wording; at most two queries for names."""
    old, new = text.last_approved, text.revision
    if old is None:
        return []
    names = _names_of(old, new)
    before, after = _plain_fields(old, names), _plain_fields(new, names)
    differing = [name for name in before if before[name] != after[name]]
    return [
        Change(
            HASHED_FIELDS[name],
            _with_gaps(
                compare_html(old.content, new.content)
                if name == "content"
                else compare_text(before[name], after[name])
            ),
        )
        for name in differing
    ]


HASHED_FIELDS = {
    "title": _("title"),
    "slug": _("permalink"),
    "content": _("content"),
    "excerpt": _("excerpt"),
    "medical_disclaimer": _("medical disclaimer"),
    "meta_description": _("meta description"),
    "meta_keywords": _("meta keywords"),
    "compliance_level": _("compliance level"),
    "medical_category": _("medical category"),
    "requires_crm_validation": _("requires a validated professional"),
    "author_id": _("author"),
    "category_id": _("primary category"),
    "category_ids": _("categories"),
    "custom_fields": _("custom fields"),
    "scientific_references": _("references"),
    "media_ids": _("media"),
}


def _plain_fields(revision: PostRevision, names: dict[str, str]) -> dict[str, str]:
    """What a signature covers, each as lines of text; `names` stand for ids."""
    lines = {
        **{name: [getattr(revision, name) or ""] for name in HASHED_FIELDS},
        "requires_crm_validation": [str(_("yes") if revision.requires_crm_validation else _("no"))],
        "author_id": [str(revision.author_id)],
        "category_id": [str(revision.category_id or "")],
        "category_ids": revision.category_ids,
        "custom_fields": [f"{key}: {value}" for key, value in sorted(revision.custom_fields.items())],
        "scientific_references": [str(reference) for reference in revision.scientific_references],
        "media_ids": revision.media_ids,
    }
    return {name: "\n".join(names.get(line, line) for line in lines[name]) for name in HASHED_FIELDS}


def _names_of(old: PostRevision, new: PostRevision) -> dict[str, str]:
    """Names of authors and categories by id, asked for only where they changed."""
    names: dict[str, str] = {}
    if old.author_id != new.author_id:
        people = User.objects.select_related("profile").filter(pk__in=[old.author_id, new.author_id])
        names |= {str(user.pk): user.display_name for user in people}
    if (old.category_ids, old.category_id) != (new.category_ids, new.category_id):
        ids = {str(term) for term in (*old.category_ids, *new.category_ids, old.category_id, new.category_id) if term}
        names |= {str(pk): name for pk, name in Category.objects.filter(pk__in=ids).values_list("pk", "name")}
    return names


def editor_url(text: Text) -> str:
    """Where the text is edited and published."""
    return post_url(text.post, "change")
