"""After publication: the officer's to-dos, and the dates of the next reviews."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from compliance import attention, audit
from compliance.enums import AttentionKind, AuditOperation, PolicyDecision
from compliance.errors import Refused
from compliance.models import AttentionItem
from compliance.policy import has_capability, trust_score
from content import queries_after as queries
from content.after_forms import ResolveForm

PER_PAGE = 20


def need(request: HttpRequest, capability: str, act: str) -> None:
    """The platform has no such screens; a refused person is written to the trail."""
    if request.site.is_platform:
        raise Http404
    if has_capability(request.user, capability):
        return
    audit.record(
        AuditOperation.DENY,
        resource_type="user",
        resource_id=request.user.pk,
        metadata={"act": act},
        trust_score=trust_score(request.user),
        policy_decision=PolicyDecision.DENY,
    )
    raise PermissionDenied


def answer(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page of the admin that nobody keeps."""
    context = {**admin.site.each_context(request), **context}
    response = render(request, f"admin/after/{template}.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def page_links(page: Page, **query: str) -> dict[str, str]:
    """Query strings of the pages around this one."""
    wanted = {name: value for name, value in query.items() if value}
    links = {}
    if page.has_previous():
        links["previous"] = urlencode({**wanted, "p": page.previous_page_number()})
    if page.has_next():
        links["next"] = urlencode({**wanted, "p": page.next_page_number()})
    return links


# --- To-dos ----------------------------------------------------------------------------------------------------------


@require_safe
def todo_list(request: HttpRequest) -> HttpResponse:
    """What came up about approved texts: open or resolved, of one kind or of all."""
    need(request, "report.view", "attention")
    return _todo_page(request)


def _todo_page(
    request: HttpRequest,
    *,
    faulty: AttentionItem | None = None,
    form: forms.Form | None = None,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    """The list; after a refused act with the item in question on top, and with what was typed."""
    state = request.GET.get("state") if request.GET.get("state") in queries.STATES else queries.OPEN
    kind = request.GET.get("kind") if request.GET.get("kind") in AttentionKind.values else ""
    counts = queries.todo_counts()
    paginator = Paginator(queries.todos(state=state, kind=kind), PER_PAGE)
    if state == queries.OPEN or not kind:
        paginator.count = counts[kind or state]  # counted already
    page = paginator.get_page(request.GET.get("p"))
    items = [*([faulty] if faulty else []), *(item for item in page.object_list if faulty is None or item != faulty)]
    return answer(
        request,
        "attention",
        {
            "title": _("To-dos after publication"),
            "tabs": _tabs(counts, state, kind),
            "state": state,
            "todos": queries.as_todos(request.user, items),
            "page": page,
            "links": page_links(page, state=state, kind=kind),
            "may_resolve": has_capability(request.user, "attention.resolve"),
            "faulty": faulty,
            "form": form or ResolveForm(),
            "refusal": refusal,
        },
        status=status,
    )


def _tabs(counts: dict[str, int], state: str, kind: str) -> list[dict[str, Any]]:
    tabs = [(_("All open"), queries.OPEN, "")]
    tabs += [(str(each.label), queries.OPEN, each.value) for each in AttentionKind]
    tabs += [(_("Resolved"), queries.RESOLVED, "")]
    return [
        {
            "label": label,
            "count": counts[of_kind or of_state],
            "query": urlencode({"state": of_state, **({"kind": of_kind} if of_kind else {})}),
            "here": (of_state, of_kind) == (state, kind),
        }
        for label, of_state, of_kind in tabs
    ]


@require_POST
def resolve(request: HttpRequest, item_id: uuid.UUID) -> HttpResponse:
    """Close one item with the reason that was typed."""
    if request.site.is_platform:
        raise Http404
    item = AttentionItem.objects.filter(pk=item_id).first()
    if item is None:
        raise Http404
    need(request, "attention.resolve", "attention.resolve")
    form = ResolveForm(request.POST)
    if not form.is_valid():
        return _todo_page(request, faulty=item, form=form, status=422)
    try:
        attention.resolve(item, actor=request.user, reason=form.cleaned_data["reason"])
    except Refused as refusal:
        return _todo_page(request, faulty=item, form=form, refusal=refusal, status=409)
    messages.success(request, _("Resolved. The reason is kept with it."))
    return redirect("admin:compliance_attention")


# --- Reviews ---------------------------------------------------------------------------------------------------------


@require_safe
def review_list(request: HttpRequest) -> HttpResponse:
    """Live texts by the date of their next review."""
    need(request, "post.list_others", "reviews")
    counts = queries.review_counts(request.user)
    name = request.GET.get("list", "")
    if name not in queries.LISTS:
        name = queries.OVERDUE if counts[queries.OVERDUE] else queries.DUE
    paginator = Paginator(queries.reviews(request.user, name), PER_PAGE)
    paginator.count = counts[name]
    page = paginator.get_page(request.GET.get("p"))
    return answer(
        request,
        "reviews",
        {
            "title": _("Reviews of live texts"),
            "tabs": [
                {"label": label, "count": counts[key], "query": urlencode({"list": key}), "here": key == name}
                for key, label in queries.LISTS.items()
            ],
            "rows": queries.as_reviews(request.user, list(page.object_list)),
            "page": page,
            "links": page_links(page, list=name),
            "months": queries.review_months(),
            "may_open": has_capability(request.user, "review.desk"),
        },
    )
