"""Chromium against the running product, on a copy of a migrated, demo-filled database."""

import fcntl
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.product import Database, Product

# The shell is the same engine without the window's machinery, which costs a third of the run.
CHROMIUM = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), "chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A page that answers in a second alone needs several beside other tests on the same cores.
expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def demo_template(
    tmp_path_factory: pytest.TempPathFactory, testrun_uid: str, request: pytest.FixtureRequest
) -> Iterator[Database]:
    """Migrated and filled once, by the first of the processes that run the suite; every module gets a copy."""
    shared = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        shared = shared.parent
    folder = shared / "product"
    template = Database(f"e2e_template_{testrun_uid[:8]}", folder)
    with _alone(shared):
        folder.mkdir(exist_ok=True)
        if not list(folder.glob("*.user")):
            template.create()
            template.manage("migrate", "-v", "0")
            template.manage("demo")
        mine = folder / f"{uuid.uuid4().hex}.user"
        mine.touch()
    yield template
    with _alone(shared):
        mine.unlink()
        if not list(folder.glob("*.user")):
            template.drop()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time."""
    with folder.joinpath("template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
