"""The check while writing, in a browser: why the score falls, one click redacts, undo returns, and no JavaScript."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.steps import sign_in
from tests.e2e.test_accessibility import overflow, violations

ADD = "/admin/content/post/add/"
NAME, CPF = "Maria das Dores Silva", "529.982.247-25"
CASE = (
    f"Relato de caso: a paciente {NAME}, CPF {CPF}, nascida em 12/03/1957, prontuário nº 884512, "
    "foi internada com diabetes."
)
REDACTED = (
    "Relato de caso: a paciente [nome removido], CPF [CPF removido], nascida em 1957, "
    "prontuário nº [prontuário removido], foi internada com diabetes."
)
CLAIM = "O uso diário do remédio reduz a mortalidade em 30%."
TEXT = ".ProseMirror"


@pytest.fixture
def editor(product, open_page) -> Page:
    """A new post, opened by the author."""
    page = open_page()
    sign_in(page, product, "author@aurora.example")
    page.goto(product.url(ADD))
    return page


def _write(page: Page, *paragraphs: str) -> None:
    """As a paste: all at once."""
    page.locator(TEXT).click()
    for number, paragraph in enumerate(paragraphs):
        if number:
            page.keyboard.press("Enter")
        page.keyboard.insert_text(paragraph)


def _cursor_at_the_start(page: Page) -> None:
    """The browser moves its cursor at once, and tells the editor of it a moment later."""
    page.keyboard.press("Control+Home")
    page.wait_for_function("() => document.querySelector('.ProseMirror').editor.state.selection.from === 1")


def _score(page: Page, value: int) -> None:
    expect(page.locator("#analysis meter")).to_have_attribute("value", str(value))


def _item(page: Page, title: str):
    item = page.locator("#analysis .an-item", has=page.locator(".an-title", has_text=re.compile(f"^{title}")))
    item.locator("summary").click()
    return item


def _underlined(page: Page) -> dict[str, list[str]]:
    return page.evaluate(
        "() => Object.fromEntries([...CSS.highlights].map(([name, ranges]) => [name, [...ranges].map(String)]))"
    )


def _selected(page: Page) -> str:
    return page.evaluate("() => getSelection().toString()")


def test_a_case_report_is_redacted_by_one_click_and_undone(editor: Page) -> None:
    _score(editor, 100)
    editor.fill("[name=title]", f"Caso da paciente {NAME}")
    _write(editor, CASE, f"O CPF {CPF} de novo.")

    _score(editor, 0)
    editor.locator(".an-why summary").click()
    rows = [int(cell.inner_text().lstrip("−")) for cell in editor.locator(".an-rows tbody td:last-child").all()]
    assert 100 - sum(rows) <= 0
    expect(editor.locator(".an-rows tfoot")).to_contain_text("nunca abaixo de 0")
    assert sorted(_underlined(editor)["an-phi"]) == sorted([CPF, CPF, "884512", NAME, "12/03/1957"])
    expect(editor.locator("#an-at-title")).to_contain_text("Nome de paciente")
    expect(editor.locator(".publish [data-brief]")).to_contain_text("Pontuação LGPD 0 de 100")

    editor.click("[data-redact-all]")

    expect(editor.locator(TEXT)).to_contain_text(REDACTED)
    expect(editor.locator(TEXT)).to_contain_text("O CPF [CPF removido] de novo.")
    expect(editor.locator("[name=title]")).to_have_value("Caso da paciente [nome removido]")
    assert CPF not in editor.input_value("[name=content]")
    _score(editor, 100)
    assert _underlined(editor)["an-phi"] == []

    expect(editor.locator(TEXT)).to_be_focused()
    editor.keyboard.press("Control+z")
    expect(editor.locator(TEXT)).to_contain_text(CASE)
    editor.focus("[name=title]")
    editor.keyboard.press("Control+z")
    expect(editor.locator("[name=title]")).to_have_value(f"Caso da paciente {NAME}")
    _score(editor, 0)


def test_one_place_is_shown_and_replaced_and_marks_stay(editor: Page) -> None:
    _write(editor, CASE, f"O CPF {CPF} de novo.")
    _score(editor, 0)
    _cursor_at_the_start(editor)
    editor.keyboard.press("Control+b")
    expect(editor.locator("[data-command=bold]")).to_have_attribute("aria-pressed", "true")
    editor.keyboard.type("Antes. ")
    assert CPF in _underlined(editor)["an-phi"]  # at once: before the next check
    item = _item(editor, "CPF")
    item.locator("[data-show]").click()
    assert _selected(editor) == CPF
    item.locator("[data-show]").click()
    item.locator("[data-replace]").click()

    expect(editor.locator(TEXT)).to_contain_text("O CPF [CPF removido] de novo.")
    expect(editor.locator(TEXT)).to_contain_text(f"CPF {CPF}, nascida")
    assert "<strong>Antes. </strong>" in editor.input_value("[name=content]")


def test_an_effect_asks_for_a_source(editor: Page) -> None:
    _write(editor, "Sobre o tratamento.", CLAIM)

    item = _item(editor, "efeito")
    expect(item).to_contain_text("Ainda sem referência: cite uma fonte.")
    assert _underlined(editor)["an-claim"] == [CLAIM]
    item.locator("[data-cite]").click()
    search = editor.locator("#references-box [data-ref-search]")
    expect(search).to_be_focused()
    search.fill("PMID:31535829")
    search.press("Enter")

    expect(editor.locator("#an-claim-title")).to_have_count(0)
    expect(editor.locator("#analysis")).to_contain_text("1 afirmação tem referência.")


@pytest.mark.once
def test_the_cursor_in_a_passage_points_at_its_finding(editor: Page) -> None:
    _write(editor, CASE, "Nada aqui.")
    _score(editor, 0)
    here = editor.locator("#analysis .an-here")

    _cursor_at_the_start(editor)
    for _ in range(CASE.index(CPF) + 3):
        editor.keyboard.press("ArrowRight")
    expect(here).to_have_count(1)
    expect(here).to_contain_text("CPF")
    expect(here).to_be_in_viewport()

    editor.keyboard.press("Control+End")
    expect(here).to_have_count(0)


def test_a_promise_names_the_article_of_the_council(editor: Page) -> None:
    _write(editor, "Garantimos a cura do diabetes.")

    item = _item(editor, "Promessa de resultado")
    expect(item).to_contain_text("CFM 2.336/2023 art. 11")
    expect(item.locator(".an-fix")).not_to_be_empty()
    expect(item.locator(".an-severity")).to_have_text("impede")


@pytest.mark.once
def test_html_view_fields_and_pictures(editor: Page) -> None:
    editor.click("[data-mode=text]")
    editor.fill("[name=content]", f'<p>A &amp; B</p><p>CPF {CPF}</p><p><img src="/x.png" alt="Paciente {NAME}"></p>')
    editor.fill("[name=fields-0-key]", "nota")
    editor.fill("[name=fields-0-value]", f"A paciente {NAME}")
    expect(editor.locator("#an-at-content")).to_contain_text("CPF")
    expect(editor.locator("#an-at-fields-0-value")).to_contain_text("Nome de paciente")

    editor.click("[data-mode=visual]")
    expect(editor.locator("#an-at-content")).not_to_contain_text("CPF")
    expect(editor.locator("#an-at-content")).to_contain_text("Nome de paciente")
    editor.click("[data-redact-all]")

    expect(editor.locator("[name=fields-0-value]")).to_have_value("A paciente [nome removido]")
    html = editor.input_value("[name=content]")
    assert 'alt="Paciente [nome removido]"' in html and "CPF [CPF removido]" in html


@pytest.mark.once
def test_a_server_that_fails_stops_neither_typing_nor_saving(editor: Page) -> None:
    state = editor.locator("[data-state-text]")
    answers = iter([503, 500])

    def answer(route: Route) -> None:
        status = next(answers, None)
        if status is None:
            route.continue_()
        else:
            route.fulfill(status=status, headers={"Retry-After": "1"}, body="")

    editor.route("**/analyze/", answer)
    editor.fill("[name=title]", "Servidor com problemas")
    expect(state).to_contain_text("ocupado")
    expect(state).to_contain_text("Não foi possível verificar")  # it came back by itself, and was refused
    editor.locator(TEXT).click()
    editor.keyboard.type("Continuo.")
    _score(editor, 100)
    expect(state).to_be_empty()

    editor.keyboard.press("Control+s")
    expect(editor).to_have_url(re.compile(r"/change/$"))
    expect(editor.locator("[name=title]")).to_have_value("Servidor com problemas")


@pytest.mark.once
def test_a_newer_text_cancels_the_check_of_the_older(editor: Page) -> None:
    _score(editor, 100)
    failed: list[str] = []
    editor.on("requestfailed", lambda request: failed.append(request.failure or ""))
    held: list[Route] = []
    editor.route("**/analyze/", lambda route: held.append(route) if not held else route.continue_())
    editor.fill("[name=title]", "Primeiro")
    with editor.expect_request("**/analyze/"):
        pass
    editor.fill("[name=title]", f"CPF {CPF}")

    expect(editor.locator("#analysis meter")).not_to_have_attribute("value", "100")
    assert any("ABORTED" in each for each in failed)


@pytest.mark.once
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_with_everything_open(product, open_page, width: int) -> None:
    page = open_page(width=width)
    sign_in(page, product, "author@aurora.example")
    page.goto(product.url(ADD))
    page.fill("[name=title]", f"Caso da paciente {NAME}")
    _write(page, CASE, CLAIM, "Garantimos a cura do diabetes.")
    _score(page, 0)
    for each in page.locator("#analysis details").all():
        each.evaluate("details => { details.open = true; }")

    assert violations(page) == []
    assert overflow(page) == 0


@pytest.mark.once
def test_the_keyboard_reaches_every_act(editor: Page) -> None:
    _write(editor, CASE)
    _score(editor, 0)
    editor.focus("#analysis [data-redact-all]")
    editor.keyboard.press("Tab")
    editor.keyboard.press("Enter")
    editor.keyboard.press("Tab")
    expect(editor.locator(":focus")).to_have_text("Mostrar no texto")
    editor.keyboard.press("Tab")
    editor.keyboard.press("Enter")

    expect(editor.locator(TEXT)).to_contain_text("removido]")
    expect(editor.locator(TEXT)).to_be_focused()


@pytest.mark.once
def test_without_javascript_the_button_checks_and_loses_nothing(product, open_page) -> None:
    page = open_page(width=390, javascript=False)
    sign_in(page, product, "author@aurora.example")
    page.goto(product.url(ADD))
    page.fill("[name=title]", "Sem programa")
    page.fill("[name=content]", f"<p>{CASE}</p><p>{CLAIM}</p>")
    page.fill("[name=excerpt]", "Resumo.")
    page.click("[data-check]")

    _score(page, 0)
    expect(page.locator("#analysis")).to_contain_text("***.***.***-25")
    expect(page.locator("#an-claim-title")).to_be_visible()
    expect(page.locator("[name=excerpt]")).to_have_value("Resumo.")
    assert page.input_value("[name=content]") == f"<p>{CASE}</p><p>{CLAIM}</p>"
    page.click("form#editor .publish button[value=save]")
    expect(page).to_have_url(re.compile(r"/change/$"))
    assert page.input_value("[name=content]") == f"<p>{CASE}</p><p>{CLAIM}</p>"
