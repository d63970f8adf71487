"""The compliance engine: what an article says about patients, about health, and against which rule.

Pure functions of text and language. Nothing here touches the database, the network or the clock beyond a default date.
The results support a reviewer; they never certify anything.
"""

from __future__ import annotations

import dataclasses
import datetime
from dataclasses import dataclass

from . import claims as claims_module
from . import packs as packs_module
from . import references as references_module
from . import rules as rules_module
from . import rules_doc, specialties
from .claims import Claim
from .findings import Finding
from .phi import TYPES, Gate, PhiHit, Score, Segment, detect, gate, score
from .phi import VERSION as PHI_VERSION
from .references import ReferenceHit
from .rules_doc import DocumentContext
from .text import HAS_ENTITIES, LOOKS_LIKE_HTML, SHORT, Attribute, Extracted, extract, view

__all__ = ["Analysis", "Document", "DocumentContext", "analyze", "engine_versions", "warm_up"]

MEDIA_ATTRIBUTES = frozenset({"alt", "title", "aria-label", "data-caption"})
CHECK_NAMES = ("cfm_check", "anvisa_check", "cfp_check", "other_checks")


@dataclass(frozen=True)
class Document:
    """An article as people see it. ``content_html`` is HTML; ``content_text`` is for plain text and excludes it."""

    title: str = ""
    content_html: str = ""
    content_text: str = ""
    excerpt: str = ""
    disclaimer: str = ""
    custom_fields: dict[str, str] = dataclasses.field(default_factory=dict)
    alt_texts: dict[str, str] = dataclasses.field(default_factory=dict)
    file_names: dict[str, str] = dataclasses.field(default_factory=dict)
    lang: str = "pt"
    level: str = "public"
    context: DocumentContext | None = None
    day: datetime.date | None = None
    extra_words: dict[str, list[str]] | None = None


@dataclass
class _Field:
    """One text with the way back to the offsets that the caller knows."""

    name: str
    segment: Segment
    extracted: Extracted | None = None
    base: int = 0

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        start, end = self.segment.view.normal.to_source(start, end)
        if self.extracted is not None:
            start, end = self.extracted.to_source(start, end)
        return start + self.base, end + self.base


@dataclass
class Analysis:
    """Everything the engine found. ``as_json`` is the form kept in ``workflow_states``; it holds no matched value."""

    findings: list[Finding]
    claims: list[Claim]
    references: list[ReferenceHit]
    score: Score
    lgpd: Gate
    checks: dict[str, str]
    engine: dict[str, str]
    health_link: bool = False
    minor: bool = False

    @property
    def phi(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.kind == "phi"]

    @property
    def rules(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.kind == "rule"]

    def as_json(self, *, key: bytes | None = None) -> dict[str, object]:
        return {
            "lgpd_check": self.lgpd.result, **self.checks, "engine": dict(self.engine),
            "score": self.score.as_json(), "lgpd_gate": self.lgpd.as_json(),
            "findings": [f.as_json(identifier=f"f{n}", key=key) for n, f in enumerate(self.findings, 1)],
            "references": [hit.as_json() for hit in self.references],
        }  # fmt: skip

    def claims_json(self, previous: dict[str, dict] | None = None) -> dict[str, dict]:
        """``medical_claims``: stable keys against the records of the last analysis; decisions of people are kept."""
        previous = previous or {}
        keyed = claims_module.assign_keys(self.claims, previous)
        return {key: claim.as_json() | _decision(previous.get(key)) for key, claim in keyed.items()}


_DECISIONS = (
    "evidence_level",
    "evidence_scale",
    "status",
    "validated",
    "validated_by",
    "validated_at",
    "validator_registry",
    "note",
)


def _decision(record: dict | None) -> dict:
    if not record or record.get("status") in (None, "open", "linked"):
        return {}
    return {name: record[name] for name in (*_DECISIONS, "references", "reference") if name in record}


def engine_versions() -> dict[str, str]:
    packs = packs_module.load()
    return {"phi": PHI_VERSION, "claims": claims_module.VERSION, "rules": max(packs.versions.values())}


def warm_up() -> None:
    """Read packs and weights now, which takes two seconds, and not with the first text."""
    analyze(document_of_text("Bom dia.", "pt"))


def analyze(document: Document) -> Analysis:
    """Run all analyzers over one article."""
    fields = _fields(document)
    hits = detect([field.segment for field in fields])
    by_name = {field.name: field for field in fields}
    findings = [_phi_finding(hit, by_name) for hit in hits]
    claims = [
        claim
        for field in fields
        if field.segment.kind == "text" and field.name != "disclaimer"
        for claim in _claims(field)
    ]
    findings += _rule_findings(document, fields, hits, claims)
    health_link = any(h.health_link and h.severity in ("S3", "S4") for h in hits)
    minor = any(h.minor for h in hits)
    result = score(findings, health_link=health_link, minor=minor)
    return Analysis(
        findings=findings, claims=claims, references=_references(fields), score=result,
        lgpd=gate(result, findings, health_link=health_link, level=document.level),
        checks=_checks(document, findings, fields), engine=engine_versions(), health_link=health_link, minor=minor,
    )  # fmt: skip


def _fields(document: Document) -> list[_Field]:
    fields = []
    lang = document.lang
    content: _Field | None = None
    attributes: list[Attribute] = []
    if document.content_text:
        content = _Field("content", Segment("content", view(document.content_text, lang)))
    elif document.content_html:
        extracted = extract(document.content_html)
        attributes = extracted.attributes
        content = _Field("content", Segment("content", view(extracted.text, lang)), extracted)
    plain = [("title", document.title, "text")]
    after = [("excerpt", document.excerpt, "text"), ("disclaimer", document.disclaimer, "text")]
    after += [(f"custom_fields.{name}", value, "text") for name, value in document.custom_fields.items()]
    after += [(f"alt_texts.{name}", value, "alt") for name, value in document.alt_texts.items()]
    after += [(f"file_names.{name}", _spaced(value), "file") for name, value in document.file_names.items()]
    fields += [_Field(name, Segment(name, view(value, lang), kind)) for name, value, kind in plain if value]
    if content is not None:
        fields.append(content)
    fields += [_Field(name, Segment(name, view(value, lang), kind)) for name, value, kind in after if value]
    for number, attribute in enumerate(attributes, 1):
        fields += _attribute_field(number, attribute, lang)
    return fields


def _spaced(file_name: str) -> str:
    """``joao-silva_rx.png`` as words; the length stays."""
    return file_name.replace("_", " ").replace("-", " ")


def _attribute_field(number: int, attribute: Attribute, lang: str) -> list[_Field]:
    name = f"content#{attribute.name}{number}"
    if attribute.name in MEDIA_ATTRIBUTES:
        kind = "alt" if attribute.tag in ("img", "video", "figure", "picture", "source") else "text"
        return [_Field(name, Segment(name, view(attribute.value, lang), kind), base=attribute.start)]
    if attribute.name == "src" and attribute.tag in ("img", "video", "source"):
        tail = attribute.value.rsplit("/", 1)[-1]
        offset = len(attribute.value) - len(tail)
        return [_Field(name, Segment(name, view(_spaced(tail), lang), "file"), base=attribute.start + offset)]
    return []


def _phi_finding(hit: PhiHit, fields: dict[str, _Field]) -> Finding:
    kind = TYPES[hit.type]
    places = [(name.partition("#")[0], *fields[name].to_source(start, end)) for name, start, end in hit.places]
    first = places[0]
    return Finding(
        kind="phi", code=hit.type, severity=kind.severity, start=first[1], end=first[2], field=first[0],
        offsets=[(start, end) for name, start, end in places if name == first[0]], places=places, masked=hit.sample,
        confidence=hit.confidence, version=PHI_VERSION, hipaa=kind.hipaa, placeholder=kind.placeholder, value=hit.value,
        explanation=f"{kind.label}: dado que pode identificar uma pessoa (LGPD art. 5º I).",
        fix=f"Troque por {kind.placeholder} ou retire o trecho.", source="LGPD art. 5º, 11; HIPAA 45 CFR 164.514(b)(2)",
    )  # fmt: skip


def _claims(field: _Field) -> list[Claim]:
    text = field.segment.view
    span, numbered = claims_module.reference_list(text)
    found = claims_module.find(text, protected=[span] if span else None)
    claims_module.link(text, found, numbered)
    for claim in found:
        claim.start, claim.end = field.to_source(claim.start, claim.end)
        claim.field = field.name
    return found


def _rule_findings(document: Document, fields: list[_Field], hits: list[PhiHit], claims: list[Claim]) -> list[Finding]:
    merged: dict[str, Finding] = {}
    profession = document.context.professional_type if document.context else ""
    in_article = sum(len(field.segment.view.sentences) for field in fields) > SHORT
    for field in fields:
        if field.segment.kind == "file":
            continue
        names = [(s, e) for h in hits if h.type == "person_name" for name, s, e in h.places if name == field.name]
        found = rules_module.find(
            field.segment.view, names=names, level=document.level, profession=profession, day=document.day,
            extra_words=document.extra_words, in_article=in_article,
        )  # fmt: skip
        for hit in found:
            _merge_rule(merged, hit, field)
    findings = list(merged.values())
    if document.context is not None:
        findings += _doc_findings(document, fields, claims, {f.code for f in findings})
    return findings


def _merge_rule(merged: dict[str, Finding], hit: rules_module.RuleHit, field: _Field) -> None:
    name = field.name.partition("#")[0]
    places = [(name, *field.to_source(start, end)) for start, end in hit.spans]
    known = merged.get(hit.code)
    if known is not None:
        known.places += places
        known.offsets += [(start, end) for place, start, end in places if place == known.field]
        if not hit.by_analogy:
            known.by_analogy, known.severity = False, hit.severity
        return
    rule = hit.rule
    note = " Aplicada por analogia: o conselho da profissão não tem regra própria." if hit.by_analogy else ""
    if hit.learned:
        note += f" Reconhecida pelo modelo treinado, sem expressão da lista ({', '.join(hit.reasons) or 'palavras'})."
    merged[hit.code] = Finding(
        kind="rule", code=hit.code, severity=hit.severity, start=places[0][1], end=places[0][2], field=name,
        offsets=[(start, end) for _, start, end in places], places=places, version=rule.version,
        explanation=f"{rule.explanation} ({rule.source}){note}", fix=rule.fix, source=rule.source, by_analogy=hit.by_analogy,
    )  # fmt: skip


def _doc_findings(document: Document, fields: list[_Field], claims: list[Claim], known: set[str]) -> list[Finding]:
    packs = packs_module.load(document.extra_words)
    unlinked = sum(1 for claim in claims if not claim.references)
    context = dataclasses.replace(document.context, claims_without_reference=unlinked)
    context = _with_titles(context, fields)
    found = []
    for hit in rules_doc.check(context, packs, level=document.level, disclaimer=document.disclaimer):
        if hit.code in known:
            continue
        rule = packs.rule(hit.code)
        found.append(
            Finding(
                kind="rule",
                code=hit.code,
                severity=hit.severity,
                start=0,
                end=0,
                field="",
                version=rule.version,
                explanation=f"{rule.explanation} {hit.explanation} ({rule.source})",
                fix=rule.fix,
                source=rule.source,
            )
        )
    return found


def _references(fields: list[_Field]) -> list[ReferenceHit]:
    found: dict[str, ReferenceHit] = {}
    for field in fields:
        if field.segment.kind != "text":
            continue
        for hit in references_module.find(field.segment.view.text):
            start, end = field.to_source(hit.start, hit.end)
            found.setdefault(hit.id.lower(), dataclasses.replace(hit, start=start, end=end))
    return list(found.values())


def _with_titles(context: DocumentContext, fields: list[_Field]) -> DocumentContext:
    """The context with the specialties and RQE numbers that the text itself announces of its author."""
    found = [specialties.announced(field.segment.view.fold, context.author_name) for field in fields]
    titles = dict.fromkeys((*context.announced_specialties, *(title for each in found for title in each.specialties)))
    numbers = dict.fromkeys((*context.author_rqe, *(number for each in found for number in each.rqe)))
    return dataclasses.replace(context, announced_specialties=tuple(titles), author_rqe=tuple(numbers))


def _checks(document: Document, findings: list[Finding], fields: list[_Field]) -> dict[str, str]:
    packs = packs_module.load(document.extra_words)
    checks = {}
    for name in CHECK_NAMES:
        severities = {f.severity for f in findings if f.kind == "rule" and packs.rule(f.code).check == name}
        if "block" in severities:
            checks[name] = "failed"
        elif "warn" in severities:
            checks[name] = "passed_with_warnings"
        else:
            checks[name] = "passed"
    if checks["cfp_check"] == "passed" and not _about_psychology(document, fields):
        checks["cfp_check"] = "not_applicable"
    return checks


def _about_psychology(document: Document, fields: list[_Field]) -> bool:
    if document.context and (
        document.context.professional_type == "psicologo" or document.context.medical_category == "saude_mental"
    ):
        return True
    pattern = packs_module.load(document.extra_words).councils["psychology"]
    return any(pattern.search(field.segment.view.fold) for field in fields if field.segment.kind == "text")


def document_of_text(text: str, lang: str, *, level: str = "public") -> Document:
    """A document of one loose text: HTML when it looks like HTML, else plain."""
    if LOOKS_LIKE_HTML.search(text) or ("\n" not in text and HAS_ENTITIES.search(text)):
        return Document(content_html=text, lang=lang, level=level)
    return Document(content_text=text, lang=lang, level=level)
