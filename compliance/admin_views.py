"""The audit trail on the screen and as CSV: rows of the trail with the names of people and things."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.tenancy.context import NIL_UUID, SYSTEM_UUID, current, tenant_context
from compliance import audit
from compliance.enums import AuditOperation, PolicyDecision
from compliance.forms import RESOURCES, TrailFilterForm
from compliance.models import Approval, AuditEntry, WorkflowState
from compliance.policy import has_capability, trust_score
from compliance.queries import TrailFilter, trail_page
from compliance.spreadsheets import safe_cell
from content.admin_queries import post_url, shown_title, visible_posts
from content.models import Category, CustomField, Post, PostCategory, PostRevision, PublishedPage

PAGE, BATCH = 50, 500
MOST_PEOPLE = 500
OF_A_USER = ("user", "profile")
WITHOUT_NAME = ("audit_trail", "route", "tenant")  # the details say which screen it was
ONLY_EXPORTED = ("user_agent",)


@dataclass(frozen=True)
class Line:
    """One row of the trail as people read it."""

    entry: AuditEntry
    who: str
    operation: str
    resource: str
    what: str
    decision: str
    details: list[str]
    compare_url: str = ""
    request_query: str = ""


@require_safe
def trail_view(request: HttpRequest) -> HttpResponse:
    """One page of the trail, filtered. Reading it is recorded in it."""
    _need_audit_view(request)
    people = _people()
    form = TrailFilterForm(request.GET, people=_choices(people))
    context: dict[str, Any] = {"lines": [], "searched": form.is_valid()}
    if form.is_valid():
        entries, following = trail_page(form.wanted(), after=form.cleaned_data["after"], size=PAGE)
        _record(AuditOperation.READ, request, form.wanted(), rows=len(entries))
        context["lines"] = Reader(request.user, people).lines(entries)
        context["older"] = _query(request, after=str(following)) if following else ""
        context["newest"] = _query(request) if form.cleaned_data["after"] else ""
        context["export_url"] = f"{reverse('admin:compliance_auditentry_export')}?{_query(request)}"
        context["without_request"] = _query(request, request=None) if form.cleaned_data["request"] else ""
    context |= {**admin.site.each_context(request), "title": _("Audit trail"), "form": form}
    status = 200 if context["searched"] else 400
    return _private(TemplateResponse(request, "admin/compliance/trail.html", context, status=status))


@require_safe
def export_view(request: HttpRequest) -> HttpResponse:
    """The filtered rows as CSV, sent batch by batch. The export is recorded before the first row leaves."""
    _need_audit_view(request)
    form = TrailFilterForm(request.GET, people=_choices(_people()))
    if not form.is_valid():
        return trail_view(request)
    _record(AuditOperation.EXPORT, request, form.wanted())
    # In the reader's language: when the rows are sent the request's own language is over.
    rows = _csv_rows(form.wanted(), request.user, current().request_id, translation.get_language())
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    name = f"audit-{form.cleaned_data['since']}-{form.cleaned_data['until']}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return _private(response)


def _need_audit_view(request: HttpRequest) -> None:
    """The platform has no view of a tenant's trail, and nobody else's of its own here."""
    if request.site.is_platform:
        raise Http404
    request.audit_resource = ("audit_trail", "trail")
    if not has_capability(request.user, "audit.view"):
        raise PermissionDenied


def _record(operation: AuditOperation, request: HttpRequest, wanted: TrailFilter, **counts: int) -> None:
    audit.record(
        operation,
        resource_type="audit_trail",
        resource_id="trail",
        metadata={"filter": wanted.as_metadata(), **counts},
        trust_score=trust_score(request.user),
        policy_decision=PolicyDecision.ALLOW,
    )


def _private(response: Any) -> Any:
    response["Cache-Control"] = "no-store"
    return response


def _query(request: HttpRequest, /, **changes: str | None) -> str:
    """The filter as a query string: with changes, and without the page."""
    values = {name: value for name, value in request.GET.dict().items() if name != "after" and value}
    return urlencode({name: value for name, value in (values | changes).items() if value is not None})


# --- Names -----------------------------------------------------------------------------------------------------------


def _people() -> dict[uuid.UUID, str]:
    """Display names of this tenant's people, removed ones included."""
    users = User.objects.select_related("profile").order_by("profile__display_name", "email")[:MOST_PEOPLE]
    return {user.pk: user.display_name for user in users}


def _choices(people: dict[uuid.UUID, str]) -> list[tuple[str, str]]:
    return [(str(key), name) for key, name in [*people.items(), *_nobody().items()]]


def _nobody() -> dict[uuid.UUID, str]:
    """Actors without an account."""
    return {SYSTEM_UUID: _("System"), NIL_UUID: _("Visitor")}


class Reader:
    """Turns rows into lines for `actor`, who reads only titles that the access matrix shows."""

    def __init__(self, actor: Any, people: dict[uuid.UUID, str]) -> None:
        self.actor = actor
        self.names = people | _nobody()

    def lines(self, entries: list[AuditEntry]) -> list[Line]:
        """A few queries for all rows together."""
        self._learn_names({entry.user_id for entry in entries} | _ids(entries, OF_A_USER))
        posts, categories = self._posts(entries), _category_names(entries)
        revisions = _revision_times({post.pk for post in posts.values()})
        return [self._line(entry, posts, categories, revisions) for entry in entries]

    def _learn_names(self, ids: set[uuid.UUID]) -> None:
        unknown = ids - set(self.names)
        if unknown:
            users = User.objects.select_related("profile").filter(pk__in=unknown)
            self.names |= {user.pk: user.display_name for user in users}

    def _posts(self, entries: list[AuditEntry]) -> dict[uuid.UUID, Post]:
        """Resource id → the text it is about, where the actor may see its title."""
        ids = {entry.resource_id for entry in entries}
        about = _texts_of(ids)
        wanted = ids | set(about.values())
        columns = ("id", "title", "post_type", "compliance_level", "author_id", "tenant_id")
        posts = {post.pk: post for post in visible_posts(self.actor).filter(pk__in=wanted).only(*columns)}
        return {key: posts[about.get(key, key)] for key in ids if about.get(key, key) in posts}

    def _line(
        self,
        entry: AuditEntry,
        posts: dict[uuid.UUID, Post],
        categories: dict[uuid.UUID, str],
        revisions: dict[uuid.UUID, list[tuple[datetime, int]]],
    ) -> Line:
        post = posts.get(entry.resource_id)
        if post is not None:
            what = shown_title(post, self.actor)
        elif entry.resource_type in OF_A_USER and entry.resource_id in self.names:
            what = self.names[entry.resource_id]
        elif entry.resource_type in WITHOUT_NAME:
            what = ""
        else:
            what = categories.get(entry.resource_id, str(entry.resource_id)[:8])
        metadata = entry.metadata if isinstance(entry.metadata, dict) else {}
        return Line(
            entry=entry,
            who=self.names.get(entry.user_id, str(entry.user_id)[:8]),
            operation=str(_label(AuditOperation, entry.operation)),
            resource=str(RESOURCES.get(entry.resource_type, entry.resource_type)),
            what=what,
            decision=str(_label(PolicyDecision, entry.policy_decision)) if entry.policy_decision else "",
            details=list(_details({name: metadata[name] for name in metadata if name not in ONLY_EXPORTED})),
            compare_url=_compare_url(entry, post, revisions) if post else "",
            request_query=_request_query(entry, metadata.get("request_id")),
        )


def _ids(entries: Iterable[AuditEntry], types: tuple[str, ...]) -> set[uuid.UUID]:
    return {entry.resource_id for entry in entries if entry.resource_type in types}


def _texts_of(ids: set[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Id of a revision, run, approval, published page, field or term → id of its text."""
    found = PostRevision.objects.filter(pk__in=ids).order_by().values_list("pk", "post_id")
    return dict(
        found.union(
            WorkflowState.objects.filter(pk__in=ids).values_list("pk", "content_id"),
            Approval.objects.filter(pk__in=ids).order_by().values_list("pk", "content_id"),
            PublishedPage.objects.filter(pk__in=ids).values_list("pk", "post_id"),
            CustomField.objects.filter(pk__in=ids).order_by().values_list("pk", "post_id"),
            PostCategory.objects.filter(pk__in=ids).values_list("pk", "post_id"),
        )
    )


def _category_names(entries: list[AuditEntry]) -> dict[uuid.UUID, str]:
    ids = _ids(entries, ("category",))
    return dict(Category.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def _revision_times(posts: set[uuid.UUID]) -> dict[uuid.UUID, list[tuple[datetime, int]]]:
    """Text → when each of its revisions was saved, with its number; oldest first."""
    found: dict[uuid.UUID, list[tuple[datetime, int]]] = {}
    if posts:
        rows = PostRevision.objects.filter(post_id__in=posts).order_by("number")
        for post_id, moment, number in rows.values_list("post_id", "created_at", "number"):
            found.setdefault(post_id, []).append((moment, number))
    return found


def _compare_url(entry: AuditEntry, post: Post, revisions: dict[uuid.UUID, list[tuple[datetime, int]]]) -> str:
    """What the text said before and after: the newest revision at that moment beside the one before it."""
    if (entry.resource_type, entry.operation) not in {("post", "update"), ("revision", "create")}:
        return ""
    number = max((each for moment, each in revisions.get(post.pk, []) if moment <= entry.created_at), default=1)
    return f"{post_url(post, 'compare')}?{urlencode({'old': number - 1, 'new': number})}" if number > 1 else ""


def _request_query(entry: AuditEntry, request_id: Any) -> str:
    """The filter for everything that the same request did: it stays within two days."""
    if not request_id:
        return ""
    day = timezone.localdate(entry.created_at).isoformat()
    return urlencode({"since": day, "until": day, "request": request_id})


def _details(metadata: dict[str, Any]) -> Iterator[str]:
    """Metadata as `name: value`, changed columns first; the request has its own link."""
    if changed := metadata.get("changed"):
        yield _("changed: %(columns)s") % {"columns": ", ".join(map(str, changed))}
    for name, value in metadata.items():
        if name not in ("changed", "request_id") and value not in (None, "", [], {}):
            yield f"{name}: {_flat(value)}"


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={_flat(each)}" for name, each in value.items())
    return ", ".join(map(_flat, value)) if isinstance(value, list) else str(value)


def _label(choices: Any, value: str) -> Any:
    return choices(value).label if value in choices.values else value


# --- CSV -------------------------------------------------------------------------------------------------------------


class _Echo:
    """What csv.writer writes to: it hands the line back."""

    def write(self, line: str) -> str:
        return line


def _csv_rows(wanted: TrailFilter, actor: Any, request_id: uuid.UUID, language: str) -> Iterator[str]:
    """Lines of the file. Each batch has its own context and transaction: the request's are over by then."""
    writer = csv.writer(_Echo())
    after, finished = None, False
    yield "\ufeff"  # so that spreadsheets read UTF-8
    with translation.override(language):
        yield writer.writerow(_csv_head())
    while not finished:
        with (
            tenant_context(actor.tenant_id, actor=actor, request_id=request_id),
            translation.override(language),
        ):
            entries, after = trail_page(wanted, after=after, size=BATCH)
            lines = Reader(actor, {}).lines(entries)
            text = "".join(writer.writerow([safe_cell(cell) for cell in _csv_cells(line)]) for line in lines)
        finished = after is None
        yield text


def _csv_head() -> list[str]:
    return [
        _("Time"),
        _("Person"),
        _("Person's number"),
        _("Operation"),
        _("Resource"),
        _("What"),
        _("Resource number"),
        _("Decision"),
        _("Trust"),
        _("Details"),
        _("Request number"),
        _("Entry number"),
    ]


def _csv_cells(line: Line) -> list[str]:
    entry = line.entry
    metadata = entry.metadata if isinstance(entry.metadata, dict) else {}
    return [
        timezone.localtime(entry.created_at).isoformat(),
        line.who,
        str(entry.user_id),
        line.operation,
        line.resource,
        line.what,
        str(entry.resource_id),
        line.decision,
        "" if entry.trust_score is None else str(entry.trust_score),
        "; ".join(_details(metadata)),
        str(metadata.get("request_id", "")),
        str(entry.id),
    ]
