"""Every step × role × stage, from the table in docs/workflow.md: what it names works, all else is refused."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Tenant, TenantSettings, User
from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance.enums import ApprovalKind, Capacity, WorkflowStage
from compliance.errors import Refused
from content.models import Post
from content.queries_review import find_text
from content.review_options import refuse_advance, refuse_send_back, refuse_sign, refuse_submit, refuse_withdraw
from content.services import assessment, publishing, review, revisions

DOCUMENT = Path(__file__).parents[2] / "docs" / "workflow.md"
ROLES = [
    "administrator",
    "editor",
    "author",
    "contributor",
    "medical_reviewer",
    "compliance_officer",
    "dpo",
    "subscriber",
    "professional",
]
STAGES = [str(stage.value) for stage in WorkflowStage]
STEPS = ["submit", "advance", "send_back", "sign compliance", "sign professional", "sign declaration", "withdraw"]
AUTHORS = ["contributor", "author", "editor", "medical_reviewer", "administrator", "compliance_officer"]
MEDICAL = {
    "title": "Hipertensão",
    "content": "<p>Texto.</p>",
    "compliance_level": "public",
    "medical_category": "cardiologia",
    "medical_disclaimer": "Conteúdo informativo que não substitui a consulta com um profissional.",
}
NON_MEDICAL = {"title": "Horários do estacionamento", "content": "<p>Aberto.</p>", "compliance_level": "public"}
REASON = "Falta a fonte do segundo parágrafo."


def documented_steps() -> dict[tuple[str, str], dict[str, set[str]]]:
    """(step, from) → roles on others' and on own texts, as docs/workflow.md says."""
    section = DOCUMENT.read_text(encoding="utf-8").split("## Who may move what")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return {
        (row[0], row[1]): {"others": set(re.findall(r"\w+", row[3])), "own": set(re.findall(r"\w+", row[4]))}
        for row in rows[2:]
    }


TABLE = documented_steps()


def test_table_names_only_known_steps_stages_and_roles():
    assert {step for step, _stage in TABLE} == set(STEPS)
    assert {stage for _step, stage in TABLE} == set(STAGES)
    assert {role for row in TABLE.values() for roles in row.values() for role in roles} <= set(ROLES)


@pytest.fixture
def seconds(aurora) -> dict[str, User]:
    """Colleagues of the same roles, so that a text by the first can get through the stages."""
    with tenant_context(aurora, actor=SYSTEM_UUID):
        return {
            role: User.objects.create_user(
                email=f"second.{role}@aurora.example",
                password="a test password",
                role=role,
                tenant_id=aurora.pk,
                professional_registry="CRM/SP 654321" if role == "medical_reviewer" else None,
                validated_at=timezone.now() if role == "medical_reviewer" else None,
            )
            for role in ("editor", "medical_reviewer", "compliance_officer")
        }


class Road:
    """Takes a text to a stage by the services, acting as the second people."""

    def __init__(self, cast: dict[str, User], seconds: dict[str, User]) -> None:
        self.cast = cast
        self.seconds = seconds

    def text_at(self, stage: str, *, author: str, medical: bool) -> Post:
        """A text by `author`; the compliance officer writes nothing, so an editor made that one author."""
        writer = self.cast[author] if author != "compliance_officer" else self.seconds["editor"]
        values = {**(MEDICAL if medical else NON_MEDICAL), "author_id": self.cast[author].pk}
        with tenant_context(writer.tenant_id, actor=writer):
            post = revisions.create_post(actor=writer, changes=values)
        if stage != "S.1.1":
            self._go(post, stage, medical=medical)
        return post

    def _go(self, post: Post, stage: str, *, medical: bool) -> None:
        officer, reviewer = self.seconds["compliance_officer"], self.seconds["medical_reviewer"]
        steps = [
            (officer, lambda: review.submit(post, actor=officer)),
            (officer, lambda: review.advance(post, actor=officer, confirmed=True)),
            (reviewer, lambda: review.advance(post, actor=reviewer, confirmed=True)),
            (officer, lambda: review.sign(post, actor=officer, capacity=Capacity.COMPLIANCE, statement="Aprovo.")),
        ]
        count = STAGES.index(stage)
        if count == 4 and medical:
            steps.append(
                (
                    reviewer,
                    lambda: review.sign(post, actor=reviewer, capacity=Capacity.PROFESSIONAL, statement="Confirmo."),
                )
            )
            count = 5
        for actor, step in steps[:count]:
            with tenant_context(actor.tenant_id, actor=actor):
                step()


# What a clinic has to say of itself (CFM 2.336/2023 art. 5); without it no physician's text is approved.
ESTABLISHMENT = {
    "establishment_registry": "CRM/SP 987654",
    "director_name": "Helena Prado",
    "director_registry": "CRM/SP 123456",
}


@pytest.fixture
def road(cast, seconds, in_aurora) -> Road:
    TenantSettings(**ESTABLISHMENT).save(force_insert=True)
    return Road(cast, seconds)


class _Undo(Exception):
    pass


@contextmanager
def undone() -> Iterator[None]:
    """Whatever the block does is rolled back."""
    try:
        with transaction.atomic():
            yield
            raise _Undo
    except _Undo:
        pass


def attempt(step: str, post: Post, actor: User) -> str:
    """Try the step as the actor and undo it: 'done', or the code of the refusal."""
    name, _blank, capacity = step.partition(" ")
    post = Post.objects.get(pk=post.pk)
    outcome = "done"
    with undone():
        try:
            if name == "submit":
                review.submit(post, actor=actor)
            elif name == "advance":
                review.advance(post, actor=actor, confirmed=True)
            elif name == "send_back":
                review.send_back(post, actor=actor, reason=REASON)
            elif name == "withdraw":
                review.withdraw(post, actor=actor, reason=REASON)
            else:
                kind = ApprovalKind.NON_MEDICAL if capacity == Capacity.DECLARATION else ApprovalKind.MEDICAL
                review.sign(post, actor=actor, kind=kind, capacity=capacity, statement="Li e assino este texto.")
        except Refused as refusal:
            outcome = refusal.code
    return outcome


def expected_done(step: str, stage: str, role: str, *, own: bool, medical: bool) -> bool:
    """Does the document name it? Two conditions of its column "needs" belong to the case."""
    roles = TABLE.get((step, stage), {"own": set(), "others": set()})["own" if own else "others"]
    if step == "sign declaration" and medical:
        return False
    return role in roles


PREDICTIONS = {
    "submit": refuse_submit,
    "advance": refuse_advance,
    "send_back": refuse_send_back,
    "withdraw": refuse_withdraw,
}
OWN_CAPACITY = {
    "sign compliance": "compliance_officer",
    "sign professional": "medical_reviewer",
    "sign declaration": "editor",
}


def predicted(step: str, actor: User, post: Post) -> str | None:
    """What the page would say; None where it offers no such act to the role."""
    rule: Any = PREDICTIONS.get(step)
    if rule is None and OWN_CAPACITY[step] == actor.role:
        rule = refuse_sign
    if rule is None:
        return None
    refusal = rule(actor, find_text(post.pk))
    return refusal.code if refusal else "done"


CASES = [(author, True) for author in AUTHORS] + [("contributor", False), ("editor", False)]


@pytest.mark.parametrize(("author", "medical"), CASES, ids=[f"{a}-{'medical' if m else 'plain'}" for a, m in CASES])
@pytest.mark.parametrize("stage", STAGES)
def test_only_what_the_table_names_succeeds(stage, author, medical, road, cast):
    post = road.text_at(stage, author=author, medical=medical)
    wrong = []

    for step in STEPS:
        # Everybody tries the contributor's text; the others' texts show what their own authors may.
        for role in ROLES if author == "contributor" else [author]:
            with tenant_context(cast[role].tenant_id, actor=cast[role]):
                outcome = attempt(step, post, cast[role])
                page = predicted(step, cast[role], post)
            should = expected_done(step, stage, role, own=role == author, medical=medical)
            if (outcome == "done") != should:
                wrong.append((step, role, outcome, "should be done" if should else "should be refused"))
            if page not in (None, outcome):
                wrong.append((step, role, outcome, f"the page says {page}"))

    assert wrong == []
    with tenant_context(cast["editor"].tenant_id, actor=cast["editor"]):
        assert find_text(post.pk).stage == stage  # nothing that was tried has remained


# --- Four eyes and the rules of signatures: the same on both databases -----------------------------------------------


def sign_code(post: Post, actor: User, *, kind: str = "medical", capacity: str = "compliance") -> str:
    """'done' or the refusal's code; a signature given stays."""
    with tenant_context(actor.tenant_id, actor=actor):
        try:
            review.sign(post, actor=actor, kind=kind, capacity=capacity, statement="Li e assino este texto.")
        except Refused as refusal:
            return refusal.code
    return "done"


def save(post: Post, actor: User, **changes: Any) -> None:
    with tenant_context(actor.tenant_id, actor=actor):
        revisions.save_revision(post, actor=actor, changes=changes)
        if stage_of(post) != "S.1.1":
            assessment.assess(post, actor=actor)


def stage_of(post: Post) -> str:
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        return find_text(post.pk).stage


def test_two_different_people_sign_a_medical_text(road, cast, seconds):
    post = road.text_at("S.4-1.1-3", author="author", medical=True)

    assert sign_code(post, cast["compliance_officer"]) == "done"
    assert stage_of(post) == "S.4-1.1-3"
    assert sign_code(post, cast["compliance_officer"]) == "already_signed"
    assert sign_code(post, seconds["compliance_officer"]) == "already_signed"
    assert sign_code(post, cast["medical_reviewer"], capacity="professional") == "done"
    assert stage_of(post) == "approved"
    assert sign_code(post, seconds["medical_reviewer"], capacity="professional") == "stage"


def test_professional_may_sign_first(road, cast):
    post = road.text_at("S.4-1.1-3", author="author", medical=True)

    assert sign_code(post, cast["medical_reviewer"], capacity="professional") == "done"
    assert stage_of(post) == "S.4-1.1-3"
    assert sign_code(post, cast["compliance_officer"]) == "done"
    assert stage_of(post) == "approved"


def test_who_saved_the_text_does_not_sign_it(road, cast, seconds):
    post = road.text_at("S.4-1.1-3", author="author", medical=True)
    save(post, cast["compliance_officer"], content="<p>Texto corrigido.</p>")
    assert stage_of(post) == "S.2.1"
    for actor in (seconds["compliance_officer"], seconds["medical_reviewer"]):
        with tenant_context(actor.tenant_id, actor=actor):
            review.advance(post, actor=actor, confirmed=True)

    assert sign_code(post, cast["compliance_officer"]) == "saved"
    assert sign_code(post, seconds["compliance_officer"]) == "done"


def test_who_saved_before_the_last_approval_may_sign_the_next_wording(road, cast, seconds):
    post = road.text_at("S.2.1", author="author", medical=False)
    save(post, cast["compliance_officer"], content="<p>Texto corrigido.</p>")
    for actor in (seconds["compliance_officer"], seconds["medical_reviewer"]):
        with tenant_context(actor.tenant_id, actor=actor):
            review.advance(post, actor=actor, confirmed=True)
    assert sign_code(post, seconds["compliance_officer"]) == "done"
    save(post, cast["author"], content="<p>Outra versão.</p>")
    road._go(post, "S.4-1.1-3", medical=False)

    assert sign_code(post, cast["compliance_officer"]) == "done"


def test_author_of_a_working_copy_does_not_pass_it(road, cast, seconds):
    post = road.text_at("approved", author="author", medical=True)
    save(post, seconds["editor"], content="<p>Novo.</p>", author_id=str(cast["compliance_officer"].pk))
    with tenant_context(seconds["editor"].tenant_id, actor=seconds["editor"]):
        review.submit(post, actor=seconds["editor"])

    with (
        tenant_context(post.tenant_id, actor=cast["compliance_officer"]),
        pytest.raises(Refused) as refused,
    ):
        review.advance(post, actor=cast["compliance_officer"], confirmed=True)
    assert refused.value.code == "author"


@pytest.mark.parametrize(
    ("registry", "age"), [("", 1), ("CRM/SP 123456", None), ("CRM/SP 123456", 366)], ids=["none", "unvalidated", "old"]
)
def test_professional_needs_a_registry_validated_within_a_year(registry, age, road, cast, aurora):
    post = road.text_at("S.4-1.1-3", author="author", medical=True)
    reviewer = cast["medical_reviewer"]
    with tenant_context(aurora, actor=SYSTEM_UUID):
        reviewer.professional_registry = registry
        reviewer.validated_at = timezone.now() - timedelta(days=age) if age else None
        reviewer.save(update_fields=["professional_registry", "validated_at"])

    assert sign_code(post, reviewer, capacity="professional") == "registry"


def test_open_blocking_finding_stops_the_signature(road, cast, aurora):
    post = road.text_at("S.4-1.1-3", author="author", medical=True)
    finding = {"id": "f1", "kind": "rule", "code": "CFM-PROMISE", "severity": "block", "status": "open"}
    with tenant_context(aurora, actor=SYSTEM_UUID):
        run = revisions.open_run(post)
        run.compliance_validations = {**run.compliance_validations, "findings": [finding]}
        run.save()

    assert sign_code(post, cast["compliance_officer"]) == "findings"

    with tenant_context(aurora, actor=SYSTEM_UUID):
        run.compliance_validations = {**run.compliance_validations, "findings": [{**finding, "status": "fixed"}]}
        run.save()
    assert sign_code(post, cast["compliance_officer"]) == "done"


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ({"status": "open"}, "claims"),
        ({"status": "kept", "validated": True}, "claims"),
        ({"status": "kept", "validated": True, "reference": "pmid:1"}, "done"),
        ({"status": "rejected", "validated": True, "reference": "PMID:1"}, "claims"),
        ({"status": "not_a_claim"}, "done"),
    ],
)
def test_claims_need_a_validated_reference(claim, code, road, cast, aurora):
    post = road.text_at("S.4-1.1-3", author="author", medical=True)
    with tenant_context(aurora, actor=SYSTEM_UUID):
        run = revisions.open_run(post)
        run.medical_claims = {"c1": claim}
        run.save()

    assert sign_code(post, cast["compliance_officer"]) == code


def test_own_declaration_is_a_policy_of_the_tenant(road, cast, aurora):
    post = road.text_at("S.2.1", author="editor", medical=False)
    declared = {"kind": "non_medical", "capacity": "declaration"}

    assert sign_code(post, cast["editor"], **declared) == "author"

    with tenant_context(aurora, actor=SYSTEM_UUID):
        Tenant.objects.filter(pk=aurora.pk).update(own_declaration_allowed=True)
    assert sign_code(post, cast["editor"], **declared) == "done"
    assert stage_of(post) == "approved"


def test_text_changed_after_it_was_shown_is_stale(road, cast, seconds, aurora):
    post = road.text_at("S.4-1.1-3", author="author", medical=True)
    with tenant_context(aurora, actor=SYSTEM_UUID):
        shown = revisions.newest_revision(post)
    save(post, seconds["editor"], content="<p>Trocado.</p>")

    officer = cast["compliance_officer"]
    with tenant_context(aurora, actor=officer):
        with pytest.raises(Refused) as signing:
            review.sign(post, actor=officer, revision=shown, statement="Aprovo este texto.")
        with pytest.raises(Refused) as passing:
            review.advance(post, actor=officer, confirmed=True, revision=shown)

    assert (signing.value.code, passing.value.code) == ("stale", "stale")


def test_withdrawal_ends_half_of_a_double_signature(road, cast):
    post = road.text_at("S.4-1.1-3", author="author", medical=True)
    assert sign_code(post, cast["medical_reviewer"], capacity="professional") == "done"

    with tenant_context(post.tenant_id, actor=cast["editor"]):
        review.withdraw(post, actor=cast["editor"], reason=REASON)

    assert stage_of(post) == "S.4-1.1-3"
    assert sign_code(post, cast["compliance_officer"]) == "done"
    assert stage_of(post) == "S.4-1.1-3"
    assert sign_code(post, cast["medical_reviewer"], capacity="professional") == "done"
    assert stage_of(post) == "approved"


@pytest.mark.parametrize("step", STEPS)
def test_nothing_moves_in_the_trash(step, road, cast, aurora):
    stages = {"submit": "S.1.1", "withdraw": "S.2.1"}
    post = road.text_at(stages.get(step, "S.4-1.1-3"), author="author", medical=step != "sign declaration")
    with tenant_context(aurora, actor=cast["editor"]):
        publishing.trash(post, actor=cast["editor"])

    outcomes = set()
    for role in ROLES:
        with tenant_context(aurora, actor=cast[role]):
            outcomes.add(attempt(step, post, cast[role]))
    assert "done" not in outcomes


def test_withdrawn_text_that_was_never_published_is_a_draft_again(road, cast):
    post = road.text_at("approved", author="author", medical=True)
    assert post.status == "pending"

    with tenant_context(post.tenant_id, actor=cast["compliance_officer"]):
        review.withdraw(post, actor=cast["compliance_officer"], reason=REASON)

    assert (post.status, stage_of(post)) == ("draft", "S.1.1")
