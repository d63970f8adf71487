"""`record()`, the triggers seen through the ORM, and what the trail refuses; on both databases."""

import inspect
import json
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Tenant, User
from accounts.tenancy.context import NIL_UUID, SYSTEM_UUID, no_context, platform_context, tenant_context
from compliance import audit
from compliance.audit import AuditRefused
from compliance.enums import AuditOperation
from compliance.models import AuditEntry
from content.models import Category
from tests.conftest import PostFactory

SECRET = "Maria da Silva, CPF 123.456.789-09"
RECORDED = [operation for operation in AuditOperation if operation not in audit.WRITTEN_BY_TRIGGERS]


def entries(resource_id: uuid.UUID) -> list[tuple[str, Any]]:
    """Operation and changed columns of the active tenant's rows about one thing."""
    rows = AuditEntry.objects.filter(resource_id=resource_id).order_by("created_at", "id")
    return [(row.operation, row.metadata.get("changed")) for row in rows]


# --- record() --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", RECORDED)
def test_record_takes_who_and_where_from_the_context(aurora: Tenant, operation: AuditOperation) -> None:
    actor, thing = uuid.uuid4(), uuid.uuid4()

    with tenant_context(aurora, actor=actor) as context:
        entry = audit.record(
            operation,
            resource_type="post",
            resource_id=thing,
            metadata={"level": "phi", "request_id": "forged"},
            trust_score=70,
            policy_decision="deny",
        )
        row = AuditEntry.objects.get(pk=entry)

    assert (row.tenant_id, row.user_id, row.metadata["request_id"]) == (aurora.pk, actor, str(context.request_id))
    assert (row.operation, row.resource_type, row.resource_id) == (operation, "post", thing)
    assert (row.trust_score, row.policy_decision, row.metadata["level"]) == (70, "deny", "phi")


def test_record_has_no_argument_for_tenant_user_or_request() -> None:
    assert set(inspect.signature(audit.record).parameters) == {
        "operation", "resource_type", "resource_id", "metadata", "trust_score", "policy_decision",
    }  # fmt: skip


@pytest.mark.parametrize("operation", [*sorted(audit.WRITTEN_BY_TRIGGERS), "Update", "steal", "", None])
def test_record_refuses_operations_that_are_not_its_own(in_aurora: Tenant, operation: Any) -> None:
    thing = uuid.uuid4()

    with pytest.raises(AuditRefused, match=r"^HC003: audit refused"):
        audit.record(operation, resource_type="post", resource_id=thing)

    assert entries(thing) == []


def test_record_refuses_to_write_without_a_context(db: None) -> None:
    with no_context(), pytest.raises(AuditRefused, match="there is no context"):
        audit.record(AuditOperation.READ, resource_type="post", resource_id=uuid.uuid4())


def test_visitor_may_be_recorded(aurora: Tenant) -> None:
    with tenant_context(aurora, actor=None):
        entry = audit.record(AuditOperation.SIGN_IN_FAILED, resource_type="user", resource_id=uuid.uuid4())
        assert AuditEntry.objects.get(pk=entry).user_id == NIL_UUID


@pytest.mark.parametrize("key", [5, "recherche", "5"])
def test_key_that_is_no_uuid_becomes_one(in_aurora: Tenant, key: Any) -> None:
    entry = audit.record(AuditOperation.READ, resource_type="report", resource_id=key)

    assert AuditEntry.objects.get(pk=entry).resource_id == audit.audit_key("report", str(key))


@pytest.mark.parametrize("spelled", [str, lambda key: key.hex, lambda key: str(key).upper()])
def test_uuid_in_any_spelling_stays_itself(in_aurora: Tenant, spelled: Any) -> None:
    thing = uuid.uuid4()
    entry = audit.record(AuditOperation.READ, resource_type="post", resource_id=spelled(thing))

    assert AuditEntry.objects.get(pk=entry).resource_id == thing


def test_key_is_the_same_in_sql(in_aurora: Tenant) -> None:
    call = "audit_key" if connection.vendor == "postgresql" else "hcms_audit_key"
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(f"SELECT {call}('table', '12')")
                found = uuid.UUID(str(cursor.fetchone()[0]))
        except DatabaseError as refused:  # only the triggers' owner may call it
            assert "permission denied" in str(refused)
            return
    assert found == audit.audit_key("table", 12)


def test_long_texts_are_not_kept(in_aurora: Tenant) -> None:
    metadata = {"note": SECRET * 20, "deep": {"list": ["short", "x" * 201]}, "nul": "a\0b", "id": SYSTEM_UUID}
    entry = audit.record(AuditOperation.DECISION, resource_type="post", resource_id=uuid.uuid4(), metadata=metadata)

    kept = AuditEntry.objects.get(pk=entry).metadata
    del kept["request_id"]
    assert kept == {
        "note": f"<{len(SECRET) * 20} characters>",
        "deep": {"list": ["short", "<201 characters>"]},
        "nul": "ab",
        "id": str(SYSTEM_UUID),
    }


def test_record_is_undone_with_its_act(aurora: Tenant) -> None:
    thing = uuid.uuid4()
    with tenant_context(aurora, actor=SYSTEM_UUID):
        with pytest.raises(RuntimeError), transaction.atomic():
            audit.record(AuditOperation.EXPORT, resource_type="report", resource_id=thing)
            raise RuntimeError
        assert entries(thing) == []


def test_platform_rows_stand_under_the_nil_tenant(aurora: Tenant, platform_admin: User) -> None:
    thing = uuid.uuid4()
    with platform_context(actor=platform_admin):
        entry = audit.record(AuditOperation.DECISION, resource_type="tenant", resource_id=thing)
        platform_admin.mfa_enabled = not platform_admin.mfa_enabled
        platform_admin.save(update_fields=["mfa_enabled"])
        assert AuditEntry.objects.get(pk=entry).tenant_id == NIL_UUID
        assert entries(platform_admin.pk)[-1] == ("update", ["mfa_enabled"])
    with tenant_context(aurora, actor=SYSTEM_UUID):
        assert entries(thing) == []
        assert entries(platform_admin.pk) == []


# --- Row changes -----------------------------------------------------------------------------------------------------


def test_each_change_leaves_one_row_that_names_columns(aurora: Tenant, cast: dict[str, User]) -> None:
    with tenant_context(aurora, actor=cast["editor"]) as context:
        category = Category.objects.create(name="Asma", slug="asma")
        category.name, category.description = "Asma e alergia", SECRET
        category.save()
        category.save()  # nothing changed
        Category.objects.filter(pk=category.pk).update(slug="asma-e-alergia")
        key = category.pk
        category.delete()
        rows = list(AuditEntry.objects.filter(resource_id=key).order_by("created_at", "id"))

    assert [(row.operation, row.metadata.get("changed")) for row in rows] == [
        ("create", None),
        ("update", ["name", "description"]),
        ("update", ["slug"]),
        ("delete", None),
    ]
    assert {(row.resource_type, row.tenant_id, row.user_id) for row in rows} == {
        ("category", aurora.pk, cast["editor"].pk)
    }
    assert {row.metadata["request_id"] for row in rows} == {str(context.request_id)}


def test_bulk_and_raw_changes_leave_one_row_each(aurora: Tenant, cast: dict[str, User]) -> None:
    with tenant_context(aurora, actor=cast["editor"]):
        made = Category.objects.bulk_create(Category(name=f"C{n}", slug=f"c{n}") for n in range(3))
        for category in made:
            category.name += "!"
        Category.objects.bulk_update(made, ["name"])
        with connection.cursor() as cursor:
            cursor.execute("UPDATE categories SET description = 'x' WHERE slug LIKE 'c_'")
        found = [entries(category.pk) for category in made]

    assert found == [[("create", None), ("update", ["name"]), ("update", ["description"])]] * 3


def test_no_value_of_a_text_is_in_the_trail(aurora: Tenant, post_factory: PostFactory) -> None:
    post_factory.draft(
        title=f"Caso {SECRET}", content=f"<p>{SECRET}</p>", custom_fields={"caso": SECRET}, compliance_level="phi"
    )

    with tenant_context(aurora, actor=SYSTEM_UUID):
        rows = list(AuditEntry.objects.values("operation", "resource_type", "metadata", "policy_decision"))
    assert rows
    assert "Maria" not in json.dumps(rows, ensure_ascii=False, default=str)


@pytest.mark.parametrize("actor", [None, NIL_UUID], ids=["visitor", "nil"])
@pytest.mark.parametrize("verb", ["create", "update", "delete"])
def test_change_by_nobody_is_refused_and_undone(aurora: Tenant, verb: str, actor: Any) -> None:
    with tenant_context(aurora, actor=SYSTEM_UUID):
        category = Category.objects.create(name="Before", slug="before")

    with tenant_context(aurora, actor=actor), pytest.raises(DatabaseError, match="HC003"), transaction.atomic():
        if verb == "create":
            Category.objects.create(name="New", slug="new")
        elif verb == "update":
            Category.objects.filter(pk=category.pk).update(name="After")
        else:
            Category.objects.filter(pk=category.pk).delete()

    with tenant_context(aurora, actor=SYSTEM_UUID):
        assert list(Category.objects.filter(slug__in=["before", "new"]).values_list("name", flat=True)) == ["Before"]
        assert entries(category.pk) == [("create", None)]


# --- Append-only -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_trail SET operation = 'read'",
        "DELETE FROM audit_trail",
        "UPDATE audit_checkpoints SET seal = 'x'",
        "DELETE FROM audit_checkpoints",
    ],
)
def test_nothing_is_changed_or_removed(in_aurora: Tenant, statement: str) -> None:
    audit.record(AuditOperation.READ, resource_type="post", resource_id=uuid.uuid4())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_checkpoints (id, tenant_id, day, row_count, digest, previous_seal, seal, created_at)"
            " VALUES (%s, %s, '2026-01-01', 0, '', '', '', '2026-01-02 00:00:00+00')",
            [uuid.uuid4().hex, in_aurora.pk.hex],
        )
        with pytest.raises(DatabaseError, match=r"append-only|permission denied"), transaction.atomic():
            cursor.execute(statement)


def test_model_cannot_change_or_remove_a_row(in_aurora: Tenant) -> None:
    row = AuditEntry.objects.get(pk=audit.record("read", resource_type="post", resource_id=uuid.uuid4()))

    with pytest.raises(DatabaseError), transaction.atomic():
        row.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()
