"""Full-text search over published pages: generated tsvectors on PostgreSQL, FTS5 kept by triggers on SQLite.

Invariant: restricted and PHI pages are in no index. The body of a professional page stands in a column of its own that
a visitor's search does not touch: not even by excluding a word can anybody find out what is behind the gate.
"""

from django.db import migrations

from accounts.tenancy.operations import VendorSQL

# The parser skips markup by itself; removing it first keeps attributes of broken tags out. left(): a tsvector has a
# limit of 1 MB, and a text must not become unpublishable because it is long.
HEAD = """
setweight(to_tsvector('public.hcms_pt', title), 'A')
|| setweight(to_tsvector('public.hcms_pt', left(coalesce(excerpt, ''), 20000)), 'B')
"""
BODY = r"""
setweight(to_tsvector('public.hcms_pt',
    regexp_replace(left(coalesce(content, ''), 200000), '<[^>]*>', ' ', 'g')), 'D')
"""
COLUMNS = f"""
ALTER TABLE published_pages
    ADD COLUMN search_vector tsvector GENERATED ALWAYS AS (
        CASE compliance_level WHEN 'public' THEN {HEAD} || {BODY} WHEN 'professional' THEN {HEAD} END
    ) STORED,
    ADD COLUMN gated_search_vector tsvector GENERATED ALWAYS AS (
        CASE compliance_level WHEN 'professional' THEN {HEAD} || {BODY} END
    ) STORED
"""

# `published_pages.id` is no integer and rowids change when SQLite rebuilds a table, so documents have their own numbers.
DOCUMENTS = "CREATE TABLE search_documents (id integer PRIMARY KEY, page_id char(32) NOT NULL UNIQUE)"
FTS = """
CREATE VIRTUAL TABLE search_index USING fts5(title, excerpt, body, gated, tokenize = "unicode61 remove_diacritics 2")
"""
INSERT = """
    INSERT INTO search_documents (page_id) SELECT NEW.id WHERE NEW.compliance_level IN ('public', 'professional');
    INSERT INTO search_index (rowid, title, excerpt, body, gated)
        SELECT d.id, NEW.title, COALESCE(NEW.excerpt, ''),
            CASE NEW.compliance_level WHEN 'public' THEN hcms_plain_text(NEW.content) ELSE '' END,
            CASE NEW.compliance_level WHEN 'public' THEN '' ELSE hcms_plain_text(NEW.content) END
        FROM search_documents d WHERE d.page_id = NEW.id;
"""
DELETE = """
    DELETE FROM search_index WHERE rowid = (SELECT id FROM search_documents WHERE page_id = OLD.id);
    DELETE FROM search_documents WHERE page_id = OLD.id;
"""
TRIGGERS = [
    f"CREATE TRIGGER search_insert AFTER INSERT ON published_pages BEGIN {INSERT} END",
    f"CREATE TRIGGER search_update AFTER UPDATE ON published_pages BEGIN {DELETE} {INSERT} END",
    f"CREATE TRIGGER search_delete AFTER DELETE ON published_pages BEGIN {DELETE} END",
]
FILL = [
    "INSERT INTO search_documents (page_id) SELECT id FROM published_pages"
    " WHERE compliance_level IN ('public', 'professional')",
    "INSERT INTO search_index (rowid, title, excerpt, body, gated)"
    " SELECT d.id, p.title, COALESCE(p.excerpt, ''),"
    " CASE p.compliance_level WHEN 'public' THEN hcms_plain_text(p.content) ELSE '' END,"
    " CASE p.compliance_level WHEN 'public' THEN '' ELSE hcms_plain_text(p.content) END"
    " FROM published_pages p JOIN search_documents d ON d.page_id = p.id",
]


class Migration(migrations.Migration):
    dependencies = [("content", "0006_audit_rows")]

    operations = [
        VendorSQL(
            "Index published pages for search",
            postgresql=[
                COLUMNS,
                "CREATE INDEX idx_published_pages_search ON published_pages USING gin (tenant_id, search_vector)",
                "CREATE INDEX idx_published_pages_gated_search ON published_pages"
                " USING gin (tenant_id, gated_search_vector)",
            ],
            postgresql_reverse=[
                "DROP INDEX idx_published_pages_gated_search",
                "DROP INDEX idx_published_pages_search",
                "ALTER TABLE published_pages DROP COLUMN gated_search_vector, DROP COLUMN search_vector",
            ],
            sqlite=[DOCUMENTS, FTS, *FILL, *TRIGGERS],
            sqlite_reverse=[
                *[f"DROP TRIGGER search_{verb}" for verb in ("delete", "update", "insert")],
                "DROP TABLE search_index",
                "DROP TABLE search_documents",
            ],
        ),
    ]
