"""What an organization decides for itself: the screen, the service, and what the engine makes of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.errors import AccountRefused
from accounts.models import Tenant, TenantSettings, User
from accounts.queries import tenant_settings
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance.analyzers import Document, analyze
from compliance.analyzers.packs import load, word_lists
from compliance.models import AuditEntry

ADDRESS = "/admin/settings/"
VALUES = {
    "establishment_registry": "crm-sp 990001",
    "director_name": "Dra. Lívia  Monteiro",
    "director_registry": "CRM/SP 900.101",
    "director_rqe": "rqe nº 9901",
    "contact_email": "qualidade@aurora.test",
    "review_months": "12",
    "show_review_due": "on",
    "words_promotion": "Black November\n\nmês da pele\nmês da pele\n",
    "words_prescription": "",
    "words_otc": "",
    "words_unproven": "",
}


@pytest.fixture
def admin(client_for: Callable[..., Client], cast: dict[str, User]) -> Client:
    client = client_for(cast["administrator"])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_reading_writes_nothing(in_aurora: Tenant) -> None:
    settings = tenant_settings()

    assert settings.review_months == 24
    assert settings.extra_words == {}
    assert not settings.online_lookup
    assert not TenantSettings.objects.exists()


def test_form_saves_one_spelling(admin: Client, aurora: Tenant) -> None:
    response = admin.post(ADDRESS, VALUES)

    assert (response.status_code, response["Location"]) == (302, ADDRESS)
    with tenant_context(aurora, actor=SYSTEM_UUID):
        saved = tenant_settings()
        tenant = Tenant.objects.get(pk=aurora.pk)
        entry = AuditEntry.objects.filter(resource_type="settings", operation="create").get()
    assert saved.establishment_registry == "CRM/SP 990001"
    assert (saved.director_name, saved.director_registry, saved.director_rqe) == (
        "Dra. Lívia Monteiro",
        "CRM/SP 900101",
        "RQE 9901",
    )
    assert saved.review_months == 12
    assert saved.show_review_due
    assert not saved.unpublish_on_retraction
    assert saved.extra_words == {"promotion": ["Black November", "mês da pele"]}
    assert tenant.technical_director_registry == "CRM/SP 900101, RQE 9901"
    assert tenant.version == aurora.version + 1
    assert "Lívia" not in str(entry.metadata)


def test_saving_again_changes_the_same_row(admin: Client, aurora: Tenant, horizonte: Tenant) -> None:
    admin.post(ADDRESS, VALUES)
    admin.post(ADDRESS, VALUES | {"review_months": "6", "own_declaration_allowed": "on"})

    with tenant_context(aurora, actor=SYSTEM_UUID):
        assert [row.review_months for row in TenantSettings.objects.all()] == [6]
        assert Tenant.objects.get(pk=aurora.pk).own_declaration_allowed
    with tenant_context(horizonte, actor=SYSTEM_UUID):
        assert tenant_settings().review_months == 24
    page = admin.get(ADDRESS).content.decode()
    assert 'value="6"' in page
    assert re.search(r'name="own_declaration_allowed"[^>]*checked', page)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"establishment_registry": "RQE 123"}, "not a registry of a council"),
        ({"establishment_registry": "CRM/XX 123"}, "not a registry of a council"),
        ({"director_registry": "123456"}, "not a registry of a professional"),
        ({"director_rqe": "CRM/SP 123"}, "not a speciality registry"),
        ({"director_name": " "}, "technical director&#x27;s name"),
        ({"review_months": "0"}, "greater than or equal to 1"),
        ({"review_months": "121"}, "less than or equal to 120"),
        ({"contact_email": "nobody"}, "valid email"),
        ({"words_otc": "ab"}, "cannot be added"),
        ({"words_otc": "x" * 81}, "cannot be added"),
        ({"words_otc": "\n".join(f"palavra {n}" for n in range(501))}, "At most 500 words"),
    ],
)
def test_form_says_what_is_wrong_and_saves_nothing(
    change: dict[str, str], message: str, admin: Client, aurora: Tenant
) -> None:
    response = admin.post(ADDRESS, VALUES | change)

    assert response.status_code == 422
    page = response.content.decode()
    assert message in page
    assert "Nothing was saved" in page
    with tenant_context(aurora, actor=SYSTEM_UUID):
        assert not TenantSettings.objects.exists()


@pytest.mark.parametrize("role", ["editor", "compliance_officer", "medical_reviewer", "dpo", "subscriber"])
def test_others_are_refused_by_form_and_service(
    role: str, cast: dict[str, User], client_for: Callable[..., Client], act_as: Callable[[User], Any]
) -> None:
    client = client_for(cast[role])

    assert client.get(ADDRESS).status_code == 403
    assert client.post(ADDRESS, VALUES).status_code == 403
    with act_as(cast[role]):
        with pytest.raises(AccountRefused):
            services.save_settings(actor=cast[role], review_months=1)
        assert not TenantSettings.objects.exists()


def test_platform_has_no_settings(platform_admin: User, client_for: Callable[..., Client]) -> None:
    assert client_for(platform_admin, host="localhost").get(ADDRESS).status_code == 404


def test_own_words_make_a_check_stricter_and_never_weaker() -> None:
    own = {"unproven": ["PlasmaFix"], "prescription": ["semaluvida"]}

    def codes(text: str, extra: dict[str, list[str]]) -> set[str]:
        return {finding.code for finding in analyze(Document(content_html=text, extra_words=extra)).rules}

    new = "<p>O tratamento com plasmafix é oferecido na clínica. Compre semaluvida sem receita.</p>"
    assert codes(new, {}) == set()
    assert codes(new, own) == {"CFM-UNPROVEN", "ANV-RX"}
    built_in = "<p>Ozonioterapia: agende. Compre Ozempic.</p>"
    assert codes(built_in, {}) == codes(built_in, own) != set()
    assert len(load({name: ["inventado"] for name in word_lists()}).rules) == len(load().rules)


def test_a_word_is_no_pattern(act_as: Callable[[User], Any], cast: dict[str, User]) -> None:
    with act_as(cast["administrator"]):
        services.save_settings(actor=cast["administrator"], extra_words={"promotion": ["(a+)+$ oferta [x"]})
        words = tenant_settings().extra_words

    assert analyze(Document(content_html=f"<p>{'a' * 5000}</p>", extra_words=words)).checks


def test_a_list_that_cannot_be_extended_is_a_mistake(cast: dict[str, User], act_as: Callable[[User], Any]) -> None:
    with act_as(cast["administrator"]), pytest.raises(ValueError, match="negation"):
        services.save_settings(actor=cast["administrator"], extra_words={"negation": ["não"]})
