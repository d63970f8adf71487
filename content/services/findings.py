"""Closing findings: who may, how, and why. Every closing has a reason; a waiver that matters takes two people."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from compliance import audit, checks
from compliance.enums import AuditOperation, FindingStatus, PolicyDecision, WorkflowStage
from compliance.errors import Refused
from compliance.models import WorkflowState
from compliance.policy import has_capability, trust_score
from content.models import Post
from content.services import signing
from content.services.publishing import refusals
from content.services.revisions import lock_post, newest_revision, open_run

MINIMUM_REASON = 10  # characters; domain rules 1
IN_REVIEW = (WorkflowStage.PRIVACY, WorkflowStage.EVIDENCE, WorkflowStage.FINAL)
BY_HAND = (FindingStatus.FALSE_POSITIVE, FindingStatus.ACCEPTED_WITH_CONSENT, FindingStatus.WAIVED)


def close(post: Post, finding_id: str, *, actor: Any, status: str, reason: str) -> WorkflowState:
    """Close an open finding as a false alarm, as accepted with consent, or by waiver (domain rules 1 and 2.5).

    A waiver that needs two people is only asked for here. Raises Refused: 'author' for who wrote the text, 'saved' for
    who had a hand in it, 'role' for who may not close this one, 'consent' where consent does not help, 'statement'
    without a reason.
    """
    with refusals():
        run, finding = _open(post, finding_id, actor)
        if status not in BY_HAND or not checks.is_open(finding):
            raise Refused("finding_status")
        if len(reason.strip()) < MINIMUM_REASON:
            raise Refused("statement")
        if not may_close(actor, finding, run.compliance_validations):
            raise Refused("role")
        if status == FindingStatus.ACCEPTED_WITH_CONSENT and not consent_helps(finding):
            raise Refused("consent")
        two = status == FindingStatus.WAIVED and checks.needs_two(finding, run.compliance_validations)
        # What stops a text is not closed alone by who saved it, whose words it may be; asking for a waiver is left.
        if stops(finding) and not two and signing.has_saved(post, newest_revision(post), user=actor):
            raise Refused("saved")
        change = {
            "status": (FindingStatus.WAIVER_REQUESTED if two else FindingStatus(status)).value,
            "reason": reason.strip(),
            "closed_by": str(actor.pk),
            "closed_at": timezone.now().isoformat(),
            "confirmed_by": None,
            "confirmed_at": None,
        }
        return _file(post, run, finding, change, actor=actor)


def confirm_waiver(post: Post, finding_id: str, *, actor: Any) -> WorkflowState:
    """The second person's consent to a waiver: another compliance officer, or the data protection officer, who has
    no hand in the wording."""
    with refusals():
        run, finding = _open(post, finding_id, actor)
        if finding.get("status") != FindingStatus.WAIVER_REQUESTED:
            raise Refused("finding_status")
        if not has_capability(actor, "review.confirm_waiver"):
            raise Refused("role")
        if finding.get("closed_by") == str(actor.pk):
            raise Refused("second_person")
        if signing.has_saved(post, newest_revision(post), user=actor):
            raise Refused("saved")
        change = {
            "status": FindingStatus.WAIVED.value,
            "confirmed_by": str(actor.pk),
            "confirmed_at": timezone.now().isoformat(),
        }
        return _file(post, run, finding, change, actor=actor)


def reopen(post: Post, finding_id: str, *, actor: Any, reason: str) -> WorkflowState:
    """Take a closing back, by anyone who could have made it."""
    with refusals():
        run, finding = _open(post, finding_id, actor)
        if finding.get("status", FindingStatus.OPEN) == FindingStatus.OPEN or finding.get("gone"):
            raise Refused("finding_status")
        if len(reason.strip()) < MINIMUM_REASON:
            raise Refused("statement")
        if not may_close(actor, finding, run.compliance_validations):
            raise Refused("role")
        change = {
            "status": FindingStatus.OPEN.value,
            "reason": reason.strip(),
            "closed_by": None,
            "closed_at": None,
            "confirmed_by": None,
            "confirmed_at": None,
        }
        return _file(post, run, finding, change, actor=actor)


def may_close(actor: Any, finding: dict[str, Any], validations: dict[str, Any]) -> bool:
    """Unique identifiers, a gate that is shut hard, and blocking rules are the compliance officer's; the privacy
    reviewers close other personal data, everybody at the desk closes warnings (domain rules 2.5, 4.3)."""
    if checks.needs_two(finding, validations):
        return has_capability(actor, "review.waive")
    return has_capability(actor, "review.privacy" if finding["kind"] == "phi" else "review.desk")


def stops(finding: dict[str, Any]) -> bool:
    """Personal data and rules of severity block: nothing passes, or nobody signs, while one is open."""
    return finding["kind"] == "phi" or finding["severity"] == "block"


def consent_helps(finding: dict[str, Any]) -> bool:
    """Consent covers named data, but never makes CPF, CNS or record numbers publishable (domain rules 2.5)."""
    return finding["kind"] == "phi" and finding["severity"] != "S4"


def _open(post: Post, finding_id: str, actor: Any) -> tuple[WorkflowState, dict[str, Any]]:
    """The run and its finding, under the lock; the checks must be about the wording that is there now."""
    locked = lock_post(post.pk)
    if locked.deleted_at is not None:
        raise Refused("trashed")
    run = open_run(locked)
    if run is None or run.current_stage not in IN_REVIEW:
        raise Refused("stage")
    newest = newest_revision(locked)
    if actor.pk in (locked.author_id, newest.author_id):
        raise Refused("author")
    if not checks.are_current(run.compliance_validations, run.content_hash):
        raise Refused("checks")
    finding = next((f for f in run.compliance_validations.get("findings", []) if f["id"] == finding_id), None)
    if finding is None:
        raise Refused("finding")
    return run, finding


def _file(post: Post, run: WorkflowState, finding: dict[str, Any], change: dict[str, Any], *, actor: Any) -> Any:
    validations = run.compliance_validations
    changed = {finding["id"]: {**finding, **change}}
    # Consent and waivers do not make a person anonymous; that there was no name does.
    if change["status"] == FindingStatus.FALSE_POSITIVE and _was_last_name(finding, validations):
        derived = [f for f in validations["findings"] if f["code"] in checks.DERIVED_FROM_NAMES and checks.is_open(f)]
        changed |= {f["id"]: {**f, **changed[finding["id"]], **_own(f)} for f in derived}
    if change["status"] == FindingStatus.OPEN and finding["code"] == "person_name" and finding.get("closed_at"):
        # What closed with the name opens with it; both carry the same moment.
        again = [f for f in validations["findings"] if f["code"] in checks.DERIVED_FROM_NAMES]
        changed |= {f["id"]: {**f, **change} for f in again if f.get("closed_at") == finding["closed_at"]}
    findings = [changed.get(record["id"], record) for record in validations["findings"]]
    level = newest_revision(post).compliance_level
    run.compliance_validations = checks.with_results(
        {**validations, "findings": findings}, run.medical_claims, level=level
    )
    run.lgpd_score = run.compliance_validations["score"]["value"]
    run.save()
    audit.record(
        AuditOperation.DECISION,
        resource_type="post",
        resource_id=post.pk,
        metadata={
            "act": "finding",
            "finding": finding["id"],
            "code": finding["code"],
            "from": str(finding.get("status", FindingStatus.OPEN)),
            "to": change["status"],
            "hash": run.content_hash,
            "score": run.lgpd_score,
        },
        trust_score=trust_score(actor),
        policy_decision=PolicyDecision.ALLOW,
    )
    return run


def _own(finding: dict[str, Any]) -> dict[str, Any]:
    """What makes a finding itself, when the decision about another is copied to it."""
    decided = ("status", "reason", "closed_by", "closed_at", "confirmed_by", "confirmed_at")
    return {name: value for name, value in finding.items() if name not in decided}


def _was_last_name(finding: dict[str, Any], validations: dict[str, Any]) -> bool:
    """Is it the only name that is one? Then "identifiable patient" has nothing left to rest on."""
    names = [
        f
        for f in validations["findings"]
        if f["code"] == "person_name" and not f.get("gone") and f.get("status") != FindingStatus.FALSE_POSITIVE
    ]
    return [f["id"] for f in names] == [finding["id"]]
