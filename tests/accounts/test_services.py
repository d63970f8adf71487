"""Refusals and effects of the account services."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.utils import timezone

from accounts import services
from accounts.errors import AccountRefused
from accounts.models import Session, Tenant, User
from accounts.second_factor import make_recovery_codes, unused_recovery_codes
from accounts.tenancy.context import SYSTEM_UUID, current, platform_context, tenant_context
from compliance.models import AuditEntry
from tests.accounts.second_factors import give_device

pytestmark = pytest.mark.usefixtures("in_aurora")
NEW = {"email": "new@clinic.test", "role": "author", "display_name": "Nova Pessoa"}


def refusal(act: Callable[[], Any]) -> str:
    """The code with which `act` is refused."""
    with pytest.raises(AccountRefused) as caught:
        act()
    assert str(caught.value).endswith((".", ")"))
    return caught.value.code


# --- Creating --------------------------------------------------------------------------------------------------------


def test_create_user_normalises_email_registry_and_slug(in_aurora: Tenant) -> None:
    first = services.create_user(
        email=" New@Clinic.TEST ",
        role="author",
        display_name="José Ávila",
        professional_type="medico",
        professional_registry="crm sp 654.321",
        actor=SYSTEM_UUID,
    )
    second = services.create_user(email="b@clinic.test", role="author", display_name="José Ávila", actor=SYSTEM_UUID)

    assert (first.email, first.professional_registry) == ("new@clinic.test", "CRM/SP 654321")
    assert (first.tenant_id, first.validated_at) == (in_aurora.pk, None)
    assert (first.profile.slug, second.profile.slug) == ("jose-avila", "jose-avila-2")
    assert not first.has_usable_password()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"email": "author@aurora.test"}, "email_taken"),
        ({"email": "not an address"}, "email"),
        ({"role": "platform_admin"}, "role_unknown"),
        ({"role": "superuser"}, "role_unknown"),
        ({"display_name": "  "}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "password1234"}, "password"),
        ({"professional_registry": "CRM/SP 1"}, "registry_profession"),
        ({"professional_type": "medico", "professional_registry": "CRM/XX 1"}, "registry"),
        ({"professional_type": "enfermeiro", "professional_registry": "CRM/SP 1"}, "registry"),
        ({"professional_type": "medico", "professional_registry": "crm-sp 123456"}, "registry_taken"),
    ],
)
def test_create_user_refuses(cast: dict[str, User], changes: dict[str, str], code: str) -> None:
    before = User.objects.count()

    assert refusal(lambda: services.create_user(**{**NEW, **changes}, actor=SYSTEM_UUID)) == code
    assert User.objects.count() == before


def test_email_of_another_tenant_is_free_here(other_cast: dict[str, User]) -> None:
    user = services.create_user(**{**NEW, "email": other_cast["author"].email}, actor=SYSTEM_UUID)

    assert user.pk != other_cast["author"].pk


@pytest.mark.parametrize("key", ["editor", "compliance_officer", "dpo", "subscriber", "medical_reviewer"])
def test_only_administrators_manage_users(cast: dict[str, User], key: str) -> None:
    actor, target = cast[key], cast["author"]
    acts: list[Callable[[], Any]] = [
        lambda: services.create_user(**NEW, actor=actor),
        lambda: services.update_user(target, actor=actor, email="x@y.test"),
        lambda: services.update_profile(target, actor=actor, display_name="X"),
        lambda: services.change_role(target, "editor", actor=actor),
        lambda: services.soft_delete_user(target, actor=actor),
        lambda: services.reset_second_factor(target, actor=actor),
    ]

    assert {refusal(act) for act in acts} == {"forbidden"}


def test_platform_has_platform_administrators_only(db: None) -> None:
    with platform_context(actor=SYSTEM_UUID):
        user = services.create_user(**{**NEW, "role": "platform_admin"}, actor=SYSTEM_UUID)
        assert user.tenant_id is None
        assert (
            refusal(lambda: services.create_user(**{**NEW, "email": "z@z.test"}, actor=SYSTEM_UUID)) == "role_unknown"
        )


# --- Nobody lifts themselves -----------------------------------------------------------------------------------------


def test_nobody_changes_the_own_role_validation_or_existence(cast: dict[str, User]) -> None:
    admin, officer = cast["administrator"], cast["compliance_officer"]
    acts: list[Callable[[], Any]] = [
        lambda: services.change_role(admin, "editor", actor=admin),
        lambda: services.soft_delete_user(admin, actor=admin),
        lambda: services.reset_second_factor(admin, actor=admin),
        lambda: services.validate_registry(admin, actor=admin, source="CFM", evidence="found it there"),
        lambda: services.validate_registry(officer, actor=officer, source="CFM", evidence="found it there"),
        lambda: services.revoke_validation(officer, actor=officer),
    ]

    assert {refusal(act) for act in acts} == {"own_account"}


def test_last_administrator_stays(cast: dict[str, User]) -> None:
    admin = cast["administrator"]

    assert refusal(lambda: services.change_role(admin, "editor", actor=SYSTEM_UUID)) == "last_administrator"
    assert refusal(lambda: services.soft_delete_user(admin, actor=SYSTEM_UUID)) == "last_administrator"
    editor = services.change_role(cast["editor"], "administrator", actor=admin)
    services.soft_delete_user(admin, actor=editor)
    assert refusal(lambda: services.change_role(editor, "author", actor=SYSTEM_UUID)) == "last_administrator"


# --- Changing --------------------------------------------------------------------------------------------------------


def test_change_role_ends_sessions_and_is_recorded(
    client_for: Callable[..., Any], cast: dict[str, User], in_aurora: Tenant
) -> None:
    author, admin = cast["author"], cast["administrator"]
    client = client_for(author)
    with tenant_context(in_aurora, actor=admin):
        services.change_role(author, "medical_reviewer", actor=admin)
        decision = AuditEntry.objects.get(operation="decision", resource_id=author.pk)
        row = AuditEntry.objects.get(operation="update", resource_id=author.pk)

    assert client.get("/perfil/").status_code == 302
    assert (decision.user_id, decision.metadata["from"], decision.metadata["to"]) == (
        admin.pk,
        "author",
        "medical_reviewer",
    )
    assert row.metadata["changed"] == ["role"]


def test_changed_registry_has_to_be_validated_again(cast: dict[str, User]) -> None:
    reviewer, admin = cast["medical_reviewer"], cast["administrator"]

    unchanged = services.update_user(reviewer, actor=admin, professional_registry="CRM SP 123456", email="r@x.test")
    assert unchanged.validated_at is not None
    changed = services.update_user(reviewer, actor=admin, professional_registry="CRM/SP 99")
    assert (changed.professional_registry, changed.validated_at) == ("CRM/SP 99", None)


def test_validate_registry_keeps_source_and_evidence_in_the_trail(cast: dict[str, User], in_aurora: Tenant) -> None:
    reviewer, officer = cast["medical_reviewer"], cast["compliance_officer"]
    services.revoke_validation(reviewer, actor=officer)
    assert User.objects.get(pk=reviewer.pk).validated_at is None

    with tenant_context(in_aurora, actor=officer):
        user = services.validate_registry(
            reviewer, actor=officer, source="portal.cfm.org.br", evidence="Ativo, clínica médica"
        )
        entry = AuditEntry.objects.filter(operation="decision", resource_id=reviewer.pk).order_by("-created_at")[0]

    assert user.validated_at <= timezone.now()
    assert entry.user_id == officer.pk
    assert (entry.metadata["registry"], entry.metadata["source"]) == ("CRM/SP 123456", "portal.cfm.org.br")


def test_validate_registry_needs_a_registry_and_evidence(cast: dict[str, User]) -> None:
    officer = cast["compliance_officer"]

    assert (
        refusal(lambda: services.validate_registry(cast["author"], actor=officer, source="CFM", evidence="x" * 20))
        == "registry_missing"
    )
    assert (
        refusal(
            lambda: services.validate_registry(cast["medical_reviewer"], actor=officer, source="CFM", evidence="yes")
        )
        == "validation_evidence"
    )


def test_removed_account_frees_its_email_and_keeps_its_row(cast: dict[str, User]) -> None:
    reviewer, admin = cast["medical_reviewer"], cast["administrator"]
    give_device(reviewer)
    make_recovery_codes(reviewer)

    services.soft_delete_user(reviewer, actor=admin)

    row = User.objects.get(pk=reviewer.pk)
    assert (row.is_active, row.deleted_by, row.validated_at) == (False, admin.pk, None)
    assert not row.has_usable_password()
    assert unused_recovery_codes(reviewer) == 0
    assert services.create_user(**{**NEW, "email": reviewer.email}, actor=admin).pk != reviewer.pk
    assert refusal(lambda: services.change_role(row, "editor", actor=admin)) == "deleted"


def test_password_link_works_once(cast: dict[str, User]) -> None:
    author = cast["author"]
    token = services.password_link(author).rstrip("/").rpartition("/")[2]
    assert default_token_generator.check_token(author, token)

    services.set_password(author, "another good password")

    assert not default_token_generator.check_token(author, token)


def test_end_sessions_keeps_the_one_named(cast: dict[str, User]) -> None:
    author = cast["author"]
    for key in ("a", "b", "c"):
        Session.objects.create(
            session_key=key * 32,
            session_data="",
            expire_date=timezone.now(),
            tenant_id=current().tenant_id,
            user_id=author.pk,
        )

    assert services.end_sessions(author, keep="b" * 32) == 2
    assert [row.session_key for row in Session.objects.filter(user_id=author.pk)] == ["b" * 32]


# --- Tenants ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "name"),
        ({"slug": "a b"}, "slug"),
        ({"slug": "-a"}, "slug"),
        ({"slug": "ünï"}, "slug"),
        ({"domain": "https://x.test"}, "domain"),
        ({"domain": "x.test:80"}, "domain"),
        ({"domain": "single"}, "domain"),
        ({"domain": "a..test"}, "domain"),
    ],
)
def test_create_tenant_refuses_what_cannot_work(changes: dict[str, str], code: str) -> None:
    values = {"name": "Clínica", "slug": "clinica", "domain": "clinica.test", **changes}

    assert refusal(lambda: services.create_tenant(**values, actor=SYSTEM_UUID)) == code
