"""Asking PubMed and Crossref about one identifier. Nothing but the identifier and a contact address leaves the house.

No database here, and no redirect is followed: what does not come from the register itself counts for nothing.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from django.conf import settings

from content.reference_files import author

TRIES = 2
LARGEST = 2_000_000  # bytes of an answer


class Unavailable(Exception):
    """The register could not be asked: too slow, down, or its answer makes no sense."""


@dataclass(frozen=True)
class Work:
    """What a register says of an identifier."""

    title: str
    values: dict[str, Any] = field(default_factory=dict)
    retracted: bool = False


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """A redirect is an error: another host would learn what this organization reads."""


def ask_pubmed(pmid: str, *, contact: str) -> Work | None:
    """NCBI esummary; None when there is no such article. Raises Unavailable."""
    query = {"db": "pubmed", "id": pmid, "retmode": "json", "tool": "healthcare-cms"}
    query |= {"email": contact} if contact else {}
    answer = _fetch(f"{settings.LOOKUP_PUBMED_URL}/esummary.fcgi?{urlencode(query)}", contact)
    record = _dict(_dict(answer).get("result")).get(pmid)
    if record is None and answer is not None:
        raise Unavailable("no result")
    if answer is None or "error" in record:
        return None
    issued = str(record.get("pubdate", ""))
    kinds = {str(kind).lower() for kind in record.get("pubtype") or []}
    values = {
        "authors": [
            found for each in record.get("authors") or [] if (found := author(str(_dict(each).get("name", ""))))
        ],
        "container": record.get("source"),
        "year": int(issued[:4]) if re.match(r"\d{4}", issued) else None,
        "volume": record.get("volume"),
        "issue": record.get("issue"),
        "pages": record.get("pages"),
    }
    return Work(_plain(record.get("title")), _texts(values), "retracted publication" in kinds)


def ask_crossref(doi: str, *, contact: str) -> Work | None:
    """Crossref's `works`; None when it does not know the DOI. Raises Unavailable."""
    answer = _fetch(f"{settings.LOOKUP_CROSSREF_URL}/works/{quote(doi, safe='')}", contact)
    if answer is None:
        return None
    record = _dict(_dict(answer).get("message"))
    if not record:
        raise Unavailable("no message")
    title = _plain(_first(record.get("title")))
    notices = {str(_dict(each).get("type", "")).lower() for each in record.get("updated-by") or []}
    people = [
        {"family": str(each["family"]), "given": str(each.get("given", ""))}
        if _dict(each).get("family")
        else {"literal": str(_dict(each).get("name", ""))}
        for each in record.get("author") or []
    ]
    values = {
        "authors": [each for each in people if any(each.values())],
        "container": _plain(_first(record.get("container-title"))),
        "year": _issued(record),
        "volume": record.get("volume"),
        "issue": record.get("issue"),
        "pages": record.get("page"),
        "publisher": record.get("publisher"),
    }
    return Work(title, _texts(values), "retraction" in notices or title.upper().startswith("RETRACTED"))


def _issued(record: dict[str, Any]) -> int | None:
    try:
        return int(record["issued"]["date-parts"][0][0])
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def _fetch(address: str, contact: str) -> Any:
    """The JSON behind an address; None for 404."""
    for attempt in range(TRIES):
        try:
            return json.loads(_read(address, contact))
        except HTTPError as error:
            error.close()
            if error.code == 404:
                return None
            problem: Exception = error
        except (OSError, HTTPException, ValueError, RecursionError) as error:
            problem = error
        if attempt + 1 < TRIES:
            time.sleep(settings.LOOKUP_PAUSE)
    raise Unavailable(type(problem).__name__) from problem


def _read(address: str, contact: str) -> bytes:
    """The whole answer within the time: a register that sends a byte a second is down."""
    agent = f"healthcare-cms (mailto:{contact})" if contact else "healthcare-cms"
    request = Request(address, headers={"Accept": "application/json", "User-Agent": agent})  # noqa: S310 - our setting
    deadline = time.monotonic() + settings.LOOKUP_SECONDS
    body = b""
    with _opener().open(request, timeout=settings.LOOKUP_SECONDS) as response:
        while chunk := response.read1(65_536):
            body += chunk
            if len(body) > LARGEST:
                raise ValueError("answer too large")
            if time.monotonic() > deadline:
                raise TimeoutError
    return body


def _opener() -> OpenerDirector:
    return build_opener(_NoRedirect)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _first(value: Any) -> str:
    return str(value[0]) if isinstance(value, list) and value else ""


def _plain(text: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]{0,200}>", "", str(text or ""))).split()).rstrip(".")[:1000]


def _texts(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) if isinstance(value, str) else value for name, value in values.items() if value}
