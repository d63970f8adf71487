"""Notes about a text in review: threads anchored to a passage, with mentions. Words are kept as they were written."""

from __future__ import annotations

import logging
import re
import uuid
from typing import Any

from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.links import site_address
from accounts.models import User
from accounts.queries import primary_domain
from compliance import audit
from compliance.enums import AuditOperation, PolicyDecision
from compliance.errors import Refused
from compliance.models import ReviewNote
from compliance.policy import has_capability, trust_score
from content.models import Post, PostRevision
from content.sanitize import clean_text
from content.services.publishing import refusals
from content.services.revisions import lock_post, newest_revision

log = logging.getLogger(__name__)
LONGEST = 2_000
ANCHORED_FIELDS = ("title", "content", "excerpt", "medical_disclaimer")
MENTION = re.compile(r"@([\w.+-]+@[\w.-]+\w)")


def add(
    post: Post,
    *,
    actor: Any,
    text: str,
    field: str = "",
    start: int | None = None,
    end: int | None = None,
    parent: uuid.UUID | None = None,
) -> ReviewNote:
    """File a note on the newest wording, or an answer to `parent`. `start` and `end` count characters of `field`.

    Mentioned colleagues (`@e-mail`) get a mail that names nothing. Raises Refused: 'note' for an empty or endless one,
    'anchor' for a passage that is not there.
    """
    words = clean_text(text).strip()
    if not words or len(words) > LONGEST:
        raise Refused("note")
    with refusals():
        lock_post(post.pk)
        revision = newest_revision(post)
        if parent is not None:
            thread = _thread(post, parent)
            field, start, end = thread.field, thread.start_offset, thread.end_offset
        elif start is not None or end is not None:
            _refuse_anchor(revision, field, start, end)
        people = _mentioned(words, authors=(post.author_id, revision.author_id))
        note = ReviewNote(
            content_id=post.pk,
            revision_id=revision.pk if parent is None else thread.revision_id,
            field=field if field in ANCHORED_FIELDS else "",
            start_offset=start,
            end_offset=end,
            parent_id=parent,
            author_id=actor.pk,
            text=words,
            mentions=[str(person.pk) for person in people],
        )
        note.save(force_insert=True)
        _record(note, actor, "note")
    _tell(post, [person for person in people if person.pk != actor.pk])
    return note


def resolve(note: ReviewNote, *, actor: Any) -> ReviewNote:
    """Close a thread: its author, or anybody at the desk."""
    return _set(note, actor, timezone.now())


def reopen(note: ReviewNote, *, actor: Any) -> ReviewNote:
    """Take a resolution back."""
    return _set(note, actor, None)


def open_notes(post_id: uuid.UUID) -> int:
    """Threads that nobody has resolved."""
    return ReviewNote.objects.filter(content_id=post_id, parent_id=None, resolved_at=None).count()


def _set(note: ReviewNote, actor: Any, at: Any) -> ReviewNote:
    if note.parent_id is not None:
        raise Refused("note_thread")
    if actor.pk != note.author_id and not has_capability(actor, "review.desk"):
        raise Refused("role")
    with refusals():
        note.resolved_at = at
        note.resolved_by_id = actor.pk if at else None
        note.save(update_fields=["resolved_at", "resolved_by_id"])
        _record(note, actor, "note_resolved" if at else "note_reopened")
    return note


def _thread(post: Post, parent: uuid.UUID) -> ReviewNote:
    found = ReviewNote.objects.filter(pk=parent, content_id=post.pk, parent_id=None).first()
    if found is None:
        raise Refused("note_thread")
    return found


def _refuse_anchor(revision: PostRevision, field: str, start: int | None, end: int | None) -> None:
    whole = getattr(revision, field, None) if field in ANCHORED_FIELDS else None
    if whole is None or start is None or end is None or not 0 <= start < end <= len(whole):
        raise Refused("anchor")


def _mentioned(words: str, *, authors: tuple[uuid.UUID, ...]) -> list[User]:
    """People named by e-mail who have business on the review page: those of the desk, and the author."""
    addresses = {match.group(1).lower() for match in MENTION.finditer(words)}
    people = User.objects.select_related("profile").filter(email__in=addresses, deleted_at=None) if addresses else []
    return [person for person in people if person.pk in authors or has_capability(person, "review.desk")]


def _tell(post: Post, people: list[User]) -> None:
    """By mail, after the note is committed: an address and nothing of the text."""
    if not people:
        return
    link = f"{site_address(primary_domain())}/admin/compliance/{post.pk}/"
    subject = _("Somebody mentioned you in a review")
    body = _("You were mentioned in a note about a text in review. Open it here: %(link)s") % {"link": link}
    addresses = [person.email for person in people]
    transaction.on_commit(lambda: _send(subject, body, addresses))


def _send(subject: str, body: str, addresses: list[str]) -> None:
    """The note is on record whether or not the mail gets through."""
    for address in addresses:
        try:
            send_mail(subject, body, None, [address])
        except OSError as error:  # smtplib's errors are OSErrors
            log.warning("mail about a mention was not sent: %s", type(error).__name__)


def _record(note: ReviewNote, actor: Any, act: str) -> None:
    audit.record(
        AuditOperation.DECISION,
        resource_type="post",
        resource_id=note.content_id,
        metadata={"act": act, "note": str(note.pk), "mentions": len(note.mentions)},
        trust_score=trust_score(actor),
        policy_decision=PolicyDecision.ALLOW,
    )
