"""Mails about reviews that are due: once per text, date and stage of lateness, with links and nothing of the text.

What was sent is remembered in the text's to-do (`compliance.attention`). A mail goes out before it is remembered, so a
run that is killed in between repeats it; it is never lost.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Role
from accounts.links import site_address
from accounts.models import User
from accounts.queries import active_users, primary_domain, tenant_settings
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance import attention
from compliance.enums import AttentionKind
from content.models import PublishedPage
from content.review_dates import SOON_DAYS, due_between, parse_due, review_months, with_due

logger = logging.getLogger(__name__)
# Stage → days after the date from which it counts; the last one reached is the stage.
STAGES = {"soon": -SOON_DAYS, "due": 0, "late": 30, "very_late": 90}
BATCH = 100


@dataclass(frozen=True)
class Due:
    """A text whose newest stage nobody was told of yet."""

    post_id: uuid.UUID
    author_id: uuid.UUID
    day: date
    stage: str


def stage_of(day: date, today: date) -> str | None:
    """How late a review is; None while there is time."""
    late = (today - day).days
    return next((name for name, days in reversed(STAGES.items()) if late >= days), None)


def remind(tenant_id: uuid.UUID, *, today: date | None = None) -> int:
    """Send what is to be sent for one tenant; returns the number of texts that somebody was told of."""
    day = today or timezone.localdate()
    with tenant_context(tenant_id, actor=SYSTEM_UUID, atomic=True):
        _close_reviewed()
        due = _untold(day)
        mails = _mails(due)
    told = {each for person, texts in mails if _send(person, texts) for each in texts}
    for start in range(0, len(ordered := sorted(told, key=lambda each: each.post_id)), BATCH):
        with tenant_context(tenant_id, actor=SYSTEM_UUID, atomic=True):
            for each in ordered[start : start + BATCH]:
                _remember(each)
    return len(told)


def _live_due() -> QuerySet[PublishedPage]:
    return with_due(PublishedPage.objects.all(), review_months())


def _untold(today: date) -> list[Due]:
    """Live texts at a stage that is not in their to-do."""
    soon = due_between(review_months(), None, today + timedelta(days=SOON_DAYS))
    rows = list(_live_due().filter(soon).values_list("post_id", "author_id", "due").order_by("due"))
    items = attention.open_items().filter(kind=AttentionKind.REVIEW_DUE)
    told = {(item.content_id, item.subject): item.details.get("reminded", []) for item in items}
    found = []
    for post_id, author_id, text in rows:
        day = parse_due(text)
        stage = stage_of(day, today) if day else None
        if stage and stage not in told.get((post_id, day.isoformat()), []):
            found.append(Due(post_id, author_id, day, stage))
    return found


def _mails(due: list[Due]) -> list[tuple[tuple[str, str, str], list[Due]]]:
    """One mail per person: the clinic's address for reminders or its officers get all, authors their own texts."""
    if not due:
        return []
    domain = primary_domain()
    if not domain:
        logger.warning("No reminder was sent: the organization has no host name.")
        return []
    address = tenant_settings().contact_email
    officers = active_users().filter(role=Role.COMPLIANCE_OFFICER).values_list("email", flat=True)
    everything = [address] if address else sorted(officers)
    authors = User.objects.filter(pk__in={each.author_id for each in due}, deleted_at=None).in_bulk()
    wanted: dict[str, list[Due]] = {email: list(due) for email in everything}
    for each in due:
        author = authors.get(each.author_id)
        if author is not None and author.email not in everything:
            wanted.setdefault(author.email, []).append(each)
    return [((email, *_message(texts, domain)), texts) for email, texts in wanted.items()]


def _message(texts: list[Due], domain: str) -> tuple[str, str]:
    """Subject and body: dates and links, as mails are read by more people than their reader."""
    site = site_address(domain)
    with translation.override(settings.LANGUAGE_CODE):
        lines = [
            f"{date_format(each.day, 'SHORT_DATE_FORMAT')}  {site}{reverse('admin:review_post', args=[each.post_id])}"
            for each in texts
        ]
        subject = ngettext("%(count)s text is due for review", "%(count)s texts are due for review", len(texts))
        body = [
            _("These published texts are due for review, or will be soon:"),
            "\n".join(lines),
            _("Open each text, check whether it still holds, and have it approved again."),
            _("This message names no text on purpose. It is sent once for each step of lateness."),
        ]
    return subject % {"count": len(texts)}, "\n\n".join(body)


def _send(mail: tuple[str, str, str], texts: list[Due]) -> bool:
    """True when the mail server took it; otherwise the next run tries again."""
    email, subject, body = mail
    try:
        send_mail(subject, body, None, [email])
    except OSError as error:  # SMTP errors are OSErrors
        logger.warning("A reminder about %s texts was not sent: %s", len(texts), error.__class__.__name__)
        return False
    return True


def _remember(each: Due) -> None:
    with transaction.atomic():
        item = attention.open_item(
            AttentionKind.REVIEW_DUE, each.post_id, {"due": each.day.isoformat()}, subject=each.day.isoformat()
        )
        told = [*item.details.get("reminded", []), each.stage]
        attention.open_item(AttentionKind.REVIEW_DUE, each.post_id, {"reminded": told}, subject=item.subject)


def _close_reviewed() -> None:
    """A text with a new date, or that left the site, is no longer waiting for the old one."""
    items = list(attention.open_items().filter(kind=AttentionKind.REVIEW_DUE))
    if not items:
        return
    due = dict(
        _live_due().filter(post_id__in={item.content_id for item in items}).values_list("post_id", "due").order_by()
    )
    for item in items:
        day = parse_due(due.get(item.content_id))
        if day is None or day.isoformat() != item.subject:
            attention.close(item, resolution=f"{item.subject} → {day or '–'}")
