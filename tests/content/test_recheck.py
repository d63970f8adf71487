"""Checks in the background: all live texts when the rules change, one text after a save in review."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import services
from accounts.models import User
from accounts.tenancy.context import SYSTEM_UUID, tenant_context, worker_context
from compliance import attention, jobs
from compliance.enums import CheckResult, JobKind, JobStatus
from compliance.errors import Refused
from compliance.models import AttentionItem, AuditEntry, JobRun, RecheckOutcome, WorkflowState
from content.management.commands import db_worker
from content.models import Post
from content.services import publishing, recheck, revisions
from tests.compliance.test_jobs import a_worker
from tests.conftest import PostFactory
from tests.content.test_editor import _form as editor_form

ADDRESS = "/admin/compliance/recheck/"
OWN_WORD = "<h2>Opções</h2><p>Compre semaluvida na clínica.</p>"
FINE = "<h2>O que é</h2><p>Pressão alta é uma condição comum.</p>"
As = Callable[[User], Any]


@pytest.fixture(autouse=True)
def _inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker runs in the test's own transaction, and nothing starts by itself unless the test says so."""
    monkeypatch.setattr(db_worker, "close_old_connections", lambda: None)
    monkeypatch.setattr(db_worker, "housekeeping", lambda: None)


@pytest.fixture
def officer(cast: dict[str, User]) -> User:
    return cast["compliance_officer"]


@pytest.fixture
def admin(cast: dict[str, User]) -> User:
    return cast["administrator"]


def work() -> None:
    a_worker().run()


def new_rules(admin: User, act_as: As) -> None:
    """What a new pack does, within the tenant's own right: a word that no rule knew yet."""
    with act_as(admin):
        services.save_settings(actor=admin, extra_words={"prescription": ["semaluvida"]})


def started(officer: User, act_as: As) -> JobRun:
    with act_as(officer):
        return recheck.start(actor=officer)


def system(user: User) -> Any:
    return tenant_context(user.tenant_id, actor=SYSTEM_UUID)


def test_texts_that_fail_the_new_rules_are_named(
    post_factory: PostFactory, other_post_factory: PostFactory, officer: User, admin: User, act_as: As
) -> None:
    bad, good = post_factory.published(content=OWN_WORD), post_factory.published(content=FINE)
    draft, theirs = post_factory.draft(content=OWN_WORD), other_post_factory.published(content=OWN_WORD)
    with system(officer):
        signed = WorkflowState.objects.get(content_id=bad.pk)
    new_rules(admin, act_as)
    run = started(officer, act_as)

    work()

    with system(officer):
        outcomes = {each.content_id: each for each in RecheckOutcome.objects.all()}
        assert set(outcomes) == {bad.pk, good.pk}
        assert (outcomes[bad.pk].result, outcomes[bad.pk].codes) == (CheckResult.FAILED, ["ANV-RX"])
        assert (outcomes[good.pk].result, outcomes[good.pk].codes) == (CheckResult.PASSED, [])
        assert outcomes[bad.pk].versions == recheck.versions()
        done = JobRun.objects.get(pk=run.pk)
        assert (done.status, done.total, done.done, done.failing) == (JobStatus.DONE, 2, 2, 1)
        (item,) = AttentionItem.objects.all()
        assert (item.kind, item.content_id) == ("recheck", bad.pk)
        assert item.details["codes"] == ["ANV-RX"]
        # The signed run stays what it was, and the text stays where it was.
        now = WorkflowState.objects.get(pk=signed.pk)
        assert (now.compliance_validations, now.updated_at) == (signed.compliance_validations, signed.updated_at)
        assert Post.objects.get(pk=bad.pk).status == "published"
        assert not RecheckOutcome.objects.filter(content_id=draft.pk).exists()
    with tenant_context(theirs.tenant_id, actor=SYSTEM_UUID):
        assert not RecheckOutcome.objects.exists()


def test_running_twice_changes_nothing(post_factory: PostFactory, officer: User, admin: User, act_as: As) -> None:
    bad = post_factory.published(content=OWN_WORD)
    new_rules(admin, act_as)
    for _ in range(2):
        started(officer, act_as)
        work()

    with system(officer):
        assert [each.content_id for each in RecheckOutcome.objects.all()] == [bad.pk]
        assert attention.open_items().count() == 1


def test_a_killed_recheck_goes_on_where_it_stopped(
    post_factory: PostFactory, officer: User, act_as: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = [post_factory.published() for _ in range(3)]
    run = started(officer, act_as)
    read: list[Any] = []
    real = recheck.analyze_revision

    def killed_at_the_third(revision: Any) -> Any:
        read.append(revision.post_id)
        if len(read) == 3:
            raise RuntimeError("power cut")
        return real(revision)

    monkeypatch.setattr(recheck, "analyze_revision", killed_at_the_third)
    monkeypatch.setattr(recheck, "BATCH", 1)
    work()
    with worker_context(atomic=True):
        DBTaskResult.objects.update(run_after=timezone.now() - timedelta(seconds=1))
    work()

    assert sorted(read[:3]) == sorted(post.pk for post in posts)
    assert read[3:] == [read[2]]
    with system(officer):
        fresh = JobRun.objects.get(pk=run.pk)
        assert (fresh.status, fresh.done, fresh.attempts) == (JobStatus.DONE, 3, 2)


def test_an_engine_that_breaks_is_no_pass(
    post_factory: PostFactory, officer: User, act_as: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_factory.published()
    started(officer, act_as)

    def broken(document: Any) -> Any:
        raise ValueError("Maria Aparecida")

    monkeypatch.setattr("content.services.assessment.analyze", broken)
    work()

    with system(officer):
        (outcome,) = RecheckOutcome.objects.all()
        assert (outcome.result, outcome.codes) == (CheckResult.ERROR, ["engine_error"])


def test_a_text_that_left_the_site_leaves_the_list(
    post_factory: PostFactory, officer: User, admin: User, act_as: As, cast: dict[str, User]
) -> None:
    bad = post_factory.published(content=OWN_WORD)
    new_rules(admin, act_as)
    started(officer, act_as)
    work()
    with act_as(cast["editor"]):
        publishing.unpublish(bad, actor=cast["editor"])
    started(officer, act_as)
    work()

    with system(officer):
        assert not RecheckOutcome.objects.exists()


# --- By itself -------------------------------------------------------------------------------------------------------


def test_changed_rules_start_it_and_unchanged_ones_do_not(
    post_factory: PostFactory, officer: User, admin: User, act_as: As
) -> None:
    with system(officer):
        assert not recheck.is_due()  # nothing is live
    post_factory.published(content=OWN_WORD)

    assert recheck.start_where_due() == 1  # never checked yet
    assert recheck.start_where_due() == 0  # it waits already
    work()
    assert recheck.start_where_due() == 0
    new_rules(admin, act_as)
    assert recheck.start_where_due() == 1
    work()

    with system(officer):
        assert [run.failing for run in JobRun.objects.order_by("created_at")] == [0, 1]
        assert {run.started_by_id for run in JobRun.objects.all()} == {SYSTEM_UUID}


def test_a_new_version_of_the_engine_starts_it(
    post_factory: PostFactory, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_factory.published()
    recheck.start_where_due()
    work()

    monkeypatch.setattr(recheck, "engine_versions", lambda: {"phi": "9", "claims": "1", "rules": "2099.01"})
    assert recheck.start_where_due() == 1


def test_what_gave_up_is_not_tried_again_by_itself(post_factory: PostFactory, officer: User) -> None:
    post_factory.published()
    recheck.start_where_due()
    with system(officer):
        JobRun.objects.update(status=JobStatus.DEAD)

    assert recheck.start_where_due() == 0


# --- The page --------------------------------------------------------------------------------------------------------


def english(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_officer_starts_it_and_reads_the_result(
    post_factory: PostFactory, officer: User, admin: User, act_as: As, client_for: Callable[..., Client]
) -> None:
    bad = post_factory.published(title="Um texto com problema", content=OWN_WORD)
    new_rules(admin, act_as)
    client = english(client_for(officer))
    assert "have not been checked again yet" in client.get(ADDRESS).content.decode()

    response = client.post(ADDRESS)
    assert (response.status_code, response["Location"]) == (302, ADDRESS)
    waiting = client.get(ADDRESS).content.decode()
    assert "0 of 0 texts checked" in waiting
    assert "Check all live texts now" not in waiting
    assert "running already" in english(client).post(ADDRESS, follow=True).content.decode()
    work()

    page = client.get(ADDRESS).content.decode()
    assert "1 of 1 texts checked, 1 failing" in page
    assert "ANV-RX" in page
    assert "Um texto com problema" in page
    assert f"/admin/compliance/{bad.pk}/" in page
    with system(officer):
        entry = AuditEntry.objects.filter(resource_type="job").get()
    assert entry.metadata["act"] == "recheck"


@pytest.mark.parametrize("role", ["author", "contributor", "editor", "medical_reviewer", "administrator", "dpo"])
def test_nobody_else_starts_it(
    role: str, cast: dict[str, User], client_for: Callable[..., Client], act_as: As
) -> None:
    assert client_for(cast[role]).post(ADDRESS).status_code == 403
    with act_as(cast[role]), pytest.raises(Refused) as refused:
        recheck.start(actor=cast[role])
    assert refused.value.code == "role"
    with act_as(cast[role]):
        assert not JobRun.objects.exists()


def test_administrators_see_what_gave_up(
    post_factory: PostFactory, admin: User, officer: User, client_for: Callable[..., Client], act_as: As
) -> None:
    started(officer, act_as)
    with system(officer):
        JobRun.objects.update(status=JobStatus.DEAD, error="WorkerDied", attempts=3)

    page = english(client_for(admin)).get("/admin/settings/jobs/").content.decode()
    assert re.search(r"Gave up</span> <code>WorkerDied", page)
    assert client_for(officer).get("/admin/settings/jobs/").status_code == 403
    assert "gave up after three attempts (WorkerDied)" in english(client_for(officer)).get(ADDRESS).content.decode()


# --- One text in review ----------------------------------------------------------------------------------------------


def test_a_save_in_review_is_checked_later(post_factory: PostFactory, cast: dict[str, User], act_as: As) -> None:
    post, editor = post_factory.submitted(), cast["editor"]
    with act_as(editor):
        assert recheck.assess_later(post) is None  # the checks are about this wording
        revisions.save_revision(post, actor=editor, changes={"content": "<p>CPF do paciente: 529.982.247-25.</p>"})
        run = recheck.assess_later(post)
        assert run is not None
        assert recheck.assess_later(post) is None  # one waits already
    work()

    with system(editor):
        state = WorkflowState.objects.get(content_id=post.pk)
        assert state.compliance_validations["lgpd_check"] == "failed"
        assert state.compliance_validations["content_hash"] == state.content_hash
        assert JobRun.objects.get(pk=run.pk).status == JobStatus.DONE


def test_drafts_wait_for_their_submission(post_factory: PostFactory, cast: dict[str, User], act_as: As) -> None:
    post = post_factory.draft()
    with act_as(cast["author"]):
        assert recheck.assess_later(post) is None


def test_a_text_that_went_back_to_its_author_needs_no_check(
    post_factory: PostFactory, cast: dict[str, User], act_as: As
) -> None:
    post, editor = post_factory.submitted(), cast["editor"]
    with act_as(editor):
        revisions.save_revision(post, actor=editor, changes={"title": "Outro título"})
        recheck.assess_later(post)
    with system(editor):
        publishing.trash(post, actor=editor)
    work()

    with system(editor):
        assert jobs.newest(JobKind.ASSESS).status == JobStatus.DONE


def test_editors_save_queues_the_check(
    post_factory: PostFactory, cast: dict[str, User], client_for: Callable[..., Client], act_as: As
) -> None:
    post, editor = post_factory.submitted(), cast["editor"]
    client = client_for(editor)
    address = f"/admin/content/post/{post.pk}/change/"
    response = client.post(address, editor_form(client, address, title="Um título melhor"))

    assert response.status_code == 302, response.content.decode()[:2000]
    with system(editor):
        assert jobs.newest(JobKind.ASSESS).subject_id == post.pk
