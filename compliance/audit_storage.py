"""How the audit trail is stored on PostgreSQL: monthly partitions, or a TimescaleDB hypertable."""

from typing import Any

from django.conf import settings
from django.db.migrations.operations.base import Operation

TRAIL_COLUMNS = """
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    operation varchar(50) NOT NULL,
    resource_type varchar(50) NOT NULL,
    resource_id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    metadata jsonb DEFAULT '{}',
    trust_score integer,
    policy_decision varchar(50),
    created_at timestamptz NOT NULL
"""
INDEXES = """
CREATE INDEX idx_audit_trail_tenant_id ON audit_trail (tenant_id);
CREATE INDEX idx_audit_trail_user_id ON audit_trail (user_id);
CREATE INDEX idx_audit_trail_resource_type ON audit_trail (resource_type);
CREATE INDEX idx_audit_trail_created_at ON audit_trail (created_at);
CREATE INDEX idx_audit_trail_user_created ON audit_trail (user_id, created_at);
"""
# No default partition: moving rows out of one is refused by the append-only rule. The partitions' schema has no USAGE
# for the web role: row-level security of the parent does not guard a partition that is addressed directly.
PARTITIONED = f"""
DROP TABLE audit_trail;
CREATE SCHEMA audit_partitions;
REVOKE ALL ON SCHEMA audit_partitions FROM PUBLIC;
CREATE TABLE audit_trail ({TRAIL_COLUMNS}, CONSTRAINT audit_trail_pkey PRIMARY KEY (id, created_at))
    PARTITION BY RANGE (created_at);
{INDEXES}
"""
ENSURE_PARTITION = """
CREATE FUNCTION audit_ensure_partition(month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first_day date := date_trunc('month', month);
    part text := 'audit_trail_' || to_char(first_day, 'YYYY_MM');
BEGIN
    IF to_regclass('audit_partitions.' || part) IS NULL THEN
        EXECUTE format('CREATE TABLE audit_partitions.%I PARTITION OF public.audit_trail FOR VALUES FROM (%L) TO (%L)',
            part, first_day::timestamp AT TIME ZONE 'UTC',
            (first_day + interval '1 month')::timestamp AT TIME ZONE 'UTC');
    END IF;
END $$
"""
ENSURE_PARTITIONS = """
CREATE FUNCTION audit_ensure_partitions(months_ahead integer) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT audit_ensure_partition((date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => m))::date)
    FROM generate_series(-1, LEAST(months_ahead, 120)) AS m
$$
"""
PLAIN = f"""
DROP FUNCTION audit_ensure_partitions(integer);
DROP FUNCTION audit_ensure_partition(date);
DROP TABLE audit_trail;
DROP SCHEMA audit_partitions;
CREATE TABLE audit_trail ({TRAIL_COLUMNS}, CONSTRAINT audit_trail_pkey PRIMARY KEY (id));
{INDEXES}
"""


class AuditTrailStorage(Operation):
    """Replace the (empty) plain table that Django made by the partitioned one. PostgreSQL only."""

    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Django's state keeps `id` as the key: a composite one cannot be registered with the admin."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        assert settings.AUDIT_TRAIL_STORAGE == "partitions"
        for sql in (PARTITIONED, ENSURE_PARTITION, ENSURE_PARTITIONS):
            schema_editor.execute(sql, params=None)
        schema_editor.execute("REVOKE ALL ON FUNCTION audit_ensure_partition(date) FROM PUBLIC", params=None)
        schema_editor.execute("GRANT EXECUTE ON FUNCTION audit_ensure_partitions(integer) TO hcms_app", params=None)
        schema_editor.execute("SELECT audit_ensure_partitions(24)", params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(PLAIN, params=None)

    def describe(self) -> str:
        return "Store the audit trail by month"
