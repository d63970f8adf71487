"""Rules that need the author, the media or the site and not only the text (domain 7, scope ``doc``)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from . import registry, scan
from .packs import Packs
from .text import fold

BEFORE_AFTER_ITEMS = (
    "purpose_educational", "indications", "influencing_factors", "complications", "four_patients_before", "four_patients_after",
    "unsatisfactory_outcomes", "no_manipulation", "anonymous_with_consent", "rqe_matches",
)  # fmt: skip


@dataclass(frozen=True)
class DocumentContext:
    """What a text alone does not say. ``None`` and empty mean "not known", which never passes a rule that asks for it."""

    professional_type: str = ""
    author_name: str = ""
    author_registry: str = ""
    author_rqe: tuple[str, ...] = ()
    announced_specialties: tuple[str, ...] = ()
    signature_block: str = ""
    journalistic: bool = False
    tenant_has_physicians: bool = True
    establishment_name: str = ""
    establishment_registry: str = ""
    director_name: str = ""
    director_registry: str = ""
    director_rqe: str = ""
    director_rqe_required: bool = False
    medical_category: str = ""
    review_due: datetime.date | None = None
    today: datetime.date | None = None
    sponsored: bool = False
    sponsor_label: str = ""
    before_after: bool = False
    before_after_checklist: frozenset[str] = frozenset()
    patient_image_identifiable: bool = False
    product_without_registration: bool = False
    claims_without_reference: int = 0


@dataclass(frozen=True)
class DocHit:
    code: str
    severity: str
    explanation: str


_PHYSICIAN_WORD = scan.compile(r"(?<!\w)M[ÉE]DIC[OA](?!\w)")
_PSYCHOLOGIST_WORD = scan.words("psicolog[oa]")
MIN_DISCLAIMER = 40


def _cfm_id(ctx: DocumentContext, _text: str, _level: str, _disclaimer: str) -> str:
    if ctx.journalistic or ctx.professional_type not in ("", "medico") or not ctx.tenant_has_physicians:
        return ""
    missing = []
    if not ctx.author_name:
        missing.append("nome")
    if not registry.normal_form("medico", ctx.author_registry):
        missing.append("CRM válido")
    if not _PHYSICIAN_WORD.search(ctx.signature_block) or "CRM" not in ctx.signature_block:
        missing.append("bloco com MÉDICO(A) e CRM")
    return "Falta: " + ", ".join(missing) + "." if missing else ""


def _cfm_rqe(ctx: DocumentContext, *_: str) -> str:
    if ctx.professional_type in ("", "medico") and ctx.announced_specialties and not ctx.author_rqe:
        return f"Especialidade anunciada sem RQE: {', '.join(ctx.announced_specialties)}."
    return ""


def _two_specialties(ctx: DocumentContext, *_: str) -> str:
    return "Há mais de duas especialidades anunciadas." if len(ctx.announced_specialties) > 2 else ""


def _director(ctx: DocumentContext, *_: str) -> str:
    if not ctx.tenant_has_physicians:
        return ""
    complete = ctx.establishment_name and ctx.establishment_registry and ctx.director_name
    complete = complete and registry.normal_form("medico", ctx.director_registry)
    if complete and ctx.director_rqe_required:
        complete = registry.normal_form("especialista", ctx.director_rqe)
    return "" if complete else "O perfil do estabelecimento ou do diretor técnico está incompleto."


def _before_after(ctx: DocumentContext, *_: str) -> str:
    if not ctx.before_after or ctx.professional_type not in ("", "medico"):
        return ""
    missing = [item for item in BEFORE_AFTER_ITEMS if item not in ctx.before_after_checklist]
    return f"Itens da lista ainda abertos: {len(missing)} de {len(BEFORE_AFTER_ITEMS)}." if missing else ""


def _patient_image(ctx: DocumentContext, *_: str) -> str:
    return "Uma imagem permite identificar o paciente." if ctx.patient_image_identifiable else ""


def _unregistered(ctx: DocumentContext, *_: str) -> str:
    return "O produto indicado não tem número de registro." if ctx.product_without_registration else ""


def _cfp_id(ctx: DocumentContext, *_: str) -> str:
    if ctx.professional_type != "psicologo":
        return ""
    complete = ctx.author_name.strip().count(" ") >= 1 and registry.normal_form("psicologo", ctx.author_registry)
    complete = complete and _PSYCHOLOGIST_WORD.search(fold(ctx.signature_block)) and "CRP" in ctx.signature_block
    return "" if complete else "Falta nome completo, psicólogo(a) ou CRP com número."


def _disclaimer(ctx: DocumentContext, _text: str, level: str, disclaimer: str) -> str:
    if len(disclaimer.strip()) >= MIN_DISCLAIMER:
        return ""
    if level in ("professional", "restricted") or (level == "public" and ctx.medical_category):
        return f"O aviso tem {len(disclaimer.strip())} caracteres; são necessários {MIN_DISCLAIMER}."
    return ""


def _claims(ctx: DocumentContext, *_: str) -> str:
    count = ctx.claims_without_reference
    return f"Alegações sem referência: {count}." if count else ""


def _review_due(ctx: DocumentContext, *_: str) -> str:
    today = ctx.today or datetime.date.today()
    return f"A revisão venceu em {ctx.review_due:%d/%m/%Y}." if ctx.review_due and ctx.review_due < today else ""


def _sponsor(ctx: DocumentContext, *_: str) -> str:
    label = fold(ctx.sponsor_label)
    return "Falta o selo Publicidade." if ctx.sponsored and "publicidade" not in label and "publi" not in label else ""


CHECKS: dict[str, Callable[..., str]] = {
    "CFM-ID": _cfm_id, "CFM-RQE": _cfm_rqe, "CFM-TWOSPEC": _two_specialties, "CFM-DIRECTOR": _director,
    "CFM-BEFOREAFTER": _before_after, "CFM-PATIENT-ID": _patient_image, "CFM-UNREGISTERED": _unregistered,
    "CFP-ID": _cfp_id, "EDIT-DISCLAIMER": _disclaimer, "EDIT-CLAIM-REF": _claims, "EDIT-REVIEW-DUE": _review_due,
    "EDIT-SPONSOR": _sponsor,
}  # fmt: skip


def check(
    ctx: DocumentContext, packs: Packs, *, text: str = "", level: str = "public", disclaimer: str = ""
) -> list[DocHit]:
    """The doc rules an article breaks, with what is missing."""
    hits = []
    for code, function in CHECKS.items():
        reason = function(ctx, text, level, disclaimer)
        if reason:
            severity = packs.rule(code).severity
            if code == "EDIT-DISCLAIMER" and level == "public":
                severity = "warn"
            hits.append(DocHit(code, severity, reason))
    return hits
