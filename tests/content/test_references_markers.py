"""Citations in the text: syntax, numbering, order of the list, what the sanitiser lets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.errors import Refused
from content.markers import canonical, cited, keys_of, parse, renumber
from content.models import Post, ReferenceUse
from content.sanitize import clean_html
from content.services import publishing, review, revisions


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("PMID 12345678", ("pubmed", "PMID:12345678")),
        ("https://pubmed.ncbi.nlm.nih.gov/123/", ("pubmed", "PMID:123")),
        ("https://doi.org/10.1056/NEJMoa1917338.", ("doi", "DOI:10.1056/nejmoa1917338")),
        ("URL:https://www.who.int/x", ("url", "https://www.who.int/x")),
        ("nct01234567", ("trial", "NCT01234567")),
        ("9780306406157", ("isbn", "9780306406157")),
        ("9780306406158", None),  # check digit
        ("12345678", None),  # a bare number is never a PMID
        ("PMID:1 e PMID:2", None),
        ("Diretriz Brasileira de Hipertensão, 2020", None),
    ],
)
def test_one_identifier_and_nothing_else(typed: str, expected: tuple[str, str] | None) -> None:
    assert parse(typed) == expected
    assert canonical(typed) == (expected[1] if expected else typed)


def test_citation_in_words_stands_for_the_identifiers_in_it() -> None:
    assert keys_of("Silva A. Título. doi:10.1000/X. PMID: 12.") == ["DOI:10.1000/x", "PMID:12"]
    assert keys_of(" Livro sem número ") == ["Livro sem número"]


def marker(reference: str, shown: str = "[9]") -> str:
    return f'<sup data-ref="{reference}">{shown}</sup>'


def test_numbers_follow_the_order_of_first_appearance() -> None:
    html = f"<p>a{marker('PMID:2')} b{marker('10.1000/X', '')} c{marker('PMID 2', '[7]')}</p>"

    numbered, references = renumber(html, ["Livro", "DOI:10.1000/x", "PMID:2"])

    assert numbered == (
        f"<p>a{marker('PMID:2', '[1]')} b{marker('DOI:10.1000/x', '[2]')} c{marker('PMID:2', '[1]')}</p>"
    )
    assert references == ["PMID:2", "DOI:10.1000/x", "Livro"]


def test_cited_work_that_is_missing_from_the_list_is_added() -> None:
    assert renumber(f"<p>{marker('PMID:5')}</p>", ["PMID:1"]) == (
        f"<p>{marker('PMID:5', '[1]')}</p>",
        ["PMID:5", "PMID:1"],
    )


def test_text_without_markers_keeps_its_list_in_order() -> None:
    assert renumber("<p>a<sup>[2]</sup></p>", ["B", "PMID 1", "b", "A"]) == (
        "<p>a<sup>[2]</sup></p>",
        ["B", "PMID:1", "A"],
    )


def test_marker_around_markup_is_no_marker() -> None:
    html, references = renumber(f'<p><sup data-ref="PMID:1"><b>x</b></sup>{marker("PMID:2")}</p>', [])

    assert html == f"<p><sup><b>x</b></sup>{marker('PMID:2', '[1]')}</p>"
    assert references == ["PMID:2"]


@pytest.mark.parametrize("reference", ['"><script>', "<b>", " ", "x" * 301])
def test_sanitiser_drops_what_is_no_identifier(reference: str) -> None:
    escaped = reference.replace('"', "&quot;").replace("<", "&lt;")
    assert clean_html(f'<p><sup data-ref="{escaped}" onclick="x">[1]</sup></p>') == "<p><sup>[1]</sup></p>"


def test_sanitiser_allows_the_attribute_on_no_other_element() -> None:
    assert clean_html('<p data-ref="PMID:1">a</p>') == "<p>a</p>"


PIECES = st.lists(
    st.sampled_from(
        [marker("PMID:1"), marker("PMID:22", "x"), marker("https://a.b/c?d=1&amp;e=2"), marker("d'Ávila, 2020"),
         '<sup lang="a>b" data-ref="PMID:3">1</sup>', '<sup data-ref="PMID:4"><i>x</i></sup>', "<b>a", "</p>", "&amp;"]
    )
)  # fmt: skip


@given(pieces=PIECES, references=st.lists(st.sampled_from(["PMID:22", "PMID:3", "Livro", "doi:10.1000/x"])))
def test_numbering_twice_changes_nothing_and_numbers_are_places_in_the_list(
    pieces: list[str], references: list[str]
) -> None:
    html, listed = renumber(clean_html("".join(pieces)), references)

    assert renumber(clean_html(html), listed) == (html, listed)
    assert listed[: len(cited(html))] == cited(html)
    for number, key in enumerate(cited(html), 1):
        assert f'data-ref="{key.replace("&", "&amp;")}">[{number}]</sup>' in html


# --- Through the services --------------------------------------------------------------------------------------------


def uses(post: Post, *, live: bool) -> list[str]:
    return sorted(ReferenceUse.objects.filter(post=post, live=live).values_list("identifier", flat=True))


def test_saving_numbers_the_text_and_keeps_its_uses(post_factory, act_as, cast) -> None:
    author = cast["author"]
    post = post_factory.draft(content=f"<p>a{marker('PMID:2')}</p>", scientific_references=["PMID 1"])

    with act_as(author):
        revision = revisions.newest_revision(post)
        assert revision.content == f"<p>a{marker('PMID:2', '[1]')}</p>"
        assert revision.scientific_references == ["PMID:2", "PMID:1"]
        assert uses(post, live=False) == ["PMID:1", "PMID:2"]
        content = f"<p>{marker('DOI:10.1000/x')} a{marker('PMID:2')}</p>"
        revision = revisions.save_revision(post, actor=author, changes={"content": content})
        assert revision.content == f"<p>{marker('DOI:10.1000/x', '[1]')} a{marker('PMID:2', '[2]')}</p>"
        assert revision.scientific_references == ["DOI:10.1000/x", "PMID:2", "PMID:1"]
        assert post.content == revision.content
        assert uses(post, live=False) == ["DOI:10.1000/x", "PMID:1", "PMID:2"]
        again = revisions.save_revision(post, actor=author, changes={"content": revision.content})
        assert again.pk == revision.pk


def test_a_thousand_works_are_the_most(post_factory, act_as, cast) -> None:
    author, post = cast["author"], post_factory.draft()
    with act_as(author):
        content = "".join(f"<p>{marker(f'PMID:{number}')}</p>" for number in range(1, 1002))
        with pytest.raises(Refused) as refused:
            revisions.save_revision(post, actor=author, changes={"content": content})
        assert refused.value.code == "references_many"
        revisions.save_revision(post, actor=author, changes={"content": content.replace("PMID:1001", "PMID:1")})
        assert len(uses(post, live=False)) == 1000


def test_live_uses_are_those_of_the_site(post_factory, act_as, cast) -> None:
    post = post_factory.published(scientific_references=["PMID:1"])

    with act_as(cast["editor"]):
        revisions.save_revision(post, actor=cast["editor"], changes={"scientific_references": ["PMID:2"]})
        assert (uses(post, live=True), uses(post, live=False)) == (["PMID:1"], ["PMID:2"])
        publishing.unpublish(post, actor=cast["editor"])
        assert (uses(post, live=True), uses(post, live=False)) == ([], ["PMID:2"])


def test_withdrawn_text_is_on_the_site_no_more(post_factory, act_as, cast) -> None:
    post = post_factory.published(scientific_references=["PMID:1"])

    with act_as(cast["compliance_officer"]):
        review.withdraw(post, actor=cast["compliance_officer"], reason="Referência retirada do ar.")

        assert uses(post, live=True) == []
