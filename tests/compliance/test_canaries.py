"""What the engine finds about a person stays in the text: no table, log, mail or job keeps it anywhere else.

A case report with unmistakable values goes through everything that reads it: saving, checking, review, findings,
claims, signatures, publication, re-checks, a failing engine and reminders. Then every table is searched.
"""

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import services
from accounts.models import User
from accounts.tenancy.context import SYSTEM_UUID, tenant_context, worker_context
from compliance import checks
from compliance.errors import Refused
from compliance.models import AttentionItem, JobRun, WorkflowState
from content.management.commands import db_worker
from content.models import Post
from content.services import assignments, claims, findings, notes, recheck, reminders, review, revisions
from tests.cast import PASSWORD
from tests.compliance.test_jobs import a_worker
from tests.content.test_editor import _form as editor_form

# Small letters and digits only: what is searched is brought into the same form.
CANARIES = {
    "name": "quaresmina",
    "first name": "zenobia",
    "cpf": "52998224725",
    "e-mail": "zq.1971",
    "record": "7731904",
    "phone": "987654321",
    "street": "jacarandas roxos",
    "birth date": "03/02/1971",
}
TITLE = "Relato de caso: paciente Zenobia Quaresmina"
CONTENT = """
<h2>Apresentação</h2>
<p>A paciente Zenobia Quaresmina Trindade, CPF 529.982.247-25, nascida em 03/02/1971, prontuário nº 7731904, mora na
Rua dos Jacarandás Roxos, 88. Contato: (11) 98765-4321, zq.1971@correio.example.</p>
<p>Na paciente Zenobia Quaresmina a losartana reduz a mortalidade por infarto em 30%.</p>
<figure><img src="/media/zenobia-quaresmina-rx.png" alt="Paciente Zenobia Quaresmina em 03/02/1971"></figure>
"""
FIELDS = {"case": "Prontuário nº 7731904 da paciente Zenobia Quaresmina, CPF 529.982.247-25."}
REFERENCE = "PMID:12345678"
REASON = "Consentimento conferido no arquivo da clínica."
# The text itself, and what readers or its writers see of it. Nothing else may hold a word of it.
THE_TEXT = {
    "posts",
    "post_revisions",
    "published_pages",
    "custom_fields",
    # Search on SQLite: the words of published pages.
    "search_index",
    "search_index_data",
    "search_index_content",
    "search_index_docsize",
    "search_index_idx",
    "search_index_config",
}
As = Callable[[User], Any]


@pytest.fixture(autouse=True)
def _inline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db_worker, "close_old_connections", lambda: None)
    monkeypatch.setattr(db_worker, "housekeeping", lambda: None)


def canaries_in(text: str) -> set[str]:
    """Which values occur, however they are written: capitals, accents, dots and dashes do not hide them."""
    small = text.lower().replace("á", "a").replace("\\u00e1", "a").replace("\\/", "/")
    digits = re.sub(r"(?<=\d)[.\-/\s]+(?=\d)", "", small)
    return {name for name, value in CANARIES.items() if value in small or value in digits}


def tables() -> list[str]:
    names = connection.introspection.table_names()
    return [name for name in names if name not in THE_TEXT]


def rows_of(table: str) -> str:
    """Everything in the table that the serving role can see."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT has_table_privilege(%s, 'SELECT')", [f'"{table}"'])
            if not cursor.fetchone()[0]:
                return ""
        cursor.execute(f'SELECT * FROM "{table}"')
        return "\n".join(map(repr, cursor.fetchall()))


def sign_by_form(client: Client, user: User, post: Post, revision: Any, meaning: str) -> int:
    device = TOTPDevice.objects.get(user=user)
    device.last_t = -1  # the same half minute serves two signatures
    device.save()
    code = f"{totp(device.bin_key, step=device.step, t0=device.t0, digits=device.digits):06}"
    data = {"revision": revision, "meaning": meaning, "note": "", "password": PASSWORD, "code": code}
    return client.post(reverse("admin:review_sign", args=[post.pk]), data).status_code


class Walk:
    """The text's way through the product, as its people."""

    def __init__(self, cast: dict[str, User], client_for: Callable[..., Client], act_as: As) -> None:
        self.cast, self.act_as = cast, act_as
        self.clients = {role: client_for(user) for role, user in cast.items()}

    def write(self) -> Post:
        """Checked while it was written, saved, saved again, submitted: all by the editor's form."""
        author = self.clients["author"]
        form = editor_form(author, "/admin/content/post/add/", title=TITLE, content=CONTENT, compliance_level="public")
        form |= {"excerpt": "Zenobia Quaresmina melhorou.", "meta_description": "Caso de Zenobia Quaresmina."}
        form |= {"medical_disclaimer": "Conteúdo informativo que não substitui a consulta com um profissional."}
        author.post(reverse("admin:content_post_analyze_new"), form, headers={"accept": "application/json"})
        response = author.post("/admin/content/post/add/", form)
        assert response.status_code == 302, response.content.decode()[:3000]
        with self.system():
            post = Post.objects.get(title=TITLE)
        with self.act_as(self.cast["author"]):
            revisions.save_revision(
                post,
                actor=self.cast["author"],
                changes={"custom_fields": FIELDS, "scientific_references": [REFERENCE]},
            )
        return post

    def system(self) -> Any:
        return tenant_context(self.cast["author"].tenant_id, actor=SYSTEM_UUID)

    def post(self, role: str, act: str, post: Post, /, **data: Any) -> int:
        status = self.clients[role].post(reverse(f"admin:review_{act}", args=[post.pk]), data).status_code
        assert status < 500
        return status

    def run(self, post: Post) -> WorkflowState:
        with self.system():
            return review.latest_run(post)

    def close_everything(self, post: Post) -> None:
        """The officer closes finding by finding, the first one by form; a waiver is asked for and confirmed."""
        officer = self.cast["compliance_officer"]
        for number, finding in enumerate(checks.open_findings(self.run(post).compliance_validations)):
            if number == 0:
                data = {"finding": finding["id"], "act": "close", "status": "false_positive", "reason": REASON}
                assert self.post("compliance_officer", "finding", post, **data) == 302
                continue
            with self.act_as(officer):
                status = "waived" if number == 1 else "false_positive"
                try:
                    findings.close(post, finding["id"], actor=officer, status=status, reason=REASON)
                except Refused as refused:  # closed with another one
                    assert refused.code == "finding_status"
        for finding in checks.open_findings(self.run(post).compliance_validations):
            with self.act_as(self.cast["dpo"]):
                findings.confirm_waiver(post, finding["id"], actor=self.cast["dpo"])

    def decide_claims(self, post: Post) -> None:
        reviewer = self.cast["medical_reviewer"]
        for key in self.run(post).medical_claims:
            with self.act_as(reviewer):
                claims.link(post, key, actor=reviewer, references=[REFERENCE])
                claims.decide(post, key, actor=reviewer, status="validated", evidence_level="2")

    def advance(self, post: Post, role: str) -> None:
        with self.system():
            revision = revisions.newest_revision(post).pk
        assert self.post(role, "advance", post, revision=revision, confirmed="on", note="") == 302


@pytest.fixture
def walk(cast: dict[str, User], client_for: Callable[..., Client], act_as: As) -> Iterator[Walk]:
    yield Walk(cast, client_for, act_as)


def test_identifiers_stay_in_the_text(
    walk: Walk,
    cast: dict[str, User],
    act_as: As,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    officer, administrator = cast["compliance_officer"], cast["administrator"]
    post = walk.write()
    assert walk.post("author", "submit", post) == 302
    assert walk.run(post).lgpd_score == 0, "nothing was found that could leak"
    assert walk.run(post).medical_claims

    # A colleague is asked about a passage.
    editor = cast["editor"]
    with django_capture_on_commit_callbacks(execute=True), act_as(editor):
        assignments.claim(post, actor=editor)
        words = f"@{cast['medical_reviewer'].email} confira este trecho, por favor."
        notes.add(post, actor=editor, text=words, field="content", start=60, end=160)
    assert [message.to for message in mail.outbox] == [[cast["medical_reviewer"].email]]
    # Refusals: too early, by the wrong person, with findings open.
    walk.post("author", "sign", post, revision=post.pk)
    walk.post("compliance_officer", "sign", post, revision=post.pk, meaning="approval", password="x", code="1")
    walk.post("editor", "advance", post, revision=revisions_newest(walk, post), confirmed="on")
    walk.post("editor", "finding", post, finding="phi-cpf-00000000", act="close", status="waived", reason=REASON)
    # Back to the author, submitted again, checked again by hand and by a job.
    assert (
        walk.post("editor", "send_back", post, to_stage="S.1.1", reason="Retire os dados da pessoa, por favor.") == 302
    )
    assert walk.post("author", "submit", post) == 302
    assert walk.post("editor", "checks", post) == 302
    with act_as(cast["editor"]):
        revisions.save_revision(post, actor=cast["editor"], changes={"excerpt": "Zenobia Quaresmina voltou."})
        recheck.assess_later(post)
    a_worker().run()
    # An engine that breaks, with a message that quotes the text.
    with monkeypatch.context() as broken:
        broken.setattr("content.services.assessment.analyze", fails)
        walk.post("editor", "checks", post)
    walk.post("editor", "checks", post)

    walk.close_everything(post)
    walk.advance(post, "compliance_officer")
    walk.decide_claims(post)
    walk.advance(post, "medical_reviewer")
    walk.close_everything(post)
    revision = revisions_newest(walk, post)
    for role, meaning in (("medical_reviewer", "review"), ("compliance_officer", "approval")):
        with walk.system():
            status = sign_by_form(walk.clients[role], cast[role], post, revision, meaning)
        assert status == 302, role
    walk.clients["author"].post(reverse("admin:content_post_bulk"), {"action": "publish", "ids": [str(post.pk)]})
    with walk.system():
        live = Post.objects.get(pk=post.pk)
    assert live.status == "published"
    assert walk.clients["editor"].get(f"/{live.slug}/").status_code == 200

    # Everything that comes after publication: a stricter engine, a broken one, a job that fails, reminders.
    with act_as(administrator):
        services.save_settings(actor=administrator, extra_words={"prescription": ["losartana"]})
    for engine in (None, fails):
        with monkeypatch.context() as broken:
            if engine:
                broken.setattr("content.services.assessment.analyze", engine)
            with act_as(officer):
                recheck.start(actor=officer)
            a_worker().run()
    with monkeypatch.context() as broken:
        broken.setattr(recheck, "judge", fails)
        with act_as(officer):
            recheck.start(actor=officer)
        a_worker().run()
    with walk.system():
        assert JobRun.objects.filter(error="ValueError").exists()
        assert AttentionItem.objects.filter(kind="recheck").exists()
    assert reminders.remind(officer.tenant_id, today=timezone.localdate().replace(year=2030)) == 1
    assert len(mail.outbox) > 1

    with walk.system():  # the search sees what is there
        assert {"name", "cpf", "record", "phone", "street"} <= canaries_in(rows_of("post_revisions"))
        seen = {table for table in tables() if rows_of(table)}
    assert {
        "workflow_states",
        "audit_trail",
        "approvals",
        "job_runs",
        "recheck_outcomes",
        "attention_items",
        "review_notes",
    } <= seen
    kept = {}
    for context in (walk.system, worker_context):
        with context():
            kept |= {
                f"{table} in {context.__name__}": found for table in tables() if (found := canaries_in(rows_of(table)))
            }
    assert kept == {}
    logged = "\n".join(f"{record.getMessage()} {record.exc_text or ''} {record.args}" for record in caplog.records)
    assert canaries_in(logged) == set()
    assert caplog.records
    assert canaries_in("".join(capfd.readouterr())) == set()
    mails = "\n".join(str(each.message()) + each.subject + each.body for each in mail.outbox)
    assert canaries_in(mails) == set()


def revisions_newest(walk: Walk, post: Post) -> Any:
    with walk.system():
        return revisions.newest_revision(post).pk


def fails(*args: Any, **kwargs: Any) -> Any:
    """An error whose message quotes the text."""
    raise ValueError(f"cannot read: {TITLE} {CONTENT}")


def test_a_canary_is_found_however_it_is_written() -> None:
    """The search itself, and that the text is where it should be."""
    assert canaries_in("CPF 529.982.247-25 e 52998224725") == {"cpf"}
    assert canaries_in('"Rua dos Jacarand\\u00e1s Roxos"') == {"street"}
    assert canaries_in("ZENOBIA-QUARESMINA") == {"name", "first name"}
    assert canaries_in("***.***.***-25") == set()


def test_every_table_is_searched_but_those_of_the_text(db: None) -> None:
    assert {"workflow_states", "audit_trail", "job_runs", "django_tasks_database_dbtaskresult"} <= set(tables())
    assert len(tables()) > 25
