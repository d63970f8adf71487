"""Web and worker share one SQLite file: readers, writers and the scheduler never meet "database is locked"."""

import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from http.cookiejar import CookieJar

import pytest

from tests.e2e.product import Product
from tests.e2e.steps import PASSWORD

REQUESTS = 2000
THREADS = 4
PUBLIC = ["/", "/medir-a-pressao-em-casa/", "/?s=febre", "/category/saude-do-adulto/", "/feed/", "/nao-existe/"]


class Visitor:
    """A small browser: cookies, forms, and the statuses of what it asked for."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.statuses: Counter[int] = Counter()
        self.saved = 0

    def get(self, path: str) -> str:
        return self._ask(path, None)[0]

    def post(self, path: str, **values: str) -> str:
        """Submit a form after reading its token; returns the address it ends at."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path))[1]
        return self._ask(path, {"csrfmiddlewaretoken": token, **values})[1]

    def _ask(self, path: str, values: dict[str, str] | None) -> tuple[str, str]:
        data = urllib.parse.urlencode(values).encode() if values is not None else None
        try:
            # Chromium resolves *.localhost by itself; Python is told the address and sends the host.
            request = urllib.request.Request(f"http://127.0.0.1:{self.product.port}{path}", data)
            request.add_header("Host", f"aurora.localhost:{self.product.port}")
            with self.opener.open(request, timeout=60) as response:
                self.statuses[response.status] += 1
                return response.read().decode(), response.url
        except urllib.error.HTTPError as error:
            with error:
                self.statuses[error.code] += 1
                return error.read().decode(), path

    def sign_in(self, email: str) -> None:
        self.post("/entrar/", email=email, password=PASSWORD, next="/perfil/")

    def write(self, number: int) -> None:
        """Save a new draft."""
        answer = self.post(
            "/admin/content/post/add/",
            _action="save",
            title=f"Rascunho {number} de {threading.current_thread().name}",
            content=f"<p>Texto {number}.</p>",
            compliance_level="public",
            **{"fields-TOTAL_FORMS": "0", "fields-INITIAL_FORMS": "0"},
        )
        self.saved += "/change/" in answer


def work(visitor: Visitor, email: str, requests: int) -> None:
    """One thread's share: mostly reading, signed in, a save every twenty requests."""
    visitor.sign_in(email)
    number = 0
    while sum(visitor.statuses.values()) < requests:
        number += 1
        if number % 10 == 0:
            visitor.write(number)
        elif number % 3 == 0:
            visitor.get("/admin/content/post/")
        else:
            visitor.get(PUBLIC[number % len(PUBLIC)])


@pytest.mark.sqlite
def test_web_and_worker_share_one_file_without_locks(product):
    visitors = [Visitor(product) for _ in range(THREADS)]
    people = ["author@aurora.example", "contributor@aurora.example"]
    threads = [
        threading.Thread(target=work, args=(visitor, people[n % 2], REQUESTS // THREADS), name=f"t{n}")
        for n, visitor in enumerate(visitors)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    statuses = sum((visitor.statuses for visitor in visitors), Counter())
    print(f"{sum(statuses.values())} requests: {dict(statuses)}, {sum(v.saved for v in visitors)} drafts saved")
    assert sum(statuses.values()) >= REQUESTS
    assert set(statuses) <= {200, 404}
    assert min(visitor.saved for visitor in visitors) > 20
    assert "locked" not in product.output()
