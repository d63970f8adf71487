"""The audit trail: monthly partitions (or a hypertable), its isolation, and the only functions that write to it."""

from django.db import migrations

from accounts.tenancy.operations import AppendOnly, TenantIsolation, VendorSQL
from compliance.audit_storage import AuditTrailStorage

# Row changes. Not executable by the web role: it is called from the triggers' functions, owned by hcms_audit.
AUDIT_WRITE = """
CREATE FUNCTION audit_write(operation text, resource_type text, resource_id uuid, metadata jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    actor uuid := NULLIF(current_setting('app.user_id', true), '')::uuid;
    owner_tenant uuid := audit_tenant_id();
BEGIN
    IF actor IS NULL OR actor = '00000000-0000-0000-0000-000000000000' OR owner_tenant IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'HC003', MESSAGE = 'HC003: audit refused, nobody acts',
            HINT = 'Open tenant_context(..., actor=...) before changing rows.';
    END IF;
    INSERT INTO audit_trail
        (id, operation, resource_type, resource_id, tenant_id, user_id, metadata, created_at)
    VALUES (gen_random_uuid(), operation, resource_type, resource_id, owner_tenant, actor,
        metadata || jsonb_build_object('request_id', current_setting('app.request_id', true)), clock_timestamp());
END $$
"""

# Everything else: tenant, user and request never come from arguments, and row changes cannot be made up.
AUDIT_RECORD = """
CREATE FUNCTION audit_record(
    operation text, resource_type text, resource_id uuid, metadata jsonb, trust_score integer, policy_decision text
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    actor uuid := NULLIF(current_setting('app.user_id', true), '')::uuid;
    owner_tenant uuid := audit_tenant_id();
    entry uuid := gen_random_uuid();
BEGIN
    IF operation IN ('create', 'update', 'delete') THEN
        RAISE EXCEPTION USING ERRCODE = 'HC003', MESSAGE = 'HC003: audit refused, row changes are written by triggers';
    END IF;
    IF actor IS NULL OR owner_tenant IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'HC003', MESSAGE = 'HC003: audit refused, there is no context';
    END IF;
    INSERT INTO audit_trail
        (id, operation, resource_type, resource_id, tenant_id, user_id, metadata, trust_score, policy_decision,
         created_at)
    VALUES (entry, operation, resource_type, resource_id, owner_tenant, actor,
        metadata || jsonb_build_object('request_id', current_setting('app.request_id', true)),
        trust_score, policy_decision, clock_timestamp());
    RETURN entry;
END $$
"""

AUDIT_KEY = """
CREATE FUNCTION audit_key(table_name text, key text) RETURNS uuid LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp AS $$
    SELECT uuid_generate_v5('6f9d2f0e-7f1b-5c2e-9b0a-3d1c5e8a4b67'::uuid, table_name || ':' || key)
$$
"""
RECORD_SIGNATURE = "audit_record(text, text, uuid, jsonb, integer, text)"


class Migration(migrations.Migration):
    dependencies = [("compliance", "0002_bind_and_isolate")]

    operations = [
        AuditTrailStorage(),
        TenantIsolation("audit_trail", privileges="SELECT", condition="tenant_id = (SELECT audit_tenant_id())"),
        AppendOnly("audit_trail"),
        VendorSQL(
            "Create the audit writers",
            postgresql=[
                "GRANT SELECT, INSERT ON audit_trail TO hcms_audit",
                AUDIT_WRITE,
                AUDIT_RECORD,
                AUDIT_KEY,
                f"REVOKE ALL ON FUNCTION audit_write(text, text, uuid, jsonb), {RECORD_SIGNATURE} FROM PUBLIC",
                "GRANT EXECUTE ON FUNCTION audit_key(text, text) TO hcms_audit",
                f"GRANT EXECUTE ON FUNCTION {RECORD_SIGNATURE} TO hcms_app, hcms_gate",
                # Last: after this the migrating role has no more say over them.
                "ALTER FUNCTION audit_write(text, text, uuid, jsonb) OWNER TO hcms_audit",
                f"ALTER FUNCTION {RECORD_SIGNATURE} OWNER TO hcms_audit",
            ],
            postgresql_reverse=[
                "DROP FUNCTION audit_key(text, text)",
                f"DROP FUNCTION {RECORD_SIGNATURE}",
                "DROP FUNCTION audit_write(text, text, uuid, jsonb)",
                "REVOKE ALL ON audit_trail FROM hcms_audit",
            ],
            declared=[
                ("grant", "audit_trail", "hcms_audit:SELECT"),
                ("grant", "audit_trail", "hcms_audit:INSERT"),
                ("function_owner", "audit_write", "hcms_audit"),
                ("function_owner", "audit_record", "hcms_audit"),
            ],
        ),
    ]
