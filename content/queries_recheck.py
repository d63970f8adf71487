"""What the page of the re-check shows: how far the job is, and which live texts fail today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compliance.analyzers import packs
from compliance.analyzers.phi import TYPES
from compliance.enums import CheckResult
from compliance.models import RecheckOutcome
from content.admin_queries import post_url, shown_title
from content.models import Post
from content.queries_after import titles_for
from content.services.recheck import CLAIMS_CODE, ENGINE_CODE

OTHER_CODES: dict[str, str | Promise] = {
    CLAIMS_CODE: _("A claim has no validated reference."),
    ENGINE_CODE: _("The engine could not read the text. Have it checked by a person."),
}


@dataclass(frozen=True)
class Failing:
    """A live text that fails, with its rules by name. Addresses are empty where the reader may not open the text."""

    outcome: RecheckOutcome
    title: str
    codes: list[tuple[str, str | Promise]]
    post: Post | None
    edit_url: str


def failing_texts() -> QuerySet[RecheckOutcome]:
    """Live texts that failed when they were last checked, newest check first."""
    return RecheckOutcome.objects.exclude(result=CheckResult.PASSED).order_by("-checked_at", "content_id")


def as_rows(actor: Any, outcomes: list[RecheckOutcome]) -> list[Failing]:
    """Rows of one page: one more query for the titles."""
    posts = titles_for(actor, (outcome.content_id for outcome in outcomes))
    return [_row(actor, outcome, posts.get(outcome.content_id)) for outcome in outcomes]


def _row(actor: Any, outcome: RecheckOutcome, post: Post | None) -> Failing:
    return Failing(
        outcome=outcome,
        title=shown_title(post, actor) if post else str(outcome.content_id)[:8],
        codes=[(code, name_of(code)) for code in outcome.codes],
        post=post,
        edit_url=post_url(post, "change") if post else "",
    )


def name_of(code: str) -> str | Promise:
    """What a code means, in words. Names of rules and of personal data are in Portuguese, as their sources are."""
    if code in OTHER_CODES:
        return OTHER_CODES[code]
    if code in TYPES:
        return TYPES[code].label
    try:
        return packs.load().rule(code).title
    except StopIteration:  # a rule of an earlier pack
        return ""
