"""The inspection dossier of one article: one data structure, from which both the PDF and the JSON file are made.

It names people, decisions, rules, references and hashes, and holds no text of the article beyond titles and claims:
what was signed is proved by hashes, which are computed again here. `digests` are equal in two dossiers of the same
state, so that a PDF and a file can be compared.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import Tenant, User
from accounts.queries import primary_domain, tenant_settings
from accounts.tenancy.context import SYSTEM_UUID, current_tenant_id
from compliance.checks import NAMES
from compliance.enums import ApprovalAction, AuditOperation
from compliance.models import Approval, AttentionItem, AuditEntry, WorkflowState
from content.enums import ComplianceLevel
from content.models import Post, PostRevision, PublishedPage
from content.queries_references import entries
from content.review_dates import due_date, review_months
from content.services.revisions import hash_of, values_of
from content.services.signing import approval_stands
from content.verification import verification_of

FORMAT = "healthcare-cms-dossier/1"
MOST_ENTRIES, MOST_READS = 300, 100  # of the trail, the newest: the whole of it is exported as CSV
# What the engine files about a finding, without the sample of what was found.
FINDING = ("id", "kind", "code", "severity", "field", "version", "source", "confidence", "status", "reason")
CLAIM = ("text", "kind", "hedged", "status", "validated", "evidence_scale", "evidence_level", "references", "note")
# Reading and exporting are in the trail as well, and each dossier adds to them: a list of their own, not digested.
READS = (AuditOperation.ACCESS, AuditOperation.READ, AuditOperation.EXPORT)


def build(post: Post, *, actor: Any) -> dict[str, Any]:
    """Everything about `post` as JSON values. A fixed number of queries."""
    revisions = list(PostRevision.objects.filter(post=post).order_by("number"))
    approvals = list(Approval.objects.filter(content_id=post.pk).order_by("sequence"))
    runs = list(WorkflowState.objects.filter(content_id=post.pk).order_by("created_at", "id"))
    items = list(AttentionItem.objects.filter(content_id=post.pk).order_by("opened_at", "id"))
    page = PublishedPage.objects.select_related("post").filter(post=post).first()
    ids = [post.pk, *(each.pk for each in (*revisions, *approvals, *runs, *items)), *([page.pk] if page else [])]
    trail, reads = _trail(post, ids)
    people = People(_mentioned(post, revisions, approvals, runs, items, [*trail, *reads]), actor)
    hashes = {each.pk: hash_of(values_of(each)) for each in revisions}
    body = {
        "organization": _organization(),
        "article": _article(post, revisions, approvals, people),
        "page": _page(page),
        "versions": list(_versions(post, revisions, hashes, people)),
        "reviews": [_run(run, revisions, people) for run in runs],
        "references": _references(revisions, post),
        "signatures": list(_signatures(post, approvals, revisions, hashes, people)),
        "to_dos": [_item(item, people) for item in items],
    }
    acts = [_entry(entry, people) for entry in trail[:MOST_ENTRIES]]
    return {
        "format": FORMAT,
        "generated": {"at": timezone.now().isoformat(), "by": people.name(actor.pk), "role": str(actor.role)},
        **body,
        "audit": {
            "entries": acts,
            "earlier_entries_left_out": len(trail) > MOST_ENTRIES,
            "reads": [_entry(entry, people) for entry in reads],
        },
        "digests": {
            "algorithm": "SHA-256 of the part as JSON, keys sorted, no spaces, UTF-8",
            "record": digest(body),
            "audit": digest(acts),
        },
    }


def digest(part: Any) -> str:
    """How the digests are made; a reader can do the same with the file."""
    text = json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


# --- People ----------------------------------------------------------------------------------------------------------


class People:
    """Names and registries, read once."""

    def __init__(self, ids: set[uuid.UUID], actor: Any) -> None:
        users = User.objects.select_related("profile").filter(pk__in=ids | {actor.pk})
        self.users = {user.pk: user for user in users}

    def name(self, user_id: Any) -> str:
        key = _uuid(user_id)
        if key == SYSTEM_UUID:
            return "system"
        return self.users[key].display_name if key in self.users else (str(key)[:8] if key else "")

    def person(self, user_id: Any) -> dict[str, str]:
        user = self.users.get(_uuid(user_id))
        registry = (user.professional_registry or "") if user else ""
        return {"name": self.name(user_id), "registry": registry, "role": str(user.role) if user else ""}


def _uuid(value: Any) -> uuid.UUID | None:
    try:
        return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
    except ValueError:
        return None


def _mentioned(
    post: Post,
    revisions: list[PostRevision],
    approvals: list[Approval],
    runs: list[WorkflowState],
    items: list[AttentionItem],
    trail: list[AuditEntry],
) -> set[uuid.UUID]:
    found: set[Any] = {post.author_id}
    found |= {each.saved_by_id for each in revisions} | {each.author_id for each in revisions}
    found |= {each.user_id for each in approvals} | {each.user_id for each in trail}
    found |= {each.resolved_by_id for each in items}
    for run in runs:
        found |= set(_people_in(run.compliance_validations)) | set(_people_in(run.medical_claims))
    return {key for each in found if (key := _uuid(each))}


PERSON_KEYS = ("user_id", "closed_by", "confirmed_by", "validated_by", "linked_by")


def _people_in(value: Any) -> Iterator[str]:
    """Ids of people anywhere in a run's JSON."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            if name in PERSON_KEYS and isinstance(each, str):
                yield each
            else:
                yield from _people_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _people_in(each)


# --- Parts -----------------------------------------------------------------------------------------------------------


def _organization() -> dict[str, str]:
    tenant = Tenant.objects.get(pk=current_tenant_id())
    settings = tenant_settings()
    return {
        "name": tenant.name,
        "site": primary_domain(),
        "establishment_registry": settings.establishment_registry,
        "director": settings.director_name,
        "director_registry": ", ".join(filter(None, (settings.director_registry, settings.director_rqe))),
    }


def _article(post: Post, revisions: list[PostRevision], approvals: list[Approval], people: People) -> dict[str, Any]:
    live = next((each for each in revisions if each.pk == post.published_revision_id), None)
    signed = [each.created_at for each in approvals if live and each.revision_id == live.pk]
    due = due_date(live.custom_fields, max(signed, default=None), review_months()) if live else None
    return {
        "id": str(post.pk),
        "title": post.title,
        "slug": post.slug,
        "type": post.post_type,
        "status": post.status,
        "level": post.compliance_level,
        "medical_category": post.medical_category,
        "requires_professional": bool(post.requires_crm_validation),
        "author": people.person(post.author_id),
        "published_at": _time(post.published_at),
        "live_version": live.number if live else None,
        "last_approved_at": _time(max(signed, default=None)),
        "next_review": due.isoformat() if due else None,
    }


def _page(page: PublishedPage | None) -> dict[str, Any] | None:
    """What the public verification says right now."""
    if page is None:
        return None
    found = verification_of(page)
    return {
        "verdict": found.verdict.value,
        "shown_hash": found.shown_hash,
        "signed_hash": found.signed_hash,
        "address": f"/verificacao/{page.post_id}/",
    }


def _versions(
    post: Post, revisions: list[PostRevision], hashes: dict[uuid.UUID, str], people: People
) -> Iterator[dict[str, Any]]:
    before: dict[str, Any] = {}
    for revision in revisions:
        values = values_of(revision)
        yield {
            "number": revision.number,
            "id": str(revision.pk),
            "title": "" if _was_closed(revision, post) else revision.title,
            "saved_at": _time(revision.created_at),
            "saved_by": people.name(revision.saved_by_id),
            "summary": revision.summary,
            "changed": sorted(name for name in values if before and values[name] != before[name]),
            "hash": revision.content_hash,
            "hash_now": hashes[revision.pk],
            "same": hashes[revision.pk] == revision.content_hash,
            "live": revision.pk == post.published_revision_id,
        }
        before = values


def _was_closed(revision: PostRevision, post: Post) -> bool:
    """An old version of a level that the text no longer has: its title may name whom the text no longer names."""
    closed = (ComplianceLevel.RESTRICTED, ComplianceLevel.PHI)
    return revision.compliance_level in closed and post.compliance_level not in closed


def _run(run: WorkflowState, revisions: list[PostRevision], people: People) -> dict[str, Any]:
    validations = run.compliance_validations or {}
    number = next((each.number for each in revisions if each.pk == run.revision_id), None)
    return {
        "id": str(run.pk),
        "begun_at": _time(run.created_at),
        "stage": run.current_stage,
        "version": number,
        "hash": run.content_hash,
        "rules": validations.get("engine") or {},
        "assessed_at": validations.get("assessed_at"),
        "lgpd_score": run.lgpd_score,
        "checks": {name: validations[name] for name in NAMES if name in validations},
        "findings": [_finding(each, people) for each in validations.get("findings") or []],
        "claims": [_claim(key, each, people) for key, each in sorted((run.medical_claims or {}).items(), key=_order)],
        "submitted": [_act(each, people) for each in validations.get("submitted") or []],
        "decisions": [_act(each, people) for each in validations.get("decisions") or []],
        "sent_back": [_act(each, people) for each in validations.get("sent_back") or []],
    }


def _order(item: tuple[str, Any]) -> tuple[int, str]:
    """claim_2 before claim_10."""
    return len(item[0]), item[0]


def _finding(finding: Mapping[str, Any], people: People) -> dict[str, Any]:
    return {
        **{name: finding.get(name) for name in FINDING},
        "closed_by": people.name(finding.get("closed_by")),
        "closed_at": finding.get("closed_at"),
        "confirmed_by": people.name(finding.get("confirmed_by")),
        "confirmed_at": finding.get("confirmed_at"),
    }


def _claim(key: str, claim: Mapping[str, Any], people: People) -> dict[str, Any]:
    return {
        "key": key,
        **{name: claim.get(name) for name in CLAIM},
        "validated_by": people.name(claim.get("validated_by")),
        "validated_at": claim.get("validated_at"),
        "validator_registry": claim.get("validator_registry") or "",
    }


def _act(entry: Mapping[str, Any], people: People) -> dict[str, Any]:
    """A submission, a decision or a send-back, with the person's name in place of the id."""
    kept = {name: each for name, each in entry.items() if name != "user_id"}
    return {**kept, "by": people.name(entry.get("user_id"))}


def _references(revisions: list[PostRevision], post: Post) -> list[dict[str, Any]]:
    """The list of the live version, or of the newest where none is live."""
    live = next((each for each in revisions if each.pk == post.published_revision_id), None)
    shown = live or (revisions[-1] if revisions else None)
    lines = entries([str(each) for each in shown.scientific_references]) if shown else []
    return [{name: line[name] for name in ("id", "text", "url", "retracted", "note")} for line in lines]


def _signatures(
    post: Post,
    approvals: list[Approval],
    revisions: list[PostRevision],
    hashes: dict[uuid.UUID, str],
    people: People,
) -> Iterator[dict[str, Any]]:
    by_id = {each.pk: each for each in revisions}
    withdrawn = max((each.sequence for each in approvals if each.action == ApprovalAction.WITHDRAW), default=0)
    complete = {each.pk: approval_stands(post.pk, each) for each in revisions if each.pk == post.published_revision_id}
    for approval in approvals:
        revision = by_id.get(approval.revision_id)
        signs = approval.action == ApprovalAction.SIGN
        yield {
            "sequence": approval.sequence,
            "action": approval.action,
            "kind": approval.kind,
            "capacity": approval.capacity,
            "name": people.name(approval.user_id),
            "registry": approval.registry or "",
            "at": _time(approval.created_at),
            "statement": approval.statement,
            "version": revision.number if revision else None,
            "hash": approval.content_hash,
            "hash_now": hashes.get(approval.revision_id) if signs else None,
            "same": (hashes.get(approval.revision_id) == approval.content_hash) if signs else None,
            "withdrawn": signs and approval.sequence < withdrawn,
            "carries_the_live_version": bool(signs and complete.get(approval.revision_id)),
        }


def _item(item: AttentionItem, people: People) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "about": item.subject,
        "details": item.details,
        "opened_at": _time(item.opened_at),
        "resolved_at": _time(item.resolved_at),
        "resolved_by": people.name(item.resolved_by_id),
        "resolution": item.resolution,
    }


# --- The trail -------------------------------------------------------------------------------------------------------


def _trail(post: Post, ids: Iterable[uuid.UUID]) -> tuple[list[AuditEntry], list[AuditEntry]]:
    """Acts upon the article and its parts since it exists (one more than are shown), and readings of it."""
    found = AuditEntry.objects.filter(created_at__gte=post.inserted_at, resource_id__in=list(ids))
    found = found.order_by("-created_at", "-id")
    acts = found.exclude(operation__in=READS)[: MOST_ENTRIES + 1]
    return list(acts), list(found.filter(operation__in=READS)[:MOST_READS])


def _entry(entry: AuditEntry, people: People) -> dict[str, Any]:
    metadata = entry.metadata if isinstance(entry.metadata, dict) else {}
    hidden = ("request_id", "ip_address", "user_agent")  # of the person, not of the article
    return {
        "id": str(entry.pk),
        "at": _time(entry.created_at),
        "by": people.name(entry.user_id),
        "operation": entry.operation,
        "about": entry.resource_type,
        "decision": entry.policy_decision or "",
        "details": {name: each for name, each in metadata.items() if name not in hidden},
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
