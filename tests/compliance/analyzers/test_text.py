import gc

import pytest

from compliance.analyzers import packs, scan
from compliance.analyzers.text import extract, normalise, view


def split(text, lang="pt"):
    prepared = view(text, lang)
    return [prepared.text[start:end] for start, end in prepared.sentences]


def test_extract_joins_inline_tags_and_keeps_offsets():
    html = "<p>CPF 529.<b>982</b>.247-25 &amp; fim</p>"

    extracted = extract(html)

    assert extracted.text == "CPF 529.982.247-25 & fim"
    start, end = extracted.to_source(4, 18)
    assert html[start:end] == "529.<b>982</b>.247-25"


def test_extract_makes_paragraphs_of_blocks_and_lines_of_breaks():
    assert extract("<h1>A</h1><p>b<br>c</p><ul><li>d</li></ul>").text == "A\n\nb\nc\n\nd"


def test_extract_skips_script_and_style_but_reads_alt():
    extracted = extract('<style>p{}</style><script>var a="<p>x"</script>ok<img alt="foto > da paciente">')

    assert extracted.text == "ok"
    assert [(a.name, a.value) for a in extracted.attributes] == [("alt", "foto > da paciente")]


def test_extract_keeps_a_lone_less_than_sign():
    assert extract("p < 0,05 e a<b").text.startswith("p < 0,05")


def test_normalise_maps_composed_invisible_and_wide_characters_back():
    text = "cafe\u0301\u200b １２\u00a0\u2011x"

    normal = normalise(text)

    assert normal.text == "café 12 -x"
    assert normal.fold == "cafe 12 -x"
    assert text[slice(*normal.to_source(5, 7))] == "１２"


def test_normalise_turns_homoglyphs_into_latin():
    assert normalise("СРF").fold == "cpf"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("O Dr. Paulo saiu. A Dra. Ana ficou.", 2),
        ("Ver fig. 3 e tab. 2, p. ex. Na sala.", 1),
        ("Silva et al. Mostraram isso em 2019.", 1),
        ("A dose foi 3.5 mg. Depois, 4.0 mg.", 2),
        ("Falta vitamina D. O exame confirma.", 2),
        ("O paciente J. R. Souza voltou.", 1),
        ("“Ótimo!” Ele riu.", 2),
        ("linha um\nlinha dois", 2),
        ("Registro Reg. MS 123. Av. Brasil, 10.", 2),
        ("Foi às 10h. 20 pessoas vieram.", 2),
        ("Resultados: houve melhora.", 1),
    ],
)
def test_sentences(text, count):
    assert len(split(text)) == count


@pytest.mark.parametrize("source", ["a+", "(?:ab)*c", r"\s*x", r"(a)\1", "a{3,}", "a{1,9999}"])
def test_patterns_without_a_bound_are_refused(source):
    with pytest.raises(scan.UnsafePattern):
        scan.compile(source)


def test_every_pattern_of_the_engine_compiles():
    packs.load()

    patterns = [each for each in gc.get_objects() if isinstance(each, scan.Pattern)]

    assert len(patterns) > 500
    for pattern in patterns:  # they are compiled when a text first needs them
        pattern.compiled()
