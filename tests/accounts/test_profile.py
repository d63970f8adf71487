"""One's own account, and setting a password by link."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.models import Tenant, User, UserProfile
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from tests.accounts.second_factors import code, give_device
from tests.cast import PASSWORD

NEW = "a much better password"
Clients = Callable[..., Client]


@pytest.fixture
def author(client_for: Clients, cast: dict[str, User]) -> Client:
    """The author's browser."""
    client = client_for(cast["author"])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.mark.parametrize("path", ["", "senha/", "codigos/", "aplicativo/", "sessoes/"])
def test_visitors_sign_in_first(aurora: Tenant, path: str) -> None:
    response = Client(HTTP_HOST="aurora.localhost").post(f"/perfil/{path}")

    assert (response.status_code, response["Location"]) == (302, f"/entrar/?next=/perfil/{path}")


@pytest.mark.parametrize("path", ["senha/", "codigos/", "aplicativo/", "sessoes/"])
def test_acts_are_posts(author: Client, path: str) -> None:
    assert author.get(f"/perfil/{path}").status_code == 405


def test_profile_saves_name_and_language_and_nothing_else(
    author: Client, cast: dict[str, User], aurora: Tenant
) -> None:
    form = {
        "display_name": "<b>Dra. Ana</b>",
        "bio": "Clínica.",
        "language": "en",
        "role": "administrator",
        "tenant_id": "0",
        "slug": "stolen",
        "validated_at": "2026-01-01",
    }

    response = author.post("/perfil/", form)

    assert response["Location"] == "/perfil/"
    assert response.cookies["django_language"].value == "en"
    assert "&lt;b&gt;Dra. Ana&lt;/b&gt;" in author.get("/perfil/").content.decode()
    with tenant_context(aurora, actor=SYSTEM_UUID):
        user = User.objects.get(pk=cast["author"].pk)
        assert (user.role, user.validated_at) == ("author", None)
        assert UserProfile.objects.get(user=user).slug == "author"


def test_language_follows_the_person_to_the_next_browser(author: Client, cast: dict[str, User]) -> None:
    author.post("/perfil/", {"display_name": "Ana", "bio": "", "language": "en"})
    elsewhere = Client(HTTP_HOST="aurora.localhost", HTTP_ACCEPT_LANGUAGE="pt-BR")

    response = elsewhere.post("/entrar/", {"email": "author@aurora.test", "password": PASSWORD})

    assert response.status_code == 302
    assert response.cookies["django_language"].value == "en"


def test_password_needs_the_old_one_and_ends_other_sessions(
    author: Client, client_for: Clients, cast: dict[str, User]
) -> None:
    elsewhere = client_for(cast["author"])
    form = {"current_password": "wrong", "new_password": NEW, "new_password_again": NEW}
    assert "The password is not right" in author.post("/perfil/senha/", form).content.decode()
    assert elsewhere.get("/perfil/").status_code == 200

    assert author.post("/perfil/senha/", {**form, "current_password": PASSWORD}).status_code == 302

    assert author.get("/perfil/").status_code == 200
    assert elsewhere.get("/perfil/").status_code == 302
    fresh = Client(HTTP_HOST="aurora.localhost")
    assert fresh.post("/entrar/", {"email": "author@aurora.test", "password": NEW}).status_code == 302


@pytest.mark.parametrize(
    ("new", "again"), [("short", "short"), (NEW, "different password"), ("author@aurora.test", "")]
)
def test_bad_new_password_is_refused(author: Client, new: str, again: str) -> None:
    form = {"current_password": PASSWORD, "new_password": new, "new_password_again": again}

    response = author.post("/perfil/senha/", form)

    assert response.status_code == 200
    assert "field-error" in response.content.decode()


def test_current_password_cannot_be_guessed_in_peace(author: Client) -> None:
    form = {"current_password": "wrong", "new_password": NEW, "new_password_again": NEW}
    for _attempt in range(5):
        author.post("/perfil/senha/", form)

    response = author.post("/perfil/senha/", {**form, "current_password": PASSWORD})

    assert "Too many failed attempts" in response.content.decode()


def test_second_factor_is_set_up_replaced_and_backed_up(author: Client, cast: dict[str, User], aurora: Tenant) -> None:
    def stored_key() -> str:
        with tenant_context(aurora, actor=SYSTEM_UUID):
            return author.session["enrolment_key"]

    assert author.get("/entrar/ativar/").status_code == 302  # the fixture's device stands; nothing was asked for
    assert author.post("/perfil/aplicativo/", {"device-current_password": "wrong"}).status_code == 200
    assert author.post("/perfil/aplicativo/", {"device-current_password": PASSWORD})["Location"] == "/entrar/ativar/"
    key = stored_key()
    page = author.post("/entrar/ativar/", {"code": code(key=key)}).content.decode()
    assert len(re.findall(r"<code>[A-Z0-9-]{14}</code>", page)) == 10

    assert "10 recovery codes are left" in author.get("/perfil/").content.decode()
    assert author.post("/perfil/codigos/", {"codes-current_password": "wrong"}).status_code == 200
    page = author.post("/perfil/codigos/", {"codes-current_password": PASSWORD}).content.decode()
    assert len(re.findall(r"<code>[A-Z0-9-]{14}</code>", page)) == 10


def test_sessions_are_listed_without_their_keys_and_end(
    author: Client, client_for: Clients, cast: dict[str, User], other_cast: dict[str, User]
) -> None:
    second, third = client_for(cast["author"]), client_for(cast["author"])
    stranger, colleague = client_for(other_cast["author"]), client_for(cast["editor"])
    page = author.get("/perfil/").content.decode()
    handles = re.findall(r'name="session" value="([0-9a-f]{32})"', page)
    assert len(handles) == 2
    assert not any(client.cookies["hcms_session"].value in page for client in (author, second, third))

    author.post("/perfil/sessoes/", {"session": "0" * 32})
    author.post("/perfil/sessoes/", {"session": handles[0]})
    assert [client.get("/perfil/").status_code for client in (second, third)].count(200) == 1
    author.post("/perfil/sessoes/", {"session": "others"})

    codes = [client.get("/perfil/").status_code for client in (author, second, third, stranger, colleague)]
    assert codes == [200, 302, 302, 200, 200]


def test_platform_administrator_has_a_profile_without_a_public_name(platform_admin: User) -> None:
    give_device(platform_admin)
    client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    client.post("/entrar/", {"email": "platform@platform.test", "password": PASSWORD})
    client.post("/entrar/codigo/", {"code": code()})

    page = client.get("/perfil/").content.decode()

    assert "platform@platform.test" in page
    assert 'name="display_name"' not in page


# --- Password by link ------------------------------------------------------------------------------------------------


@pytest.fixture
def link(cast: dict[str, User], in_aurora: Tenant) -> str:
    """A link for the author."""
    return services.password_link(cast["author"])


def set_password(link: str, password: str = NEW, host: str = "aurora.localhost") -> Any:
    """Follow the link and send the form."""
    client = Client(HTTP_HOST=host, HTTP_ACCEPT_LANGUAGE="en")
    return client.post(link, {"new_password": password, "new_password_again": password})


def test_link_sets_the_password_once(link: str) -> None:
    assert set_password(link)["Location"] == "/entrar/"
    assert set_password(link, "yet another password").status_code == 404
    client = Client(HTTP_HOST="aurora.localhost")
    assert client.post("/entrar/", {"email": "author@aurora.test", "password": NEW}).status_code == 302


@pytest.mark.parametrize("host", ["horizonte.localhost", "localhost"])
def test_link_works_at_its_own_tenant_only(link: str, host: str) -> None:
    assert set_password(link, host=host).status_code == 404


def test_link_dies_when_the_email_changes(link: str, cast: dict[str, User]) -> None:
    services.update_user(cast["author"], actor=SYSTEM_UUID, email="other@aurora.test")

    assert set_password(link).status_code == 404


@pytest.mark.parametrize("path", ["/entrar/senha/AAAA/x/", "/entrar/senha/%00/x/", "/entrar/senha/zz!!/1-2/"])
def test_made_up_links_are_not_found(aurora: Tenant, path: str) -> None:
    assert Client(HTTP_HOST="aurora.localhost").get(path).status_code == 404


def test_link_keeps_the_rules_of_passwords(link: str) -> None:
    response = set_password(link, "short")

    assert response.status_code == 200
    assert set_password(link).status_code == 302
