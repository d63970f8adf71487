"""audit_record() takes the operations of a closed list only, and metadata that is an object."""

from django.db import migrations

from accounts.tenancy.operations import VendorSQL

# Invariant: nothing but a trigger writes create, update or delete, however it is spelled.
AUDIT_RECORD = """
CREATE OR REPLACE FUNCTION audit_record(
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
    IF operation IS NULL OR operation NOT IN (
        'read', 'access', 'sign_in', 'sign_in_failed', 'sign_out', 'deny', 'export', 'decision'
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'HC003', MESSAGE = 'HC003: audit refused, unknown operation';
    END IF;
    IF actor IS NULL OR owner_tenant IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'HC003', MESSAGE = 'HC003: audit refused, there is no context';
    END IF;
    IF jsonb_typeof(metadata) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION USING ERRCODE = 'HC003', MESSAGE = 'HC003: audit refused, metadata is not an object';
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
WITHOUT_THE_LIST = """
CREATE OR REPLACE FUNCTION audit_record(
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


def as_auditor(sql: str) -> list[str]:
    """The function belongs to hcms_audit, and only its owner may replace it."""
    return ["SET LOCAL ROLE hcms_audit", sql, "RESET ROLE"]


class Migration(migrations.Migration):
    dependencies = [("compliance", "0004_audit_rows")]

    operations = [
        VendorSQL(
            "Close the list of operations",
            postgresql=as_auditor(AUDIT_RECORD),
            postgresql_reverse=as_auditor(WITHOUT_THE_LIST),
        ),
    ]
