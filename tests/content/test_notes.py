"""Notes on a text in review: anchored, answered, resolved; mentions tell people without telling the text."""

import re
from html import unescape

import pytest
from django.core import mail

from accounts.tenancy.context import SYSTEM_UUID, tenant_context
from compliance.errors import Refused
from compliance.models import AuditEntry, ReviewNote
from content.queries_notes import place_of, threads_of
from content.services import assessment, notes, revisions

DESK = "/admin/compliance/"
CONTENT = "<h2>Dose</h2><p>Use <strong>meia</strong> colher &amp; beba água.</p><p>Depois descanse.</p>"


@pytest.fixture
def post(post_factory):
    return post_factory.submitted(content=CONTENT, title="Chá <b>de</b> camomila")


def url(post) -> str:
    return f"{DESK}{post.pk}/note/"


def notes_of(post) -> list[ReviewNote]:
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        return list(ReviewNote.objects.filter(content_id=post.pk))


def test_selected_words_are_found_in_the_source(post, act_as, cast):
    with act_as(cast["editor"]):
        revision = revisions.newest_revision(post)
    field, start, end = place_of(revision, "Use  meia colher & beba")
    assert field == "content"
    assert revision.content[start:end] == "Use <strong>meia</strong> colher &amp; beba"
    assert place_of(revision, "Chá") == ("title", 0, 3)
    assert place_of(revision, "não está aqui") is None
    assert place_of(revision, "   ") is None


def test_note_is_written_shown_answered_and_resolved(post, client_for, cast):
    client = client_for(cast["editor"])
    answer = client.post(url(post), {"act": "add", "text": "Qual <i>colher</i>?", "quote": "meia colher"})
    assert answer.status_code == 302
    [note] = notes_of(post)
    page = client.get(f"{DESK}{post.pk}/").content.decode()
    assert "Qual &lt;i&gt;colher&lt;/i&gt;?" in page
    assert f'id="passage-{note.pk}"' in page
    assert "meia colher" in page

    client.post(url(post), {"act": "add", "text": "De chá.", "parent": note.pk})
    client.post(url(post), {"act": "resolve", "note": note.pk})
    with tenant_context(post.tenant_id, actor=cast["editor"]):
        revision = revisions.newest_revision(post)
        [thread] = threads_of(post.pk, revision, cast["editor"], at_desk=True)
    assert [each.text for each, _name in thread.answers] == ["De chá."]
    assert thread.note.resolved_by_id == cast["editor"].pk
    client.post(url(post), {"act": "reopen", "note": note.pk})
    assert notes_of(post)[0].resolved_at is None


def test_changed_passage_is_called_changed(post, cast, act_as):
    editor = cast["editor"]
    with act_as(editor):
        first = revisions.newest_revision(post)
        field, start, end = place_of(first, "meia colher")
        notes.add(post, actor=editor, text="Confere?", field=field, start=start, end=end)
        changed = CONTENT.replace("meia", "uma")
        revisions.save_revision(post, actor=editor, changes={"content": changed})
        assessment.assess(post, actor=editor)
        [thread] = threads_of(post.pk, revisions.newest_revision(post), editor, at_desk=True)
    assert (thread.passage, thread.moved) == ("meia colher", True)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"text": " "}, "note"),
        ({"text": "x" * 2001}, "note"),
        ({"text": "x", "field": "content", "start": 5, "end": 2}, "anchor"),
        ({"text": "x", "field": "content", "start": 0, "end": 10_000}, "anchor"),
        ({"text": "x", "field": "author_id", "start": 0, "end": 1}, "anchor"),
        ({"text": "x", "parent": "11111111-1111-1111-1111-111111111111"}, "note_thread"),
    ],
)
def test_bad_notes_are_refused(values, code, post, cast, act_as):
    with act_as(cast["editor"]), pytest.raises(Refused) as refused:
        notes.add(post, actor=cast["editor"], **values)
    assert refused.value.code == code
    assert notes_of(post) == []


def new_note(page: str) -> str:
    """The HTML of the form of a new note."""
    return re.search(r'<details class="rv-new-note".*?</details>', page, re.S).group()


@pytest.mark.parametrize(
    ("text", "quote", "code"),
    [
        ("Minha <nota>", "trecho que  <não> existe", "anchor"),
        ("Minha <nota>" + "a" * 2000, "meia colher", "note"),
        ("Minha <nota>" + "a" * 2000, "Depois descanse.", "note"),
        ("", "meia colher", "note"),
    ],
    ids=["lost passage", "selected words", "chosen paragraph", "no text"],
)
def test_refused_note_keeps_its_text_and_its_passage(text, quote, code, post, client_for, cast):
    answer = client_for(cast["editor"]).post(url(post), {"act": "add", "text": text, "quote": quote})

    form = unescape(new_note(answer.content.decode()))
    assert (answer.status_code, answer.context["refusal"].code) == (409, code)
    assert f">{text}</textarea>" in form
    assert re.findall(r'<option value="([^"]*)"[^>]* selected', form) == [" ".join(quote.split())]
    assert '<details class="rv-new-note" id="rv-new-note" open>' in form
    assert "<nota>" not in answer.content.decode()
    assert notes_of(post) == []


def test_refused_answer_stays_in_its_thread(post, client_for, cast, act_as):
    with act_as(cast["editor"]):
        note, other = (notes.add(post, actor=cast["editor"], text=text) for text in ("Qual colher?", "E o chá?"))
        notes.resolve(note, actor=cast["editor"])  # a colleague was faster
    long = "De <chá>. " + "a" * 2000

    answer = client_for(cast["author"]).post(url(post), {"act": "add", "text": long, "parent": note.pk})

    page = answer.content.decode()
    threads = dict(re.findall(r'<article class="rv-item[^>]* id="note-([^"]+)"(.*?)</article>', page, re.S))
    assert answer.status_code == 409
    assert f">{long}</textarea>" in unescape(threads[str(note.pk)])
    assert "<details open>" in threads[str(note.pk)]
    assert 'class="errorlist"' in threads[str(note.pk)]
    assert f'href="#note-{note.pk}"' in page
    assert "De &lt;" not in threads[str(other.pk)] + new_note(page)
    assert [each.text for each in notes_of(post)] == ["Qual colher?", "E o chá?"]


def test_answer_to_a_note_that_is_not_there_keeps_its_text(post, client_for, cast):
    for parent in ("11111111-1111-1111-1111-111111111111", "keine"):
        answer = client_for(cast["editor"]).post(url(post), {"act": "add", "text": "De chá.", "parent": parent})

        assert (answer.status_code, answer.context["refusal"].code) == (409, "note_thread")
        assert ">De chá.</textarea>" in new_note(answer.content.decode())


def test_note_in_lines_at_the_limit_is_written(post, client_for, cast):
    words = "\n".join(["Nove aqui"] * 200) + "."  # 2,000 characters; browsers send two for each line break
    values = {"act": "add", "text": words.replace("\n", "\r\n")}

    assert client_for(cast["editor"]).post(url(post), values).status_code == 302
    assert [note.text for note in notes_of(post)] == [words]


def test_mentioned_colleague_gets_a_mail_that_names_nothing(
    post, client_for, cast, django_capture_on_commit_callbacks
):
    reviewer = cast["medical_reviewer"]
    with django_capture_on_commit_callbacks(execute=True):
        client_for(cast["editor"]).post(url(post), {"act": "add", "text": f"@{reviewer.email}, a dose confere?"})

    [message] = mail.outbox
    assert message.to == [reviewer.email]
    assert f"{DESK}{post.pk}/" in message.body
    for word in ("dose", "camomila", "Chá"):
        assert word not in message.subject + message.body
    page = client_for(reviewer).get(f"{DESK}mentions/").content.decode()
    assert f"{DESK}{post.pk}/#rv-notes" in page
    assert f"{DESK}{post.pk}/" not in client_for(cast["compliance_officer"]).get(f"{DESK}mentions/").content.decode()


def test_stranger_is_not_mentioned(post, client_for, cast, other_cast, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        text = f"@{other_cast['editor'].email} @{cast['subscriber'].email} vejam"
        client_for(cast["editor"]).post(url(post), {"act": "add", "text": text})
    assert mail.outbox == []
    assert notes_of(post)[0].mentions == []


def test_who_may_write_and_resolve(post, client_for, cast, other_cast):
    assert client_for(cast["author"]).post(url(post), {"act": "add", "text": "Respondo."}).status_code == 302
    assert client_for(cast["contributor"]).post(url(post), {"act": "add", "text": "Eu?"}).status_code == 403
    assert client_for(other_cast["editor"]).post(url(post), {"act": "add", "text": "Eu?"}).status_code == 404
    client_for(cast["editor"]).post(url(post), {"act": "add", "text": "Da edição."})
    theirs = next(note for note in notes_of(post) if note.text == "Da edição.")
    assert client_for(cast["author"]).post(url(post), {"act": "resolve", "note": theirs.pk}).status_code == 403
    assert [note.text for note in notes_of(post)] == ["Respondo.", "Da edição."]


def test_trail_tells_that_and_not_what(post, client_for, cast):
    client_for(cast["editor"]).post(url(post), {"act": "add", "text": "Segredo da nota."})
    with tenant_context(post.tenant_id, actor=SYSTEM_UUID):
        rows = [entry.metadata for entry in AuditEntry.objects.all()]
    assert any(row.get("act") == "note" for row in rows)
    assert "Segredo" not in str(rows)


def test_signer_is_told_of_open_notes(post_factory, client_for, cast, act_as):
    post = post_factory.in_final()
    with act_as(cast["editor"]):
        notes.add(post, actor=cast["editor"], text="Falta algo.")
    page = client_for(cast["compliance_officer"]).get(f"{DESK}{post.pk}/sign/").content.decode()
    assert f"{DESK}{post.pk}/#rv-notes" in page


def test_author_reads_open_notes_beside_the_text(post, client_for, cast):
    client_for(cast["editor"]).post(url(post), {"act": "add", "text": "Troque <esta>.", "quote": "meia colher"})
    page = client_for(cast["author"]).get(f"/admin/content/post/{post.pk}/change/").content.decode()
    assert "Troque &lt;esta&gt;." in page
    assert "<q>meia colher</q>" in page
    [note] = notes_of(post)
    client_for(cast["editor"]).post(url(post), {"act": "resolve", "note": note.pk})
    page = client_for(cast["author"]).get(f"/admin/content/post/{post.pk}/change/").content.decode()
    assert "Troque" not in page


def test_who_cannot_open_the_review_is_not_mentioned(post, client_for, cast):
    client_for(cast["editor"]).post(url(post), {"act": "add", "text": f"@{cast['contributor'].email} veja"})
    client_for(cast["editor"]).post(url(post), {"act": "add", "text": f"@{cast['author'].email} veja"})
    assert [note.mentions for note in notes_of(post)] == [[], [str(cast["author"].pk)]]
