"""The review page: findings, score, claims and checklist; closing and deciding from it; a long text in few queries."""

import re
import time
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from stdnum.br import cpf

from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance import checks
from compliance.enums import Capacity, FindingStatus
from compliance.models import AuditEntry, WorkflowState
from content import queries_findings
from content.models import Post
from content.queries_review import find_text, slots_of
from content.review_checklist import checklist
from content.services import assessment, findings, review, revisions, signing

CPF = "529.982.247-25"
PERSONAL = f"<p>O paciente informou o CPF {CPF} e o telefone (11) 98765-4321 para contato.</p>"
CLAIM = "A losartana reduz a mortalidade por infarto em 30%."
PROMISE = "<p>Resultado garantido: a cirurgia nunca falha.</p>"
REASON = "Número de exemplo da Receita."
LINES = "\n".join(["Nove aqui"] * 200) + "."  # 2,000 characters; browsers send two for each line break


def address(name: str, post: Post) -> str:
    return reverse(f"admin:review_{name}", args=[post.pk])


def run_of(post: Post) -> WorkflowState:
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        return review.latest_run(post)


def finding_of(post: Post, code: str) -> dict:
    return next(f for f in run_of(post).compliance_validations["findings"] if f["code"] == code)


def page_of(client, post: Post) -> str:
    response = client.get(address("post", post))
    assert response.status_code == 200
    return response.content.decode()


def item(page: str, key: str) -> str:
    """The HTML of one finding or claim in the list."""
    found = re.search(rf'<li class="rv-item[^>]* id="{re.escape(key)}".*?(?=<li class="rv-item|</ol>)', page, re.S)
    assert found, key
    return found.group()


@pytest.fixture
def personal(post_factory):
    """At S.2.1 with a CPF, a phone and a claim."""
    return post_factory.submitted(content=f"{PERSONAL}<p>{CLAIM}</p>", scientific_references=["PMID:12345678"])


@pytest.fixture
def claimed(post_factory, cast):
    """At S.3.1 with one claim."""
    post = post_factory.submitted(content=f"<p>{CLAIM}</p>", scientific_references=["PMID:12345678"])
    with tenant_context(post.tenant_id, actor=cast["editor"]):
        review.advance(post, actor=cast["editor"], confirmed=True)
    return post


# --- What is shown ---------------------------------------------------------------------------------------------------


def test_findings_are_listed_with_mask_article_and_fix_and_lead_to_the_text(client_for, cast, personal):
    page = page_of(client_for(cast["compliance_officer"]), personal)

    finding = finding_of(personal, "cpf")
    shown = unescape(item(page, f"finding:{finding['id']}"))
    assert finding["masked"] in shown
    assert finding["explanation"] in shown
    assert finding["fix"] in shown
    assert finding["source"] in shown
    assert "S4" in shown
    assert f'href="#f:{finding["id"]}"' in shown
    assert f'<mark id="f:{finding["id"]}" class="rv-mark rv-S4" data-for="{finding["id"]}">{CPF}</mark>' in page
    assert f'href="#finding:{finding["id"]}"' in page


def test_what_is_said_about_a_value_does_not_repeat_it(client_for, cast, personal):
    page = page_of(client_for(cast["compliance_officer"]), personal)

    article, _side, said = page.partition('id="rv-side"')
    said = said.partition('id="rv-notes"')[0]
    assert article.count(CPF) == 1
    assert "rv-findings" in said
    assert CPF not in said
    assert "98765-4321" not in said


def test_score_rows_sum_to_what_is_missing(personal, cast):
    with tenant_context(personal.tenant_id, actor=cast["editor"]):
        score = queries_findings.score_of(find_text(personal.pk))

    assert score["value"] == max(0, 100 - sum(row.points for row in score["rows"]))
    assert score["points"] == sum(row.points for row in score["rows"])
    assert score["value"] == run_of(personal).lgpd_score


def test_results_about_another_wording_leave_no_marks(client_for, cast, personal):
    with tenant_context(personal.tenant_id, actor=cast["editor"]):
        revisions.save_revision(personal, actor=cast["editor"], changes={"content": f"<p>Antes.</p>{PERSONAL}"})

    page = page_of(client_for(cast["compliance_officer"]), personal)

    assert "<mark" not in page
    assert address("checks", personal) in page
    assert "finding_" not in page


def test_marks_follow_what_cleaning_again_changes(personal, cast):
    """An older rule may have left mark-up that is cleaned away now: the marks stay on their words."""
    with tenant_context(personal.tenant_id, actor=cast["editor"]):
        text = find_text(personal.pk)
        text.revision.content = text.revision.content.replace("<p>O paciente", '<p class="x">O paciente', 1)
        for record in text.validations["findings"]:
            record["places"] = [[name, start + 10, end + 10] for name, start, end in record["places"]]
        found = queries_findings.findings_of(text, cast["editor"])
        body = queries_findings.wording_of(text, found).body

    assert re.search(rf"<mark [^>]*>{re.escape(CPF)}</mark>", body)


def test_title_and_summary_are_marked_too(client_for, cast, post_factory):
    post = post_factory.submitted(title="Paciente Maria da Silva", excerpt=f"CPF {CPF}", content="<p>Texto.</p>")

    page = page_of(client_for(cast["editor"]), post)

    assert re.search(r'rv-headline">.*?<mark [^>]*>Maria da Silva</mark>', page)
    assert re.search(rf'rv-lead">CPF <mark [^>]*>{re.escape(CPF)}</mark>', page)


def test_author_reads_the_findings_and_closes_none(client_for, cast, personal):
    page = page_of(client_for(cast["author"]), personal)

    assert f'id="finding:{finding_of(personal, "cpf")["id"]}"' in page
    assert address("finding", personal) not in page


# --- Closing a finding -----------------------------------------------------------------------------------------------


def close(client, post, code="cpf", **changes):
    data = {"finding": finding_of(post, code)["id"], "act": "close", "status": "false_positive", "reason": REASON}
    return client.post(address("finding", post), data | changes)


def test_officer_closes_a_finding_and_comes_back_to_it(client_for, cast, personal):
    before = run_of(personal).lgpd_score

    response = close(client_for(cast["compliance_officer"]), personal)

    finding = finding_of(personal, "cpf")
    assert response.status_code == 302
    assert response["Location"] == f"{address('post', personal)}#finding:{finding['id']}"
    assert (finding["status"], finding["reason"]) == ("false_positive", REASON)
    assert run_of(personal).lgpd_score > before
    shown = item(page_of(client_for(cast["editor"]), personal), f"finding:{finding['id']}")
    assert "Compliance Officer Aurora" in shown
    assert REASON in shown


def test_refusal_keeps_what_was_typed_beside_its_sentence(client_for, cast, personal):
    response = close(client_for(cast["compliance_officer"]), personal, reason="curto", status="waived")

    page = response.content.decode()
    shown = item(page, f"finding:{finding_of(personal, 'cpf')['id']}")
    assert response.status_code == 409
    assert ">curto</textarea>" in shown
    assert 'value="waived" selected' in shown
    assert 'class="errorlist"' in shown
    assert '<details class="rv-act" open>' in shown
    assert page.count('class="errorlist"') == 1
    assert finding_of(personal, "cpf")["status"] == "open"


def test_editor_does_not_close_a_unique_identifier(client_for, cast, personal):
    response = close(client_for(cast["editor"]), personal)

    assert response.status_code == 403
    assert finding_of(personal, "cpf")["status"] == "open"
    with tenant_context(personal.tenant_id, actor=SYSTEM_UUID):
        denied = AuditEntry.objects.filter(resource_id=personal.pk, operation="deny")
        assert [(m["act"], m["code"]) for m in (row.metadata for row in denied) if "act" in m] == [
            ("finding_close", "role")
        ]


def test_waiver_takes_a_second_person(client_for, cast, personal):
    officer = client_for(cast["compliance_officer"])
    close(officer, personal, status="waived")
    finding = finding_of(personal, "cpf")
    assert finding["status"] == FindingStatus.WAIVER_REQUESTED
    own = item(page_of(officer, personal), f"finding:{finding['id']}")
    assert 'value="confirm"' not in own

    response = officer.post(address("finding", personal), {"finding": finding["id"], "act": "confirm"})

    assert response.status_code == 409
    with tenant_context(personal.tenant_id, actor=cast["dpo"]):
        findings.confirm_waiver(personal, finding["id"], actor=cast["dpo"])
    shown = item(page_of(officer, personal), f"finding:{finding['id']}")
    assert "Dpo Aurora" in shown or "DPO" in shown.upper()


def test_a_reason_in_lines_at_the_limit_is_kept_as_it_was_counted(client_for, cast, personal):
    assert (
        close(client_for(cast["compliance_officer"]), personal, reason=LINES.replace("\n", "\r\n")).status_code == 302
    )
    assert finding_of(personal, "cpf")["reason"] == LINES


def kept(page: str) -> str:
    """What the page gives back to be copied, as no form of it holds it."""
    found = re.search(r'<textarea id="rv-kept"[^>]*>(.*?)</textarea>', page, re.S)
    return unescape(found.group(1)).lstrip("\n") if found else ""


@pytest.mark.parametrize("act", ["close", "reopen"])
def test_a_reason_that_is_too_long_is_not_lost(client_for, cast, personal, act):
    response = close(client_for(cast["compliance_officer"]), personal, act=act, status="waived", reason="a" * 2001)

    shown = item(response.content.decode(), f"finding:{finding_of(personal, 'cpf')['id']}")
    assert (response.status_code, response.context["refusal"].code) == (409, "long")
    assert f">{'a' * 2001}</textarea>" in shown
    assert 'value="waived" selected' in shown


def test_a_reason_for_a_finding_that_a_colleague_has_closed_is_not_lost(client_for, cast, personal):
    officer = client_for(cast["compliance_officer"])
    close(officer, personal)
    with tenant_context(personal.tenant_id, actor=cast["editor"]):
        revisions.save_revision(personal, actor=cast["editor"], changes={"content": "<p>Sem dados.</p>"})
        assessment.assess(personal, actor=cast["editor"])

    for finding in (finding_of(personal, "cpf")["id"], "phi-cpf-00000000"):
        page = close(officer, personal, finding=finding, reason="Meu motivo <b>.").content.decode()

        assert kept(page) == "Meu motivo <b>."
        assert "#error:" not in page
        assert "Meu motivo <b>" not in page


def test_a_reason_written_by_who_may_no_longer_close_is_not_lost(client_for, cast, personal):
    response = close(client_for(cast["editor"]), personal, reason="Um motivo bem longo.")

    assert response.status_code == 403
    assert kept(response.content.decode()) == "Um motivo bem longo."


def test_a_finding_is_opened_again(client_for, cast, personal):
    officer = client_for(cast["compliance_officer"])
    close(officer, personal)

    response = close(officer, personal, act="reopen", reason="Era mesmo um CPF de paciente.")

    assert response.status_code == 302
    assert finding_of(personal, "cpf")["status"] == "open"


def test_who_saved_the_wording_is_told_why_and_may_only_ask_for_a_waiver(client_for, cast, personal):
    with tenant_context(personal.tenant_id, actor=cast["compliance_officer"]):
        revisions.save_revision(personal, actor=cast["compliance_officer"], changes={"content": PERSONAL})
        assessment.assess(personal, actor=cast["compliance_officer"])
    officer = client_for(cast["compliance_officer"])
    shown = item(page_of(officer, personal), f"finding:{finding_of(personal, 'cpf')['id']}")
    assert re.findall('<option value="([a-z_]+)"', shown) == ["waived"]
    assert "Você editou este texto" in shown

    assert close(officer, personal).status_code == 403
    assert finding_of(personal, "cpf")["status"] == "open"
    assert close(officer, personal, status="waived").status_code == 302
    shown = item(page_of(officer, personal), f"finding:{finding_of(personal, 'cpf')['id']}")
    assert re.findall('<button[^>]* value="([a-z]+)"', shown) == ["reopen"]


@pytest.mark.parametrize(
    "data", [{}, {"finding": "x", "act": "delete"}, {"finding": "phi-cpf-00000000", "act": "close"}]
)
def test_nonsense_about_a_finding_is_refused_plainly(client_for, cast, personal, data):
    response = client_for(cast["compliance_officer"]).post(address("finding", personal), data)

    assert response.status_code in (409, 422)
    assert 'id="refusal"' in response.content.decode()


# --- Deciding a claim ------------------------------------------------------------------------------------------------


def decide(client, post, **changes):
    data = {"claim": "claim_1", "act": "decide", "status": "validated", "level": "ocebm2011:2"}
    return client.post(address("claim", post), data | {"references": ["PMID:12345678"]} | changes)


def test_reviewer_links_and_validates_in_one_go(client_for, cast, claimed):
    response = decide(client_for(cast["medical_reviewer"]), claimed)

    claim = run_of(claimed).medical_claims["claim_1"]
    assert response["Location"] == f"{address('post', claimed)}#claim:claim_1"
    assert (claim["status"], claim["reference"], claim["evidence_level"]) == ("validated", "PMID:12345678", "2")
    assert run_of(claimed).compliance_validations["claims_check"] == "passed"
    shown = item(page_of(client_for(cast["medical_reviewer"]), claimed), "claim:claim_1")
    assert "Medical Reviewer Aurora" in shown
    assert "CRM/SP" in shown


def test_refused_decision_takes_its_links_back_and_keeps_the_form(client_for, cast, claimed):
    response = decide(client_for(cast["medical_reviewer"]), claimed, level="", reason="Uma razão qualquer.")

    assert response.status_code == 409
    assert run_of(claimed).medical_claims["claim_1"]["references"] == []
    shown = item(response.content.decode(), "claim:claim_1")
    assert 'value="PMID:12345678" checked' in shown
    assert 'value="validated" checked' in shown
    assert ">Uma razão qualquer.</textarea>" in shown


def test_a_rejection_in_lines_at_the_limit_is_kept_as_it_was_counted(client_for, cast, claimed):
    values = {"status": "rejected", "level": "", "reason": LINES.replace("\n", "\r\n")}

    assert decide(client_for(cast["medical_reviewer"]), claimed, **values).status_code == 302
    assert run_of(claimed).medical_claims["claim_1"]["note"] == LINES


def test_a_decision_with_too_long_a_reason_is_not_lost(client_for, cast, claimed):
    response = decide(client_for(cast["medical_reviewer"]), claimed, status="rejected", reason="a" * 2001)

    shown = item(response.content.decode(), "claim:claim_1")
    assert (response.status_code, response.context["refusal"].code) == (409, "long")
    assert f">{'a' * 2001}</textarea>" in shown
    assert 'value="rejected" checked' in shown
    assert 'value="PMID:12345678" checked' in shown
    assert 'value="ocebm2011:2" selected' in shown


@pytest.mark.parametrize("role", ["editor", "compliance_officer"])
def test_a_decision_of_who_may_not_decide_is_not_lost(client_for, cast, claimed, role):
    response = decide(client_for(cast[role]), claimed, status="rejected", reason="Um motivo bem longo.")

    assert response.status_code == 403
    assert kept(response.content.decode()) == "Um motivo bem longo."


def test_editor_links_without_deciding(client_for, cast, claimed):
    client = client_for(cast["editor"])
    assert 'value="decide"' not in page_of(client, claimed)

    response = decide(client, claimed, act="link")

    assert response.status_code == 302
    claim = run_of(claimed).medical_claims["claim_1"]
    assert (claim["status"], claim["references"]) == ("linked", ["PMID:12345678"])


def test_officer_does_not_decide(client_for, cast, claimed):
    response = decide(client_for(cast["compliance_officer"]), claimed)

    assert response.status_code == 403
    assert run_of(claimed).medical_claims["claim_1"]["status"] == "open"


def test_suggestion_is_offered_and_taken_over(client_for, cast, claimed, post_factory):
    reviewer = cast["medical_reviewer"]
    decide(client_for(reviewer), claimed)
    with tenant_context(claimed.tenant_id, actor=reviewer):
        review.advance(claimed, actor=reviewer, confirmed=True)
    post_factory.approve(claimed)
    other = post_factory.submitted(
        title="Outro texto", content=f"<p>{CLAIM}</p>", scientific_references=["PMID:12345678"]
    )
    with tenant_context(other.tenant_id, actor=cast["editor"]):
        review.advance(other, actor=cast["editor"], confirmed=True)
    client = client_for(reviewer)
    shown = item(page_of(client, other), "claim:claim_1")
    assert 'value="suggestion"' in shown

    decide(client, other, act="suggestion")

    assert run_of(other).medical_claims["claim_1"]["validated"] is True


def test_hostile_words_are_escaped(client_for, cast, claimed):
    hostile = "</textarea><script>alert(1)</script>"

    page = decide(client_for(cast["medical_reviewer"]), claimed, level="", reason=hostile).content.decode()

    assert "<script>alert(1)" not in page


# --- Running the checks again ----------------------------------------------------------------------------------------


def test_checks_are_run_again_for_the_new_wording(client_for, cast, personal):
    with tenant_context(personal.tenant_id, actor=cast["editor"]):
        revisions.save_revision(personal, actor=cast["editor"], changes={"content": "<p>Sem dados.</p>"})
    client = client_for(cast["editor"])

    response = client.post(address("checks", personal))

    assert response.status_code == 302
    assert run_of(personal).compliance_validations["lgpd_check"] == "passed"
    assert address("checks", personal) not in page_of(client, personal)


@pytest.mark.parametrize("result", ["error", "pending", "stale"])
def test_results_that_say_nothing_offer_another_run(client_for, cast, personal, result):
    with tenant_context(personal.tenant_id, actor=SYSTEM_UUID):
        run = review.open_run(personal)
        run.compliance_validations |= dict.fromkeys(checks.NAMES, result)
        run.save()
    client = client_for(cast["compliance_officer"])

    page = page_of(client, personal)
    refused = close(client, personal)

    assert address("checks", personal) in page
    assert address("finding", personal) not in page
    assert refused.status_code == 409
    assert finding_of(personal, "cpf")["status"] == "open"


# --- Who may, row by row ---------------------------------------------------------------------------------------------

ACTS = ["checks", "finding", "claim"]


@pytest.mark.parametrize("act", ACTS)
def test_acts_need_a_person_of_the_tenant_and_post(client_for, cast, other_cast, personal, act):
    url = address(act, personal)

    assert client_for().post(url).status_code == 302
    assert client_for(other_cast["compliance_officer"]).post(url).status_code == 404
    assert client_for(cast["contributor"]).post(url).status_code == 403
    assert client_for(cast["compliance_officer"]).get(url).status_code == 405


# --- The checklist is the gate ---------------------------------------------------------------------------------------


def points_of(post: Post) -> dict[str, bool]:
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        text = find_text(post.pk)
        points = checklist(text, slots_of(text, medical=True))
    done: dict[str, bool] = {}
    for point in points:
        done[point.code] = done.get(point.code, True) and point.done
    return done


def gate_of(post: Post) -> str | None:
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        text = find_text(post.pk)
        if text.stage == "S.4-1.1-3":
            refusal = signing.open_points(text.run, text.revision, "medical", Capacity.COMPLIANCE)
        else:
            refusal = review.gate(text.run, text.revision)
    return refusal.code if refusal else None


def agree(post: Post) -> None:
    """The checklist has an open point exactly when the gate refuses, and it is the one that the gate names."""
    done = {code: each for code, each in points_of(post).items() if code != "signature"}
    refused = gate_of(post)
    assert refused is None or done[refused] is False
    assert (refused is None) == all(done.values())


def test_checklist_and_gate_agree(client_for, cast, personal, post_factory):
    agree(personal)
    assert points_of(personal) == {"checks": True, "lgpd": False}
    officer = client_for(cast["compliance_officer"])
    for finding in run_of(personal).compliance_validations["findings"]:
        if finding["kind"] == "phi":
            close(officer, personal, code=finding["code"])
            agree(personal)
    with tenant_context(personal.tenant_id, actor=cast["editor"]):
        review.advance(personal, actor=cast["editor"], confirmed=True)
    agree(personal)
    assert points_of(personal)["claims"] is False
    decide(client_for(cast["medical_reviewer"]), personal)
    agree(personal)
    with tenant_context(personal.tenant_id, actor=cast["medical_reviewer"]):
        review.advance(personal, actor=cast["medical_reviewer"], confirmed=True)
    agree(personal)
    with tenant_context(personal.tenant_id, actor=cast["editor"]):
        revisions.save_revision(personal, actor=cast["editor"], changes={"content": f"{PROMISE}{PERSONAL}"})
    agree(personal)
    assert points_of(personal)["checks"] is False


def test_checklist_of_the_final_stage_names_rules_and_signatures(client_for, cast, post_factory):
    post = post_factory.in_final(content=PROMISE)
    agree(post)

    done = points_of(post)

    assert done["findings"] is False
    assert done["signature"] is False
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        assert checks.open_findings(run_of(post).compliance_validations, severities=["block"])


def test_a_draft_says_what_submission_needs(client_for, cast, post_factory):
    post = post_factory.draft(content="")

    assert points_of(post) == {"incomplete": False}


# --- A long text -----------------------------------------------------------------------------------------------------


def check_digits(nine: str) -> str:
    digits = [int(digit) for digit in nine]
    for _ in range(2):
        total = sum(digit * weight for digit, weight in zip(digits, range(len(digits) + 1, 1, -1), strict=True))
        digits.append((11 - total % 11) % 11 % 10)
    return f"{digits[-2]}{digits[-1]}"


def long_content(people: int) -> str:
    """Every paragraph names another CPF; about a hundred characters each."""
    numbers = []
    for n in range(people):
        nine = f"{123456789 + n * 7919:09d}"[:9]
        numbers.append(cpf.format(nine + check_digits(nine)))
    filler = "segue em acompanhamento no ambulatório de rotina desta cidade"
    return "".join(f"<p>O paciente com CPF <strong>{number}</strong> {filler}.</p>" for number in numbers)


@pytest.fixture
def long_text(post_factory):
    """20,000 characters with 200 findings, half of them closed by people."""
    post = post_factory.submitted(content=long_content(200), scientific_references=[f"PMID:{n}" for n in range(1, 40)])
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        run = review.open_run(post)
        found = run.compliance_validations["findings"]
        for number, finding in enumerate(found):
            if number % 2:
                who = str(post_factory.people["compliance_officer"].pk)
                finding |= {"status": "false_positive", "closed_by": who, "closed_at": "2026-11-01T10:00:00+00:00"}
        run.save()
    assert len(found) >= 200
    assert len(post.content) >= 20_000
    return post


@pytest.mark.parametrize("who", ["compliance_officer", "editor", "medical_reviewer", "author"])
def test_a_long_text_opens_in_few_queries(
    client_for, cast, long_text, post_factory, django_assert_max_num_queries, who
):
    client = client_for(cast[who])
    page_of(client, long_text)

    with django_assert_max_num_queries(30):
        page = page_of(client, long_text)

    assert page.count("<mark ") >= 200
    assert page.count('class="rv-item ') >= 200


def test_queries_do_not_grow_with_findings(client_for, cast, long_text, personal):

    client = client_for(cast["compliance_officer"])
    counts = []
    for post in (long_text, personal):
        page_of(client, post)
        with CaptureQueriesContext(connection) as captured:
            page_of(client, post)
        counts.append(len(captured))

    assert abs(counts[0] - counts[1]) <= 1


def test_a_long_text_costs_little_more_than_an_empty_one(client_for, cast, long_text, post_factory):
    """CPU against the page of a short text in the same run; generous, as the short one is quick."""
    client = client_for(cast["compliance_officer"])
    short = post_factory.submitted(content="<p>Curto.</p>")

    def cpu(post: Post) -> float:
        page_of(client, post)
        start = time.process_time()
        for _ in range(3):
            page_of(client, post)
        return time.process_time() - start

    assert cpu(long_text) < 30 * cpu(short)
