"""What the engine found is filed for exactly the wording it read, without a matched value, and keeps decisions."""

import json

import pytest

from accounts.tenancy.context import tenant_context
from compliance import checks
from compliance.errors import Refused
from compliance.models import AuditEntry, WorkflowState
from content.models import Post
from content.services import assessment, claims, findings, review, revisions

CPF, NAME = "529.982.247-25", "Maria Aparecida Souza"
CASE = (
    f"<p>A paciente {NAME}, CPF {CPF}, nascida em 12/03/1981, foi internada com pneumonia.</p>"
    "<p>O tratamento reduz a mortalidade em 30% nos idosos [1].</p>"
)


def run_of(post: Post) -> WorkflowState:
    with tenant_context(post.tenant_id, actor=post.author_id):
        return revisions.open_run(post)


def finding_of(post: Post, code: str) -> dict:
    return next(f for f in run_of(post).compliance_validations["findings"] if f["code"] == code)


def test_submission_files_score_findings_and_claims(post_factory):
    post = post_factory.submitted(content=CASE, scientific_references=["PMID:12345678"])

    run = run_of(post)
    validations = run.compliance_validations
    assert run.lgpd_score == 0
    assert validations["lgpd_check"] == "failed"
    assert validations["lgpd_gate"]["hard"] is True
    assert {f["code"] for f in validations["findings"]} >= {"cpf", "person_name", "birth_date", "CFM-PATIENT-ID"}
    assert 100 - run.lgpd_score <= sum(row["points"] for row in validations["score"]["rows"])
    assert validations["content_hash"] == run.content_hash
    assert set(validations["engine"]) == {"phi", "claims", "rules"}
    [claim] = run.medical_claims.values()
    assert (claim["references"], claim["status"], claim["validated"]) == (["PMID:12345678"], "linked", False)


@pytest.mark.parametrize(("fields", "open_rule"), [({}, True), ({"author_rqe": "RQE 54321"}, False)])
def test_an_announced_specialty_asks_for_its_rqe(post_factory, fields, open_rule):
    post = post_factory.draft()

    with tenant_context(post.tenant_id, actor=post.author_id):
        content = f"<p>Texto de {post.author.display_name}, cardiologista. Beba água.</p>"
        document = assessment.document_of_values({"content": content, "custom_fields": fields}, author=post.author)
        unsaved = assessment.assess_unsaved(document, references=[], run=None)

    found = {finding["code"] for finding in unsaved.run.compliance_validations["findings"]}
    assert ("CFM-RQE" in found) is open_rule


def test_no_matched_value_is_stored(post_factory):
    content = CASE.replace("nos idosos", f"em {NAME}, CPF {CPF}")
    post = post_factory.submitted(content=content, scientific_references=["PMID:12345678"])

    run = run_of(post)
    stored = json.dumps([run.compliance_validations, run.medical_claims], ensure_ascii=False)
    with tenant_context(post.tenant_id, actor=post.author_id):
        trail = json.dumps([entry.metadata for entry in AuditEntry.objects.all()], ensure_ascii=False)
    for value in (CPF, CPF.replace(".", ""), "52998224725", NAME, "Aparecida", "12/03/1981"):
        assert value not in stored
        assert value not in trail
    assert "[CPF removido]" in next(iter(run.medical_claims.values()))["text"]


def test_text_with_claims_gets_a_professional(post_factory):
    post = post_factory.submitted(medical_category=None, content="<p>A vacina reduz a mortalidade em 30%.</p>")

    assert post.requires_crm_validation is True
    run = run_of(post)
    assert run.compliance_validations["content_hash"] == run.content_hash


def test_engine_error_is_error_and_never_passed(post_factory, cast, act_as, monkeypatch, caplog):
    def broken(document):
        raise ValueError(f"choked on {CPF}")

    monkeypatch.setattr(assessment, "analyze", broken)
    post = post_factory.submitted()

    validations = run_of(post).compliance_validations
    assert {validations[name] for name in checks.NAMES} == {"error"}
    assert CPF not in caplog.text
    with act_as(cast["compliance_officer"]), pytest.raises(Refused) as refused:
        review.advance(post, actor=cast["compliance_officer"], confirmed=True)
    assert refused.value.code == "checks"

    monkeypatch.undo()
    with act_as(cast["compliance_officer"]):
        assessment.assess(post, actor=cast["compliance_officer"])
        review.advance(post, actor=cast["compliance_officer"], confirmed=True)
    assert run_of(post).current_stage == "S.3.1"


def test_changed_text_has_stale_results_until_checked_again(post_factory, cast, act_as):
    post = post_factory.submitted()
    officer = cast["compliance_officer"]
    with act_as(officer):
        revisions.save_revision(post, actor=officer, changes={"content": "<p>Outra redação.</p>"})
        assert {run_of(post).compliance_validations[name] for name in checks.NAMES} == {"stale"}
        with pytest.raises(Refused) as refused:
            review.advance(post, actor=officer, confirmed=True)
        assert refused.value.code == "checks"
        assessment.assess(post, actor=officer)
        review.advance(post, actor=officer, confirmed=True)


def test_open_personal_data_stops_the_first_stage(post_factory, cast, act_as):
    post = post_factory.submitted(content="<p>Dúvidas? O paciente mora no CEP 66010-020.</p>")
    officer = cast["compliance_officer"]

    with act_as(officer):
        for finding in checks.open_findings(run_of(post).compliance_validations, kind="phi"):
            with pytest.raises(Refused) as refused:
                review.advance(post, actor=officer, confirmed=True)
            assert refused.value.code == "lgpd"
            findings.close(
                post, finding["id"], actor=officer, status="false_positive", reason="É um exemplo fictício."
            )
        review.advance(post, actor=officer, confirmed=True)
    assert run_of(post).compliance_validations["lgpd_check"] == "passed_with_warnings"


def test_patient_data_level_is_shown_and_does_not_block(post_factory, cast, act_as):
    post = post_factory.submitted(content="<p>O paciente mora no CEP 66010-020.</p>", compliance_level="phi")

    with act_as(cast["compliance_officer"]):
        review.advance(post, actor=cast["compliance_officer"], confirmed=True)
    assert run_of(post).lgpd_score < 100


def test_unsupported_claim_stops_the_second_stage(post_factory, cast, act_as):
    post = post_factory.submitted(content="<p>A vacina reduz a mortalidade em 30%.</p>")
    with act_as(cast["compliance_officer"]):
        review.advance(post, actor=cast["compliance_officer"], confirmed=True)

    with act_as(cast["medical_reviewer"]), pytest.raises(Refused) as refused:
        review.advance(post, actor=cast["medical_reviewer"], confirmed=True)
    assert refused.value.code == "claims"


def test_decision_stays_with_the_same_value_and_falls_with_another(post_factory, cast, act_as):
    post = post_factory.submitted(content=f"<p>Documento de exemplo: CPF {CPF}.</p>")
    officer = cast["compliance_officer"]
    with act_as(officer):
        findings.close(
            post,
            finding_of(post, "cpf")["id"],
            actor=officer,
            status="false_positive",
            reason="Número fictício de manual.",
        )
        revisions.save_revision(post, actor=officer, changes={"content": f"<p>Antes. Exemplo: CPF {CPF}.</p>"})
        assessment.assess(post, actor=officer)
        assert finding_of(post, "cpf")["status"] == "false_positive"

        revisions.save_revision(post, actor=officer, changes={"content": "<p>Exemplo: CPF 111.444.777-35.</p>"})
        assessment.assess(post, actor=officer)
    statuses = [f["status"] for f in run_of(post).compliance_validations["findings"] if f["code"] == "cpf"]
    assert sorted(statuses) == ["false_positive", "open"]


def test_corrected_text_has_fixed_findings(post_factory, cast, act_as):
    post = post_factory.submitted(content=f"<p>Documento: CPF {CPF}.</p>")
    officer = cast["compliance_officer"]
    with act_as(officer):
        revisions.save_revision(post, actor=officer, changes={"content": "<p>Documento: [CPF removido].</p>"})
        assessment.assess(post, actor=officer)

    assert (finding_of(post, "cpf")["status"], finding_of(post, "cpf")["places"]) == ("fixed", [])
    assert run_of(post).lgpd_score == 100


def test_result_is_about_one_wording_only(post_factory, cast, act_as, monkeypatch):
    """The text changes while the engine reads it: nothing is filed."""
    post = post_factory.submitted()
    officer, analyze = cast["compliance_officer"], assessment.analyze

    def slow(document):
        if "Outra" not in document.content_html:
            revisions.save_revision(post, actor=officer, changes={"content": "<p>Outra redação.</p>"})
        return analyze(document)

    monkeypatch.setattr(assessment, "analyze", slow)
    with act_as(officer), pytest.raises(Refused) as refused:
        assessment.assess(post, actor=officer)
    assert refused.value.code == "stale"
    assert run_of(post).compliance_validations["lgpd_check"] == "stale"


@pytest.mark.parametrize(
    "changed",
    [
        "A vacina aumenta a mortalidade em 30% nos idosos [1].",
        "A vacina não reduz a mortalidade em 30% nos idosos [1].",
        "A vacina reduz a mortalidade em 30% nas crianças [1].",
    ],
)
def test_validation_falls_when_the_sentence_is_turned_round(changed, post_factory, cast, act_as):
    sentence = "A vacina reduz a mortalidade em 30% nos idosos [1]."
    post = post_factory.submitted(content=f"<p>{sentence}</p>", scientific_references=["PMID:12345678"])
    officer, reviewer = cast["compliance_officer"], cast["medical_reviewer"]
    with act_as(officer):
        review.advance(post, actor=officer, confirmed=True)
    with act_as(reviewer):
        [key] = run_of(post).medical_claims
        claims.decide(post, key, actor=reviewer, status="validated", evidence_level="2")
    with act_as(officer):
        revisions.save_revision(post, actor=officer, changes={"content": f"<p>Novo começo. {sentence}</p>"})
        assessment.assess(post, actor=officer)
        assert [claim["validated"] for claim in run_of(post).medical_claims.values()] == [True]
        revisions.save_revision(post, actor=officer, changes={"content": f"<p>{changed}</p>"})
        assessment.assess(post, actor=officer)
    assert [claim["validated"] for claim in run_of(post).medical_claims.values()] == [False]
