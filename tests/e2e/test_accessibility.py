"""axe finds nothing on any page, at desktop and phone width, and nothing is wider than the phone."""

import re
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import PASSWORD, sign_in

pytestmark = pytest.mark.once
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
VISITOR = [
    "/",
    "/medir-a-pressao-em-casa/",
    "/dengue-conduta-ambulatorial-por-grupos/",  # a teaser: for professionals
    "/category/saude-do-adulto/",
    "/?s=febre",
    "/?s=palavra-que-nao-existe",
    "/nao-existe/",
    "/entrar/",
]
STAFF = {
    "editor@aurora.example": [
        "/admin/",
        "/admin/content/post/",
        "/admin/content/post/add/",
        "/admin/content/category/",
        "/admin/compliance/",
        "/perfil/",
        "EDITOR",
        "EDITOR history/",
        "REVIEW",
    ],
    "compliance@aurora.example": [
        "/admin/compliance/",
        "REVIEW",
        "REVIEW sign/",
        "REVIEW signatures/",
        "/admin/compliance/auditentry/",
        "/admin/accounts/user/",
    ],
    "admin@aurora.example": ["/admin/", "/admin/accounts/user/", "/admin/accounts/user/add/"],
}
IN_FINAL = "asma-espacador-passo-a-passo"


def violations(page: Page) -> list[str]:
    """What axe objects to, WCAG 2.2 AA and best practices, as readable lines."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{v['id']}: {v['help']} – {node['target']} {node['html'][:120]}" for v in found for node in v["nodes"]]


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_the_site(product, open_page, width):
    page = open_page(width=width)
    for path in VISITOR:
        page.goto(product.url(path))
        assert violations(page) == [], path
        assert overflow(page) == 0, path


@pytest.mark.parametrize("email", STAFF)
def test_axe_finds_nothing_in_the_admin(product, open_page, email):
    page = open_page()
    sign_in(page, product, email)
    post_id = _post_id(product)
    short = {"EDITOR": f"/admin/content/post/{post_id}/", "REVIEW": f"/admin/compliance/{post_id}/"}
    for name in STAFF[email]:
        kind, _space, rest = name.partition(" ")
        path = short.get(kind, kind) + (rest or ("change/" if kind == "EDITOR" else ""))
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            answer = page.goto(product.url(path))
            assert answer.status == 200, path
            assert violations(page) == [], f"{path} at {width}"
            assert overflow(page) == 0, f"{path} at {width}"


def test_keyboard_alone_reaches_the_article_and_signs_in(product, open_page):
    page = open_page()
    page.goto(product.url("/"))
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("href", re.compile("^#"))
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"localhost:\d+/[a-z0-9/-]+/$"))

    page.goto(product.url("/entrar/?next=/admin/"))
    expect(page.locator("[name=email]")).to_be_focused()
    page.keyboard.type("author@aurora.example")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/admin/$"))
    for _ in range(3):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement !== document.body")


def _post_id(product) -> str:
    """Id of the demo text that waits for its signatures."""
    code = (
        "from accounts.tenancy.context import tenant_context, SYSTEM_UUID;"
        "from content.services.publishing import active_tenant_ids_by_slug as ids;"
        "from content.models import Post\n"
        "with tenant_context(ids()['aurora'], actor=SYSTEM_UUID):"
        f" print(Post.objects.get(slug='{IN_FINAL}').pk)"
    )
    return product.database.manage("shell", "--no-imports", "-v", "0", "-c", code).strip().splitlines()[-1]
