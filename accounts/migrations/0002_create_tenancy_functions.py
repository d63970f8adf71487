"""The functions that policies and the host router call."""

from django.db import migrations

from accounts.tenancy.operations import VendorSQL

CURRENT_TENANT_ID = """
CREATE FUNCTION current_tenant_id() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- NULLIF: after a transaction-local setting ends it reads '', which is no uuid.
    RETURN NULLIF(current_setting('app.tenant_id', true), '')::uuid;
END $$
"""

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$
"""

# Definer: the web role reads no row of `domains` and only its own of `tenants`, yet must find the tenant of a host.
RESOLVE_HOST = """
CREATE FUNCTION resolve_host(host text)
RETURNS TABLE (id uuid, slug varchar, name varchar, tagline varchar, version integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.id, t.slug, t.name, t.tagline, t.version
    FROM domains d JOIN tenants t ON t.id = d.tenant_id
    WHERE d.domain = host AND t.is_active
$$
"""

# Commands that act on every tenant (the scheduler) need the list of ids, and nothing else of anybody.
ACTIVE_TENANT_IDS = """
CREATE FUNCTION active_tenant_ids() RETURNS TABLE (id uuid, slug varchar)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.id, t.slug FROM tenants t WHERE t.is_active ORDER BY t.slug
$$
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_create_tables")]

    operations = [
        VendorSQL(
            "Create current_tenant_id()",
            postgresql=[CURRENT_TENANT_ID, "GRANT EXECUTE ON FUNCTION current_tenant_id() TO PUBLIC"],
            postgresql_reverse="DROP FUNCTION current_tenant_id()",
        ),
        VendorSQL(
            "Create refuse_change()",
            postgresql=REFUSE_CHANGE,
            postgresql_reverse="DROP FUNCTION refuse_change()",
        ),
        VendorSQL(
            "Create resolve_host() and active_tenant_ids()",
            postgresql=[
                RESOLVE_HOST,
                ACTIVE_TENANT_IDS,
                "REVOKE ALL ON FUNCTION resolve_host(text), active_tenant_ids() FROM PUBLIC",
                "GRANT EXECUTE ON FUNCTION resolve_host(text), active_tenant_ids() TO hcms_app",
            ],
            postgresql_reverse=["DROP FUNCTION active_tenant_ids()", "DROP FUNCTION resolve_host(text)"],
        ),
    ]
