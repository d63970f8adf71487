"""The library's screens: who gets in, what they show, bad input, the answers for the editor's search."""

import io
import uuid

import pytest
from django.test import Client

from compliance.models import AuditEntry
from content.models import Reference
from content.services import references

LIST = "/admin/content/references/"
FORM = {"identifier": "PMID:5", "csl_type": "article-journal", "title": "Novo título"}


def add(actor, act_as, identifier="PMID:1", **values) -> Reference:
    with act_as(actor):
        return references.add(actor=actor, identifier=identifier, **{"title": "Vacina <b>HPV</b>"} | values)


@pytest.fixture
def item(cast, act_as) -> Reference:
    return add(cast["editor"], act_as, others=["DOI:10.1000/a"], container="Lancet", year=2020)


@pytest.fixture
def as_editor(client_for, cast) -> Client:
    return client_for(cast["editor"])


def reload(item: Reference, act_as, cast) -> Reference:
    with act_as(cast["editor"]):
        return Reference.objects.get(pk=item.pk)


def test_list_shows_works_with_their_texts(as_editor, item, post_factory) -> None:
    post_factory.draft(scientific_references=["DOI:10.1000/a"])

    response = as_editor.get(LIST, HTTP_ACCEPT_LANGUAGE="en")

    html = response.content.decode()
    assert "Vacina &lt;b&gt;HPV&lt;/b&gt;" in html and "<b>HPV" not in html
    assert [row["uses"] for row in response.context["rows"]] == [1]
    assert "1 text" in html


@pytest.mark.parametrize(
    ("query", "found"),
    [("s=vacina+lancet", 1), ("s=gripe", 0), ("type=pubmed", 1), ("type=doi", 0), ("retracted=on", 0),
     ("type=nonsense&p=99&s=%00", 1), ("s=" + "x" * 500, 1)],
)  # fmt: skip
def test_filters(as_editor, item, query: str, found: int) -> None:
    response = as_editor.get(f"{LIST}?{query}")

    assert response.status_code == 200
    assert len(response.context["rows"]) == found


def test_list_takes_the_same_queries_for_many(as_editor, cast, act_as, django_assert_max_num_queries) -> None:
    for number in range(1, 40):
        add(cast["editor"], act_as, f"PMID:{number}", title=f"Título {number}")
    as_editor.get(LIST)
    with django_assert_max_num_queries(12):
        assert len(as_editor.get(f"{LIST}?p=2").context["rows"]) == 9


def test_detail_has_both_styles_and_only_titles_that_may_be_seen(client_for, cast, act_as, item, post_factory) -> None:
    post_factory.draft(title="Do autor", scientific_references=["PMID:1"])
    post_factory.draft(title="Do editor", author="editor", scientific_references=["PMID:1"])

    html = client_for(cast["author"]).get(f"{LIST}{item.pk}/", HTTP_ACCEPT_LANGUAGE="en").content.decode()

    assert "Vacina &lt;b&gt;HPV&lt;/b&gt;. Lancet. 2020. doi:10.1000/a PMID: 1." in html
    assert "<strong>Lancet</strong>" in html
    assert "Do autor" in html and "Do editor" not in html
    assert "1 further text" in html
    assert "Mark as retracted" not in html  # an author adds, and changes nothing


def test_form_adds_a_work(client_for, cast, act_as) -> None:
    data = {**FORM, "others": "10.1000/x\n", "authors": "Silva, Ana\nBrasil. Ministério da Saúde", "year": "2020"}

    response = client_for(cast["author"]).post(f"{LIST}add/", data)

    with act_as(cast["author"]):
        saved = Reference.objects.get()
        assert response.url == f"{LIST}{saved.pk}/"
        assert (saved.identifiers, saved.year) == (["PMID:5", "DOI:10.1000/x"], 2020)
        assert saved.authors == [{"family": "Silva", "given": "Ana"}, {"literal": "Brasil. Ministério da Saúde"}]
        assert saved.created_by_id == cast["author"].pk


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"identifier": "12345678"}, "identifier"),
        ({"identifier": ""}, "identifier"),
        ({"identifier": "PMID:1"}, "identifier"),  # taken
        ({"others": "nada disso"}, "identifier"),
        ({"title": ""}, "title"),
        ({"year": "9999"}, "year"),
        ({"year": "ontem"}, "year"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"csl_type": "song"}, "csl_type"),
        ({"accessed_at": "ontem"}, "accessed_at"),
        ({"title": "a\x00b"}, "title"),
    ],
)
def test_bad_input_is_named_and_nothing_typed_is_lost(as_editor, cast, act_as, item, wrong: dict, field: str) -> None:
    response = as_editor.post(f"{LIST}add/", {**FORM, "container": "Guardado <b>", **wrong})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "Guardado &lt;b&gt;" in response.content.decode()
    with act_as(cast["editor"]):
        assert Reference.objects.count() == 1


def test_form_changes_a_work(as_editor, cast, act_as, item) -> None:
    page = as_editor.get(f"{LIST}{item.pk}/change/")
    data = {name: value for name, value in page.context["form"].initial.items() if value not in (None, False)}

    response = as_editor.post(f"{LIST}{item.pk}/change/", {**data, "title": "Corrigido"})

    assert response.url == f"{LIST}{item.pk}/"
    saved = reload(item, act_as, cast)
    assert (saved.title, saved.identifiers, saved.container) == ("Corrigido", ["PMID:1", "DOI:10.1000/a"], "Lancet")


def test_retraction_and_back(as_editor, cast, act_as, item) -> None:
    assert as_editor.post(f"{LIST}{item.pk}/retract/", {"note": "curto"}).status_code == 422
    assert as_editor.post(f"{LIST}{item.pk}/retract/", {"note": "Dados <b>fabricados</b>."}).status_code == 302
    assert reload(item, act_as, cast).is_retracted
    assert "Dados &lt;b&gt;fabricados&lt;/b&gt;." in as_editor.get(f"{LIST}{item.pk}/").content.decode()

    as_editor.post(f"{LIST}{item.pk}/retract/", {"note": "Engano da lista.", "undo": "1"})

    assert not reload(item, act_as, cast).is_retracted


def test_merge_and_delete(as_editor, cast, act_as, item) -> None:
    other = add(cast["editor"], act_as, "PMID:2")
    assert f'value="{other.pk}"' in as_editor.get(f"{LIST}{item.pk}/").content.decode()

    as_editor.post(f"{LIST}{item.pk}/merge/", {"other": str(other.pk)})

    assert reload(item, act_as, cast).identifiers == ["PMID:1", "DOI:10.1000/a", "PMID:2"]
    for wrong in ("", "x", str(uuid.uuid4())):
        assert as_editor.post(f"{LIST}{item.pk}/merge/", {"other": wrong}).status_code == 404
    assert as_editor.post(f"{LIST}{item.pk}/delete/").url == LIST
    with act_as(cast["editor"]):
        assert not Reference.objects.exists()


@pytest.mark.parametrize("act", ["retract", "merge", "delete", "quick-add"])
def test_acts_are_no_links(as_editor, item, act: str) -> None:
    address = f"{LIST}quick-add/" if act == "quick-add" else f"{LIST}{item.pk}/{act}/"
    assert as_editor.get(address).status_code == 405


# --- Who may ---------------------------------------------------------------------------------------------------------

READ = {"administrator", "editor", "author", "contributor", "medical_reviewer", "compliance_officer", "dpo"}
ADD = {"author", "editor", "medical_reviewer", "compliance_officer"}
MANAGE = ADD - {"author"}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("", READ), ("search/?q=a", READ), ("{id}/", READ), ("add/", ADD), ("import/", ADD), ("{id}/change/", MANAGE)],
)
def test_who_opens_which_page(client_for, cast, item, path: str, allowed: set[str]) -> None:
    address = LIST + path.format(id=item.pk)
    answers = {key: client_for(cast[key]).get(address).status_code for key in [*READ, "subscriber"]}

    assert {key for key, status in answers.items() if status == 200} == allowed
    assert {status for key, status in answers.items() if key not in allowed} == {403}
    assert client_for(None).get(address).status_code == 302


def test_author_completes_an_own_bare_identifier_once(client_for, cast, act_as, item) -> None:
    client = client_for(cast["author"])
    client.post(f"{LIST}quick-add/", {"identifier": "PMID:5"})
    with act_as(cast["author"]):
        own = Reference.objects.get(identifier="PMID:5")
    page = client.get(f"{LIST}{own.pk}/").content.decode()
    assert f"{LIST}{own.pk}/change/" in page and "retract/" not in page

    assert client.post(f"{LIST}{own.pk}/change/", FORM).status_code == 302

    assert reload(own, act_as, cast).title == "Novo título"
    assert client.post(f"{LIST}{own.pk}/change/", FORM).status_code == 403
    assert client.get(f"{LIST}{item.pk}/change/").status_code == 403


def test_refused_change_is_recorded(client_for, cast, act_as, item) -> None:
    response = client_for(cast["author"]).post(f"{LIST}{item.pk}/retract/", {"note": "Dados fabricados."})

    assert response.status_code == 403
    with act_as(cast["compliance_officer"]):
        rows = AuditEntry.objects.filter(operation="deny", resource_type="reference", resource_id=item.pk)
        assert {row.user_id for row in rows} == {cast["author"].pk}
    assert not reload(item, act_as, cast).is_retracted


def test_other_tenant_sees_nothing(client_for, other_cast, item) -> None:
    stranger = client_for(other_cast["editor"])

    assert stranger.get(f"{LIST}{item.pk}/").status_code == 404
    assert stranger.get(LIST).context["rows"] == []
    assert stranger.get(f"{LIST}search/?q=vacina").json() == {"results": []}


def test_platform_has_no_library(client_for, platform_admin) -> None:
    assert client_for(platform_admin, host="localhost").get(LIST).status_code == 404


# --- Import ----------------------------------------------------------------------------------------------------------


def upload(text: str | bytes, name: str = "a.txt") -> io.BytesIO:
    file = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    file.name = name
    return file


def test_pasted_list_is_imported_with_a_report(client_for, cast, item) -> None:
    response = client_for(cast["author"]).post(
        f"{LIST}import/", {"kind": "list", "text": "1. PMID:1\n2. PMID:99\n3. <script>sem número</script>"}
    )

    report = response.context["report"]
    assert response.status_code == 200
    assert ([each.identifier for each in report.added], report.known) == (["PMID:99"], [item])
    assert "<script>sem" not in response.content.decode()


def test_list_of_retractions_from_a_file(as_editor, cast, act_as, item, post_factory) -> None:
    post = post_factory.published(scientific_references=["PMID:1"])
    lines = "DOI;PMID;Reason\n10.1000/A;;Fraude\n;5;\n"

    response = as_editor.post(f"{LIST}import/", {"kind": "retractions", "file": upload(lines, "r.csv")})

    assert (response.context["retractions"].flagged, response.context["retractions"].posts) == ([item], [post])
    assert reload(item, act_as, cast).is_retracted


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"kind": "list"}, "file"),
        ({"kind": "list", "text": "   "}, "file"),
        ({"kind": "nonsense", "text": "PMID:1"}, "kind"),
        ({"kind": "ris", "text": "isto não é RIS"}, "text"),
        ({"kind": "bibtex", "file": b"\x00\xff\xfe"}, "file"),
        ({"kind": "retractions", "file": b"a,b\n1,2"}, "file"),
        ({"kind": "list", "file": b""}, "file"),
    ],
)
def test_unusable_file_is_refused_in_words(as_editor, data: dict, field: str) -> None:
    data = {**data, "file": upload(data["file"])} if "file" in data else data

    response = as_editor.post(f"{LIST}import/", data)

    assert response.status_code in (200, 422)
    if data.get("file") is None or response.status_code == 422:
        assert list(response.context["form"].errors) == [field]
    else:
        assert not response.context["report"].added


def test_author_imports_no_retractions(client_for, cast, act_as, item) -> None:
    response = client_for(cast["author"]).post(f"{LIST}import/", {"kind": "retractions", "text": "PMID\n1\n"})

    assert list(response.context["form"].errors) == ["kind"]
    assert not reload(item, act_as, cast).is_retracted


# --- For the editor --------------------------------------------------------------------------------------------------


def test_search_answers_works_and_identifiers(client_for, cast, item) -> None:
    client = client_for(cast["contributor"])

    known = {"id": "PMID:1", "label": "Vacina <b>HPV</b>. Lancet. 2020. doi:10.1000/a PMID: 1.", "retracted": False}
    known["known"] = True
    assert client.get(f"{LIST}search/?q=vacina").json() == {"results": [known]}
    assert client.get(f"{LIST}search/?q=https://doi.org/10.1000/A").json() == {"results": [known]}
    assert client.get(f"{LIST}search/?q=pmid+77").json() == {
        "results": [{"id": "PMID:77", "label": "PMID:77", "retracted": False, "known": False}]
    }
    assert client.get(f"{LIST}search/?q=").json()["results"] == [known]
    assert client.get(f"{LIST}search/?q=%00{'x' * 400}").status_code == 200


def test_quick_add(client_for, cast, item) -> None:
    client = client_for(cast["author"])

    new = client.post(f"{LIST}quick-add/", {"identifier": "pmid 77"})
    assert (new.status_code, new.json()["id"], new.json()["known"]) == (201, "PMID:77", True)
    assert client.post(f"{LIST}quick-add/", {"identifier": "10.1000/A"}).json()["id"] == "PMID:1"
    wrong = client.post(f"{LIST}quick-add/", {"identifier": "nada"})
    assert (wrong.status_code, "nada" in wrong.json()["error"]) == (422, True)
    assert client_for(cast["contributor"]).post(f"{LIST}quick-add/", {"identifier": "PMID:8"}).status_code == 403
