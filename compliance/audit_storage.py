"""How the audit trail is stored on PostgreSQL: monthly partitions, or a TimescaleDB hypertable."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.operations.base import Operation

PARTITIONS, HYPERTABLE = "partitions", "hypertable"
MONTHS_AHEAD = 24
# Below this the trail is about to have no place for its rows, and then nothing can be saved.
FEWEST_MONTHS_AHEAD = 3

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
# The children's schema has no USAGE for the web role: row-level security of the parent does not guard a partition or a
# chunk that is addressed directly.
CHILDREN = """
CREATE SCHEMA audit_partitions;
REVOKE ALL ON SCHEMA audit_partitions FROM PUBLIC;
"""
# No default partition: moving rows out of one is refused by the append-only rule.
PARTITIONED = f"""
DROP TABLE audit_trail;
{CHILDREN}
CREATE TABLE audit_trail ({TRAIL_COLUMNS}, CONSTRAINT audit_trail_pkey PRIMARY KEY (id, created_at))
    PARTITION BY RANGE (created_at);
{INDEXES}
"""
# Three locks on each partition: its schema is closed, it has row-level security of its own without any policy (rows
# that arrive through the parent meet only the parent's), and emptying it is refused as it is on the parent.
ENSURE_PARTITION = """
CREATE FUNCTION audit_ensure_partition(month date) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    first_day date := date_trunc('month', month);
    part text := 'audit_trail_' || to_char(first_day, 'YYYY_MM');
BEGIN
    IF to_regclass('audit_partitions.' || part) IS NULL THEN
        EXECUTE format('CREATE TABLE audit_partitions.%I PARTITION OF public.audit_trail FOR VALUES FROM (%L) TO (%L)',
            part, first_day::timestamp AT TIME ZONE 'UTC',
            (first_day + interval '1 month')::timestamp AT TIME ZONE 'UTC');
        EXECUTE format('ALTER TABLE audit_partitions.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
        EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON audit_partitions.%I'
            ' FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()', part);
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
MAKE_PARTITIONS = [
    PARTITIONED,
    ENSURE_PARTITION,
    ENSURE_PARTITIONS,
    "REVOKE ALL ON FUNCTION audit_ensure_partition(date) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION audit_ensure_partitions(integer) TO hcms_app",
    f"SELECT audit_ensure_partitions({MONTHS_AHEAD})",
]
# Chunks are made by the insert that needs one, as the hypertable's owner and with the hypertable's grants.
MAKE_HYPERTABLE = [
    f"""
    DROP TABLE audit_trail;
    {CHILDREN}
    CREATE TABLE audit_trail ({TRAIL_COLUMNS}, CONSTRAINT audit_trail_pkey PRIMARY KEY (id, created_at));
    """,
    "SELECT create_hypertable('audit_trail', 'created_at', chunk_time_interval => interval '1 month',"
    " associated_schema_name => 'audit_partitions', create_default_indexes => false)",
    INDEXES,
]
MAKE_PLAIN = f"""
DROP FUNCTION IF EXISTS audit_ensure_partitions(integer);
DROP FUNCTION IF EXISTS audit_ensure_partition(date);
DROP TABLE audit_trail;
DROP SCHEMA audit_partitions;
CREATE TABLE audit_trail ({TRAIL_COLUMNS}, CONSTRAINT audit_trail_pkey PRIMARY KEY (id));
{INDEXES}
"""


class AuditTrailStorage(Operation):
    """Replace the (empty) plain table that Django made by AUDIT_TRAIL_STORAGE's form of it. PostgreSQL only."""

    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Django's state keeps `id` as the key: a composite one cannot be registered with the admin."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        for sql in _statements(schema_editor):
            schema_editor.execute(sql, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(MAKE_PLAIN, params=None)

    def describe(self) -> str:
        return "Store the audit trail by month"


def _statements(schema_editor: Any) -> list[str]:
    """The SQL of the chosen storage. Refuses a word that is not one, and a hypertable without TimescaleDB."""
    storage = settings.AUDIT_TRAIL_STORAGE
    if storage == PARTITIONS:
        return MAKE_PARTITIONS
    if storage != HYPERTABLE:
        raise ImproperlyConfigured(f"AUDIT_TRAIL_STORAGE is {storage!r}; expected '{PARTITIONS}' or '{HYPERTABLE}'.")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')")
        if not cursor.fetchone()[0]:
            raise ImproperlyConfigured(
                "AUDIT_TRAIL_STORAGE is 'hypertable', but this database has no TimescaleDB; make it from the template"
                " hcms_template_timescale (script/bootstrap.sql)."
            )
    return MAKE_HYPERTABLE


@dataclass(frozen=True)
class PartitionStatus:
    """Where the trail stands. `months_ahead` is None where children are made on insert or there are none."""

    storage: str
    months_ahead: int | None

    @property
    def ok(self) -> bool:
        return self.months_ahead is None or self.months_ahead >= FEWEST_MONTHS_AHEAD


def partition_status() -> PartitionStatus:
    """Storage of the trail and how many whole months after this one have a partition. Needs no tenant."""
    if connection.vendor != "postgresql":
        return PartitionStatus("table", None)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relkind::text, (now() AT TIME ZONE 'UTC')::date FROM pg_class WHERE oid = 'audit_trail'::regclass"
        )
        kind, today = cursor.fetchone()
        if kind != "p":
            return PartitionStatus(HYPERTABLE, None)
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = 'audit_trail'::regclass"
        )
        names = {name for (name,) in cursor.fetchall()}
    return PartitionStatus(PARTITIONS, _months_ahead(names, today))


def _months_ahead(names: set[str], today: date) -> int:
    """Consecutive months after `today`'s that have a partition; -1 when not even this month has one."""
    month, ahead = date(today.year, today.month, 1), -1
    while f"audit_trail_{month:%Y_%m}" in names:
        month, ahead = date(month.year + month.month // 12, month.month % 12 + 1, 1), ahead + 1
    return ahead


def ensure_partitions() -> PartitionStatus:
    """Make the partitions of the next 24 months (nothing to do for other storages); idempotent."""
    status = partition_status()
    if status.storage != PARTITIONS:
        return status
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_ensure_partitions(%s)", [MONTHS_AHEAD])
    return partition_status()
