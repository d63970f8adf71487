"""The page of waivers: who sees it, what it shows, and that the second person's consent counts."""

import re

import pytest

from accounts.enums import Role
from accounts.models import User
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance import checks
from compliance.models import AuditEntry
from content.services import assessment, findings, revisions

URL = "/admin/compliance/waivers/"
REASON = "Número fictício de um manual público."


@pytest.fixture
def asked(post_factory, cast, act_as):
    """A text whose CPF the officer wants to waive, and the finding's id."""
    post = post_factory.submitted(title="Cadastro <b>modelo</b>", content="<p>Exemplo: CPF 529.982.247-25.</p>")
    officer = cast["compliance_officer"]
    with act_as(officer):
        [finding] = checks.open_findings(revisions.open_run(post).compliance_validations)
        findings.close(post, finding["id"], actor=officer, status="waived", reason=REASON)
    return post, finding["id"]


def status_of(post, key):
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        found = revisions.open_run(post).compliance_validations["findings"]
    return next(f["status"] for f in found if f["id"] == key)


def test_data_protection_officer_confirms(asked, client_for, cast):
    post, key = asked
    client = client_for(cast["dpo"])
    page = client.get(URL).content.decode()
    assert "Cadastro &lt;b&gt;modelo" in page
    assert REASON in page
    assert not re.search(r"529\D?982|982\D?247", page)

    answer = client.post(f"{URL}{post.pk}/confirm/", {"finding": key})

    assert answer.status_code == 302
    assert status_of(post, key) == "waived"
    assert REASON not in client.get(URL).content.decode()


def test_who_asked_does_not_confirm(asked, client_for, cast):
    post, key = asked
    client = client_for(cast["compliance_officer"])
    assert "/confirm/" not in client.get(URL).content.decode()

    assert client.post(f"{URL}{post.pk}/confirm/", {"finding": key}).status_code == 409
    assert status_of(post, key) == "waiver_requested"


@pytest.mark.parametrize("role", ["editor", "author", "contributor", "medical_reviewer", "administrator"])
def test_others_are_refused(role, asked, client_for, cast):
    post, key = asked

    assert client_for(cast[role]).get(URL).status_code == 403
    assert client_for(cast[role]).post(f"{URL}{post.pk}/confirm/", {"finding": key}).status_code == 403
    assert status_of(post, key) == "waiver_requested"


def test_other_tenant_sees_nothing(asked, client_for, other_cast):
    post, key = asked
    client = client_for(other_cast["dpo"])

    assert REASON not in client.get(URL).content.decode()
    assert client.post(f"{URL}{post.pk}/confirm/", {"finding": key}).status_code == 404


@pytest.mark.parametrize("level", ["restricted", "phi"])
def test_title_sample_and_reason_of_a_closed_text_are_hidden(level, post_factory, cast, act_as, client_for):
    post = post_factory.submitted(title="Caso de Joana", content="<p>CPF 529.982.247-25.</p>", compliance_level=level)
    officer = cast["compliance_officer"]
    with act_as(officer):
        [finding] = checks.open_findings(revisions.open_run(post).compliance_validations, severities=["S4"])
        findings.close(post, finding["id"], actor=officer, status="waived", reason=REASON)

    pages = [client_for(cast[role]).get(URL).content.decode() for role in ("dpo", "compliance_officer")]

    review_page = f"/admin/compliance/{post.pk}/"
    assert [review_page in page.replace(f"{URL}{post.pk}/", "") for page in pages] == [False, True]
    for page in pages:
        assert finding["explanation"] in page
        for words in ("Joana", finding["masked"], REASON):
            assert words not in page


def test_who_saved_the_wording_is_offered_no_confirmation(post_factory, cast, act_as, client_for):
    officer, post = cast["compliance_officer"], post_factory.submitted()
    with act_as(officer):
        revisions.save_revision(post, actor=officer, changes={"content": "<p>CPF 529.982.247-25.</p>"})
        assessment.assess(post, actor=officer)
        [finding] = checks.open_findings(revisions.open_run(post).compliance_validations)
        second = User.objects.create_user(
            email="segunda@aurora.example",
            password="a test password",
            role=Role.COMPLIANCE_OFFICER,
            tenant_id=post.tenant_id,
        )
    with act_as(second):
        findings.close(post, finding["id"], actor=second, status="waived", reason=REASON)
    client = client_for(officer)
    page = client.get(URL).content.decode()

    assert REASON in page
    assert "/confirm/" not in page
    assert client.post(f"{URL}{post.pk}/confirm/", {"finding": finding["id"]}).status_code == 403
    assert status_of(post, finding["id"]) == "waiver_requested"
    with act_as(officer):
        denied = AuditEntry.objects.filter(resource_id=post.pk, operation="deny")
        assert [row.metadata["code"] for row in denied if "act" in row.metadata] == ["saved"]
