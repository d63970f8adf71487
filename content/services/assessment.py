"""Running the compliance engine over a wording and filing what it found in the open run.

The engine is slow beside a save (half a second for a long article), so it runs on submission, on request and in a job,
before any lock is taken; what it found is filed only if the wording is still the same. Matched values never leave this
module: findings carry a mask and an HMAC under a key of the tenant, claims carry placeholders (domain rules 2.5).
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.html import strip_tags

from accounts.models import Tenant, TenantSettings, User
from accounts.queries import tenant_settings
from accounts.tenancy.context import current_tenant_id
from compliance import audit, checks
from compliance.analyzers import Analysis, Document, DocumentContext, analyze
from compliance.analyzers.claims import same_words
from compliance.analyzers.findings import Finding
from compliance.enums import AuditOperation, CheckResult, ClaimStatus, FindingStatus, PolicyDecision
from compliance.errors import Refused
from compliance.models import WorkflowState
from compliance.policy import trust_score
from content.markers import keys_of
from content.models import Post, PostRevision
from content.services.publishing import refusals
from content.services.revisions import lock_post, newest_revision, open_run

log = logging.getLogger(__name__)
DECISION_KEYS = ("status", "closed_by", "closed_at", "reason", "confirmed_by", "confirmed_at")
MOST_FIXED = 100  # findings that are gone stay listed, but not without end
PHYSICIAN = "medico"


@dataclass(frozen=True)
class Assessed:
    """What the engine said about one wording; `analysis` is None when it broke."""

    content_hash: str
    sources: dict[str, str]
    references: list[str]
    analysis: Analysis | None

    def about(self, revision: PostRevision) -> Assessed:
        """The same result for a revision that differs in nothing the engine reads."""
        return replace(self, content_hash=revision.content_hash)


@dataclass(frozen=True)
class Unsaved:
    """A run that is never stored, and the texts that its offsets count."""

    run: WorkflowState
    sources: dict[str, str]


# --- What the engine reads -------------------------------------------------------------------------------------------


def document_of(revision: PostRevision) -> Document:
    """The article as people see it, with what is known about its author and the institution: three queries."""
    author = User.objects.select_related("profile").filter(pk=revision.author_id).first()
    values = {name: getattr(revision, name) for name in ("title", "content", "excerpt", "medical_disclaimer")}
    values |= {name: getattr(revision, name) for name in ("custom_fields", "compliance_level", "medical_category")}
    values |= {"meta_description": revision.meta_description}
    return _document(values, author)


def _document(values: dict[str, Any], author: User | None) -> Document:
    fields = {key: text for key, text in (values.get("custom_fields") or {}).items() if not key.startswith("_")}
    if values.get("meta_description"):
        fields["meta_description"] = values["meta_description"]
    settings = tenant_settings()
    return Document(
        title=values.get("title") or "",
        content_html=values.get("content") or "",
        excerpt=values.get("excerpt") or "",
        disclaimer=values.get("medical_disclaimer") or "",
        custom_fields=fields,
        level=values.get("compliance_level") or "public",
        context=_context(values, author, settings),
        extra_words=settings.extra_words or None,
    )


def _context(values: dict[str, Any], author: User | None, settings: TenantSettings) -> DocumentContext:
    """Rules about who signs ask for physicians; a text by somebody without a profession is journalism (domain 9.3)."""
    profession = (author.professional_type or "") if author else ""
    fields = values.get("custom_fields") or {}
    registry = (author.professional_registry or "") if author else ""
    name = author.display_name if author else ""
    return DocumentContext(
        professional_type=profession,
        author_name=name,
        author_registry=registry,
        author_rqe=tuple(filter(None, [fields.get("author_rqe", "")])),
        signature_block=" · ".join(filter(None, [name, _label(author), registry])),
        journalistic=not profession,
        tenant_has_physicians=profession == PHYSICIAN,
        establishment_name=Tenant.objects.values_list("name", flat=True).get(pk=current_tenant_id()),
        establishment_registry=settings.establishment_registry,
        director_name=settings.director_name,
        director_registry=settings.director_registry,
        director_rqe=settings.director_rqe,
        medical_category=values.get("medical_category") or "",
        sponsored=bool(fields.get("sponsor")),
        sponsor_label=fields.get("sponsor_label", ""),
    )


def _label(author: User | None) -> str:
    """The profession as the byline shows it, in capitals (CFM 2.336/2023 art. 4)."""
    return str(author.get_professional_type_display()).upper() if author and author.professional_type else ""


def document_of_values(values: dict[str, Any], *, author: User | None) -> Document:
    """The article that unsaved values make; keys are fields of PostRevision. Two queries."""
    return _document(values, author)


def assess_unsaved(document: Document, *, references: list[str], run: WorkflowState | None) -> Unsaved:
    """What the open run would say of this wording, closed findings included. Asks the database nothing, stores and
    logs nothing of the text. An engine that broke leaves every check at `error`."""
    analysis = None
    try:
        analysis = analyze(document)
    except Exception as error:
        log.error("compliance engine failed on an unsaved text: %s", type(error).__name__)
    assessed = Assessed("", sources_of(document), references, analysis)
    draft = WorkflowState(
        compliance_validations=(run.compliance_validations if run else None) or {},
        medical_claims=(run.medical_claims if run else None) or {},
    )
    file_assessment(draft, assessed, level=document.level)
    return Unsaved(draft, assessed.sources)


def analyze_revision(revision: PostRevision) -> Assessed:
    """The analysis of a saved wording. An error of the engine is part of the answer, so that nothing passes by it."""
    sources: dict[str, str] = {}
    analysis = None
    try:
        document = document_of(revision)
        sources = sources_of(document)
        analysis = analyze(document)
    except Exception as error:
        # Without the message: it may quote the text.
        log.error("compliance engine failed on revision %s: %s", revision.pk, type(error).__name__)
    return Assessed(revision.content_hash, sources, list(revision.scientific_references), analysis)


def sources_of(document: Document) -> dict[str, str]:
    """Every text of the document under the name that findings give as their field."""
    fields = {f"custom_fields.{name}": text for name, text in document.custom_fields.items()}
    return {
        "title": document.title,
        "content": document.content_html,
        "excerpt": document.excerpt,
        "disclaimer": document.disclaimer,
        **fields,
    }


def document_size(document: Document) -> int:
    """Characters of all texts of the document."""
    return sum(map(len, sources_of(document).values()))


# --- Filing ----------------------------------------------------------------------------------------------------------


def assess(post: Post, *, actor: Any) -> WorkflowState:
    """Check the newest wording and file the result. Raises Refused ('stage' without an open run, 'stale' when the
    wording changed meanwhile)."""
    revision = newest_revision(post)
    if revision is None:
        raise Refused("not_found")
    assessed = analyze_revision(revision)
    with refusals():
        lock_post(post.pk)
        run = open_run(post)
        if run is None:
            raise Refused("stage")
        if run.content_hash != assessed.content_hash:
            raise Refused("stale")
        file_assessment(run, assessed, level=revision.compliance_level)
        run.save()
        record_assessment(run, actor=actor)
    return run


def file_assessment(run: WorkflowState, assessed: Assessed, *, level: str | None) -> None:
    """Put score, findings, claims and results into the run; decisions of people about the same things stay."""
    validations, now = run.compliance_validations or {}, timezone.now()
    if assessed.analysis is None:
        run.lgpd_score = None
        run.compliance_validations = checks.failed_engine(validations, content_hash=assessed.content_hash, at=now)
        return
    analysis = assessed.analysis
    run.medical_claims = _claims(assessed, analysis, run.medical_claims or {})
    found = {
        **validations,
        "engine": dict(analysis.engine),
        "content_hash": assessed.content_hash,
        "assessed_at": now.isoformat(),
        "health_link": analysis.health_link,
        "minor": analysis.minor,
        "not_applicable": [name for name, value in analysis.checks.items() if value == CheckResult.NOT_APPLICABLE],
        "findings": _findings(assessed, analysis, validations.get("findings", [])),
    }
    run.compliance_validations = checks.with_results(found, run.medical_claims, level=level)
    run.lgpd_score = run.compliance_validations["score"]["value"]


def record_assessment(run: WorkflowState, *, actor: Any) -> None:
    """One row of the trail: versions and counts, never what was found (domain rules 1 d)."""
    validations = run.compliance_validations or {}
    audit.record(
        AuditOperation.DECISION,
        resource_type="post",
        resource_id=run.content_id,
        metadata={
            "act": "assess",
            "hash": run.content_hash,
            "engine": validations.get("engine", {}),
            "score": run.lgpd_score,
            "open_findings": len(checks.open_findings(validations)),
            "claims": len(run.medical_claims or {}),
            "results": {name: validations.get(name) for name in checks.NAMES},
        },
        trust_score=trust_score(actor),
        policy_decision=PolicyDecision.ALLOW,
    )


def _key() -> bytes:
    """The tenant's key for recognising a value again without storing it (domain rules 2.5)."""
    return salted_hmac("compliance.findings", str(current_tenant_id()), algorithm="sha256").digest()


def _findings(assessed: Assessed, analysis: Analysis, previous: list[dict[str, Any]]) -> list[dict[str, Any]]:
    key, before = _key(), {record["id"]: record for record in previous}
    records = []
    for finding in analysis.findings:
        if finding.code == "EDIT-CLAIM-REF":  # `claims_check` says the same claim by claim
            continue
        record = finding.as_json(identifier=_identifier(finding, assessed, key), key=key)
        known = before.pop(str(record["id"]), {})
        if known.get("status") not in (None, FindingStatus.OPEN, FindingStatus.FIXED):
            record |= {name: known[name] for name in DECISION_KEYS if name in known}
        records.append(record)
    gone = [_fixed(record) for record in before.values()]
    return records + gone[-MOST_FIXED:]


def _identifier(finding: Finding, assessed: Assessed, key: bytes) -> str:
    """Stable as long as it is about the same value (personal data) or the same passages (rules)."""
    if finding.value:
        digest = finding.digest(key)
    else:
        passages = [assessed.sources.get(field, "")[start:end] for field, start, end in finding.places]
        said = "\x00".join([finding.code, *passages] if passages else [finding.code, finding.explanation])
        digest = hmac.new(key, said.encode(), hashlib.sha256).hexdigest()
    return f"{finding.kind}-{finding.code}-{digest[:8]}"


def _fixed(record: dict[str, Any]) -> dict[str, Any]:
    """A finding that the text no longer has; how it was closed stays, its place is gone."""
    status = record.get("status", FindingStatus.OPEN)
    closed = status if status in checks.CLOSED else FindingStatus.FIXED
    return {**record, "status": str(closed), "offsets": [], "places": [], "start": 0, "end": 0, "gone": True}


def _claims(assessed: Assessed, analysis: Analysis, previous: dict[str, dict]) -> dict[str, dict]:
    records = analysis.claims_json(previous)
    for claim in analysis.claims:
        record = records[claim.key]
        record["text"] = _without_persons(record, analysis, assessed.sources)
        known = previous.get(claim.key, {})
        cited = [assessed.references[n - 1] for n in claim.markers if 0 < n <= len(assessed.references)]
        linked = known.get("references", []) if known.get("linked_by") else []
        if record["status"] in (ClaimStatus.OPEN, ClaimStatus.LINKED):
            references = list(dict.fromkeys([*linked, *claim.references, *cited]))
            _link(record, [reference for reference in references if reference])
        elif record["status"] != ClaimStatus.REJECTED and not same_words(known.get("text", ""), record["text"]):
            # Similar is not the same: "reduz" became "aumenta". Who decided sees the new sentence; a rejection stays.
            record |= {"validated": False, **dict.fromkeys(("validated_by", "validated_at", "validator_registry"))}
            _link(record, record.get("references") or [])
        elif record["status"] == ClaimStatus.VALIDATED and not _still_cited(record, claim.references, assessed):
            record |= {"validated": False, "status": ClaimStatus.LINKED.value}
        record |= {name: known[name] for name in ("linked_by", "history") if known.get(name)}
    return records


def _link(record: dict[str, Any], references: list[str]) -> None:
    record["references"] = references
    record["reference"] = references[0] if references else None
    record["status"] = (ClaimStatus.LINKED if references else ClaimStatus.OPEN).value


def _still_cited(record: dict[str, Any], inside: list[str], assessed: Assessed) -> bool:
    """A validation falls when its evidence has left the text and its list."""
    listed = {key for entry in assessed.references for key in keys_of(entry)}
    return set(record.get("references", [])) <= {*inside, *assessed.references, *listed}


def _without_persons(record: dict[str, Any], analysis: Analysis, sources: dict[str, str]) -> str:
    """The sentence with every identifier in it replaced by its placeholder; unreadable places take the sentence."""
    text, start, end = str(record["text"]), record["start"], record["end"]
    for finding in analysis.phi:
        for field, first, last in finding.places:
            if field != record["field"] or last <= start or first >= end:
                continue
            value = unescape(strip_tags(sources.get(field, "")[first:last]))
            placeholder = finding.placeholder or "[…]"
            if not value or value not in text:
                return re.sub(r"\w", "*", text)
            text = text.replace(value, placeholder)
    return text
