"""Going live and leaving it. `publish_revision()` is the only way to change a live row; the database checks it."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Tenant, User
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance.enums import ApprovalAction
from compliance.errors import Refused, refusal_from
from compliance.models import Approval
from content.enums import PostStatus
from content.models import Category, Post, PostCategory, PostRevision, PublishedPage
from content.public_claims import validated_claims
from content.queries_references import entries
from content.review_dates import FIELD
from content.rules import can_publish, can_trash
from content.sanitize import headings
from content.services.reference_uses import keep_uses
from content.services.revisions import MIRRORED, lock_post, newest_revision, sync_children

logger = logging.getLogger(__name__)
WORDS_PER_MINUTE = 200


@contextmanager
def refusals() -> Iterator[None]:
    """One transaction; what the database refuses comes out as Refused and leaves nothing behind."""
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        raise (refusal_from(error) or error) from error


def publish_revision(
    post: Post, *, actor: Any, scheduled_at: datetime | None = None, published_at: datetime | None = None
) -> Post:
    """Make the newest revision live, now or at `scheduled_at` (aware). Raises Refused ('HC001' when unapproved).

    `published_at` overrides the date shown (imports and demo data); an article keeps its first date otherwise.
    """
    with refusals():
        locked = lock_post(post.pk)
        if not can_publish(actor, locked):
            raise Refused("role")
        if locked.deleted_at is not None:
            raise Refused("trashed")
        revision = newest_revision(locked)
        if revision is None:
            raise Refused("HC001")
        if scheduled_at and scheduled_at > timezone.now():
            if locked.status == PostStatus.PUBLISHED:
                raise Refused("live_schedule")
            _go_live(locked, revision, PostStatus.SCHEDULED, scheduled_at=scheduled_at)
        else:
            _go_live(locked, revision, PostStatus.PUBLISHED, published_at=published_at)
    post.refresh_from_db()
    return post


def _go_live(
    post: Post,
    revision: PostRevision,
    status: PostStatus,
    *,
    scheduled_at: datetime | None = None,
    published_at: datetime | None = None,
) -> None:
    before = _counted_terms(post)
    if post.is_live:
        # Fields and terms of a live post stand still, so the post leaves and returns within this transaction.
        Post.objects.filter(pk=post.pk).update(status=PostStatus.PENDING, published_revision_id=None)
    sync_children(post, revision)
    for name in MIRRORED:
        setattr(post, name, getattr(revision, name))
    post.status = status
    post.published_revision_id = revision.pk
    post.scheduled_at = scheduled_at
    if status == PostStatus.PUBLISHED:
        post.published_at = published_at or post.published_at or timezone.now()
    post.version = (post.version or 0) + 1
    post.save(
        update_fields=[
            *MIRRORED,
            "status",
            "published_revision_id",
            "scheduled_at",
            "published_at",
            "version",
            "updated_at",
        ]
    )
    keep_uses(post, revision.scientific_references, live=True)
    if status == PostStatus.PUBLISHED:
        rebuild_page(post)
    _count(before, _counted_terms(post))


def unpublish(post: Post, *, actor: Any) -> Post:
    """Take a live text off the site without withdrawing its approval; it becomes a draft again."""
    with refusals():
        locked = lock_post(post.pk)
        if not can_publish(actor, locked):
            raise Refused("role")
        _leave(locked, status=PostStatus.DRAFT)
    post.refresh_from_db()
    return post


def trash(post: Post, *, actor: Any) -> Post:
    """Move to the trash. The permalink is freed by `__trashed-<id>`, as WordPress does."""
    with refusals():
        locked = lock_post(post.pk)
        if not can_trash(actor, locked):
            raise Refused("own")
        if locked.deleted_at is None:
            suffix = f"__trashed-{locked.pk}"
            _leave(
                locked,
                status=PostStatus.DRAFT,
                slug=locked.slug[: 255 - len(suffix)] + suffix,
                deleted_at=timezone.now(),
            )
    post.refresh_from_db()
    return post


def restore(post: Post, *, actor: Any) -> Post:
    """Bring a text back from the trash, as a draft under its old permalink, or a numbered one where that is taken."""
    with refusals():
        locked = lock_post(post.pk)
        if not can_trash(actor, locked):
            raise Refused("own")
        if locked.deleted_at is not None:
            slug = locked.slug.partition("__trashed-")[0]
            if Post.objects.filter(slug=slug).exclude(pk=locked.pk).exists():
                slug = f"{slug[:240]}-{str(locked.pk)[:8]}"
            _leave(locked, status=PostStatus.DRAFT, slug=slug, deleted_at=None)
    post.refresh_from_db()
    return post


def _leave(post: Post, **values: Any) -> None:
    """Stop being live, with other columns in the same statement. The database removes the page."""
    before = _counted_terms(post)
    Post.objects.filter(pk=post.pk).update(
        **values, published_revision_id=None, scheduled_at=None, updated_at=timezone.now()
    )
    keep_uses(post, [], live=True)
    _count(before, set())


def _counted_terms(post: Post) -> set[UUID]:
    """The categories whose count includes this post."""
    status = Post.objects.filter(pk=post.pk).values_list("status", flat=True).first()
    if status != PostStatus.PUBLISHED:
        return set()
    return set(PostCategory.objects.filter(post=post).values_list("category_id", flat=True))


def _count(before: set[UUID], after: set[UUID]) -> None:
    """Adjust category counts, in the order of ids so that two transactions cannot wait for each other."""
    for category_id in sorted(before ^ after):
        step = 1 if category_id in after else -1
        Category.objects.filter(pk=category_id).update(count=F("count") + step)


def recount_after_withdrawal(before: set[UUID]) -> None:
    """Counts after `withdraw()` took a post off the site in the database."""
    _count(before, set())


def counted_terms(post: Post) -> set[UUID]:
    """Public name for services that take a post off the site themselves."""
    return _counted_terms(post)


def rebuild_page(post: Post) -> PublishedPage:
    """Write the row that visitors read. The database compares its text with the approved live row."""
    details = page_details(post)
    fingerprint = json.dumps(details, sort_keys=True, default=str)
    revision = PostRevision.objects.only("content_hash").get(pk=post.published_revision_id)
    signatures = [reviewer["at"] for reviewer in details["reviewers"]]
    values = {
        "revision_id": post.published_revision_id,
        "content_hash": revision.content_hash,
        "slug": post.slug,
        "compliance_level": post.compliance_level or "restricted",
        "medical_category": post.medical_category,
        "title": post.title,
        "excerpt": post.excerpt,
        "content": post.content,
        "medical_disclaimer": post.medical_disclaimer,
        "meta_description": post.meta_description,
        "author_id": post.author_id,
        "category_id": post.category_id,
        "details": details,
        "etag": hashlib.sha256(f"{revision.content_hash}{post.version}{fingerprint}".encode()).hexdigest()[:32],
        "sticky": post.sticky,
        "published_at": post.published_at,
        "reviewed_at": datetime.fromisoformat(max(signatures)) if signatures else None,
        "updated_at": timezone.now(),
    }
    page, _created = PublishedPage.objects.update_or_create(post=post, defaults=values)
    return page


def page_details(post: Post) -> dict[str, Any]:
    """What stands around the text, as JSON: people, terms, references, reading time, table of contents."""
    revision = PostRevision.objects.get(pk=post.published_revision_id) if post.published_revision_id else None
    hash_ = revision.content_hash if revision else ""
    signed = list(
        Approval.objects.filter(content_id=post.pk, content_hash=hash_, action=ApprovalAction.SIGN).order_by(
            "sequence"
        )
    )
    people = {
        user.pk: user
        for user in User.objects.select_related("profile").filter(
            pk__in=[post.author_id, *(approval.user_id for approval in signed)]
        )
    }
    terms = Category.objects.filter(post_categories__post=post).order_by("level", "name")
    words = len((post.content or "").split())
    return {
        "author": _person(people.get(post.author_id)),
        "reviewers": [
            {**_person(people.get(a.user_id)), "capacity": a.capacity, "at": a.created_at.isoformat()} for a in signed
        ],
        "categories": [{"name": term.name, "slug": term.slug} for term in terms],
        "references": entries(revision.scientific_references) if revision else [],
        "claims": validated_claims(post, revision) if revision else [],
        FIELD: revision.custom_fields.get(FIELD, "") if revision else "",
        "reading_minutes": max(1, round(words / WORDS_PER_MINUTE)),
        "toc": [{"id": anchor, "text": text} for anchor, text in headings(post.content)],
    }


def _person(user: User | None) -> dict[str, Any]:
    if user is None:
        return {"name": "", "slug": "", "registry": "", "type": "", "speciality": "", "bio": ""}
    profile = getattr(user, "profile", None)
    return {
        "name": user.display_name,
        "slug": profile.slug if profile else "",
        "registry": user.professional_registry or "",
        "type": user.professional_type or "",
        "speciality": user.speciality or "",
        "bio": profile.bio if profile else "",
    }


def publish_scheduled(*, now: datetime | None = None, tenant_id: UUID | None = None) -> int:
    """Publish what is due, tenant by tenant; returns how many. Safe to run twice, catches up after downtime."""
    ids = [tenant_id] if tenant_id else active_tenant_ids()
    return sum(_publish_due(each, now or timezone.now()) for each in ids)


def active_tenant_ids() -> list[UUID]:
    """Every active tenant's id, in the order of their slugs."""
    return list(active_tenant_ids_by_slug().values())


def active_tenant_ids_by_slug() -> dict[str, UUID]:
    """The directory as commands need it: slug → id."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT slug, id FROM active_tenant_ids()")
            return dict(cursor.fetchall())
    return dict(Tenant.objects.filter(is_active=True).order_by("slug").values_list("slug", "pk"))


def _publish_due(tenant_id: UUID, now: datetime) -> int:
    due = {"status": PostStatus.SCHEDULED, "scheduled_at__lte": now, "deleted_at__isnull": True}
    with tenant_context(tenant_id, actor=SYSTEM_UUID):
        ids = list(Post.objects.filter(**due).order_by("scheduled_at", "id").values_list("pk", flat=True)[:100])
    return sum(_publish_one(tenant_id, post_id, due) for post_id in ids)


def _publish_one(tenant_id: UUID, post_id: UUID, due: dict[str, Any]) -> int:
    """One post in a transaction of its own: one that is refused does not hold up the others."""
    try:
        with tenant_context(tenant_id, actor=SYSTEM_UUID, atomic=True):
            post = lock_post(post_id)
            if not Post.objects.filter(pk=post_id, **due).exists():
                return 0  # somebody else published or withdrew it meanwhile
            revision = PostRevision.objects.get(pk=post.published_revision_id)
            _go_live(post, revision, PostStatus.PUBLISHED)
            return 1
    except (DatabaseError, Refused) as error:
        logger.warning("Scheduled post %s was not published: %s", post_id, error)
        return 0
