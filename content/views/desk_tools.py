"""Beside the decisions: who has the text, and notes about it. Forms of the review page and of the desk's rows."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from compliance.enums import ReviewPriority
from compliance.errors import MESSAGES, Refused
from compliance.models import ReviewNote
from compliance.policy import has_capability
from compliance.workflow import DESK
from content import queries_notes
from content.fields import LinesField
from content.models import Post
from content.queries_review import Text
from content.services import assignments, notes
from content.views.after import answer

MOST_MENTIONS = 100


class PlanForm(forms.Form):
    """Due date and priority."""

    due = forms.DateField(
        label=gettext_lazy("Due"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    priority = forms.TypedChoiceField(label=gettext_lazy("Priority"), choices=ReviewPriority.choices, coerce=int)

    def clean_due(self) -> date | None:
        """A day that every clock can show, in every time zone."""
        due = self.cleaned_data["due"]
        if due and not 2000 <= due.year <= 2100:
            raise forms.ValidationError(str(MESSAGES["plan"]))
        return due


class NoteForm(forms.Form):
    """A note. `quote`: the words of the article that were selected."""

    text = LinesField(max_length=notes.LONGEST)
    quote = LinesField(required=False, max_length=5_000)
    parent = forms.UUIDField(required=False)


# Which refusal a field that cannot be read stands for; the text's is 'note'.
NOTE_FAULTS = {"quote": "anchor", "parent": "note_thread"}


@dataclass(frozen=True)
class TypedNote:
    """A note that was refused, as it was sent. `answers`: the thread of the page that it belongs to, if any."""

    text: str = ""
    quote: str = ""
    answers: str = ""
    refusal: Refused | None = None

    @property
    def form_at(self) -> str:
        """The element of the page that holds it; empty when nothing was typed."""
        if self.answers:
            return f"note-{self.answers}"
        return "rv-new-note" if self.text or self.quote else ""


# --- What the review page shows --------------------------------------------------------------------------------------


def assignment_context(request: HttpRequest, text: Text, *, refused: bool = False) -> dict[str, Any]:
    """Who has the text and what the reader may do about it; two queries at the stages of the desk, else none.

    `refused`: an act was, so the forms hold what was posted."""
    if text.stage not in DESK:
        return {"assignment": None}
    row = assignments.assignment_of(text.post.pk)
    authors = (text.post.author_id, text.revision.author_id)
    at_desk = has_capability(request.user, "review.desk")
    people = assignments.candidates(text.post, text.stage, authors=authors)
    holder = row.assignee_id if row else None
    due = row.due_at if row else None
    posted = request.POST if refused and request.resolver_match.url_name == "review_assignment" else {}
    form = PlanForm(
        posted if "priority" in posted else None,
        initial={
            "due": timezone.localtime(due).date() if due else None,
            "priority": row.priority if row else ReviewPriority.NORMAL,
        },
    )
    return {
        "assignment": {
            "holder": next((p.display_name for p in people if p.pk == holder), _("somebody else")) if holder else "",
            "mine": holder == request.user.pk,
            "due": due,
            "overdue": bool(due and due < timezone.now()),
            "priority": ReviewPriority(row.priority if row else ReviewPriority.NORMAL).label,
            "may_claim": at_desk and holder is None and request.user.pk in [p.pk for p in people],
            "may_release": holder is not None
            and at_desk
            and (holder == request.user.pk or has_capability(request.user, "review.sign")),
            "may_assign": at_desk,
            "people": [p for p in people if p.pk != holder],
            "form": form,
            "chosen": posted.get("assignee", ""),
            "posted": bool(posted),
        }
    }


def notes_context(request: HttpRequest, text: Text, refusal: Refused | None = None) -> dict[str, Any]:
    """Threads, the paragraphs that a note can be about, and the note that was refused."""
    at_desk = has_capability(request.user, "review.desk")
    threads = queries_notes.threads_of(text.post.pk, text.revision, request.user, at_desk=at_desk)
    return {
        "threads": threads,
        "open_notes": sum(thread.note.resolved_at is None for thread in threads),
        "passages": queries_notes.passages(text.revision),
        "typed_note": _typed_note(request, threads, refusal),
    }


def _typed_note(request: HttpRequest, threads: list[queries_notes.Thread], refusal: Refused | None) -> TypedNote:
    if refusal is None or request.resolver_match.url_name != "review_note":
        return TypedNote()
    form = {name: request.POST.get(name, "").strip() for name in NoteForm.base_fields}
    answers = next((thread.key for thread in threads if thread.key == form["parent"].lower()), "")
    return TypedNote(form["text"], " ".join(form["quote"].split()), answers, refusal)


# --- Acts: each gets the text that `opens_text` has let the person see -----------------------------------------------


def _back(request: HttpRequest, text_id: uuid.UUID, fragment: str) -> HttpResponseRedirect:
    """To the list that the button stood in, else to the same place of the review page."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return redirect(wanted)
    return redirect(f"{reverse('admin:review_post', args=[text_id])}#{fragment}")


def act_on_assignment(request: HttpRequest, text: Text) -> HttpResponse:
    """Claim, release, assign or plan. Raises Refused."""
    act, post, actor = request.POST.get("act"), text.post, request.user
    if act == "claim":
        assignments.claim(post, actor=actor)
        messages.success(request, _("The text is yours."))
    elif act == "release":
        assignments.release(post, actor=actor)
        messages.success(request, _("The text is free again."))
    elif act == "assign":
        assignments.assign(post, actor=actor, assignee=_person(request.POST.get("assignee", "")))
        messages.success(request, _("The text is assigned."))
    else:
        form = PlanForm(request.POST)
        if not form.is_valid():
            raise Refused("plan")
        due = form.cleaned_data["due"]
        at = timezone.make_aware(datetime.combine(due, datetime.max.time().replace(microsecond=0))) if due else None
        assignments.plan(post, actor=actor, due_at=at, priority=form.cleaned_data["priority"])
        messages.success(request, _("Due date and priority are set."))
    return _back(request, post.pk, "rv-where")


def _person(key: str) -> User:
    try:
        found = User.objects.filter(pk=uuid.UUID(key), deleted_at=None).first()
    except ValueError:
        found = None
    if found is None:
        raise Refused("assignee")
    return found


def act_on_note(request: HttpRequest, text: Text) -> HttpResponse:
    """Write, answer, resolve or reopen. Raises Refused."""
    act, actor = request.POST.get("act"), request.user
    if act in ("resolve", "reopen"):
        note = _note(text.post, request.POST.get("note", ""))
        (notes.resolve if act == "resolve" else notes.reopen)(note, actor=actor)
        return _back(request, text.post.pk, "rv-notes")
    form = NoteForm(request.POST)
    if not form.is_valid():
        raise Refused(next((NOTE_FAULTS.get(name, "note") for name in form.errors), "note"))
    place = None
    if quote := form.cleaned_data["quote"].strip():
        place = queries_notes.place_of(text.revision, quote)
        if place is None:
            raise Refused("anchor")
    field, start, end = place or ("", None, None)
    notes.add(
        text.post,
        actor=actor,
        text=form.cleaned_data["text"],
        field=field,
        start=start,
        end=end,
        parent=form.cleaned_data["parent"],
    )
    messages.success(request, _("The note is on record."))
    return _back(request, text.post.pk, "rv-notes")


def _note(post: Post, key: str) -> ReviewNote:
    try:
        found = ReviewNote.objects.filter(pk=uuid.UUID(key), content_id=post.pk).first()
    except ValueError:
        found = None
    if found is None:
        raise Refused("note_thread")
    return found


# --- Mentions --------------------------------------------------------------------------------------------------------


@require_safe
def mentions(request: HttpRequest) -> HttpResponse:
    """Open notes that name the reader, newest first. Texts are named on their own page, behind its door."""
    if request.site.is_platform:
        raise Http404
    recent = ReviewNote.objects.filter(mentions__icontains=str(request.user.pk)).order_by("-created_at")[
        :MOST_MENTIONS
    ]
    found = list(recent)
    people = User.objects.select_related("profile").in_bulk({note.author_id for note in found})
    rows = [(note, people[note.author_id].display_name if note.author_id in people else "") for note in found]
    return answer(request, "mentions", {"title": _("Mentions"), "rows": rows})
