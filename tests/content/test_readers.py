import uuid

import pytest

from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance.models import AuditEntry
from content.models import PostUserPermission


def address(post_id):
    return f"/admin/compliance/{post_id}/readers/"


@pytest.fixture
def closed_post(post_factory):
    return post_factory.published(compliance_level="restricted", slug="protocolo")


def test_named_professional_reads_a_restricted_text_until_removed(client_for, closed_post, cast):
    officer, reader = client_for(cast["compliance_officer"]), client_for(cast["professional"], verified=False)
    assert reader.get("/protocolo/").status_code == 404

    officer.post(address(closed_post.pk), {"email": cast["professional"].email.upper()})
    assert reader.get("/protocolo/").status_code == 200
    officer.post(address(closed_post.pk), {"remove": cast["professional"].pk})

    assert reader.get("/protocolo/").status_code == 404


def test_naming_a_reader_is_in_the_trail(client_for, closed_post, cast, aurora):
    client_for(cast["compliance_officer"]).post(address(closed_post.pk), {"email": cast["professional"].email})

    with tenant_context(aurora, actor=SYSTEM_UUID):
        assert AuditEntry.objects.filter(resource_type="post_grant", operation="create").count() == 1


@pytest.mark.parametrize("email", ["editor@horizonte.invalid", "ninguem@aurora.invalid", "not an address", ""])
def test_unknown_person_is_refused_and_the_address_kept(email, client_for, closed_post, cast, aurora):
    response = client_for(cast["compliance_officer"]).post(address(closed_post.pk), {"email": email})

    assert response.status_code == 200
    assert response.context["form"].errors["email"]
    with tenant_context(aurora, actor=SYSTEM_UUID):
        assert not PostUserPermission.objects.exists()


@pytest.mark.parametrize("key", ["editor", "author", "medical_reviewer", "dpo"])
def test_without_the_right_is_forbidden(key, client_for, closed_post, cast):
    assert client_for(cast[key]).get(address(closed_post.pk)).status_code == 403


def test_other_tenants_post_is_like_a_random_id(client_for, other_post_factory, cast):
    client = client_for(cast["compliance_officer"])
    other = client.get(address(other_post_factory.draft().pk))
    random = client.get(address(uuid.uuid4()))

    assert (other.status_code, random.status_code) == (404, 404)


def test_anonymous_is_sent_to_sign_in(client_for, closed_post):
    assert client_for().get(address(closed_post.pk)).status_code == 302
