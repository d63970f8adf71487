"""What is refused before Django sees it."""

from io import BytesIO
from typing import Any

import pytest

from healthcare_cms.wsgi import application


def _status(content_type: str, method: str = "GET") -> str:
    answers: list[str] = []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": "/health/live",
        "QUERY_STRING": "s=asma",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "CONTENT_TYPE": content_type,
        "wsgi.input": BytesIO(b""),
        "wsgi.url_scheme": "http",
    }
    application(environ, lambda status, headers: answers.append(status))
    return answers[0]


@pytest.mark.parametrize("charset", ["rot13", "undefined", "hex", "punycode", "utf-16", "latin-1", "none such"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_charset_than_utf_8_is_a_bad_request(charset: str, method: str) -> None:
    """`bytes.decode("rot13")` raises no UnicodeError, which is all that Django expects."""
    assert _status(f"text/plain; charset={charset}", method) == "400 Bad Request"


@pytest.mark.django_db
@pytest.mark.parametrize("content_type", ["", "text/plain", "text/plain; charset=UTF-8", "text/plain; charset", ";;;"])
def test_utf_8_is_served(content_type: str) -> None:
    assert _status(content_type) == "200 OK"
