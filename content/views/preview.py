"""The working copy as the site would show it, for staff only: never indexed, never stored."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from compliance.errors import Refused
from content import admin_queries as queries
from content.menu import menu_of
from content.models import Category, Post, PostRevision
from content.queries_references import entries
from content.rules import can_edit
from content.sanitize import headings
from content.services import revisions
from content.views.fetch import ReasonNeeded, find_post, readable_post, remember_reason

WORDS_PER_MINUTE = 200
SHORTEST_REASON = 10
NO_STORE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}


@require_safe
def preview(request: HttpRequest, post_type: str, post_id: uuid.UUID) -> HttpResponse:
    """The newest revision in the public template."""
    try:
        post, run = readable_post(request, post_type, post_id)
    except ReasonNeeded as needed:
        return ask_reason(request, needed.post)
    revision = revisions.newest_revision(post)
    if revision is None:
        raise Http404
    context = {
        **_article(request, post, revision),
        "preview": True,
        "indexed": False,
        "edit_url": queries.post_url(post, "change") if can_edit(request.user, post) else "",
        "history_url": queries.post_url(post, "history"),
        "post": post,
        "revision": revision,
        "run": run,
    }
    response = render(request, "admin/content/post/preview.html", context)
    for name, value in NO_STORE.items():
        response.headers[name] = value
    return response


def _article(request: HttpRequest, post: Post, revision: PostRevision) -> dict[str, Any]:
    """What `site/article.html` reads, filled from the revision instead of the published page."""
    categories = Category.objects.filter(pk__in=revision.category_ids).order_by("level", "name")
    people = {user.pk: user for user in User.objects.select_related("profile").filter(pk=revision.author_id)}
    toc = [{"id": anchor, "text": text} for anchor, text in headings(revision.content)]
    menu = menu_of(request.site)
    node = menu.by_id.get(revision.category_id)
    page = {name: getattr(revision, name) for name in _SHARED}
    page |= {
        "post_id": post.pk,
        "published_at": post.published_at or timezone.now(),
        "updated_at": revision.created_at,
        "reviewed_at": None,
        "etag": "",
        "details": {
            "author": _person(people.get(revision.author_id)),
            "reviewers": [],
            "categories": [{"name": term.name, "slug": term.slug} for term in categories],
            "references": entries(revision.scientific_references),
            "reading_minutes": max(1, round(len((revision.content or "").split()) / WORDS_PER_MINUTE)),
            "toc": toc,
        },
    }
    return {
        "page": page,
        "details": page["details"],
        "reviewers": [],
        "trail": node.trail if node else [],
        "canonical": "",
        "teaser": False,
        "toc": toc if len(toc) >= 3 else [],
        "structured": None,
    }


_SHARED = (
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
)


def _person(user: User | None) -> dict[str, str]:
    """As `published_pages.details` describes people."""
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


# --- Texts with patient data -----------------------------------------------------------------------------------------


def ask_reason(request: HttpRequest, post: Post, error: str = "") -> HttpResponse:
    """The form shows nothing of the text: titles can name patients."""
    context = {
        **admin.site.each_context(request),
        "title": _("Reason for opening"),
        "action": queries.post_url(post, "reason"),
        "next": request.POST.get("next") or request.get_full_path(),
        "error": error,
    }
    response = render(request, "admin/content/post/reason.html", context, status=422 if error else 403)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def give_reason(request: HttpRequest, post_type: str, post_id: uuid.UUID) -> HttpResponse:
    """Remember why the text is opened, then open it. Whether the person may is asked again there."""
    post = find_post(request, post_type, post_id)
    reason = request.POST.get("reason", "").strip()
    if len(reason) < SHORTEST_REASON:
        return ask_reason(request, post, str(Refused("statement")))
    remember_reason(request, post, reason)
    wanted = request.POST.get("next", "")
    allowed = {queries.post_url(post, name) for name in ("change", "preview", "history")}
    return redirect(wanted if wanted in allowed else queries.post_url(post, "preview"))
