"""The automatic checks of each stage, as flat keys of `workflow_states.compliance_validations` (domain rules, 1).

Pure functions of the stored records. The engine reports findings and claims; what follows from them, and from what
people decided about them, is worked out here and nowhere else. The database reads the results in `sign()`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from compliance.analyzers.findings import Finding
from compliance.analyzers.phi import gate, score
from compliance.enums import CheckResult, ClaimStatus, FindingStatus, WorkflowStage

CHECKS = {
    WorkflowStage.PRIVACY: ("lgpd_check",),
    WorkflowStage.EVIDENCE: ("claims_check",),
    WorkflowStage.FINAL: ("cfm_check", "anvisa_check", "cfp_check", "other_checks"),
}
NAMES = tuple(check for checks in CHECKS.values() for check in checks)
PASSING = frozenset(
    {CheckResult.PASSED, CheckResult.PASSED_WITH_WARNINGS, CheckResult.WAIVED, CheckResult.NOT_APPLICABLE}
)
CLOSED = frozenset(
    {FindingStatus.FIXED, FindingStatus.FALSE_POSITIVE, FindingStatus.ACCEPTED_WITH_CONSENT, FindingStatus.WAIVED}
)
# Findings that follow from others: they close with the last of those (domain rules 7, "derived").
DERIVED_FROM_NAMES = frozenset({"CFM-PATIENT-ID", "CFP-CASE", "COFEN-PATIENT"})

Record = dict[str, Any]


def pending_checks() -> dict[str, str]:
    """Every check before anything has looked."""
    return dict.fromkeys(NAMES, CheckResult.PENDING.value)


def failed_engine(validations: Record, *, content_hash: str, at: datetime) -> Record:
    """`validations` after the engine broke: `error` never counts as passed (domain rules 1 e)."""
    return {
        **validations,
        **dict.fromkeys(NAMES, CheckResult.ERROR.value),
        "content_hash": content_hash,
        "assessed_at": at.isoformat(),
    }


def decided(validations: Record, stage: str, *, user_id: UUID, at: datetime, statement: str) -> Record:
    """`validations` after a person has passed `stage`. The results stay what findings and claims make them."""
    decision = {"stage": str(stage), "user_id": str(user_id), "at": at.isoformat(), "statement": statement}
    return {**validations, "decisions": [*validations.get("decisions", []), decision]}


def stale(validations: Record) -> Record:
    """`validations` after the text has changed: what had been found and decided is about another wording."""
    changed = {
        name: CheckResult.STALE.value
        for name in NAMES
        if validations.get(name) not in (None, CheckResult.PENDING.value)
    }
    return {**validations, **changed}


def are_current(validations: Record | None, content_hash: str | None) -> bool:
    """Are the results about exactly this wording, and did the engine get through?"""
    known = validations or {}
    unknown = {CheckResult.PENDING.value, CheckResult.STALE.value, CheckResult.ERROR.value, None}
    return known.get("content_hash") == content_hash and not any(known.get(name) in unknown for name in NAMES)


# --- Findings --------------------------------------------------------------------------------------------------------


def is_open(finding: Record) -> bool:
    """Open until a person has closed it; a waiver that nobody has confirmed closes nothing."""
    return finding.get("status", FindingStatus.OPEN) not in CLOSED


def open_findings(validations: Record | None, *, kind: str = "", severities: Iterable[str] = ()) -> list[Record]:
    """Open findings of a kind ('phi' or 'rule') and of some severities; empty means all."""
    wanted = frozenset(severities)
    return [
        finding
        for finding in (validations or {}).get("findings", [])
        if is_open(finding) and (not kind or finding["kind"] == kind) and (not wanted or finding["severity"] in wanted)
    ]


def needs_two(finding: Record, validations: Record) -> bool:
    """Does waiving take two people? Block rules, S4 identifiers, any personal data while the gate is shut hard."""
    if finding["kind"] == "rule":
        return finding["severity"] == "block"
    return finding["severity"] == "S4" or bool((validations.get("lgpd_gate") or {}).get("hard"))


def with_results(validations: Record, claims: dict[str, Record] | None, *, level: str | None) -> Record:
    """`validations` with score, gate and every check worked out anew from findings and claims."""
    found = validations.get("findings", [])
    personal = [_finding(record) for record in found if record["kind"] == "phi"]
    link, minor = bool(validations.get("health_link")), bool(validations.get("minor"))
    points = score(personal, health_link=link, minor=minor)
    door = gate(points, personal, health_link=link, level=level or "")
    result = door.result
    if result == CheckResult.PASSED:
        result = _closed_result([record for record in found if record["kind"] == "phi"])
    return {
        **validations,
        "lgpd_check": str(result),
        "score": points.as_json(),
        "lgpd_gate": door.as_json(),
        "claims_check": claims_result(claims),
        "waivers_requested": sum(f.get("status") == FindingStatus.WAIVER_REQUESTED for f in found),
        **_rule_results(validations),
    }


def _finding(record: Record) -> Finding:
    """The record as the engine's scoring reads it; a requested waiver is still open."""
    return Finding(
        kind=record["kind"],
        code=record["code"],
        severity=record["severity"],
        start=0,
        end=0,
        masked=record.get("masked", ""),
        confidence=record.get("confidence", 1.0),
        status="open" if is_open(record) else str(record["status"]),
    )


def _closed_result(records: list[Record]) -> str:
    """All closed: `waived` tells that a rule was set aside, warnings that a person had to look."""
    statuses = {record.get("status") for record in records}
    if FindingStatus.WAIVED in statuses:
        return CheckResult.WAIVED.value
    seen = {FindingStatus.FALSE_POSITIVE, FindingStatus.ACCEPTED_WITH_CONSENT}
    return (CheckResult.PASSED_WITH_WARNINGS if statuses & seen else CheckResult.PASSED).value


def check_of(code: str) -> str:
    """The check that a rule belongs to: CFM-* cfm_check, ANV-* anvisa_check, CFP-* cfp_check, else other_checks."""
    prefix = code.partition("-")[0]
    return {"CFM": "cfm_check", "ANV": "anvisa_check", "CFP": "cfp_check"}.get(prefix, "other_checks")


def _rule_results(validations: Record) -> dict[str, str]:
    results = {}
    for name in CHECKS[WorkflowStage.FINAL]:
        about = [f for f in validations.get("findings", []) if f["kind"] == "rule" and check_of(f["code"]) == name]
        severities = {f["severity"] for f in about if is_open(f)}
        if "block" in severities:
            results[name] = CheckResult.FAILED.value
        elif "warn" in severities:
            results[name] = CheckResult.PASSED_WITH_WARNINGS.value
        elif not about and name in validations.get("not_applicable", []):
            results[name] = CheckResult.NOT_APPLICABLE.value
        else:
            results[name] = _closed_result(about)
    return results


# --- Claims ----------------------------------------------------------------------------------------------------------


def claim_stands(claim: Record) -> bool:
    """Has it evidence that a reviewer accepted? What is no claim needs none; a rejected one never stands."""
    status = claim.get("status", ClaimStatus.OPEN)
    if status == ClaimStatus.NOT_A_CLAIM:
        return True
    return status != ClaimStatus.REJECTED and claim.get("validated") is True and bool(claim.get("reference"))


def claims_result(claims: dict[str, Record] | None) -> str:
    """`claims_check`: passed when every kept claim stands."""
    records = list((claims or {}).values())
    if all(map(claim_stands, records)):
        return CheckResult.PASSED.value
    return CheckResult.FAILED.value
