"""One gate behind every door: what was not signed in exactly this wording does not get out, whoever asks and however.

Each door is tried on texts in every state. On SQLite a second, plain connection is one more door.
"""

import sqlite3
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.tenancy.context import SYSTEM_UUID, no_context, tenant_context
from compliance.errors import Refused
from compliance.models import Approval, AuditEntry, WorkflowState
from content.enums import PostStatus
from content.models import Category, CustomField, Post, PostCategory, PostRevision, PublishedPage
from content.services import publishing, review, revisions
from tests.cast import tenant_id
from tests.conftest import PostFactory
from tests.guards import databases

AURORA = tenant_id("aurora")
REFUSED = (DatabaseError, Refused)
postgresql_only = pytest.mark.postgresql


def as_user(user: User) -> Any:
    """The user's context with a transaction around the block, on both databases."""
    return tenant_context(user.tenant_id, actor=user, atomic=True)


# --- Texts in every state --------------------------------------------------------------------------------------------


@dataclass
class Text:
    """A post, and the revision that a door names as the one to publish."""

    post: Post
    revision: PostRevision


class Author:
    """Brings texts into the states that the doors are tried on."""

    def __init__(self, factory: PostFactory) -> None:
        self.factory, self.people = factory, factory.people

    def text(self, post: Post) -> Text:
        with as_user(self.people["editor"]):
            return Text(post, revisions.newest_revision(post))

    def approved(self, **changes: Any) -> Text:
        category = self.category()
        defaults = {
            "category_id": category.pk,
            "category_ids": [str(category.pk)],
            "custom_fields": {"fonte": "SBC", "_thumbnail_id": str(uuid4())},
        }
        return self.text(self.factory.approved(**defaults | changes))

    def category(self) -> Category:
        with as_user(self.people["editor"]):
            name = uuid4().hex[:12]
            category = Category(name=name, slug=name)
            category.save(force_insert=True)
        return category

    def unapproved(self) -> Text:
        return self.text(self.factory.in_final())

    def withdrawn(self) -> Text:
        text = self.approved()
        with as_user(self.people["compliance_officer"]):
            review.withdraw(text.post, actor=self.people["compliance_officer"], reason="Dose errada no texto.")
        return text

    def new_wording(self) -> Text:
        """Saved properly, one character longer than what was signed."""
        text = self.approved()
        with as_user(self.people["author"]):
            content = text.revision.content.replace("comum", "comum.")
            assert content != text.revision.content
            revision = revisions.save_revision(text.post, actor=self.people["author"], changes={"content": content})
        return Text(text.post, revision)

    def new_wording_under_the_old_signature(self) -> Text:
        """The row shows the new wording, the door names the signed revision."""
        text = self.new_wording()
        with as_user(self.people["editor"]):
            signed = PostRevision.objects.filter(post=text.post).order_by("number").first()
        return Text(text.post, signed)

    def another_signed_wording(self) -> Text:
        """Both wordings are signed; the row shows the one, the door names the other."""
        text = self.new_wording()
        with as_user(self.people["editor"]):
            older = PostRevision.objects.filter(post=text.post).order_by("number").first()
        self.factory.submit(text.post)
        self.factory.approve(self.factory.to_final(text.post))
        return Text(text.post, older)

    def half_signed(self) -> Text:
        text = self.text(self.factory.in_final())
        with as_user(self.people["compliance_officer"]):
            review.sign(text.post, actor=self.people["compliance_officer"], statement="Li e aprovo este texto.")
        return text

    def _behind(self, change: Callable[[Post], Any]) -> Text:
        text = self.approved()
        with as_user(self.people["editor"]):
            change(text.post)
        return text

    def field_changed(self) -> Text:
        return self._behind(
            lambda post: CustomField.objects.filter(post=post, meta_key="fonte").update(meta_value="outra")
        )

    def field_added(self) -> Text:
        return self._behind(
            lambda post: CustomField(post=post, meta_key="novo", meta_value="").save(force_insert=True)
        )

    def field_removed(self) -> Text:
        return self._behind(lambda post: CustomField.objects.filter(post=post, meta_key="fonte").delete())

    def featured_image_changed(self) -> Text:
        return self._behind(
            lambda post: CustomField.objects.filter(post=post, meta_key="_thumbnail_id").update(
                meta_value=str(uuid4())
            )
        )

    def term_added(self) -> Text:
        category = self.category()
        return self._behind(lambda post: PostCategory(post=post, category=category).save(force_insert=True))

    def term_removed(self) -> Text:
        return self._behind(lambda post: PostCategory.objects.filter(post=post).delete())

    def _row(self, **values: Any) -> Text:
        return self._behind(lambda post: Post.objects.filter(pk=post.pk).update(**values))

    def category_cleared(self) -> Text:
        return self._row(medical_category=None, requires_crm_validation=False)

    def level_cleared(self) -> Text:
        return self._row(compliance_level=None)

    def level_lowered(self) -> Text:
        text = self.approved(compliance_level="professional")
        with as_user(self.people["editor"]):
            Post.objects.filter(pk=text.post.pk).update(compliance_level="public")
        return text

    def professional_no_longer_required(self) -> Text:
        return self._row(requires_crm_validation=False)

    def author_replaced(self) -> Text:
        return self._row(author_id=self.people["contributor"].pk)

    def disclaimer_shortened(self) -> Text:
        return self._row(medical_disclaimer="")

    def somebody_elses_signature(self) -> Text:
        """The door names the approved revision of another text."""
        return Text(self.unapproved().post, self.approved().revision)

    def trashed(self) -> Text:
        return self._row(deleted_at=timezone.now())


@pytest.fixture
def author(post_factory: PostFactory) -> Author:
    return Author(post_factory)


STATES = [name for name in vars(Author) if not name.startswith("_") and name not in ("text", "approved", "category")]


@pytest.fixture(scope="module")
def shared() -> dict[str, Any]:
    """A text that survives an attempt unchanged can serve the next one."""
    return {}


# --- Doors -----------------------------------------------------------------------------------------------------------


def orm_update(text: Text) -> None:
    Post.objects.filter(pk=text.post.pk).update(status="published", published_revision_id=text.revision.pk)


def orm_update_to_scheduled(text: Text) -> None:
    Post.objects.filter(pk=text.post.pk).update(
        status="scheduled", published_revision_id=text.revision.pk, scheduled_at=timezone.now() - timedelta(days=1)
    )


def fresh(text: Text) -> Post:
    post = Post.objects.get(pk=text.post.pk)
    post.status, post.published_revision_id = PostStatus.PUBLISHED, text.revision.pk
    return post


def orm_save(text: Text) -> None:
    fresh(text).save()


def orm_bulk_update(text: Text) -> None:
    Post.objects.bulk_update([fresh(text)], ["status", "published_revision_id"])


def orm_bulk_create_over_the_row(text: Text) -> None:
    Post.objects.bulk_create(
        [fresh(text)],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["status", "published_revision_id"],
    )


def key(value: Any) -> Any:
    """A UUID as raw SQL needs it."""
    return value if connection.vendor == "postgresql" else value.hex


def raw_update(text: Text) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE posts SET status = 'published', published_revision_id = %s WHERE id = %s",
            [key(text.revision.pk), key(text.post.pk)],
        )


def raw_insert_over_the_row(text: Text) -> None:
    with connection.cursor() as cursor:
        columns = ", ".join(field.column for field in Post._meta.concrete_fields)
        values = ", ".join(
            {"status": "'published'", "published_revision_id": "%s"}.get(field.column, field.column)
            for field in Post._meta.concrete_fields
        )
        cursor.execute(
            f"INSERT INTO posts ({columns}) SELECT {values} FROM posts WHERE id = %s"
            " ON CONFLICT (id) DO UPDATE SET status = excluded.status,"
            " published_revision_id = excluded.published_revision_id",
            [key(text.revision.pk), key(text.post.pk)],
        )


DOORS = [
    orm_update,
    orm_update_to_scheduled,
    orm_save,
    orm_bulk_update,
    orm_bulk_create_over_the_row,
    raw_update,
    raw_insert_over_the_row,
]


def row(post: Post) -> dict[str, Any]:
    with tenant_context(AURORA, actor=SYSTEM_UUID):
        return Post.objects.filter(pk=post.pk).values().get()


def is_refusal_of_the_gate(error: Exception) -> bool:
    """HC001 as SQLSTATE on PostgreSQL, at the start of the message on SQLite."""
    if isinstance(error, Refused):
        return error.code.startswith("HC001")
    if connection.vendor == "postgresql":
        return getattr(error.__cause__, "sqlstate", "") == "HC001"
    return str(error).startswith("HC001")


@pytest.mark.parametrize("door", DOORS)
def test_approved_text_goes_through(door: Callable[[Text], None], author: Author) -> None:
    text = author.approved()

    with as_user(author.people["editor"]):
        door(text)

    assert row(text.post)["status"] in ("published", "scheduled")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("state", STATES)
def test_door_refuses(state: str, door: Callable[[Text], None], author: Author, shared: dict[str, Any]) -> None:
    if state not in shared:
        shared[state] = getattr(author, state)()
    text = shared[state]
    before = row(text.post)

    with pytest.raises(DatabaseError) as refused, as_user(author.people["editor"]):
        door(text)

    assert is_refusal_of_the_gate(refused.value), refused.value
    assert row(text.post) == before


@pytest.mark.parametrize("state", ["unapproved", "withdrawn", "new_wording", "half_signed"])
def test_service_refuses(state: str, author: Author) -> None:
    text = getattr(author, state)()
    before = row(text.post)

    for later in (None, timezone.now() + timedelta(hours=1)):
        with pytest.raises(Refused) as refused, as_user(author.people["editor"]):
            publishing.publish_revision(text.post, actor=author.people["editor"], scheduled_at=later)
        assert refused.value.code == "HC001"

    assert row(text.post) == before


def publish_by_form(text: Text, client: Any) -> None:
    """The editor's form as the browser sends it, with the button "Publish"."""
    address = reverse("admin:content_post_change", args=[text.post.pk])
    context = client.get(address).context
    fields = [
        field
        for form in (context["form"], context["rows"].management_form, *context["rows"].forms)
        for field in form
        if field.value() is not None
    ]
    client.post(address, {field.html_name: field.value() for field in fields} | {"_action": "publish"})


def publish_by_list(text: Text, client: Any) -> None:
    """Ticked in the list, action "Publish"."""
    client.post(reverse("admin:content_post_bulk"), {"action": "publish", "ids": [str(text.post.pk)]})


@pytest.mark.parametrize("door", [publish_by_form, publish_by_list])
@pytest.mark.parametrize("state", ["approved", "unapproved", "withdrawn", "new_wording", "half_signed"])
def test_screen_publishes_what_is_approved_and_nothing_else(
    state: str, door: Callable[[Text, Any], None], author: Author, client_for: Callable[..., Any]
) -> None:
    text = getattr(author, state)()
    before = row(text.post)

    door(text, client_for(author.people["editor"]))

    after = row(text.post)
    if state == "approved":
        assert (after["status"], after["published_revision_id"]) == ("published", text.revision.pk)
    else:
        assert after == before | {"updated_at": after["updated_at"]}


@pytest.mark.parametrize(
    "state",
    ["field_changed", "field_added", "field_removed", "featured_image_changed", "term_added", "term_removed",
     "category_cleared", "level_cleared", "author_replaced", "disclaimer_shortened"],
)  # fmt: skip
def test_service_publishes_the_signed_wording_whatever_stands_in_the_row(state: str, author: Author) -> None:
    text = getattr(author, state)()

    with as_user(author.people["editor"]):
        publishing.publish_revision(text.post, actor=author.people["editor"])

        post, signed = Post.objects.get(pk=text.post.pk), text.revision
        fields = dict(CustomField.objects.filter(post=post).values_list("meta_key", "meta_value"))
        terms = {str(pk) for pk in PostCategory.objects.filter(post=post).values_list("category_id", flat=True)}
        assert {name: getattr(post, name) for name in revisions.MIRRORED} == {
            name: getattr(signed, name) for name in revisions.MIRRORED
        }
        assert fields == signed.custom_fields
        assert terms == set(signed.category_ids)


def test_a_new_row_cannot_be_born_live(author: Author) -> None:
    text = author.approved()
    copy = {name: getattr(text.post, name) for name in revisions.MIRRORED}

    for insert in (
        lambda post: post.save(force_insert=True),
        lambda post: Post.objects.bulk_create([post]),
    ):
        values = copy | {"slug": uuid4().hex, "tenant_id": AURORA}
        post = Post(**values, status="published", published_revision_id=text.revision.pk)
        with pytest.raises(DatabaseError) as refused, as_user(author.people["editor"]):
            insert(post)
        assert is_refusal_of_the_gate(refused.value)
        with as_user(author.people["editor"]):
            assert not Post.objects.filter(pk=post.pk).exists()


# --- A live text stands still ----------------------------------------------------------------------------------------

LIVE_CHANGES = {
    "title": lambda post: Post.objects.filter(pk=post.pk).update(title=post.title + "."),
    "content": lambda post: Post.objects.filter(pk=post.pk).update(content="outro"),
    "slug": lambda post: Post.objects.filter(pk=post.pk).update(slug=uuid4().hex),
    "level": lambda post: Post.objects.filter(pk=post.pk).update(compliance_level="restricted"),
    "no level": lambda post: Post.objects.filter(pk=post.pk).update(compliance_level=None),
    "category": lambda post: Post.objects.filter(pk=post.pk).update(medical_category=None),
    "primary term": lambda post: Post.objects.filter(pk=post.pk).update(category_id=None),
    "author": lambda post: Post.objects.filter(pk=post.pk).update(author_id=post.other_author),
    "revision": lambda post: Post.objects.filter(pk=post.pk).update(published_revision_id=None),
    "trash": lambda post: Post.objects.filter(pk=post.pk).update(deleted_at=timezone.now()),
    "field": lambda post: CustomField.objects.filter(post=post).update(meta_value="x"),
    "field removed": lambda post: CustomField.objects.filter(post=post).delete(),
    "field added": lambda post: CustomField(post=post, meta_key="k").save(force_insert=True),
    "field moved here": lambda post: CustomField.objects.filter(post=post.draft).update(post=post),
    "field moved away": lambda post: CustomField.objects.filter(post=post).update(post=post.draft),
    "term": lambda post: PostCategory(post=post, category=post.free_term).save(force_insert=True),
    "term removed": lambda post: PostCategory.objects.filter(post=post).delete(),
    "term replaced": lambda post: PostCategory.objects.filter(post=post).update(category=post.free_term),
    "term deleted": lambda post: Category.objects.filter(pk=post.category_id).delete(),
}


@pytest.mark.parametrize("status", ["published", "scheduled"])
@pytest.mark.parametrize("change", LIVE_CHANGES)
def test_live_text_cannot_change(change: str, status: str, author: Author, shared: dict[str, Any]) -> None:
    if status not in shared:
        text = author.approved()
        later = timezone.now() + timedelta(days=1) if status == "scheduled" else None
        with as_user(author.people["editor"]):
            publishing.publish_revision(text.post, actor=author.people["editor"], scheduled_at=later)
        text.post.draft = author.factory.draft(custom_fields={"z": "z"})
        text.post.free_term = author.category()
        text.post.other_author = author.people["contributor"].pk
        shared[status] = text
    post = shared[status].post
    before = row(post)

    with pytest.raises(DatabaseError) as refused, as_user(author.people["editor"]):
        LIVE_CHANGES[change](post)

    assert is_refusal_of_the_gate(refused.value), refused.value
    assert row(post) == before


# --- The page that visitors read -------------------------------------------------------------------------------------

PAGE_CHANGES = {
    "content": "outro", "title": "outro", "excerpt": "outro", "medical_disclaimer": None, "meta_description": "outra",
    "compliance_level": "professional", "medical_category": None, "slug": "outro-endereco", "category_id": None,
    "content_hash": "0" * 64,
}  # fmt: skip


@pytest.mark.parametrize("column", [*PAGE_CHANGES, "author_id", "revision_id"])
def test_page_shows_the_approved_wording_or_is_not_written(
    column: str, author: Author, shared: dict[str, Any]
) -> None:
    if "page" not in shared:
        shared["page"] = author.factory.publish(author.approved().post)
    value = PAGE_CHANGES.get(column, uuid4() if column.endswith("_id") else None)
    with as_user(author.people["editor"]):
        before = PublishedPage.objects.filter(post=shared["page"]).values().get()

    with pytest.raises(DatabaseError) as refused, as_user(author.people["editor"]):
        PublishedPage.objects.filter(post=shared["page"]).update(**{column: value})

    assert is_refusal_of_the_gate(refused.value)
    with as_user(author.people["editor"]):
        assert PublishedPage.objects.filter(post=shared["page"]).values().get() == before


@pytest.mark.parametrize("state", ["unapproved", "approved", "withdrawn"])
def test_page_of_a_text_that_is_not_published_cannot_be_written(state: str, author: Author) -> None:
    text = getattr(author, state)()

    with pytest.raises(DatabaseError) as refused, as_user(author.people["editor"]):
        text.post.published_revision_id = text.revision.pk
        text.post.published_at = timezone.now()
        publishing.rebuild_page(text.post)

    assert is_refusal_of_the_gate(refused.value)
    with as_user(author.people["editor"]):
        assert not PublishedPage.objects.filter(post=text.post).exists()


@pytest.mark.parametrize("status", ["draft", "pending", "archived", None])
def test_page_goes_with_the_publication(status: str | None, author: Author) -> None:
    post = author.factory.publish(author.approved().post)

    with as_user(author.people["editor"]):
        Post.objects.filter(pk=post.pk).update(status=status)

        assert not PublishedPage.objects.filter(post=post).exists()


# --- The scheduler ---------------------------------------------------------------------------------------------------


@contextmanager
def gate_open() -> Any:
    """Past all triggers, as no application can: to put a wrong row in front of the scheduler."""
    if connection.vendor == "postgresql":
        with databases.connect(databases.SUPERUSER) as superuser, superuser.transaction():
            superuser.execute("SET LOCAL session_replication_role = replica")
            yield lambda sql, values: superuser.execute(sql, values)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'posts'")
        triggers = cursor.fetchall()
        with transaction.atomic():
            for name, _sql in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
            yield lambda sql, values: cursor.execute(sql, values)
            for _name, sql in triggers:
                cursor.execute(sql)


@pytest.mark.parametrize("state", ["unapproved", "withdrawn", "new_wording_under_the_old_signature", "half_signed"])
def test_scheduler_refuses(state: str, author: Author) -> None:
    text = getattr(author, state)()
    with gate_open() as execute:
        execute(
            "UPDATE posts SET status = 'scheduled', published_revision_id = %s, scheduled_at = %s WHERE id = %s",
            [key(text.revision.pk), timezone.now() - timedelta(minutes=1), key(text.post.pk)],
        )

    publishing.publish_scheduled(tenant_id=AURORA)

    after = row(text.post)
    if state == "new_wording_under_the_old_signature":
        # The scheduler copies the signed revision over the row: what goes out is what was signed.
        assert (after["status"], after["content"]) == ("published", text.revision.content)
    else:
        assert after["status"] == "scheduled"
        with as_user(author.people["editor"]):
            assert not PublishedPage.objects.filter(post=text.post).exists()
    with gate_open() as execute:
        execute("UPDATE posts SET status = 'archived' WHERE id = %s", [key(text.post.pk)])


def test_scheduler_leaves_alone_what_was_withdrawn(author: Author) -> None:
    text = author.approved()
    due = timezone.now() + timedelta(minutes=1)
    with as_user(author.people["editor"]):
        publishing.publish_revision(text.post, actor=author.people["editor"], scheduled_at=due)
    with as_user(author.people["compliance_officer"]):
        review.withdraw(text.post, actor=author.people["compliance_officer"], reason="Dose errada no texto.")

    publishing.publish_scheduled(tenant_id=AURORA, now=due + timedelta(days=1))

    assert row(text.post)["status"] == "archived"


# --- Signatures cannot be made up ------------------------------------------------------------------------------------


def forged(text: Text, officer: User) -> Approval:
    return Approval(
        sequence=99, content_id=text.post.pk, revision_id=text.revision.pk, content_hash=text.revision.content_hash,
        action="sign", kind="medical", capacity="compliance", user_id=officer.pk, statement="Forjada, não assinada.",
    )  # fmt: skip


@postgresql_only
@pytest.mark.parametrize("verb", ["insert", "update", "delete"])
def test_application_cannot_write_approvals(verb: str, author: Author) -> None:
    text = author.approved()
    officer = author.people["compliance_officer"]

    with pytest.raises(DatabaseError, match="permission denied"), as_user(officer):
        if verb == "insert":
            forged(text, officer).save(force_insert=True)
        elif verb == "update":
            Approval.objects.filter(content_id=text.post.pk).update(content_hash="0" * 64)
        else:
            Approval.objects.filter(content_id=text.post.pk).delete()


@pytest.mark.parametrize("model", [Approval, PostRevision, AuditEntry])
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_what_is_append_only_stays(verb: str, model: Any, author: Author) -> None:
    author.approved()

    with as_user(author.people["editor"]):
        before = list(model.objects.order_by("pk").values_list("pk", flat=True))
    with pytest.raises(DatabaseError), as_user(author.people["editor"]):
        if verb == "update":
            model.objects.update(tenant_id=AURORA)
        else:
            model.objects.all()._raw_delete("default")
    with as_user(author.people["editor"]):
        assert set(before) <= set(model.objects.values_list("pk", flat=True))


@postgresql_only
@pytest.mark.parametrize("table", ["approvals", "post_revisions", "audit_trail", "audit_checkpoints"])
def test_append_only_binds_the_owner_and_even_a_superuser(
    table: str, author: Author, superuser: psycopg.Connection
) -> None:
    author.approved()
    if table == "audit_checkpoints":
        from tests.guards.rows import Builder

        Builder(superuser).key(table, AURORA)

    for statement in (f"UPDATE {table} SET tenant_id = tenant_id", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            superuser.execute(statement)


@postgresql_only
def test_partitions_are_not_truncated(superuser: psycopg.Connection) -> None:
    parts = superuser.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_trail'::regclass"
    )
    for (part,) in parts.fetchall():
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            superuser.execute(f"TRUNCATE {part}")


# What stands in `approvals` → does the approval stand? For a medical text that needs a professional, for one that does
# not, for a text that is not medical. Numbers are people.
SIGN, BACK = "sign", "withdraw"
PLANTED = {
    "nothing": ([], (False, False, False)),
    "officer": ([(SIGN, "medical", "compliance", 1)], (False, True, True)),
    "both": ([(SIGN, "medical", "compliance", 1), (SIGN, "medical", "professional", 2)], (True, True, True)),
    "professional first": ([(SIGN, "medical", "professional", 2), (SIGN, "medical", "compliance", 1)], (True,) * 3),
    "one person twice": (
        [(SIGN, "medical", "compliance", 1), (SIGN, "medical", "professional", 1)],
        (False, True, True),
    ),
    "professional alone": ([(SIGN, "medical", "professional", 2)], (False, False, False)),
    "declaration": ([(SIGN, "non_medical", "declaration", 3)], (False, False, True)),
    "declared by the wrong capacity": ([(SIGN, "non_medical", "compliance", 3)], (False, False, False)),
    "declaration called medical": ([(SIGN, "medical", "declaration", 3)], (False, False, False)),
    "professional called non-medical": (
        [(SIGN, "medical", "compliance", 1), (SIGN, "non_medical", "professional", 2)],
        (False, True, True),
    ),
    "withdrawn": ([(SIGN, "medical", "compliance", 1), (BACK, None, None, 1)], (False, False, False)),
    "declaration withdrawn": ([(SIGN, "non_medical", "declaration", 3), (BACK, None, None, 1)], (False,) * 3),
    "signed again": (
        [(SIGN, "medical", "compliance", 1), (BACK, None, None, 1), (SIGN, "medical", "compliance", 1)],
        (False, True, True),
    ),
    "professional's before the withdrawal": (
        [(SIGN, "medical", "professional", 2), (BACK, None, None, 1), (SIGN, "medical", "compliance", 1)],
        (False, True, True),
    ),
    "officer's before the withdrawal": (
        [(SIGN, "medical", "compliance", 1), (BACK, None, None, 1), (SIGN, "medical", "professional", 2)],
        (False, False, False),
    ),
    "a withdrawal that is called a signature": ([(BACK, "medical", "compliance", 1)], (False, False, False)),
}


@postgresql_only
@pytest.mark.parametrize("case", PLANTED)
def test_which_signatures_let_a_wording_pass(case: str, superuser: psycopg.Connection) -> None:
    """Planted past `sign()`, which would not write most of them: the gate does not rely on that."""
    signatures, stands = PLANTED[case]
    with superuser.transaction(force_rollback=True):
        superuser.execute("SET LOCAL session_replication_role = replica")
        post = uuid4()
        for number, (action, kind, capacity, who) in enumerate(signatures, 1):
            superuser.execute(
                "INSERT INTO approvals (id, tenant_id, sequence, content_id, content_hash, action, kind, capacity,"
                " user_id, statement, created_at) VALUES (%s, %s, %s, %s, 'h', %s, %s, %s, %s, 'x', now())",
                [uuid4(), AURORA, number, post, action, kind, capacity, UUID(int=who)],
            )

        def answer(medical: bool, professional: bool, hash_: str = "h") -> bool:
            sql = "SELECT approval_stands(%s, %s, %s, %s)"
            return superuser.execute(sql, [post, hash_, medical, professional]).fetchone()[0]

        assert (answer(True, True), answer(True, False), answer(False, False)) == stands
        assert not answer(False, False, "another wording")
        assert not superuser.execute("SELECT approval_stands(%s, 'h', false, false)", [uuid4()]).fetchone()[0]


@pytest.mark.parametrize("stage", ["approved", "S.4-1.1-3", "S.3.1", "nonsense", None])
def test_stages_cannot_be_jumped(stage: str | None, author: Author) -> None:
    post = author.factory.draft()
    with as_user(author.people["editor"]):
        run = WorkflowState.objects.get(content_id=post.pk)

    with pytest.raises(DatabaseError, match="HC002"), as_user(author.people["editor"]):
        WorkflowState.objects.filter(pk=run.pk).update(current_stage=stage)
    with pytest.raises(DatabaseError, match="HC002"), as_user(author.people["editor"]):
        WorkflowState(content_id=uuid4(), current_stage=stage).save(force_insert=True)


def test_approved_is_set_and_ended_by_signatures_alone(author: Author) -> None:
    waiting, done = author.unapproved().post, author.approved().post

    for post, stage in ((waiting, "approved"), (done, "S.1.1"), (done, "S.4-1.1-3")):
        with pytest.raises(DatabaseError, match="HC002"), as_user(author.people["compliance_officer"]):
            WorkflowState.objects.filter(content_id=post.pk).update(current_stage=stage)


def test_run_belongs_to_one_text(author: Author) -> None:
    one, two = author.unapproved().post, author.approved().post

    with pytest.raises(DatabaseError, match="HC002"), as_user(author.people["editor"]):
        WorkflowState.objects.filter(content_id=one.pk).update(content_id=two.pk)


def test_revision_is_filed_under_its_own_hash_and_its_savers_name(author: Author) -> None:
    """A forged revision is refused (SQLite) or put right (PostgreSQL); either way it does not carry what it claims."""
    text = author.approved()
    values = PostRevision.objects.none().model(**{
        field.attname: getattr(text.revision, field.attname) for field in PostRevision._meta.concrete_fields
    })  # fmt: skip
    values.pk, values.number, values.content = uuid4(), 77, "<p>Nunca assinado.</p>"
    values.saved_by_id = author.people["contributor"].pk

    try:
        with as_user(author.people["editor"]):
            values.save(force_insert=True)
            filed = PostRevision.objects.get(pk=values.pk)
            assert filed.content_hash != text.revision.content_hash
            assert filed.saved_by_id == author.people["editor"].pk
    except DatabaseError as error:
        assert "HC001" in str(error)


# --- Second connections ----------------------------------------------------------------------------------------------


@postgresql_only
@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_no_other_isolation_level(level: str, author: Author, app: psycopg.Connection) -> None:
    """Such a transaction would not see the withdrawal that was committed while it waited."""
    text = author.approved()
    live = author.factory.publish(author.approved().post)
    databases.set_context(app, tenant=AURORA, user=author.people["compliance_officer"].pk)

    for sql, values in (
        (
            "UPDATE posts SET status = 'published', published_revision_id = %s WHERE id = %s",
            (text.revision.pk, text.post.pk),
        ),
        ("UPDATE posts SET status = 'draft' WHERE id = %s", (live.pk,)),
        ("UPDATE published_pages SET etag = etag WHERE post_id = %s", (live.pk,)),
        ("DELETE FROM custom_fields WHERE post_id = %s", (text.post.pk,)),
        ("SELECT withdraw(%s, 'Dose errada no texto.')", (live.pk,)),
        ("SELECT withdraw(%s, 'Dose errada no texto.')", (text.post.pk,)),
        ("SELECT sign(%s, %s, 'medical', 'compliance', 'Li e aprovo.')", (text.post.pk, text.revision.pk)),
    ):
        with pytest.raises(psycopg.Error) as refused, app.transaction():
            app.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
            app.execute(sql, values)
        assert refused.value.sqlstate == "HC001", sql


sqlite_only = pytest.mark.sqlite


@pytest.fixture
def plain(db: str) -> Any:
    """Another program: Python's own sqlite3 on the same file, no function of ours registered."""
    second = sqlite3.connect(db, timeout=20)
    yield second
    second.close()


@sqlite_only
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE posts SET status = 'published', published_revision_id = :revision WHERE id = :post",
        "UPDATE OR IGNORE posts SET status = 'published', published_revision_id = :revision WHERE id = :post",
        "UPDATE OR REPLACE posts SET status = 'scheduled', published_revision_id = :revision WHERE id = :post",
        "INSERT INTO custom_fields (id, meta_key, post_id, tenant_id, inserted_at, updated_at)"
        " VALUES ('1', 'k', :post, :tenant, '2026-11-22', '2026-11-22')",
        "INSERT OR REPLACE INTO approvals SELECT * FROM approvals WHERE content_id = :post",
        "UPDATE approvals SET content_hash = 'x'",
        "DELETE FROM approvals",
        "DELETE FROM post_revisions",
        "UPDATE post_revisions SET content = 'x'",
        "UPDATE workflow_states SET current_stage = 'approved' WHERE content_id = :post",
        "UPDATE published_pages SET content = 'x'",
        "DELETE FROM audit_trail",
        "UPDATE audit_trail SET operation = 'x'",
    ],
)
def test_another_program_is_refused(statement: str, author: Author, plain: sqlite3.Connection) -> None:
    """The triggers name functions that its connection lacks: the gate fails closed, even for an approved text."""
    text = author.approved()
    values = {"post": text.post.pk.hex, "revision": text.revision.pk.hex, "tenant": AURORA.hex}
    before = row(text.post)

    with pytest.raises(sqlite3.Error), plain:
        plain.execute(statement, values)

    assert row(text.post) == before


@sqlite_only
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE OR IGNORE posts SET status = 'published', published_revision_id = %(revision)s WHERE id = %(post)s",
        "UPDATE OR REPLACE posts SET status = 'published', published_revision_id = %(revision)s WHERE id = %(post)s",
        "INSERT OR REPLACE INTO post_revisions SELECT * FROM post_revisions WHERE post_id = %(post)s",
        "INSERT OR REPLACE INTO approvals SELECT * FROM approvals",
        "INSERT OR REPLACE INTO audit_trail SELECT * FROM audit_trail LIMIT 5",
    ],
)
def test_conflict_clauses_are_no_way_around(statement: str, author: Author) -> None:
    text = author.unapproved()
    before = row(text.post)

    with pytest.raises(DatabaseError), as_user(author.people["editor"]), connection.cursor() as cursor:
        cursor.execute(statement, {"post": text.post.pk.hex, "revision": text.revision.pk.hex})

    assert row(text.post) == before


@sqlite_only
def test_replacing_a_field_does_not_take_it_from_a_live_text(author: Author) -> None:
    """INSERT OR REPLACE deletes the row in its way; without recursive triggers nobody would notice."""
    live, draft = author.factory.publish(author.approved().post), author.factory.draft()
    with as_user(author.people["editor"]):
        field = CustomField.objects.filter(post=live).first()

    with pytest.raises(DatabaseError, match="HC001"), as_user(author.people["editor"]), connection.cursor() as cursor:
        cursor.execute(
            "INSERT OR REPLACE INTO custom_fields (id, meta_key, post_id, tenant_id, inserted_at, updated_at)"
            " VALUES (%s, 'k', %s, %s, '2026-11-22', '2026-11-22')",
            [field.pk.hex, draft.pk.hex, AURORA.hex],
        )


def test_without_a_context_nothing_can_be_published(author: Author) -> None:
    text = author.approved()

    with no_context(), connection.cursor() as cursor:
        try:
            cursor.execute("UPDATE posts SET status = 'published' WHERE id = %s", [key(text.post.pk)])
            assert cursor.rowcount == 0
        except DatabaseError:
            pass

    assert row(text.post)["status"] == "pending"
