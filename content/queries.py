"""Reads. Lists select what they show, never a body, and ask for one row too many instead of counting."""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.fields.json import KT

from accounts.models import UserProfile
from accounts.tenancy.context import current_tenant_id
from content.enums import ComplianceLevel, PostType
from content.models import PostCategory, PublishedPage

# --- The public site -------------------------------------------------------------------------------------------------

PAGE_SIZE = 10
LAST_PAGE = 5_000  # an OFFSET beyond is nobody's reading
# Restricted and PHI pages are in no list, feed, search or sitemap, whoever asks.
LISTED_LEVELS = (ComplianceLevel.PUBLIC.value, ComplianceLevel.PROFESSIONAL.value)
ARTICLE_COLUMNS = (
    "post_id",
    "slug",
    "title",
    "excerpt",
    "content",
    "compliance_level",
    "medical_category",
    "medical_disclaimer",
    "meta_description",
    "author_id",
    "category_id",
    "details",
    "etag",
    "published_at",
    "reviewed_at",
    "updated_at",
)
ARTICLE_SQL = f"SELECT {', '.join(ARTICLE_COLUMNS)} FROM published_pages WHERE slug = %s AND tenant_id = %s"  # noqa: S608
LIST_COLUMNS = (
    "slug",
    "title",
    "excerpt",
    "compliance_level",
    "medical_category",
    "category_id",
    "etag",
    "published_at",
    "updated_at",
    "author_name",
    "reviewer_name",
    "reading_minutes",
)


@dataclass(frozen=True)
class Listing:
    """One page of a list."""

    items: list[dict[str, Any]]
    page: int
    has_next: bool

    @property
    def fingerprint(self) -> str:
        return "".join(item["etag"] for item in self.items) + str(self.has_next)


def published_article(slug: str) -> dict[str, Any] | None:
    """Everything an article page shows, in one SELECT; None where nothing is published at that address.

    Written out: the ORM takes longer to build this statement than the database to answer it.
    """
    with connection.cursor() as cursor:
        tenant_id = PublishedPage._meta.get_field("tenant").get_db_prep_value(current_tenant_id(), connection)
        cursor.execute(ARTICLE_SQL, [slug, tenant_id])
        row = cursor.fetchone()
    return _article(row) if row else None


def _article(row: tuple[Any, ...]) -> dict[str, Any]:
    """SQLite knows neither UUIDs nor time zones."""
    page = dict(zip(ARTICLE_COLUMNS, row, strict=True))
    page["details"] = json.loads(page["details"])
    if connection.vendor == "sqlite":
        for name in ("post_id", "author_id", "category_id"):
            page[name] = uuid.UUID(page[name]) if page[name] else None
        for name in ("published_at", "reviewed_at", "updated_at"):
            page[name] = page[name].replace(tzinfo=UTC) if page[name] else None
    return page


def listed_pages() -> QuerySet:
    """Posts that may stand in a list."""
    return PublishedPage.objects.filter(compliance_level__in=LISTED_LEVELS, post__post_type=PostType.POST)


def latest_posts(page: int) -> Listing:
    """The home page: sticky first, then newest."""
    return _listing(listed_pages().order_by("-sticky", "-published_at", "-id"), page)


def posts_in_categories(ids: Iterable[uuid.UUID], page: int) -> Listing:
    """Posts with any of these terms, newest first."""
    terms = PostCategory.objects.filter(category_id__in=list(ids)).values("post_id")
    return _listing(listed_pages().filter(post_id__in=terms).order_by("-published_at", "-id"), page)


def posts_by_author(user_id: uuid.UUID, page: int) -> Listing:
    """Posts of one author, newest first."""
    return _listing(listed_pages().filter(author_id=user_id).order_by("-published_at", "-id"), page)


def author_profile(slug: str) -> UserProfile | None:
    """The person behind an author page."""
    return UserProfile.objects.select_related("user").filter(slug=slug).first()


def feed_posts(ids: Iterable[uuid.UUID] | None = None, limit: int = 20) -> list[dict[str, Any]]:
    """The newest posts, of the site or of some categories."""
    pages = listed_pages()
    if ids is not None:
        pages = pages.filter(post_id__in=PostCategory.objects.filter(category_id__in=list(ids)).values("post_id"))
    return list(_with_names(pages).order_by("-published_at", "-id").values(*LIST_COLUMNS)[:limit])


def sitemap_entries(part: int, size: int) -> list[tuple[str, datetime]]:
    """Address and last change of public pages, oldest first, so that a full part stays as it is."""
    pages = PublishedPage.objects.filter(compliance_level=ComplianceLevel.PUBLIC.value).order_by("published_at", "id")
    return list(pages.values_list("slug", "updated_at")[(part - 1) * size : part * size])


def sitemap_count() -> int:
    """How many public pages there are: an index-only count, asked for by the sitemap alone."""
    return PublishedPage.objects.filter(compliance_level=ComplianceLevel.PUBLIC.value).count()


def _with_names(pages: QuerySet) -> QuerySet:
    return pages.annotate(
        author_name=KT("details__author__name"),
        reviewer_name=KT("details__reviewers__0__name"),
        reading_minutes=KT("details__reading_minutes"),
    )


def _listing(pages: QuerySet, page: int) -> Listing:
    first = (page - 1) * PAGE_SIZE
    items = list(_with_names(pages).values(*LIST_COLUMNS)[first : first + PAGE_SIZE + 1])
    return Listing(items[:PAGE_SIZE], page, len(items) > PAGE_SIZE)
