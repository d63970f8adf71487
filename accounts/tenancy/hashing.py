"""The content hash: what a signature binds to.

One definition, three places that must agree: `content_hash` here, `revision_hash()` in PostgreSQL and, through
`content_hash_from_json`, the triggers on SQLite. SHA-256 over a list of named text values, each written as
`<bytes of name>:<name><bytes of value>:<value>` in UTF-8, after NFC and LF normalisation; None counts as empty. No
JSON and no floats, whose spelling differs between databases.
"""

import hashlib
import json
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

# The order is part of the definition; `content_hash()` in SQL lists the same names.
SCALAR_NAMES = (
    "title",
    "slug",
    "content",
    "excerpt",
    "disclaimer",
    "meta_description",
    "meta_keywords",
    "author_id",
    "compliance_level",
    "medical_category",
    "requires_crm_validation",
    "category_id",
)


def normalise(value: Any) -> str:
    """Text as it is hashed: NFC, line feeds only, None as the empty text."""
    text = "" if value is None else str(value)
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def digest(pairs: Iterable[tuple[str, Any]]) -> str:
    """SHA-256 (64 hexadecimal digits) of the length-prefixed list of named values."""
    sha = hashlib.sha256()
    for name, value in pairs:
        for part in (name, normalise(value)):
            data = part.encode()
            sha.update(f"{len(data)}:".encode() + data)
    return sha.hexdigest()


def content_hash(
    scalars: Mapping[str, Any],
    *,
    terms: Iterable[Any],
    fields: Mapping[str, Any],
    references: Iterable[str],
    media: Iterable[Any],
) -> str:
    """Hash of one wording of a post.

    `scalars` maps SCALAR_NAMES to values (UUIDs in any spelling, booleans as bool or 0/1), `terms` and `media` are
    ids, `fields` maps custom field keys to text, `references` are normal forms in their order.
    """
    pairs = [(name, _scalar(name, scalars.get(name))) for name in SCALAR_NAMES]
    pairs += [("term", term) for term in sorted(_uuid(term) for term in terms)]
    pairs += [(f"field:{key}", fields[key]) for key in sorted(fields)]
    pairs += [("reference", reference) for reference in references]
    pairs += [("media", item) for item in sorted(_uuid(item) for item in media)]
    return digest(pairs)


def content_hash_from_json(text: str) -> str:
    """The same from the JSON object that the SQLite triggers build."""
    data = json.loads(text)
    return content_hash(
        data["scalars"],
        terms=data["terms"],
        fields=data["fields"],
        references=data["references"],
        media=data["media"],
    )


def _scalar(name: str, value: Any) -> str:
    if name == "requires_crm_validation":
        return "true" if value else "false"
    if name in ("author_id", "category_id"):
        return _uuid(value) if value else ""
    return value if value is not None else ""


def _uuid(value: Any) -> str:
    """Canonical spelling: lower case with hyphens, as PostgreSQL prints it."""
    return str(value if isinstance(value, uuid.UUID) else uuid.UUID(str(value)))
