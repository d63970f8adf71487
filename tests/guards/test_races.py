"""Two connections at once. Whatever the order, nothing is live that is not signed, and no page outlives its post."""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from compliance.errors import Refused
from compliance.models import Approval
from content.models import CustomField, Post, PostCategory, PublishedPage
from content.services import publishing, review
from tests.cast import tenant_id
from tests.conftest import PostFactory
from tests.guards import databases
from tests.guards.test_doors import Author, as_user

AURORA = tenant_id("aurora")
ROUNDS = int(os.environ.get("GUARD_ROUNDS", "15"))


@pytest.fixture
def author(post_factory: PostFactory) -> Author:
    return Author(post_factory)


def together(*acts: Callable[[], Any]) -> list[str]:
    """Run the acts in threads of their own, started at once but for a random moment; how each ended."""
    ended: list[str] = [""] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            time.sleep(random.random() * 0.012)
            act()
            ended[number] = "done"
        except (DatabaseError, Refused, psycopg.Error) as error:
            ended[number] = f"refused: {error}"
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def publish(author: Author, post: Post) -> Callable[[], Any]:
    editor = author.people["editor"]

    def act() -> None:
        with as_user(editor):
            publishing.publish_revision(Post.objects.get(pk=post.pk), actor=editor)

    return act


def raw_publish(author: Author, post: Post, revision: UUID) -> Callable[[], Any]:
    def act() -> None:
        with as_user(author.people["editor"]):
            if not Post.objects.filter(pk=post.pk).update(status="published", published_revision_id=revision):
                raise Refused("not_found")
            time.sleep(random.random() * 0.01)

    return act


def withdraw(author: Author, post: Post) -> Callable[[], Any]:
    officer = author.people["compliance_officer"]

    def act() -> None:
        with as_user(officer):
            review.withdraw(Post.objects.get(pk=post.pk), actor=officer, reason="Dose errada no texto.")
            time.sleep(random.random() * 0.01)

    return act


@pytest.mark.parametrize("door", ["service", "raw"])
def test_never_published_after_withdrawal(door: str, author: Author) -> None:
    texts = [author.approved() for _ in range(ROUNDS)]
    seen: Counter[str] = Counter()

    for text in texts:
        publishing_act = (
            publish(author, text.post) if door == "service" else raw_publish(author, text.post, text.revision.pk)
        )
        ended = together(publishing_act, withdraw(author, text.post))
        assert ended[1] == "done"
        seen[ended[0][:7]] += 1
        with as_user(author.people["editor"]):
            assert Post.objects.get(pk=text.post.pk).status not in ("published", "scheduled")
            assert not PublishedPage.objects.filter(post=text.post).exists()

    print(f"publish first: {seen['done']}, withdraw first: {seen['refused']}")


def test_scheduler_and_withdrawal(author: Author) -> None:
    soon = timezone.now() + timedelta(minutes=5)
    for _ in range(ROUNDS // 2):
        text = author.approved()
        with as_user(author.people["editor"]):
            publishing.publish_revision(text.post, actor=author.people["editor"], scheduled_at=soon)

        due = soon + timedelta(hours=1)
        together(
            lambda: publishing.publish_scheduled(tenant_id=AURORA, now=due),  # noqa: B023
            lambda: publishing.publish_scheduled(tenant_id=AURORA, now=due),  # noqa: B023
            withdraw(author, text.post),
        )

        with as_user(author.people["editor"]):
            assert Post.objects.get(pk=text.post.pk).status == "archived"
            assert not PublishedPage.objects.filter(post=text.post).exists()


@pytest.mark.parametrize("change", ["field", "term"])
def test_nothing_slips_in_while_publishing(change: str, author: Author) -> None:
    seen: Counter[str] = Counter()
    for _ in range(ROUNDS):
        text = author.approved()
        free = author.category() if change == "term" else None

        def slip_in() -> None:
            with as_user(author.people["author"]):
                if change == "field":
                    CustomField(post_id=text.post.pk, meta_key=uuid4().hex, meta_value="x").save(  # noqa: B023
                        force_insert=True
                    )
                else:
                    PostCategory(post_id=text.post.pk, category=free).save(force_insert=True)  # noqa: B023
                time.sleep(random.random() * 0.01)

        ended = together(raw_publish(author, text.post, text.revision.pk), slip_in)

        seen[" / ".join(end[:7] for end in ended)] += 1
        # One of them won; both at once would be a live text with something nobody signed.
        assert [end == "done" for end in ended].count(True) == 1, ended
        with as_user(author.people["editor"]):
            post = Post.objects.get(pk=text.post.pk)
            assert (post.status == "published") == (ended[0] == "done")
    print(dict(seen))


def test_page_written_while_unpublishing_goes_too(author: Author) -> None:
    for _ in range(ROUNDS):
        post = author.factory.publish(author.approved().post)
        with as_user(author.people["editor"]):
            live = Post.objects.get(pk=post.pk)
            PublishedPage.objects.filter(post=live).delete()

        def rewrite() -> None:
            with as_user(author.people["editor"]):
                publishing.rebuild_page(live)  # noqa: B023
                time.sleep(random.random() * 0.01)

        def unpublish() -> None:
            with as_user(author.people["editor"]):
                Post.objects.filter(pk=post.pk).update(status="draft")  # noqa: B023
                time.sleep(random.random() * 0.01)

        together(rewrite, unpublish)

        with as_user(author.people["editor"]):
            assert Post.objects.get(pk=post.pk).status == "draft"
            assert not PublishedPage.objects.filter(post=post).exists()


def test_two_signatures_at_once_are_two_signatures(author: Author) -> None:
    officer, professional = author.people["compliance_officer"], author.people["medical_reviewer"]

    def sign(post: Post, actor: Any, capacity: str) -> Callable[[], Any]:
        def act() -> None:
            with as_user(actor):
                review.sign(Post.objects.get(pk=post.pk), actor=actor, capacity=capacity, statement="Li e aprovo.")

        return act

    for _ in range(ROUNDS // 2):
        post = author.factory.in_final()
        ended = together(sign(post, officer, "compliance"), sign(post, professional, "professional"))

        assert ended == ["done", "done"]
        with as_user(officer):
            assert sorted(Approval.objects.filter(content_id=post.pk).values_list("sequence", flat=True)) == [1, 2]
            assert review.latest_run(post).current_stage == "approved"


# --- The same, move by move ------------------------------------------------------------------------------------------


@pytest.mark.postgresql
def test_publishing_waits_for_a_withdrawal_and_is_refused(author: Author) -> None:
    """The withdrawal is not committed yet when the other connection asks."""
    text = author.approved()
    with databases.connect() as one, databases.connect() as two:
        databases.set_context(one, tenant=AURORA, user=author.people["compliance_officer"].pk)
        databases.set_context(two, tenant=AURORA, user=author.people["editor"].pk)
        one.autocommit = False
        one.execute("SELECT withdraw(%s, 'Dose errada no texto.')", [text.post.pk])
        outcome: list[str] = []

        def ask() -> None:
            try:
                two.execute(
                    "UPDATE posts SET status = 'published', published_revision_id = %s WHERE id = %s",
                    [text.revision.pk, text.post.pk],
                )
                outcome.append("published")
            except psycopg.Error as error:
                outcome.append(error.sqlstate or "")

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive(), "did not wait"
        one.commit()
        thread.join()

    assert outcome == ["HC001"]


@pytest.mark.postgresql
def test_publishing_locks_the_run_like_signing_does(author: Author) -> None:
    """Somebody who holds only the text's run (a withdrawal from before) makes publishing wait."""
    text = author.approved()
    with databases.connect() as one, databases.connect() as two:
        for other in (one, two):
            databases.set_context(other, tenant=AURORA, user=author.people["editor"].pk)
        one.autocommit = False
        one.execute("SELECT FROM workflow_states WHERE content_id = %s FOR UPDATE", [text.post.pk])
        with pytest.raises(psycopg.errors.LockNotAvailable), two.transaction():
            two.execute("SET LOCAL lock_timeout = '200ms'")
            two.execute(
                "UPDATE posts SET status = 'published', published_revision_id = %s WHERE id = %s",
                [text.revision.pk, text.post.pk],
            )
        one.rollback()
