from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance.errors import Refused
from content.enums import PostStatus
from content.models import Category, PublishedPage
from content.services import publishing, review, revisions


def test_publish_refuses_unapproved_post(post_factory, cast, act_as):
    post = post_factory.in_final()

    with act_as(cast["editor"]), pytest.raises(Refused) as refused:
        publishing.publish_revision(post, actor=cast["editor"])

    assert refused.value.code == "HC001"
    with act_as(cast["editor"]):
        post.refresh_from_db()
        assert post.status == PostStatus.PENDING
        assert not PublishedPage.objects.exists()


def test_publish_writes_the_page(post_factory, cast, act_as):
    post = post_factory.published()

    with act_as(cast["editor"]):
        page = PublishedPage.objects.get(post=post)
        assert (page.title, page.content) == (post.title, post.content)
        assert [reviewer["capacity"] for reviewer in page.details["reviewers"]] == ["compliance", "professional"]
        assert page.details["toc"] == [{"id": "o-que-e", "text": "O que é"}]


def test_working_copy_leaves_the_live_text_alone_until_approved(post_factory, cast, act_as):
    post = post_factory.published()

    with act_as(cast["author"]):
        revisions.save_revision(post, actor=cast["author"], changes={"title": "Título novo"})
        assert PublishedPage.objects.get(post=post).title == "Hipertensão arterial"
    with act_as(cast["editor"]), pytest.raises(Refused):
        publishing.publish_revision(post, actor=cast["editor"])
    post_factory.submit(post)
    post_factory.publish(post_factory.approve(post_factory.to_final(post)))

    with act_as(cast["editor"]):
        assert PublishedPage.objects.get(post=post).title == "Título novo"


def test_withdraw_takes_the_text_off_the_site(post_factory, cast, act_as):
    post = post_factory.published()

    with act_as(cast["compliance_officer"]):
        review.withdraw(post, actor=cast["compliance_officer"], reason="Dose errada no texto.")
        assert post.status == PostStatus.ARCHIVED
        assert not PublishedPage.objects.exists()
    with act_as(cast["editor"]), pytest.raises(Refused) as refused:
        publishing.publish_revision(post, actor=cast["editor"])
    assert refused.value.code == "HC001"


def test_category_counts_follow_publication(post_factory, cast, act_as):
    with act_as(cast["editor"]):
        category = Category(name="Coração", slug="coracao")
        category.save(force_insert=True)
    post = post_factory.published(category_id=category.pk)

    with act_as(cast["editor"]):
        category.refresh_from_db()
        assert category.count == 1
        publishing.unpublish(post, actor=cast["editor"])
        category.refresh_from_db()
        assert category.count == 0


def test_scheduler_publishes_what_is_due_once(post_factory, cast, act_as, aurora):
    post = post_factory.approved()
    soon = timezone.now() + timedelta(minutes=5)
    post_factory.publish(post, scheduled_at=soon)

    with tenant_context(aurora, actor=SYSTEM_UUID):
        assert not PublishedPage.objects.exists()
    assert publishing.publish_scheduled(now=soon - timedelta(seconds=1)) == 0
    assert publishing.publish_scheduled(now=soon + timedelta(days=3)) == 1
    assert publishing.publish_scheduled(now=soon + timedelta(days=3)) == 0

    with act_as(cast["editor"]):
        assert PublishedPage.objects.get().post_id == post.pk


def test_trash_frees_the_permalink_and_restore_brings_it_back(post_factory, cast, act_as):
    post = post_factory.draft(slug="pressao")

    with act_as(cast["editor"]):
        publishing.trash(post, actor=cast["editor"])
        assert post.slug.startswith("pressao__trashed-")
        publishing.restore(post, actor=cast["editor"])
        assert post.slug == "pressao"


def test_a_permalink_taken_since_the_approval_is_refused(post_factory, cast, act_as):
    post = post_factory.approved(title="Asma")
    with act_as(cast["editor"]):
        publishing.trash(post, actor=cast["editor"])
    post_factory.draft(title="Asma")

    with act_as(cast["editor"]):
        publishing.restore(post, actor=cast["editor"])
        with pytest.raises(Refused) as refused:
            publishing.publish_revision(post, actor=cast["editor"])
        post.refresh_from_db()

    assert refused.value.code == "slug_taken"
    assert post.status == "draft"
