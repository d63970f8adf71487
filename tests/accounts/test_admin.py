"""The users' screens in the admin."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.test import Client

from accounts import services
from accounts.models import Tenant, User, UserProfile
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance.models import AuditEntry
from tests.accounts.second_factors import give_device

Clients = Callable[..., Client]
LIST = "/admin/accounts/user/"
ACTS = ["change", "validate", "revoke", "password", "second-factor", "remove"]


@pytest.fixture
def admin(client_for: Clients, cast: dict[str, User]) -> Client:
    """The administrator's browser."""
    client = client_for(cast["administrator"])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def values(user: User, **changes: str) -> dict[str, str]:
    """What the form of an account sends."""
    return {
        "email": user.email,
        "display_name": user.display_name,
        "role": user.role,
        "professional_type": user.professional_type or "",
        "professional_registry": user.professional_registry or "",
        "speciality": user.speciality or "",
        **changes,
    }


def row(user: User) -> User:
    """The account as stored."""
    with tenant_context(user.tenant_id, actor=SYSTEM_UUID):
        return User.objects.select_related("profile").get(pk=user.pk)


def test_list_shows_this_tenant_only(admin: Client, cast: dict[str, User], other_cast: dict[str, User]) -> None:
    page = admin.get(LIST).content.decode()

    assert set(re.findall(r"[\w.]+@\w+\.test", page)) == {user.email for user in cast.values()}


@pytest.mark.parametrize("search", ["?q=reviewer", "?role=editor", "?o=2", "?role=nonsense"])
def test_list_searches_and_filters(admin: Client, search: str) -> None:
    assert admin.get(LIST + search).status_code == 200


def test_list_needs_few_queries(admin: Client, django_assert_max_num_queries: Callable) -> None:
    with django_assert_max_num_queries(12):
        admin.get(LIST)


@pytest.mark.parametrize("key", ["editor", "author", "medical_reviewer", "dpo", "subscriber"])
def test_others_see_no_users(client_for: Clients, cast: dict[str, User], key: str) -> None:
    client, target = client_for(cast[key]), cast["author"]

    assert client.get(LIST).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    for act in ACTS:
        assert client.post(f"{LIST}{target.pk}/{act}/").status_code == 403


def test_compliance_officer_validates_and_nothing_else(client_for: Clients, cast: dict[str, User]) -> None:
    client, reviewer = client_for(cast["compliance_officer"]), cast["medical_reviewer"]
    assert client.get(LIST).status_code == 200
    assert client.get(f"{LIST}{reviewer.pk}/change/").status_code == 200
    assert client.post(f"{LIST}{reviewer.pk}/change/", values(reviewer, role="administrator")).status_code == 403
    for act in ("password", "second-factor", "remove"):
        assert client.post(f"{LIST}{reviewer.pk}/{act}/").status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403

    client.post(f"{LIST}{reviewer.pk}/revoke/")
    assert row(reviewer).validated_at is None
    form = {"source": "portal.cfm.org.br", "evidence": "Situação regular."}
    assert client.post(f"{LIST}{reviewer.pk}/validate/", form).status_code == 302
    assert row(reviewer).validated_at is not None


@pytest.mark.parametrize("act", [*ACTS, "delete", "history"])
def test_other_tenants_account_looks_like_none(admin: Client, other_cast: dict[str, User], act: str) -> None:
    theirs = admin.get(f"{LIST}{other_cast['author'].pk}/{act}/")
    nobodys = admin.get(f"{LIST}{uuid4()}/{act}/")

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content
    assert admin.post(f"{LIST}{other_cast['author'].pk}/{act}/").status_code == 404
    assert row(other_cast["author"]).is_active


def test_visitor_is_sent_to_sign_in(cast: dict[str, User]) -> None:
    response = Client(HTTP_HOST="aurora.localhost").get(LIST)

    assert response["Location"] == f"/entrar/?next={LIST}"


@pytest.mark.parametrize(
    ("came_from", "leads_to"),
    [
        ("http://aurora.localhost/admin/compliance/?tab=mine", "/admin/compliance/%3Ftab%3Dmine"),
        ("https://elsewhere.example/admin/", LIST),
        ("", LIST),
    ],
)
def test_a_form_of_a_visitor_leads_back_to_its_page(cast: dict[str, User], came_from: str, leads_to: str) -> None:
    response = Client(HTTP_HOST="aurora.localhost").post(LIST, headers={"Referer": came_from})

    assert response["Location"] == f"/entrar/?next={leads_to}"


def test_add_user_gives_a_link_that_works(admin: Client, cast: dict[str, User], aurora: Tenant) -> None:
    form = {
        "email": "Nova@Clinic.test",
        "display_name": "Nova",
        "role": "author",
        "tenant_id": "x",
        "validated_at": "2026-01-01",
    }

    page = admin.post(f"{LIST}add/", form).content.decode()

    link = re.search(r'value="http://aurora\.localhost(/entrar/senha/[^"]+)"', page)
    assert link
    client = Client(HTTP_HOST="aurora.localhost")
    new = {"new_password": "a much better password", "new_password_again": "a much better password"}
    assert client.post(link[1], new).status_code == 302
    sign_in = {"email": "nova@clinic.test", "password": "a much better password"}
    assert client.post("/entrar/", sign_in)["Location"] == "/admin/"
    with tenant_context(aurora, actor=SYSTEM_UUID):
        user = User.objects.get(email="nova@clinic.test")
        assert (user.tenant_id, user.validated_at) == (aurora.pk, None)
        created = AuditEntry.objects.get(operation="create", resource_type="user", resource_id=user.pk)
    assert created.user_id == cast["administrator"].pk


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "author@aurora.test"}, "email"),
        ({"professional_type": "medico", "professional_registry": "CRM 12"}, "professional_registry"),
        ({"professional_registry": "CRM/SP 12"}, "professional_type"),
        ({"role": "platform_admin"}, "role"),
    ],
)
def test_add_user_shows_the_refusal_at_its_field(admin: Client, changes: dict[str, str], field: str) -> None:
    form = {"email": "nova@clinic.test", "display_name": "Nova", "role": "author", **changes}

    page = admin.post(f"{LIST}add/", form).content.decode()

    assert f'id="id_{field}_error"' in page


def test_change_user_saves_through_the_services(admin: Client, cast: dict[str, User], aurora: Tenant) -> None:
    author = cast["author"]
    changes = {
        "display_name": "<i>Ana</i>",
        "role": "editor",
        "professional_type": "medico",
        "professional_registry": "crm/sp 77",
    }

    response = admin.post(f"{LIST}{author.pk}/change/", values(author, **changes), follow=True)

    assert "&lt;i&gt;Ana&lt;/i&gt;" in response.content.decode()
    stored = row(author)
    assert (stored.role, stored.professional_registry, stored.display_name) == ("editor", "CRM/SP 77", "<i>Ana</i>")
    with tenant_context(aurora, actor=SYSTEM_UUID):
        entry = AuditEntry.objects.get(operation="decision", resource_id=author.pk)
    assert entry.metadata["act"] == "change_role"


def test_own_role_stays_and_the_attempt_is_recorded(admin: Client, cast: dict[str, User], aurora: Tenant) -> None:
    me = cast["administrator"]

    page = admin.post(
        f"{LIST}{me.pk}/change/", values(me, role="compliance_officer", display_name="New")
    ).content.decode()

    assert "Nobody changes the role" in page
    assert (row(me).role, row(me).display_name) == ("administrator", me.display_name)  # all or nothing
    with tenant_context(aurora, actor=SYSTEM_UUID):
        assert AuditEntry.objects.get(operation="deny", resource_id=me.pk).metadata["reason"] == "own_account"


@pytest.mark.parametrize("act", ["revoke", "second-factor", "remove"])
def test_nothing_is_done_to_oneself_or_by_get(admin: Client, cast: dict[str, User], act: str) -> None:
    me, other = cast["administrator"], cast["medical_reviewer"]

    assert admin.post(f"{LIST}{me.pk}/{act}/").status_code == 200
    assert row(me).is_active
    before = row(other).updated_at
    assert admin.get(f"{LIST}{other.pk}/{act}/").status_code == 200
    assert row(other).updated_at == before


def test_remove_and_reset(admin: Client, cast: dict[str, User]) -> None:
    officer = cast["compliance_officer"]
    give_device(officer)
    assert "Reset second factor" in admin.get(f"{LIST}{officer.pk}/change/").content.decode()

    assert admin.post(f"{LIST}{officer.pk}/second-factor/").status_code == 302
    assert "Reset second factor" not in admin.get(f"{LIST}{officer.pk}/change/").content.decode()
    assert admin.post(f"{LIST}{officer.pk}/remove/")["Location"] == LIST
    assert admin.get(f"{LIST}{officer.pk}/change/").status_code == 404


def test_removed_administrator_leaves_one(admin: Client, cast: dict[str, User], aurora: Tenant) -> None:
    with tenant_context(aurora, actor=cast["administrator"]):
        services.change_role(cast["editor"], "administrator", actor=cast["administrator"])

    assert admin.post(f"{LIST}{cast['editor'].pk}/remove/").status_code == 302
    assert row(cast["administrator"]).is_active


@pytest.mark.parametrize("column", ["password__startswith", "email__contains", "recovery_codes__code_hash", "id"])
def test_no_column_can_be_searched_by_address(admin: Client, column: str) -> None:
    assert admin.get(LIST, {column: "argon2"}).status_code == 400


def test_unknown_role_filters_nothing(admin: Client, cast: dict[str, User]) -> None:
    shown = admin.get(LIST, {"role": "\0"})

    assert shown.status_code == 200
    assert cast["author"].email in shown.content.decode()
    assert cast["author"].email not in admin.get(LIST, {"role": "editor"}).content.decode()


def test_name_taken_at_the_same_moment_gets_an_address_of_its_own(
    admin: Client, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one is not seen by the check, as it is not committed yet."""
    taken = row(cast["author"]).profile.slug
    monkeypatch.setattr(services, "slugify", lambda text: taken)
    real = UserProfile.objects.filter
    unseen = lambda **wanted: UserProfile.objects.none() if "slug" in wanted else real(**wanted)  # noqa: E731
    monkeypatch.setattr(UserProfile.objects, "filter", unseen)
    sent = {"email": "nova@aurora.example", "display_name": "Nova", "role": "author"}

    response = admin.post(f"{LIST}add/", sent)

    assert response.status_code == 200
    assert "nova@aurora.example" in response.content.decode()
    with tenant_context(cast["author"].tenant_id, actor=SYSTEM_UUID):
        assert UserProfile.objects.get(user__email="nova@aurora.example").slug.startswith(f"{taken}-")


def test_what_was_taken_at_the_same_moment_is_checked_again(
    admin: Client, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = services.update_user, []

    def overtaken(user: User, **fields: str) -> User:
        calls.append(user)
        if len(calls) == 1:
            raise IntegrityError("idx_users_email")
        return real(user, **fields)

    monkeypatch.setattr(services, "update_user", overtaken)
    author = row(cast["author"])

    response = admin.post(f"{LIST}{author.pk}/change/", values(author, email=cast["editor"].email))

    assert response.status_code == 200
    assert response.context["form"].errors["email"]
    assert len(calls) == 2
