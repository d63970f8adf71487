"""The library: adding, editing, merging, importing, retractions. Permissions: tests/guards/test_permissions.py."""

import io
import uuid

import pytest

from accounts.models import TenantSettings
from accounts.tenancy.context import tenant_context
from compliance.errors import Refused
from compliance.models import AttentionItem, AuditEntry
from content import reference_files as files
from content.models import Post, PublishedPage, Reference
from content.queries_references import by_identifiers, duplicates_of, entries, library, use_counts, uses_of
from content.services import references


@pytest.fixture
def editor(cast, act_as):
    """The editor, acting."""
    with act_as(cast["editor"]):
        yield cast["editor"]


def add(actor, identifier="PMID:1", **values) -> Reference:
    return references.add(actor=actor, identifier=identifier, **{"title": "Vacina contra o HPV"} | values)


def code_of(act, *args, **kwargs) -> str:
    with pytest.raises(Refused) as refused:
        act(*args, **kwargs)
    return refused.value.code


# --- Adding and finding ----------------------------------------------------------------------------------------------


def test_added_work_is_in_normal_form_and_found_by_every_identifier(editor) -> None:
    item = add(editor, " pmid 123 ", others=["https://doi.org/10.1000/ABC", "PMID:123"], csl_type="book")

    assert (item.type, item.identifier, item.other_identifiers) == ("pubmed", "PMID:123", ["DOI:10.1000/abc"])
    assert (item.check_result, item.csl_type, item.created_by_id) == ("syntax_valid", "book", editor.pk)
    found = by_identifiers(["DOI:10.1000/ABC", "PMID:123", "PMID:12"])
    assert found == {"doi:10.1000/abc": item, "pmid:123": item}


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "reference_syntax"), ("12345678", "reference_syntax"), ("PMID:1 PMID:2", "reference_syntax"),
     ("<script>alert(1)</script>", "reference_syntax"), ("9780306406158", "reference_syntax"),
     ("0034-8910", "reference_syntax"), ("PMID:0", "reference_syntax"), ("x" * 5000, "reference_syntax"),
     ("Diretriz", "reference_syntax")],
)  # fmt: skip
def test_what_is_no_identifier_is_refused(editor, typed: str, code: str) -> None:
    assert code_of(add, editor, typed) == code
    assert not Reference.objects.exists()


def test_guideline_has_a_name_instead_of_a_number(editor) -> None:
    item = add(editor, "Diretriz  Brasileira de Hipertensão, 2020", name_allowed=True)

    assert (item.type, item.identifier) == ("guideline", "Diretriz Brasileira de Hipertensão, 2020")
    assert item.csl_type == "report"


@pytest.mark.parametrize("again", ["PMID:123", "10.1000/ABC"])
def test_the_same_work_is_not_added_twice(editor, again: str) -> None:
    add(editor, "PMID:123", others=["DOI:10.1000/abc"])

    assert code_of(add, editor, again) == "reference_taken"
    assert code_of(add, editor, "PMID:9", others=[again]) == "reference_taken"
    assert Reference.objects.count() == 1


def test_two_tenants_have_their_own_works(editor, other_cast) -> None:
    add(editor)
    with tenant_context(other_cast["editor"].tenant_id, actor=other_cast["editor"]):
        assert not Reference.objects.exists()
        assert by_identifiers(["PMID:1"]) == {}
        assert add(other_cast["editor"], title="Outra").title == "Outra"


@pytest.mark.parametrize(
    ("search", "expected"),
    [("hpv VACINA", True), ("conceição", True), ("CONCEICAO lancet", True), ("2021", True), ("10.1000/a", True),
     ("vacina gripe", False), ("%", False), ("", True)],
)  # fmt: skip
def test_search_reads_every_word_without_accents(editor, search: str, expected: bool) -> None:
    add(editor, "DOI:10.1000/a", authors=[{"family": "Conceição", "given": "J"}], container="The Lancet", year=2021)

    assert library(search=search).exists() is expected


def test_filters(editor) -> None:
    add(editor)
    retracted = add(editor, "DOI:10.1000/a")
    references.mark_retracted(retracted, actor=editor, note="Dados fabricados.")

    assert list(library(type_="doi")) == [retracted]
    assert list(library(retracted=True)) == [retracted]


def test_values_are_cleaned_and_cut(editor) -> None:
    item = add(
        editor, title="  Um\x00 título\n" + "x" * 2000, url="javascript:alert(1)", csl_type="nonsense", pages="p" * 99
    )

    assert item.title.startswith("Um título x") and len(item.title) == 1000
    assert (item.url, item.csl_type, len(item.pages)) == ("", "article-journal", 60)


# --- Editing and merging ---------------------------------------------------------------------------------------------


def test_editing_keeps_the_number_that_texts_cite(editor, post_factory) -> None:
    item = add(editor)
    post_factory.draft(scientific_references=["PMID:1"])

    references.edit(item, actor=editor, identifier="PMID:2", title="Novo")

    assert (item.identifier, item.other_identifiers, item.title) == ("PMID:2", ["PMID:1"], "Novo")
    assert len(uses_of(item)) == 1


def test_merged_works_are_one_with_all_texts(editor, post_factory) -> None:
    one = add(editor, "PMID:1", title="Vacina contra o HPV: ensaio", year=None)
    two = add(editor, "DOI:10.1000/a", title="VACINA contra o HPV: Ensaio", year=2020, container="J")
    posts = [post_factory.draft(scientific_references=[each.identifier]) for each in (one, two)]
    assert duplicates_of(one) == [two]

    references.merge(one, two, actor=editor)

    assert list(Reference.objects.all()) == [one]
    assert (one.identifiers, one.year, one.container) == (["PMID:1", "DOI:10.1000/a"], 2020, "J")
    assert one.title == "Vacina contra o HPV: ensaio"
    assert {use["post"].pk for use in uses_of(one)} == {post.pk for post in posts}
    assert use_counts([one]) == {one.pk: 2}
    assert code_of(references.merge, one, one, actor=editor) == "reference_same"


def test_only_uncited_works_are_deleted(editor, post_factory) -> None:
    item = add(editor)
    post = post_factory.draft(scientific_references=["PMID:1"])
    assert code_of(references.delete, item, actor=editor) == "reference_cited"
    free = add(editor, "PMID:2")

    references.delete(free, actor=editor)

    assert list(Reference.objects.all()) == [item]
    assert Post.objects.filter(pk=post.pk).exists()


@pytest.mark.parametrize("role", ["author", "contributor", "administrator", "dpo", "subscriber"])
def test_who_may_not_manage_changes_nothing(cast, act_as, editor, role: str) -> None:
    item, other = add(editor), add(editor, "PMID:2")
    with act_as(cast[role]):
        who = {"actor": cast[role]}
        assert code_of(references.edit, item, identifier="PMID:3", **who) == "role"
        assert code_of(references.merge, item, other, **who) == "role"
        assert code_of(references.delete, item, **who) == "role"
        assert code_of(references.mark_retracted, item, note="Dados fabricados.", **who) == "role"
        assert code_of(references.unmark_retracted, item, note="Engano na lista.", **who) == "role"
        assert code_of(references.import_retractions, [], **who) == "role"
    assert Reference.objects.get(pk=item.pk).identifier == "PMID:1"


def test_changes_leave_rows_in_the_trail_without_words(editor) -> None:
    item = add(editor)
    references.edit(item, actor=editor, identifier="PMID:1", title="Outro título")
    references.mark_retracted(item, actor=editor, note="Dados fabricados.")

    rows = list(AuditEntry.objects.filter(resource_type="reference", resource_id=item.pk))

    assert {row.operation for row in rows} == {"create", "update", "decision"}
    assert "Outro" not in str([row.metadata for row in rows])
    assert "fabricados" not in str([row.metadata for row in rows])


# --- Retraction ------------------------------------------------------------------------------------------------------


def test_retraction_opens_a_to_do_for_each_live_text_and_shows_on_its_page(editor, post_factory) -> None:
    item = add(editor, "PMID:1", others=["DOI:10.1000/a"])
    live = post_factory.published(slug="vivo", scientific_references=["DOI:10.1000/a"])
    post_factory.draft(scientific_references=["PMID:1"])
    post_factory.published(slug="alheio", scientific_references=["PMID:2"])

    posts = references.mark_retracted(item, actor=editor, note="Dados fabricados.")

    assert posts == [live]
    (todo,) = AttentionItem.objects.filter(kind="retraction")
    assert (todo.content_id, todo.subject) == (live.pk, "PMID:1")
    assert todo.details == {"reference": "PMID:1", "withdrawn": False}
    (shown,) = PublishedPage.objects.get(post=live).details["references"]
    assert (shown["retracted"], shown["note"]) == (True, "Dados fabricados.")
    references.unmark_retracted(item, actor=editor, note="Engano da lista.")
    (shown,) = PublishedPage.objects.get(post=live).details["references"]
    assert (shown["retracted"], shown["note"]) == (False, "")


@pytest.mark.parametrize(
    ("role", "leaves"), [("editor", True), ("compliance_officer", True), ("medical_reviewer", False)]
)
def test_tenant_may_take_citing_texts_off_the_site(cast, act_as, post_factory, role: str, leaves: bool) -> None:
    with act_as(cast["editor"]):
        item = add(cast["editor"])
        TenantSettings.objects.create(unpublish_on_retraction=True)
    post = post_factory.published(scientific_references=["PMID:1"])

    with act_as(cast[role]):
        references.mark_retracted(item, actor=cast[role], note="Dados fabricados.")

        assert PublishedPage.objects.filter(post=post).exists() is not leaves
        (todo,) = AttentionItem.objects.filter(content_id=post.pk)
        assert todo.details["withdrawn"] is leaves


def test_scheduled_text_is_found_as_well(editor, post_factory) -> None:
    from datetime import timedelta

    from django.utils import timezone

    item = add(editor)
    post = post_factory.publish(
        post_factory.approved(scientific_references=["PMID:1"]), scheduled_at=timezone.now() + timedelta(days=1)
    )

    assert references.mark_retracted(item, actor=editor, note="Dados fabricados.") == [post]
    assert not PublishedPage.objects.filter(post=post).exists()


def test_retraction_needs_a_reason(editor) -> None:
    assert code_of(references.mark_retracted, add(editor), actor=editor, note=" curto ") == "statement"


RETRACTION_WATCH = """Record ID,Title,Journal,RetractionDate,RetractionDOI,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason
1,"A, title",J,3/4/2021 0:00,10.1/r,10.1000/A,0,Retraction,+Falsification of Data;+Investigation;
2,B,J,1/1/2020 0:00,10.1/r,unavailable,77,Retraction,
3,C,J,1/1/2020 0:00,10.1/r,10.1000/c,0,Expression of concern,
4,D,J
"""  # noqa: E501


def test_list_of_retractions_flags_works_and_names_the_texts(editor, post_factory) -> None:
    one, two = add(editor, "DOI:10.1000/a"), add(editor, "PMID:77")
    concern, other = add(editor, "DOI:10.1000/c"), add(editor, "PMID:5")
    post = post_factory.published(scientific_references=["DOI:10.1000/a", "PMID:77"])

    report = references.import_retractions(files.read_retractions(io.StringIO(RETRACTION_WATCH)), actor=editor)

    assert (report.rows, report.flagged, report.already, report.posts) == (2, [one, two], 0, [post])
    one.refresh_from_db()
    assert one.retraction_note == "Lista de retratações · 2021-03-04 · Falsification of Data; Investigation"
    assert not any(Reference.objects.get(pk=each.pk).is_retracted for each in (concern, other))
    again = references.import_retractions(files.read_retractions(io.StringIO(RETRACTION_WATCH)), actor=editor)
    assert (again.flagged, again.already) == ([], 2)
    assert AttentionItem.objects.count() == 2


# --- Import ----------------------------------------------------------------------------------------------------------

RIS = """TY  - JOUR
AU  - Silva, Ana Maria
AU  - Souza, J.
TI  - Vacina & câncer
T2  - The Lancet
PY  - 2021/11/03
VL  - 398
IS  - 10316
SP  - 2084
EP  - 2092
DO  - https://doi.org/10.1016/S0140-6736(21)02178-4
AN  - PMID: 34741816
UR  - https://www.thelancet.com/x
ER  -

TY  - BOOK
TI  - Clínica médica
SN  - 978-0-306-40615-7
PB  - Atheneu
CY  - São Paulo
ER  -

TY  - GEN
ER  -
"""
BIBTEX = r"""@article{silva2021, title={Vacina e c{\^a}ncer de {HPV}},
  author={Silva, Ana Maria and Concei{\c{c}}{\~a}o, J},
  journal={The Lancet}, year=2021, volume={398}, number={10316}, pages={2084--2092},
  doi={10.1016/S0140-6736(21)02178-4},
  pmid={34741816}}
@phdthesis{x, title={Sono}, school={USP}, year={2019}, url={https://teses.usp.br/1}}
@book{quebrado, title = {sem fim
"""


def test_ris(editor) -> None:
    report = references.import_found(files.read_ris(RIS), actor=editor)

    article, book = report.added
    assert article.identifiers == ["DOI:10.1016/s0140-6736(21)02178-4", "PMID:34741816"]
    assert article.authors == [{"family": "Silva", "given": "Ana Maria"}, {"family": "Souza", "given": "J"}]
    assert (article.title, article.container, article.year) == ("Vacina & câncer", "The Lancet", 2021)
    assert (article.volume, article.issue, article.pages) == ("398", "10316", "2084-2092")
    assert (book.type, book.identifier, book.csl_type, book.place) == ("isbn", "9780306406157", "book", "São Paulo")
    assert len(report.problems) == 1


def test_bibtex(editor) -> None:
    report = references.import_found(files.read_bibtex(BIBTEX), actor=editor)

    article, thesis = report.added
    assert article.identifiers == ["DOI:10.1016/s0140-6736(21)02178-4", "PMID:34741816"]
    assert (article.title, article.pages) == ("Vacina e câncer de HPV", "2084-2092")
    assert article.authors[1] == {"family": "Conceição", "given": "J"}
    assert (thesis.csl_type, thesis.publisher, thesis.identifier) == ("thesis", "USP", "https://teses.usp.br/1")
    assert len(report.problems) == 1


def test_import_recognises_what_is_there_and_fills_gaps(editor) -> None:
    item = add(editor, "PMID:34741816", title="Meu título", year=None)

    report = references.import_found(files.read_ris(RIS + RIS), actor=editor)

    item.refresh_from_db()
    assert (report.filled, len(report.added), report.known) == ([item], 1, [])
    assert (item.title, item.year) == ("Meu título", 2021)
    assert item.other_identifiers == ["DOI:10.1016/s0140-6736(21)02178-4"]
    again = references.import_found(files.read_ris(RIS), actor=editor)
    assert (again.added, again.filled, len(again.known)) == ([], [], 2)


PASTED = """Referências
1. Silva AM, Souza J. Vacina contra o HPV em meninas. Lancet. 2021;398(10316):2084-92.
   doi:10.1016/S0140-6736(21)02178-4. PMID: 34741816.
2. Brasil. Ministério da Saúde. HPV. Disponível em: https://www.gov.br/saude/hpv. Acesso em: 4 mar. 2026.
3) Livro sem número nenhum. São Paulo: Atheneu; 2020.
[4] Ensaio registrado como NCT01234567
"""


def test_list_in_words(editor) -> None:
    report = references.import_found(files.read_list(PASTED), actor=editor)

    article, page, trial = report.added
    assert article.identifiers == ["DOI:10.1016/s0140-6736(21)02178-4", "PMID:34741816"]
    assert (article.title, article.container, article.year) == ("Vacina contra o HPV em meninas", "Lancet", 2021)
    assert (article.volume, article.issue, article.pages) == ("398", "10316", "2084-92")
    assert article.authors == [{"family": "Silva", "given": "AM"}, {"family": "Souza", "given": "J"}]
    assert page.identifier == "https://www.gov.br/saude/hpv"
    assert (trial.identifier, trial.csl_type) == ("NCT01234567", "trial")
    assert [label for label, _why in report.problems] == [
        "Referências",
        "Livro sem número nenhum. São Paulo: Atheneu; 2020.",
    ]


def test_long_file_is_cut_and_says_so() -> None:
    lines = files.read_list("\n".join(f"PMID:{number}" for number in range(1, 2500)))
    assert (len(lines.found), lines.problems[-1][0]) == (2000, "…")
    entries_ = files.read_bibtex("\n".join(f"@misc{{k{n}, title={{T}}, pmid={{{n + 1}}}}}" for n in range(2001)))
    assert (len(entries_.found), entries_.problems[-1][0]) == (2000, "…")


def test_unreadable_file_is_not_quoted_in_the_log(caplog) -> None:
    assert files.read_bibtex("@article{Paciente Fulano@article{").found == []
    assert caplog.text == ""


@pytest.mark.parametrize("text", ["PMID:1\nPMID:2\n", "PMID:1\n\nPMID:2", "PMID: 1\r\n\r\n\r\nPMID: 2\r\n"])
def test_plain_lines_are_one_work_each(text: str) -> None:
    assert [found.identifiers for found in files.read_list(text).found] == [
        [("pubmed", "PMID:1")],
        [("pubmed", "PMID:2")],
    ]


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (files.read_ris, "isto não é RIS"),
        (files.read_ris, "TY  - JOUR\nTI  - sem fim"),
        (files.read_bibtex, "isto não é BibTeX"),
        (files.read_list, "x" * 2_000_001),
        (lambda text: list(files.read_retractions(io.StringIO(text))), "a,b\n1,2"),
        (lambda text: list(files.read_retractions(io.StringIO(text))), ""),
    ],
)
def test_other_files_are_refused_in_words(read, text: str) -> None:
    with pytest.raises(files.UnreadableFile) as refused:
        read(text)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    "data", ["Ação".encode(), "Ação".encode("cp1252"), "\ufeffAção".encode(), "Ação".encode("utf-16")]
)
def test_encodings(data: bytes) -> None:
    assert files.decoded(data) == "Ação"


# --- The list of a text ----------------------------------------------------------------------------------------------


def test_entries_say_what_the_library_knows(editor) -> None:
    add(
        editor,
        "PMID:1",
        others=["DOI:10.1000/a"],
        authors=[{"family": "Silva", "given": "A"}],
        container="J",
        year=2020,
    )

    known, words, unknown = entries(["DOI:10.1000/a", "Silva A. doi:10.1000/a", "PMID:9"])

    assert known["text"] == words["text"] == "Silva A. Vacina contra o HPV. J. 2020. doi:10.1000/a PMID: 1."
    assert (known["id"], words["id"]) == ("DOI:10.1000/a", "Silva A. doi:10.1000/a")
    assert (unknown["text"], unknown["url"]) == ("", "https://pubmed.ncbi.nlm.nih.gov/9")


def test_entries_take_two_queries_for_a_long_list(editor, django_assert_max_num_queries) -> None:
    for number in range(1, 30):
        add(editor, f"PMID:{number}")
    with django_assert_max_num_queries(2):
        assert len(entries([f"PMID:{number}" for number in range(1, 60)])) == 59


def test_nul_is_found_nowhere_and_breaks_nothing(editor) -> None:
    assert by_identifiers(["DOI:10.1000/\x00"]) == {}
    assert not library(search="\x00a").exists()
    assert [entry["text"] for entry in entries(["doi:10.1000/\x00"])] == [""]


def test_unknown_id_is_nobodys(editor) -> None:
    assert uses_of(Reference(pk=uuid.uuid4(), identifier="PMID:404")) == []
