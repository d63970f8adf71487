"""Vancouver and ABNT NBR 6023: the pattern of each kind of work, and what holds for every work."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.citations import abnt, abnt_html, initials, link_of, structured, vancouver
from content.enums import ReferenceKind
from content.models import Reference

SILVA = {"family": "Silva", "given": "Ana Maria"}
SOUZA = {"family": "Souza", "given": "J."}
MINISTRY = {"literal": "Brasil. Ministério da Saúde"}


def article(**changes: object) -> Reference:
    values = {
        "tenant_id": None, "type": "doi", "identifier": "DOI:10.1000/abc", "csl_type": "article-journal",
        "title": "Title", "authors": [SILVA, SOUZA], "container": "Journal", "year": 2023, "volume": "12",
        "issue": "3", "pages": "45-52",
    }  # fmt: skip
    return Reference(**values | changes)


def test_patterns_of_the_domain_rules() -> None:
    assert vancouver(article()) == "Silva AM, Souza J. Title. Journal. 2023;12(3):45-52. doi:10.1000/abc"
    assert abnt(article()) == "SILVA, A. M.; SOUZA, J. Title. Journal, v. 12, n. 3, p. 45-52, 2023. DOI: 10.1000/abc."
    assert "<strong>Journal</strong>, v. 12" in abnt_html(article())


@pytest.mark.parametrize(
    ("changes", "expected_vancouver", "expected_abnt"),
    [
        (
            {"type": "isbn", "identifier": "9788538810544", "csl_type": "book", "title": "Clínica médica.",
             "container": "", "publisher": "Atheneu", "place": "São Paulo", "authors": [SILVA]},
            "Silva AM. Clínica médica. São Paulo: Atheneu; 2023. ISBN: 9788538810544.",
            "SILVA, A. M. Clínica médica. São Paulo: Atheneu, 2023. ISBN 9788538810544.",
        ),
        (
            {"type": "guideline", "identifier": "Capítulo 3", "csl_type": "chapter", "title": "Asma",
             "container": "Tratado", "publisher": "", "place": "", "authors": [SILVA]},
            "Silva AM. Asma. In: Tratado. 2023. p. 45-52.",
            "SILVA, A. M. Asma. In: Tratado. [S. l.]: [s. n.], 2023. p. 45-52.",
        ),
        (
            {"type": "url", "identifier": "https://www.gov.br/hpv", "csl_type": "webpage", "title": "HPV",
             "container": "", "authors": [MINISTRY], "accessed_at": date(2026, 3, 4), "publisher": "Ministério",
             "place": "Brasília"},
            "Brasil. Ministério da Saúde. HPV [Internet]. Brasília: Ministério; 2023 [citado 4 mar. 2026]."
            " Disponível em: https://www.gov.br/hpv",
            "BRASIL. Ministério da Saúde. HPV. Brasília: Ministério, 2023. Disponível em: https://www.gov.br/hpv."
            " Acesso em: 4 mar. 2026.",
        ),
        (
            {"type": "trial", "identifier": "NCT01234567", "csl_type": "trial", "title": "Estudo X",
             "container": "ClinicalTrials.gov", "authors": []},
            "Estudo X. ClinicalTrials.gov [Internet]. 2023. Identificador: NCT01234567."
            " Disponível em: https://clinicaltrials.gov/study/NCT01234567",
            "ESTUDO X. Identificador: NCT01234567. ClinicalTrials.gov, 2023."
            " Disponível em: https://clinicaltrials.gov/study/NCT01234567.",
        ),
        (
            {"type": "url", "identifier": "https://teses.usp.br/1", "csl_type": "thesis", "title": "Sono",
             "container": "", "publisher": "Universidade de São Paulo", "place": "São Paulo", "authors": [SOUZA]},
            "Souza J. Sono [tese]. São Paulo: Universidade de São Paulo; 2023.",
            "SOUZA, J. Sono. 2023. Tese – Universidade de São Paulo, São Paulo, 2023."
            " Disponível em: https://teses.usp.br/1.",
        ),
    ],
)  # fmt: skip
def test_patterns_of_other_kinds(changes: dict, expected_vancouver: str, expected_abnt: str) -> None:
    assert vancouver(article(**changes)) == expected_vancouver
    assert abnt(article(**changes)) == expected_abnt


def test_many_authors_end_in_et_al() -> None:
    many = [{"family": f"Autor{n}", "given": "B"} for n in range(7)]

    assert vancouver(article(authors=many)).startswith(
        "Autor0 B, Autor1 B, Autor2 B, Autor3 B, Autor4 B, Autor5 B, et al."
    )
    assert abnt(article(authors=many)).startswith("AUTOR0, B. et al. Title.")
    assert "et al" not in vancouver(article(authors=many[:6])) + abnt(article(authors=many[:3]))


def test_title_that_asks_keeps_its_mark() -> None:
    assert "Cura? Journal. 2023" in vancouver(article(title="Cura?"))
    assert "Cura? Journal, v." in abnt(article(title="Cura?"))


@pytest.mark.parametrize(
    ("given_names", "letters"),
    [("Ana Maria", "AM"), ("A. M.", "AM"), ("AM", "AM"), ("Jean-Paul", "JP"), ("João de", "J"), ("", "")],
)
def test_initials(given_names: str, letters: str) -> None:
    assert "".join(initials(given_names)) == letters


@pytest.mark.parametrize(
    ("identifier", "address"),
    [
        ("DOI:10.1000/a(b)c", "https://doi.org/10.1000/a(b)c"),
        ('DOI:10.1000/"x', "https://doi.org/10.1000/%22x"),
        ("PMID:1", "https://pubmed.ncbi.nlm.nih.gov/1"),
        ("PMC12", "https://pmc.ncbi.nlm.nih.gov/articles/PMC12"),
        ("NCT01234567", "https://clinicaltrials.gov/study/NCT01234567"),
        ("RBR-6x9y5z", "https://ensaiosclinicos.gov.br/rg/RBR-6x9y5z"),
        ("javascript:alert(1)", ""),
        ("9788538810544", ""),
    ],
)
def test_addresses(identifier: str, address: str) -> None:
    assert link_of(identifier) == address


def test_html_is_escaped() -> None:
    item = article(title="<script>x", container="<b>J", authors=[{"literal": "<i>A"}])

    assert "<script>" not in abnt_html(item)
    assert "<strong>&lt;b&gt;J</strong>" in abnt_html(item)


def test_structured_data_names_the_work() -> None:
    assert structured(article(other_identifiers=["PMID:7"], authors=[SILVA, MINISTRY])) == {
        "@type": "ScholarlyArticle",
        "name": "Title",
        "author": [
            {"@type": "Person", "name": "Ana Maria Silva"},
            {"@type": "Organization", "name": "Brasil. Ministério da Saúde"},
        ],
        "datePublished": "2023",
        "isPartOf": {"@type": "Periodical", "name": "Journal"},
        "identifier": ["DOI:10.1000/abc", "PMID:7"],
        "url": "https://doi.org/10.1000/abc",
    }


WORD = st.sampled_from(["Ensaio", "Tratado de clínica.", "Por quê?", "São Paulo", "Saúde"])
MAYBE = st.one_of(st.just(""), WORD)
ITEMS = st.builds(
    article,
    csl_type=st.sampled_from(ReferenceKind.values),
    title=WORD,
    container=MAYBE,
    publisher=MAYBE,
    place=st.sampled_from(["", "Recife"]),
    year=st.one_of(st.none(), st.integers(1900, 2030)),
    volume=st.sampled_from(["", "12"]),
    issue=st.sampled_from(["", "3"]),
    pages=st.sampled_from(["", "45-52", "e12"]),
    authors=st.lists(st.sampled_from([SILVA, SOUZA, MINISTRY]), max_size=8),
    url=st.sampled_from(["", "https://a.b/c"]),
    accessed_at=st.one_of(st.none(), st.just(date(2026, 3, 4))),
)


@given(item=ITEMS)
def test_every_work_makes_a_clean_sentence(item: Reference) -> None:
    for text in (vancouver(item), abnt(item)):
        assert not re.search(r"None|\(\)|\.\.|[,;:]\.|\s\s|^\W|, ,|; ;| $|^ ", text), text
        assert item.title.rstrip(".?").lower() in text.lower()
        assert "10.1000/abc" in text
        if item.year:
            assert str(item.year) in text
        if item.authors:
            assert item.authors[0].get("family", "Ministério").lower() in text.lower()
    assert re.sub(r"</?strong>", "", abnt_html(item)) == abnt(item)
