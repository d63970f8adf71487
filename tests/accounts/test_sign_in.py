"""Signing in and out, as a browser does it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import Session, SignInThrottle, Tenant, User
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance.models import AuditEntry
from tests.accounts.second_factors import code, give_device, wrong_code
from tests.cast import PASSWORD

AURORA = "aurora.localhost"
WRONG = "The e-mail or the password is not right. Check both and try again."


@pytest.fixture
def browser(db: None) -> Client:
    """A visitor at Aurora, in English."""
    return Client(HTTP_HOST=AURORA, HTTP_ACCEPT_LANGUAGE="en")


def enter(client: Client, email: str, password: str = PASSWORD, **extra: str) -> Any:
    """Send the first form."""
    return client.post("/entrar/", {"email": email, "password": password, **extra})


def who(client: Client, tenant: Tenant) -> Any:
    """Whose session the client holds, by its row."""
    key = client.cookies["hcms_session"].value
    with tenant_context(tenant, actor=SYSTEM_UUID):
        return Session.objects.values_list("user_id", flat=True).filter(session_key=key).first()


def stored(client: Client, tenant: Tenant) -> dict[str, Any]:
    """What the client's session holds."""
    with tenant_context(tenant, actor=SYSTEM_UUID):
        return dict(client.session.items())


def trail(tenant: Tenant, operation: str) -> list[AuditEntry]:
    """The tenant's rows of an operation."""
    with tenant_context(tenant, actor=SYSTEM_UUID):
        return list(AuditEntry.objects.filter(operation=operation).order_by("created_at"))


# --- Password --------------------------------------------------------------------------------------------------------


def test_author_signs_in_with_password_alone(browser: Client, aurora: Tenant, cast: dict[str, User]) -> None:
    response = enter(browser, "  Author@Aurora.test ")

    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert who(browser, aurora) == cast["author"].pk
    entry = trail(aurora, "sign_in")[-1]
    assert (entry.user_id, entry.resource_id) == (cast["author"].pk, cast["author"].pk)
    assert entry.metadata["second_factor"] == "none"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("author@aurora.test", "not the password"),
        ("nobody@aurora.test", PASSWORD),
        ("author@horizonte.test", PASSWORD),
        ("platform@platform.test", PASSWORD),
        ("author@aurora.test'--", PASSWORD),
    ],
)
def test_wrong_credentials_get_one_answer(
    browser: Client, aurora: Tenant, cast: dict[str, User], email: str, password: str
) -> None:
    response = enter(browser, email, password)

    assert response.status_code == 200
    page = response.content.decode()
    assert page.count(WRONG) == 1
    assert "hcms_session" not in browser.cookies
    assert trail(aurora, "sign_in_failed")[-1].metadata["reason"] == "wrong"
    comparable = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|value="[^"]*@[^"]*"', "", page)
    other = enter(browser, "somebody.else@aurora.test", "x").content.decode()
    assert comparable == re.sub(r'name="csrfmiddlewaretoken" value="\w+"|value="[^"]*@[^"]*"', "", other)


def test_failed_sign_in_keeps_the_email_and_escapes_it(browser: Client) -> None:
    page = enter(browser, '"><script>alert(1)</script>@x.test', "wrong").content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    assert "wrong" not in re.sub(r"<title>.*</title>", "", page).replace(WRONG, "")


def test_failed_sign_in_names_the_account_but_no_actor(browser: Client, aurora: Tenant, cast: dict[str, User]) -> None:
    enter(browser, "author@aurora.test", "wrong")

    entry = trail(aurora, "sign_in_failed")[-1]
    assert entry.resource_id == cast["author"].pk
    assert entry.user_id.int == 0
    assert "author@aurora.test" not in str(entry.metadata)


def test_deleted_account_cannot_sign_in_and_its_session_ends(
    client_for: Callable[..., Client], cast: dict[str, User], browser: Client
) -> None:
    author, admin = cast["author"], cast["administrator"]
    client = client_for(author)
    assert client.get("/perfil/").status_code == 200
    with tenant_context(author.tenant_id, actor=admin):
        services.soft_delete_user(author, actor=admin)

    assert client.get("/perfil/").status_code == 302
    assert WRONG in enter(browser, "author@aurora.test").content.decode()


@pytest.mark.parametrize("path", ["/admin/login/?next=/admin/", "/wp-login.php"])
def test_other_doors_lead_to_the_sign_in_page(browser: Client, path: str) -> None:
    assert browser.get(path)["Location"].startswith("/entrar/")


def test_wp_admin_leads_to_the_admin(browser: Client) -> None:
    assert browser.get("/wp-admin/")["Location"] == "/admin/"


# --- Locks -----------------------------------------------------------------------------------------------------------


def test_five_failures_lock_the_name_even_for_the_right_password(browser: Client, aurora: Tenant) -> None:
    for _attempt in range(5):
        assert enter(browser, "author@aurora.test", "wrong").status_code == 200

    response = enter(browser, "author@aurora.test")

    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 60
    assert re.search(r"Too many failed attempts. Try again in \d+ seconds?\.", response.content.decode())
    assert trail(aurora, "sign_in_failed")[-1].metadata["reason"] == "locked"
    assert enter(browser, "editor@aurora.test", "wrong").status_code == 200  # another name is free


def test_unknown_name_is_locked_like_a_known_one(browser: Client) -> None:
    for _attempt in range(5):
        enter(browser, "nobody@aurora.test", "wrong")

    assert enter(browser, "nobody@aurora.test", "wrong").status_code == 429


def test_lock_holds_against_many_addresses_and_forged_headers(browser: Client) -> None:
    for number in range(5):
        browser.post(
            "/entrar/",
            {"email": "author@aurora.test", "password": "wrong"},
            REMOTE_ADDR=f"198.51.100.{number}",
            HTTP_X_FORWARDED_FOR=f"203.0.113.{number}",
        )

    response = browser.post(
        "/entrar/", {"email": "author@aurora.test", "password": PASSWORD}, REMOTE_ADDR="192.0.2.77"
    )

    assert response.status_code == 429


def test_twenty_failures_lock_the_address_whatever_the_header_says(browser: Client) -> None:
    for number in range(20):
        browser.post(
            "/entrar/",
            {"email": f"n{number}@aurora.test", "password": "wrong"},
            REMOTE_ADDR="2001:db8::1",
            HTTP_X_FORWARDED_FOR=f"203.0.113.{number}",
        )
    form = {"email": "author@aurora.test", "password": PASSWORD}

    assert browser.post("/entrar/", form, REMOTE_ADDR="2001:db8::ffff").status_code == 429  # the same /64
    assert browser.post("/entrar/", form, REMOTE_ADDR="2001:db8:1::1").status_code == 302


def test_lock_grows_and_success_forgives(browser: Client, aurora: Tenant) -> None:
    waits = []
    for _round in range(3):
        while (response := enter(browser, "author@aurora.test", "wrong")).status_code == 200:
            pass
        waits.append(round(int(response["Retry-After"]) / 60))
        with tenant_context(aurora, actor=SYSTEM_UUID):
            SignInThrottle.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    assert waits == [1, 2, 4]

    assert enter(browser, "author@aurora.test").status_code == 302
    for _attempt in range(4):
        assert enter(Client(HTTP_HOST=AURORA), "author@aurora.test", "wrong").status_code == 200


def test_throttle_table_names_nobody(browser: Client, aurora: Tenant) -> None:
    enter(browser, "author@aurora.test", "wrong")

    with tenant_context(aurora, actor=SYSTEM_UUID):
        keys = list(SignInThrottle.objects.values_list("key", flat=True))
    assert len(keys) == 2
    assert all(re.fullmatch(r"[0-9a-f]{64}", key) for key in keys)


# --- Second factor ---------------------------------------------------------------------------------------------------


def test_officer_needs_the_code_before_anything_opens(browser: Client, aurora: Tenant, cast: dict[str, User]) -> None:
    give_device(cast["compliance_officer"])

    response = enter(browser, "compliance.officer@aurora.test", next="/perfil/")
    assert response["Location"] == "/entrar/codigo/?next=%2Fperfil%2F"
    assert browser.get("/perfil/").status_code == 302
    assert who(browser, aurora) is None

    response = browser.post("/entrar/codigo/", {"code": f" {code()[:3]} {code()[3:]} ", "next": "/perfil/"})
    assert response["Location"] == "/perfil/"
    assert browser.get("/perfil/").status_code == 200
    assert trail(aurora, "sign_in")[-1].metadata["second_factor"] == "app"


def test_wrong_code_is_counted_and_locks(browser: Client, aurora: Tenant, cast: dict[str, User]) -> None:
    device = give_device(cast["compliance_officer"])
    enter(browser, "compliance.officer@aurora.test")

    for _attempt in range(5):
        assert browser.post("/entrar/codigo/", {"code": wrong_code()}).status_code == 200
    response = browser.post("/entrar/codigo/", {"code": code()})

    assert response.status_code == 429
    assert enter(Client(HTTP_HOST=AURORA), "compliance.officer@aurora.test").status_code == 429
    assert {entry.metadata["reason"] for entry in trail(aurora, "sign_in_failed")} == {"code", "locked"}
    with tenant_context(aurora, actor=SYSTEM_UUID):
        device.refresh_from_db()
    assert device.throttling_failure_count >= 1


def test_right_password_does_not_reset_the_count_of_wrong_codes(browser: Client, cast: dict[str, User]) -> None:
    give_device(cast["compliance_officer"])

    for _attempt in range(5):
        enter(browser, "compliance.officer@aurora.test")
        browser.post("/entrar/codigo/", {"code": wrong_code()})

    assert enter(browser, "compliance.officer@aurora.test").status_code == 429


def test_code_is_accepted_once_and_the_message_says_when_the_next_is_valid(
    browser: Client, aurora: Tenant, cast: dict[str, User]
) -> None:
    give_device(cast["compliance_officer"])
    used = code()
    enter(browser, "compliance.officer@aurora.test")
    assert browser.post("/entrar/codigo/", {"code": used}).status_code == 302

    second = Client(HTTP_HOST=AURORA, HTTP_ACCEPT_LANGUAGE="en")
    enter(second, "compliance.officer@aurora.test")
    response = second.post("/entrar/codigo/", {"code": used})

    assert response.status_code == 200
    text = response.content.decode()
    assert re.search(r"already been used. (The next one is valid from \d\d:\d\d:\d\d|Type the code)", text)
    assert "_auth_user_id" not in stored(second, aurora)
    assert "sign_in_pending" in stored(second, aurora)


def test_enrolment_shows_the_secret_once_confirmed_gives_ten_codes(
    browser: Client, aurora: Tenant, cast: dict[str, User]
) -> None:
    response = enter(browser, "administrator@aurora.test", next="/perfil/")
    assert response["Location"] == "/entrar/ativar/?next=%2Fperfil%2F"

    page = browser.get("/entrar/ativar/").content.decode()
    assert 'src="data:image/svg+xml' in page
    key = stored(browser, aurora)["enrolment_key"]
    assert browser.get("/perfil/").status_code == 302  # not signed in yet

    refused = browser.post("/entrar/ativar/", {"code": wrong_code()})
    assert "This code is not right." in refused.content.decode()
    accepted = browser.post("/entrar/ativar/", {"code": code(key=key), "next": "/perfil/"})
    codes = re.findall(r"<code>([A-Z0-9-]{14})</code>", accepted.content.decode())
    assert len(set(codes)) == 10
    assert browser.get("/perfil/").status_code == 200
    assert "enrolment_key" not in stored(browser, aurora)
    with tenant_context(aurora, actor=SYSTEM_UUID):
        assert User.objects.get(pk=cast["administrator"].pk).mfa_enabled is True
    created = [entry.resource_type for entry in trail(aurora, "create") if entry.user_id == cast["administrator"].pk]
    assert created.count("totp_device") == 1
    assert created.count("recovery_code") == 10

    phoneless = Client(HTTP_HOST=AURORA, HTTP_ACCEPT_LANGUAGE="en")
    enter(phoneless, "administrator@aurora.test")
    assert phoneless.post("/entrar/codigo/", {"code": codes[3].lower().replace("-", " ")}).status_code == 302
    assert trail(aurora, "sign_in")[-1].metadata["second_factor"] == "recovery_code"
    again = Client(HTTP_HOST=AURORA, HTTP_ACCEPT_LANGUAGE="en")
    enter(again, "administrator@aurora.test")
    assert "has already been used" in again.post("/entrar/codigo/", {"code": codes[3]}).content.decode()


def test_password_alone_never_replaces_a_device(browser: Client, aurora: Tenant, cast: dict[str, User]) -> None:
    enter(browser, "administrator@aurora.test")
    browser.get("/entrar/ativar/")
    key = stored(browser, aurora)["enrolment_key"]
    give_device(cast["administrator"])  # meanwhile, in another browser

    response = browser.post("/entrar/ativar/", {"code": code(key=key)})

    assert response["Location"] == "/entrar/codigo/"


def test_second_step_ends_after_ten_minutes(browser: Client, aurora: Tenant, cast: dict[str, User]) -> None:
    give_device(cast["compliance_officer"])
    enter(browser, "compliance.officer@aurora.test")
    with tenant_context(aurora, actor=SYSTEM_UUID):
        session = browser.session
        session["sign_in_pending"] = {**session["sign_in_pending"], "at": session["sign_in_pending"]["at"] - 601}
        session.save()

    assert browser.post("/entrar/codigo/", {"code": code()})["Location"] == "/entrar/"


def test_session_without_the_code_is_asked_for_it(client_for: Callable[..., Client], cast: dict[str, User]) -> None:
    officer = cast["compliance_officer"]
    client = client_for(officer, verified=False)
    give_device(officer)

    assert client.get("/entrar/codigo/?next=/perfil/").status_code == 200
    assert client.get("/perfil/").status_code == 302
    assert client.post("/entrar/codigo/", {"code": code(), "next": "/perfil/"})["Location"] == "/perfil/"
    assert client.get("/perfil/").status_code == 200


# --- Sessions and redirects ------------------------------------------------------------------------------------------


def test_planted_session_key_does_not_survive_the_sign_in(browser: Client, aurora: Tenant) -> None:
    enter(browser, "author@aurora.test")
    planted = browser.cookies["hcms_session"].value
    victim = Client(HTTP_HOST=AURORA)
    victim.cookies["hcms_session"] = planted

    enter(victim, "editor@aurora.test")

    assert victim.cookies["hcms_session"].value != planted
    unknown = Client(HTTP_HOST=AURORA)
    unknown.cookies["hcms_session"] = "a" * 32
    enter(unknown, "editor@aurora.test")
    assert unknown.cookies["hcms_session"].value != "a" * 32


def test_session_key_rotates_at_both_steps(browser: Client, cast: dict[str, User]) -> None:
    give_device(cast["compliance_officer"])
    enter(browser, "compliance.officer@aurora.test")
    half = browser.cookies["hcms_session"].value

    browser.post("/entrar/codigo/", {"code": code()})

    assert browser.cookies["hcms_session"].value != half


def test_cookie_of_another_tenant_is_anonymous(client_for: Callable[..., Client], cast: dict[str, User]) -> None:
    client = client_for(cast["author"])
    assert client.get("/perfil/").status_code == 200

    for host in ("horizonte.localhost", "localhost"):
        response = client.get("/perfil/", HTTP_HOST=host)
        assert (response.status_code, response["Location"]) == (302, "/entrar/?next=/perfil/")


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.test/",
        "//evil.test/",
        "///evil.test",
        "http:evil.test",
        "javascript:alert(1)",
        "\\\\evil.test",
        "http://horizonte.localhost/",
        "/\t/evil.test",
    ],
)
def test_next_stays_on_this_host(browser: Client, wanted: str) -> None:
    assert enter(browser, "author@aurora.test", next=wanted)["Location"] == "/admin/"


def test_subscriber_is_told_instead_of_sent_in_circles(
    client_for: Callable[..., Client], cast: dict[str, User]
) -> None:
    client = client_for(cast["subscriber"])

    response = client.get("/entrar/?next=/admin/")

    assert response.status_code == 403
    assert "subscriber@aurora.test" in response.content.decode()


def test_sign_out_by_post_only_and_recorded(
    client_for: Callable[..., Client], aurora: Tenant, cast: dict[str, User]
) -> None:
    client = client_for(cast["author"])

    assert client.get("/sair/").status_code == 405
    assert client.get("/perfil/").status_code == 200
    assert client.post("/sair/").status_code == 302
    assert client.get("/perfil/").status_code == 302
    assert trail(aurora, "sign_out")[-1].user_id == cast["author"].pk


def test_sign_in_form_needs_its_token(db: None) -> None:
    strict = Client(HTTP_HOST=AURORA, enforce_csrf_checks=True)

    assert enter(strict, "author@aurora.test").status_code == 403


def test_demo_accounts_exist_only_while_debug_is_on(
    browser: Client, aurora: Tenant, cast: dict[str, User], settings: Any
) -> None:
    admin = cast["administrator"]
    with tenant_context(aurora, actor=admin):
        services.create_user(
            email="author@aurora.example", role="author", display_name="Demo", password=PASSWORD, actor=admin
        )

    assert WRONG in enter(browser, "author@aurora.example").content.decode()
    settings.DEBUG = True
    assert enter(browser, "author@aurora.example").status_code == 302
    settings.DEBUG = False
    assert browser.get("/perfil/").status_code == 302


# --- Platform --------------------------------------------------------------------------------------------------------


def test_platform_administrator_signs_in_at_the_platform_with_a_code(platform_admin: User, aurora: Tenant) -> None:
    give_device(platform_admin)
    client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")

    assert enter(client, "platform@platform.test")["Location"] == "/entrar/codigo/"
    assert client.post("/entrar/codigo/", {"code": code()})["Location"] == "/plataforma/"
    page = client.get("/plataforma/").content.decode()
    assert "aurora" in page
    assert "Clínica Aurora" not in page


def test_people_of_a_tenant_are_unknown_at_the_platform(cast: dict[str, User]) -> None:
    client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")

    assert WRONG in enter(client, "editor@aurora.test").content.decode()
    assert client.get("/plataforma/")["Location"] == "/entrar/?next=/plataforma/"


def test_platform_page_does_not_exist_at_a_tenant(client_for: Callable[..., Client], cast: dict[str, User]) -> None:
    assert client_for(cast["administrator"]).get("/plataforma/").status_code == 404
