"""The optional look-up of a reference in a register: outside the request, identifiers only, off by default.

A look-up that fails says so and changes nothing else; it never blocks a text and never turns into "verified".
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from difflib import SequenceMatcher
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.queries import tenant_settings
from accounts.tenancy.context import current_tenant_id, tenant_context
from accounts.tenancy.jobs import check_lease, enqueue, tenant_task
from compliance.errors import Refused
from compliance.policy import has_capability
from content.enums import ReferenceCheck
from content.lookup import Unavailable, Work, ask_crossref, ask_pubmed
from content.models import Reference
from content.queries_references import folded
from content.services.references import fill_gaps, flag_retracted

ALIKE = 0.6  # domain rules 3.4
KEPT = timedelta(days=30)
ANSWERED = (ReferenceCheck.VERIFIED_ONLINE, ReferenceCheck.NOT_FOUND, ReferenceCheck.MISMATCH)


@dataclass(frozen=True)
class Question:
    """What is sent: the number, and whom the register may write to."""

    pmid: str
    doi: str
    contact: str


def can_be_looked_up(item: Reference) -> bool:
    """Does a register know such identifiers?"""
    return bool(item.identifier_of("PMID:") or item.identifier_of("DOI:"))


def is_fresh(item: Reference) -> bool:
    """An answer of a register counts for 30 days."""
    return item.check_result in ANSWERED and bool(item.checked_at) and item.checked_at > timezone.now() - KEPT


def start(item: Reference, *, actor: Any) -> uuid.UUID:
    """Queue a look-up. Raises Refused ('role', 'lookup_off', 'lookup_type', 'lookup_recent')."""
    if not has_capability(actor, "reference.manage"):
        raise Refused("role")
    if not tenant_settings().online_lookup:
        raise Refused("lookup_off")
    if not can_be_looked_up(item):
        raise Refused("lookup_type")
    if is_fresh(item):
        raise Refused("lookup_recent")
    return enqueue(look_up, current_tenant_id(), item.pk, actor.pk)


@tenant_task
def look_up(tenant_id: uuid.UUID, reference_id: uuid.UUID, actor_id: uuid.UUID) -> None:
    """The job: ask with no transaction open, then file the answer as the person who asked for it."""
    check_lease()
    with tenant_context(tenant_id, actor=actor_id):
        question = question_about(reference_id)
    if question is None:
        return
    answer = ask(question)
    check_lease()
    with tenant_context(tenant_id, actor=actor_id, atomic=True):
        file_answer(reference_id, answer, actor=User.objects.filter(pk=actor_id).first())


def lookup(reference_id: uuid.UUID, *, actor: Any) -> ReferenceCheck | None:
    """The same at once, within the active tenant; None when nothing was to be asked."""
    question = question_about(reference_id)
    return file_answer(reference_id, ask(question), actor=actor) if question else None


def question_about(reference_id: uuid.UUID) -> Question | None:
    """None where the tenant wants no look-ups, the work is gone, or its last answer still counts."""
    settings = tenant_settings()
    item = Reference.objects.filter(pk=reference_id).first()
    if not settings.online_lookup or item is None or is_fresh(item) or not can_be_looked_up(item):
        return None
    return Question(item.identifier_of("PMID:"), item.identifier_of("DOI:"), settings.contact_email)


def ask(question: Question) -> Work | ReferenceCheck:
    """The register's answer, or why there is none. No database."""
    try:
        if question.pmid:
            work = ask_pubmed(question.pmid, contact=question.contact)
        else:
            work = ask_crossref(question.doi, contact=question.contact)
    except Unavailable:
        return ReferenceCheck.LOOKUP_UNAVAILABLE
    return work or ReferenceCheck.NOT_FOUND


@transaction.atomic
def file_answer(reference_id: uuid.UUID, answer: Work | ReferenceCheck, *, actor: Any) -> ReferenceCheck | None:
    """Write down what the register said. Gaps are filled when the title agrees; a retraction notice sets the flag."""
    item = Reference.objects.select_for_update().filter(pk=reference_id).first()
    if item is None:
        return None
    item.check_result = _judged(item, answer)
    item.checked_at = timezone.now()
    item.save(update_fields=["check_result", "checked_at", "updated_at"])
    if isinstance(answer, Work):
        if item.check_result == ReferenceCheck.VERIFIED_ONLINE:
            fill_gaps(item, {"title": answer.title, **answer.values})
        if answer.retracted and not item.is_retracted:
            flag_retracted(item, actor=actor, note="Aviso de retratação encontrado na consulta on-line.")
    return ReferenceCheck(item.check_result)


def _judged(item: Reference, answer: Work | ReferenceCheck) -> ReferenceCheck:
    if not isinstance(answer, Work):
        return answer
    if item.title and SequenceMatcher(None, folded(item.title), folded(answer.title)).ratio() < ALIKE:
        return ReferenceCheck.MISMATCH
    return ReferenceCheck.VERIFIED_ONLINE
