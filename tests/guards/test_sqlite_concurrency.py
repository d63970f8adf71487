"""SQLite under the load of a small clinic: web process and worker write at once, and nobody is told "locked"."""

import http.client
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from content.models import Post
from content.services import publishing, revisions
from tests.cast import tenant_id
from tests.conftest import PostFactory
from tests.guards.databases import copy_file, free_port, served_from
from tests.guards.test_doors import as_user

pytestmark = pytest.mark.sqlite

PORT = free_port()
HOST = f"aurora.localhost:{PORT}"
WRITERS, READERS = 3, 3
SCHEDULED = 12


class FormReader(HTMLParser):
    """What a browser would send of the form that has a title."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.textarea = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "textarea":
            self.textarea = values.get("name", "")
            self.fields.append((self.textarea, ""))
        elif tag == "select":
            self.select = values.get("name", "")
        elif tag == "option" and "selected" in values and self.select:
            self.fields.append((self.select, values.get("value", "")))
        elif tag == "input" and values.get("name") and self.is_sent(values):
            self.fields.append((values["name"], values.get("value", "")))

    @staticmethod
    def is_sent(values: dict[str, str]) -> bool:
        type_ = values.get("type")
        return type_ not in ("submit", "button", "file") and (
            type_ not in ("checkbox", "radio") or "checked" in values
        )

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.textarea = ""
        elif tag == "select":
            self.select = ""

    def handle_data(self, data: str) -> None:
        if self.textarea:
            name, text = self.fields[-1]
            self.fields[-1] = (name, text + data)


class Visitor(threading.Thread):
    """Sends requests on one connection until its share is done, and notes every answer."""

    def __init__(self, share: int, cookies: str = "") -> None:
        super().__init__()
        self.share, self.cookies = share, cookies
        self.seen: Counter[int] = Counter()
        self.bad: list[str] = []
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)

    def request(self, method: str, path: str, data: list[tuple[str, str]] | None = None) -> str:
        headers = {"Host": HOST, **({"Cookie": self.cookies} if self.cookies else {})}
        body = urlencode(data) if data else None
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        self.seen[response.status] += 1
        self.share -= 1
        if response.status >= 400 or (method == "POST" and response.status != 302):
            self.bad.append(f"{method} {path}: {response.status}")
        for cookie in response.headers.get_all("Set-Cookie") or []:
            if cookie.startswith("hcms_csrf="):
                session = self.cookies.split("; ")[0]
                self.cookies = f"{session}; {cookie.split(';')[0]}"
        return text

    def run(self) -> None:
        try:
            while self.share > 0:
                self.act()
        finally:
            self.connection.close()

    def act(self) -> None:
        raise NotImplementedError


class Reader(Visitor):
    paths: list[str]

    def act(self) -> None:
        self.request("GET", self.paths[self.share % len(self.paths)])


class Writer(Visitor):
    post: Post

    def act(self) -> None:
        path = f"/admin/content/post/{self.post.pk}/change/"
        form = FormReader()
        form.feed(self.request("GET", path))
        fields = dict(form.fields) | {"_action": "save", "content": f"<p>Texto número {self.share}.</p>"}
        self.request("POST", path, list(fields.items()))


@pytest.fixture
def scratch(
    db: str, tmp_path: Path, post_factory: PostFactory, client_for: Callable[..., Any], cast: dict[str, User]
) -> dict[str, Any]:
    """A file of its own with published, scheduled and draft texts, and a signed-in session per writer."""
    factory = post_factory
    published = [factory.published(title=f"Publicado {n}") for n in range(4)]
    soon = timezone.now() + timedelta(seconds=8)
    for number in range(SCHEDULED):
        factory.publish(factory.approved(), scheduled_at=soon + timedelta(seconds=number))
    drafts = [factory.draft(title=f"Rascunho {n}") for n in range(WRITERS)]
    cookies = []
    for _ in drafts:
        jar = client_for(cast["author"]).cookies
        cookies.append("; ".join(f"{name}={morsel.value}" for name, morsel in jar.items()))
    file = tmp_path / "busy.db"
    copy_file(db, str(file))
    return {"file": file, "published": published, "drafts": drafts, "cookies": cookies}


@pytest.fixture
def processes(scratch: dict[str, Any], tmp_path: Path) -> Iterator[Path]:
    """The web process and the worker, as script/server starts them; their messages."""
    log = tmp_path / "log"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "TEST_", "PYTEST"))
    }
    environment |= {"DATABASE_URL": f"sqlite:///{scratch['file']}", "DEBUG": "True"}
    gunicorn = "-m gunicorn healthcare_cms.wsgi --worker-class gthread --workers 2 --threads 4 --log-level warning"
    web = [sys.executable, *gunicorn.split(), "--no-control-socket", "--graceful-timeout", "5"]
    web += ["--bind", f"127.0.0.1:{PORT}"]
    worker = [sys.executable, "manage.py", "publish_scheduled", "--loop", "--interval", "0.2"]
    with log.open("w") as output:
        started = [
            subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=output, stderr=output)
            for command in (web, worker)
        ]
        try:
            _wait(started, log)
            yield log
            assert [process.poll() for process in started] == [None, None], log.read_text()[-2000:]
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(20)


def _wait(started: list[subprocess.Popen[bytes]], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
        try:
            connection.request("GET", "/health/live", headers={"Host": HOST})
            if connection.getresponse().status == 200:
                return
        except OSError:
            assert started[0].poll() is None, log.read_text()[-2000:]
            time.sleep(0.2)
        finally:
            connection.close()
    raise AssertionError(log.read_text()[-2000:])


@pytest.mark.parametrize("requests", [300, pytest.param(2000, marks=pytest.mark.slow)])
def test_web_and_worker_write_together(
    requests: int, scratch: dict[str, Any], processes: Path, cast: dict[str, User]
) -> None:
    share = requests // (WRITERS + READERS) + 1
    visitors: list[Visitor] = []
    for post, cookies in zip(scratch["drafts"], scratch["cookies"], strict=True):
        writer = Writer(share, cookies)
        writer.post = post
        visitors.append(writer)
    for _ in range(READERS):
        reader = Reader(share)
        reader.paths = ["/", "/feed/", "/?s=comum", "/sitemap.xml", *[f"/{p.slug}/" for p in scratch["published"]]]
        visitors.append(reader)

    started = time.monotonic()
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()

    seen = sum((visitor.seen for visitor in visitors), Counter())
    print(f"{seen.total()} requests in {time.monotonic() - started:.0f} s: {dict(seen)}")
    assert [line for visitor in visitors for line in visitor.bad] == []
    assert seen.total() >= requests
    assert "locked" not in processes.read_text()
    assert "Traceback" not in processes.read_text()
    _everything_is_there(scratch, cast, saves=share // 2)


def _everything_is_there(scratch: dict[str, Any], cast: dict[str, User], *, saves: int) -> None:
    """Each save left its revision, and the worker has put out what was due."""
    with served_from(str(scratch["file"])):
        publishing.publish_scheduled(tenant_id=tenant_id("aurora"), now=timezone.now() + timedelta(minutes=1))
        with as_user(cast["editor"]):
            for draft in scratch["drafts"]:
                assert revisions.newest_revision(draft).number > saves - 2
            assert not Post.objects.filter(status="scheduled").exists()
