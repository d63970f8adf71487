"""The library of references in the admin: list, form, one work with its uses, import, and the editor's search."""

from __future__ import annotations

import io
import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.queries import tenant_settings
from compliance import audit
from compliance.enums import AuditOperation, PolicyDecision
from compliance.errors import Refused
from compliance.policy import has_capability, trust_score
from content import admin_queries
from content import queries_references as queries
from content import reference_files as files
from content.citations import abnt_html, address_of, vancouver
from content.enums import ReferenceCheck
from content.markers import canonical, parse
from content.models import Reference
from content.reference_forms import ImportForm, LibraryFilterForm, NoteForm, ReferenceForm, initial_of
from content.services import reference_lookup, references
from content.views.fetch import need, tenant_only

PER_PAGE = 30
SUGGESTIONS = 8
LIST = "admin:content_reference_changelist"


def _find(request: HttpRequest, reference_id: uuid.UUID) -> Reference:
    """The work, or 404: absent and another tenant's are the same."""
    tenant_only(request)
    item = Reference.objects.filter(pk=reference_id).first()
    if item is None:
        raise Http404
    return item


def _managed(request: HttpRequest, reference_id: uuid.UUID, *, own: bool = False) -> Reference:
    """The same for who may change it (`own`: or complete it); an attempt without the right is recorded."""
    item = _find(request, reference_id)
    allowed = references.may_edit(item, request.user) if own else has_capability(request.user, "reference.manage")
    if not allowed:
        audit.record(
            AuditOperation.DENY,
            resource_type="reference",
            resource_id=item.pk,
            metadata={"route": request.resolver_match.url_name},
            trust_score=trust_score(request.user),
            policy_decision=PolicyDecision.DENY,
        )
        raise PermissionDenied
    return item


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    rights = {name: has_capability(request.user, f"reference.{name}") for name in ("add", "manage")}
    context = {
        **admin.site.each_context(request),
        "may_add": rights["add"],
        "may_manage": rights["manage"],
        "list_url": reverse(LIST),
        **context,
    }
    return render(request, f"admin/content/references/{template}.html", context, status=status)


@require_safe
def reference_list(request: HttpRequest) -> HttpResponse:
    """One page of the library with search, filters and how often each work is cited."""
    need(request, "admin.enter")
    form = LibraryFilterForm(request.GET)
    filters = form.values()
    items = queries.library(
        search=filters.get("s", ""), type_=filters.get("type", ""), retracted=filters.get("retracted", False)
    )
    page = Paginator(items, PER_PAGE).get_page(request.GET.get("p"))
    counts = queries.use_counts(page.object_list)
    context = {
        "title": _("References"),
        "form": form,
        "filtered": bool(filters),
        "page": page,
        "page_links": _page_links(page, filters),
        "rows": [{"item": item, "citation": vancouver(item), "uses": counts.get(item.pk, 0)} for item in page],
    }
    return _page(request, "list", context)


def _page_links(page: Any, filters: dict[str, Any]) -> dict[str, str]:
    numbers = {"first": 1, "last": page.paginator.num_pages}
    if page.has_previous():
        numbers["previous"] = page.previous_page_number()
    if page.has_next():
        numbers["next"] = page.next_page_number()
    filters = {name: "on" if value is True else value for name, value in filters.items()}
    return {name: urlencode({**filters, "p": number}) for name, number in numbers.items() if number != page.number}


@require_safe
def detail(request: HttpRequest, reference_id: uuid.UUID) -> HttpResponse:
    """One work: the citation in both styles, who cites it, likely duplicates, the retraction flag."""
    need(request, "admin.enter")
    return _detail(request, _find(request, reference_id))


def _detail(request: HttpRequest, item: Reference, note: NoteForm | None = None) -> HttpResponse:
    uses = queries.uses_of(item)
    visible = set(
        admin_queries.visible_posts(request.user)
        .filter(pk__in=[use["post"].pk for use in uses])
        .values_list("pk", flat=True)
    )
    context = {
        "title": str(item)[:120],
        "item": item,
        "vancouver": vancouver(item),
        "abnt": abnt_html(item),
        "address": address_of(item),
        "check": ReferenceCheck(item.check_result),
        "uses": [
            {
                **use,
                "title": admin_queries.shown_title(use["post"], request.user),
                "url": admin_queries.post_url(use["post"], "preview"),
            }
            for use in uses
            if use["post"].pk in visible
        ],
        "hidden_uses": len([use for use in uses if use["post"].pk not in visible]),
        "uncited": not uses,
        "duplicates": queries.duplicates_of(item),
        "note": note or NoteForm(),
        "may_edit": references.may_edit(item, request.user),
        "may_look_up": tenant_settings().online_lookup
        and reference_lookup.can_be_looked_up(item)
        and not reference_lookup.is_fresh(item),
    }
    return _page(request, "detail", context, status=422 if note is not None else 200)


# --- Writing ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new work, typed by hand; `?identifier=` fills in what the editor pasted."""
    need(request, "reference.add")
    form = ReferenceForm(request.POST or None, initial={"identifier": request.GET.get("identifier", "")[:300]})
    if request.method == "POST" and form.is_valid():
        try:
            item = references.add(actor=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("identifier", str(refusal))
        else:
            messages.success(request, _("The reference is in the library."))
            return redirect("admin:content_reference_detail", item.pk)
    return _form(request, form, _("Add reference"))


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, reference_id: uuid.UUID) -> HttpResponse:
    """Correct a work; pages that cite it follow."""
    item = _managed(request, reference_id, own=True)
    form = ReferenceForm(request.POST or None, initial=initial_of(item))
    if request.method == "POST" and form.is_valid():
        try:
            references.edit(item, actor=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("identifier", str(refusal))
        else:
            messages.success(request, _("The reference is saved."))
            return redirect("admin:content_reference_detail", item.pk)
    return _form(request, form, _("Edit reference"), item)


def _form(request: HttpRequest, form: ReferenceForm, title: str, item: Reference | None = None) -> HttpResponse:
    errors = [
        {"id": form[name].id_for_label if name in form.fields else "", "label": form[name].label, "text": text}
        for name, texts in form.errors.items()
        for text in texts
    ]
    context = {"title": title, "form": form, "item": item, "errors": errors}
    return _page(request, "form", context, status=422 if errors else 200)


@require_POST
def retract(request: HttpRequest, reference_id: uuid.UUID) -> HttpResponse:
    """Flag a work as retracted, or take the flag back (`undo`), with a reason."""
    item = _managed(request, reference_id)
    note = NoteForm(request.POST)
    if not note.is_valid():
        return _detail(request, item, note)
    reason = note.cleaned_data["note"]
    try:
        if request.POST.get("undo"):
            references.unmark_retracted(item, actor=request.user, note=reason)
            messages.success(request, _("The work no longer counts as retracted."))
        else:
            posts = references.mark_retracted(item, actor=request.user, note=reason)
            messages.success(request, _retracted_message(len(posts)))
    except Refused as refusal:
        note.add_error("note", str(refusal))
        return _detail(request, item, note)
    return redirect("admin:content_reference_detail", item.pk)


def _retracted_message(posts: int) -> str:
    if not posts:
        return _("Marked as retracted. No text on the site cites it.")
    text = ngettext(
        "Marked as retracted. %(number)s text on the site cites it; the compliance officer has been told.",
        "Marked as retracted. %(number)s texts on the site cite it; the compliance officer has been told.",
        posts,
    )
    return text % {"number": posts}


@require_POST
def merge(request: HttpRequest, reference_id: uuid.UUID) -> HttpResponse:
    """Join another entry of the same work (`other`) to this one."""
    item = _managed(request, reference_id)
    try:
        other = _find(request, uuid.UUID(request.POST.get("other", "")))
    except ValueError:
        raise Http404 from None
    try:
        references.merge(item, other, actor=request.user)
        messages.success(request, _("The two entries are one now."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("admin:content_reference_detail", item.pk)


@require_POST
def delete(request: HttpRequest, reference_id: uuid.UUID) -> HttpResponse:
    """Remove a work that nothing cites."""
    item = _managed(request, reference_id)
    try:
        references.delete(item, actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:content_reference_detail", item.pk)
    messages.success(request, _("The reference has been removed from the library."))
    return redirect(LIST)


@require_http_methods(["GET", "HEAD", "POST"])
def import_(request: HttpRequest) -> HttpResponse:
    """Files and pasted lists; what happened to each entry is said at once."""
    need(request, "reference.add")
    may_manage = has_capability(request.user, "reference.manage")
    bound = request.method == "POST"
    form = ImportForm(
        request.POST if bound else None,
        request.FILES if bound else None,
        initial={"kind": "list"},
        may_manage=may_manage,
    )
    context: dict[str, Any] = {"title": _("Import references"), "form": form}
    if bound and form.is_valid():
        try:
            context |= _imported(request, form.cleaned_data)
        except (files.UnreadableFile, Refused) as problem:
            form.add_error("file" if form.cleaned_data.get("file") else "text", str(problem))
    return _page(request, "import", context, status=422 if form.errors else 200)


READERS = {"ris": files.read_ris, "bibtex": files.read_bibtex, "list": files.read_list}


def _imported(request: HttpRequest, data: dict[str, Any]) -> dict[str, Any]:
    if data["kind"] == ImportForm.RETRACTIONS:
        return {"retractions": references.import_retractions(_retractions(data), actor=request.user)}
    text = files.decoded(data["file"].read()) if data["file"] else data["text"]
    return {"report": references.import_found(READERS[data["kind"]](text), actor=request.user)}


def _retractions(data: dict[str, Any]) -> Any:
    """Line by line: the published list is larger than what should stand in memory twice."""
    if data["file"]:
        lines = io.TextIOWrapper(data["file"].file, encoding="utf-8-sig", errors="replace", newline="")
    else:
        lines = io.StringIO(data["text"], newline="")
    return files.read_retractions(lines)


@require_POST
def look_up(request: HttpRequest, reference_id: uuid.UUID) -> HttpResponse:
    """Ask a register in the background; the answer shows on the work's page."""
    item = _managed(request, reference_id)
    try:
        reference_lookup.start(item, actor=request.user)
        messages.success(request, _("The register is being asked. Reload this page in a moment."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("admin:content_reference_detail", item.pk)


# --- For the editor --------------------------------------------------------------------------------------------------


def suggestion(item: Reference) -> dict[str, Any]:
    """A work as the editor's box shows it."""
    label = vancouver(item) if item.title else item.identifier
    return {"id": item.identifier, "label": label, "retracted": item.is_retracted, "known": True}


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Works that match `q`, and the identifier that `q` is, whether or not the library has it."""
    need(request, "admin.enter")
    text = request.GET.get("q", "").strip()[:300]
    found = parse(text)
    known = queries.by_identifiers([found[1]]) if found else {}
    items = list(dict.fromkeys([*known.values(), *queries.library(search=text)[:SUGGESTIONS]]))[:SUGGESTIONS]
    results = [suggestion(item) for item in items]
    if found and not known:
        results.insert(0, {"id": found[1], "label": found[1], "retracted": False, "known": False})
    response = JsonResponse({"results": results})
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def quick_add(request: HttpRequest) -> HttpResponse:
    """Put a pasted identifier into the library; the title can follow later. Answers with the work."""
    need(request, "reference.add")
    try:
        item = references.add(actor=request.user, identifier=request.POST.get("identifier", ""))
    except Refused as refusal:
        known = queries.by_identifiers([canonical(request.POST.get("identifier", ""))])
        if refusal.code == "reference_taken" and known:
            return JsonResponse(suggestion(next(iter(known.values()))))
        return JsonResponse({"error": str(refusal)}, status=422)
    return JsonResponse(suggestion(item), status=201)
