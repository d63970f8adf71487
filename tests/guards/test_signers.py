"""Who may sign what, and when: each rule of `sign()` and `withdraw()` broken one at a time.

On PostgreSQL the rules stand in the database, on SQLite in the service; the tests call the same function.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Tenant, User
from accounts.tenancy.context import NIL_UUID, SYSTEM_UUID, tenant_context
from accounts.tenancy.owner import as_owner
from compliance import checks
from compliance.enums import ApprovalKind, Capacity, WorkflowStage
from compliance.errors import Refused
from compliance.models import Approval, WorkflowState
from content.models import Post, PostRevision
from content.services import assessment, publishing, review, revisions, signing
from tests.cast import tenant_id
from tests.conftest import PostFactory
from tests.guards.test_doors import Author, as_user

AURORA = tenant_id("aurora")
STATEMENT = "Li e aprovo este texto."
MEDICAL, NON_MEDICAL = ApprovalKind.MEDICAL, ApprovalKind.NON_MEDICAL


@pytest.fixture
def author(post_factory: PostFactory) -> Author:
    return Author(post_factory)


def signature(post: Post, actor: Any, **changes: Any) -> int:
    """Sign the newest revision as `actor` (a user or a bare id), by the function under the service."""
    with tenant_context(AURORA, actor=actor, atomic=True):
        arguments = {
            "revision": revisions.newest_revision(post),
            "kind": MEDICAL,
            "capacity": Capacity.COMPLIANCE,
            "statement": STATEMENT,
        } | changes
        return signing.sign(post, **arguments)


def refused(code: str, act: Callable[[], Any]) -> None:
    with pytest.raises(Refused) as error:
        act()
    assert error.value.code == code


def approvals(post: Post) -> int:
    with tenant_context(AURORA, actor=SYSTEM_UUID):
        return Approval.objects.filter(content_id=post.pk).count()


def newcomer(role: str, **values: Any) -> User:
    """Another person of Aurora."""
    with tenant_context(AURORA, actor=SYSTEM_UUID, atomic=True):
        return User.objects.create_user(
            email=f"{uuid4().hex}@aurora.example", password=None, role=role, tenant_id=AURORA, **values
        )


def reviewer(**values: Any) -> User:
    valid = {"professional_registry": "CRM/SP 654321", "validated_at": timezone.now() - timedelta(days=2)}
    return newcomer(Role.MEDICAL_REVIEWER, **valid | values)


# --- Who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("actor", [None, NIL_UUID, SYSTEM_UUID, uuid4()], ids=["none", "visitor", "system", "unknown"])
def test_somebody_must_sign(actor: Any, author: Author) -> None:
    text = author.unapproved()

    refused("no_actor", lambda: signature(text.post, actor))
    assert approvals(text.post) == 0


def test_deleted_account_does_not_sign(author: Author) -> None:
    officer = newcomer(Role.COMPLIANCE_OFFICER, deleted_at=timezone.now())

    refused("no_actor", lambda: signature(author.unapproved().post, officer))


def test_another_tenants_officer_does_not_sign(author: Author, other_cast: dict[str, User]) -> None:
    refused("no_actor", lambda: signature(author.unapproved().post, other_cast["compliance_officer"]))


def test_another_tenants_text_is_not_found(author: Author, other_cast: dict[str, User]) -> None:
    text = author.unapproved()
    officer = other_cast["compliance_officer"]

    with pytest.raises(Refused) as error, as_user(officer):
        signing.sign(
            text.post, revision=text.revision, kind=MEDICAL, capacity=Capacity.COMPLIANCE, statement=STATEMENT
        )
    assert error.value.code == "not_found"


@pytest.mark.parametrize("capacity", [Capacity.COMPLIANCE, Capacity.PROFESSIONAL])
@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.PLATFORM_ADMIN])
def test_role_of_who_signs(role: str, capacity: str, author: Author, shared: dict[str, Any]) -> None:
    right = {Capacity.COMPLIANCE: Role.COMPLIANCE_OFFICER, Capacity.PROFESSIONAL: Role.MEDICAL_REVIEWER}
    if role == right[capacity]:
        person = reviewer() if role == Role.MEDICAL_REVIEWER else newcomer(role)
        assert signature(author.unapproved().post, person, capacity=capacity) == 1
        return
    if "waiting" not in shared:
        shared["waiting"] = author.unapproved()
    person = newcomer(role, professional_registry="CRM/SP 1", validated_at=timezone.now())

    refused("role", lambda: signature(shared["waiting"].post, person, capacity=capacity))


@pytest.fixture(scope="module")
def shared() -> dict[str, Any]:
    return {}


@pytest.mark.parametrize(
    "values",
    [
        {"professional_registry": None},
        {"professional_registry": ""},
        {"validated_at": None},
        {"validated_at": timezone.now() - timedelta(days=366)},
    ],
    ids=["no registry", "empty registry", "never validated", "expired"],
)
def test_registry_must_be_valid(values: dict[str, Any], author: Author) -> None:
    person = reviewer(**values)

    refused("registry", lambda: signature(author.unapproved().post, person, capacity=Capacity.PROFESSIONAL))


def test_author_does_not_sign(author: Author) -> None:
    """An author who became an officer meanwhile is still the author."""
    text = author.unapproved()
    person = author.people["author"]
    with tenant_context(AURORA, actor=SYSTEM_UUID, atomic=True):
        User.objects.filter(pk=person.pk).update(role=Role.COMPLIANCE_OFFICER)
    try:
        refused("author", lambda: signature(text.post, person))
    finally:
        with tenant_context(AURORA, actor=SYSTEM_UUID, atomic=True):
            User.objects.filter(pk=person.pk).update(role=Role.AUTHOR)


def saved_by(author: Author, person: User, post: Post, content: str) -> None:
    with as_user(person):
        revisions.save_revision(post, actor=person, changes={"content": f"<p>{content}</p>"})


def test_who_saved_a_revision_does_not_sign(author: Author) -> None:
    officer = newcomer(Role.COMPLIANCE_OFFICER)
    post = author.factory.submitted()
    saved_by(author, officer, post, "Mudado pela conformidade.")
    # Somebody else saves after: what the officer wrote is in the text all the same.
    with as_user(author.people["editor"]):
        run = revisions.open_run(post)
        if run.current_stage == WorkflowStage.DRAFT:
            review.submit(post, actor=author.people["editor"])
    saved_by(author, author.people["editor"], post, "Mudado pela edição.")
    to_final(author, post)

    refused("saved", lambda: signature(post, officer))
    assert signature(post, newcomer(Role.COMPLIANCE_OFFICER)) == 1


def to_final(author: Author, post: Post) -> None:
    """From wherever it stands to S.4-1.1-3, by raw steps: the stages are not what is tested."""
    with as_user(author.people["editor"]):
        run = assessment.assess(post, actor=author.people["editor"])
        for stage in (WorkflowStage.PRIVACY, WorkflowStage.EVIDENCE, WorkflowStage.FINAL):
            if stage > run.current_stage:
                WorkflowState.objects.filter(pk=run.pk).update(current_stage=stage)


def test_half_of_a_double_signature_does_not_wash_hands(author: Author) -> None:
    """What the officer wrote before the professional's signature is still the officer's text after it."""
    officer = newcomer(Role.COMPLIANCE_OFFICER)
    post = author.factory.submitted()
    saved_by(author, officer, post, "Escrito pela conformidade.")
    to_final(author, post)
    saved_by(author, author.people["editor"], post, "Uma vírgula, pela edição.")
    to_final(author, post)
    signature(post, reviewer(), capacity=Capacity.PROFESSIONAL)
    saved_by(author, author.people["editor"], post, "Outra vírgula, pela edição.")
    to_final(author, post)

    refused("saved", lambda: signature(post, officer))


def test_who_wrote_an_earlier_approved_wording_may_sign_a_later_one(author: Author) -> None:
    officer = newcomer(Role.COMPLIANCE_OFFICER)
    post = author.factory.submitted()
    saved_by(author, officer, post, "Escrito pela conformidade.")
    to_final(author, post)
    author.factory.approve(post)
    saved_by(author, author.people["editor"], post, "Escrito depois, pela edição.")
    to_final(author, post)

    assert signature(post, officer) == 3


def test_one_person_does_not_sign_twice(author: Author) -> None:
    text = author.unapproved()
    officer = author.people["compliance_officer"]
    signature(text.post, officer)

    refused("already_signed", lambda: signature(text.post, officer))
    refused("already_signed", lambda: signature(text.post, newcomer(Role.COMPLIANCE_OFFICER)))
    # … nor with two hats: the same account in the other capacity.
    with tenant_context(AURORA, actor=SYSTEM_UUID, atomic=True):
        hats = {"role": Role.MEDICAL_REVIEWER, "professional_registry": "CRM/SP 9", "validated_at": timezone.now()}
        User.objects.filter(pk=officer.pk).update(**hats)
    try:
        refused("already_signed", lambda: signature(text.post, officer, capacity=Capacity.PROFESSIONAL))
    finally:
        with tenant_context(AURORA, actor=SYSTEM_UUID, atomic=True):
            User.objects.filter(pk=officer.pk).update(
                role=Role.COMPLIANCE_OFFICER, professional_registry=None, validated_at=None
            )


# --- What and when ---------------------------------------------------------------------------------------------------


def test_only_the_newest_revision_is_signed(author: Author) -> None:
    text = author.unapproved()
    saved_by(author, author.people["editor"], text.post, "Mudado enquanto se lia.")
    to_final(author, text.post)
    officer = author.people["compliance_officer"]

    refused("stale", lambda: signature(text.post, officer, revision=text.revision))


def test_a_newer_revision_makes_the_older_one_stale_even_where_the_run_names_it(author: Author) -> None:
    text = author.unapproved()
    newer = PostRevision.objects.none().model(
        **{field.attname: getattr(text.revision, field.attname) for field in PostRevision._meta.concrete_fields}
    )
    newer.pk, newer.number = uuid4(), text.revision.number + 1
    newer.saved_by_id = author.people["editor"].pk
    with as_user(author.people["editor"]):
        newer.save(force_insert=True)
    officer = author.people["compliance_officer"]

    refused("stale", lambda: signature(text.post, officer, revision=text.revision))


def test_run_must_be_about_this_revision(author: Author) -> None:
    text = author.unapproved()
    officer = author.people["compliance_officer"]

    for values in ({"revision_id": uuid4()}, {"content_hash": "0" * 64}, {"content_hash": None}):
        with as_user(author.people["editor"]):
            run = WorkflowState.objects.get(content_id=text.post.pk)
            WorkflowState.objects.filter(pk=run.pk).update(**values)
        refused("stale", lambda: signature(text.post, officer))
        with as_user(author.people["editor"]):
            run.save()


def test_revision_of_another_text_is_not_found(author: Author) -> None:
    one, two = author.unapproved(), author.unapproved()

    refused("not_found", lambda: signature(one.post, author.people["compliance_officer"], revision=two.revision))


@pytest.mark.parametrize("stage", ["S.1.1", "S.2.1", "S.3.1"])
@pytest.mark.parametrize("capacity", [Capacity.COMPLIANCE, Capacity.PROFESSIONAL])
def test_stage_must_be_the_last_one(stage: str, capacity: str, author: Author) -> None:
    text = author.unapproved()
    with as_user(author.people["editor"]):
        WorkflowState.objects.filter(content_id=text.post.pk).update(current_stage=stage)
    people = {Capacity.COMPLIANCE: "compliance_officer", Capacity.PROFESSIONAL: "medical_reviewer"}

    refused("stage", lambda: signature(text.post, author.people[people[capacity]], capacity=capacity))


def test_no_open_run_no_signature(author: Author) -> None:
    refused("stage", lambda: signature(author.approved().post, newcomer(Role.COMPLIANCE_OFFICER)))


@pytest.mark.parametrize(
    "finding",
    [{"severity": "block"}, {"severity": "block", "status": "open"}],
)
def test_open_block_finding_stops_the_signature(finding: dict[str, Any], author: Author) -> None:
    text = author.unapproved()
    note = {"kind": "rule", "severity": "info"}
    with as_user(author.people["editor"]):
        run = WorkflowState.objects.get(content_id=text.post.pk)
        run.compliance_validations = {**run.compliance_validations, "findings": [note, {"kind": "rule", **finding}]}
        run.save()

    refused("findings", lambda: signature(text.post, author.people["compliance_officer"]))
    with as_user(author.people["editor"]):
        run.compliance_validations["findings"][1]["status"] = "false_positive"
        run.save()
    assert signature(text.post, author.people["compliance_officer"]) == 1


@pytest.mark.parametrize(
    "people",
    [{}, {"closed_by": "a"}, {"confirmed_by": "b"}, {"closed_by": "a", "confirmed_by": "a"}, {"closed_by": ""}],
    ids=json.dumps,
)
def test_waiver_of_a_block_finding_takes_two_people(people: dict[str, str], author: Author) -> None:
    text = author.unapproved()
    waiver = {"kind": "rule", "severity": "block", "status": "waived"}
    plant(author, text.post, findings=[{**waiver, **people}])

    refused("findings", lambda: signature(text.post, author.people["compliance_officer"]))
    plant(author, text.post, findings=[{**waiver, "closed_by": "a", "confirmed_by": "b"}])
    assert signature(text.post, author.people["compliance_officer"]) == 1


def plant(author: Author, post: Post, **validations: Any) -> None:
    """Overwrite keys of `compliance_validations`; None takes one out."""
    with as_user(author.people["editor"]):
        run = WorkflowState.objects.get(content_id=post.pk)
        changed = {**run.compliance_validations, **validations}
        run.compliance_validations = {name: value for name, value in changed.items() if value is not None}
        run.save()


def test_officer_signs_after_every_warning_is_closed(author: Author) -> None:
    text = author.unapproved()
    warning = {"kind": "rule", "severity": "warn"}
    plant(author, text.post, findings=[warning])

    refused("warnings", lambda: signature(text.post, author.people["compliance_officer"]))
    plant(author, text.post, findings=[{**warning, "status": "waived"}])
    assert signature(text.post, author.people["compliance_officer"]) == 1


@pytest.mark.parametrize("name", checks.NAMES)
@pytest.mark.parametrize("result", ["failed", "pending", "stale", "error", "made up", None])
def test_signature_needs_every_check_passed(result: str | None, name: str, author: Author) -> None:
    text = author.unapproved()
    plant(author, text.post, **{name: result})

    refused("checks", lambda: signature(text.post, author.people["compliance_officer"]))


@pytest.mark.parametrize("about", ["0" * 64, None])
def test_checks_are_about_exactly_this_wording(about: str | None, author: Author) -> None:
    text = author.unapproved()
    plant(author, text.post, content_hash=about)

    refused("checks", lambda: signature(text.post, author.people["compliance_officer"]))


@pytest.mark.parametrize(
    "claim",
    [
        {"text": "x"},
        {"validated": True},
        {"validated": True, "reference": ""},
        {"validated": False, "reference": "PMID:1"},
        {"validated": "sim", "reference": "PMID:1"},
    ],
    ids=json.dumps,
)
def test_claim_needs_a_validated_reference(claim: dict[str, Any], author: Author) -> None:
    text = author.unapproved()
    with as_user(author.people["editor"]):
        run = WorkflowState.objects.get(content_id=text.post.pk)
        run.medical_claims = {"claim_1": {"validated": True, "reference": "PMID:12345678"}, "claim_2": claim}
        run.save()

    refused("claims", lambda: signature(text.post, author.people["compliance_officer"]))
    with as_user(author.people["editor"]):
        run.medical_claims["claim_2"] |= {"status": "rejected", "validated": True, "reference": "PMID:1"}
        run.save()
    refused("claims", lambda: signature(text.post, author.people["compliance_officer"]))
    with as_user(author.people["editor"]):
        run.medical_claims["claim_2"]["status"] = "not_a_claim"
        run.save()
    assert signature(text.post, author.people["compliance_officer"]) == 1


@pytest.mark.parametrize("statement", ["", "  ", "ok"])
def test_signature_says_something(statement: str, author: Author) -> None:
    officer = author.people["compliance_officer"]

    refused("statement", lambda: signature(author.unapproved().post, officer, statement=statement))


@pytest.mark.parametrize(
    ("kind", "capacity"),
    [
        (MEDICAL, Capacity.DECLARATION),
        (NON_MEDICAL, Capacity.COMPLIANCE),
        (NON_MEDICAL, Capacity.PROFESSIONAL),
        ("other", Capacity.COMPLIANCE),
        (MEDICAL, "other"),
    ],
)
def test_kind_and_capacity_belong_together(kind: str, capacity: str, author: Author) -> None:
    officer = author.people["compliance_officer"]

    refused("role", lambda: signature(author.unapproved().post, officer, kind=kind, capacity=capacity))


# --- Texts that are not medical --------------------------------------------------------------------------------------

PLAIN = {"medical_category": None, "compliance_level": "public", "title": "Horário de atendimento"}
DECLARATION = {"kind": NON_MEDICAL, "capacity": Capacity.DECLARATION}


def test_editor_declares_a_text_of_somebody_else(author: Author) -> None:
    post = author.factory.submitted(**PLAIN)

    assert signature(post, author.people["editor"], **DECLARATION) == 1
    with as_user(author.people["editor"]):
        assert publishing.publish_revision(post, actor=author.people["editor"]).status == "published"


@pytest.mark.parametrize("person", ["author", "administrator", "compliance_officer", "medical_reviewer", "dpo"])
def test_nobody_but_an_editor_declares(person: str, author: Author) -> None:
    post = author.factory.submitted(**PLAIN, author="contributor")

    refused("role", lambda: signature(post, author.people[person], **DECLARATION))


@pytest.mark.parametrize(
    "classified", [{"medical_category": "cardiologia"}, {"compliance_level": "professional"}], ids=str
)
def test_a_medical_text_cannot_be_declared_away(classified: dict[str, str], author: Author) -> None:
    disclaimer = "Conteúdo destinado a profissionais de saúde habilitados."
    post = author.factory.submitted(**PLAIN | classified, medical_disclaimer=disclaimer)

    refused("medical", lambda: signature(post, author.people["editor"], **DECLARATION))


def test_declaration_does_not_cover_a_text_that_became_medical(author: Author) -> None:
    """The hash covers the classification, and the gate asks again what kind of text it is."""
    post = author.factory.submitted(**PLAIN)
    signature(post, author.people["editor"], **DECLARATION)

    with as_user(author.people["editor"]):
        signed = revisions.newest_revision(post)
        with pytest.raises(DatabaseError, match="HC001"):
            Post.objects.filter(pk=post.pk).update(
                status="published", published_revision_id=signed.pk, medical_category="cardiologia"
            )


def test_declaration_needs_a_submitted_text(author: Author) -> None:
    refused("stage", lambda: signature(author.factory.draft(**PLAIN), author.people["editor"], **DECLARATION))


def test_own_text_is_declared_only_where_the_tenant_allows_it(author: Author) -> None:
    editor = author.people["editor"]
    post = author.factory.submitted(**PLAIN, author="editor")
    refused("author", lambda: signature(post, editor, **DECLARATION))

    with as_owner(), tenant_context(AURORA, actor=SYSTEM_UUID, atomic=True):
        Tenant.objects.filter(pk=AURORA).update(own_declaration_allowed=True)
    try:
        assert signature(post, editor, **DECLARATION) == 1
    finally:
        with as_owner(), tenant_context(AURORA, actor=SYSTEM_UUID, atomic=True):
            Tenant.objects.filter(pk=AURORA).update(own_declaration_allowed=False)


# --- Taking it back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.PLATFORM_ADMIN])
def test_who_may_withdraw(role: str, author: Author, shared: dict[str, Any]) -> None:
    person = newcomer(role)
    if role in (Role.COMPLIANCE_OFFICER, Role.EDITOR, Role.ADMINISTRATOR):
        text = author.approved()
        assert withdrawal(text.post, person) == 3
        return
    if "approved" not in shared:
        shared["approved"] = author.approved()

    refused("role", lambda: withdrawal(shared["approved"].post, person))


def withdrawal(post: Post, actor: Any, reason: str = "Dose errada no texto.") -> int:
    with tenant_context(AURORA, actor=actor, atomic=True):
        return signing.withdraw(post, reason=reason)


def test_withdrawal_has_a_reason_a_name_and_something_to_withdraw(author: Author) -> None:
    text, officer = author.approved(), author.people["compliance_officer"]

    refused("statement", lambda: withdrawal(text.post, officer, "curto"))
    refused("no_actor", lambda: withdrawal(text.post, SYSTEM_UUID))
    refused("nothing_signed", lambda: withdrawal(author.unapproved().post, officer))


def test_text_is_signed_anew_after_a_withdrawal(author: Author) -> None:
    """The old signatures of the very same wording count no more, the same people may sign it again."""
    text = author.withdrawn()
    author.factory.submit(text.post)
    author.factory.to_final(text.post)
    with pytest.raises(Refused), as_user(author.people["editor"]):
        publishing.publish_revision(text.post, actor=author.people["editor"])

    author.factory.approve(text.post)

    with as_user(author.people["editor"]):
        assert publishing.publish_revision(text.post, actor=author.people["editor"]).status == "published"
        numbers = Approval.objects.filter(content_id=text.post.pk).order_by("sequence").values_list("sequence")
        assert list(numbers) == [(1,), (2,), (3,), (4,), (5,)]
    assert connection.vendor
