"""Settings and background jobs in a browser: an own word, a re-check by the running worker, what it says."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import sign_in
from tests.e2e.test_accessibility import overflow, violations

ADMINISTRATOR, OFFICER = "admin@aurora.example", "compliance@aurora.example"
SETTINGS, RECHECK = "/admin/settings/", "/admin/compliance/recheck/"
PAGES = {ADMINISTRATOR: (SETTINGS, "/admin/settings/jobs/"), OFFICER: (RECHECK,)}
MOST_LOOKS = 60  # a second apart


def wait_until_done(page: Page, address: str) -> None:
    """Look again as a person does: by the button while there is one."""
    for _look in range(MOST_LOOKS):
        page.goto(address)
        if page.locator(".badge.job-done").count():
            return
        page.wait_for_timeout(1_000)
    raise AssertionError(page.locator("#content").inner_text())


def test_an_own_word_counts_at_the_next_check(product, open_page):
    page = open_page(javascript=False)
    sign_in(page, product, ADMINISTRATOR)
    page.goto(product.url(SETTINGS))
    page.get_by_label("Registro do estabelecimento").fill("RQE 1")
    page.get_by_role("button", name="Salvar configurações").click()
    expect(page.locator(".errorlist")).to_contain_text("não é um registro de conselho")
    page.get_by_label("Registro do estabelecimento").fill("crm sp 9900001")
    page.get_by_label("Tratamentos sem comprovação").fill("terapia do espelho")
    page.get_by_role("button", name="Salvar configurações").click()
    expect(page.locator(".messagelist")).to_contain_text("As configurações foram salvas.")
    expect(page.get_by_label("Registro do estabelecimento")).to_have_value("CRM/SP 9900001")
    page.context.clear_cookies()

    sign_in(page, product, OFFICER)
    wait_until_done(page, product.url(RECHECK))  # the one that the worker has begun by itself
    page.get_by_role("button", name="Verificar agora todos os textos no ar").click()
    expect(page.locator(".messagelist")).to_contain_text("entrou na fila")
    wait_until_done(page, product.url(RECHECK))
    expect(page.locator("#content")).to_contain_text(re.compile(r"(\d+) de \1 textos verificados, 0 reprovados"))


@pytest.mark.once
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("email", PAGES)
def test_axe_finds_nothing(product, open_page, email, width):
    page = open_page(width=width)
    sign_in(page, product, email)
    for path in PAGES[email]:
        assert page.goto(product.url(path)).status == 200
        assert violations(page) == [], path
        assert overflow(page) == 0, path
