"""The optional look-up, against a local server that answers like the registers, slow and broken answers included."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.utils import timezone

from accounts.models import TenantSettings
from compliance.errors import Refused
from compliance.models import AttentionItem, AuditEntry
from content.models import Reference
from content.services import reference_lookup, references

TITLE = "The effects of the national HPV vaccination programme in England"
PUBMED = {
    "uid": "34741816", "pubdate": "2021 Dec 4", "source": "Lancet", "title": f"{TITLE}.", "volume": "398",
    "issue": "10316", "pages": "2084-2092", "pubtype": ["Journal Article"],
    "authors": [{"name": "Falcaro M", "authtype": "Author"}, {"name": "Castañon A", "authtype": "Author"}],
}  # fmt: skip
CROSSREF = {
    "DOI": "10.1016/s0140-6736(21)02178-4",
    "title": ["The effects of the national <i>HPV</i> vaccination programme in England"],
    "author": [{"given": "Milena", "family": "Falcaro"}, {"name": "A Group"}], "container-title": ["The Lancet"],
    "issued": {"date-parts": [[2021, 12]]}, "volume": "398", "page": "2084-2092", "publisher": "Elsevier",
}  # fmt: skip


class Register:
    """PubMed and Crossref in one; `answer` is replaced by tests that want trouble."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.agents: list[str] = []
        self.pubmed: dict[str, Any] = dict(PUBMED)
        self.crossref: dict[str, Any] = dict(CROSSREF)
        self.trouble: Callable[[BaseHTTPRequestHandler], None] | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                outer.agents.append(self.headers["User-Agent"])
                if outer.trouble:
                    outer.trouble(self)
                else:
                    outer.answer(self)

            def log_message(self, *args: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        if parts.path == "/eutils/esummary.fcgi":
            pmid = parse_qs(parts.query)["id"][0]
            known = pmid == self.pubmed["uid"]
            record = self.pubmed if known else {"uid": pmid, "error": "cannot get document summary"}
            send(handler, {"header": {"type": "esummary"}, "result": {"uids": [pmid], pmid: record}})
        elif unquote(parts.path) == f"/crossref/works/{self.crossref['DOI']}":
            send(handler, {"status": "ok", "message-type": "work", "message": self.crossref})
        else:
            handler.send_error(404, "Resource not found.")


def send(handler: BaseHTTPRequestHandler, data: Any, status: int = 200) -> None:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def register(settings) -> Iterator[Register]:
    register = Register()
    thread = threading.Thread(target=register.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    settings.LOOKUP_PUBMED_URL = f"{register.url}/eutils"
    settings.LOOKUP_CROSSREF_URL = f"{register.url}/crossref"
    settings.LOOKUP_SECONDS, settings.LOOKUP_PAUSE = 0.5, 0
    yield register
    register.server.shutdown()
    register.server.server_close()
    thread.join()


@pytest.fixture
def editor(cast, act_as):
    """The editor of a tenant that wants look-ups, acting."""
    with act_as(cast["editor"]):
        TenantSettings.objects.create(online_lookup=True, contact_email="editor@aurora.test")
        yield cast["editor"]


def add(editor, identifier: str = "PMID:34741816", **values: Any) -> Reference:
    return references.add(actor=editor, identifier=identifier, **{"title": TITLE} | values)


def look_up(item: Reference, editor: Any) -> str:
    reference_lookup.lookup(item.pk, actor=editor)
    item.refresh_from_db()
    return item.check_result


# --- Answers ---------------------------------------------------------------------------------------------------------


def test_pubmed_confirms_and_completes(register, editor) -> None:
    item = add(editor, title=f"{TITLE}: an observational study", year=2020)

    assert look_up(item, editor) == "verified_online"

    assert (item.title, item.year) == (f"{TITLE}: an observational study", 2020)  # what was typed stays
    assert (item.container, item.volume, item.issue, item.pages) == ("Lancet", "398", "10316", "2084-2092")
    assert item.authors == [{"family": "Falcaro", "given": "M"}, {"family": "Castañon", "given": "A"}]
    assert item.checked_at > timezone.now() - timedelta(minutes=1)


def test_crossref_confirms_and_completes(register, editor) -> None:
    item = add(editor, "10.1016/S0140-6736(21)02178-4", title="")

    assert look_up(item, editor) == "verified_online"

    assert (item.title, item.container, item.year, item.publisher) == (TITLE, "The Lancet", 2021, "Elsevier")
    assert item.authors == [{"family": "Falcaro", "given": "Milena"}, {"literal": "A Group"}]


def test_only_the_identifier_and_the_contact_leave_the_house(register, editor) -> None:
    look_up(add(editor, authors=[{"literal": "Segredo"}]), editor)
    look_up(add(editor, "10.1016/S0140-6736(21)02178-4"), editor)

    pubmed, crossref = register.asked
    assert parse_qs(urlsplit(pubmed).query) == {
        "db": ["pubmed"], "id": ["34741816"], "retmode": ["json"], "tool": ["healthcare-cms"],
        "email": ["editor@aurora.test"],
    }  # fmt: skip
    assert crossref == "/crossref/works/10.1016%2Fs0140-6736%2821%2902178-4"
    assert set(register.agents) == {"healthcare-cms (mailto:editor@aurora.test)"}


@pytest.mark.parametrize("identifier", ["PMID:999", "DOI:10.1000/none"])
def test_unknown_to_the_register(register, editor, identifier: str) -> None:
    assert look_up(add(editor, identifier), editor) == "not_found"
    assert len(register.asked) == 1


def test_other_title_is_a_mismatch_and_nothing_is_filled(register, editor) -> None:
    item = add(editor, title="Café e sono em adultos jovens")

    assert look_up(item, editor) == "mismatch"
    assert (item.container, item.year) == ("", None)


@pytest.mark.parametrize("where", ["pubmed", "crossref"])
def test_retraction_notice_sets_the_flag_and_tells_the_officer(register, editor, post_factory, where: str) -> None:
    register.pubmed["pubtype"] = ["Journal Article", "Retracted Publication"]
    register.crossref["updated-by"] = [{"type": "retraction", "DOI": "10.1/r"}]
    item = add(editor, "PMID:34741816" if where == "pubmed" else "10.1016/S0140-6736(21)02178-4")
    post = post_factory.published(scientific_references=[item.identifier])

    look_up(item, editor)

    assert item.is_retracted
    assert [todo.content_id for todo in AttentionItem.objects.filter(kind="retraction")] == [post.pk]


# --- Trouble ---------------------------------------------------------------------------------------------------------


def slow(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1)


def drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(20):
        try:
            handler.wfile.write(b" ")
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.1)


def redirect(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(302)
    handler.send_header("Location", f"http://127.0.0.1:{handler.server.server_port}/elsewhere")
    handler.end_headers()


@pytest.mark.parametrize(
    "trouble",
    [
        slow,
        drip,
        redirect,
        lambda handler: handler.send_error(500),
        lambda handler: handler.send_error(429),
        lambda handler: handler.connection.close(),
        lambda handler: send(handler, b"<html>maintenance</html>"),
        lambda handler: send(handler, b"[" * 100_000),
        lambda handler: send(handler, {"result": {}}),
        lambda handler: send(handler, []),
        lambda handler: send(handler, b" " * 3_000_000),
    ],
    ids=["slow", "drip", "redirect", "500", "429", "closed", "html", "deep", "empty", "list", "huge"],
)
def test_trouble_is_said_and_blocks_nothing(register, editor, trouble: Any) -> None:
    register.trouble = trouble
    item = add(editor, container="Lancet")
    started = time.monotonic()

    assert look_up(item, editor) == "lookup_unavailable"

    assert time.monotonic() - started < 5
    assert 1 <= len(register.asked) <= 2
    assert not [path for path in register.asked if "elsewhere" in path]
    assert (item.title, item.container, item.is_retracted) == (TITLE, "Lancet", False)


def test_server_that_is_down(register, editor, settings) -> None:
    settings.LOOKUP_PUBMED_URL = "http://127.0.0.1:9"

    assert look_up(add(editor), editor) == "lookup_unavailable"


def test_second_try_counts(register, editor) -> None:
    def once(handler: BaseHTTPRequestHandler) -> None:
        register.trouble = None
        handler.send_error(503)

    register.trouble = once

    assert look_up(add(editor), editor) == "verified_online"
    assert len(register.asked) == 2


# --- When it is asked ------------------------------------------------------------------------------------------------


def test_answer_counts_for_thirty_days_and_failure_for_none(register, editor) -> None:
    item = add(editor)
    look_up(item, editor)
    look_up(item, editor)
    assert len(register.asked) == 1

    Reference.objects.filter(pk=item.pk).update(checked_at=timezone.now() - timedelta(days=31))
    register.trouble = lambda handler: handler.send_error(500)
    assert look_up(item, editor) == "lookup_unavailable"
    register.trouble = None
    assert look_up(item, editor) == "verified_online"


def test_off_by_default(register, cast, act_as) -> None:
    with act_as(cast["editor"]):
        item = add(cast["editor"])

        assert look_up(item, cast["editor"]) == "syntax_valid"
        with pytest.raises(Refused) as refused:
            reference_lookup.start(item, actor=cast["editor"])
        assert refused.value.code == "lookup_off"
    assert register.asked == []


def test_what_cannot_be_asked_is_refused(register, editor, cast) -> None:
    def code(item: Reference, actor: Any) -> str:
        with pytest.raises(Refused) as refused:
            reference_lookup.start(item, actor=actor)
        return refused.value.code

    fresh = add(editor)
    look_up(fresh, editor)
    assert code(fresh, editor) == "lookup_recent"
    assert code(add(editor, "NCT01234567"), editor) == "lookup_type"
    assert code(add(editor, "PMID:2"), cast["author"]) == "role"


def test_job_asks_outside_any_transaction_and_files_as_the_person(register, editor, cast) -> None:
    item = add(editor)

    reference_lookup.look_up.call(str(editor.tenant_id), str(item.pk), str(editor.pk))

    item.refresh_from_db()
    assert item.check_result == "verified_online"
    rows = AuditEntry.objects.filter(resource_type="reference", resource_id=item.pk, operation="update")
    assert {row.user_id for row in rows} == {editor.pk}


def test_job_for_a_work_that_is_gone_does_nothing(register, editor) -> None:
    item = add(editor)
    gone = str(item.pk)
    references.delete(item, actor=editor)

    reference_lookup.look_up.call(str(editor.tenant_id), gone, str(editor.pk))

    assert register.asked == []


def test_button_queues_a_job_and_shows_only_where_it_is_wanted(register, editor, client_for, cast) -> None:
    item = add(editor)
    client = client_for(cast["editor"])
    address = f"/admin/content/references/{item.pk}/"
    assert f"{address}look-up/" in client.get(address).content.decode()

    response = client.post(f"{address}look-up/")

    assert response.url == address
    assert register.asked == []  # not in the request
    TenantSettings.objects.update(online_lookup=False)
    assert f"{address}look-up/" not in client.get(address).content.decode()
    assert client_for(cast["author"]).post(f"{address}look-up/").status_code == 403
