"""Search for clusters where no superuser can mark `ts_match_vq` as leakproof (setting SEARCH_FORM = "function").

Below a row-level policy an index serves leakproof conditions only. The function's owner reads published pages of every
tenant, so the tenant stands in the function's own condition; it answers with ids, which the caller reads under its own
policy.
"""

from django.db import migrations

from accounts.tenancy.operations import VendorSQL

SEARCH_PAGES = """
CREATE FUNCTION search_pages(p_query text, p_gated boolean, p_limit integer)
RETURNS TABLE (page_id uuid, score real, published timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    tenant uuid := current_tenant_id();
    q tsquery := websearch_to_tsquery('public.hcms_pt', p_query);
BEGIN
    RETURN QUERY
    SELECT p.id, ts_rank(CASE WHEN p_gated THEN coalesce(p.gated_search_vector, p.search_vector)
        ELSE p.search_vector END, q), p.published_at
    FROM published_pages p
    WHERE p.tenant_id = tenant AND (p.search_vector @@ q OR (p_gated AND p.gated_search_vector @@ q))
    ORDER BY p.published_at DESC LIMIT LEAST(p_limit, 1001);
END $$
"""
SIGNATURE = "search_pages(text, boolean, integer)"


class Migration(migrations.Migration):
    dependencies = [("content", "0007_index_pages_for_search")]

    operations = [
        VendorSQL(
            "Create search_pages()",
            postgresql=[
                SEARCH_PAGES,
                # SELECT only, and for a role nobody can log in as.
                "CREATE POLICY search_published_pages ON published_pages FOR SELECT TO hcms_gate USING (true)",
                f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC",
                f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO hcms_app",
                f"ALTER FUNCTION {SIGNATURE} OWNER TO hcms_gate",
            ],
            postgresql_reverse=[
                f"DROP FUNCTION {SIGNATURE}",
                "DROP POLICY search_published_pages ON published_pages",
            ],
            declared=[
                ("policy", "published_pages", "search_published_pages"),
                ("function_owner", "search_pages", "hcms_gate"),
            ],
        ),
    ]
