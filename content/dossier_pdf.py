"""The dossier as a PDF. Rendering takes seconds and memory: it happens after the request's transaction, one at a time.

Nothing is fetched: no address in a title or a statement leads anywhere, and fonts come from the machine.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

_one_at_a_time = Lock()


def rendered_later(data: dict[str, Any], language: str) -> Iterator[bytes]:
    """The body of a streamed answer: made when it is sent, which is when the request's transaction is over."""
    yield render(data, language)


def render(data: dict[str, Any], language: str) -> bytes:
    """The PDF (tagged, PDF/UA) of a dossier in a language."""
    for name in ("weasyprint", "weasyprint.progress", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)  # they tell every step, and warnings can quote the text
    from weasyprint import CSS, HTML  # slow import

    with translation.override(language):
        html = render_to_string("dossier/dossier.html", {"dossier": data, "language": language})
    with _one_at_a_time:
        fetcher = _refusing()
        sheet = CSS(string=_style(), url_fetcher=fetcher)
        return HTML(string=html, url_fetcher=fetcher).write_pdf(stylesheets=[sheet], pdf_variant="pdf/ua-1")


@cache
def _refusing() -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher  # slow import

    class Refusing(URLFetcher):
        """Ends the rendering: the template names no address, so one that is asked for came in with somebody's text."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            raise FatalURLFetchingError("A dossier loads nothing.")

    return Refusing()


@cache
def _style() -> str:
    return Path(settings.BASE_DIR, "templates", "dossier", "dossier.css").read_text(encoding="utf-8")
