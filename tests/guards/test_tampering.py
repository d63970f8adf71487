"""Somebody with the database's highest rights goes round every guard: the verification page says so."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from content.menu import forget_menus
from content.models import Post
from tests.conftest import PostFactory
from tests.guards import tampering
from tests.guards.tampering import Change

SAME, PAGE, RECORD, UNSIGNED = "same", "page_differs", "record_differs", "unsigned"
SENTENCES = {
    SAME: "The text on the page is the signed text.",
    PAGE: "Warning: the text on the page is NOT the signed text.",
    RECORD: "Warning: a record behind this page is NOT as it was signed.",
    UNSIGNED: "Warning: no valid signature stands for this page.",
}


@pytest.fixture
def past_the_guards(db: str) -> Iterator[Change]:
    with tampering.past_the_guards() as change:
        yield change


@pytest.fixture
def live(post_factory: PostFactory) -> Post:
    forget_menus()
    return post_factory.published(
        content="<h2>Dose</h2><p>Tome 1 comprimido por dia.</p>",
        custom_fields={"funding": "nenhum"},
        scientific_references=["PMID:12345678"],
    )


def verdict(post: Post) -> tuple[str, str]:
    html = Client(HTTP_HOST="aurora.localhost").get(f"/verificacao/{post.pk}/", HTTP_ACCEPT_LANGUAGE="en")
    text = html.content.decode()
    found = [name for name, sentence in SENTENCES.items() if f'data-verdict="{name}"' in text and sentence in text]
    assert len(found) == 1, text
    return found[0], text


ONE_CHARACTER = "replace(content, '1 comprimido', '2 comprimido')"


@pytest.mark.parametrize(
    ("table", "key", "assignment", "expected"),
    [
        pytest.param("published_pages", "post_id", f"content = {ONE_CHARACTER}", PAGE, id="page-text"),
        pytest.param("published_pages", "post_id", "title = title || '.'", PAGE, id="page-title"),
        pytest.param("published_pages", "post_id", "medical_disclaimer = NULL", PAGE, id="page-disclaimer"),
        pytest.param("published_pages", "post_id", "excerpt = excerpt || ' '", PAGE, id="page-excerpt"),
        pytest.param("published_pages", "post_id", "content_hash = repeat('0', 64)", RECORD, id="page-hash"),
        pytest.param("posts", "id", f"content = {ONE_CHARACTER}", RECORD, id="article-text"),
        pytest.param("posts", "id", "meta_keywords = 'x'", RECORD, id="article-keywords"),
        pytest.param("posts", "id", "status = 'draft'", RECORD, id="article-status"),
        pytest.param("post_revisions", "post_id", f"content = {ONE_CHARACTER}", RECORD, id="revision-text"),
        pytest.param("post_revisions", "post_id", "scientific_references = '[\"PMID:1\"]'", PAGE, id="references"),
        pytest.param("custom_fields", "post_id", "meta_value = 'Fabricante'", RECORD, id="custom-field"),
    ],
)
def test_one_character_turns_the_page_to_a_warning(
    live: Post, past_the_guards: Change, table: str, key: str, assignment: str, expected: str
) -> None:
    if connection.vendor == "sqlite":
        assignment = assignment.replace("repeat('0', 64)", f"'{'0' * 64}'")
    assert verdict(live)[0] == SAME

    past_the_guards(f"UPDATE {table} SET {assignment} WHERE {key} = %s", [live.pk])

    found, text = verdict(live)
    assert found == expected
    assert "What to do:" in text
    assert "comprimido" not in text  # the warning does not spread what was changed


def test_the_warning_names_what_differs(live: Post, past_the_guards: Change) -> None:
    past_the_guards("UPDATE published_pages SET excerpt = 'x' WHERE post_id = %s", [live.pk])
    assert "What differs: excerpt." in " ".join(verdict(live)[1].split())


def test_all_three_copies_changed_alike_still_differ_from_the_signature(live: Post, past_the_guards: Change) -> None:
    for table, key in (("published_pages", "post_id"), ("posts", "id"), ("post_revisions", "post_id")):
        past_the_guards(f"UPDATE {table} SET content = {ONE_CHARACTER} WHERE {key} = %s", [live.pk])
    assert verdict(live)[0] == PAGE


def test_removed_signatures_are_missed(live: Post, past_the_guards: Change) -> None:
    past_the_guards("DELETE FROM approvals WHERE content_id = %s AND capacity = 'compliance'", [live.pk])
    assert verdict(live)[0] == UNSIGNED
    past_the_guards("DELETE FROM approvals WHERE content_id = %s", [live.pk])
    assert verdict(live)[0] == UNSIGNED


def test_a_reviewer_who_did_not_sign_is_noticed(live: Post, past_the_guards: Change) -> None:
    past_the_guards(
        "UPDATE published_pages SET details = replace(CAST(details AS text), 'professional', 'compliance')"
        + ("::jsonb" if connection.vendor == "postgresql" else "")
        + " WHERE post_id = %s",
        [live.pk],
    )
    assert verdict(live)[0] == PAGE


def test_a_reference_that_was_not_signed_is_noticed(live: Post, past_the_guards: Change) -> None:
    past_the_guards(
        "UPDATE published_pages SET details = replace(CAST(details AS text), 'PMID:12345678', 'PMID:12345679')"
        + ("::jsonb" if connection.vendor == "postgresql" else "")
        + " WHERE post_id = %s",
        [live.pk],
    )
    assert verdict(live)[0] == PAGE


def test_evidence_that_nobody_accepted_is_noticed(live: Post, past_the_guards: Change) -> None:
    claim = '[{"start": 0, "end": 9, "level": "1", "scale": "ocebm2011", "references": ["PMID:12345678"]}]'
    if connection.vendor == "postgresql":
        change = "details = jsonb_set(details, '{claims}', %s)"
    else:
        change = "details = json_set(details, '$.claims', json(%s))"
    past_the_guards(f"UPDATE published_pages SET {change} WHERE post_id = %s", [claim, live.pk])
    assert verdict(live)[0] == PAGE


def test_a_closed_text_is_not_opened_by_a_changed_level(post_factory: PostFactory, past_the_guards: Change) -> None:
    post = post_factory.published(compliance_level="restricted")
    past_the_guards("UPDATE published_pages SET compliance_level = 'public' WHERE post_id = %s", [post.pk])
    assert Client(HTTP_HOST="aurora.localhost").get(f"/verificacao/{post.pk}/").status_code == 404
