"""The review page in a browser: findings and claims are decided beside the text, by keyboard and without scripts;
a reader opens the evidence."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import pass_stage, publish, review_url, sign, sign_in, submit_for_review
from tests.e2e.test_accessibility import overflow, violations

CPF = "529.982.247-25"
PERSONAL = f"<p>O paciente informou o CPF {CPF} na recepção.</p>"
CLAIM = "A losartana reduz a mortalidade por infarto em 30%."
REASON = "Número de exemplo da Receita."


def submitted(open_page, product, *, title: str, html: str) -> str:
    """A text with one reference, sent to review; returns the address of its editor."""
    page = open_page()
    sign_in(page, product, "author@aurora.example")
    page.goto(product.url("/admin/content/post/add/"))
    page.fill("[name=title]", title)
    page.click("[data-mode=text]")
    page.fill("[name=content]", html)
    page.fill("[name=excerpt]", "Resumo do texto.")
    page.select_option("[name=compliance_level]", "public")
    page.select_option("[name=medical_category]", "cardiologia")
    references = page.locator("[name=scientific_references]")
    if not references.is_visible():
        page.locator("details:has([name=scientific_references]) > summary").click()
    references.fill("PMID:12345678")
    page.locator("button[data-save]").click()
    expect(page).to_have_url(re.compile(r"/admin/content/post/[0-9a-f-]{36}/change/$"))
    editor_url = page.url
    submit_for_review(page, editor_url)
    return editor_url


def reviewer_at(open_page, product, email: str, editor_url: str, **kwargs) -> Page:
    page = open_page(**kwargs)
    sign_in(page, product, email)
    page.goto(review_url(editor_url))
    return page


def tab_to(page: Page, selector: str, *, most: int = 80) -> None:
    """Press Tab until `selector` has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id")


@pytest.mark.once
def test_officer_closes_a_finding_by_keyboard(product, open_page):
    editor_url = submitted(open_page, product, title="Achado pelo teclado", html=PERSONAL)
    page = reviewer_at(open_page, product, "compliance@aurora.example", editor_url)
    address = page.url

    tab_to(page, ".rv-nav a[href='#rv-findings']")
    page.keyboard.press("Enter")
    page.keyboard.press("n")
    item = focused(page)
    assert item.startswith("finding:phi-cpf-")
    page.keyboard.press("Enter")
    assert focused(page) == item.replace("finding:", "f:")
    assert page.evaluate("document.activeElement.textContent") == CPF
    page.keyboard.press("Enter")
    assert focused(page) == item
    page.keyboard.press("d")
    tab_to(page, "textarea")
    page.keyboard.type("curto")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    finding = page.locator(f"[id='{item}']")
    expect(finding.locator(".errorlist")).to_be_visible()
    tab_to(page, "textarea", most=3)
    assert page.evaluate("document.activeElement.value") == "curto"
    page.keyboard.press("Control+a")
    page.keyboard.type(REASON)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(finding).to_contain_text(REASON)
    expect(page.locator("#rv-status")).not_to_be_empty()
    assert focused(page) == item
    assert page.url.partition("#")[0] == address
    expect(page.locator(".rv-score > summary")).to_contain_text("100")
    expect(page.locator("#rv-text mark.rv-closed")).to_have_text(CPF)


def test_reviewer_validates_a_claim_by_keyboard_and_a_reader_opens_its_evidence(product, open_page):
    editor_url = submitted(open_page, product, title="Evidência pelo teclado", html=f"<p>{CLAIM}</p>")
    editor = open_page()
    sign_in(editor, product, "editor@aurora.example")
    pass_stage(editor, editor_url)
    page = reviewer_at(open_page, product, "reviewer@aurora.example", editor_url)

    tab_to(page, ".rv-nav a[href='#rv-claims']")
    page.keyboard.press("Enter")
    page.keyboard.press("n")
    if not focused(page).startswith("claim:"):
        page.keyboard.press("n")
    assert focused(page) == "claim:claim_1"
    page.keyboard.press("d")
    page.keyboard.press("Space")
    tab_to(page, "[type=radio]", most=2)
    page.keyboard.press("Space")
    tab_to(page, "select", most=2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    tab_to(page, "button[value=decide]", most=3)
    page.keyboard.press("Enter")

    claim = page.locator("[id='claim:claim_1']")
    expect(claim.locator(".rv-claim-validated")).to_be_visible()
    expect(claim).to_contain_text("OCEBM")
    assert focused(page) == "claim:claim_1"

    pass_stage(page, editor_url)
    officer = reviewer_at(open_page, product, "compliance@aurora.example", editor_url)
    close_all(officer)
    sign(officer, product, editor_url, "compliance@aurora.example")
    sign(page, product, editor_url, "reviewer@aurora.example")
    publish(editor, editor_url)
    for width, javascript in ((1280, True), (390, False)):
        visitor = open_page(width=width, javascript=javascript)
        visitor.goto(product.url("/evidencia-pelo-teclado/"))
        expect(visitor.locator(".prose p")).to_contain_text(CLAIM)
        assert not visitor.locator("[id='evidence:1']").is_visible()
        visitor.locator("a.evidence-link").click()
        expect(visitor.locator("[id='evidence:1']")).to_be_visible()
        expect(visitor.locator("[id='evidence:1']")).to_contain_text("12345678")
        assert overflow(visitor) == 0
        if javascript:
            assert violations(visitor) == []


def close_all(page: Page) -> None:
    """Close every warning that is still open, by the plain forms."""
    while page.locator(".rv-item[data-open] details.rv-act:has(select[name=status])").count():
        details = page.locator(".rv-item[data-open] details.rv-act:has(select[name=status])").first
        item = details.locator("xpath=ancestor::li[1]").get_attribute("id")
        details.locator("summary").click()
        details.locator("textarea").fill(REASON)
        details.locator("button[value=close]").click()
        expect(page.locator(f"[id='{item}'][data-open]")).to_have_count(0)


@pytest.mark.once
def test_without_scripts_the_page_comes_back_to_the_same_place(product, open_page):
    editor_url = submitted(open_page, product, title="Sem scripts", html=PERSONAL)
    page = reviewer_at(open_page, product, "compliance@aurora.example", editor_url, javascript=False)
    finding = page.locator(".rv-item[id^='finding:phi-cpf-']")
    finding.locator("summary").click()
    finding.locator("textarea").fill("curto")
    finding.locator("button[value=close]").click()
    expect(finding.locator(".errorlist")).to_be_visible()
    expect(finding.locator("textarea")).to_have_value("curto")

    finding.locator("textarea").fill(REASON)
    finding.locator("button[value=close]").click()

    expect(finding).to_contain_text(REASON)
    assert "#finding:phi-cpf-" in page.url
    page.locator("#rv-text a.rv-flag").first.click()
    assert "#finding:" in page.url


@pytest.mark.once
def test_what_is_typed_elsewhere_survives_a_decision(product, open_page):
    html = f"{PERSONAL}<p>O telefone do paciente é (11) 98765-4321.</p>"
    editor_url = submitted(open_page, product, title="Dois achados", html=html)
    page = reviewer_at(open_page, product, "compliance@aurora.example", editor_url)
    phone = page.locator(".rv-item[id^='finding:phi-phone-']")
    phone.locator("summary").click()
    phone.locator("textarea").fill("Ainda estou escrevendo isto.")
    page.locator("#rv-new-note > summary").click()
    page.locator("#rv-text").get_by_text("Dois achados").select_text()
    expect(page.locator("#rv-note-quote")).to_have_value("Dois achados")
    document = page.evaluate("window.here = true")
    assert document

    cpf = page.locator(".rv-item[id^='finding:phi-cpf-']")
    cpf.locator("summary").click()
    cpf.locator("textarea").fill(REASON)
    cpf.locator("button[value=close]").click()

    expect(cpf).to_contain_text(REASON)
    expect(phone.locator("textarea")).to_have_value("Ainda estou escrevendo isto.")
    expect(page.locator("#rv-note-quote")).to_have_value("Dois achados")
    assert page.evaluate("window.here"), "the page was left"


@pytest.mark.once
@pytest.mark.parametrize("width", [1280, 820, 390])
def test_page_with_findings_is_accessible_at_every_width(product, open_page, width):
    html = f"{PERSONAL}<p>{CLAIM}</p><p>Resultado garantido: a cirurgia nunca falha.</p>"
    editor_url = submitted(open_page, product, title=f"Acessível em {width}", html=html)
    page = reviewer_at(open_page, product, "compliance@aurora.example", editor_url, width=width)
    page.locator("details.rv-act > summary").first.click()
    page.locator(".rv-score > summary").click()

    assert violations(page) == []
    assert overflow(page) == 0
