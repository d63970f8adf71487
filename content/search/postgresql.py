"""Search on PostgreSQL: `search_vector @@ websearch_to_tsquery`, under row-level security."""

import json
from typing import Any

from django.conf import settings
from django.db import connection

from content.search.highlight import START, STOP

CONFIGURATION = "public.hcms_pt"
MARKS = f'StartSel="{START}", StopSel="{STOP}"'
QUOTATION = f'{MARKS}, MaxFragments=2, MaxWords=28, MinWords=12, FragmentDelimiter=" … "'
# The table itself. Its index serves `@@` below the policy because bootstrap.sql marks ts_match_vq as leakproof.
OPERATOR_FORM = """
    SELECT p.id AS page_id, ts_rank({vector}, websearch_to_tsquery(%(config)s::regconfig, %(text)s)) AS score,
        p.published_at AS published
    FROM published_pages p
    WHERE {condition}
    ORDER BY p.published_at DESC LIMIT 1001
"""
MATCHES = "p.{} @@ websearch_to_tsquery(%(config)s::regconfig, %(text)s)"
# Where nobody may mark it: a definer function with the tenant in its own condition.
FUNCTION_FORM = "SELECT page_id, score, published FROM search_pages(%(text)s, %(gated)s, 1001)"
STATEMENT = """
WITH newest AS MATERIALIZED ({form}),
best AS (
    SELECT page_id, score, published, count(*) OVER () AS total FROM newest
    ORDER BY score DESC, published DESC, page_id LIMIT %(limit)s OFFSET %(offset)s
)
SELECT b.total, p.slug,
    ts_headline(%(config)s::regconfig, translate(p.title, %(marks)s, ''), q.query, %(title)s),
    ts_headline(%(config)s::regconfig, translate(CASE WHEN p.compliance_level = 'public' OR %(gated)s::boolean
        THEN regexp_replace(left(coalesce(nullif(p.content, ''), p.excerpt, ''), 50000), '<[^>]*>', ' ', 'g')
        ELSE coalesce(p.excerpt, '') END, %(marks)s, ''), q.query, %(quotation)s),
    p.compliance_level, p.published_at, p.details
FROM best b JOIN published_pages p ON p.id = b.page_id,
    (SELECT websearch_to_tsquery(%(config)s::regconfig, %(text)s) AS query) q
ORDER BY b.score DESC, b.published DESC, b.page_id
"""


def statement(*, gated: bool) -> str:
    """The statement of the configured form (setting SEARCH_FORM). Only readers of bodies touch the gated column."""
    if settings.SEARCH_FORM == "function":
        return STATEMENT.format(form=FUNCTION_FORM)
    open_match, gated_match = MATCHES.format("search_vector"), MATCHES.format("gated_search_vector")
    form = OPERATOR_FORM.format(
        vector="coalesce(p.gated_search_vector, p.search_vector)" if gated else "p.search_vector",
        condition=f"({open_match} OR {gated_match})" if gated else open_match,
    )
    return STATEMENT.format(form=form)


def rows(text: str, *, gated: bool, limit: int, offset: int) -> tuple[int, list[tuple[Any, ...]]]:
    """(count up to 1,001, rows of slug, title, quotation, level, time, details)."""
    with connection.cursor() as cursor:
        cursor.execute(statement(gated=gated), parameters(text, gated=gated, limit=limit, offset=offset))
        found = cursor.fetchall()
    return (found[0][0] if found else 0), [(*row[1:-1], _json(row[-1])) for row in found]


def parameters(text: str, *, gated: bool, limit: int, offset: int) -> dict[str, Any]:
    """Values of the statement's placeholders."""
    return {
        "config": CONFIGURATION,
        "text": text,
        "gated": gated,
        "limit": limit,
        "offset": offset,
        "marks": START + STOP,
        "title": f"{MARKS}, HighlightAll=true",
        "quotation": QUOTATION,
    }


def _json(value: Any) -> dict:
    """Django turns psycopg's own JSON decoding off."""
    return json.loads(value) if isinstance(value, str) else value
