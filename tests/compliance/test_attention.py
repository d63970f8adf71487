"""To-dos about approved texts: one open item per text, kind and subject; resolved by the officer, with a reason."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance import attention
from compliance.enums import AttentionKind
from compliance.errors import Refused
from compliance.models import AttentionItem, AuditEntry

pytestmark = pytest.mark.django_db
POST = uuid.UUID("11111111-2222-4333-8444-555555555555")
REASON = "Referência trocada na versão 4."


def test_the_same_thing_is_one_item_and_its_details_are_merged(in_aurora):
    first = attention.open_item("retraction", POST, {"identifiers": ["PMID:1"]}, subject="PMID:1")
    again = attention.open_item("retraction", POST, {"notice": "DOI:10.1/x"}, subject="PMID:1")

    assert again.pk == first.pk
    assert again.details == {"identifiers": ["PMID:1"], "notice": "DOI:10.1/x"}
    assert attention.open_items().count() == 1


def test_other_subjects_kinds_and_texts_are_items_of_their_own(in_aurora):
    attention.open_item("retraction", POST, subject="PMID:1")
    attention.open_item("retraction", POST, subject="PMID:2")
    attention.open_item(AttentionKind.RECHECK, POST, {"codes": ["CFM-PROMISE"]}, subject="2026.12")
    attention.open_item("retraction", uuid.uuid4(), subject="PMID:1")
    assert attention.open_items().count() == 4


def test_resolving_keeps_the_item_with_who_when_and_why(cast, act_as):
    officer = cast["compliance_officer"]
    with act_as(officer):
        item = attention.open_item("recheck", POST, subject="2026.12")
        attention.resolve(item, actor=officer, reason=f"  {REASON} ")

        kept = AttentionItem.objects.get(pk=item.pk)
        assert (kept.resolved_by_id, kept.resolution, kept.resolved_at is not None) == (officer.pk, REASON, True)
        assert not attention.open_items().exists()
        entries = AuditEntry.objects.filter(resource_id=item.pk)
        assert sorted(entries.values_list("operation", flat=True)) == ["create", "decision", "update"]
        assert REASON not in str(list(entries.values_list("metadata", flat=True)))


def test_what_comes_up_again_after_being_resolved_is_new(cast, act_as):
    officer = cast["compliance_officer"]
    with act_as(officer):
        first = attention.open_item("recheck", POST, subject="2026.12")
        attention.resolve(first, actor=officer, reason=REASON)
        assert attention.open_item("recheck", POST, subject="2026.12").pk != first.pk


def test_resolving_is_refused_without_role_without_reason_and_twice(cast, act_as):
    officer = cast["compliance_officer"]
    with act_as(officer):
        item = attention.open_item("recheck", POST)
    for actor, reason, code in (
        (cast["editor"], REASON, "role"),
        (cast["administrator"], REASON, "role"),
        (officer, "feito", "statement"),
    ):
        with act_as(actor), pytest.raises(Refused) as refused:
            attention.resolve(item, actor=actor, reason=reason)
        assert refused.value.code == code
    with act_as(officer):
        attention.resolve(item, actor=officer, reason=REASON)
        with pytest.raises(Refused) as refused:
            attention.resolve(item, actor=officer, reason=REASON)
    assert refused.value.code == "resolved"


@pytest.mark.parametrize(
    "details",
    [
        pytest.param({"text": "x" * 301}, id="long"),
        pytest.param({"text": "Frase.\nOutra."}, id="lines"),
        pytest.param({"nested": [{"text": "x" * 301}]}, id="nested"),
        pytest.param({"object": object()}, id="object"),
        pytest.param({"many": ["x"] * 201}, id="many"),
    ],
)
def test_details_take_no_text(in_aurora, details):
    with pytest.raises(ValueError, match="Details"):
        attention.open_item("recheck", POST, details)
    assert not AttentionItem.objects.exists()


def test_unknown_kind_is_refused(in_aurora):
    with pytest.raises(ValueError, match="gossip"):
        attention.open_item("gossip", POST)


def test_other_tenant_has_its_own_items(in_aurora, horizonte):
    attention.open_item("recheck", POST)
    with tenant_context(horizonte, actor=SYSTEM_UUID):
        assert not AttentionItem.objects.exists()
        attention.open_item("recheck", POST)
        assert AttentionItem.objects.count() == 1


def test_database_resolves_nothing_without_somebody(in_aurora):
    item = attention.open_item("recheck", POST)
    with pytest.raises(IntegrityError), transaction.atomic():
        AttentionItem.objects.filter(pk=item.pk).update(resolved_by_id=uuid.uuid4())
