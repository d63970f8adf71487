"""Claims and their evidence (domain rules 3): linking references, deciding claim by claim, and suggesting what was
approved for the same sentence elsewhere in the organization."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.tenancy.context import current_tenant_id
from compliance import audit, checks, evidence
from compliance.enums import AuditOperation, ClaimStatus, PolicyDecision, WorkflowStage
from compliance.errors import Refused
from compliance.models import WorkflowState
from compliance.policy import has_capability, trust_score
from content import markers
from content.models import Post, PostRevision
from content.queries_references import by_identifiers
from content.queries_review import find_text
from content.services.publishing import refusals
from content.services.revisions import lock_post, newest_revision, open_run

MINIMUM_REASON = 10  # characters
MOST_HISTORY = 20  # decisions kept per claim; the trail has them all
LINKERS = frozenset({"editor", "medical_reviewer"})
BEFORE_FINAL = (WorkflowStage.DRAFT, WorkflowStage.PRIVACY, WorkflowStage.EVIDENCE)
DECISIONS = (ClaimStatus.VALIDATED, ClaimStatus.REJECTED, ClaimStatus.NOT_A_CLAIM)
UNDECIDED = (ClaimStatus.OPEN, ClaimStatus.LINKED)


def link(post: Post, key: str, *, actor: Any, references: list[str]) -> WorkflowState:
    """Say which works of the text's list of references the claim rests on; an empty list takes them away.

    By the author while writing, by editors and medical reviewers until the final approval. What was decided before is
    open again, so after a decision only a medical reviewer may. Raises Refused: 'references' for what is no valid
    identifier of the list.
    """
    with refusals():
        locked, run, revision, claim = _found(post, key, stages=BEFORE_FINAL)
        if not may_link(actor, run, authors=(locked.author_id, revision.author_id)):
            raise Refused("role" if getattr(actor, "role", "") not in LINKERS else "author")
        if claim["status"] not in UNDECIDED and not _decides_now(actor, run):
            raise Refused("claim_decided")
        known = identifiers_of(revision)
        wanted = list(dict.fromkeys(markers.canonical(each) for each in references if each.strip()))
        if any(each.lower() not in known for each in wanted):
            raise Refused("references")
        wanted = [known[each.lower()] for each in wanted]
        change = {
            "references": wanted,
            "reference": wanted[0] if wanted else None,
            "status": (ClaimStatus.LINKED if wanted else ClaimStatus.OPEN).value,
            "validated": False,
            "linked_by": str(actor.pk),
            **dict.fromkeys(("validated_by", "validated_at", "validator_registry")),
        }
        return _file(post, run, revision, key, change, actor=actor)


def decide(
    post: Post,
    key: str,
    *,
    actor: Any,
    status: str,
    reason: str = "",
    evidence_level: str = "",
    evidence_scale: str = evidence.Scale.OCEBM2011,
) -> WorkflowState:
    """The medical reviewer's decision at S.3.1: validated with a level, rejected, or not a claim.

    A rejected claim blocks until its sentence has left the text. Raises Refused: 'statement' without a reason where
    one is needed, 'reference' without evidence, 'retracted' for a withdrawn work, 'level' or 'weak' for a level that
    the scale or the category lacks.
    """
    with refusals():
        locked, run, revision, claim = _found(post, key, stages=(WorkflowStage.EVIDENCE,))
        if not has_capability(actor, "review.evidence"):
            raise Refused("role")
        # A working copy may name another author than the live text: neither decides.
        if actor.pk in (locked.author_id, revision.author_id):
            raise Refused("author")
        if actor.pk in _savers(post):
            raise Refused("saved")
        if status not in DECISIONS:
            raise Refused("claim_status")
        validated = status == ClaimStatus.VALIDATED
        if not validated and len(reason.strip()) < MINIMUM_REASON:
            raise Refused("statement")
        if validated:
            _refuse_evidence(claim, revision, evidence_scale, evidence_level)
        change = {
            "status": ClaimStatus(status).value,
            "validated": validated,
            "validated_by": str(actor.pk),
            "validated_at": timezone.now().isoformat(),
            "validator_registry": actor.professional_registry or "",
            "note": reason.strip(),
        }
        if validated:
            change |= {"evidence_scale": evidence_scale, "evidence_level": evidence_level or None}
        return _file(post, run, revision, key, change, actor=actor)


def reopen_validated(post: Post, identifiers: Iterable[str], *, actor: Any) -> int:
    """Take back the validation of claims that rest on one of these works: one of them has been retracted."""
    lost = {each.lower() for each in identifiers}
    with refusals():
        locked = lock_post(post.pk)
        run, revision = open_run(locked), newest_revision(locked)
        if run is None or revision is None:
            return 0
        keys = [
            key
            for key, claim in (run.medical_claims or {}).items()
            if claim["status"] == ClaimStatus.VALIDATED and lost & {each.lower() for each in claim["references"]}
        ]
        undone = dict.fromkeys(("validated_by", "validated_at", "validator_registry"))
        for key in keys:
            change = {"status": ClaimStatus.LINKED.value, "validated": False, **undone}
            _file(post, run, revision, key, change, actor=actor)
        return len(keys)


def may_link(actor: Any, run: WorkflowState, *, authors: tuple[Any, ...]) -> bool:
    """The author while writing; in review editors and medical reviewers, but nobody for a text of their own."""
    if run.current_stage == WorkflowStage.DRAFT:
        own = actor.pk in authors and has_capability(actor, "post.write_own")
        return own or (has_capability(actor, "review.desk") and actor.role in LINKERS)
    if run.current_stage not in BEFORE_FINAL or actor.pk in authors:
        return False
    return has_capability(actor, "review.desk") and actor.role in LINKERS


def identifiers_of(revision: PostRevision) -> dict[str, str]:
    """Every valid identifier in the revision's list of references, by its small spelling."""
    return valid_identifiers(map(str, revision.scientific_references))


def valid_identifiers(entries: Iterable[str]) -> dict[str, str]:
    """The identifiers in lines of a reference list, by their small spelling; words without one count for nothing."""
    found = {}
    for entry in entries:
        for key in markers.keys_of(entry):
            if parsed := markers.parse(key):
                found.setdefault(parsed[1].lower(), parsed[1])
    return found


def _found(
    post: Post, key: str, *, stages: tuple[str, ...]
) -> tuple[Post, WorkflowState, PostRevision, dict[str, Any]]:
    """The text and the open run with its claim, under the lock. In review the checks must be about this wording."""
    locked = lock_post(post.pk)
    if locked.deleted_at is not None:
        raise Refused("trashed")
    run = open_run(locked)
    if run is None or run.current_stage not in stages:
        raise Refused("stage")
    current = checks.are_current(run.compliance_validations, run.content_hash)
    if run.current_stage != WorkflowStage.DRAFT and not current:
        raise Refused("checks")
    claim = (run.medical_claims or {}).get(key)
    if claim is None:
        raise Refused("claim")
    revision = newest_revision(locked)
    assert revision is not None  # an open run has a wording
    return locked, run, revision, claim


def _decides_now(actor: Any, run: WorkflowState) -> bool:
    return run.current_stage == WorkflowStage.EVIDENCE and has_capability(actor, "review.evidence")


def _savers(post: Post) -> set[Any]:
    """Who has saved the text since its last approval."""
    text = find_text(post.pk)
    return text.savers if text else set()


def _refuse_evidence(claim: dict[str, Any], revision: PostRevision, scale: str, level: str) -> None:
    if not valid_identifiers(claim.get("references", [])):
        raise Refused("reference")
    if any(work.is_retracted for work in by_identifiers(claim["references"]).values()):
        raise Refused("retracted")
    if not evidence.is_valid(scale, level):
        raise Refused("level")
    if not evidence.is_strong_enough(scale, level, revision.medical_category):
        raise Refused("weak")


def _file(
    post: Post, run: WorkflowState, revision: PostRevision, key: str, change: dict[str, Any], *, actor: Any
) -> WorkflowState:
    """Store the claim with its history and what follows from it; the trail gets everything but the words."""
    before = run.medical_claims[key]
    entry = {"status": change["status"], "by": str(actor.pk), "at": timezone.now().isoformat()}
    entry |= {"references": change.get("references", before.get("references", []))}
    entry |= {name: change[name] for name in ("evidence_scale", "evidence_level", "note") if change.get(name)}
    history = [*before.get("history", []), entry][-MOST_HISTORY:]
    run.medical_claims = {**run.medical_claims, key: {**before, **change, "history": history}}
    validations = run.compliance_validations or {}
    if checks.are_current(validations, run.content_hash):  # results of another wording stay what they are: stale
        run.compliance_validations = checks.with_results(
            validations, run.medical_claims, level=revision.compliance_level
        )
    run.save()
    audit.record(
        AuditOperation.DECISION,
        resource_type="post",
        resource_id=post.pk,
        metadata={
            "act": "claim",
            "claim": key,
            "from": before["status"],
            "to": change["status"],
            "references": len(entry["references"]),
            "scale": change.get("evidence_scale"),
            "level": change.get("evidence_level"),
            "hash": run.content_hash,
        },
        trust_score=trust_score(actor),
        policy_decision=PolicyDecision.ALLOW,
    )
    return run


# --- Suggestions -----------------------------------------------------------------------------------------------------

MOST_RUNS = 2_000  # approved runs that are searched, the newest: the page must not slow down with the years
# Claims of approved runs by the hash of their sentence, newest approval first.
SAME_SENTENCE = {
    "postgresql": """
        SELECT claim.value
        FROM (SELECT medical_claims, updated_at FROM workflow_states
              WHERE tenant_id = %s AND current_stage = 'approved' AND content_id <> %s
              ORDER BY updated_at DESC LIMIT %s) AS run, jsonb_each(run.medical_claims) AS claim
        WHERE claim.value ->> 'text_hash' = ANY (string_to_array(%s, ','))
          AND claim.value ->> 'status' = 'validated'
        ORDER BY run.updated_at DESC LIMIT 200
        """,
    "sqlite": """
        SELECT claim.value
        FROM (SELECT medical_claims, updated_at FROM workflow_states
              WHERE tenant_id = %s AND current_stage = 'approved' AND content_id <> %s
              ORDER BY updated_at DESC LIMIT %s) AS run, json_each(run.medical_claims) AS claim
        WHERE instr(%s, json_extract(claim.value, '$.text_hash')) > 0
          AND json_extract(claim.value, '$.status') = 'validated'
        ORDER BY run.updated_at DESC LIMIT 200
        """,
}


def suggestions(post: Post, key: str) -> list[dict[str, Any]]:
    """References and levels that were approved for the same sentence in other texts of the organization."""
    run = open_run(post)
    claim = ((run.medical_claims or {}) if run else {}).get(key)
    return suggestions_for(post, [claim["text_hash"]]).get(claim["text_hash"], []) if claim else []


def suggestions_for(post: Post, text_hashes: list[str]) -> dict[str, list[dict[str, Any]]]:
    """The same for many sentences at once: one query. Nothing tells which text they come from."""
    if not text_hashes:
        return {}
    found: dict[str, dict[tuple, dict[str, Any]]] = {}
    with connection.cursor() as cursor:
        native = connection.features.has_native_uuid_field
        ids = [each if native else each.hex for each in (current_tenant_id(), post.pk)]
        cursor.execute(SAME_SENTENCE[connection.vendor], [*ids, MOST_RUNS, ",".join(text_hashes)])
        records = [row[0] for row in cursor.fetchall()]
    for record in records:
        claim = json.loads(record) if isinstance(record, str) else record
        said = {
            "references": claim.get("references", []),
            "evidence_scale": claim.get("evidence_scale"),
            "evidence_level": claim.get("evidence_level"),
            "validated_at": claim.get("validated_at"),
            "validator_registry": claim.get("validator_registry"),
        }
        same = (tuple(said["references"]), said["evidence_scale"], said["evidence_level"])
        found.setdefault(claim["text_hash"], {}).setdefault(same, said)
    return {text_hash: list(each.values()) for text_hash, each in found.items()}
