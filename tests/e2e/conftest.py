"""Chromium against the running product, on a copy of a migrated, demo-filled database."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.product import Database, Product

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Migrated and filled once; every module gets a copy."""
    template = Database(f"e2e_template_{uuid.uuid4().hex[:8]}", tmp_path_factory.mktemp("product"))
    template.create()
    template.manage("migrate", "-v", "0")
    template.manage("demo")
    yield template
    template.drop()


@pytest.fixture(scope="module")
def product(demo_template: Database) -> Iterator[Product]:
    """The product, started."""
    database = Database(f"e2e_{uuid.uuid4().hex[:8]}", demo_template.folder)
    database.create(template=demo_template.name)
    running = Product(database)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        database.drop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the module."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`open_page()` is a fresh browser profile; a script error or a refused resource on the page fails the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def make(*, width: int = 1280, height: int = 900, locale: str = "pt-BR", javascript: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale=locale, java_script_enabled=javascript
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: (
                problems.append(message.text)
                if message.type == "error" and "Content Security Policy" in message.text
                else None
            ),
        )
        return page

    yield make
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the walk leaves its pictures."""
    return tmp_path_factory.mktemp("screenshots")
