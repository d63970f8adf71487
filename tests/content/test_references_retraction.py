"""What a retraction does to texts on their way: claims lose their validation, approvals become a to-do."""

import pytest

from accounts.models import TenantSettings
from compliance.enums import CheckResult
from compliance.errors import Refused
from compliance.models import AttentionItem, AuditEntry
from content.models import PostRevision
from content.services import claims, references, review
from tests.content.test_claims import VALID, at_evidence, claim_of, run_of

PMID = "PMID:12345678"


def add(actor, act_as, identifier=PMID, **values):
    with act_as(actor):
        return references.add(actor=actor, identifier=identifier, **{"title": "Losartana"} | values)


def retract(item, actor, act_as):
    with act_as(actor):
        return references.mark_retracted(item, actor=actor, note="Dados fabricados.")


@pytest.fixture
def item(cast, act_as):
    """The first work of the texts that `at_evidence` makes, under its other number as well."""
    return add(cast["editor"], act_as, others=["DOI:10.9999/other"])


def validate(post, cast, act_as):
    reviewer = cast["medical_reviewer"]
    with act_as(reviewer):
        claims.link(post, "claim_1", actor=reviewer, references=[PMID])
        claims.decide(post, "claim_1", actor=reviewer, **VALID)


def test_no_claim_is_validated_on_a_retracted_work(post_factory, cast, act_as, item) -> None:
    post = at_evidence(post_factory)
    retract(item, cast["editor"], act_as)

    with pytest.raises(Refused) as refused:
        validate(post, cast, act_as)

    assert refused.value.code == "retracted"


def test_validated_claim_in_review_is_open_again(post_factory, cast, act_as, item) -> None:
    post = at_evidence(post_factory)
    validate(post, cast, act_as)
    assert claim_of(post)["validated"]

    assert retract(item, cast["medical_reviewer"], act_as) == []

    claim = claim_of(post)
    assert (claim["status"], claim["validated"], claim["validated_by"]) == ("linked", False, None)
    assert run_of(post).compliance_validations["claims_check"] != CheckResult.PASSED
    with act_as(cast["compliance_officer"]):
        decisions = AuditEntry.objects.filter(resource_id=post.pk, operation="decision")
        assert {"validated", "linked"} == {decisions.latest("created_at").metadata[key] for key in ("from", "to")}
        assert not AttentionItem.objects.exists()


def test_claims_on_other_works_stay_validated(post_factory, cast, act_as) -> None:
    post = at_evidence(post_factory)
    validate(post, cast, act_as)

    retract(add(cast["editor"], act_as, "DOI:10.1000/xyz123"), cast["editor"], act_as)

    assert claim_of(post)["validated"]


@pytest.mark.parametrize("leaves", [False, True])
def test_approved_text_that_waits_for_its_day_is_a_to_do(post_factory, cast, act_as, item, leaves: bool) -> None:
    post = post_factory.approved(scientific_references=[PMID])
    if leaves:
        with act_as(cast["administrator"]):
            TenantSettings.objects.update_or_create(defaults={"unpublish_on_retraction": True})

    assert retract(item, cast["compliance_officer"], act_as) == []  # none is on the site

    with act_as(cast["compliance_officer"]):
        (todo,) = AttentionItem.objects.filter(content_id=post.pk)
        assert todo.details == {"reference": PMID, "withdrawn": leaves}
        assert (review.open_run(post) is not None) is leaves
        assert PostRevision.objects.filter(post=post).count() == 1
