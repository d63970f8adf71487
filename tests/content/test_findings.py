"""Who closes which finding, how, and why: one rule broken at a time."""

import re

import pytest

from accounts.enums import Role
from accounts.models import User
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance import checks
from compliance.errors import Refused
from compliance.models import AuditEntry
from content.models import Post
from content.services import assessment, findings, review, revisions

CPF = "<p>Cadastro de exemplo: CPF 529.982.247-25.</p>"
CEP = "<p>Exemplo de endereço, CEP 66010-020.</p>"
PROMISE = "<p>Tratamento com resultado garantido.</p>"
WARNING = {"medical_disclaimer": ""}  # a public medical text without one
REASON = "Exemplo fictício, não é de ninguém."


def finding(post: Post, number: int = 0) -> dict:
    with tenant_context(post.tenant_id, actor=post.author_id):
        return checks.open_findings(revisions.open_run(post).compliance_validations)[number]


def close(post: Post, actor: User, status: str = "false_positive", reason: str = REASON, *, which: str = "") -> str:
    """The status afterwards, or the code of the refusal."""
    with tenant_context(post.tenant_id, actor=actor):
        key = which or finding(post)["id"]
        try:
            run = findings.close(post, key, actor=actor, status=status, reason=reason)
        except Refused as refused:
            return refused.code
    return next(f["status"] for f in run.compliance_validations["findings"] if f["id"] == key)


@pytest.mark.parametrize(
    ("changes", "closers"),
    [
        ({"content": CPF}, {"compliance_officer"}),
        ({"content": CEP}, {"compliance_officer", "editor"}),
        ({"content": PROMISE}, {"compliance_officer"}),
        (WARNING, {"compliance_officer", "editor", "medical_reviewer"}),
    ],
    ids=["S4", "S2", "block", "warn"],
)
def test_who_closes_what(changes, closers, post_factory, cast):
    done = set()
    for role, person in cast.items():
        if role == "author":
            continue
        post = post_factory.submitted(**changes)
        outcome = close(post, person)
        assert outcome in ("false_positive", "role")
        if outcome == "false_positive":
            done.add(role)
    assert done == closers


def test_author_closes_nothing_of_their_own(post_factory, cast):
    post = post_factory.submitted(author="editor", content=CEP)

    assert close(post, cast["editor"]) == "author"


@pytest.mark.parametrize("reason", ["", "curto", " " * 20])
def test_closing_needs_a_reason(reason, post_factory, cast):
    assert close(post_factory.submitted(content=CEP), cast["editor"], reason=reason) == "statement"


@pytest.mark.parametrize("status", ["open", "fixed", "waiver_requested", "made up", ""])
def test_only_three_ways_to_close(status, post_factory, cast):
    assert close(post_factory.submitted(content=CEP), cast["editor"], status) == "finding_status"


def test_consent_does_not_help_with_unique_identifiers_or_rules(post_factory, cast):
    officer = cast["compliance_officer"]

    assert close(post_factory.submitted(content=CPF), officer, "accepted_with_consent") == "consent"
    assert close(post_factory.submitted(**WARNING), officer, "accepted_with_consent") == "consent"
    assert close(post_factory.submitted(content=CEP), officer, "accepted_with_consent") == "accepted_with_consent"


def test_unknown_finding_and_closed_finding(post_factory, cast):
    post = post_factory.submitted(content=CEP)
    key = finding(post)["id"]

    assert close(post, cast["editor"], which="phi-cep-00000000") == "finding"
    assert close(post, cast["editor"], which=key) == "false_positive"
    assert close(post, cast["editor"], which=key) == "finding_status"


def test_drafts_and_approved_texts_have_nothing_to_close(post_factory, cast):
    post = post_factory.submitted(content=CEP)
    key = finding(post)["id"]
    with tenant_context(post.tenant_id, actor=cast["editor"]):
        review.send_back(post, actor=cast["editor"], reason="Falta a fonte do texto.")

    assert close(post, cast["editor"], which=key) == "stage"


def test_waiver_of_a_warning_takes_one_person(post_factory, cast):
    assert close(post_factory.submitted(**WARNING), cast["editor"], "waived") == "waived"


def confirm(post: Post, actor: User, key: str) -> str:
    with tenant_context(post.tenant_id, actor=actor):
        try:
            run = findings.confirm_waiver(post, key, actor=actor)
        except Refused as refused:
            return refused.code
    return next(f["status"] for f in run.compliance_validations["findings"] if f["id"] == key)


@pytest.mark.parametrize("content", [CPF, PROMISE], ids=["S4", "block"])
def test_waiver_of_a_block_takes_two_people(content, post_factory, cast):
    post = post_factory.submitted(content=content)
    key, officer = finding(post)["id"], cast["compliance_officer"]
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        second = User.objects.create_user(
            email="segunda@aurora.example",
            password="a test password",
            role=Role.COMPLIANCE_OFFICER,
            tenant_id=post.tenant_id,
        )

    assert confirm(post, second, key) == "finding_status"
    assert close(post, officer, "waived") == "waiver_requested"
    with tenant_context(post.tenant_id, actor=officer):
        run = revisions.open_run(post)
        assert [f["id"] for f in checks.open_findings(run.compliance_validations)] == [key]
    assert confirm(post, officer, key) == "second_person"
    for role in ("editor", "medical_reviewer", "administrator", "contributor"):
        assert confirm(post, cast[role], key) == "role"
    assert confirm(post, second, key) == "waived"
    assert confirm(post, cast["dpo"], key) == "finding_status"


def test_data_protection_officer_may_be_the_second(post_factory, cast):
    post = post_factory.submitted(content=CPF)
    key = finding(post)["id"]
    close(post, cast["compliance_officer"], "waived")

    assert confirm(post, cast["dpo"], key) == "waived"


def test_reopening_takes_the_closing_back(post_factory, cast):
    post = post_factory.submitted(content=CEP)
    key = finding(post)["id"]
    close(post, cast["editor"])

    with tenant_context(post.tenant_id, actor=cast["editor"]):
        findings.reopen(post, key, actor=cast["editor"], reason="Era um endereço de verdade.")
    again = finding(post)
    assert (again["id"], again["status"], again["closed_by"]) == (key, "open", None)


def test_false_alarm_about_the_only_name_closes_what_follows_from_it(post_factory, cast):
    post = post_factory.submitted(content="<p>A paciente Joana foi internada com febre.</p>")
    codes = {f["code"]: f["id"] for f in (finding(post, 0), finding(post, 1))}
    assert set(codes) >= {"person_name", "CFM-PATIENT-ID"}

    close(post, cast["compliance_officer"], which=codes["person_name"])

    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        run = revisions.open_run(post)
    assert "CFM-PATIENT-ID" not in [f["code"] for f in checks.open_findings(run.compliance_validations)]


def test_closing_is_on_record_without_the_reason_or_the_value(post_factory, cast):
    post = post_factory.submitted(content=CPF)
    key = finding(post)["id"]
    close(post, cast["compliance_officer"])

    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        rows = AuditEntry.objects.filter(resource_id=post.pk, operation="decision")
        [row] = [entry for entry in rows if entry.metadata.get("act") == "finding"]
    assert (row.metadata["finding"], row.metadata["from"], row.metadata["to"]) == (key, "open", "false_positive")
    assert row.user_id == cast["compliance_officer"].pk
    assert REASON not in str(row.metadata)
    assert not re.search(r"529\D?982|982\D?247", str(row.metadata))


TWO_PATIENTS = "<p>A paciente Joana foi internada. O paciente Carlos Meireles teve febre.</p>"


def by_code(post: Post, code: str) -> list[dict]:
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        found = revisions.open_run(post).compliance_validations["findings"]
    return [f for f in found if f["code"] == code]


def test_a_name_accepted_with_consent_is_still_a_name(post_factory, cast):
    post = post_factory.submitted(content=TWO_PATIENTS)
    first, second = (f["id"] for f in by_code(post, "person_name"))
    officer = cast["compliance_officer"]

    close(post, officer, "accepted_with_consent", which=first)
    close(post, officer, which=second)

    assert checks.is_open(by_code(post, "CFM-PATIENT-ID")[0])


def test_what_closed_with_a_name_opens_with_it(post_factory, cast):
    post = post_factory.submitted(content="<p>A paciente Joana foi internada com febre.</p>")
    [name] = by_code(post, "person_name")
    officer = cast["compliance_officer"]
    close(post, officer, which=name["id"])
    assert not checks.is_open(by_code(post, "CFM-PATIENT-ID")[0])

    with tenant_context(post.tenant_id, actor=officer):
        findings.reopen(post, name["id"], actor=officer, reason="É mesmo o nome da paciente.")

    assert checks.is_open(by_code(post, "CFM-PATIENT-ID")[0])


def test_nothing_is_signed_over_a_finding_that_was_opened_again(post_factory, cast, act_as):
    post = post_factory.submitted(content=CEP)
    key, officer = finding(post)["id"], cast["compliance_officer"]
    close(post, officer)
    post_factory.to_final(post)
    with act_as(officer):
        findings.reopen(post, key, actor=officer, reason="É um endereço de verdade.")
        with pytest.raises(Refused) as refused:
            review.sign(post, actor=officer, statement="Li e aprovo este texto.")
    assert refused.value.code == "lgpd"


# --- Nobody answers for words of their own ---------------------------------------------------------------------------


def saved_by(post: Post, person: User, content: str) -> Post:
    """The text with new words of somebody who is not its author, read by the engine."""
    with tenant_context(post.tenant_id, actor=person):
        revisions.save_revision(post, actor=person, changes={"content": content})
        assessment.assess(post, actor=person)
    return post


@pytest.mark.parametrize(
    ("content", "saver", "status", "other"),
    [
        (CPF, "compliance_officer", "false_positive", None),
        (PROMISE, "compliance_officer", "false_positive", None),
        (CEP, "editor", "false_positive", "compliance_officer"),
        (CEP, "editor", "accepted_with_consent", "compliance_officer"),
        (CEP, "editor", "waived", "compliance_officer"),
    ],
    ids=["S4", "block", "S2", "consent", "waiver of one"],
)
def test_who_saved_the_wording_does_not_close_what_stops_it(content, saver, status, other, post_factory, cast):
    post = saved_by(post_factory.submitted(), cast[saver], content)

    assert close(post, cast[saver], status) == "saved"
    assert finding(post)["status"] == "open"
    if other:
        assert close(post, cast[other], status) == status


def test_who_saved_the_wording_closes_its_warnings(post_factory, cast):
    post = saved_by(post_factory.submitted(**WARNING), cast["editor"], "<p>Outras palavras.</p>")

    assert close(post, cast["editor"]) == "false_positive"


def test_who_saved_before_the_last_approval_has_no_hand_in_the_wording(post_factory, cast):
    post = saved_by(post_factory.submitted(), cast["editor"], "<p>Palavras da edição.</p>")
    post_factory.publish(post_factory.approve(post_factory.to_final(post)))
    with tenant_context(post.tenant_id, actor=cast["author"]):
        revisions.save_revision(post, actor=cast["author"], changes={"content": CEP})
    post_factory.submit(post)

    assert close(post, cast["editor"]) == "false_positive"


def test_who_saved_the_wording_asks_for_a_waiver_and_confirms_none(post_factory, cast):
    officer = cast["compliance_officer"]
    post = saved_by(post_factory.submitted(), officer, CPF)
    key = finding(post)["id"]
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        second = User.objects.create_user(
            email="segunda@aurora.example",
            password="a test password",
            role=Role.COMPLIANCE_OFFICER,
            tenant_id=post.tenant_id,
        )

    assert close(post, second, "waived") == "waiver_requested"
    assert confirm(post, officer, key) == "saved"
    with tenant_context(post.tenant_id, actor=second):
        findings.reopen(post, key, actor=second, reason="Pedido feito por engano.")
    assert close(post, officer, "waived") == "waiver_requested"
    assert confirm(post, second, key) == "waived"
