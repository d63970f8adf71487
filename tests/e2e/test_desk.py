"""The desk and its notes in a browser, and a promise of cure that nobody gets past."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import PASSWORD, pass_stage, review_url, sign_in, submit_for_review, write_post
from tests.e2e.test_accessibility import overflow, violations

OFFICER = "compliance@aurora.example"
PROMISE = "O nosso tratamento garante a cura da enxaqueca em sete dias."


def focused_title(page) -> str:
    return page.evaluate("document.activeElement.textContent.trim()")


def test_officer_works_through_the_desk_by_keyboard(product, open_page):
    author = open_page()
    sign_in(author, product, "author@aurora.example")
    for title in ("Fila, primeiro texto", "Fila, segundo texto"):
        submit_for_review(author, write_post(author, product, title=title, text="Um texto sobre sono e descanso."))
    page = open_page()
    sign_in(page, product, OFFICER)
    page.goto(product.url("/admin/compliance/?tab=unassigned"))
    assert violations(page) == []

    page.keyboard.press("?")
    expect(page.locator("#rv-keys")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#rv-keys")).to_be_hidden()
    page.keyboard.press("j")
    expect(page.locator("a.row-title:focus")).to_have_count(1)
    first = focused_title(page)
    page.keyboard.press("j")
    assert focused_title(page) != first
    page.keyboard.press("k")
    assert focused_title(page) == first
    page.keyboard.press("c")
    expect(page.locator("a.row-title", has_text=first)).to_have_count(0)

    page.goto(product.url("/admin/compliance/?tab=assigned"))
    expect(page.locator("a.row-title", has_text=first)).to_be_visible()
    page.locator("#id_s").focus()
    page.keyboard.type("jkr?")
    expect(page.locator("#id_s")).to_have_value("jkr?")
    expect(page.locator("#rv-keys")).not_to_be_visible()
    page.locator("#id_s").blur()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/admin/compliance/[0-9a-f-]{36}/$"))
    page.go_back()
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(page.locator("a.row-title", has_text=first)).to_have_count(0)


@pytest.mark.once
def test_shortcuts_can_be_switched_off(product, open_page):
    page = open_page()
    sign_in(page, product, OFFICER)
    page.goto(product.url("/admin/compliance/?tab=in_review"))
    page.locator("[data-keys]").click()
    page.locator("#rv-keys-on").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("?")
    expect(page.locator("#rv-keys")).not_to_be_visible()


@pytest.mark.once
def test_note_about_selected_words_reaches_the_colleague_who_resolves_it(product, open_page):
    author = open_page()
    sign_in(author, product, "author@aurora.example")
    editor_url = write_post(author, product, title="Texto com nota", text="Beba água antes. Depois descanse.")
    submit_for_review(author, editor_url)
    page = open_page()
    sign_in(page, product, "editor@aurora.example")
    page.goto(review_url(editor_url))
    page.locator("#rv-text").get_by_text("Beba água antes.").dblclick()
    words = page.evaluate("String(document.getSelection()).trim()")
    page.locator("#rv-new-note > summary").click()
    expect(page.locator("#rv-note-quote option:checked")).to_contain_text(words)
    page.locator("#rv-note-text").fill(f"@{OFFICER} a quantidade importa?")
    page.locator("#rv-new-note button[type=submit]").click()
    thread = page.locator(".rv-thread")
    expect(thread).to_contain_text("a quantidade importa?")
    expect(thread.locator(".rv-passage")).to_contain_text(words)
    expect(page.locator("#rv-text .rv-flag-note")).to_be_visible()
    assert violations(page) == []

    officer = open_page(width=390)
    sign_in(officer, product, OFFICER)
    officer.goto(product.url("/admin/compliance/mentions/"))
    assert violations(officer) == []
    officer.locator("article a").first.click()
    expect(officer.locator(".rv-thread")).to_contain_text("a quantidade importa?")
    assert overflow(officer) == 0
    officer.locator(".rv-thread button[value=resolve]").click()
    expect(officer.locator(".rv-thread .badge.ok")).to_be_visible()


def test_promise_of_cure_is_blocked_with_the_article_named_until_it_is_gone(product, open_page):
    author = open_page()
    sign_in(author, product, "author@aurora.example")
    editor_url = write_post(author, product, title="Enxaqueca sem rodeios", text=PROMISE)
    submit_for_review(author, editor_url)

    officer = open_page()
    sign_in(officer, product, OFFICER)
    officer.goto(review_url(editor_url))
    finding = officer.locator(".rv-item[id^='finding:rule-CFM-PROMISE']")
    expect(finding).to_contain_text("CFM 2.336/2023")
    pass_stage(officer, editor_url)
    reviewer = open_page()
    sign_in(reviewer, product, "reviewer@aurora.example")
    reviewer.goto(review_url(editor_url))
    expect(reviewer.locator("form[action$='/advance/']")).to_have_count(0)

    officer.goto(review_url(editor_url))
    officer.locator("details:has(form[action$='/send-back/']) summary").click()
    form = officer.locator("form[action$='/send-back/']")
    form.locator("[name=reason]").fill("Promessa de cura: reescreva sem garantia de resultado.")
    form.locator("button[type=submit]").click()
    author.goto(editor_url)
    expect(author.locator("body")).to_contain_text("Promessa de cura")
    author.locator(".ProseMirror").click()
    author.keyboard.press("Control+a")
    author.keyboard.type("Converse com o médico sobre a frequência das crises de enxaqueca.")
    author.locator("button[data-save]").click()
    submit_for_review(author, editor_url)
    officer.goto(review_url(editor_url))
    expect(officer.locator(".rv-item[id^='finding:rule-CFM-PROMISE'][data-open]")).to_have_count(0)
    pass_stage(officer, editor_url)
    reviewer.goto(review_url(editor_url))
    expect(reviewer.locator("form[action$='/advance/']")).to_have_count(1)


@pytest.mark.once
def test_what_is_typed_outlives_the_session(product, open_page):
    author = open_page()
    sign_in(author, product, "author@aurora.example")
    editor_url = write_post(author, product, title="Sessão que termina", text="Beba água.")
    author.locator(".ProseMirror").click()
    author.keyboard.press("Control+End")
    author.keyboard.type(" Descanse depois.")
    author.fill("[name=title]", "Sessão que volta")
    author.context.clear_cookies(name=re.compile("session"))
    author.locator("button[data-save]").click()
    _sign_in_again(author, product, "author@aurora.example")
    assert author.url == editor_url
    expect(author.locator(".messagelist")).to_contain_text("O que você digitou voltou")
    expect(author.locator(".ProseMirror")).to_have_text("Beba água. Descanse depois.")
    author.locator("button[data-save]").click()
    expect(author.locator("[name=title]")).to_have_value("Sessão que volta")
    expect(author.locator(".ProseMirror")).to_have_text("Beba água. Descanse depois.")
    submit_for_review(author, editor_url)

    officer = open_page()
    sign_in(officer, product, OFFICER)
    officer.goto(review_url(editor_url))
    officer.locator("#rv-new-note > summary").click()
    officer.locator("#rv-note-text").fill("Quanta água?")
    officer.context.clear_cookies(name=re.compile("session"))
    officer.locator("#rv-new-note button[type=submit]").click()
    _sign_in_again(officer, product, OFFICER)
    assert officer.url == review_url(editor_url)
    expect(officer.locator("#rv-note-text")).to_be_visible()
    expect(officer.locator("#rv-note-text")).to_have_value("Quanta água?")
    officer.locator("#rv-new-note button[type=submit]").click()
    expect(officer.locator(".rv-thread")).to_contain_text("Quanta água?")

    officer.locator("#rv-new-note > summary").click()
    officer.locator("#rv-note-text").fill("Só meu")
    officer.context.clear_cookies(name=re.compile("session"))
    officer.locator("#rv-new-note button[type=submit]").click()
    _sign_in_again(officer, product, "editor@aurora.example")
    expect(officer.locator("#rv-note-text")).to_have_value("")


def _sign_in_again(page, product, email):
    expect(page).to_have_url(re.compile("/entrar/"))
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.locator("form:has([name=password]) button[type=submit]").click()
    if "/entrar/codigo/" in page.url:
        page.fill("[name=code]", product.code(email))
        page.locator("form:has([name=code]) button[type=submit]").click()
    expect(page).to_have_url(re.compile("/admin/"))
