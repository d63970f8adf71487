"""One definition of the content hash, two implementations: Python (and SQLite through it) and SQL."""

import json
import unicodedata
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.tenancy.hashing import SCALAR_NAMES, content_hash, content_hash_from_json

# What normalisation is about: line ends, composed and decomposed letters, order of marks, Hangul, compatibility forms
# that must stay, right-to-left text, characters outside the basic plane.
PIECES = [
    *["\r\n", "\r", "\n", "é", "e\u0301", "a\u0323\u0302", "a\u0302\u0323", "각", "\u1100\u1161\u11a8", "ﬁ", "½"],
    *["\u212b", "שלום", "\u202e", "🩺", "𝔘", "\ufeff", "\u0344", "", " ", "1:", "5:title", "\\", "'", '"', "%s"],
]
# Unassigned characters may be assigned in the database's newer Unicode; NUL is refused by PostgreSQL.
CHARACTERS = st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="\x00")
TEXT = st.lists(st.one_of(st.sampled_from(PIECES), st.text(CHARACTERS, max_size=6)), max_size=5).map("".join)
MAYBE = st.none() | TEXT
WORDING = st.fixed_dictionaries(
    {
        "scalars": st.fixed_dictionaries(
            dict.fromkeys(SCALAR_NAMES, MAYBE)
            | {
                "author_id": st.uuids(),
                "category_id": st.none() | st.uuids(),
                "requires_crm_validation": st.booleans(),
                # As long as their columns: PostgreSQL refuses a longer text before it is hashed.
                "compliance_level": st.none() | TEXT.map(lambda text: text[:20]),
                "medical_category": st.none() | TEXT.map(lambda text: text[:30]),
            }
        ),
        "terms": st.lists(st.uuids(), max_size=3, unique=True),
        "fields": st.dictionaries(TEXT.filter(bool), MAYBE, max_size=4),
        "references": st.lists(TEXT, max_size=3),
        "media": st.lists(st.uuids(), max_size=3, unique=True),
    }
)
EMPTY: dict[str, Any] = {
    "scalars": dict.fromkeys(SCALAR_NAMES) | {"author_id": UUID(int=1), "requires_crm_validation": False},
    "terms": [], "fields": {}, "references": [], "media": [],
}  # fmt: skip
COLUMN_OF = {"disclaimer": "medical_disclaimer"}


def in_python(wording: dict[str, Any]) -> str:
    return content_hash(**wording)


def as_json(wording: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(wording, default=str))


def in_database(wording: dict[str, Any]) -> set[str]:
    """What the database makes of the same wording: by the bare function, and of a revision's row."""
    data = as_json(wording)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # As the triggers do it: the object is put together by SQLite, not by Python.
            scalars = ", ".join(f"'{name}', %s" for name in SCALAR_NAMES)
            lists = [json.dumps(data[name]) for name in ("terms", "fields", "references", "media")]
            cursor.execute(
                f"SELECT hc001_content_hash(json_object('scalars', json_object({scalars}), 'terms', json(%s),"
                " 'fields', json(%s), 'references', json(%s), 'media', json(%s)))",
                [*[wording_value(data["scalars"][name]) for name in SCALAR_NAMES], *lists],
            )
            return {cursor.fetchone()[0]}
        scalars = [wording_value(data["scalars"][name]) for name in SCALAR_NAMES]
        row = {COLUMN_OF.get(name, name): data["scalars"][name] for name in SCALAR_NAMES} | {
            "category_ids": data["terms"],
            "custom_fields": data["fields"],
            "scientific_references": data["references"],
            "media_ids": data["media"],
        }
        cursor.execute(
            "SELECT content_hash(%s, %s::text[], %s::jsonb, %s::jsonb, %s::jsonb),"
            " revision_hash(jsonb_populate_record(NULL::post_revisions, %s::jsonb))",
            [scalars, data["terms"], *[json.dumps(data[name]) for name in ("fields", "references", "media")],
             json.dumps(row)],
        )  # fmt: skip
        return set(cursor.fetchone())


def wording_value(value: Any) -> Any:
    """PostgreSQL's triggers spell booleans out; SQLite's hand over 0 and 1."""
    if not isinstance(value, bool):
        return value
    return int(value) if connection.vendor == "sqlite" else str(value).lower()


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wording=WORDING)
@example(wording=EMPTY)
@example(wording=EMPTY | {"fields": {"e\u0301\r\nx": "e\u0301\r\n", "é": None}})
@example(wording=EMPTY | {"references": ["b", "a", ""], "fields": {"a": "", "B": "x", "á": "y"}})
def test_database_and_python_agree(db: None, wording: dict[str, Any]) -> None:
    assert in_database(wording) == {in_python(wording)}


@settings(max_examples=200, deadline=None)
@given(wording=WORDING)
def test_spelling_of_the_same_text_does_not_matter(wording: dict[str, Any]) -> None:
    def respelt(value: Any) -> Any:
        return unicodedata.normalize("NFD", value).replace("\n", "\r\n") if isinstance(value, str) else value

    same = wording | {"scalars": {name: respelt(value) for name, value in wording["scalars"].items()}}
    same["scalars"] = {name: value or None for name, value in same["scalars"].items()}
    unchanged = {name: value for name, value in wording["scalars"].items() if isinstance(value, str) and "\r" in value}

    if not unchanged:  # a text that has carriage returns of its own is spelt a second time
        assert in_python(same) == in_python(wording)


@pytest.mark.parametrize("name", [name for name in SCALAR_NAMES if name not in ("requires_crm_validation",)])
def test_every_scalar_counts(name: str) -> None:
    value = UUID(int=2) if name.endswith("_id") else "x"

    assert in_python(EMPTY | {"scalars": EMPTY["scalars"] | {name: value}}) != in_python(EMPTY)


def test_values_cannot_be_moved_from_one_name_to_the_next() -> None:
    """Lengths stand before the texts, so no text can pretend to be the next name."""
    shifted = {"title": "a4:slug1:b", "slug": ""}

    hashes = {
        in_python(EMPTY | {"scalars": EMPTY["scalars"] | {"title": "a", "slug": "b"}}),
        in_python(EMPTY | {"scalars": EMPTY["scalars"] | shifted}),
        in_python(EMPTY | {"scalars": EMPTY["scalars"] | {"title": "ab"}}),
        in_python(EMPTY | {"fields": {"a": "b"}}),
        in_python(EMPTY | {"fields": {"ab": ""}}),
        in_python(EMPTY | {"references": ["a", "b"]}),
        in_python(EMPTY | {"references": ["b", "a"]}),
        in_python(EMPTY | {"references": ["ab"]}),
        in_python(EMPTY | {"terms": [UUID(int=3)]}),
        in_python(EMPTY | {"media": [UUID(int=3)]}),
    }
    assert len(hashes) == 10


def test_order_of_terms_and_media_does_not_matter() -> None:
    one, two = UUID(int=1), UUID(int=2)

    assert in_python(EMPTY | {"terms": [one, two]}) == in_python(EMPTY | {"terms": [two, one]})
    assert in_python(EMPTY | {"media": [one, two]}) == in_python(EMPTY | {"media": [two, one]})


def test_json_form_is_the_same() -> None:
    assert content_hash_from_json(json.dumps(as_json(EMPTY))) == in_python(EMPTY)
