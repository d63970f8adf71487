"""An answer whose slow part is worked out when the request's transaction has ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils import translation


class LaterResponse(HttpResponse):
    """Permissions and reads are done; what is left takes long and asks the database nothing.

    `TenancyMiddleware` calls `finish()` after COMMIT, in the same tenant: on SQLite a POST holds the only write lock
    until then, on PostgreSQL a connection of the pool. Headers of the middleware in between are kept.
    """

    def __init__(self, produce: Callable[[], tuple[str, int]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._produce = produce
        self._language = translation.get_language()

    def finish(self) -> None:
        """Fill in body and status."""
        with translation.override(self._language):
            body, self.status_code = self._produce()
        self.content = body
        self.headers["Content-Length"] = str(len(self.content))
