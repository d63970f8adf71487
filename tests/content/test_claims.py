"""Claims: linking evidence, deciding, suggestions. Who may, when, and what is written."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance.enums import CheckResult, ClaimStatus, WorkflowStage
from compliance.errors import Refused
from compliance.models import AuditEntry, WorkflowState
from content.models import Post, PostRevision, PublishedPage, Reference
from content.services import assessment, claims, review, revisions
from content.templatetags.content_tags import with_evidence

SENTENCE = "A losartana reduz a mortalidade por infarto em 30%."
CONTENT = f"<h2>Tratamento</h2><p>{SENTENCE}</p>"
REFERENCES = ["PMID:12345678", "DOI:10.1000/xyz123", "Silva A. Tratado de cardiologia. 2020."]
REASON = "A frase não afirma um efeito."


def at_evidence(post_factory, **changes) -> Post:
    """A text with one claim, at S.3.1."""
    post = post_factory.submitted(**{"content": CONTENT, "scientific_references": REFERENCES} | changes)
    with post_factory._as("compliance_officer"):
        review.advance(post, actor=post_factory.people["compliance_officer"], confirmed=True)
    return post


def run_of(post: Post) -> WorkflowState:
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        return review.latest_run(post)


def claim_of(post: Post) -> dict:
    return run_of(post).medical_claims["claim_1"]


def act(function, post, who, **kwargs):
    with tenant_context(who.tenant_id, actor=who):
        return function(post, "claim_1", actor=who, **kwargs)


def refused(function, post, who, **kwargs) -> str:
    with pytest.raises(Refused) as refusal:
        act(function, post, who, **kwargs)
    return refusal.value.code


def last_decision(post: Post) -> dict:
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        rows = AuditEntry.objects.filter(resource_id=post.pk, operation="decision").order_by("-created_at")
        return next(row.metadata for row in rows if row.metadata["act"] == "claim")


VALID = {"status": "validated", "evidence_level": "2", "evidence_scale": "ocebm2011"}


# --- Linking ---------------------------------------------------------------------------------------------------------


def test_link_keeps_the_references_in_their_normal_form(post_factory, cast):
    post = at_evidence(post_factory)

    act(claims.link, post, cast["medical_reviewer"], references=["doi:10.1000/XYZ123", "pmid 12345678"])

    claim = claim_of(post)
    assert claim["references"] == ["DOI:10.1000/xyz123", "PMID:12345678"]
    assert claim["reference"] == "DOI:10.1000/xyz123"
    assert (claim["status"], claim["validated"]) == (ClaimStatus.LINKED, False)
    assert claim["linked_by"] == str(cast["medical_reviewer"].pk)
    assert run_of(post).compliance_validations["claims_check"] == CheckResult.FAILED


def test_link_with_nothing_takes_the_references_away(post_factory, cast):
    post = at_evidence(post_factory)
    act(claims.link, post, cast["editor"], references=["PMID:12345678"])

    act(claims.link, post, cast["editor"], references=[])

    assert (claim_of(post)["status"], claim_of(post)["reference"]) == (ClaimStatus.OPEN, None)


@pytest.mark.parametrize(
    "reference", ["PMID:99", "12345678", "Silva A. Tratado de cardiologia. 2020.", "DOI:10.1000/other", "<b>"]
)
def test_link_refuses_what_is_no_valid_identifier_of_the_list(post_factory, cast, reference):
    post = at_evidence(post_factory)

    assert refused(claims.link, post, cast["editor"], references=["PMID:12345678", reference]) == "references"
    assert claim_of(post)["references"] == []


def test_link_finds_the_identifier_inside_a_citation_in_words(post_factory, cast):
    entry = "Silva A. Um ensaio. Rev Bras. 2020. doi:10.1000/dentro"
    post = at_evidence(post_factory, scientific_references=[entry])

    act(claims.link, post, cast["editor"], references=["DOI:10.1000/dentro"])

    assert claim_of(post)["references"] == ["DOI:10.1000/dentro"]


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("author", "role"),
        ("contributor", "role"),
        ("administrator", "role"),
        ("compliance_officer", "role"),
        ("dpo", "role"),
        ("subscriber", "role"),
        ("professional", "role"),
    ],
)
def test_link_is_for_editors_and_medical_reviewers(post_factory, cast, who, code):
    post = at_evidence(post_factory)

    assert refused(claims.link, post, cast[who], references=["PMID:12345678"]) == code


def test_link_in_review_is_not_for_the_author_though_an_editor(post_factory, cast):
    post = at_evidence(post_factory, author="editor")

    assert refused(claims.link, post, cast["editor"], references=["PMID:12345678"]) == "author"


def test_author_links_while_writing_and_the_link_survives_submission(post_factory, cast):
    post = at_evidence(post_factory)
    with tenant_context(post.tenant_id, actor=cast["medical_reviewer"]):
        review.send_back(post, actor=cast["medical_reviewer"], reason="Falta ligar a referência.")

    act(claims.link, post, cast["author"], references=["PMID:12345678"])

    assert run_of(post).compliance_validations["claims_check"] == CheckResult.STALE
    post_factory.submit(post)
    assert claim_of(post)["references"] == ["PMID:12345678"]
    assert run_of(post).compliance_validations["claims_check"] == CheckResult.FAILED


def test_nobody_links_at_the_final_stage(post_factory, cast):
    post = validated(post_factory, cast)
    with tenant_context(post.tenant_id, actor=cast["medical_reviewer"]):
        review.advance(post, actor=cast["medical_reviewer"], confirmed=True)

    assert refused(claims.link, post, cast["medical_reviewer"], references=[]) == "stage"
    assert refused(claims.decide, post, cast["medical_reviewer"], **VALID) == "stage"


def test_a_decided_claim_is_relinked_by_the_reviewer_alone_and_open_again(post_factory, cast):
    post = validated(post_factory, cast)

    assert refused(claims.link, post, cast["editor"], references=["DOI:10.1000/xyz123"]) == "claim_decided"
    act(claims.link, post, cast["medical_reviewer"], references=["DOI:10.1000/xyz123"])

    claim = claim_of(post)
    assert (claim["status"], claim["validated"], claim["validated_by"]) == (ClaimStatus.LINKED, False, None)


# --- Deciding --------------------------------------------------------------------------------------------------------


def validated(post_factory, cast, **changes) -> Post:
    post = at_evidence(post_factory, **changes)
    act(claims.link, post, cast["medical_reviewer"], references=["PMID:12345678"])
    act(claims.decide, post, cast["medical_reviewer"], **VALID)
    return post


def test_validated_claim_lets_the_text_pass(post_factory, cast):
    post = validated(post_factory, cast)

    claim = claim_of(post)
    assert (claim["status"], claim["validated"], claim["evidence_level"]) == ("validated", True, "2")
    assert claim["validated_by"] == str(cast["medical_reviewer"].pk)
    assert claim["validated_at"]
    assert claim["validator_registry"] == cast["medical_reviewer"].professional_registry
    assert run_of(post).compliance_validations["claims_check"] == CheckResult.PASSED
    with tenant_context(post.tenant_id, actor=cast["medical_reviewer"]):
        assert review.advance(post, actor=cast["medical_reviewer"], confirmed=True).current_stage == "S.4-1.1-3"


def test_rejected_claim_blocks(post_factory, cast):
    post = at_evidence(post_factory)

    act(claims.decide, post, cast["medical_reviewer"], status="rejected", reason=REASON)

    assert claim_of(post)["note"] == REASON
    assert run_of(post).compliance_validations["claims_check"] == CheckResult.FAILED
    with tenant_context(post.tenant_id, actor=cast["medical_reviewer"]), pytest.raises(Refused) as refusal:
        review.advance(post, actor=cast["medical_reviewer"], confirmed=True)
    assert refusal.value.code == "claims"


def test_what_is_no_claim_needs_no_evidence(post_factory, cast):
    post = at_evidence(post_factory)

    act(claims.decide, post, cast["medical_reviewer"], status="not_a_claim", reason=REASON)

    assert run_of(post).compliance_validations["claims_check"] == CheckResult.PASSED


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "rejected", "reason": "curto"}, "statement"),
        ({"status": "not_a_claim", "reason": "         x         "}, "statement"),
        ({"status": "linked", "reason": REASON}, "claim_status"),
        ({"status": "open", "reason": REASON}, "claim_status"),
        ({"status": "", "reason": REASON}, "claim_status"),
        ({**VALID, "evidence_level": ""}, "level"),
        ({**VALID, "evidence_level": "6"}, "level"),
        ({**VALID, "evidence_level": "1a"}, "level"),
        ({**VALID, "evidence_scale": "grade"}, "level"),
        ({**VALID, "evidence_scale": "oxford"}, "level"),
        ({**VALID, "evidence_scale": "none"}, "level"),
    ],
)
def test_decide_refuses(post_factory, cast, changes, code):
    post = at_evidence(post_factory)
    act(claims.link, post, cast["medical_reviewer"], references=["PMID:12345678"])

    assert refused(claims.decide, post, cast["medical_reviewer"], **changes) == code
    assert claim_of(post)["status"] == ClaimStatus.LINKED


def test_validation_needs_a_reference(post_factory, cast):
    post = at_evidence(post_factory)

    assert refused(claims.decide, post, cast["medical_reviewer"], **VALID) == "reference"


def test_a_retracted_work_is_no_evidence(post_factory, cast):
    post = at_evidence(post_factory)
    with tenant_context(post.tenant_id, actor=cast["medical_reviewer"]):
        Reference.objects.create(
            type="pubmed",
            identifier="PMID:12345678",
            title="Um ensaio",
            retracted_at=timezone.now(),
            created_by=cast["medical_reviewer"],
        )
    act(claims.link, post, cast["medical_reviewer"], references=["PMID:12345678", "DOI:10.1000/xyz123"])

    assert refused(claims.decide, post, cast["medical_reviewer"], **VALID) == "retracted"
    act(claims.link, post, cast["medical_reviewer"], references=["DOI:10.1000/xyz123"])
    act(claims.decide, post, cast["medical_reviewer"], **VALID)


@pytest.mark.parametrize(
    ("scale", "level", "allowed"),
    [
        ("ocebm2011", "3", True),
        ("ocebm2011", "4", False),
        ("ocebm2009", "3b", True),
        ("ocebm2009", "5", False),
        ("grade", "low", True),
        ("grade", "very_low", False),
        ("none", "", False),
    ],
)
def test_infections_and_vaccines_need_level_three(post_factory, cast, scale, level, allowed):
    post = at_evidence(post_factory, medical_category="infectologia_vacinas")
    act(claims.link, post, cast["medical_reviewer"], references=["PMID:12345678"])
    decision = {"status": "validated", "evidence_scale": scale, "evidence_level": level}

    if allowed:
        act(claims.decide, post, cast["medical_reviewer"], **decision)
        assert claim_of(post)["validated"] is True
    else:
        assert refused(claims.decide, post, cast["medical_reviewer"], **decision) == "weak"


@pytest.mark.parametrize(
    "who",
    ["administrator", "editor", "author", "contributor", "compliance_officer", "dpo", "subscriber", "professional"],
)
def test_only_the_medical_reviewer_decides(post_factory, cast, who):
    post = at_evidence(post_factory)

    assert refused(claims.decide, post, cast[who], status="not_a_claim", reason=REASON) == "role"


def test_nobody_decides_claims_of_a_text_of_their_own(post_factory, cast):
    post = at_evidence(post_factory, author="medical_reviewer")

    code = refused(claims.decide, post, cast["medical_reviewer"], status="not_a_claim", reason=REASON)

    assert code == "author"


def test_who_saved_the_text_does_not_decide(post_factory, cast):
    post = at_evidence(post_factory)
    with tenant_context(post.tenant_id, actor=cast["medical_reviewer"]):
        newest = revisions.newest_revision(post)
        values = {f.attname: getattr(newest, f.attname) for f in newest._meta.fields if f.name != "id"}
        # As an older rule may have left it: reviewers save no texts of others now.
        PostRevision.objects.create(
            **values | {"number": newest.number + 1, "saved_by_id": cast["medical_reviewer"].pk}
        )

    code = refused(claims.decide, post, cast["medical_reviewer"], status="not_a_claim", reason=REASON)

    assert code == "saved"


@pytest.mark.parametrize("stage", [WorkflowStage.DRAFT, WorkflowStage.PRIVACY])
def test_decide_waits_for_its_stage(post_factory, cast, stage):
    post = post_factory.submitted(content=CONTENT, scientific_references=REFERENCES)
    if stage == WorkflowStage.DRAFT:
        with tenant_context(post.tenant_id, actor=cast["editor"]):
            review.send_back(post, actor=cast["editor"], reason="Volta para quem escreve.")

    code = refused(claims.decide, post, cast["medical_reviewer"], status="not_a_claim", reason=REASON)

    assert code == "stage"


def test_decide_wants_checks_of_this_wording(post_factory, cast):
    post = at_evidence(post_factory)
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        run = review.open_run(post)
        run.compliance_validations = {**run.compliance_validations, "claims_check": "error"}
        run.save()

    code = refused(claims.decide, post, cast["medical_reviewer"], status="not_a_claim", reason=REASON)

    assert code == "checks"


def test_an_unknown_claim_is_refused(post_factory, cast):
    post = at_evidence(post_factory)
    with tenant_context(post.tenant_id, actor=cast["editor"]), pytest.raises(Refused) as refusal:
        claims.link(post, "claim_9", actor=cast["editor"], references=[])

    assert refusal.value.code == "claim"


def test_the_trail_tells_what_was_decided_without_words(post_factory, cast):
    post = at_evidence(post_factory)
    act(claims.decide, post, cast["medical_reviewer"], status="not_a_claim", reason=REASON)

    entry = last_decision(post)

    assert {name: entry[name] for name in ("claim", "from", "to", "references")} == {
        "claim": "claim_1",
        "from": "open",
        "to": "not_a_claim",
        "references": 0,
    }
    assert "losartana" not in json.dumps(entry)
    assert REASON not in json.dumps(entry)


def test_decisions_survive_a_small_edit_with_their_history(post_factory, cast):
    post = validated(post_factory, cast)
    with tenant_context(post.tenant_id, actor=cast["medical_reviewer"]):
        review.send_back(post, actor=cast["medical_reviewer"], reason="Falta um acento no texto.")
    with tenant_context(post.tenant_id, actor=cast["author"]):
        changed = CONTENT.replace("A losartana", "A losartana,").replace("infarto", "infarto,")
        revisions.save_revision(post, actor=cast["author"], changes={"content": changed})
        review.submit(post, actor=cast["author"])

    claim = claim_of(post)
    assert (claim["status"], claim["validated"], claim["evidence_level"]) == ("validated", True, "2")
    assert [entry["status"] for entry in claim["history"]] == ["linked", "validated"]


def test_a_changed_number_makes_a_new_claim(post_factory, cast):
    post = validated(post_factory, cast)
    with tenant_context(post.tenant_id, actor=cast["medical_reviewer"]):
        review.send_back(post, actor=cast["medical_reviewer"], reason="O número está errado.")
    with tenant_context(post.tenant_id, actor=cast["author"]):
        revisions.save_revision(post, actor=cast["author"], changes={"content": CONTENT.replace("30", "40")})
        review.submit(post, actor=cast["author"])

    assert {key: claim["status"] for key, claim in run_of(post).medical_claims.items()} == {"claim_2": "open"}


def test_running_the_checks_again_changes_no_decision(post_factory, cast):
    post = validated(post_factory, cast)
    before = claim_of(post)

    with tenant_context(post.tenant_id, actor=cast["medical_reviewer"]):
        assessment.assess(post, actor=cast["medical_reviewer"])

    assert claim_of(post) == before


# --- Suggestions -----------------------------------------------------------------------------------------------------


def approve(post_factory, cast, post) -> Post:
    with tenant_context(post.tenant_id, actor=cast["medical_reviewer"]):
        review.advance(post, actor=cast["medical_reviewer"], confirmed=True)
    return post_factory.approve(post)


def suggested(post: Post, key: str = "claim_1") -> list[dict]:
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        return claims.suggestions(post, key)


def test_suggestions_come_from_approved_texts_of_the_organization(post_factory, other_post_factory, cast, other_cast):
    approve(post_factory, cast, validated(post_factory, cast))
    approve(
        other_post_factory, other_cast, validated(other_post_factory, other_cast, scientific_references=REFERENCES)
    )
    validated(post_factory, cast, title="Ainda não aprovado")
    post = at_evidence(post_factory, title="O mesmo em outro texto")
    unlike = at_evidence(post_factory, content=CONTENT.replace("30", "45"))

    found = suggested(post)

    assert [(each["references"], each["evidence_level"]) for each in found] == [(["PMID:12345678"], "2")]
    assert found[0]["validator_registry"] == cast["medical_reviewer"].professional_registry
    assert suggested(unlike) == []
    assert suggested(post, "claim_9") == []


# --- What readers see ------------------------------------------------------------------------------------------------


def published(post_factory, cast, **changes) -> Post:
    return post_factory.publish(approve(post_factory, cast, validated(post_factory, cast, **changes)))


def test_readers_open_the_evidence_of_a_claim(client_for, post_factory, cast):
    post = published(post_factory, cast)
    client = client_for()
    client.get(f"/{post.slug}/")

    with CaptureQueriesContext(connection) as captured:
        page = client.get(f"/{post.slug}/").content.decode()

    assert len([q for q in captured if "published_pages" in q["sql"]]) <= 1
    assert re.search(
        r'em 30%\. <a class="evidence-link" id="claim:1" href="#evidence:1" lang="[^"]+">[^<]+</a></p>', page
    )
    shown = re.search(r'<div class="evidence-body" id="evidence:1">.*?</div>', page, re.S).group()
    assert "OCEBM" in shown
    assert "12345678" in shown
    assert "Medical Reviewer Aurora" in shown
    assert cast["medical_reviewer"].professional_registry in shown
    assert f'<q lang="pt-BR">{SENTENCE}</q>' in page


def test_the_words_of_the_page_stay_as_they_were_signed(client_for, post_factory, cast):
    post = published(post_factory, cast)
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        page = PublishedPage.objects.get(post=post)

    shown = with_evidence(page.content, page.details)

    assert page.content == post.content
    assert "evidence-link" in shown
    assert re.sub(r' <a class="evidence-link".*?</a>', "", shown) == page.content


def test_what_was_not_validated_is_no_evidence(client_for, post_factory, cast):
    post = at_evidence(post_factory)
    act(claims.decide, post, cast["medical_reviewer"], status="not_a_claim", reason=REASON)
    post_factory.publish(approve(post_factory, cast, post))

    page = client_for().get(f"/{post.slug}/").content.decode()

    assert "evidence" not in page.replace("evidence.", "")
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        assert PublishedPage.objects.get(post=post).details["claims"] == []


def test_pages_of_an_older_release_have_no_evidence(client_for, post_factory, cast):
    post = published(post_factory, cast)
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        page = PublishedPage.objects.get(post=post)
        older = {key: value for key, value in page.details.items() if key != "claims"}
        PublishedPage.objects.filter(pk=page.pk).update(details={**older, "references": ["PMID:1"]}, etag="older")

    response = client_for().get(f"/{post.slug}/")

    assert response.status_code == 200
    assert "evidence-link" not in response.content.decode()
