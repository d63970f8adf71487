"""Search on SQLite: an FTS5 table kept by triggers; the tenant filter stands in the statement."""

import json
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from accounts.tenancy.context import current_tenant_id
from content.search.highlight import START, STOP
from content.search.terms import fts5_query

OPEN = "title excerpt body"
STATEMENT = """
WITH newest AS MATERIALIZED (
    SELECT d.id AS document, d.page_id, bm25(search_index, 10.0, 4.0, 1.0, 1.0) AS score, p.published_at
    FROM search_index
        JOIN search_documents d ON d.id = search_index.rowid
        JOIN published_pages p ON p.id = d.page_id
    WHERE search_index MATCH %(match)s AND p.tenant_id = %(tenant)s
    ORDER BY p.published_at DESC LIMIT 1001
)
SELECT document, page_id, count(*) OVER () FROM newest ORDER BY score, published_at DESC, page_id
LIMIT %(limit)s OFFSET %(offset)s
"""
QUOTATIONS = """
SELECT search_index.rowid, p.slug, highlight(search_index, 0, %(start)s, %(stop)s),
    snippet(search_index, -1, %(start)s, %(stop)s, ' … ', 32), p.excerpt, p.compliance_level, p.published_at, p.details
FROM search_index
    JOIN search_documents d ON d.id = search_index.rowid
    JOIN published_pages p ON p.id = d.page_id
WHERE search_index MATCH %(match)s AND p.tenant_id = %(tenant)s AND search_index.rowid IN ({documents})
"""


def rows(text: str, *, gated: bool, limit: int, offset: int) -> tuple[int, list[tuple[Any, ...]]]:
    """(count up to 1,001, rows of slug, title, quotation, level, time, details)."""
    match = fts5_query(text)
    if not match:
        return 0, []
    # Without the right to read professional bodies, their column does not take part.
    match = match if gated else f"{{{OPEN}}} : ({match})"
    params = {"match": match, "tenant": current_tenant_id().hex, "limit": limit, "offset": offset}
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, params)
        ranked = cursor.fetchall()
        if not ranked:
            return 0, []
        documents = ",".join(str(int(row[0])) for row in ranked)
        cursor.execute(QUOTATIONS.format(documents=documents), {**params, "start": START, "stop": STOP})
        quoted = {row[0]: row[1:] for row in cursor.fetchall()}
    return ranked[0][2], [_row(*quoted[row[0]]) for row in ranked]


def _row(slug: str, title: str, quotation: str, excerpt: str, level: str, published_at: Any, details: str) -> tuple:
    if START in title and quotation.replace(START, "").replace(STOP, "") in title.replace(START, "").replace(STOP, ""):
        quotation = excerpt or ""  # the hit is in the title, which stands above already
    when = datetime.fromisoformat(published_at) if isinstance(published_at, str) else published_at
    return slug, title, quotation, level, when if when.tzinfo else when.replace(tzinfo=UTC), json.loads(details)
