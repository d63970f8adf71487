"""Row-level security and grants of the compliance tables."""

from django.db import migrations

from accounts.tenancy.operations import AppendOnly, Grant, TenantIsolation, VendorSQL

# The platform's own entries stand under the nil UUID: `tenant_id` is NOT NULL.
AUDIT_TENANT_ID = """
CREATE FUNCTION audit_tenant_id() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('app.scope', true) = 'platform' THEN
        RETURN '00000000-0000-0000-0000-000000000000'::uuid;
    END IF;
    RETURN NULLIF(current_setting('app.tenant_id', true), '')::uuid;
END $$
"""
OF_THE_SCOPE = "tenant_id = (SELECT audit_tenant_id())"


class Migration(migrations.Migration):
    dependencies = [("compliance", "0001_create_tables"), ("accounts", "0002_create_tenancy_functions")]

    operations = [
        VendorSQL(
            "Create audit_tenant_id()",
            postgresql=[AUDIT_TENANT_ID, "GRANT EXECUTE ON FUNCTION audit_tenant_id() TO PUBLIC"],
            postgresql_reverse="DROP FUNCTION audit_tenant_id()",
        ),
        VendorSQL(
            "Defaults of the schema document",
            postgresql=[
                "ALTER TABLE workflow_states ALTER id SET DEFAULT gen_random_uuid(),"
                " ALTER medical_claims SET DEFAULT '{}', ALTER scientific_references SET DEFAULT '[]',"
                " ALTER compliance_validations SET DEFAULT '{}'",
                "ALTER TABLE approvals ALTER id SET DEFAULT gen_random_uuid()",
            ],
            postgresql_reverse=[
                "ALTER TABLE approvals ALTER id DROP DEFAULT",
                "ALTER TABLE workflow_states ALTER id DROP DEFAULT, ALTER medical_claims DROP DEFAULT,"
                " ALTER scientific_references DROP DEFAULT, ALTER compliance_validations DROP DEFAULT",
            ],
        ),
        TenantIsolation("workflow_states", privileges="SELECT, INSERT, UPDATE"),
        # Invariant: signatures are written by sign() and withdraw() alone.
        TenantIsolation("approvals", privileges="SELECT"),
        Grant("approvals", "hcms_gate", "SELECT, INSERT"),
        Grant("workflow_states", "hcms_gate", "SELECT, UPDATE"),
        AppendOnly("approvals"),
        TenantIsolation("audit_checkpoints", privileges="SELECT, INSERT", condition=OF_THE_SCOPE),
        AppendOnly("audit_checkpoints"),
    ]
