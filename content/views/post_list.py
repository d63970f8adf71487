"""The list of posts or pages: tabs, search, filters, row and bulk actions."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from compliance.enums import WorkflowStage
from compliance.errors import Refused
from compliance.policy import has_capability
from content import admin_queries as queries
from content.enums import PostStatus, PostType
from content.forms import BulkForm, ListFilterForm
from content.models import Post
from content.rules import can_edit, can_publish, can_trash
from content.services import publishing
from content.views.fetch import deny, find_post, need, trashable_post

PER_PAGE = 20


def _titles(post_type: str) -> dict[str, str]:
    if post_type == PostType.PAGE:
        return {"title": _("Pages"), "add_label": _("Add new page"), "search_label": _("Search pages")}
    return {"title": _("Posts"), "add_label": _("Add new post"), "search_label": _("Search posts")}


@require_safe
def post_list(request: HttpRequest, post_type: str) -> HttpResponse:
    """One page of the list; unknown tabs, orders and pages fall back to the first."""
    need(request, "admin.enter")
    actor = request.user
    posts = queries.visible_posts(actor).filter(post_type=post_type)
    counts = queries.tab_counts(posts, actor)
    tabs = queries.tabs(actor)
    tab = next((each for each in tabs if each.key == request.GET.get("tab")), tabs[0])
    categories = queries.category_tree()
    form = ListFilterForm(request.GET, months=queries.months_since(counts["first"]), categories=categories)
    filters = form.values()
    order = request.GET.get("o", "-date")
    order = order if order in queries.ORDERS else "-date"
    rows = queries.list_rows(queries.filtered(posts.filter(tab.condition), filters, actor), order)
    paginator = Paginator(rows, PER_PAGE)
    if not filters:
        paginator.count = counts[tab.key]  # counted already
    page = paginator.get_page(request.GET.get("p"))
    context = {
        **admin.site.each_context(request),
        **_titles(post_type),
        "post_type": post_type,
        "tabs": [
            {"tab": each, "count": counts[each.key], "query": urlencode({"tab": each.key})}
            for each in tabs
            if counts[each.key] or each.key in ("all", tab.key)
        ],
        "tab": tab,
        "form": form,
        "filtered": bool(filters),
        "page": page,
        "page_links": _page_links(page, {"tab": tab.key, "o": order, **filters}),
        "rows": _rows(list(page.object_list), actor),
        "sorts": _sorts(order, {"tab": tab.key, **filters}),
        "order": order,
        "in_trash": tab.key == "trash",
        "can_bulk_publish": has_capability(actor, "post.publish_own"),
        "undo": _undo_ids(request),
        "list_url": queries.list_url(post_type),
        "here": request.get_full_path(),
    }
    return render(request, "admin/content/post/list.html", context)


def _rows(posts: list[Post], actor: Any) -> list[dict[str, Any]]:
    """What the template shows of each post; one query for the stages."""
    stages = queries.stages_of([post.pk for post in posts])
    return [_row(post, stages.get(post.pk), actor) for post in posts]


def _row(post: Post, stage: str | None, actor: Any) -> dict[str, Any]:
    trashed = post.deleted_at is not None
    editable = not trashed and can_edit(actor, post)
    changed = post.is_live and post.newest_revision_id != post.published_revision_id
    in_review = stage not in (None, WorkflowStage.DRAFT, WorkflowStage.APPROVED)
    return {
        "post": post,
        "title": queries.shown_title(post, actor),
        "edit_url": queries.post_url(post, "change") if editable else "",
        "preview_url": queries.post_url(post, "preview"),
        "history_url": queries.post_url(post, "history"),
        "review_url": queries.review_url(post) if in_review and has_capability(actor, "review.desk") else "",
        "public_url": f"/{post.slug}/" if post.status == PostStatus.PUBLISHED and not trashed else "",
        "trash_url": queries.post_url(post, "delete") if not trashed and can_trash(actor, post) else "",
        "restore_url": queries.post_url(post, "restore") if trashed and can_trash(actor, post) else "",
        "stage": WorkflowStage(stage).label if stage and (in_review or stage == WorkflowStage.APPROVED) else "",
        "stage_code": stage if in_review else "",
        "working_copy": changed,
        "date": post.scheduled_at if post.status == PostStatus.SCHEDULED else post.published_at or post.updated_at,
        "date_label": _date_label(post),
    }


def _date_label(post: Post) -> str:
    if post.status == PostStatus.SCHEDULED:
        return _("Scheduled for")
    return _("Published") if post.published_at and post.status == PostStatus.PUBLISHED else _("Last changed")


def _sorts(order: str, query: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Address and `aria-sort` of each sortable column; a second click turns the order round."""
    sorts = {}
    for column, first in (("title", "title"), ("date", "-date")):
        current = order.lstrip("-") == column
        turned = order.removeprefix("-") if order.startswith("-") else f"-{order}"
        direction = ("descending" if order.startswith("-") else "ascending") if current else "none"
        sorts[column] = {"query": urlencode({**query, "o": turned if current else first}), "aria": direction}
    return sorts


def _page_links(page: Any, query: dict[str, Any]) -> dict[str, str]:
    """Queries of the first, previous, next and last page, where there are such."""
    numbers = {}
    if page.has_previous():
        numbers |= {"first": 1, "previous": page.previous_page_number()}
    if page.has_next():
        numbers |= {"next": page.next_page_number(), "last": page.paginator.num_pages}
    return {name: urlencode({**query, "p": number}) for name, number in numbers.items()}


def _undo_ids(request: HttpRequest) -> list[str]:
    """Ids just moved to the trash, for the notice with its undo button."""
    found = []
    for text in request.GET.get("trashed", "").split(",")[: BulkForm.MAXIMUM]:
        try:
            found.append(str(uuid.UUID(text)))
        except ValueError:
            continue
    return found


# --- Acts ------------------------------------------------------------------------------------------------------------


@require_POST
def bulk(request: HttpRequest, post_type: str) -> HttpResponse:
    """Do one thing with the ticked rows. Each row is asked and answered for itself: one refusal stops no other."""
    need(request, "admin.enter")
    form = BulkForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Tick at least one row and choose an action."))
        return redirect(queries.list_url(post_type))
    action, ids = form.cleaned_data["action"], form.cleaned_data["ids"]
    found = list(queries.visible_posts(request.user).filter(post_type=post_type, pk__in=ids).order_by("pk"))
    done = [post for post in found if _try(request, action, post)]
    if missing := len(set(ids)) - len(found):
        messages.warning(request, _("%(number)s of the chosen texts were not found.") % {"number": missing})
    return _after_bulk(request, post_type, action, done)


def _try(request: HttpRequest, action: str, post: Post) -> bool:
    """Call the service; a refusal becomes a message that names the text."""
    title = queries.shown_title(post, request.user)
    try:
        {"trash": publishing.trash, "restore": publishing.restore, "publish": publishing.publish_revision}[action](
            post, actor=request.user
        )
    except Refused as refusal:
        messages.error(request, _("“%(title)s”: %(reason)s") % {"title": title, "reason": refusal})
        return False
    return True


def _after_bulk(request: HttpRequest, post_type: str, action: str, done: list[Post]) -> HttpResponse:
    url = queries.list_url(post_type)
    count = len(done)
    if not count:
        return redirect(url)
    if action == "trash":
        return redirect(f"{url}?trashed={','.join(str(post.pk) for post in done)}")
    if action == "publish":
        text = ngettext("%(count)s text published.", "%(count)s texts published.", count)
    else:
        text = ngettext("%(count)s text restored as a draft.", "%(count)s texts restored as drafts.", count)
    messages.success(request, text % {"count": count})
    return redirect(url)


@require_POST
def trash(request: HttpRequest, post_type: str, post_id: uuid.UUID) -> HttpResponse:
    """Move one text to the trash; the list offers to undo it."""
    post = trashable_post(request, post_type, post_id)
    return _after_bulk(request, post_type, "trash", [post] if _try(request, "trash", post) else [])


@require_POST
def restore(request: HttpRequest, post_type: str, post_id: uuid.UUID) -> HttpResponse:
    """Bring one text back from the trash."""
    post = trashable_post(request, post_type, post_id)
    return _after_bulk(request, post_type, "restore", [post] if _try(request, "restore", post) else [])


@require_POST
def unpublish(request: HttpRequest, post_type: str, post_id: uuid.UUID) -> HttpResponse:
    """Take a live text off the site; its approval stands."""
    post = find_post(request, post_type, post_id)
    if not can_publish(request.user, post):
        deny(request, post, "unpublish")
    try:
        publishing.unpublish(post, actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The text is off the site. It is a draft again."))
    return redirect(queries.post_url(post, "change") if can_edit(request.user, post) else queries.list_url(post_type))
