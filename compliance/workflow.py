"""The stages and the steps between them, as data (workflow contract of the domain rules, section 1)."""

from dataclasses import dataclass

from compliance.enums import WorkflowStage


@dataclass(frozen=True)
class Step:
    """One allowed move. `roles` may make it; `own` means the author of the text may as well."""

    name: str
    source: WorkflowStage
    target: WorkflowStage
    roles: frozenset[str]
    own: bool = False


ORDER = [
    WorkflowStage.DRAFT,
    WorkflowStage.PRIVACY,
    WorkflowStage.EVIDENCE,
    WorkflowStage.FINAL,
    WorkflowStage.APPROVED,
]
STEPS = (
    Step(
        "submit",
        WorkflowStage.DRAFT,
        WorkflowStage.PRIVACY,
        frozenset({"contributor", "author", "editor", "medical_reviewer", "administrator"}),
        own=True,
    ),
    Step("advance", WorkflowStage.PRIVACY, WorkflowStage.EVIDENCE, frozenset({"editor", "compliance_officer"})),
    Step("advance", WorkflowStage.EVIDENCE, WorkflowStage.FINAL, frozenset({"medical_reviewer"})),
    # The last step is a signature; who may sign is decided by `sign()` in the database.
    Step("sign", WorkflowStage.FINAL, WorkflowStage.APPROVED, frozenset({"compliance_officer", "medical_reviewer"})),
)
# Any reviewer sends back to any earlier stage, with a reason.
REVIEWER_ROLES = frozenset({"editor", "medical_reviewer", "compliance_officer"})
# Who has the text on the desk at a stage.
DESK = {
    WorkflowStage.PRIVACY: frozenset({"editor", "compliance_officer"}),
    WorkflowStage.EVIDENCE: frozenset({"medical_reviewer"}),
    WorkflowStage.FINAL: frozenset({"compliance_officer", "medical_reviewer"}),
}


def step_from(stage: str | None, name: str) -> Step | None:
    """The step called `name` that leaves `stage`."""
    return next((step for step in STEPS if step.source == stage and step.name == name), None)


def earlier_stages(stage: str | None) -> list[WorkflowStage]:
    """Stages that a reviewer may send a text back to."""
    if stage not in ORDER or stage == WorkflowStage.APPROVED:
        return []
    return ORDER[: ORDER.index(WorkflowStage(stage))]
