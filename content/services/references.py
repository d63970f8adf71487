"""Keeping the library of references: add, edit, merge, import, mark as retracted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.queries import tenant_settings
from compliance import attention, audit
from compliance.analyzers import references as syntax
from compliance.enums import AttentionKind, AuditOperation, PolicyDecision
from compliance.errors import Refused
from compliance.policy import has_capability, trust_score
from content.enums import PostStatus, ReferenceCheck, ReferenceKind, ReferenceType
from content.markers import LONGEST, parse
from content.models import Post, Reference, ReferenceUse
from content.queries_references import (
    approved_posts_citing,
    by_identifiers,
    live_posts_citing,
    posts_in_review_citing,
    search_text_of,
)
from content.reference_files import Found, Reading, Retraction
from content.sanitize import clean_text
from content.services import claims, review
from content.services.publishing import rebuild_page
from content.services.revisions import lock_post

# Text column → characters kept.
TEXTS = {
    "title": 1000, "container": 300, "volume": 40, "issue": 40, "pages": 60, "publisher": 200, "place": 100,
    "url": 500,
}  # fmt: skip
FIELDS = (*TEXTS, "authors", "year", "accessed_at", "csl_type")
MINIMUM_NOTE = 10
KIND_OF_TYPE = {
    ReferenceType.TRIAL: ReferenceKind.TRIAL,
    ReferenceType.ISBN: ReferenceKind.BOOK,
    ReferenceType.GUIDELINE: ReferenceKind.REPORT,
    ReferenceType.URL: ReferenceKind.WEBPAGE,
}


def identify(text: str, *, name_allowed: bool = False) -> tuple[str, str]:
    """Type and normal form of what a person typed. Raises Refused ('reference_syntax').

    `name_allowed`: a guideline or document has a name instead of a number.
    """
    text = " ".join(clean_text(text).split())
    found = parse(text) if text else None
    if found is None and name_allowed and 3 <= len(text) <= LONGEST and not text.isdigit():
        return ReferenceType.GUIDELINE.value, text
    if found is None or found[0] not in ReferenceType.values or len(found[1]) > LONGEST:
        raise Refused("reference_syntax", text=text[:80])
    return found


@transaction.atomic
def add(
    *, actor: Any, identifier: str, others: Iterable[str] = (), name_allowed: bool = False, **values: Any
) -> Reference:
    """A new work. Raises Refused ('role', 'reference_syntax', 'reference_taken')."""
    _need(actor, "reference.add")
    type_, normal = identify(identifier, name_allowed=name_allowed)
    aliases = [identify(each)[1] for each in others if each.strip()]
    return _create(actor, type_, normal, aliases, values)


def _create(actor: Any, type_: str, normal: str, aliases: list[str], values: dict[str, Any]) -> Reference:
    item = Reference(type=type_, identifier=normal, created_by_id=actor.pk)
    item.csl_type = KIND_OF_TYPE.get(ReferenceType(type_), ReferenceKind.ARTICLE)
    _refuse_taken([normal, *aliases])
    item.other_identifiers = [each for each in syntax.distinct(aliases) if each.lower() != normal.lower()]
    _fill(item, values)
    return _insert(item)


def may_edit(item: Reference, actor: Any) -> bool:
    """Who manages the library; and who has put in a bare identifier may give the work its title, once."""
    own = has_capability(actor, "reference.add") and item.created_by_id == actor.pk and not item.title
    return own or has_capability(actor, "reference.manage")


@transaction.atomic
def edit(
    item: Reference,
    *,
    actor: Any,
    identifier: str,
    others: Iterable[str] = (),
    name_allowed: bool = False,
    **values: Any,
) -> Reference:
    """Change a work; pages that cite it show the change at once. Texts keep the identifier that they cite."""
    if not may_edit(item, actor):
        raise Refused("role")
    type_, normal = identify(identifier, name_allowed=name_allowed)
    aliases = [identify(each)[1] for each in others if each.strip()]
    before = set(item.identifiers)
    _refuse_taken([normal, *aliases], except_for=item)
    if normal != item.identifier and ReferenceUse.objects.filter(identifier=item.identifier).exists():
        aliases.append(item.identifier)  # a text that cites the old number must still find the work
    if before != {normal, *aliases} or clean_text(values.get("title", item.title)) != item.title:
        item.check_result, item.checked_at = ReferenceCheck.SYNTAX_VALID, None
    item.type, item.identifier = type_, normal
    item.other_identifiers = [each for each in syntax.distinct(aliases) if each.lower() != normal.lower()]
    _fill(item, values)
    item.save()
    _rebuild(item)
    return item


@transaction.atomic
def merge(keep: Reference, other: Reference, *, actor: Any) -> Reference:
    """Make `other` part of `keep`: its identifiers lead here, its details fill gaps, a retraction stays one."""
    _need(actor, "reference.manage")
    if keep.pk == other.pk:
        raise Refused("reference_same")
    identifiers = syntax.distinct([*keep.identifiers, *other.identifiers])
    keep.other_identifiers = identifiers[1:]
    _fill(keep, {name: getattr(other, name) for name in FIELDS}, gaps_only=True)
    newly_retracted = other.is_retracted and not keep.is_retracted
    if newly_retracted:
        keep.retracted_at, keep.retraction_note = other.retracted_at, other.retraction_note
    gone = other.pk
    other.delete()
    keep.save()
    _record(actor, keep, "merge", {"merged": str(gone)})
    if newly_retracted:
        retraction_found(keep, actor=actor)
    else:
        _rebuild(keep)
    return keep


@transaction.atomic
def delete(item: Reference, *, actor: Any) -> None:
    """Remove a work that no text cites. Raises Refused ('reference_cited')."""
    _need(actor, "reference.manage")
    if ReferenceUse.objects.filter(identifier__in=item.identifiers).exists():
        raise Refused("reference_cited")
    item.delete()


# --- Retraction ------------------------------------------------------------------------------------------------------


@transaction.atomic
def mark_retracted(item: Reference, *, actor: Any, note: str) -> list[Post]:
    """Flag a work as retracted, with the reason; returns the texts on the site that cite it."""
    _need(actor, "reference.manage")
    note = clean_text(note)[:2000]
    if len(note) < MINIMUM_NOTE:
        raise Refused("statement")
    return flag_retracted(item, actor=actor, note=note)


def flag_retracted(item: Reference, *, actor: Any, note: str) -> list[Post]:
    """The flag itself, after a person's word, a list or a register's notice. The caller has asked who may."""
    if not item.is_retracted:
        item.retracted_at = timezone.now()
    item.retraction_note = note
    item.save(update_fields=["retracted_at", "retraction_note", "updated_at"])
    _record(actor, item, "retract", {"identifier": item.identifier})
    return retraction_found(item, actor=actor)


@transaction.atomic
def unmark_retracted(item: Reference, *, actor: Any, note: str) -> Reference:
    """Take the flag back, with the reason: a wrong entry of a list, a retraction that was withdrawn."""
    _need(actor, "reference.manage")
    if len(clean_text(note)) < MINIMUM_NOTE:
        raise Refused("statement")
    item.retracted_at, item.retraction_note = None, clean_text(note)[:2000]
    item.save(update_fields=["retracted_at", "retraction_note", "updated_at"])
    _record(actor, item, "unretract", {"identifier": item.identifier})
    _rebuild(item)
    return item


def retraction_found(item: Reference, *, actor: Any) -> list[Post]:
    """Tell the officer of every approved text that cites a retracted work; the tenant decides what happens to it.

    With `unpublish_on_retraction` the approval is withdrawn, by the acting person if their role may; otherwise the
    text stays, its page says that the work is retracted, and the to-do waits. In texts that are in review, claims that
    rest on the work lose their validation. Returns the texts on the site.
    """
    posts = live_posts_citing(item)
    approved = [*posts, *approved_posts_citing(item)]
    withdraw = bool(approved) and has_capability(actor, "post.withdraw") and tenant_settings().unpublish_on_retraction
    for post in posts_in_review_citing(item):
        claims.reopen_validated(post, item.identifiers, actor=actor)
    for post in approved:
        withdrawn = withdraw and _withdraw(post, item, actor)
        details = {"reference": item.identifier, "withdrawn": withdrawn}
        attention.open_item(AttentionKind.RETRACTION, post.pk, details, subject=item.identifier)
        if not withdrawn:
            _refresh_page(post)
    return posts


def _withdraw(post: Post, item: Reference, actor: Any) -> bool:
    try:
        review.withdraw(post, actor=actor, reason=f"Referência retratada: {item.identifier}")
    except Refused:
        return False  # the to-do says that the text is still there
    return True


# --- Import ----------------------------------------------------------------------------------------------------------


@dataclass
class Report:
    """What an import did, entry by entry."""

    added: list[Reference] = field(default_factory=list)
    filled: list[Reference] = field(default_factory=list)  # were there; gaps were filled
    known: list[Reference] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)


@transaction.atomic
def import_found(reading: Reading, *, actor: Any) -> Report:
    """Add what the library does not have; where it has the work, fill gaps and never overwrite."""
    _need(actor, "reference.add")
    report = Report(problems=list(reading.problems))
    known = by_identifiers(each for found in reading.found for _type, each in found.identifiers)
    for found in reading.found:
        item = next((known[each.lower()] for _type, each in found.identifiers if each.lower() in known), None)
        if item is None:
            (type_, normal), *rest = found.identifiers
            item = _create_found(actor, type_, normal, [each for _type, each in rest], found)
            report.added.append(item)
        elif _fill_found(item, found, known):
            if item not in report.added and item not in report.filled:
                report.filled.append(item)
        elif item not in [*report.added, *report.filled, *report.known]:
            report.known.append(item)
        known |= dict.fromkeys((each.lower() for each in item.identifiers), item)
    return report


def _create_found(actor: Any, type_: str, normal: str, aliases: list[str], found: Found) -> Reference:
    item = Reference(type=type_, identifier=normal, created_by_id=actor.pk)
    item.csl_type = KIND_OF_TYPE.get(ReferenceType(type_), ReferenceKind.ARTICLE)
    item.other_identifiers = [each for each in aliases if not each.startswith("http")]
    _fill(item, found.values)
    return _insert(item)


def _insert(item: Reference) -> Reference:
    """Pages may cite the work already: they show it from now on."""
    try:
        with transaction.atomic():
            item.save(force_insert=True)
    except IntegrityError as error:  # somebody added it at the same moment
        raise Refused("reference_taken", title=item.identifier) from error
    _rebuild(item)
    return item


def _fill_found(item: Reference, found: Found, known: dict[str, Reference]) -> bool:
    """Fill gaps of a work that is there; an identifier of yet another work stays that work's."""
    before = (item.other_identifiers, {name: getattr(item, name) for name in FIELDS})
    free = [each for _type, each in found.identifiers if each.lower() not in known and not each.startswith("http")]
    item.other_identifiers = syntax.distinct([*item.identifiers, *free])[1:]
    _fill(item, found.values, gaps_only=True)
    if before == (item.other_identifiers, {name: getattr(item, name) for name in FIELDS}):
        return False
    item.save()
    _rebuild(item)
    return True


@dataclass
class RetractionReport:
    """What a list of retractions meant for the library."""

    rows: int = 0
    flagged: list[Reference] = field(default_factory=list)
    already: int = 0
    posts: list[Post] = field(default_factory=list)


@transaction.atomic
def import_retractions(rows: Iterable[Retraction], *, actor: Any) -> RetractionReport:
    """Flag the works that a list of retractions names; returns them with the texts on the site that cite them."""
    _need(actor, "reference.manage")
    owner: dict[str, Any] = {}
    for pk, identifier, others in Reference.objects.values_list("pk", "identifier", "other_identifiers"):
        owner |= dict.fromkeys((each.lower() for each in [identifier, *others]), pk)
    report, seen = RetractionReport(), set()
    for row in rows:
        report.rows += 1
        pk = next((owner[each.lower()] for each in row.identifiers if each.lower() in owner), None)
        if pk is None or pk in seen:
            continue
        seen.add(pk)
        item = Reference.objects.get(pk=pk)
        if item.is_retracted:
            report.already += 1
            continue
        report.posts += flag_retracted(item, actor=actor, note=_note(row))
        report.flagged.append(item)
    report.posts = list({post.pk: post for post in report.posts}.values())
    return report


def _note(row: Retraction) -> str:
    day = row.retracted_on.isoformat() if row.retracted_on else ""
    return " · ".join(filter(None, ["Lista de retratações", day, row.reason]))[:2000]


# --- Parts -----------------------------------------------------------------------------------------------------------


def _need(actor: Any, capability: str) -> None:
    if not has_capability(actor, capability):
        raise Refused("role")


def _refuse_taken(identifiers: list[str], *, except_for: Reference | None = None) -> None:
    for item in by_identifiers(identifiers).values():
        if except_for is None or item.pk != except_for.pk:
            raise Refused("reference_taken", title=str(item)[:120])


def _fill(item: Reference, values: dict[str, Any], *, gaps_only: bool = False) -> None:
    """Set the cleaned values; with `gaps_only` never over what is there."""
    for name in FIELDS:
        if name not in values or (gaps_only and (name == "csl_type" or getattr(item, name))):
            continue
        value = values[name]
        if name in TEXTS:
            value = " ".join(clean_text(value).split())[: TEXTS[name]]
        if name == "url" and value and not value.lower().startswith(("http://", "https://")):
            value = ""
        if name == "csl_type":
            value = value if value in ReferenceKind.values else item.csl_type
        if name == "authors":
            value = [{key: clean_text(text)[:200] for key, text in each.items()} for each in value or []][:100]
        setattr(item, name, value)
    item.search_text = search_text_of(item)


def fill_gaps(item: Reference, values: dict[str, Any]) -> None:
    """Complete what is empty, never over what is there."""
    before = {name: getattr(item, name) for name in FIELDS}
    _fill(item, values, gaps_only=True)
    if before != {name: getattr(item, name) for name in FIELDS}:
        item.save()
        _rebuild(item)


def _rebuild(item: Reference) -> None:
    """The pages that show the work say what the library says now."""
    for post in live_posts_citing(item):
        _refresh_page(post)


def _refresh_page(post: Post) -> None:
    """Write the page again, if the text is still on the site once it is ours alone."""
    locked = lock_post(post.pk)
    if locked.status == PostStatus.PUBLISHED and locked.deleted_at is None:
        rebuild_page(locked)


def _record(actor: Any, item: Reference, act: str, metadata: dict[str, Any]) -> None:
    audit.record(
        AuditOperation.DECISION,
        resource_type="reference",
        resource_id=item.pk,
        metadata={"act": act, **metadata},
        trust_score=trust_score(actor),
        policy_decision=PolicyDecision.ALLOW,
    )
