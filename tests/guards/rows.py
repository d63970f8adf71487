"""Rows for any table, from the catalogue: a test of isolation needs something that could leak."""

import json
import os
import secrets
from typing import Any
from uuid import UUID, uuid4

import psycopg

from accounts.tenancy.checks import disk_loader, in_order
from accounts.tenancy.operations import AppendOnly, Audited, CompositeForeignKey, TenantIsolation

COLUMNS = """
    SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull, a.atthasdef,
        a.attidentity <> '' OR a.attgenerated <> '' AS generated
    FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
REFERENCES = """
    SELECT a.attname, k.confrelid::regclass::text FROM pg_constraint k
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
    WHERE k.contype = 'f' AND k.conrelid = %s::regclass
"""
GLOBAL = ("auth_permission", "django_content_type")


def operations(kind: type) -> list[Any]:
    """Every operation of that kind in the migrations on disk, in order."""
    loader = disk_loader()
    return [op for key in in_order(loader) for op in loader.disk_migrations[key].operations if isinstance(op, kind)]


# script/mutate names the tables that a guard is about.
_WANTED = os.environ.get("GUARD_TABLES", "").split()


def wanted(table: str) -> bool:
    return not _WANTED or table in _WANTED


TENANT_TABLES = [op.table for op in operations(TenantIsolation) if wanted(op.table)]
COMPOSITE_KEYS = [(op.table, op.column, op.references) for op in operations(CompositeForeignKey) if wanted(op.table)]
AUDITED = [op for op in operations(Audited) if wanted(op.table)]
APPEND_ONLY = [op.table for op in operations(AppendOnly) if wanted(op.table)]
# Whose row it is, where no column says so.
OWNER_COLUMN = {"tenants": "id"}
# The queue of the task package: a job's first argument is its tenant.
OWNER_DOCUMENT = {"django_tasks_database_dbtaskresult": "args_kwargs"}


def tenant_column(db: psycopg.Connection, table: str) -> str | None:
    """The column with the tenant's id; None for package tables, which belong to their user's tenant."""
    if table in OWNER_COLUMN:
        return OWNER_COLUMN[table]
    names = [row[0] for row in db.execute(COLUMNS, [table]).fetchall()]
    return "tenant_id" if "tenant_id" in names else None


# A tenant has one row of these: the cast's makes way for the planted one.
ONE_PER_TENANT = ("tenant_settings",)


def owned_by(table: str, tenant: UUID | None) -> Any:
    """What the column with the owner holds for a row of `tenant`."""
    return json.dumps({"args": [str(tenant)], "kwargs": {}}) if table in OWNER_DOCUMENT else tenant


class Builder:
    """Makes one row per table and tenant, and rows that are not inserted yet. `db` is a superuser's connection."""

    def __init__(self, db: psycopg.Connection) -> None:
        self.db = db
        self.made: dict[tuple[str, UUID | None], Any] = {}

    def row(self, table: str, tenant: UUID | None, *, of: dict[str, UUID] | None = None) -> dict[str, Any]:
        """Column → value of a new row of `tenant`; its references exist."""
        references = dict(self.db.execute(REFERENCES, [table]).fetchall())
        values: dict[str, Any] = {}
        for name, type_, required, default, generated in self.db.execute(COLUMNS, [table]).fetchall():
            target = references.get(name)
            if generated:
                continue
            if name == OWNER_DOCUMENT.get(table):
                values[name] = owned_by(table, tenant)
                continue
            if name == OWNER_COLUMN.get(table, "tenant_id"):
                values[name] = tenant if table not in OWNER_COLUMN else uuid4()
            elif target and target != table and (required or target == "users"):
                values[name] = self.key(target, tenant)
            elif name in ("id", "session_key") or (required and not default):
                values[name] = value(type_, name)
        return values | (of or {})

    def key(self, table: str, tenant: UUID | None) -> Any:
        """The key of a row of `table` that belongs to `tenant`, made (triggers off) when there is none yet."""
        if table == "tenants":
            return tenant
        if table in GLOBAL:
            return self.db.execute(f"SELECT min(id) FROM {table}").fetchone()[0]
        if (table, tenant) not in self.made:
            self.made[table, tenant] = self.plant(table, self.row(table, tenant))
        return self.made[table, tenant]

    def plant(self, table: str, values: dict[str, Any]) -> Any:
        """Insert past all triggers and keys; returns the primary key."""
        with self.db.transaction():
            self.db.execute("SET LOCAL session_replication_role = replica")
            if table in ONE_PER_TENANT:
                self.db.execute(f"DELETE FROM {table} WHERE tenant_id = %s", [values["tenant_id"]])
            return self.db.execute(*insert(table, values, returning=primary_key(self.db, table))).fetchone()[0]


def primary_key(db: psycopg.Connection, table: str) -> str:
    return db.execute(
        "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
        " WHERE i.indrelid = %s::regclass AND i.indisprimary",
        [table],
    ).fetchone()[0]


def insert(table: str, values: dict[str, Any], *, returning: str = "") -> tuple[str, list[Any]]:
    """INSERT statement and parameters."""
    tail = f" RETURNING {returning}" if returning else ""
    holes = ", ".join(["%s"] * len(values))
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({holes}){tail}", list(values.values())


def value(type_: str, name: str = "") -> Any:
    """Something of that type, different each time."""
    if type_ == "uuid":
        return uuid4()
    if type_.startswith("character varying"):
        length = int(type_.partition("(")[2].rstrip(")") or 40)
        return "S.1.1" if name == "current_stage" else secrets.token_hex(32)[: min(length, 40)]
    if type_ == "text":
        if name == "traceback":
            return ""
        return secrets.token_hex(8)
    if type_ in ("integer", "bigint", "smallint"):
        return 0 if name == "priority" else secrets.randbelow(30000) + 1
    if type_ == "boolean":
        return False
    if type_ == "jsonb":
        return "{}"
    if type_ == "date":
        return f"20{secrets.randbelow(80) + 10}-01-{secrets.randbelow(27) + 1:02}"
    if type_.startswith("timestamp"):
        return f"2026-11-{secrets.randbelow(28) + 1:02} {secrets.randbelow(24):02}:{secrets.randbelow(60):02}:00+00"
    if type_.startswith("numeric") or type_ == "double precision":
        return 1
    raise TypeError(f"No value for {type_} ({name})")
