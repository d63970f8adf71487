"""The interface that views call."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.safestring import SafeString

from content.search.highlight import marked
from content.search.terms import clean

PAGE_SIZE = 10
COUNT_LIMIT = 1000  # the newest hits are ranked; an exact count of everything would read everything


@dataclass(frozen=True)
class Hit:
    """One result, without its body."""

    slug: str
    title: SafeString
    quotation: SafeString
    compliance_level: str
    published_at: datetime
    details: dict


@dataclass(frozen=True)
class SearchResults:
    """One page of results. `count` stops at COUNT_LIMIT, and `capped` says that it did."""

    query: str
    hits: list[Hit]
    count: int = 0
    page: int = 1

    @property
    def capped(self) -> bool:
        return self.count > COUNT_LIMIT

    @property
    def shown_count(self) -> int:
        return min(self.count, COUNT_LIMIT)

    @property
    def has_next(self) -> bool:
        return self.page * PAGE_SIZE < self.shown_count


def search(query: str | None, *, gated: bool, page: int = 1) -> SearchResults:
    """Published pages of the active tenant, best first among the newest COUNT_LIMIT hits.

    `gated` lets the bodies of professional pages count: for readers who may open them.
    """
    text = clean(query)
    offset = (page - 1) * PAGE_SIZE
    if not text or offset >= COUNT_LIMIT:
        return SearchResults(text, [], 0, page)
    if connection.vendor == "postgresql":
        from content.search.postgresql import rows  # the vendor's own
    else:
        from content.search.sqlite import rows  # the vendor's own
    count, found = rows(text, gated=gated, limit=PAGE_SIZE, offset=offset)
    hits = [
        Hit(slug, marked(title), marked(quotation), level, published_at, details)
        for slug, title, quotation, level, published_at, details in found
    ]
    return SearchResults(text, hits, count, page)
