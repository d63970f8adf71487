"""Write, save, submit, publish, preview. The editor is a form over the newest revision; every act is a service."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin, messages
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from compliance.enums import WorkflowStage
from compliance.errors import Refused
from compliance.models import WorkflowState
from compliance.policy import CAPABILITIES, has_capability
from content import admin_queries as queries
from content.analysis_panel import panel_of
from content.enums import ComplianceLevel, PostStatus, PostType
from content.forms import (
    DISCLAIMERS,
    CustomFieldFormSet,
    EditorForm,
    hidden_fields,
    initial_from,
    visible_fields,
)
from content.markers import keys_of
from content.models import Post, PostRevision
from content.queries_notes import Thread, threads_of
from content.queries_references import entries
from content.rules import can_publish, can_trash
from content.services import publishing, recheck, review, revisions
from content.views.fetch import ReasonNeeded, editable_post, need
from content.views.preview import ask_reason

# The review screens bring their own box for the side column; until they exist the place stays empty.
REVIEW_BOX = ["admin/review/box.html", "admin/includes/empty.html"]


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, post_type: str) -> HttpResponse:
    """A new text: nothing is stored until the first save."""
    need(request, "post.write_own")
    page = EditorPage(request, post_type)
    if request.method != "POST":
        return page.render()
    if not page.is_valid():
        return page.render(status=422)
    try:
        post = revisions.create_post(actor=request.user, changes=page.changes(), post_type=post_type)
    except Refused as refusal:
        return page.refused(refusal)
    return _act(page, post)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, post_type: str, post_id: uuid.UUID) -> HttpResponse:
    """Edit a text. Saving a live one makes a working copy; the public page stays until the copy is approved."""
    try:
        post, run = editable_post(request, post_type, post_id)
    except ReasonNeeded as needed:
        return ask_reason(request, needed.post)
    if request.method != "POST":
        return EditorPage(request, post_type, post, run).render()
    post = _locked(post)
    return _save(EditorPage(request, post_type, post, run), post)


def _locked(post: Post) -> Post:
    """Lock the text before its newest revision is read: two writers are told apart, not merged.

    The transaction is the request's own: the tenancy middleware opens one around every POST.
    """
    locked = revisions.lock_post(post.pk)
    locked.author = post.author
    return locked


def _save(page: EditorPage, post: Post) -> HttpResponse:
    if page.frozen:
        messages.error(page.request, page.frozen)
        return redirect(queries.post_url(post, "change"))
    if not page.is_valid():
        return page.render(status=422)
    if page.action == "publish":
        return _publish(page, post)
    if page.overtaken():
        return page.render(status=409)
    try:
        saved = revisions.save_revision(
            post, actor=page.request.user, changes=page.changes(), summary=page.form.cleaned_data["summary"]
        )
    except Refused as refusal:
        return page.refused(refusal)
    page.saved = saved
    recheck.assess_later(post)
    page.warn_kept_level()
    return _act(page, post)


def _act(page: EditorPage, post: Post) -> HttpResponse:
    """After a save: submit when that was asked for, then back to the editor with a message."""
    url = queries.post_url(post, "change")
    if page.action == "submit":
        try:
            review.submit(post, actor=page.request.user)
        except Refused as refusal:
            messages.success(page.request, _("Draft saved."))
            messages.error(page.request, str(refusal))
            return redirect(f"{url}?{urlencode({'check': 1})}" if refusal.code == "incomplete" else url)
        messages.success(page.request, _("Submitted for review. You will find the decisions here."))
        return redirect(url)
    messages.success(page.request, page.saved_message(post))
    return redirect(url)


def _publish(page: EditorPage, post: Post) -> HttpResponse:
    """Publish the approved wording. Text typed after the approval is neither lost nor published."""
    if page.differs():
        page.form.add_error(
            None,
            _("The text differs from the approved one. Save it as a draft and submit it, or undo the change."),
        )
        return page.render(status=422)
    scheduled_at = page.form.cleaned_data.get("scheduled_at")
    if scheduled_at and scheduled_at <= timezone.now():
        scheduled_at = None
    try:
        publishing.publish_revision(post, actor=page.request.user, scheduled_at=scheduled_at)
    except Refused as refusal:
        return page.refused(refusal)
    done = _("The text is scheduled.") if scheduled_at else _("The text is published.")
    messages.success(page.request, done)
    return redirect(queries.post_url(post, "change"))


class EditorPage:
    """The editor for one request: form, custom field rows, what may be done, and the template's context."""

    def __init__(
        self, request: HttpRequest, post_type: str, post: Post | None = None, run: WorkflowState | None = None
    ) -> None:
        self.request = request
        self.actor = request.user
        self.post_type = post_type
        self.post = post
        self.run = run
        self.newest: PostRevision | None = revisions.newest_revision(post) if post else None
        self.categories = queries.category_tree()
        self.frozen = self._why_frozen()
        self.conflict: PostRevision | None = None
        self.conflict_by = ""
        self.conflict_base: int | None = None
        self.saved: PostRevision | None = None
        data = request.POST if request.method == "POST" else None
        self.action = (data or {}).get("_action", "save")
        self.form = EditorForm(
            data, initial=self._initial(), post=post, categories=self.categories, authors=self._authors()
        )
        rows = visible_fields(self.newest.custom_fields) if self.newest else []
        self.rows = CustomFieldFormSet(data, initial=rows, prefix="fields")
        if self.frozen:
            for field in self.form.fields.values():
                field.disabled = True
            for row in self.rows:
                for field in row.fields.values():
                    field.disabled = True

    def _initial(self) -> dict[str, Any]:
        if self.newest:
            return initial_from(self.newest)
        return {
            "base_number": 0,
            "compliance_level": ComplianceLevel.PUBLIC,
            "medical_disclaimer": str(DISCLAIMERS[ComplianceLevel.PUBLIC]),
            "author": str(self.actor.pk),
        }

    def _authors(self) -> list[tuple[str, str]]:
        """Who may be named as author: only editors choose; everybody else writes in their own name."""
        if not has_capability(self.actor, "post.edit_others"):
            return []
        writers = User.objects.filter(role__in=CAPABILITIES["post.write_own"], deleted_at__isnull=True)
        people = {user.pk: user.display_name for user in writers.select_related("profile")}
        if self.post:
            people.setdefault(self.post.author_id, self.post.author.display_name)
        if not has_capability(self.actor, "post.write_own"):
            people.setdefault(self.actor.pk, self.actor.display_name)
        return sorted(((str(pk), name) for pk, name in people.items()), key=lambda pair: pair[1].lower())

    @property
    def stage(self) -> str:
        return (self.run.current_stage if self.run else None) or WorkflowStage.DRAFT

    @property
    def in_review(self) -> bool:
        return self.stage not in (WorkflowStage.DRAFT, WorkflowStage.APPROVED)

    @property
    def approved(self) -> bool:
        """Does the latest run's approval stand for the newest wording? The database has the last word."""
        return bool(
            self.newest
            and self.run
            and self.stage == WorkflowStage.APPROVED
            and self.run.content_hash == self.newest.content_hash
        )

    def _why_frozen(self) -> str:
        if self.post is None:
            return ""
        if self.post.deleted_at is not None:
            return _("The text is in the trash. Restore it to edit it.")
        if self.in_review and not has_capability(self.actor, "post.edit_others"):
            return _("The text is in review, so it cannot be edited. Ask the reviewer to send it back.")
        return ""

    # --- Saving ---

    def is_valid(self) -> bool:
        valid = self.form.is_valid()
        return self.rows.is_valid() and valid

    def changes(self) -> dict[str, Any]:
        kept = hidden_fields(self.newest.custom_fields) if self.newest else {}
        return self.form.changes({**kept, **self.rows.values()})

    def differs(self) -> bool:
        """Did the writer change anything that a signature covers?"""
        ignored = {"base_number", "summary", "scheduled_at"}
        return bool(set(self.form.changed_data) - ignored) or self.rows.has_changed()

    def overtaken(self) -> bool:
        """Did somebody save since this page was opened? Then nothing is saved and nothing typed is lost."""
        base = self.form.cleaned_data.get("base_number")
        if self.newest is None or base == self.newest.number:
            return False
        self.conflict, self.conflict_base = self.newest, base
        who = User.objects.select_related("profile").filter(pk=self.newest.saved_by_id).first()
        self.conflict_by = who.display_name if who else _("Somebody")
        # The next save is made knowingly: it becomes a revision after theirs, and theirs stays in the list.
        self.form.data = self.form.data.copy()
        self.form.data["base_number"] = str(self.newest.number)
        return True

    def refused(self, refusal: Refused) -> HttpResponse:
        field = "slug" if refusal.code in ("slug", "slug_taken") else None
        self.form.add_error(field, str(refusal))
        return self.render(status=422)

    def saved_message(self, post: Post) -> str:
        if self.newest and self.saved and self.saved.pk == self.newest.pk:
            return _("Nothing has changed, so no new revision was made.")
        if self.in_review:
            return _("Saved. The text has changed in review, so it starts again at the privacy check.")
        if post.is_live:
            return _("Working copy saved. The public page stays as it is until the copy is approved.")
        return _("Draft saved.")

    def warn_kept_level(self) -> None:
        """The service keeps a level that the writer may not lower: say so instead of leaving them to find out."""
        wanted = self.form.cleaned_data["compliance_level"] or None
        if self.saved and self.saved.compliance_level != wanted:
            messages.warning(
                self.request, _("The compliance level was kept: only the compliance officer may lower it.")
            )

    # --- Showing ---

    def render(self, status: int = 200) -> HttpResponse:
        response = render(self.request, "admin/content/post/editor.html", self.context(), status=status)
        response.headers["Cache-Control"] = "no-store"
        return response

    def context(self) -> dict[str, Any]:
        post = self.post
        is_page = self.post_type == PostType.PAGE
        if post:
            heading = _("Edit page") if is_page else _("Edit post")
        else:
            heading = _("New page") if is_page else _("New post")
        live_differs = bool(post and post.is_live and self.newest and self.newest.pk != post.published_revision_id)
        return {
            **admin.site.each_context(self.request),
            "title": heading,
            "subtitle": None,
            "post": post,
            "post_type": self.post_type,
            "form": self.form,
            "rows": self.rows,
            "errors": self._errors(),
            "newest": self.newest,
            "run": self.run,
            "revision": self.newest,
            "stage": WorkflowStage(self.stage),
            "approved": self.approved,
            "frozen": self.frozen,
            "live_differs": live_differs,
            "conflict": self.conflict,
            "conflict_by": self.conflict_by,
            "compare_url": self._compare_url(),
            "sent_back": self._sent_back(),
            "notes": self._notes(),
            "checklist": self._checklist(),
            "disclaimers": {str(level): str(text) for level, text in DISCLAIMERS.items()},
            "add_url": reverse(f"admin:content_{self.post_type}_add"),
            "list_url": queries.list_url(self.post_type),
            "review_box": REVIEW_BOX,
            "panel": panel_of(self.run, self.newest, {name: str(f.label) for name, f in self.form.fields.items()}),
            **self._references(),
            **self._allowed(),
            **self._addresses(),
        }

    def _references(self) -> dict[str, Any]:
        """What the references box knows of each line of the list: its words, and the identifiers it stands for."""
        lines = [line.strip() for line in str(self.form["scientific_references"].value() or "").splitlines()]
        lines = [line for line in lines if line][:500]
        shown = {
            line: {"label": entry["text"] or line, "keys": keys_of(line), "retracted": entry["retracted"]}
            for line, entry in zip(lines, entries(lines), strict=True)
        }
        return {"reference_lines": shown, "may_add_references": has_capability(self.actor, "reference.add")}

    def _allowed(self) -> dict[str, bool]:
        """Which buttons the publish box has."""
        post, editable = self.post, not self.frozen
        publishable = bool(post and editable and self.approved and can_publish(self.actor, post))
        live_is_newest = bool(post and self.newest and post.published_revision_id == self.newest.pk)
        return {
            "may_save": editable,
            "may_submit": editable and self.stage == WorkflowStage.DRAFT and not self.approved,
            "may_publish": publishable and not (live_is_newest and post.status == PostStatus.PUBLISHED),
            "may_unpublish": bool(post and post.is_live and can_publish(self.actor, post)),
            "may_trash": bool(post and post.deleted_at is None and can_trash(self.actor, post)),
            "may_restore": bool(post and post.deleted_at is not None and can_trash(self.actor, post)),
        }

    def _addresses(self) -> dict[str, str]:
        host = f"{self.request.scheme}://{self.request.get_host()}/"
        if self.post is None:
            kind = f"admin:content_{self.post_type}"
            urls = {"save_url": reverse(f"{kind}_add"), "analyze_url": reverse(f"{kind}_analyze_new")}
            return {"permalink_base": host, **urls}
        names = ("preview", "history", "delete", "restore", "unpublish", "analyze")
        urls = {f"{name}_url": queries.post_url(self.post, name) for name in names}
        urls["save_url"] = queries.post_url(self.post, "change")
        public = f"/{self.post.slug}/" if self.post.status == PostStatus.PUBLISHED else ""
        return {**urls, "permalink_base": host, "public_url": public}

    def _compare_url(self) -> str:
        if not (self.conflict and self.conflict_base):
            return ""
        query = urlencode({"old": self.conflict_base, "new": self.conflict.number})
        return f"{queries.post_url(self.post, 'compare')}?{query}"

    def _sent_back(self) -> dict[str, Any] | None:
        """The newest reason of a reviewer, while the text is back at the writer's desk."""
        entries = (self.run.compliance_validations or {}).get("sent_back", []) if self.run else []
        return entries[-1] if entries and self.stage == WorkflowStage.DRAFT else None

    def _notes(self) -> list[Thread]:
        """What reviewers have noted and nobody has resolved."""
        if not (self.post and self.newest):
            return []
        threads = threads_of(self.post.pk, self.newest, self.actor, at_desk=False)
        return [thread for thread in threads if thread.note.resolved_at is None]

    def _checklist(self) -> list[str]:
        """After a refused submission: the fields that are still missing, as names of form fields."""
        if not (self.newest and self.request.GET.get("check")):
            return []
        return review.missing_for_submission(self.newest)

    def _errors(self) -> list[dict[str, str]]:
        """Every error with the id of its input, in the order of the page, for the summary that takes the focus."""
        found = []
        if self.form.is_bound:
            for name, texts in self.form.errors.items():
                bound = self.form[name] if name in self.form.fields else None
                for text in texts:
                    found.append(_error(bound, text))
            for row in self.rows.forms:
                for name, texts in row.errors.items():
                    bound = row[name] if name in row.fields else None
                    for text in texts:
                        found.append(_error(bound, text))
        for name in self._checklist():
            bound = self.form[name]
            found.append(_error(bound, _("Needed before the text can be submitted.")))
        return found


def _error(bound: BoundField | None, text: str) -> dict[str, str]:
    """An error for the summary; without a field it is about the form as a whole."""
    target = (bound.id_for_label or bound.auto_id) if bound else ""
    return {"id": target, "label": str(bound.label) if bound else "", "text": str(text)}
