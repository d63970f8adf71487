"""Differences between revisions, as people read them."""

import pytest

from content import diff
from content.diff import Piece, Row, blocks_of, compare_html, compare_text


def test_blocks_name_headings_items_and_cells() -> None:
    html = "<h2>Um</h2><p>Dois <b>três</b><br>quatro</p><ul><li><p>cinco</p></li></ul>"
    html += "<table><tr><td>seis</td></tr></table>"

    assert blocks_of(html) == ["h2: Um", "Dois três\nquatro", "li: cinco", "td: seis"]


def test_links_and_images_are_part_of_the_text() -> None:
    old, new = '<p><a href="/a/">veja</a></p>', '<p><a href="/b/">veja</a></p>'

    assert [row.kind for row in compare_html(old, new)] == ["changed"]
    assert blocks_of('<img src="/x.png" alt="Raio X">') == ["[Raio X /x.png]"]


def test_scripts_are_no_text() -> None:
    assert blocks_of("<p>a</p><script>alert(1)</script><style>p{}</style>") == ["a"]


def test_words_inside_a_changed_block() -> None:
    assert compare_text("um dois três", "um quatro três") == [
        Row(
            "changed",
            [Piece("same", "um "), Piece("removed", "dois"), Piece("same", " três")],
            [Piece("same", "um "), Piece("added", "quatro"), Piece("same", " três")],
        )
    ]


def test_added_and_removed_blocks() -> None:
    rows = compare_html("<p>a</p><p>b</p>", "<p>a</p>")

    assert [row.kind for row in rows] == ["same", "removed"]
    assert [row.kind for row in compare_html("", "<p>a</p>")] == ["added"]


def test_change_of_mark_up_alone_is_shown() -> None:
    rows = compare_html("<p>dose <b>única</b></p>", "<p>dose única</p>")

    assert [row.kind for row in rows] == ["changed"]


def test_equal_texts_have_no_change() -> None:
    assert {row.kind for row in compare_html("<p>a</p>", "<p>a</p>")} == {"same"}


def test_huge_texts_are_compared_as_a_whole() -> None:
    old = "palavra " * 2_000
    many = [str(number) for number in range(5_000)]

    words = compare_text(old, old + "mais")
    lines = compare_text("\n".join(many), "\n".join([*many, "mais"]))

    assert [(row.kind, len(row.old), len(row.new)) for row in words] == [("changed", 1, 1)]
    assert [(row.kind, len(row.old), len(row.new)) for row in lines] == [("changed", 1, 1)]


def test_repeated_blocks_do_not_stall_the_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff, "MOST_STEPS", 10_000)
    old, new = "<p>a</p><p>b</p>" * 200, "<p>a</p><p>c</p>" * 200

    rows = compare_html(old, new)

    assert len(rows) == 1
    assert rows[0].kind == "changed"


def test_repeated_words_do_not_stall_the_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff, "MOST_STEPS", 10_000)
    old, new = "a b " * 300, "a c " * 300

    assert compare_text(f"{old}\num", f"{new}\num") == [
        Row("changed", [Piece("removed", old)], [Piece("added", new)]),
        Row("same", [Piece("same", "um")], [Piece("same", "um")]),
    ]


def test_a_long_text_is_compared_within_the_steps() -> None:
    paragraphs = [" ".join(f"palavra{n} de um texto," for n in range(m, m + 60)) for m in range(300)]
    changed = [text.replace("palavra5 ", "outra ") for text in paragraphs]

    rows = compare_text("\n".join(paragraphs), "\n".join(changed))

    assert {row.kind for row in rows} == {"same", "changed"}
    assert max(len(row.old) for row in rows) > 1  # word by word, not as a whole
