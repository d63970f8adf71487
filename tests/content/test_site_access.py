"""The access matrix (domain rules 4.2) at the door where readers come in, and what it leaves in the trail."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance.models import AuditEntry
from content.menu import forget_menus
from content.models import PostUserPermission

pytestmark = pytest.mark.django_db
BODY = "Frase que só está no corpo do texto."
EXCERPT = "Frase que só está no resumo."
FULL, TEASER, REASON, NOTHING = "full", "teaser", "reason", "nothing"

MATRIX = {
    #                      public professional restricted phi
    "visitor":            (FULL, TEASER, NOTHING, NOTHING),
    "subscriber":         (FULL, TEASER, NOTHING, NOTHING),
    "professional":       (FULL, FULL, NOTHING, NOTHING),
    "expired":            (FULL, TEASER, NOTHING, NOTHING),
    "contributor":        (FULL, FULL, NOTHING, NOTHING),
    "author":             (FULL, FULL, FULL, NOTHING),  # wrote it
    "editor":             (FULL, FULL, NOTHING, NOTHING),
    "medical_reviewer":   (FULL, FULL, FULL, NOTHING),  # signed it
    "compliance_officer": (FULL, FULL, FULL, REASON),
    "administrator":      (FULL, FULL, NOTHING, NOTHING),
    "dpo":                (FULL, TEASER, NOTHING, NOTHING),
    "unverified editor":  (FULL, FULL, NOTHING, NOTHING),  # no second factor needed
    "unverified officer": (FULL, TEASER, NOTHING, NOTHING),  # a visitor until the code is given
    "other tenant":       (FULL, TEASER, NOTHING, NOTHING),  # a visitor here
    "named professional": (FULL, FULL, FULL, REASON),
    "named subscriber":   (FULL, TEASER, NOTHING, REASON),
    "named author":       (FULL, FULL, FULL, REASON),
    "named editor":       (FULL, FULL, FULL, REASON),
}  # fmt: skip
LEVELS = ("public", "professional", "restricted", "phi")
CASES = [(who, level, MATRIX[who][index]) for who in MATRIX for index, level in enumerate(LEVELS)]


@pytest.fixture(autouse=True)
def _fresh_menu():
    forget_menus()


def text(post_factory, level):
    return post_factory.published(
        slug="texto",
        title="Título do texto",
        compliance_level=level,
        content=f"<p>{BODY}</p>",
        excerpt=EXCERPT,
        scientific_references=["Referência que só está no texto."],
    )


def name_reader(user, post):
    """Put the user into the post's grant list."""
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID, atomic=True):
        permission = Permission.objects.get(codename="view_post", content_type__app_label="content")
        PostUserPermission.objects.create(user=user, content_object=post, permission=permission)


@pytest.fixture
def client_of(client_for, cast, other_cast):
    def make(who, post):
        if who == "visitor":
            return Client(HTTP_HOST="aurora.localhost")
        if who == "other tenant":
            client = client_for(other_cast["compliance_officer"])
            client.defaults["HTTP_HOST"] = "aurora.localhost"
            return client
        kind, _space, name = who.rpartition(" ")
        key = {"expired": "professional", "officer": "compliance_officer"}.get(name, name)
        user = cast[key]
        if name == "expired":
            with tenant_context(user.tenant_id, actor=SYSTEM_UUID, atomic=True):
                User.objects.filter(pk=user.pk).update(validated_at=timezone.now() - timedelta(days=366))
        if kind == "named":
            name_reader(user, post)
        return client_for(user, verified=kind != "unverified")

    return make


def shown(response):
    html = response.content.decode()
    if response.status_code == 404:
        assert "Título do texto" not in html
        return NOTHING
    assert response.status_code == 200
    if 'name="reason"' in html:
        assert "Título" not in html and EXCERPT not in html and BODY not in html
        return REASON
    assert "Título do texto" in html and EXCERPT in html
    if BODY in html:
        return FULL
    assert "Referência que" not in html
    return TEASER


def trail(post, *operations):
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        rows = AuditEntry.objects.filter(resource_id=post.pk, operation__in=operations).order_by("created_at")
        return [(row.operation, row.user_id, row.policy_decision) for row in rows]


@pytest.mark.parametrize(("who", "level", "expected"), CASES)
def test_access_matrix(who, level, expected, client_of, post_factory):
    post = text(post_factory, level)
    client = client_of(who, post)

    response = client.get("/texto/")

    assert shown(response) == expected
    if level != "public":
        assert response["Cache-Control"] in ("private, no-store", "no-cache")
        assert "ETag" not in response


@pytest.mark.parametrize("level", ["restricted", "phi"])
def test_denial_looks_like_a_page_that_does_not_exist(level, client_for, cast, post_factory):
    text(post_factory, level)

    for client in (Client(HTTP_HOST="aurora.localhost"), client_for(cast["subscriber"])):
        denied, unknown = client.get("/texto/"), client.get("/nao-existe/")
        assert denied.content == unknown.content
        assert sorted(denied.items()) == sorted(unknown.items())


# --- The trail ---


def test_read_of_a_restricted_text_is_recorded(client_for, cast, post_factory):
    post = text(post_factory, "restricted")

    client_for(cast["compliance_officer"]).get("/texto/")

    assert trail(post, "read", "deny") == [("read", cast["compliance_officer"].pk, "allow")]


@pytest.mark.parametrize("key", ["subscriber", "editor", "professional"])
def test_denial_is_recorded_with_who_was_denied(key, client_for, cast, post_factory):
    post = text(post_factory, "restricted")

    client_for(cast[key]).get("/texto/")

    assert trail(post, "read", "deny") == [("deny", cast[key].pk, "deny")]


def test_denial_of_a_visitor_is_recorded(post_factory):
    post = text(post_factory, "restricted")

    Client(HTTP_HOST="aurora.localhost").get("/texto/")

    ((operation, user_id, decision),) = trail(post, "read", "deny")
    assert (operation, user_id.int, decision) == ("deny", 0, "deny")


def test_public_reads_and_visitors_teasers_leave_no_row(client_for, cast, post_factory):
    post = text(post_factory, "professional")

    Client(HTTP_HOST="aurora.localhost").get("/texto/")
    client_for(cast["professional"]).get("/texto/")

    assert trail(post, "read", "deny") == []


def test_read_fails_when_the_trail_cannot_be_written(client_for, cast, post_factory, monkeypatch):
    text(post_factory, "restricted")
    client = client_for(cast["compliance_officer"])
    client.raise_request_exception = False

    def broken(*args, **kwargs):
        raise RuntimeError("no trail")

    monkeypatch.setattr("content.access.audit.record", broken)

    response = client.get("/texto/")

    assert response.status_code == 500
    assert BODY not in response.content.decode()


# --- Patient data ---


def test_phi_opens_for_one_request_with_a_reason(client_for, cast, post_factory):
    post = text(post_factory, "phi")
    client = client_for(cast["compliance_officer"])

    opened = client.post("/texto/", {"reason": "Auditoria do prontuário 17"})

    assert shown(opened) == FULL
    assert opened["Cache-Control"] == "private, no-store"
    assert trail(post, "read", "deny") == [("read", cast["compliance_officer"].pk, "allow")]
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        assert AuditEntry.objects.get(resource_id=post.pk, operation="read").metadata["reason"] == (
            "Auditoria do prontuário 17"
        )
    assert shown(client.get("/texto/")) == REASON


@pytest.mark.parametrize("reason", ["", "   ", "curto", " " * 50 + "x"])
def test_phi_stays_closed_without_a_real_reason(reason, client_for, cast, post_factory):
    post = text(post_factory, "phi")
    client = client_for(cast["compliance_officer"])

    assert shown(client.post("/texto/", {"reason": reason})) == REASON
    assert trail(post, "read") == []


def test_phi_reason_does_not_help_who_has_no_right(client_for, cast, post_factory):
    post = text(post_factory, "phi")
    reason = {"reason": "Quero muito ler este texto"}

    for key in ("professional", "author", "editor", "administrator"):
        assert shown(client_for(cast[key]).post("/texto/", reason)) == NOTHING
    assert shown(Client(HTTP_HOST="aurora.localhost").post("/texto/", reason)) == NOTHING
    assert trail(post, "read") == []


def test_phi_reason_needs_the_form_of_this_site(client_for, cast, post_factory):
    text(post_factory, "phi")
    trusted = client_for(cast["compliance_officer"])
    strict = Client(enforce_csrf_checks=True, HTTP_HOST="aurora.localhost")
    strict.cookies = trusted.cookies

    assert strict.post("/texto/", {"reason": "Auditoria do prontuário 17"}).status_code == 403


# --- Lists ---


@pytest.mark.parametrize("key", [None, "professional", "author", "compliance_officer"])
@pytest.mark.parametrize("level", ["restricted", "phi"])
def test_closed_texts_are_in_no_list(level, key, client_for, cast, post_factory):
    post = text(post_factory, level)
    user = cast[key] if key else None
    if user:
        name_reader(user, post)
    client = client_for(user)

    addresses = ["/", "/feed/", "/sitemap.xml", "/?s=texto", "/?s=corpo", "/author/author/"]
    for address in addresses:
        html = client.get(address).content.decode()
        assert "/texto/" not in html, address
        assert "Título do texto" not in html, address


def test_professional_texts_are_listed_without_their_body(post_factory):
    text(post_factory, "professional")
    visitor = Client(HTTP_HOST="aurora.localhost")

    for address in ("/", "/feed/", "/?s=texto"):
        html = visitor.get(address).content.decode()
        assert "Título do texto" in html.replace("<mark>", "").replace("</mark>", ""), address
        assert BODY not in html, address
    assert 'class="lock"' in visitor.get("/").content.decode()
    assert "/texto/" not in visitor.get("/sitemap.xml").content.decode()


def test_teaser_is_not_indexed_and_names_the_way_in(post_factory):
    text(post_factory, "professional")

    html = Client(HTTP_HOST="aurora.localhost").get("/texto/").content.decode()

    assert '<meta name="robots" content="noindex">' in html
    assert 'href="/entrar/?next=/texto/"' in html
