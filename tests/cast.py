"""The committed stage of every test: two tenants with the same nine people each, and the platform's administrator."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.enums import ProfessionalType, Role
from accounts.models import Domain, Tenant, User, UserProfile
from accounts.tenancy.context import SYSTEM_UUID, platform_context, tenant_context
from accounts.tenancy.owner import as_owner

PASSWORD = "a test password"
NAMESPACE = uuid.UUID("7d7f3f0a-52a4-4f6e-8f1b-3f1f2b1b7a11")


@dataclass(frozen=True)
class Person:
    """One member of the cast. `validated` gives a registry that was validated yesterday."""

    key: str
    role: str
    validated: bool = False


CAST = [
    Person("administrator", Role.ADMINISTRATOR),
    Person("editor", Role.EDITOR),
    Person("author", Role.AUTHOR),
    Person("contributor", Role.CONTRIBUTOR),
    Person("medical_reviewer", Role.MEDICAL_REVIEWER, validated=True),
    Person("compliance_officer", Role.COMPLIANCE_OFFICER),
    Person("dpo", Role.DPO),
    Person("subscriber", Role.SUBSCRIBER),
    Person("professional", Role.SUBSCRIBER, validated=True),
]


def tenant_id(slug: str) -> uuid.UUID:
    """The fixed id of a test tenant."""
    return uuid.uuid5(NAMESPACE, slug)


def user_id(slug: str, key: str) -> uuid.UUID:
    """The fixed id of a member of the cast."""
    return uuid.uuid5(NAMESPACE, f"{slug}:{key}")


def set_stage() -> None:
    """Create both tenants and everybody in them, committed, as the owner of the database."""
    with as_owner():
        for slug, name in (("aurora", "Clínica Aurora"), ("horizonte", "Hospital Horizonte")):
            with tenant_context(tenant_id(slug), actor=SYSTEM_UUID, atomic=True):
                _create_tenant(slug, name)
    for slug in ("aurora", "horizonte"):
        with tenant_context(tenant_id(slug), actor=SYSTEM_UUID, atomic=True):
            for person in CAST:
                _create_person(slug, person)
    with platform_context(actor=SYSTEM_UUID, atomic=True):
        User.objects.create_user(
            id=user_id("platform", "platform_admin"),
            email="platform@platform.test",
            password=PASSWORD,
            role=Role.PLATFORM_ADMIN,
        )


def _create_tenant(slug: str, name: str) -> None:
    tenant = Tenant(pk=tenant_id(slug), slug=slug, name=name)
    tenant.save(force_insert=True)
    Domain(domain=f"{slug}.localhost", tenant=tenant, is_primary=True).save(force_insert=True)


def _create_person(slug: str, person: Person) -> None:
    registry: dict[str, Any] = {}
    if person.validated:
        registry = {
            "professional_registry": "CRM/SP 123456",
            "professional_type": ProfessionalType.PHYSICIAN,
            "validated_at": timezone.now() - timedelta(days=1),
        }
    user = User.objects.create_user(
        id=user_id(slug, person.key),
        email=f"{person.key.replace('_', '.')}@{slug}.test",
        password=PASSWORD,
        role=person.role,
        tenant_id=tenant_id(slug),
        **registry,
    )
    UserProfile(
        user=user,
        display_name=f"{person.key.replace('_', ' ').title()} {slug.title()}",
        slug=person.key.replace("_", "-"),
    ).save(force_insert=True)
