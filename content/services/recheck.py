"""Checks in the background: of all live texts after the engine or its words changed, of one after a save in review.

Both are jobs (accounts.tenancy.jobs). A re-check changes no approval and no finding of the signed run: it notes for
each text which rules it fails today, by their codes, and opens a to-do for the officer.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.queries import active_tenants, tenant_settings
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from accounts.tenancy.jobs import job_context, tenant_task
from compliance import attention, audit, checks, jobs
from compliance.analyzers import engine_versions
from compliance.enums import (
    AttentionKind,
    AuditOperation,
    CheckResult,
    JobKind,
    JobStatus,
    PolicyDecision,
    WorkflowStage,
)
from compliance.errors import Refused
from compliance.models import JobRun, RecheckOutcome, WorkflowState
from compliance.policy import has_capability, trust_score
from content.enums import PostStatus
from content.models import Post, PostRevision
from content.services.assessment import Assessed, analyze_revision, assess, file_assessment
from content.services.revisions import open_run

BATCH = 5  # texts between two notes of progress; the engine needs up to half a second for each
ENGINE_CODE, CLAIMS_CODE = "engine_error", "claims_check"


def versions() -> dict[str, str]:
    """What the active tenant's texts are checked with: the engine's versions, and its own words by their hash."""
    own = {name: words for name, words in tenant_settings().extra_words.items() if words}
    digest = hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()[:8]
    return {**engine_versions(), "words": digest if own else "–"}


def live_texts() -> QuerySet[Post]:
    """What readers can open today."""
    return Post.objects.filter(status=PostStatus.PUBLISHED, deleted_at=None, published_revision_id__isnull=False)


# --- All live texts --------------------------------------------------------------------------------------------------


def start(*, actor: Any) -> JobRun:
    """An officer asks for a re-check. Raises Refused ('role', 'running')."""
    if not has_capability(actor, "review.recheck"):
        raise Refused("role")
    run = jobs.start(JobKind.RECHECK, recheck_live_texts, actor_id=actor.pk, versions=versions())
    if run is None:
        raise Refused("running")
    audit.record(
        AuditOperation.DECISION,
        resource_type="job",
        resource_id=run.pk,
        metadata={"act": "recheck", "versions": run.versions},
        trust_score=trust_score(actor),
        policy_decision=PolicyDecision.ALLOW,
    )
    return run


def start_where_due() -> int:
    """Queue a re-check for every tenant whose last one was made with other versions; the number of them."""
    started = 0
    for tenant_id, _slug in active_tenants():
        with tenant_context(tenant_id, actor=SYSTEM_UUID, atomic=True):
            if is_due():
                started += jobs.start(JobKind.RECHECK, recheck_live_texts, versions=versions()) is not None
            jobs.forget_old()
    return started


def is_due() -> bool:
    """Were the live texts last checked with something else? What gave up is not tried again by itself."""
    last = jobs.newest(JobKind.RECHECK)
    if last is None:
        return live_texts().exists()
    return not last.is_open and last.versions != versions()


@tenant_task
def recheck_live_texts(tenant_id: uuid.UUID, run_id: uuid.UUID) -> None:
    """Check every live text with the current rules. Run again, it goes on where it stopped."""
    with job_context(tenant_id, writing=True):
        ids = list(live_texts().order_by("id").values_list("id", flat=True))
        jobs.begin(run_id, total=len(ids), versions=versions())
        have = set(RecheckOutcome.objects.filter(run_id=run_id).values_list("content_id", flat=True))
    todo = [pk for pk in ids if pk not in have]
    for first in range(0, len(todo), BATCH):
        found = [each for pk in todo[first : first + BATCH] if (each := _checked(tenant_id, pk, run_id))]
        with job_context(tenant_id, writing=True):
            _note(found)
            _tell(run_id, done=len(ids) - len(todo) + first + len(found))
    with job_context(tenant_id, writing=True):
        # Texts that have left the site have no state to show.
        RecheckOutcome.objects.exclude(content_id__in=live_texts().values("id")).delete()
        _tell(run_id, done=len(ids))
        jobs.finish(run_id)


def _checked(tenant_id: uuid.UUID, post_id: uuid.UUID, run_id: uuid.UUID) -> RecheckOutcome | None:
    """One text; None when it has left the site meanwhile. Nothing is written, so nothing is locked meanwhile."""
    with job_context(tenant_id):
        post = live_texts().filter(pk=post_id).first()
        revision = PostRevision.objects.filter(pk=post.published_revision_id).first() if post else None
        if revision is None:
            return None
        verdict = judge(revision, analyze_revision(revision))
        return RecheckOutcome(
            content_id=post_id,
            run_id=run_id,
            content_hash=revision.content_hash,
            result=verdict.result,
            codes=verdict.codes,
            versions=versions(),
        )


@dataclass(frozen=True)
class Verdict:
    """`codes` of what fails now: blocking rules, types of personal data, `claims_check`; empty when nothing does."""

    result: str
    codes: list[str]


def judge(revision: PostRevision, assessed: Assessed) -> Verdict:
    """The new findings under the old decisions: what people have closed in the approved run stays closed."""
    if assessed.analysis is None:
        return Verdict(CheckResult.ERROR, [ENGINE_CODE])
    run = _approved_run(revision)
    file_assessment(run, assessed, level=revision.compliance_level)  # in memory: the signed run is never changed
    validations = run.compliance_validations
    codes = {finding["code"] for finding in checks.open_findings(validations, kind="rule", severities=["block"])}
    if validations["lgpd_check"] not in checks.PASSING:
        codes |= {finding["code"] for finding in checks.open_findings(validations, kind="phi")}
    if validations["claims_check"] not in checks.PASSING:
        codes.add(CLAIMS_CODE)
    return Verdict(CheckResult.FAILED if codes else CheckResult.PASSED, sorted(codes))


def _approved_run(revision: PostRevision) -> WorkflowState:
    """The run that was signed for this wording, or an empty one where none is left."""
    runs = WorkflowState.objects.filter(
        content_id=revision.post_id, current_stage=WorkflowStage.APPROVED, content_hash=revision.content_hash
    )
    return runs.order_by("-updated_at").first() or WorkflowState(
        content_id=revision.post_id, content_hash=revision.content_hash, compliance_validations={}
    )


def _note(outcomes: list[RecheckOutcome]) -> None:
    """Keep the outcomes, one per text, and open a to-do for each that fails."""
    RecheckOutcome.objects.filter(content_id__in=[each.content_id for each in outcomes]).delete()
    RecheckOutcome.objects.bulk_create(outcomes)
    for outcome in outcomes:
        if outcome.codes:
            _open_item(outcome)


def _open_item(outcome: RecheckOutcome) -> None:
    """The only place where a re-check asks for somebody."""
    details = {"codes": outcome.codes, "engine": outcome.versions, "checked_at": timezone.now().isoformat()}
    attention.open_item(AttentionKind.RECHECK, outcome.content_id, details)


def _tell(run_id: uuid.UUID, *, done: int) -> None:
    failing = RecheckOutcome.objects.filter(run_id=run_id).exclude(result=CheckResult.PASSED).count()
    jobs.advance(run_id, done=done, failing=failing)


# --- One text in review ----------------------------------------------------------------------------------------------


def assess_later(post: Post) -> JobRun | None:
    """After a save in review: have the new wording checked. Nothing where the checks are about it already."""
    run = open_run(post)
    if run is None or run.current_stage == WorkflowStage.DRAFT:
        return None
    if checks.are_current(run.compliance_validations, run.content_hash):
        return None
    return jobs.start(JobKind.ASSESS, assess_text, subject_id=post.pk)


@tenant_task
def assess_text(tenant_id: uuid.UUID, run_id: uuid.UUID) -> None:
    """Check the newest wording of the run's text. What was withdrawn or changed again meanwhile needs no check."""
    with job_context(tenant_id, writing=True):
        post_id = jobs.begin(run_id, total=1).subject_id
    with job_context(tenant_id):
        post = Post.objects.filter(pk=post_id).first()
        if post is not None:
            try:
                assess(post, actor=SYSTEM_UUID)
            except Refused as refused:
                if refused.code not in ("stage", "stale", "not_found"):
                    raise
    with job_context(tenant_id, writing=True):
        jobs.advance(run_id, done=1, failing=0)
        jobs.finish(run_id)
        _check_again_if_stale(post)


def _check_again_if_stale(post: Post | None) -> None:
    """A save between the engine's reading and its filing found this job open and queued no other."""
    run = open_run(post) if post is not None and post.deleted_at is None else None
    # Only another wording: a text that breaks the engine would be queued without end.
    if run is not None and (run.compliance_validations or {}).get("content_hash") != run.content_hash:
        assess_later(post)


def unfinished() -> list[JobRun]:
    """The tenant's jobs that gave up, newest first."""
    return list(JobRun.objects.filter(status=JobStatus.DEAD)[:100])
