"""To-dos about approved texts: what came up after the approval, and who did what about it.

The app knows no posts: an item names its text by id. `details` take ids, codes and versions only, so that no word of
an article, and of no patient, gets into the list, its mails or its exports.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.tenancy import context as tenancy
from compliance import audit
from compliance.enums import AttentionKind, AuditOperation, PolicyDecision
from compliance.errors import Refused
from compliance.models import AttentionItem
from compliance.policy import has_capability, trust_score

LONGEST_DETAIL = 300  # a normal form or a code; an article's sentences are longer or have line breaks
LONGEST_LIST = 200
MINIMUM_REASON = 10


def open_items() -> QuerySet[AttentionItem]:
    """What waits for the officer."""
    return AttentionItem.objects.filter(resolved_at=None)


def open_item(
    kind: str, content_id: uuid.UUID, details: Mapping[str, Any] | None = None, subject: str = ""
) -> AttentionItem:
    """The open item about this text, kind and subject: a new one, or the one that is there, with `details` merged in.

    Safe to call again and at the same time. A resolved item stays resolved; the same thing coming up again is new.
    """
    kind = str(AttentionKind(kind).value)
    values = {str(name): _checked(value) for name, value in (details or {}).items()}
    wanted = {"content_id": content_id, "kind": kind, "subject": _checked(subject)}
    with transaction.atomic():
        # One statement that waits for a simultaneous one, and does nothing where an open item exists.
        AttentionItem.objects.bulk_create([AttentionItem(**wanted, details=values)], ignore_conflicts=True)
        item = open_items().select_for_update().get(**wanted)
        if item.details != (merged := {**item.details, **values}):
            item.details = merged
            item.save(update_fields=["details"])
    return item


def resolve(item: AttentionItem, *, actor: Any, reason: str) -> AttentionItem:
    """Close an item with what was done about it. Raises Refused ('role', 'statement', 'resolved')."""
    if not has_capability(actor, "attention.resolve"):
        raise Refused("role")
    if len(reason.strip()) < MINIMUM_REASON:
        raise Refused("statement")
    with transaction.atomic():
        locked = AttentionItem.objects.select_for_update().filter(pk=item.pk, resolved_at=None).first()
        if locked is None:
            raise Refused("resolved")
        locked.resolved_at, locked.resolved_by_id, locked.resolution = timezone.now(), actor.pk, reason.strip()
        locked.save(update_fields=["resolved_at", "resolved_by_id", "resolution"])
        audit.record(
            AuditOperation.DECISION,
            resource_type="attention",
            resource_id=locked.pk,
            metadata={"act": "resolve", "kind": locked.kind, "content_id": str(locked.content_id)},
            trust_score=trust_score(actor),
            policy_decision=PolicyDecision.ALLOW,
        )
    return locked


def close(item: AttentionItem, *, resolution: str) -> None:
    """Close an item whose reason has gone by itself, under the name of who acts (a job: the system)."""
    AttentionItem.objects.filter(pk=item.pk, resolved_at=None).update(
        resolved_at=timezone.now(), resolved_by_id=tenancy.current_user_id(), resolution=_checked(resolution)
    )


def _checked(value: Any) -> Any:
    """`value` as it may be stored. Raises ValueError for what looks like text of an article."""
    if isinstance(value, bool | int | float | None):
        return value
    if isinstance(value, str | uuid.UUID):
        text = str(value)
        if len(text) > LONGEST_DETAIL or any(character < " " for character in text):
            raise ValueError(f"Details name things by id, code or version; got {len(text)} characters of text.")
        return text
    if isinstance(value, Mapping):
        return {str(name): _checked(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and len(value) <= LONGEST_LIST:
        return [_checked(each) for each in value]
    raise ValueError(f"Details are JSON of short values, got {type(value).__name__}.")
