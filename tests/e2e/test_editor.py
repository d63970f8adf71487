"""The editor in a browser: tool bar, links, tables, HTML tab, keys, and the same without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import sign_in

pytestmark = pytest.mark.once
ADD = "/admin/content/post/add/"
CONTENT = "[name=content]"


@pytest.fixture
def editor(product, open_page) -> Page:
    """A new post, opened by the author."""
    page = open_page()
    sign_in(page, product, "author@aurora.example")
    page.goto(product.url(ADD))
    return page


def _show(page: Page, html: str) -> None:
    """Put HTML in through the Text tab and go back to the visual editor."""
    page.click("[data-mode=text]")
    page.fill(CONTENT, html)
    page.click("[data-mode=visual]")


def test_tool_bar_writes_html(editor: Page) -> None:
    editor.locator(".ProseMirror").click()
    editor.keyboard.type("um ")
    editor.keyboard.press("Control+b")
    editor.keyboard.type("dois")
    editor.keyboard.press("Control+b")
    editor.keyboard.press("Enter")
    editor.select_option("[data-block]", "2")
    editor.keyboard.type("Título")
    editor.keyboard.press("Enter")
    editor.click("[data-command=bulletList]")
    editor.keyboard.type("item")
    editor.keyboard.press("Enter")
    editor.keyboard.press("Enter")
    editor.click("[data-command=table]")
    editor.keyboard.type("cabeça")

    html = editor.input_value(CONTENT)
    assert html.startswith("<p>um <strong>dois</strong></p><h2>Título</h2><ul><li><p>item</p></li></ul><table>")
    assert "<th><p>cabeça</p></th>" in html
    expect(editor.locator("[data-in-table]")).to_be_visible()


def test_link_dialog_refuses_script_addresses(editor: Page) -> None:
    editor.locator(".ProseMirror").click()
    editor.keyboard.press("Control+k")
    editor.fill("[data-url]", "javascript:alert(1)")
    editor.keyboard.press("Enter")
    expect(editor.locator("[data-url-error]")).to_be_visible()

    editor.fill("[data-url]", "https://www.gov.br/saude")
    editor.keyboard.press("Enter")

    assert '<a href="https://www.gov.br/saude">' in editor.input_value(CONTENT)


@pytest.mark.parametrize(
    "html",
    [
        '<p>a <a href="/x/" rel="noopener">b</a><sup>1</sup></p><h2 id="q">q</h2><ol start="3"><li><p>x</p></li></ol>',
        "<blockquote><p>q</p></blockquote><table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
        "<p><b>a</b> <i>b</i> <del>c</del> <code>d</code></p><pre>e</pre><hr>",
        '<table><tbody><tr><td colspan="2">a</td></tr></tbody></table>',
    ],
)
def test_visual_editor_opens_what_it_can_keep(editor: Page, html: str) -> None:
    _show(editor, html)

    expect(editor.locator(".ProseMirror")).to_be_visible()
    assert editor.input_value(CONTENT) == html


@pytest.mark.parametrize(
    "html",
    [
        '<p><abbr title="x">y</abbr></p>',
        '<p lang="en">hi</p>',
        "<dl><dt>a</dt><dd>b</dd></dl>",
        '<th scope="col">a</th>',
    ],
)
def test_html_that_would_be_lost_stays_html(editor: Page, html: str) -> None:
    html = f"<table><tbody><tr>{html}</tr></tbody></table>" if html.startswith("<th") else html
    _show(editor, html)

    expect(editor.locator("[data-kept]")).to_be_visible()
    expect(editor.locator(CONTENT)).to_be_visible()
    assert editor.input_value(CONTENT) == html


def test_keys_rows_and_disclaimer(editor: Page) -> None:
    editor.fill("[name=title]", "Texto com campos")
    usual = editor.input_value("[name=medical_disclaimer]")
    editor.select_option("[name=compliance_level]", "professional")
    assert editor.input_value("[name=medical_disclaimer]") not in ("", usual)
    editor.click("[data-add-row]")
    editor.keyboard.type("evidence_level")
    editor.keyboard.press("Tab")
    editor.keyboard.type("1b")
    editor.keyboard.press("Control+s")

    expect(editor).to_have_url(re.compile(r"/change/$"))
    expect(editor.locator("[name=fields-0-key]")).to_have_value("evidence_level")
    expect(editor.locator("[name=slug]")).to_have_value("texto-com-campos")


def test_leaving_with_unsaved_text_asks(editor: Page, product) -> None:
    asked: list[str] = []
    editor.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    editor.fill("[name=excerpt]", "Não guardado")

    editor.goto(product.url("/admin/"))

    assert asked == ["beforeunload"]


def test_errors_take_the_focus_and_link_to_their_fields(editor: Page) -> None:
    editor.fill("[name=title]", "Outro")
    editor.fill("[name=slug]", "!!!")
    editor.keyboard.press("Enter")

    expect(editor.locator("#errors")).to_be_focused()
    editor.click("#errors a")
    expect(editor.locator("[name=slug]")).to_be_focused()


def test_everything_works_without_javascript(product, open_page) -> None:
    page = open_page(width=390, javascript=False)
    sign_in(page, product, "author@aurora.example")
    page.goto(product.url(ADD))
    page.fill("[name=title]", "Sem programa")
    page.fill(CONTENT, "<p>Texto.</p>")
    page.fill("[name=fields-0-key]", "funding")
    page.fill("[name=fields-0-value]", "nenhum")
    page.click("form#editor .publish button[value=save]")

    expect(page).to_have_url(re.compile(r"/change/$"))
    assert page.input_value(CONTENT) == "<p>Texto.</p>"
    page.click(".menu-phone summary")
    expect(page.locator(".menu-phone nav")).to_be_visible()


def test_list_undo_and_tick_all(product, open_page) -> None:
    page = open_page()
    sign_in(page, product, "editor@aurora.example")
    page.goto(product.url("/admin/content/post/?tab=draft"))
    before = page.locator("table.posts tbody tr").count()
    page.check("[data-tick-all]")
    assert page.locator("[name=ids]:checked").count() == before
    page.uncheck("[data-tick-all]")
    page.locator("table.posts tbody tr").first.hover()
    page.locator("table.posts tbody tr").first.locator("button.danger").click()
    page.locator(".notice button").click()

    page.goto(product.url("/admin/content/post/?tab=draft"))
    assert page.locator("table.posts tbody tr").count() == before
