"""What the lists after publication show: to-dos about approved texts, and reviews that are due.

Rows carry titles and dates only. Counts and rows come from the same conditions, so they cannot disagree.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.enums import AttentionKind
from compliance.models import AttentionItem
from content.admin_queries import post_url, shown_title, visible_posts
from content.enums import PostStatus
from content.models import Post, PublishedPage, Reference
from content.review_dates import SOON_DAYS, due_between, parse_due, review_months, with_due
from content.rules import can_edit, can_withdraw

TITLE_COLUMNS = (
    "id",
    "tenant_id",
    "title",
    "post_type",
    "status",
    "compliance_level",
    "author_id",
    "deleted_at",
    "published_revision_id",
)


def titles_for(actor: Any, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Post]:
    """The texts among `ids` whose title the actor may see: one query."""
    return {post.pk: post for post in visible_posts(actor).filter(pk__in=set(ids)).only(*TITLE_COLUMNS)}


# --- To-dos ----------------------------------------------------------------------------------------------------------

OPEN, RESOLVED = "open", "resolved"
STATES = {OPEN: Q(resolved_at=None), RESOLVED: Q(resolved_at__isnull=False)}


@dataclass(frozen=True)
class ToDo:
    """One item as the officer reads it. Addresses are empty where there is nothing to open."""

    item: AttentionItem
    title: str
    live: bool
    codes: list[str]
    facts: list[tuple[str | Promise, str]]
    text_url: str
    edit_url: str
    withdrawable: bool
    reference: Reference | None
    reference_url: str
    resolver: str

    @property
    def kind(self) -> str | Promise:
        return AttentionKind(self.item.kind).label


def todo_counts() -> dict[str, int]:
    """How many are open of each kind, under `open` and `resolved` how many at all: one query."""
    kinds = {kind.value: Count("pk", filter=STATES[OPEN] & Q(kind=kind.value)) for kind in AttentionKind}
    states = {name: Count("pk", filter=condition) for name, condition in STATES.items()}
    return AttentionItem.objects.order_by().aggregate(**kinds, **states)


def todos(*, state: str = OPEN, kind: str = "") -> QuerySet[AttentionItem]:
    """The items of one list, newest first."""
    items = AttentionItem.objects.filter(STATES[state])
    return items.filter(kind=kind) if kind else items


def as_todos(actor: Any, items: list[AttentionItem]) -> list[ToDo]:
    """Rows for the items of one page: three queries, however many there are."""
    posts = titles_for(actor, (item.content_id for item in items))
    people = User.objects.select_related("profile").in_bulk({item.resolved_by_id for item in items} - {None})
    names = {item.subject for item in items if item.kind == AttentionKind.RETRACTION}
    works = {work.identifier: work for work in Reference.objects.filter(identifier__in=names)} if names else {}
    return [_todo(actor, item, posts.get(item.content_id), people, works) for item in items]


def _todo(
    actor: Any, item: AttentionItem, post: Post | None, people: dict[uuid.UUID, User], works: dict[str, Reference]
) -> ToDo:
    resolver = people.get(item.resolved_by_id) if item.resolved_by_id else None
    editable = post is not None and post.deleted_at is None and can_edit(actor, post)
    return ToDo(
        item=item,
        title=shown_title(post, actor) if post else str(item.content_id)[:8],
        live=bool(post and post.is_live),
        codes=[str(code) for code in item.details.get("codes") or [] if isinstance(code, str)],
        facts=list(_facts(item)),
        text_url=str(item.content_id) if post else "",
        edit_url=post_url(post, "change") if post and editable else "",
        withdrawable=bool(post and can_withdraw(actor, post) and post.deleted_at is None),
        reference=works.get(item.subject),
        reference_url=_reference_url(works.get(item.subject)),
        resolver=resolver.display_name if resolver else "",
    )


def _reference_url(work: Reference | None) -> str:
    """Its page in the library."""
    return reverse("admin:content_reference_detail", args=[work.pk]) if work else ""


FACTS: dict[str, str | Promise] = {
    "identifiers": _("References"),
    "claims": _("Claims"),
    "engine": _("Rules"),
    "checks": _("Checks"),
    "due": _("Due"),
    "stage": _("Reminded"),
    "withdrawn": _("Taken offline"),
}


def _facts(item: AttentionItem) -> Iterable[tuple[str | Promise, str]]:
    """Details that people understand, by name; codes are shown by themselves."""
    for name, value in item.details.items():
        if name in FACTS and value not in (None, "", [], {}):
            yield FACTS[name], _flat(value)


def _flat(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dict):
        return ", ".join(f"{name} {_flat(each)}" for name, each in value.items())
    return ", ".join(map(_flat, value)) if isinstance(value, list) else str(value)


# --- Reviews ---------------------------------------------------------------------------------------------------------

DUE, OVERDUE, ALL = "due", "overdue", "all"
LISTS: dict[str, str | Promise] = {
    OVERDUE: _("Overdue"),
    DUE: _("Due within 60 days"),
    ALL: _("All live texts"),
}


@dataclass(frozen=True)
class Review:
    """A live text with its review date."""

    post_id: uuid.UUID
    title: str
    slug: str
    text_url: str
    edit_url: str
    author: str
    reviewed_at: datetime.datetime | None
    due: datetime.date | None
    days: int  # until it is due; negative when it is late

    @property
    def late(self) -> int:
        return -self.days


def _condition(name: str, today: datetime.date, months: int) -> Q:
    """Which dates make a list. A text that is due today is not overdue yet."""
    if name == OVERDUE:
        return due_between(months, None, today - datetime.timedelta(days=1))
    return due_between(months, today, today + datetime.timedelta(days=SOON_DAYS)) if name == DUE else Q()


def live_pages(actor: Any) -> QuerySet[PublishedPage]:
    """Live texts that the actor may see in lists."""
    live = visible_posts(actor).filter(status=PostStatus.PUBLISHED, deleted_at__isnull=True)
    return PublishedPage.objects.filter(post__in=live)


def review_counts(actor: Any, *, today: datetime.date | None = None) -> dict[str, int]:
    """How many texts each of the actor's lists holds."""
    return due_counts(live_pages(actor), today=today)


def due_counts(pages: QuerySet[PublishedPage], *, today: datetime.date | None = None) -> dict[str, int]:
    """How many of `pages` each list holds: a query per list."""
    day, months = today or timezone.localdate(), review_months()
    return {name: pages.filter(_condition(name, day, months)).count() for name in (OVERDUE, DUE, ALL)}


def reviews(actor: Any, name: str, *, today: datetime.date | None = None) -> QuerySet[PublishedPage]:
    """The texts of one list, most urgent first."""
    months = review_months()
    pages = live_pages(actor).filter(_condition(name, today or timezone.localdate(), months))
    return with_due(pages, months).only("post_id", "slug", "reviewed_at", "published_at").order_by("due", "post_id")


def as_reviews(actor: Any, pages: list[PublishedPage], *, today: datetime.date | None = None) -> list[Review]:
    """Rows for one page of the list."""
    day = today or timezone.localdate()
    posts = titles_for(actor, (page.post_id for page in pages))
    authors = User.objects.select_related("profile").in_bulk({post.author_id for post in posts.values()})
    return [_review(actor, page, posts[page.post_id], authors, day) for page in pages if page.post_id in posts]


def _review(actor: Any, page: PublishedPage, post: Post, authors: dict[uuid.UUID, User], day: datetime.date) -> Review:
    due = parse_due(page.due)
    author = authors.get(post.author_id)
    return Review(
        post_id=post.pk,
        title=shown_title(post, actor),
        slug=page.slug,
        text_url=str(post.pk),
        edit_url=post_url(post, "change") if can_edit(actor, post) else "",
        author=author.display_name if author else "",
        reviewed_at=page.reviewed_at,
        due=due,
        days=(due - day).days if due else 0,
    )
