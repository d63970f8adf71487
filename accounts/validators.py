"""Registries of professionals, host names and short names, as people may type them."""

import re

from accounts.enums import ProfessionalType
from compliance.analyzers.registry import identify, normal_form

# One correct spelling per profession, for messages (domain rules 4.6).
REGISTRY_EXAMPLES = {
    ProfessionalType.PHYSICIAN: "CRM/SP 123456",
    ProfessionalType.PSYCHOLOGIST: "CRP 06/123456",
    ProfessionalType.NURSE: "COREN-SP 123456-ENF",
    ProfessionalType.DENTIST: "CRO-SP 12345",
    ProfessionalType.PHARMACIST: "CRF-SP 12345",
    ProfessionalType.NUTRITIONIST: "CRN-3 12345",
    ProfessionalType.PHYSIOTHERAPIST: "CREFITO-3/12345-F",
}
HOST_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def normalized_registry(profession: str, registry: str) -> str | None:
    """The registry in its one spelling; None when it is not one of the profession. Other professions are free text."""
    if profession == ProfessionalType.OTHER:
        return " ".join(registry.split())[:100] or None
    return normal_form(profession, registry)


def is_host_name(domain: str) -> bool:
    """A name as browsers send it: lower-case labels, no scheme, no port, no trailing dot."""
    labels = domain.split(".")
    return len(domain) <= 253 and len(labels) >= 2 and all(HOST_LABEL.fullmatch(label) for label in labels)


def is_slug(slug: str) -> bool:
    """A tenant's short name: also the first label of its demo address, so no underscore."""
    return SLUG.fullmatch(slug) is not None


def council_registry(value: str) -> str | None:
    """The registry of a person or an establishment with any council, in its one spelling; no speciality registry."""
    found = identify(value)
    return found.normal if found and found.profession != "especialista" else None


def speciality_registry(value: str) -> str | None:
    """An RQE in its one spelling."""
    return normal_form("especialista", value)
