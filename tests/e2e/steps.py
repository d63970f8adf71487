"""What people do in the product, as steps of a walk."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.product import Product

PASSWORD = "demo-healthcare-cms"


def sign_in(page: Page, product: Product, email: str, *, tenant: str = "aurora") -> None:
    """E-mail, password, and a code where the role needs one; ends in the admin.

    A person who is signed in already gets a second tab: a code counts once, and the next comes half a minute later.
    """
    if kept := product.sessions.get((tenant, email)):
        page.context.add_cookies(kept)
        page.goto(product.url("/admin/", tenant=tenant))
        if page.url.endswith("/admin/"):
            return
    page.goto(product.url("/entrar/?next=/admin/", tenant=tenant))
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.locator("form:has([name=password]) button[type=submit]").click()
    if "/entrar/codigo/" in page.url:
        page.fill("[name=code]", product.code(email))
        page.locator("form:has([name=code]) button[type=submit]").click()
    expect(page).to_have_url(re.compile(r"/admin/$"))
    product.sessions[tenant, email] = page.context.cookies()


def write_post(page: Page, product: Product, *, title: str, text: str) -> str:
    """A new medical text, typed into the visual editor and saved; returns the address of its editor."""
    page.goto(product.url("/admin/content/post/add/"))
    page.fill("[name=title]", title)
    page.locator(".ProseMirror").click()
    page.keyboard.type(text)
    page.fill("[name=excerpt]", "Resumo do texto para a lista de artigos.")
    page.select_option("[name=compliance_level]", "public")
    page.select_option("[name=medical_category]", "cardiologia")
    page.locator("button[data-save]").click()
    expect(page).to_have_url(re.compile(r"/admin/content/post/[0-9a-f-]{36}/change/$"))
    return page.url


def submit_for_review(page: Page, editor_url: str) -> None:
    page.goto(editor_url)
    page.locator("form#editor button[name=_action][value=submit]").first.click()
    expect(page.locator(".badge").first).to_be_visible()


def review_url(editor_url: str) -> str:
    """Address of the review page of the text whose editor is at `editor_url`."""
    base, _slash, rest = editor_url.partition("/admin/content/post/")
    return f"{base}/admin/compliance/{rest.partition('/')[0]}/"


def pass_stage(page: Page, editor_url: str) -> None:
    """Tick the box and pass the text on."""
    page.goto(review_url(editor_url))
    form = page.locator("form[action$='/advance/']")
    form.locator("[name=confirmed]").check()
    form.locator("button[type=submit]").click()


def sign(page: Page, product: Product, editor_url: str, email: str) -> None:
    """Sign with password and a new code."""
    page.goto(review_url(editor_url) + "sign/")
    form = page.locator("form:has([name=password])")
    form.locator("[type=radio]").first.check()
    form.locator("[name=password]").fill(PASSWORD)
    form.locator("[name=code]").fill(product.code(email))
    form.locator("button[type=submit]").click()
    expect(page).not_to_have_url(re.compile(r"/sign/$"))


def publish(page: Page, editor_url: str) -> None:
    page.goto(editor_url)
    page.locator("button[name=_action][value=publish]").click()
