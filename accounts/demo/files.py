"""Reads the files of the demo: `tenants.json` and the articles (format: README.md beside this file). Pure.

The second factors of the demo are derived from the e-mail, so that everybody can compute them. That is only for a
machine where DEBUG is on; anywhere else the accounts are refused (`accounts.backends.is_refused_demo_account`).
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
PLATFORM_EMAIL = "platform@platform.example"


@dataclass(frozen=True)
class Article:
    """One demo text: header values and HTML."""

    header: dict[str, str]
    body: str

    @property
    def references(self) -> list[str]:
        return [part.strip() for part in self.header["references"].split("; ") if part.strip()]

    @property
    def fields(self) -> dict[str, str]:
        pairs = (part.partition("=") for part in self.header["fields"].split("; ") if "=" in part)
        return {key.strip(): value.strip() for key, _equals, value in pairs}

    @property
    def cited_body(self) -> str:
        """The body with citations as the editor makes them: `[2]` names the second work of the list."""

        def marker(match: re.Match[str]) -> str:
            reference = self.references[int(match[1]) - 1].removeprefix("URL:").replace("&", "&amp;")
            return f'<sup data-ref="{reference}">[{match[1]}]</sup>'

        return re.sub(r'<sup><a href="[^"]*">\[(\d+)\]</a></sup>', marker, self.body)

    @property
    def first_draft(self) -> str:
        """The body as it was before its last block was written, so that the history has a beginning."""
        blocks = self.cited_body.rstrip().split("\n")
        return "\n".join(blocks[: max(1, len(blocks) * 2 // 3)])


def tenants() -> list[dict[str, Any]]:
    """The demo's tenants with categories and people."""
    return json.loads((FOLDER / "tenants.json").read_text(encoding="utf-8"))["tenants"]


def articles(slug: str) -> list[Article]:
    """A tenant's articles, oldest first."""
    found = [parse(path.read_text(encoding="utf-8")) for path in sorted((FOLDER / "articles" / slug).glob("*.html"))]
    return sorted(found, key=lambda article: -int(article.header["days_ago"]))


def library(cited: set[str]) -> str:
    """The RIS file of works, as a reference manager exports it, without those that no text cites."""
    entries = (FOLDER / "references.ris").read_text(encoding="utf-8").split("\n\n")
    return "\n\n".join(entry for entry in entries if any(f"\nDO  - {doi}\n" in entry for doi in cited))


def parse(text: str) -> Article:
    """Header lines, an empty line, the HTML."""
    head, _blank, body = text.partition("\n\n")
    pairs = (line.partition(":") for line in head.splitlines())
    return Article({key.strip(): value.strip() for key, _colon, value in pairs}, body.strip())


def contact_line(contact: dict[str, str]) -> str:
    """A tenant's public contact in one line."""
    place = ", ".join(contact[key] for key in ("city", "state") if contact.get(key))
    return " · ".join(part for part in (place, *(contact.get(key, "") for key in ("phone", "email", "hours"))) if part)


def totp_key(email: str) -> str:
    """The fixed secret of a demo account, hexadecimal. Everybody who reads this line has it; that is the point."""
    return hashlib.sha256(f"healthcare-cms demo second factor {email}".encode()).hexdigest()[:40]
