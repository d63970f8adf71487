"""The check while writing: who may ask, what it answers, and that nothing of a text stays anywhere."""

import json
import logging
import time
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from compliance.enums import AuditOperation, FindingStatus
from compliance.models import AuditEntry, WorkflowState
from content import analysis_panel
from content.analysis_panel import Locator
from content.models import Post, PostRevision
from content.services import assessment, revisions
from content.views import analyze

NAME, CPF, RECORD = "Maria das Dores Silva", "529.982.247-25", "884512"
CASE = (
    f"<p>Relato de caso: a paciente <strong>Maria das</strong> Dores Silva, CPF {CPF}, nascida em 12/03/1957, "
    f"prontuário nº {RECORD}, foi internada com diabetes.</p><p>O uso do remédio reduz a mortalidade em 30%.</p>"
)
CANARIES = (NAME, "Dores Silva", CPF, "52998224725", RECORD, "12/03/1957")
NEW = "/admin/content/post/analyze/"
# Role → may check a new text, may check another's.
ROLES = {
    "subscriber": (False, False),
    "contributor": (True, False),
    "author": (True, True),  # the text is theirs
    "medical_reviewer": (True, False),
    "editor": (True, True),
    "compliance_officer": (False, True),
    "dpo": (False, False),
}
JSON = {"headers": {"Accept": "application/json"}}


def _url(post: Post) -> str:
    return reverse("admin:content_post_analyze", args=[post.pk])


def _ask(client: Client, url: str = NEW, **data: Any) -> Any:
    return client.post(url, {"compliance_level": "public", **data}, **JSON)


def _items(answer: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [item for item in answer["items"] if item["kind"] == kind]


class _Attributes(HTMLParser):
    """Every attribute of a fragment."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.values += [value or "" for _name, value in attrs]


@pytest.fixture
def as_author(client_for: Callable[..., Client], cast: dict[str, User]) -> Client:
    return client_for(cast["author"])


# --- Who may ask -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(ROLES))
def test_who_may_open_the_editor_may_ask(client_for: Any, cast: dict[str, User], post_factory: Any, role: str) -> None:
    client = client_for(cast[role])
    post = post_factory.draft()
    change = reverse("admin:content_post_change", args=[post.pk])

    answers = (_ask(client, title="x").status_code, _ask(client, _url(post), title="x").status_code)

    assert answers == (client.get("/admin/content/post/add/").status_code, client.get(change).status_code)
    assert tuple(answer == 200 for answer in answers) == ROLES[role]


@pytest.mark.django_db
def test_other_authors_text_is_refused_and_recorded(
    client_for: Any, cast: dict[str, User], post_factory: Any, act_as: Any
) -> None:
    post = post_factory.draft(author="editor")

    assert _ask(client_for(cast["author"]), _url(post)).status_code == 403
    with act_as(cast["editor"]):
        assert AuditEntry.objects.filter(operation=AuditOperation.DENY, resource_id=str(post.pk)).exists()


@pytest.mark.django_db
def test_other_tenants_text_does_not_exist(client_for: Any, other_cast: dict[str, User], post_factory: Any) -> None:
    assert _ask(client_for(other_cast["editor"]), _url(post_factory.draft())).status_code == 404


@pytest.mark.django_db
def test_visitors_are_sent_to_sign_in(client_for: Any, aurora: Any) -> None:
    assert _ask(client_for()).status_code == 302


@pytest.mark.django_db
def test_a_forged_form_is_refused(as_author: Client) -> None:
    as_author.handler.enforce_csrf_checks = True

    assert _ask(as_author, title="x").status_code == 403


@pytest.mark.django_db
def test_reading_the_address_does_nothing(as_author: Client) -> None:
    assert as_author.get(NEW).status_code == 405


# --- What it answers -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_case_report_is_told_why_its_score_falls(as_author: Client) -> None:
    answer = _ask(as_author, title="Caso", content=CASE).json()

    assert answer["state"] == "checked"
    codes = {item["key"].split("-")[1] for item in _items(answer, "phi")}
    assert {"cpf", "person_name", "birth_date", "medical_record"} <= codes
    assert len(_items(answer, "claim")) == 1
    assert 'value="0"' in answer["html"] and "***.***.***-25" in answer["html"]


@pytest.mark.django_db
def test_the_rows_sum_up_to_the_score(as_author: Client, act_as: Any, cast: dict[str, User]) -> None:
    with act_as(cast["author"]):
        document = assessment.document_of_values(
            {"content": "<p>A paciente Ana Prado mora no CEP 01310-100.</p>"}, author=None
        )
        unsaved = assessment.assess_unsaved(document, references=[], run=None)
        panel = analysis_panel.panel_of_values(unsaved.run, unsaved.sources, PostRevision(), {})

    assert panel.score and panel.score["rows"]
    assert 100 - sum(row["points"] for row in panel.score["rows"]) == panel.score["value"]


@pytest.mark.django_db
def test_places_count_visible_characters_across_tags(as_author: Client) -> None:
    answer = _ask(as_author, content=CASE).json()
    text = "".join(analysis_panel.UNSEEN.sub("", piece) for piece in ("Relatodecaso:apaciente", "MariadasDoresSilva"))

    name = next(item for item in _items(answer, "phi") if "person_name" in item["key"])
    assert (name["places"][0]["from"], name["places"][0]["to"]) == (len("Relatodecaso:apaciente"), len(text))
    cpf = next(item for item in _items(answer, "phi") if "-cpf-" in item["key"])
    assert CASE[cpf["places"][0]["start"] : cpf["places"][0]["end"]] == CPF


def test_entities_blanks_and_pictures_are_counted_as_the_editor_shows_them() -> None:
    html = '<p>a&nbsp;&amp; b\U0001f600c</p><p><img src="/x.png" alt="ana 1"><img src="y" alt="bia 2"></p><p>fim</p>'
    locator = Locator({"content": html}, {"content": "content"})

    def place(text: str) -> dict[str, Any]:
        start = html.index(text)
        return locator.locate([("content", start, start + len(text))])[0]

    assert locator.total == len("a&b\U0001f600cfim")
    assert (place("fim")["from"], place("fim")["to"]) == (5, 8)
    assert {name: place("bia")[name] for name in ("element", "number", "attribute")} == {
        "element": "img",
        "number": 1,
        "attribute": "alt",
    }


@pytest.mark.django_db
def test_line_breaks_of_forms_move_no_offset(as_author: Client) -> None:
    answer = _ask(as_author, excerpt=f"Primeira linha\r\nCPF {CPF}").json()

    (item,) = _items(answer, "phi")
    assert item["places"] == [{"input": "excerpt", "start": 19, "end": 33}]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["title", "excerpt", "medical_disclaimer", "meta_description", "fields-1-value"])
def test_every_field_is_covered_and_named(as_author: Client, name: str) -> None:
    answer = _ask(as_author, **{"fields-1-key": "observação # 1", name: f"CPF {CPF}"}).json()

    if name == "fields-1-value":  # a name with the engine's own separator in it is found, if not placed
        assert _items(answer, "phi")
        answer = _ask(as_author, **{"fields-1-key": "nota", name: f"CPF {CPF}"}).json()
    assert [place["input"] for place in _items(answer, "phi")[0]["places"]] == [name]


@pytest.mark.django_db
def test_rows_that_will_be_removed_are_not_checked(as_author: Client) -> None:
    row = {"fields-0-key": "nota", "fields-0-value": f"CPF {CPF}", "fields-0-DELETE": "on"}

    assert _items(_ask(as_author, **row).json(), "phi") == []


@pytest.mark.django_db
def test_dates_keep_their_year_and_great_ages_become_a_class(as_author: Client) -> None:
    content = "<p>Paciente nascida em 12/03/1932.</p><p>A paciente tinha 97 anos de idade.</p>"

    placeholders = {item["placeholder"] for item in _items(_ask(as_author, content=content).json(), "phi")}
    assert placeholders == {"1932", "90 anos ou mais"}


@pytest.mark.django_db
def test_the_checklist_says_what_submission_needs(as_author: Client) -> None:
    html = _ask(as_author, title="", content="<p>Texto.</p>", compliance_level="professional").json()["html"]

    assert 'href="#id_title"' in html and 'href="#id_medical_disclaimer"' in html
    assert 'href="#id_content"' not in html


@pytest.mark.django_db
def test_a_cited_claim_is_not_asked_for_again(as_author: Client) -> None:
    content = '<p>O remédio reduz a mortalidade em 30%<sup data-ref="PMID:12345678">[1]</sup>.</p>'

    open_ = _ask(as_author, content=content.replace('<sup data-ref="PMID:12345678">[1]</sup>', "")).json()
    cited = _ask(as_author, content=content, scientific_references="PMID:12345678").json()
    assert len(_items(open_, "claim")) == 1
    assert _items(cited, "claim") == []


@pytest.mark.django_db
def test_what_an_officer_closed_stays_closed(as_author: Client, post_factory: Any, cast: dict, act_as: Any) -> None:
    post = post_factory.submitted(content=f"<p>O CPF {CPF} é um exemplo público.</p>")
    with act_as(cast["compliance_officer"]):
        run = WorkflowState.objects.get(content_id=post.pk)
        for record in run.compliance_validations["findings"]:
            record |= {"status": FindingStatus.FALSE_POSITIVE.value, "reason": "exemplo da Receita Federal"}
        run.save()

    answer = _ask(as_author, _url(post), content=f"<p>O CPF {CPF} é um exemplo público. Mais texto.</p>").json()
    assert _items(answer, "phi") == []
    assert 'value="100"' in answer["html"]


# --- What it leaves --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_nothing_is_stored_but_the_access(as_author: Client, post_factory: Any, cast: dict, act_as: Any) -> None:
    post = post_factory.draft(compliance_level="restricted")
    with act_as(cast["author"]):
        before = {model: list(model.objects.order_by("pk").values()) for model in (Post, PostRevision, WorkflowState)}
        rows = set(AuditEntry.objects.values_list("pk", flat=True))

    answer = _ask(as_author, _url(post), content=CASE, title=NAME, compliance_level="restricted")

    assert answer.status_code == 200 and "no-store" in answer.headers["Cache-Control"]
    with act_as(cast["author"]):
        after = {model: list(model.objects.order_by("pk").values()) for model in (Post, PostRevision, WorkflowState)}
        new = [entry for entry in AuditEntry.objects.all() if entry.pk not in rows]
    assert after == before
    assert [(entry.operation, str(entry.resource_id)) for entry in new] == [(AuditOperation.ACCESS, str(post.pk))]
    assert not any(canary in json.dumps(entry.metadata) for entry in new for canary in CANARIES)


@pytest.mark.django_db
def test_no_value_in_the_answer_or_the_logs(as_author: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    values = {"title": f"Caso de {NAME}", "content": CASE, "excerpt": f"Paciente {NAME}, CPF {CPF}."}

    answer = _ask(as_author, **values)

    assert not any(canary in answer.content.decode("unicode_escape") for canary in CANARIES)
    assert not any(canary in f"{name}{value}" for name, value in answer.headers.items() for canary in CANARIES)
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    assert not any(canary in logged for canary in CANARIES)


@pytest.mark.django_db
def test_a_broken_engine_says_so_and_logs_no_text(
    as_author: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(document: Any) -> None:
        raise ValueError(document.content_html)

    monkeypatch.setattr(assessment, "analyze", broken)

    answer = _ask(as_author, content=CASE)

    assert answer.json()["state"] == "error"
    assert "ValueError" in caplog.text and CPF not in caplog.text


@pytest.mark.django_db
def test_no_transaction_is_held_while_the_engine_works(as_author: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own transaction is one; the request's shows as a savepoint in it."""
    depth: dict[str, list[int]] = {"reading": [], "working": []}

    def noting(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def note(*args: Any, **kwargs: Any) -> Any:
            depth[name].append(len(connection.savepoint_ids))
            return real(*args, **kwargs)

        return note

    monkeypatch.setattr(analyze, "document_of_values", noting("reading", analyze.document_of_values))
    monkeypatch.setattr(assessment, "analyze", noting("working", assessment.analyze))

    assert _ask(as_author, content="<p>Texto.</p>").status_code == 200
    assert as_author.post(NEW, {"content": "<p>Texto.</p>"}).status_code == 200
    assert all(depth["reading"]) and depth["working"] == [0, 0]


@pytest.mark.django_db
def test_the_engine_asks_the_database_nothing(
    as_author: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    real = analyze.assess_unsaved

    def watched(*args: Any, **kwargs: Any) -> Any:
        with django_assert_max_num_queries(0):
            return real(*args, **kwargs)

    monkeypatch.setattr(analyze, "assess_unsaved", watched)

    assert _ask(as_author, content=CASE).json()["state"] == "checked"


# --- Limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content",
    [
        "a" * 100_000,
        "1" * 100_000,
        "<b>" * 30_000 + "x",
        "<" * 100_000,
        "&" * 100_000,
        "<p " + "a=" * 40_000,
        "\u202e\u0000\u200d" * 30_000,
        "Ⅷ９\u0661" * 30_000,
    ],
    ids=["letters", "digits", "nested", "brackets", "ampersands", "attributes", "invisible", "look-alikes"],
)
def test_hostile_text_ends(as_author: Client, content: str) -> None:
    started = time.monotonic()

    assert _ask(as_author, content=content).json()["state"] == "checked"
    assert time.monotonic() - started < 60  # an endless loop or a square, not a slow machine


@pytest.mark.django_db
def test_a_text_over_the_limit_is_not_read(as_author: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assessment, "analyze", lambda document: pytest.fail("the engine was asked"))

    answer = _ask(as_author, content="a " * analyze.LIMIT)
    page = as_author.post(NEW, {"content": "a " * analyze.LIMIT})

    assert (answer.status_code, answer.json()["state"]) == (413, "too_long")
    assert page.status_code == 200 and "longo demais" in page.content.decode()


@pytest.mark.django_db
def test_a_busy_process_says_when_to_come_back(as_author: Client) -> None:
    for _ in range(analyze.AT_ONCE):
        assert analyze._slots.acquire(blocking=False)
    try:
        answer = _ask(as_author, content="<p>Texto.</p>")
    finally:
        for _ in range(analyze.AT_ONCE):
            analyze._slots.release()

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, str(analyze.RETRY_SECONDS))
    assert _ask(as_author, content="<p>Texto.</p>").status_code == 200


# --- Without JavaScript ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_button_gives_the_form_back_with_what_was_typed(as_author: Client, act_as: Any, cast: dict) -> None:
    typed = {"title": "Ainda sem salvar", "content": CASE, "slug": "!!!", "excerpt": "Um resumo.", "base_number": "0"}
    forms = {"fields-TOTAL_FORMS": "1", "fields-INITIAL_FORMS": "0", "fields-0-key": "nota", "fields-0-value": "valor"}

    page = as_author.post(NEW, {**typed, **forms}).content.decode()

    assert 'value="Ainda sem salvar"' in page and "Um resumo." in page and "valor</textarea>" in page
    assert 'action="/admin/content/post/add/"' in page
    assert "***.***.***-25" in page and 'id="errors"' not in page
    assert "data-result>analysis-" not in page
    with act_as(cast["author"]):
        assert not Post.objects.exists()


@pytest.mark.django_db
def test_the_attributes_of_the_panel_hold_no_value(as_author: Client) -> None:
    page = as_author.post(NEW, {"title": "Caso", "content": CASE}).content.decode()
    panel = page[page.index('id="analysis"') : page.index("data-check>")]

    reader = _Attributes()
    reader.feed(panel)
    assert reader.values
    assert not any(canary in value for value in reader.values for canary in CANARIES)


@pytest.mark.django_db
def test_the_editor_shows_the_last_check_of_the_saved_text(
    as_author: Client, post_factory: Any, cast: dict, act_as: Any
) -> None:
    post = post_factory.submitted(content=CASE)
    change = reverse("admin:content_post_change", args=[post.pk])

    fresh = as_author.get(change).content.decode()
    with act_as(cast["editor"]):
        revisions.save_revision(post, actor=cast["editor"], changes={"content": "<p>Outro texto.</p>"})
    later = as_author.get(change).content.decode()

    assert "***.***.***-25" in fresh and "redação anterior" not in fresh
    assert "redação anterior" in later


@pytest.mark.django_db
def test_a_text_that_was_never_checked_says_so(as_author: Client, post_factory: Any) -> None:
    post = post_factory.draft()

    page = as_author.get(reverse("admin:content_post_change", args=[post.pk])).content.decode()

    assert "Ainda não verificado." in page
