"""Full-text search over published pages: one interface, two databases.

PostgreSQL searches a stored tsvector (Portuguese stems, no accents), SQLite an FTS5 table. Restricted and PHI pages
are in neither index; the body of a professional page counts and is quoted only for readers with `gated=True`.
"""

from content.search.service import COUNT_LIMIT, PAGE_SIZE, Hit, SearchResults, search

__all__ = ["COUNT_LIMIT", "PAGE_SIZE", "Hit", "SearchResults", "search"]
