"""The automatic checks of each stage: the one place where the analyzers are wired to the workflow.

A check is a flat key of `workflow_states.compliance_validations` (domain rules, section 1). Until an analyzer is wired
in, its result is `pending` and a person decides; the decision is stored as `passed`, signed with who and when.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from compliance.enums import CheckResult, WorkflowStage

CHECKS = {
    WorkflowStage.PRIVACY: ("lgpd_check",),
    WorkflowStage.EVIDENCE: ("claims_check",),
    WorkflowStage.FINAL: ("cfm_check", "anvisa_check", "cfp_check"),
}


def pending_checks() -> dict[str, str]:
    """Every check before anybody has looked."""
    return {check: CheckResult.PENDING.value for checks in CHECKS.values() for check in checks}


def decided(validations: dict[str, Any], stage: str, *, user_id: UUID, at: datetime, statement: str) -> dict[str, Any]:
    """`validations` after a person has passed `stage`."""
    decision = {"stage": str(stage), "user_id": str(user_id), "at": at.isoformat(), "statement": statement}
    return {
        **validations,
        **dict.fromkeys(CHECKS.get(WorkflowStage(stage), ()), CheckResult.PASSED.value),
        "decisions": [*validations.get("decisions", []), decision],
    }


def stale(validations: dict[str, Any]) -> dict[str, Any]:
    """`validations` after the text has changed: what had been decided is about another wording."""
    changed = {
        check: CheckResult.STALE.value
        for checks in CHECKS.values()
        for check in checks
        if validations.get(check) not in (None, CheckResult.PENDING.value)
    }
    return {**validations, **changed}
