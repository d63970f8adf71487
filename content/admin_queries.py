"""What the admin's lists and dashboard show. No text bodies here: a list reads titles and dates only."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from compliance import attention
from compliance.enums import WorkflowStage
from compliance.models import WorkflowState
from compliance.policy import has_capability
from compliance.workflow import DESK
from content.enums import ComplianceLevel, PostStatus, PostType
from content.models import Category, Post, PostCategory, PostRevision, PostUserPermission

CLOSED_LEVELS = (ComplianceLevel.RESTRICTED, ComplianceLevel.PHI)
# Columns of a list row. Bodies stay in the database: they are most of the bytes.
ROW_FIELDS = (
    "id",
    "tenant_id",
    "title",
    "slug",
    "status",
    "post_type",
    "compliance_level",
    "published_at",
    "scheduled_at",
    "inserted_at",
    "updated_at",
    "deleted_at",
    "published_revision_id",
    "sticky",
    "author__id",
    "author__tenant_id",
    "author__email",
    "author__profile__display_name",
    "category__id",
    "category__name",
)
ORDERS = {
    "title": (Lower("title").asc(), "pk"),
    "-title": (Lower("title").desc(), "pk"),
    "date": ("updated_at", "pk"),
    "-date": ("-updated_at", "pk"),
}
IN_TRASH = Q(deleted_at__isnull=False)


@dataclass(frozen=True)
class Tab:
    """A status tab of the list."""

    key: str
    label: str | Promise
    condition: Q


def tabs(actor: Any) -> list[Tab]:
    """The tabs in WordPress's order; the first is everything that is not in the trash."""
    return [
        Tab("all", _("All"), ~IN_TRASH),
        Tab("mine", _("Mine"), ~IN_TRASH & Q(author_id=actor.pk)),
        Tab("published", pgettext_lazy("tab", "Published"), ~IN_TRASH & Q(status=PostStatus.PUBLISHED)),
        Tab("scheduled", pgettext_lazy("tab", "Scheduled"), ~IN_TRASH & Q(status=PostStatus.SCHEDULED)),
        Tab("pending", _("In review"), ~IN_TRASH & Q(status=PostStatus.PENDING)),
        Tab("draft", _("Drafts"), ~IN_TRASH & Q(status=PostStatus.DRAFT)),
        Tab("archived", pgettext_lazy("tab", "Withdrawn"), ~IN_TRASH & Q(status=PostStatus.ARCHIVED)),
        Tab("trash", _("Trash"), IN_TRASH),
    ]


def visible_posts(actor: Any) -> QuerySet[Post]:
    """Texts whose title the actor may see in lists (access matrix of the domain rules, 4.2 and 4.3).

    Contributors and authors see their own; closed levels show to the author, to who is named in the grant list, to
    reviewers while the text is at their desk, and to the compliance officer.
    """
    posts = Post.objects.all()
    named = PostUserPermission.objects.filter(user_id=actor.pk, permission__codename="view_post")
    own = Q(author_id=actor.pk) | Q(pk__in=named.values("content_object_id"))
    if not has_capability(actor, "post.list_others"):
        return posts.filter(own)
    if has_capability(actor, "review.sign"):
        return posts
    stages = [stage for stage, roles in DESK.items() if actor.role in roles]
    on_desk = WorkflowState.objects.filter(current_stage__in=stages).values("content_id")
    assigned = Q(compliance_level=ComplianceLevel.RESTRICTED, pk__in=on_desk)
    return posts.filter(own | ~Q(compliance_level__in=CLOSED_LEVELS) | assigned)


def shown_title(post: Post, actor: Any) -> str:
    """The title for lists. Of patient data only its author sees it: a title can name the patient."""
    if post.compliance_level == ComplianceLevel.PHI and post.author_id != actor.pk:
        return str(_("Patient data %(number)s") % {"number": str(post.pk)[:8]})
    return str(post)


def tab_counts(posts: QuerySet[Post], actor: Any) -> dict[str, Any]:
    """Counts of all tabs, and the oldest date under `first`: one grouped query."""
    counts = {tab.key: Count("pk", filter=tab.condition) for tab in tabs(actor)}
    return posts.order_by().aggregate(first=Min("inserted_at"), **counts)


def filtered(posts: QuerySet[Post], filters: dict[str, Any], actor: Any) -> QuerySet[Post]:
    """`posts` reduced by the cleaned values of the filter form. What is not shown is not searched either."""
    if search := filters.get("s"):
        titled = ~Q(compliance_level=ComplianceLevel.PHI) | Q(author_id=actor.pk)
        posts = posts.filter(titled, title__icontains=search)
    if level := filters.get("level"):
        posts = posts.filter(compliance_level=level)
    if category := filters.get("category"):
        posts = posts.filter(pk__in=PostCategory.objects.filter(category_id=category).values("post_id"))
    if stage := filters.get("stage"):
        posts = posts.filter(pk__in=WorkflowState.objects.filter(current_stage=stage).values("content_id"))
        if stage == WorkflowStage.APPROVED:  # a newer run has replaced the approved one
            newer = WorkflowState.objects.exclude(current_stage=stage)
            posts = posts.exclude(pk__in=newer.values("content_id"))
    if month := filters.get("month"):
        start, end = month_bounds(month)
        shown = Q(published_at__gte=start, published_at__lt=end)
        posts = posts.filter(shown | Q(published_at__isnull=True, updated_at__gte=start, updated_at__lt=end))
    return posts


def list_rows(posts: QuerySet[Post], order: str) -> QuerySet[Post]:
    """Rows of the list: author and category joined, the newest revision's id beside, no bodies."""
    newest = PostRevision.objects.filter(post=OuterRef("pk")).order_by("-number").values("pk")[:1]
    rows = posts.select_related("author__profile", "category").only(*ROW_FIELDS)
    return rows.annotate(newest_revision_id=Subquery(newest)).order_by(*ORDERS.get(order, ORDERS["-date"]))


def stages_of(post_ids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Stage of the latest run of each post: one query."""
    runs = WorkflowState.objects.filter(content_id__in=post_ids).order_by("created_at")
    return dict(runs.values_list("content_id", "current_stage"))


def month_bounds(month: str) -> tuple[datetime.datetime, datetime.datetime]:
    """Start of the month `YYYY-MM` and of the next one, in the site's time zone."""
    year, number = (int(part) for part in month.split("-"))
    start = datetime.datetime(year, number, 1, tzinfo=timezone.get_current_timezone())
    after = datetime.datetime(year + number // 12, number % 12 + 1, 1, tzinfo=timezone.get_current_timezone())
    return start, after


def months_since(first: datetime.datetime | None, limit: int = 120) -> list[str]:
    """Months from `first` to now as `YYYY-MM`, newest first."""
    if first is None:
        return []
    first, now = timezone.localtime(first), timezone.localtime()
    count = (now.year - first.year) * 12 + now.month - first.month + 1
    numbers = (now.year * 12 + now.month - 1 - back for back in range(min(count, limit)))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in numbers]


def category_tree() -> list[Category]:
    """All categories, children behind their parent, each with `depth`; a loop or a lost parent counts as a root."""
    children: dict[Any, list[Category]] = {}
    categories = list(Category.objects.order_by(Lower("name")))
    known = {category.pk for category in categories}
    for category in categories:
        children.setdefault(category.parent_id if category.parent_id in known else None, []).append(category)
    ordered: list[Category] = []
    seen: set[uuid.UUID] = set()

    def walk(parent: Any, depth: int) -> None:
        for category in children.get(parent, []):
            if category.pk not in seen:
                seen.add(category.pk)
                category.depth = depth
                ordered.append(category)
                walk(category.pk, depth + 1)

    walk(None, 0)
    for category in categories:  # what hangs in a loop is shown all the same
        if category.pk not in seen:
            category.depth = 0
            seen.add(category.pk)
            ordered.append(category)
    return ordered


# --- Dashboard -------------------------------------------------------------------------------------------------------


def post_url(post: Post, name: str) -> str:
    """Address of an admin page of a post: 'change', 'history', 'preview'…"""
    return reverse(f"admin:content_{post.post_type}_{name}", args=[post.pk])


def review_url(post: Post) -> str:
    """Address of the review page."""
    return reverse("admin:review_post", args=[post.pk])


def list_url(post_type: str) -> str:
    """Address of the list that holds posts of this type."""
    return reverse(f"admin:content_{post_type}_changelist")


def dashboard(*, actor: Any) -> dict[str, Any]:
    """Counts, own drafts, what waits for the actor, and what happened last: five queries at most."""
    posts = visible_posts(actor)
    live = posts.filter(~IN_TRASH)
    titles = live.only("title", "post_type", "status", "compliance_level", "updated_at", "author_id", "published_at")
    drafts = titles.filter(author_id=actor.pk, status=PostStatus.DRAFT).order_by("-updated_at")[:5]
    return {
        "glance": [*_glance(live), *_came_up(actor)],
        "drafts": [{"title": post, "url": post_url(post, "change"), "at": post.updated_at} for post in drafts],
        "waiting": _waiting(titles, actor),
        "activity": [
            {
                "title": shown_title(post, actor),
                "url": _open_url(post, actor),
                "at": post.updated_at,
                "what": post.get_status_display(),
            }
            for post in titles.order_by("-updated_at", "pk")[:6]
        ],
    }


def _glance(posts: QuerySet[Post]) -> list[dict[str, Any]]:
    kinds = [
        (
            "published",
            ngettext_lazy("published post", "published posts"),
            PostType.POST,
            Q(status=PostStatus.PUBLISHED),
        ),
        (
            "scheduled",
            ngettext_lazy("scheduled post", "scheduled posts"),
            PostType.POST,
            Q(status=PostStatus.SCHEDULED),
        ),
        ("pending", ngettext_lazy("post in review", "posts in review"), PostType.POST, Q(status=PostStatus.PENDING)),
        ("draft", ngettext_lazy("draft post", "draft posts"), PostType.POST, Q(status=PostStatus.DRAFT)),
        ("all", ngettext_lazy("page", "pages"), PostType.PAGE, Q()),
    ]
    counts = posts.order_by().aggregate(
        **{
            f"{kind}_{key}": Count("pk", filter=condition & Q(post_type=kind.value))
            for key, _label, kind, condition in kinds
        }
    )
    return [
        {"label": label % (count := counts[f"{kind}_{key}"]), "count": count, "url": f"{list_url(kind)}?tab={key}"}
        for key, label, kind, _condition in kinds
    ]


def _came_up(actor: Any) -> list[dict[str, Any]]:
    """To-dos about approved texts, for who may open their list."""
    if not has_capability(actor, "report.view"):
        return []
    count = attention.open_items().count()
    label = ngettext_lazy("to-do after publication", "to-dos after publication")
    return [{"label": label % count, "count": count, "url": reverse("admin:compliance_attention")}]


def _waiting(titles: QuerySet[Post], actor: Any) -> list[dict[str, Any]]:
    """Texts at a stage that the actor's role handles, oldest first."""
    stages = [stage for stage, roles in DESK.items() if actor.role in roles]
    if not stages:
        return []
    runs = WorkflowState.objects.filter(current_stage__in=stages).order_by("updated_at")
    runs = list(runs.values_list("content_id", "current_stage", "updated_at")[:8])
    found = {post.pk: post for post in titles.filter(pk__in=[content_id for content_id, _stage, _at in runs])}
    return [
        {
            "title": shown_title(found[content_id], actor),
            "url": review_url(found[content_id]),
            "stage": WorkflowStage(stage).label,
            "at": at,
        }
        for content_id, stage, at in runs
        if content_id in found
    ]


def _open_url(post: Post, actor: Any) -> str:
    """The editor for who may edit others' texts or owns it; the preview for everybody else."""
    own = post.author_id == actor.pk and has_capability(actor, "post.write_own")
    return post_url(post, "change" if own or has_capability(actor, "post.edit_others") else "preview")
