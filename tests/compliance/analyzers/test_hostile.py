# ruff: noqa: E501 - a pattern stays on one line
"""Hostile input ends, and the work grows at most linearly, counted in steps and not by the clock."""

import pytest

from compliance.analyzers import Document, analyze, scan

HOSTILE = {
    "letters": "a", "digits": "1", "nines": "9 ", "dots": ".", "quotes": '"', "brackets": "[", "tags": "<p>", "open_tags": "<a ",
    "open_quotes": '<a b="', "comments": "<!--", "entities": "&amp", "amps": "&", "names": "Maria ", "name_commas": "Maria Souza, ",
    "capitals": "A", "initials": "A.", "at": "a@", "dashes": "1-", "slashes": "1/", "colons": "f:", "rtl": "\u202e1", "nul": "\x00a",
    "wide": "１", "combining": "e\u0301", "marks": "\u0301", "newlines": "\n", "blanks": " ", "cpf": "CPF 529.982.247-25 ",
    "paciente": "paciente ", "garante": "garante resultado ", "years": "90 anos ", "negation": "não ", "dates": "01/01/2000 a ",
    "digit_words": "um dois ", "lone_surrogates": "\ud800", "refs": "10.1000/", "quoted": '"paciente maravilhosa recomendo" ',
    "effect": "reduz a dor ", "spoken": "cinco ", "rua": "rua ", "doi": "doi:10.1234/a", "ag": "agencia 1234 ", "list": "1. ",
    "best": "o melhor médico do ano, ", "asked": "sorteio de botox? Não. ", "fees": "psicóloga R$ 10 ", "spaced_mail": "a@b.c. d ",
    "machines": "recebeu em 01/02/2020 ", "initial_label": "iniciais A.B. ", "worse": "a dor melhorou com uso ", "houses": "Hospital Tia Dalva ",
    "frames": "o chá traz alívio para a dor e ", "the_more": "quanto maior o sal, ", "folk": "quem fuma adoece mais ", "said": '" conta a paciente ',
}  # fmt: skip


def steps(text: str, *, html: bool) -> int:
    document = Document(content_html=text) if html else Document(content_text=text)
    with scan.counting() as counted:
        analyze(document)
    return counted.total


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_steps_grow_at_most_linearly(name):
    unit = HOSTILE[name]
    html = name in ("tags", "open_tags", "open_quotes", "comments", "entities", "amps")

    small, large = (steps((unit * (size // len(unit) + 1))[:size], html=html) for size in (1_000, 10_000))

    assert large <= 13 * small


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hundred_thousand_characters_end(name):
    unit = HOSTILE[name]
    html = name in ("tags", "open_tags", "open_quotes", "comments", "entities", "amps")

    counts = [steps((unit * (size // len(unit) + 1))[:size], html=html) for size in (1_000, 10_000, 100_000)]

    assert counts[2] <= 13 * counts[1] or counts[2] <= 130 * counts[0]


def test_nested_tags_and_right_to_left_marks_keep_the_finding():
    html = "<div>" * 500 + "CPF 5\u200f2\u200e9.<b></b>982.247-25" + "</div>" * 500

    (finding,) = list(analyze(Document(content_html=html)).phi)

    assert finding.code == "cpf"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"(?<!\w)(?:garant[oae]|curas?)(?!\w)", "Nós garanto"),
        (r"(?i)nct\d{2}", "NCT01"),
        (r"(?:abc)?def|ghi{1,2}", "ghii"),
        (r"[ab]c{0,3}", "a"),
        (r"(?:ab|c)d", "cd"),
    ],
)
def test_the_look_for_literals_first_loses_nothing(source, text):
    pattern = scan.compile(source)

    assert pattern.search(text)
    assert list(pattern.finditer(text))
    assert pattern.search(f"xx {text} yy", 2, len(text) + 4)
