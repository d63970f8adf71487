"""What the review page and the editor show of notes: threads, their passages, and where those are now."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from compliance.analyzers.text import extract
from compliance.models import ReviewNote
from content.enums import ComplianceLevel
from content.marks import Span
from content.models import PostRevision
from content.services.notes import ANCHORED_FIELDS

CLOSED_LEVELS = (ComplianceLevel.RESTRICTED, ComplianceLevel.PHI)
LONGEST_QUOTE = 300  # of a passage, as it is shown
MARKED_AS = {"medical_disclaimer": "disclaimer"}  # the page's names of fields


@dataclass
class Thread:
    """A note with its answers. `passage` is cut from the wording; `moved` says that it reads differently now."""

    note: ReviewNote
    number: int
    author: str
    passage: str
    moved: bool
    may_resolve: bool
    marked: bool = False  # does its passage carry a mark in the newest wording?
    resolver: str = ""
    answers: list[tuple[ReviewNote, str]] = field(default_factory=list)

    @property
    def key(self) -> str:
        return str(self.note.pk)

    @property
    def anchor(self) -> str:
        """The element of the page that shows the thread."""
        return f"note-{self.key}"


def threads_of(post_id: uuid.UUID, revision: PostRevision, actor: User, *, at_desk: bool) -> list[Thread]:
    """Every thread, open ones first: three queries."""
    notes = list(ReviewNote.objects.filter(content_id=post_id).order_by("created_at", "id"))
    if not notes:
        return []
    others = PostRevision.objects.in_bulk({n.revision_id for n in notes} - {revision.pk})
    wordings = {revision.pk: revision, **others}
    ids = {n.author_id for n in notes} | {n.resolved_by_id for n in notes if n.resolved_by_id}
    people = User.objects.select_related("profile").in_bulk(ids)
    shown = {name: _shown(revision, name) for name in {n.field for n in notes if n.start_offset is not None}}
    threads: dict[uuid.UUID, Thread] = {}
    for note in notes:
        if note.parent_id is None:
            passage, moved = _passage(note, wordings.get(note.revision_id), revision, shown)
            threads[note.pk] = Thread(
                note=note,
                number=len(threads) + 1,
                author=_name(people.get(note.author_id)),
                passage=passage,
                moved=moved,
                may_resolve=at_desk or note.author_id == actor.pk,
                marked=note.resolved_at is None and note.start_offset is not None and note.revision_id == revision.pk,
                resolver=_name(people.get(note.resolved_by_id)) if note.resolved_by_id else "",
            )
        elif note.parent_id in threads:
            threads[note.parent_id].answers.append((note, _name(people.get(note.author_id))))
    return sorted(threads.values(), key=lambda thread: (thread.note.resolved_at is not None, thread.number))


def spans_of(threads: list[Thread], revision: PostRevision) -> dict[str, list[Span]]:
    """Marks of open threads whose passage stands in this wording, by the page's name of the field."""
    spans: dict[str, list[Span]] = {}
    for thread in threads:
        note = thread.note
        if not thread.marked:
            continue
        name = MARKED_AS.get(note.field, note.field)
        span = Span(note.start_offset, note.end_offset, f"n{thread.number}", "", "rv-mark rv-noted", _flag(thread))
        spans.setdefault(name, []).append(span)
    return spans


def place_of(revision: PostRevision, quote: str) -> tuple[str, int, int] | None:
    """Field and offsets of the first place where the selected words stand; None where they do not."""
    words = quote.split()
    if not words:
        return None
    pattern = re.compile(r"\s+".join(re.escape(word) for word in words[:400]))
    for name in ("content", "title", "excerpt", "medical_disclaimer"):
        source = getattr(revision, name) or ""
        if name == "content":
            shown = extract(source)
            if match := pattern.search(shown.text):
                return (name, *shown.to_source(match.start(), match.end()))
        elif match := pattern.search(source):
            return name, match.start(), match.end()
    return None


def passages(revision: PostRevision) -> list[str]:
    """The paragraphs to choose from where nothing can be selected."""
    lines = (line.strip() for line in extract(revision.content or "").text.splitlines())
    return [line for line in lines if line][:200]


def _passage(
    note: ReviewNote, then: PostRevision | None, now: PostRevision, shown_now: dict[str, str]
) -> tuple[str, bool]:
    """The noted words, and whether the newest wording lacks them. A level that was left keeps its words to itself."""
    if note.start_offset is None or note.field not in ANCHORED_FIELDS or then is None:
        return "", False
    if then.compliance_level in CLOSED_LEVELS and then.compliance_level != now.compliance_level:
        return "", False
    source = (getattr(then, note.field) or "")[note.start_offset : note.end_offset]
    shown = extract(source).text if note.field == "content" else source
    shown = " ".join(shown.split())
    moved = shown not in shown_now.get(note.field, "")
    return (shown[:LONGEST_QUOTE] + "…" if len(shown) > LONGEST_QUOTE else shown), moved


def _shown(revision: PostRevision, field: str) -> str:
    whole = getattr(revision, field, None) or "" if field in ANCHORED_FIELDS else ""
    return " ".join((extract(whole).text if field == "content" else whole).split())


def _flag(thread: Thread) -> SafeString:
    label = _("Note %(number)s") % {"number": thread.number}
    return format_html(
        '<a class="rv-flag rv-flag-note" href="#{}" id="passage-{}" aria-label="{}">✎</a>',
        thread.anchor,
        thread.note.pk,
        label,
    )


def _name(user: User | None) -> str:
    return user.display_name if user else str(_("Unknown person"))
