"""Rendered pages of visitors, kept in process by their entity tag.

The tag covers tenant, host, path, language, surroundings, templates and the row's own tag, and is computed after the
SELECT that decides whether there is a page at all: a text that was withdrawn is gone with the next request. Only pages
without a session get here.
"""

from collections import OrderedDict
from threading import Lock

from django.http import HttpResponse

BUDGET = 16 * 1024 * 1024  # bytes in each process
LARGEST = 256 * 1024

_pages: OrderedDict[str, tuple[bytes, str]] = OrderedDict()
_lock = Lock()
_size = 0


def recall(etag: str) -> HttpResponse | None:
    """A fresh response with the kept bytes."""
    with _lock:
        kept = _pages.get(etag)
        if kept is None:
            return None
        _pages.move_to_end(etag)
    return HttpResponse(kept[0], content_type=kept[1])


def keep(etag: str, response: HttpResponse) -> None:
    """Remember a successful answer; the least recently used ones make room."""
    global _size
    if response.status_code != 200 or len(response.content) > LARGEST or response.cookies:
        return
    with _lock:
        if etag in _pages:
            return
        _pages[etag] = (response.content, response["Content-Type"])
        _size += len(response.content)
        while _size > BUDGET:
            _etag, (content, _type) = _pages.popitem(last=False)
            _size -= len(content)


def forget_pages() -> None:
    """Drop everything."""
    global _size
    with _lock:
        _pages.clear()
        _size = 0
