"""What the verification page says about a text that nobody touched, and to whom it says nothing. Changes past the
database's guards are in tests/guards/test_tampering.py."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance.errors import Refused
from compliance.models import Approval
from content.menu import forget_menus
from content.models import PublishedPage
from content.review_dates import add_months
from content.services import claims, publishing, review, revisions
from content.verification import verify_page

pytestmark = pytest.mark.django_db
BODY = "Frase que só está no corpo do texto."


@pytest.fixture(autouse=True)
def _fresh_menu():
    forget_menus()


def ask(post_id, *, host="aurora.localhost", **headers):
    return Client(HTTP_HOST=host).get(f"/verificacao/{post_id}/", HTTP_ACCEPT_LANGUAGE="en", **headers)


def text(post_factory, **changes):
    return post_factory.published(**{"slug": "texto", "content": f"<h2>Parte</h2><p>{BODY}</p>"} | changes)


def test_page_names_verdict_hash_signers_rules_and_next_review(post_factory, cast):
    post = text(post_factory)

    response = ask(post.pk)

    html = response.content.decode()
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        page = PublishedPage.objects.get(post=post)
        signatures = list(Approval.objects.filter(content_id=post.pk))
    assert response.status_code == 200
    assert 'data-verdict="same"' in html and "The text on the page is the signed text." in html
    assert html.count(page.content_hash) == 3  # the page's, and the one in each signature
    assert len(signatures) == 2
    for signature in signatures:
        assert signature.created_at.astimezone(timezone.get_current_timezone()).strftime("%H:%M:%S") in html
    assert cast["compliance_officer"].display_name in html and cast["medical_reviewer"].display_name in html
    assert "CRM/SP 123456" in html and "Compliance officer" in html and "Li e aprovo este texto." in html
    due = add_months(timezone.localdate(page.reviewed_at), 24)
    assert f'datetime="{due.isoformat()}"' in html
    assert BODY not in html


def test_rules_version_is_that_of_the_approved_run(post_factory):
    post = text(post_factory)
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID, atomic=True):
        run = review.latest_run(post)
        run.compliance_validations = {**run.compliance_validations, "engine": {"phi": "7.7", "rules": "2031.02"}}
        run.save()

    html = ask(post.pk).content.decode()

    assert "phi 7.7" in html and "rules 2031.02" in html


def test_field_of_the_article_sets_the_next_review(post_factory):
    post = text(post_factory, custom_fields={"next_review_due": "2031-05-09"})
    assert 'datetime="2031-05-09"' in ask(post.pk).content.decode()


def test_article_links_to_the_check(post_factory, client_for, cast):
    post = text(post_factory)
    other = text(post_factory, slug="aberto", compliance_level="professional")
    for client, slug, expected in (
        (client_for(), "texto", post.pk),
        (client_for(), "aberto", other.pk),
        (client_for(cast["editor"]), "texto", post.pk),
    ):
        html = client.get(f"/{slug}/").content.decode()
        assert f'href="/verificacao/{expected}/"' in html
        assert f"http://aurora.localhost/verificacao/{expected}/</p>" in html  # on paper


def test_professional_text_is_verified_without_being_shown(post_factory):
    post = text(post_factory, compliance_level="professional", excerpt="Resumo só para quem pode.")

    html = ask(post.pk).content.decode()

    assert 'data-verdict="same"' in html
    assert BODY not in html and "Resumo só para quem pode." not in html


@pytest.mark.parametrize("level", ["restricted", "phi"])
def test_closed_text_is_as_unknown_as_a_random_id(post_factory, level, client_for, cast):
    post = text(post_factory, compliance_level=level)
    assert same_as_nothing(ask(post.pk))
    officer = client_for(cast["compliance_officer"])
    assert officer.get(f"/verificacao/{post.pk}/").status_code == 404


def test_unpublished_and_foreign_texts_are_as_unknown_as_a_random_id(post_factory, cast, act_as):
    draft, approved, live = (
        post_factory.draft(title="A"),
        post_factory.approved(title="B"),
        text(post_factory, title="C"),
    )
    for post in (draft, approved):
        assert same_as_nothing(ask(post.pk))
    assert ask(live.pk).status_code == 200
    assert same_as_nothing(ask(live.pk, host="horizonte.localhost"), host="horizonte.localhost")
    with act_as(cast["editor"]):
        publishing.unpublish(live, actor=cast["editor"])
    assert same_as_nothing(ask(live.pk))


def same_as_nothing(response, host="aurora.localhost"):
    nothing = ask(uuid.uuid4(), host=host)
    kept = {"Content-Type", "Cache-Control", "Vary", "ETag", "Content-Security-Policy"}
    strip = lambda r: b"".join(part for part in r.content.split(b"\n") if b'name="next"' not in part)  # noqa: E731
    assert response.status_code == nothing.status_code == 404
    assert {k: response.headers.get(k) for k in kept} == {k: nothing.headers.get(k) for k in kept}
    assert strip(response) == strip(nothing)
    return True


def test_answer_is_kept_by_nobody(post_factory):
    post = text(post_factory)
    first = ask(post.pk)
    assert first["Cache-Control"] == "private, no-store"
    assert "ETag" not in first
    assert ask(post.pk, HTTP_IF_NONE_MATCH="*").status_code == 200
    assert Client(HTTP_HOST="aurora.localhost").post(f"/verificacao/{post.pk}/").status_code == 405
    assert "verificacao" not in Client(HTTP_HOST="aurora.localhost").get("/sitemap.xml").content.decode()


def test_a_new_signed_version_verifies_and_so_does_a_non_medical_one(post_factory, cast, act_as):
    post = text(post_factory)
    with act_as(cast["author"]):
        revisions.save_revision(post, actor=cast["author"], changes={"content": "<p>Outra frase.</p>"})
    old = ask(post.pk).content.decode()
    assert 'data-verdict="same"' in old  # the working copy is nobody's business

    post_factory.submit(post)
    post_factory.publish(post_factory.approve(post_factory.to_final(post)))

    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        found = verify_page(post.pk)
    assert found.matches and found.number == 2 and len(found.signatures) == 2


def test_a_reserved_address_is_no_permalink(post_factory):
    with pytest.raises(Refused):
        post_factory.draft(slug="verificacao")


def test_queries_are_few_and_do_not_grow_with_signatures(post_factory, django_assert_max_num_queries):
    post = text(post_factory)
    ask(post.pk)
    with django_assert_max_num_queries(16):
        ask(post.pk)


def test_dates_of_the_page_are_recent(post_factory):
    post = text(post_factory)
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        found = verify_page(post.pk)
    assert all(timezone.now() - signature.at < timedelta(minutes=5) for signature in found.signatures)


def test_evidence_that_readers_open_is_compared_with_the_review(post_factory, aurora):
    post = post_factory.submitted(
        content="<p>A losartana reduz a mortalidade por infarto em 30%.</p>", scientific_references=["PMID:12345678"]
    )
    decide_claims(post_factory, post)
    post_factory.publish(post_factory.approve(post))
    with tenant_context(aurora, actor=SYSTEM_UUID, atomic=True):
        page = PublishedPage.objects.get(post=post)
        assert [claim["level"] for claim in page.details["claims"]] == ["2"]
        assert verify_page(post.pk).matches


def decide_claims(factory, post):
    """Through S.2.1 and S.3.1 with every claim accepted."""
    officer, reviewer = factory.people["compliance_officer"], factory.people["medical_reviewer"]
    with tenant_context(post.tenant_id, actor=officer):
        run = review.advance(post, actor=officer, confirmed=True)
    with tenant_context(post.tenant_id, actor=reviewer):
        for key in run.medical_claims:
            claims.link(post, key, actor=reviewer, references=["PMID:12345678"])
            claims.decide(post, key, actor=reviewer, status="validated", evidence_level="2")
        review.advance(post, actor=reviewer, confirmed=True)
