"""After publication, in a browser: a reader checks the signature, the officer answers what came up."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import expect

from tests.e2e.steps import sign_in
from tests.e2e.test_accessibility import overflow, violations
from tests.guards.tampering import past_the_guards

OFFICER = "compliance@aurora.example"
PAGES = ("/admin/compliance/attention/", "/admin/compliance/reviews/?list=all", "/admin/compliance/overview/")


@pytest.fixture(scope="module")
def article(product) -> tuple[str, str]:
    """Slug and id of a live public text of the demo, with something that came up about it."""
    code = (
        "from accounts.tenancy.context import tenant_context, SYSTEM_UUID;"
        "from content.services.publishing import active_tenant_ids_by_slug as ids;"
        "from content.models import PublishedPage; from compliance import attention\n"
        "with tenant_context(ids()['aurora'], actor=SYSTEM_UUID):\n"
        " page = PublishedPage.objects.filter(compliance_level='public').order_by('slug').first()\n"
        " attention.open_item('recheck', page.post_id, {'codes': ['CFM-PROMISE']}, subject='2031.01')\n"
        " print(page.slug, page.post_id)"
    )
    slug, post_id = product.database.manage("shell", "--no-imports", "-v", "0", "-c", code).split()[-2:]
    return slug, post_id


def database_of(product) -> str:
    """What `past_the_guards` calls the product's database."""
    database = product.database
    return database.name if connection.vendor == "postgresql" else str(database.folder / f"{database.name}.db")


@pytest.mark.parametrize("javascript", [True, False])
def test_reader_checks_the_signature_and_a_changed_character_shows(product, open_page, article, javascript):
    slug, _post_id = article
    page = open_page(width=390, javascript=javascript)
    page.goto(product.url(f"/{slug}/"))
    page.get_by_role("link", name="Conferir assinatura").click()
    expect(page.locator("[data-verdict=same]")).to_contain_text("O texto da página é o texto assinado.")
    expect(page.locator("main")).to_contain_text("CRM/SP")
    page.wait_for_load_state()  # with its style sheet
    assert overflow(page) == 0

    change = "UPDATE published_pages SET content = %s || substr(content, 2) WHERE slug = %s"
    back = "UPDATE published_pages SET content = '<' || substr(content, 2) WHERE slug = %s"
    with past_the_guards(database_of(product)) as touch:
        touch(change, ["«", slug])
    try:
        page.reload()
        warning = page.locator("[data-verdict=page_differs]")
        expect(warning).to_contain_text("Atenção: o texto da página NÃO é o texto assinado.")
        expect(warning).to_contain_text("O que fazer:")
        assert overflow(page) == 0
        if javascript:
            assert violations(page) == []
    finally:
        with past_the_guards(database_of(product)) as touch:
            touch(back, [slug])
    page.reload()
    expect(page.locator("[data-verdict=same]")).to_be_visible()
    if javascript:
        assert violations(page) == []


def test_officer_resolves_what_came_up_by_keyboard(product, open_page, article):
    _slug, post_id = article
    page = open_page()
    sign_in(page, product, OFFICER)
    page.goto(product.url("/admin/compliance/attention/?kind=recheck"))
    item = page.locator("article.after-todo", has_text="CFM-PROMISE")
    assert item.get_by_role("link", name=re.compile("Abrir o texto")).get_attribute("href").endswith(f"{post_id}/")

    item.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("curto")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    item = page.locator("article.after-todo", has_text="CFM-PROMISE")
    expect(item.locator(".errorlist")).to_be_visible()
    assert item.locator("textarea").input_value() == "curto"
    item.locator("textarea").fill("Frase retirada na versão nova.")
    item.locator("button[type=submit]").click()

    expect(page.locator(".messagelist")).to_contain_text("Resolvida.")
    expect(page.locator("article.after-todo", has_text="CFM-PROMISE")).to_have_count(0)
    page.goto(product.url("/admin/compliance/attention/?state=resolved"))
    expect(page.locator("article.after-todo").first).to_contain_text("Frase retirada na versão nova.")


@pytest.mark.once
def test_officer_takes_the_dossier_and_the_numbers_away(product, open_page, article, tmp_path: Path):
    _slug, post_id = article
    page = open_page()
    sign_in(page, product, OFFICER)
    page.goto(product.url(f"/admin/compliance/{post_id}/"))
    files = {}
    for name in ("Dossiê (PDF)", "Dossiê (JSON)"):
        with page.expect_download(timeout=60_000) as download:
            page.get_by_role("link", name=name).click()
        files[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[name])
    assert files["Dossiê (PDF)"].read_bytes().startswith(b"%PDF-")
    data = json.loads(files["Dossiê (JSON)"].read_text())
    assert data["article"]["id"] == post_id
    parts = {name: each for name, each in data.items() if name not in ("format", "generated", "audit", "digests")}
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert data["digests"]["record"] == hashlib.sha256(canonical).hexdigest()

    page.goto(product.url("/admin/compliance/overview/"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Exportar CSV").click()
    assert download.value.path().read_text("utf-8-sig").startswith("Assunto,Linha,")


@pytest.mark.once
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_after_publication(product, open_page, width):
    page = open_page(width=width)
    sign_in(page, product, OFFICER)
    for path in PAGES:
        assert page.goto(product.url(path)).status == 200
        assert violations(page) == [], path
        assert overflow(page) == 0, path
