"""Reads. Lists select what they show, never a body, and ask for one row too many instead of counting."""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from accounts.models import UserProfile
from accounts.tenancy.context import current_tenant_id
from content.enums import ComplianceLevel
from content.models import PublishedPage

# --- The public site -------------------------------------------------------------------------------------------------

PAGE_SIZE = 10
LAST_PAGE = 5_000  # an OFFSET beyond is nobody's reading
UUIDS = ("post_id", "author_id", "category_id")
TIMES = ("published_at", "reviewed_at", "updated_at")
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
)
LIST_DETAILS = {
    "author_name": "author,name",
    "reviewer_name": "reviewers,0,name",
    "reading_minutes": "reading_minutes",
}
IN_CATEGORIES = """EXISTS (SELECT 1 FROM post_categories t
    WHERE t.post_id = p.post_id AND t.tenant_id = p.tenant_id AND t.category_id IN ({}))"""
STICKY_FIRST = "p.sticky DESC, p.published_at DESC, p.id DESC"
NEWEST_FIRST = "p.published_at DESC, p.id DESC"


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

    Written out, as the lists are: the ORM takes longer to build such a statement than the database to answer it.
    """
    found = _rows(ARTICLE_SQL, [slug, _key(current_tenant_id())], ARTICLE_COLUMNS)
    if not found:
        return None
    return found[0] | {"details": json.loads(found[0]["details"])}


def latest_posts(page: int) -> Listing:
    """The home page: sticky first, then newest."""
    return _listing(page, order=STICKY_FIRST)


def posts_in_categories(ids: Iterable[uuid.UUID], page: int) -> Listing:
    """Posts with any of these terms, newest first."""
    return _listing(page, *_in_categories(ids))


def posts_by_author(user_id: uuid.UUID, page: int) -> Listing:
    """Posts of one author, newest first."""
    return _listing(page, "p.author_id = %s", [_key(user_id)])


def feed_posts(ids: Iterable[uuid.UUID] | None = None, limit: int = 20) -> list[dict[str, Any]]:
    """The newest posts, of the site or of some categories."""
    condition, params = _in_categories(ids) if ids is not None else ("", [])
    return _listed(condition, params, limit=limit)


def _in_categories(ids: Iterable[uuid.UUID]) -> tuple[str, list[Any]]:
    keys = [_key(each) for each in ids]
    return IN_CATEGORIES.format(", ".join(["%s"] * len(keys))), keys


def _listing(page: int, condition: str = "", params: list[Any] | None = None, order: str = NEWEST_FIRST) -> Listing:
    first = (page - 1) * PAGE_SIZE
    items = _listed(condition, params or [], order=order, limit=PAGE_SIZE + 1, offset=first)
    return Listing(items[:PAGE_SIZE], page, len(items) > PAGE_SIZE)


def _listed(
    condition: str, params: list[Any], *, order: str = NEWEST_FIRST, limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    """Posts (no pages) of the levels that are listed: restricted and PHI are in no list, whoever asks.

    `condition` and `order` are constants of this module.
    """
    if connection.vendor == "postgresql":
        details = [f"p.details #>> '{{{path}}}'" for path in LIST_DETAILS.values()]
    else:
        details = [f"json_extract(p.details, '{_sqlite_path(path)}')" for path in LIST_DETAILS.values()]
    sql = f"""
        SELECT {", ".join([*(f"p.{column}" for column in LIST_COLUMNS), *details])}
        FROM published_pages p JOIN posts o ON o.id = p.post_id
        WHERE p.tenant_id = %s AND p.compliance_level IN ('public', 'professional') AND o.post_type = 'post'
            {f"AND {condition}" if condition else ""}
        ORDER BY {order} LIMIT {int(limit)} OFFSET {int(offset)}
    """  # noqa: S608 - values are parameters
    return _rows(sql, [_key(current_tenant_id()), *params], (*LIST_COLUMNS, *LIST_DETAILS))


def _sqlite_path(path: str) -> str:
    return "$" + "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in path.split(","))


def _key(value: uuid.UUID) -> Any:
    """A UUID as the database stores it."""
    return value if connection.features.has_native_uuid_field else value.hex


def _rows(sql: str, params: list[Any], names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows by name. SQLite knows neither UUIDs nor time zones."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if connection.vendor == "sqlite":
        for row in rows:
            row |= {name: uuid.UUID(row[name]) for name in UUIDS if row.get(name)}
            row |= {name: row[name].replace(tzinfo=UTC) for name in TIMES if row.get(name)}
    return rows


def author_profile(slug: str) -> UserProfile | None:
    """The person behind an author page."""
    return UserProfile.objects.select_related("user").filter(slug=slug).first()


def sitemap_entries(part: int, size: int) -> list[tuple[str, datetime]]:
    """Address and last change of public pages, oldest first, so that a full part stays as it is."""
    pages = PublishedPage.objects.filter(compliance_level=ComplianceLevel.PUBLIC.value).order_by("published_at", "id")
    return list(pages.values_list("slug", "updated_at")[(part - 1) * size : part * size])


def sitemap_count() -> int:
    """How many public pages there are: an index-only count, asked for by the sitemap alone."""
    return PublishedPage.objects.filter(compliance_level=ComplianceLevel.PUBLIC.value).count()
