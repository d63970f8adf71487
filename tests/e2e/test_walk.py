"""One article from keystroke to public page, through every hand that must hold it."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import pass_stage, publish, review_url, sign, sign_in, submit_for_review, write_post

TITLE = "Palpitações: quando procurar ajuda"
TEXT = "Sentir o coração bater forte depois de subir escadas costuma ser normal. Descreva ao médico quando acontece."
SLUG = "palpitacoes-quando-procurar-ajuda"


def test_article_from_keystroke_to_public_page(product, open_page):
    author = open_page()
    sign_in(author, product, "author@aurora.example")
    editor_url = write_post(author, product, title=TITLE, text=TEXT)
    assert open_page().goto(product.url(f"/{SLUG}/")).status == 404
    submit_for_review(author, editor_url)

    editor = open_page()
    sign_in(editor, product, "editor@aurora.example")
    publish_button = "button[name=_action][value=publish]"
    editor.goto(editor_url)
    assert editor.locator(publish_button).count() == 0
    pass_stage(editor, editor_url)

    reviewer = open_page()
    sign_in(reviewer, product, "reviewer@aurora.example")
    pass_stage(reviewer, editor_url)

    officer = open_page()
    sign_in(officer, product, "compliance@aurora.example")
    sign(officer, product, editor_url, "compliance@aurora.example")
    editor.goto(editor_url)
    assert editor.locator(publish_button).count() == 0, "one of two signatures is not enough"
    sign(reviewer, product, editor_url, "reviewer@aurora.example")

    publish(editor, editor_url)
    visitor = open_page()
    assert visitor.goto(product.url(f"/{SLUG}/")).status == 200
    expect(visitor.locator("h1")).to_have_text(TITLE)
    expect(visitor.locator("main")).to_contain_text("Descreva ao médico quando acontece.")
    expect(visitor.locator("main")).to_contain_text("CRM/SP")
    assert visitor.goto(product.url(f"/{SLUG}/", tenant="horizonte")).status == 404

    post_id = re.search(r"/post/([0-9a-f-]{36})/", editor_url)[1]
    officer.goto(product.url(f"/admin/compliance/auditentry/?resource_id={post_id}"))
    trail = officer.locator("main, #content").first.inner_text()
    for act in ("S.2.1", "S.3.1", "S.4-1.1-3"):
        assert act in trail


@pytest.mark.once
def test_a_text_sent_back_shows_its_reason_to_the_author(product, open_page):
    author, editor = open_page(), open_page()
    sign_in(author, product, "author@aurora.example")
    editor_url = write_post(author, product, title="Texto que volta", text="Um texto curto demais.")
    submit_for_review(author, editor_url)

    sign_in(editor, product, "editor@aurora.example")
    editor.goto(review_url(editor_url))
    editor.locator("details:has(form[action$='/send-back/']) summary").click()
    form = editor.locator("form[action$='/send-back/']")
    form.locator("[name=reason]").fill("Falta dizer quando o pronto-socorro é necessário.")
    form.locator("button[type=submit]").click()

    author.goto(editor_url)
    expect(author.locator("body")).to_contain_text("Falta dizer quando o pronto-socorro é necessário.")
    assert author.locator("[name=title]").is_editable()


@pytest.mark.once
def test_what_was_typed_survives_a_refused_save(product, open_page):
    author = open_page()
    sign_in(author, product, "author@aurora.example")
    author.goto(product.url("/admin/content/post/add/"))
    author.fill("[name=title]", "Outro texto")
    author.fill("[name=slug]", "medir-a-pressao-em-casa")
    author.locator(".ProseMirror").click()
    author.keyboard.type("Este parágrafo não pode sumir.")
    author.locator("button[data-save]").click()

    expect(author.locator("main")).to_contain_text("medir-a-pressao-em-casa-2")
    expect(author.locator(".ProseMirror")).to_contain_text("Este parágrafo não pode sumir.")
    assert author.input_value("[name=title]") == "Outro texto"
