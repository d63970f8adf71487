"""Rendered pages of visitors, kept in process under their entity tag.

The tag covers tenant, host, path, language, surroundings, templates and the row's own tag, and is computed after the
SELECT that decides whether there is a page at all: a text that was withdrawn is gone with the next request. Nothing
that was rendered for somebody with a session gets here.
"""

from collections import OrderedDict
from threading import Lock

from django.http import HttpResponse

BUDGET = 16 * 1024 * 1024  # bytes in each process
LARGEST = 256 * 1024

_pages: OrderedDict[str, tuple[bytes, str, int]] = OrderedDict()
_lock = Lock()
_size = 0


def recall(key: str) -> HttpResponse | None:
    """A fresh response with the kept bytes."""
    with _lock:
        kept = _pages.get(key)
        if kept is None:
            return None
        _pages.move_to_end(key)
    return HttpResponse(kept[0], content_type=kept[1], status=kept[2])


def keep(key: str, response: HttpResponse) -> None:
    """Remember an answer; the least recently used ones make room."""
    global _size
    if response.status_code not in (200, 404) or len(response.content) > LARGEST or response.cookies:
        return
    with _lock:
        if key in _pages:
            return
        _pages[key] = (response.content, response["Content-Type"], response.status_code)
        _size += len(response.content)
        while _size > BUDGET:
            _key, (content, *_rest) = _pages.popitem(last=False)
            _size -= len(content)


def forget_pages() -> None:
    """Drop everything."""
    global _size
    with _lock:
        _pages.clear()
        _size = 0
