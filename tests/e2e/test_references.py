"""Citing in the editor: add a PMID, insert it at the cursor, see the numbers shift; the list without JavaScript."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.steps import sign_in

ADD = "/admin/content/post/add/"
CONTENT = "[name=content]"
LIST = "[name=scientific_references]"


@pytest.fixture
def editor(product, open_page) -> Page:
    """A new post, opened by the author."""
    page = open_page()
    sign_in(page, product, "author@aurora.example")
    page.goto(product.url(ADD))
    return page


def cite(page: Page, text: str) -> None:
    """Search and take the first hit, by keyboard alone."""
    page.keyboard.press("Control+Alt+c")
    expect(page.locator("#ref-search")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.locator("[data-ref-status]")).not_to_be_empty()
    expect(page.locator(".ProseMirror")).to_be_focused()


def place(page: Page, start: int, end: int) -> None:
    """Select by position: right after taking the focus ProseMirror does not hear of a cursor moved by keys."""
    page.evaluate(
        "([from, to]) => document.querySelector('[data-rich-text]').richText.editor"
        ".chain().focus().setTextSelection({ from, to }).run()",
        [start, end],
    )
    expect(page.locator(".ProseMirror")).to_be_focused()


@pytest.mark.once
def test_numbers_shift_when_an_earlier_citation_is_inserted(editor: Page) -> None:
    editor.fill("[name=title]", "Texto com citações")
    editor.locator(".ProseMirror").click()
    editor.keyboard.type("Primeira frase. Segunda frase.")
    cite(editor, "PMID 30123456")
    assert editor.input_value(CONTENT) == (
        '<p>Primeira frase. Segunda frase.<sup data-ref="PMID:30123456">[1]</sup></p>'
    )
    assert editor.input_value(LIST) == "PMID:30123456"

    place(editor, *[len("Primeira frase.") + 1] * 2)
    cite(editor, "https://doi.org/10.1000/ABC")

    assert editor.input_value(CONTENT) == (
        '<p>Primeira frase.<sup data-ref="DOI:10.1000/abc">[1]</sup>'
        ' Segunda frase.<sup data-ref="PMID:30123456">[2]</sup></p>'
    )
    assert editor.input_value(LIST) == "DOI:10.1000/abc\nPMID:30123456"
    expect(editor.locator("[data-ref-list] li")).to_have_count(2)

    editor.keyboard.press("Control+s")
    expect(editor).to_have_url(re.compile(r"/change/$"))
    expect(editor.locator(".ProseMirror sup[data-ref]")).to_have_text(["[1]", "[2]"])
    assert editor.input_value(LIST) == "DOI:10.1000/abc\nPMID:30123456"
    editor.locator('[data-mode="text"]').click()
    assert '<sup data-ref="PMID:30123456">[2]</sup>' in editor.input_value(CONTENT)


@pytest.mark.once
def test_deleting_a_citation_moves_the_numbers_back_and_undo_brings_it_again(editor: Page) -> None:
    editor.locator(".ProseMirror").click()
    editor.keyboard.type("Um")
    cite(editor, "PMID:11111111")
    editor.keyboard.type(" dois")
    cite(editor, "PMID:22222222")
    place(editor, 3, 4)
    editor.keyboard.press("Delete")

    assert editor.input_value(CONTENT) == '<p>Um dois<sup data-ref="PMID:22222222">[1]</sup></p>'
    assert editor.input_value(LIST) == "PMID:22222222\nPMID:11111111"

    editor.keyboard.press("Control+z")

    assert re.findall(r'data-ref="([^"]*)">(\[\d\])', editor.input_value(CONTENT)) == [
        ("PMID:11111111", "[1]"),
        ("PMID:22222222", "[2]"),
    ]


@pytest.mark.once
def test_pasted_identifier_is_in_the_library_afterwards(product, editor: Page) -> None:
    editor.fill("#ref-search", "PMID: 33333333")
    editor.locator("[data-ref-results] button").last.click()
    expect(editor.locator("[data-ref-list] li")).to_have_text(re.compile("PMID:33333333"))
    expect(editor.locator("#ref-search")).to_be_focused()

    other = editor.context.new_page()
    other.goto(product.url("/admin/content/references/?s=33333333"))

    expect(other.locator("table.references tbody tr")).to_have_count(1)


@pytest.mark.once
def test_citation_in_the_text_tab(editor: Page) -> None:
    editor.click("[data-mode=text]")
    editor.fill(CONTENT, "<p>a</p>")
    editor.fill(LIST, "PMID:44444444")
    editor.locator("[data-ref-list] button").first.click()

    assert editor.input_value(CONTENT) == '<p>a</p><sup data-ref="PMID:44444444">[?]</sup>'


@pytest.mark.once
def test_list_works_without_javascript(product, open_page) -> None:
    page = open_page(width=390, javascript=False)
    sign_in(page, product, "author@aurora.example")
    page.goto(product.url(ADD))
    expect(page.locator("[data-ref-tools]")).to_be_hidden()
    page.fill("[name=title]", "Sem programa, com fontes")
    page.fill(CONTENT, '<p>a<sup data-ref="PMID:2">x</sup></p>')
    page.fill(LIST, "pmid 1\nPMID:2")
    page.click("form#editor .publish button[value=save]")

    expect(page).to_have_url(re.compile(r"/change/$"))
    assert page.input_value(LIST) == "PMID:2\nPMID:1"
    assert page.input_value(CONTENT) == '<p>a<sup data-ref="PMID:2">[1]</sup></p>'


@pytest.mark.once
@pytest.mark.parametrize("width", [1280, 390])
def test_screens_have_no_accessibility_errors(product, open_page, width: int) -> None:
    page = open_page(width=width)
    sign_in(page, product, "editor@aurora.example")
    page.goto(product.url("/admin/content/references/add/"))
    page.fill("[name=identifier]", f"PMID:5{width}")
    page.fill("[name=title]", "Ensaio de acessibilidade")
    page.click("form.reference-form button[type=submit]")
    expect(page.locator("#ref-citation")).to_be_visible()
    detail = page.url
    for address in (
        detail,
        f"{detail}change/",
        *(product.url(f"/admin/content/references/{x}") for x in ("", "import/", "?s=nada")),
    ):
        page.goto(address)
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
