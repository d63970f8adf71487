"""Saving text: `save_revision()` is the only way to change wording, fields, terms or featured image.

Editor, quick edit, restore, import and API all come here. Each save writes an immutable `post_revisions` row; while
the post is not live, its row in `posts` mirrors the newest revision.
"""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts.tenancy.context import current_tenant_id
from accounts.tenancy.hashing import content_hash
from compliance import checks
from compliance.enums import WorkflowStage
from compliance.errors import Refused, refusal_from
from compliance.models import WorkflowState
from compliance.policy import has_capability
from content.enums import ComplianceLevel, MedicalCategory, PostStatus
from content.markers import renumber
from content.models import Category, CustomField, Post, PostCategory, PostRevision
from content.rules import can_edit
from content.sanitize import clean_html, clean_text, is_costly
from content.services.reference_uses import keep_uses

TEXT_FIELDS = (
    "title",
    "slug",
    "content",
    "excerpt",
    "medical_disclaimer",
    "meta_description",
    "meta_keywords",
    "compliance_level",
    "medical_category",
)
# Columns that a post shares with its revisions.
MIRRORED = (*TEXT_FIELDS, "author_id", "requires_crm_validation", "category_id")
# Addresses that answer before `/<slug>/` does, and WordPress's own.
RESERVED_SLUGS = frozenset(
    [
        "admin",
        "author",
        "category",
        "comments",
        "embed",
        "entrar",
        "feed",
        "health",
        "i18n",
        "media",
        "page",
        "perfil",
        "plataforma",
        "sair",
        "search",
        "static",
        "tag",
        "verificacao",
        "wp-admin",
        "wp-content",
        "wp-includes",
        "wp-json",
        "wp-login",
        "wp-sitemap",
        "xmlrpc",
    ]
)
MOST_REFERENCES = 1_000
LEVEL_ORDER = [level.value for level in ComplianceLevel]


def lock_post(post_id: uuid.UUID) -> Post:
    """The post, locked until the transaction ends (SQLite: the whole database is). Posts are locked before runs."""
    queryset = Post.objects.filter(pk=post_id)
    if connection.features.has_select_for_update_of:
        queryset = queryset.select_for_update(of=("self",), no_key=True)
    post = queryset.first()
    if post is None:
        raise Refused("not_found")
    return post


def newest_revision(post: Post) -> PostRevision | None:
    """The revision with the highest number."""
    return PostRevision.objects.filter(post=post).order_by("-number").first()


def open_run(post: Post) -> WorkflowState | None:
    """The run that has not ended in an approval; at most one (unique key)."""
    return WorkflowState.objects.filter(content_id=post.pk).exclude(current_stage=WorkflowStage.APPROVED).first()


def create_post(*, actor: Any, changes: dict[str, Any], post_type: str = "post") -> Post:
    """A new draft with its first revision. Raises Refused ('own' where the role writes nothing)."""
    try:
        with transaction.atomic():
            return _create_post(actor=actor, changes=changes, post_type=post_type)
    except DatabaseError as error:
        raise (refusal_from(error) or error) from error


def _create_post(*, actor: Any, changes: dict[str, Any], post_type: str) -> Post:
    if not has_capability(actor, "post.write_own"):
        raise Refused("own")
    author_id = changes.get("author_id") or actor.pk
    title = clean_text(changes.get("title"))[:255]
    slug = _clean_slug(changes.get("slug")) or _free_slug(title)
    post = Post(title=title, slug=slug, post_type=post_type, author_id=author_id, status=PostStatus.DRAFT)
    _refuse_taken_slug(post, slug)
    post.save(force_insert=True)
    save_revision(post, actor=actor, changes={**changes, "slug": slug, "title": title, "author_id": author_id})
    return post


def save_revision(post: Post, *, actor: Any, changes: dict[str, Any], summary: str = "") -> PostRevision:
    """Merge `changes` over the newest revision and file the result; the same wording again files nothing.

    Keys of `changes` are fields of PostRevision; HTML is sanitised here. Raises Refused when the actor may not edit
    the text, when it is frozen in review, or when its permalink is taken.
    """
    try:
        with transaction.atomic():
            return _save_revision(lock_post(post.pk), actor=actor, changes=changes, summary=summary, caller=post)
    except DatabaseError as error:
        raise (refusal_from(error) or error) from error


def _save_revision(post: Post, *, actor: Any, changes: dict[str, Any], summary: str, caller: Post) -> PostRevision:
    newest = newest_revision(post)
    run = open_run(post)
    _refuse_edit(post, run, actor)
    values = _merged(post, newest, changes, actor)
    _refuse_taken_slug(post, values["slug"])
    digest = hash_of(values)
    if newest is not None and newest.content_hash == digest:
        return newest
    revision = PostRevision(
        post=post,
        number=newest.number + 1 if newest else 1,
        content_hash=digest,
        saved_by_id=actor.pk,
        summary=clean_text(summary)[:255],
        **values,
    )
    revision.save(force_insert=True)
    keep_uses(post, revision.scientific_references, live=False)
    if not post.is_live:
        mirror(post, revision)
    _bind_run(post, run, revision)
    for field in (*MIRRORED, "updated_at"):
        setattr(caller, field, getattr(post, field))
    return revision


def _refuse_edit(post: Post, run: WorkflowState | None, actor: Any) -> None:
    if post.deleted_at is not None:
        raise Refused("trashed")
    if not can_edit(actor, post):
        raise Refused("own")
    if run and run.current_stage != WorkflowStage.DRAFT and not has_capability(actor, "post.edit_others"):
        raise Refused("frozen")


def _merged(post: Post, newest: PostRevision | None, changes: dict[str, Any], actor: Any) -> dict[str, Any]:
    """The full set of hashed values: the newest revision's, overlaid by the cleaned changes."""
    values = values_of(newest) if newest else {"author_id": post.author_id, "title": "", "slug": post.slug}
    for name in TEXT_FIELDS:
        if name in changes:
            values[name] = _clean(name, changes[name])
    values.setdefault("content", "")
    values["slug"] = values["slug"] or _free_slug(values["title"])
    for name in ("author_id", "category_id"):
        if name in changes:
            values[name] = uuid.UUID(str(changes[name])) if changes[name] else None
    values["author_id"] = values["author_id"] or post.author_id
    terms = {str(uuid.UUID(str(term))) for term in changes.get("category_ids", values.get("category_ids", []))}
    if values.get("category_id"):
        terms.add(str(values["category_id"]))
    values["category_ids"] = sorted(terms)
    if "custom_fields" in changes:
        fields = {clean_text(key)[:100]: clean_text(text) for key, text in changes["custom_fields"].items()}
        values["custom_fields"] = {key: text for key, text in fields.items() if key}
    if "scientific_references" in changes:
        references = (clean_text(str(reference)) for reference in changes["scientific_references"])
        values["scientific_references"] = list(dict.fromkeys(filter(None, references)))
    if "content" in changes or "scientific_references" in changes:
        values["content"], values["scientific_references"] = renumber(
            values["content"], values.get("scientific_references", [])
        )
        if len(values["scientific_references"]) > MOST_REFERENCES:
            raise Refused("references_many", number=MOST_REFERENCES)
    if "media_ids" in changes:
        values["media_ids"] = sorted({str(uuid.UUID(str(item))) for item in changes["media_ids"]})
    _keep_level(values, newest, actor)
    values["requires_crm_validation"] = _needs_professional(values, changes, newest, actor)
    return values


def values_of(revision: PostRevision) -> dict[str, Any]:
    """Everything of a revision that its hash covers, by name."""
    names = (*MIRRORED, "category_ids", "custom_fields", "scientific_references", "media_ids")
    return {name: getattr(revision, name) for name in names}


def _clean(name: str, value: Any) -> str | None:
    if name == "content":
        if is_costly(value):
            raise Refused("costly")
        return clean_html(value)
    if name == "slug":
        return _clean_slug(value)
    text = clean_text(value)
    limit = {"title": 255, "meta_description": 160, "meta_keywords": 255}.get(name)
    text = text[:limit] if limit else text
    return (text or None) if name in ("compliance_level", "medical_category") else text


def _clean_slug(value: Any) -> str:
    return slugify(clean_text(value))[:255].strip("-")


def _free_slug(title: str) -> str:
    """Permalink from the title, numbered as WordPress does; without a title `rascunho-<8 hex>`."""
    base = slugify(title)[:240].strip("-")
    if not base:
        return f"rascunho-{secrets.token_hex(4)}"
    taken = RESERVED_SLUGS | set(Post.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


def _refuse_taken_slug(post: Post, slug: str) -> None:
    if slug in RESERVED_SLUGS or Post.objects.filter(slug=slug).exclude(pk=post.pk).exists():
        raise Refused("slug", slug=slug, suggestion=_free_slug(slug))


def _keep_level(values: dict[str, Any], newest: PostRevision | None, actor: Any) -> None:
    """A level is lowered by the compliance officer only (domain rules 4.2)."""
    before, after = (newest.compliance_level if newest else None), values.get("compliance_level")
    if before is None or before == after or has_capability(actor, "post.lower_level"):
        return
    if after is None or LEVEL_ORDER.index(after) < LEVEL_ORDER.index(before):
        values["compliance_level"] = before


def _needs_professional(
    values: dict[str, Any], changes: dict[str, Any], newest: PostRevision | None, actor: Any
) -> bool:
    """`requires_crm_validation` (domain rules 4.4): set by classification, cleared by the compliance officer only."""
    if changes.get("requires_crm_validation") is False and has_capability(actor, "post.clear_crm"):
        return False
    category, level = values.get("medical_category"), values.get("compliance_level")
    by_class = category not in (None, "", MedicalCategory.PREVENTION) or level in ("professional", "restricted", "phi")
    waived = (
        newest is not None
        and not newest.requires_crm_validation
        and (newest.medical_category, newest.compliance_level) == (category, level)
    )
    by_term = Category.objects.filter(pk__in=values["category_ids"], crm_validation_required=True).exists()
    return (by_class and not waived) or by_term or bool(changes.get("requires_crm_validation"))


def hash_of(values: dict[str, Any]) -> str:
    """The content hash of a revision's values; PostgreSQL's trigger computes the same again."""
    scalars = {**values, "disclaimer": values.get("medical_disclaimer")}
    return content_hash(
        scalars,
        terms=values.get("category_ids", []),
        fields=values.get("custom_fields", {}),
        references=values.get("scientific_references", []),
        media=values.get("media_ids", []),
    )


def mirror(post: Post, revision: PostRevision) -> None:
    """Make the (not live) post, its fields and its terms equal to the revision."""
    for name in MIRRORED:
        setattr(post, name, getattr(revision, name))
    post.save(update_fields=[*MIRRORED, "updated_at"])
    sync_children(post, revision)


def sync_children(post: Post, revision: PostRevision) -> None:
    """Custom fields and terms as the revision has them; rows that are right already are left alone."""
    wanted = dict(revision.custom_fields)
    for field in CustomField.objects.filter(post=post):
        if field.meta_key not in wanted:
            field.delete()
        elif field.meta_value != (value := wanted.pop(field.meta_key)):
            field.meta_value = value
            field.save(update_fields=["meta_value", "updated_at"])
    order = {key: position for position, key in enumerate(revision.custom_fields)}
    CustomField.objects.bulk_create(
        CustomField(post=post, meta_key=key, meta_value=value, field_order=order[key]) for key, value in wanted.items()
    )
    terms = {uuid.UUID(term) for term in revision.category_ids}
    have = set(PostCategory.objects.filter(post=post).values_list("category_id", flat=True))
    if have - terms:
        PostCategory.objects.filter(post=post, category_id__in=have - terms).delete()
    PostCategory.objects.bulk_create(PostCategory(post=post, category_id=term) for term in sorted(terms - have))


def _bind_run(post: Post, run: WorkflowState | None, revision: PostRevision) -> None:
    """The open run is about the newest wording; a changed text in review returns to S.2.1 (domain rules 1 b)."""
    if run is None:
        WorkflowState(
            tenant_id=current_tenant_id(),
            content_id=post.pk,
            current_stage=WorkflowStage.DRAFT,
            revision_id=revision.pk,
            content_hash=revision.content_hash,
            scientific_references=revision.scientific_references,
            compliance_validations=checks.pending_checks(),
        ).save(force_insert=True)
        return
    if run.current_stage not in (WorkflowStage.DRAFT, WorkflowStage.PRIVACY):
        run.current_stage = WorkflowStage.PRIVACY
    run.revision_id = revision.pk
    run.content_hash = revision.content_hash
    run.scientific_references = revision.scientific_references
    run.compliance_validations = checks.stale(run.compliance_validations or {})
    run.updated_at = timezone.now()
    run.save()
