"""Revisions of a text: list, compare, restore. A restored wording becomes a new revision."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from compliance.enums import ApprovalAction
from compliance.errors import Refused
from compliance.models import Approval
from content import admin_queries as queries
from content import diff
from content.enums import ComplianceLevel, MedicalCategory
from content.forms import plain_number
from content.models import Category, Post, PostRevision
from content.rules import can_edit
from content.services import recheck, revisions
from content.views.fetch import ReasonNeeded, check_versions, deny, readable_post
from content.views.preview import ask_reason

SHOWN = 200  # newest revisions in the list
RESTORED = (
    "title",
    "content",
    "excerpt",
    "medical_disclaimer",
    "meta_description",
    "meta_keywords",
    "author_id",
    "compliance_level",
    "medical_category",
    "category_id",
    "category_ids",
    "custom_fields",
    "scientific_references",
    "media_ids",
)
LABELS = {
    "title": gettext_lazy("Title"),
    "slug": gettext_lazy("Permalink"),
    "excerpt": gettext_lazy("Excerpt"),
    "medical_disclaimer": gettext_lazy("Disclaimer"),
    "meta_description": gettext_lazy("Meta description"),
    "meta_keywords": gettext_lazy("Keywords"),
    "author_id": gettext_lazy("Author"),
    "compliance_level": gettext_lazy("Compliance level"),
    "medical_category": gettext_lazy("Medical category"),
    "requires_crm_validation": gettext_lazy("Requires a validated professional"),
    "category_id": gettext_lazy("Primary category"),
    "category_ids": gettext_lazy("Categories"),
    "scientific_references": gettext_lazy("References"),
    "media_ids": gettext_lazy("Media"),
}


@require_safe
def history(request: HttpRequest, post_type: str, post_id: uuid.UUID) -> HttpResponse:
    """All revisions, newest first, with who saved them and which are signed."""
    try:
        post, run = readable_post(request, post_type, post_id)
    except ReasonNeeded as needed:
        return ask_reason(request, needed.post)
    found = list(PostRevision.objects.filter(post=post).defer("content", "excerpt", "medical_disclaimer")[:SHOWN])
    names = _names({revision.saved_by_id for revision in found})
    signed = _signed_hashes(post)
    rows = [
        {
            "revision": revision,
            "who": names.get(revision.saved_by_id, "—"),
            "signed": revision.content_hash in signed,
            "live": revision.pk == post.published_revision_id,
            "newest": index == 0,
            "previous": found[index + 1].number if index + 1 < len(found) else None,
            "restore_url": _restore_url(post, revision) if index and can_edit(request.user, post) else "",
        }
        for index, revision in enumerate(found)
    ]
    context = {
        **_frame(request, post, _("Revisions")),
        "rows": rows,
        "run": run,
        "compare_url": queries.post_url(post, "compare"),
    }
    return _private(render(request, "admin/content/post/history.html", context))


@require_safe
def compare(request: HttpRequest, post_type: str, post_id: uuid.UUID) -> HttpResponse:
    """Two revisions side by side: the text block by block, then every field that differs."""
    try:
        post, run = readable_post(request, post_type, post_id)
        old, new = _chosen(post, request)
        check_versions(request, post, run, [old, new])
    except ReasonNeeded as needed:
        return ask_reason(request, needed.post)
    names = _names({old.saved_by_id, new.saved_by_id})
    rows = diff.compare_html(old.content, new.content)
    context = {
        **_frame(request, post, _("Compare revisions")),
        "old": old,
        "new": new,
        "old_by": names.get(old.saved_by_id, "—"),
        "new_by": names.get(new.saved_by_id, "—"),
        "rows": rows,
        "changed": [row for row in rows if row.kind != "same"],
        "fields": _changed_fields(old, new),
        "restore_url": _restore_url(post, old) if can_edit(request.user, post) else "",
        "history_url": queries.post_url(post, "history"),
        "numbers": list(PostRevision.objects.filter(post=post).values_list("number", flat=True)[:SHOWN]),
        "compare_url": queries.post_url(post, "compare"),
    }
    return _private(render(request, "admin/content/post/compare.html", context))


@require_POST
def restore(request: HttpRequest, post_type: str, post_id: uuid.UUID, number: int) -> HttpResponse:
    """Save the wording of an old revision again. It is a change like any other: it needs its own approval."""
    try:
        post, run = readable_post(request, post_type, post_id)
        if not can_edit(request.user, post):
            deny(request, post, "restore")
        revision = PostRevision.objects.filter(post=post, number=number).first()
        if revision is None:
            raise Http404
        check_versions(request, post, run, [revision])
    except ReasonNeeded as needed:
        return ask_reason(request, needed.post)
    values = {name: getattr(revision, name) for name in RESTORED}
    summary = _("Restored revision %(number)s") % {"number": number}
    try:
        revisions.save_revision(post, actor=request.user, changes=values, summary=summary)
        recheck.assess_later(post)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(queries.post_url(post, "history"))
    messages.success(request, _("Revision %(number)s was restored as a new revision.") % {"number": number})
    return redirect(queries.post_url(post, "change"))


def _chosen(post: Post, request: HttpRequest) -> tuple[PostRevision, PostRevision]:
    """The two revisions of the address, the older one first; by default the newest and the one before."""
    numbers = [plain_number(request.GET.get(name, "")) for name in ("old", "new")]
    if None in numbers:
        numbers = list(PostRevision.objects.filter(post=post).values_list("number", flat=True)[:2])
    found = {each.number: each for each in PostRevision.objects.filter(post=post, number__in=numbers)}
    if not numbers or set(numbers) - set(found):
        raise Http404
    return found[min(numbers)], found[max(numbers)]


def _changed_fields(old: PostRevision, new: PostRevision) -> list[dict[str, Any]]:
    """Fields that differ, as readable text."""
    categories = {}
    if old.category_ids != new.category_ids or old.category_id != new.category_id:
        ids = {*old.category_ids, *new.category_ids, str(old.category_id), str(new.category_id)} - {"None"}
        categories = {str(category.pk): category.name for category in Category.objects.filter(pk__in=ids)}
    people = _names({old.author_id, new.author_id}) if old.author_id != new.author_id else {}
    changed = []
    for name, label in LABELS.items():
        before, after = (_readable(name, getattr(each, name), categories, people) for each in (old, new))
        if before != after:
            changed.append({"label": label, "rows": diff.compare_text(before, after)})
    for key in sorted({*old.custom_fields, *new.custom_fields}):
        before, after = old.custom_fields.get(key, ""), new.custom_fields.get(key, "")
        if before != after:
            changed.append({"label": key, "rows": diff.compare_text(before, after)})
    return changed


def _readable(name: str, value: Any, categories: dict[str, str], people: dict[uuid.UUID, str]) -> str:
    if name == "author_id":
        return people.get(value, str(value))
    if name == "category_id":
        return categories.get(str(value), "") if value else ""
    if name == "category_ids":
        return "\n".join(sorted(categories.get(str(term), str(term)) for term in value))
    if name == "compliance_level" and value in ComplianceLevel.values:
        return str(ComplianceLevel(value).label)
    if name == "medical_category" and value in MedicalCategory.values:
        return str(MedicalCategory(value).label)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "\n".join(str(item) for item in value) if isinstance(value, list) else str(value or "")


def _names(ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Display names, for people of this tenant: one query."""
    people = User.objects.select_related("profile").filter(pk__in=ids)
    return {user.pk: user.display_name for user in people}


def _signed_hashes(post: Post) -> set[str]:
    """Hashes that carry a signature since the last withdrawal."""
    rows = Approval.objects.filter(content_id=post.pk).order_by("sequence").values_list("action", "content_hash")
    signed: set[str] = set()
    for action, content_hash in rows:
        if action == ApprovalAction.WITHDRAW:
            signed.clear()
        else:
            signed.add(content_hash)
    return signed


def _frame(request: HttpRequest, post: Post, title: str) -> dict[str, Any]:
    return {
        **admin.site.each_context(request),
        "title": title,
        "subtitle": str(post),
        "post": post,
        "edit_url": queries.post_url(post, "change") if can_edit(request.user, post) else "",
        "preview_url": queries.post_url(post, "preview"),
    }


def _restore_url(post: Post, revision: PostRevision) -> str:
    return reverse(f"admin:content_{post.post_type}_revert", args=[post.pk, revision.number])


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response
