"""Migration operations that every tenant table needs: isolation, composite keys, append-only, audit triggers.

Each is raw SQL per database vendor, reversible, and empty where the vendor has no such thing. Once released their SQL
is frozen: a change is a new operation. `declares()` says what the catalogue must hold afterwards; the system check
`tenancy.W001` and `script/mutate` read it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.migrations.operations.base import Operation

APP_ROLE = "hcms_app"


@dataclass(frozen=True)
class Declared:
    """Something the PostgreSQL catalogue must hold.

    `kind`: policy, trigger, grant, foreign_key, row_security; function_owner names a function as `table`.
    """

    kind: str
    table: str
    name: str


class VendorSQL(Operation):
    """Raw SQL per vendor: a statement or a list of statements each way; nothing on a vendor that is not named."""

    reversible = True
    reduces_to_sql = True

    def __init__(
        self,
        name: str,
        *,
        postgresql: str | Sequence[str] = (),
        postgresql_reverse: str | Sequence[str] = (),
        sqlite: str | Sequence[str] = (),
        sqlite_reverse: str | Sequence[str] = (),
        declared: Iterable[tuple[str, str, str]] = (),
        withdrawn: Iterable[tuple[str, str, str]] = (),
    ) -> None:
        self.name = name
        self.forward = {"postgresql": _statements(postgresql), "sqlite": _statements(sqlite)}
        self.reverse = {"postgresql": _statements(postgresql_reverse), "sqlite": _statements(sqlite_reverse)}
        self.declared = [Declared(*item) for item in declared]
        self.withdrawn = [Declared(*item) for item in withdrawn]

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The model state does not change."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        _execute(schema_editor, self.forward)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        _execute(schema_editor, self.reverse)

    def describe(self) -> str:
        return self.name

    def declares(self) -> list[Declared]:
        """What the catalogue holds once this ran."""
        return self.declared

    def withdraws(self) -> list[Declared]:
        """What earlier operations declared and this one takes away."""
        return self.withdrawn


def _statements(sql: str | Sequence[str]) -> list[str]:
    return [sql] if isinstance(sql, str) else list(sql)


def _execute(schema_editor: Any, by_vendor: dict[str, list[str]]) -> None:
    for statement in by_vendor.get(schema_editor.connection.vendor, []):
        schema_editor.execute(statement, params=None)  # no params: a % in a function body stays a %


class TenantIsolation(VendorSQL):
    """Invariant: a session without a tenant sees no row, and no session can write into another tenant.

    `privileges` is what the web role gets; `condition` replaces the ordinary one (users, package tables).
    """

    CONDITION = "tenant_id = (SELECT current_tenant_id())"
    PLATFORM_CONDITION = (
        "tenant_id = (SELECT current_tenant_id())"
        " OR (tenant_id IS NULL AND current_setting('app.scope', true) = 'platform')"
    )

    def __init__(self, table: str, *, privileges: str = "SELECT, INSERT, UPDATE, DELETE", condition: str = "") -> None:
        self.table = table
        condition = condition or self.CONDITION
        grant = [f"GRANT {privileges} ON {table} TO {APP_ROLE}"] if privileges else []
        revoke = [f"REVOKE ALL ON {table} FROM {APP_ROLE}"] if privileges else []
        super().__init__(
            f"Isolate tenants in {table}",
            postgresql=[
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY tenant_isolation_{table} ON {table} USING ({condition}) WITH CHECK ({condition})",
                *grant,
            ],
            postgresql_reverse=[
                *revoke,
                f"DROP POLICY tenant_isolation_{table} ON {table}",
                f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
            ],
            declared=[
                ("row_security", table, "forced"),
                ("policy", table, f"tenant_isolation_{table}"),
                *[("grant", table, f"{APP_ROLE}:{verb.strip()}") for verb in privileges.split(",") if verb.strip()],
            ],
        )


class Grant(VendorSQL):
    """A privilege on a table for a role that needs it besides the web role."""

    def __init__(self, table: str, role: str, privileges: str) -> None:
        super().__init__(
            f"Grant {privileges} on {table} to {role}",
            postgresql=f"GRANT {privileges} ON {table} TO {role}",
            postgresql_reverse=f"REVOKE {privileges} ON {table} FROM {role}",
            declared=[("grant", table, f"{role}:{verb.strip()}") for verb in privileges.split(",")],
        )


class TenantKey(VendorSQL):
    """The unique (id, tenant_id) that composite foreign keys point at."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"Key {table} by id and tenant",
            postgresql=f"ALTER TABLE {table} ADD CONSTRAINT {table}_id_tenant_id_key UNIQUE (id, tenant_id)",
            postgresql_reverse=f"ALTER TABLE {table} DROP CONSTRAINT {table}_id_tenant_id_key",
        )


class CompositeForeignKey(VendorSQL):
    """Invariant: a row can only point at rows of its own tenant. Row-level security does not guard foreign keys.

    Replaces Django's own key (kept as well where `keep_simple`, for tables whose tenant may be NULL). Row security is
    not forced while the key is added: under FORCE the owner sees no rows and a violating one would be "validated".
    """

    ACTIONS = {"RESTRICT": "ON DELETE RESTRICT", "CASCADE": "ON DELETE CASCADE", "SET NULL": "ON DELETE SET NULL ({})"}

    def __init__(
        self, table: str, column: str, references: str, *, on_delete: str = "RESTRICT", keep_simple: bool = False
    ) -> None:
        self.table, self.column, self.references = table, column, references
        name = f"{table}_{column}_tenant_fk"
        action = self.ACTIONS[on_delete].format(column)
        tables = (table, references)
        super().__init__(
            f"Bind {table}.{column} to the row's tenant",
            postgresql=[
                *([] if keep_simple else [_drop_simple_key(table, column)]),
                *[f"ALTER TABLE {name_} NO FORCE ROW LEVEL SECURITY" for name_ in tables],
                f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, tenant_id)"
                f" REFERENCES {references} (id, tenant_id) {action} DEFERRABLE INITIALLY IMMEDIATE",
                *[_force_again(name_) for name_ in tables],
            ],
            postgresql_reverse=[
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
                *(
                    []
                    if keep_simple
                    else [
                        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_fk FOREIGN KEY ({column})"
                        f" REFERENCES {references} (id) DEFERRABLE INITIALLY DEFERRED"
                    ]
                ),
            ],
            declared=[("foreign_key", table, name)],
        )


def _drop_simple_key(table: str, column: str) -> str:
    """Drop the single-column foreign key whose generated name we do not know."""
    return f"""
    DO $$
    DECLARE key name;
    BEGIN
        FOR key IN
            SELECT c.conname FROM pg_constraint c
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
            WHERE c.contype = 'f' AND c.conrelid = '{table}'::regclass AND a.attname = '{column}'
        LOOP
            EXECUTE format('ALTER TABLE {table} DROP CONSTRAINT %I', key);
        END LOOP;
    END $$
    """


def _force_again(table: str) -> str:
    """FORCE where row security is on; tables that are not isolated yet stay as they are."""
    return f"""
    DO $$
    BEGIN
        IF (SELECT relrowsecurity FROM pg_class WHERE oid = '{table}'::regclass) THEN
            ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        END IF;
    END $$
    """


class AppendOnly(VendorSQL):
    """Invariant: a row, once written, is never changed or removed, by whatever role, short of disabling triggers."""

    def __init__(self, table: str) -> None:
        self.table = table
        refuse = f"""
        CREATE TRIGGER append_only_{{lower}} BEFORE {{verb}} ON {table}
        BEGIN SELECT RAISE(ABORT, '{table} is append-only: {{verb}} refused'); END
        """
        super().__init__(
            f"Make {table} append-only",
            postgresql=[
                f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
                f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
            ],
            postgresql_reverse=[
                f"DROP TRIGGER append_only_truncate ON {table}",
                f"DROP TRIGGER append_only ON {table}",
            ],
            sqlite=[refuse.format(lower=f"{table}_{verb.lower()}", verb=verb) for verb in ("UPDATE", "DELETE")],
            sqlite_reverse=[f"DROP TRIGGER append_only_{table}_{verb}" for verb in ("update", "delete")],
            declared=[("trigger", table, "append_only"), ("trigger", table, "append_only_truncate")],
        )


class Audited(VendorSQL):
    """Invariant: every change of a row leaves a row in the audit trail, in the same transaction, or does not happen.

    Rows name the changed columns, never values. `columns` are those whose change counts (bookkeeping such as
    `updated_at` left out); `key` is the column with the row's id, `uuid_key=False` derives a UUID from its text.
    """

    def __init__(
        self, table: str, *, resource_type: str, columns: Sequence[str], key: str = "id", uuid_key: bool = True
    ) -> None:
        self.table, self.resource_type, self.columns = table, resource_type, list(columns)
        super().__init__(
            f"Audit changes of {table}",
            postgresql=_audit_postgresql(table, resource_type, columns, key, uuid_key),
            postgresql_reverse=[
                *[f"DROP TRIGGER zzz_audit_{verb} ON {table}" for verb in ("insert", "update", "delete")],
                f"DROP FUNCTION audit_{table}()",
            ],
            sqlite=_audit_sqlite(table, resource_type, columns, key, uuid_key),
            sqlite_reverse=[f"DROP TRIGGER zzz_audit_{table}_{verb}" for verb in ("insert", "update", "delete")],
            declared=[
                *[("trigger", table, f"zzz_audit_{verb}") for verb in ("insert", "update", "delete")],
                ("function_owner", f"audit_{table}", "hcms_audit"),
            ],
        )


def _audit_postgresql(table: str, resource: str, columns: Sequence[str], key: str, uuid_key: bool) -> list[str]:
    changed = ", ".join(f"CASE WHEN OLD.{c} IS DISTINCT FROM NEW.{c} THEN '{c}' END" for c in columns)
    new, old = ((f"{row}.{key}" if uuid_key else f"audit_key('{table}', {row}.{key}::text)") for row in ("NEW", "OLD"))
    function = f"""
    CREATE FUNCTION audit_{table}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            PERFORM audit_write('create', '{resource}', {new}, '{{}}'::jsonb);
        ELSIF TG_OP = 'UPDATE' THEN
            PERFORM audit_write('update', '{resource}', {new}, jsonb_build_object(
                'changed', to_jsonb(array_remove(ARRAY[{changed}], NULL))));
        ELSE
            PERFORM audit_write('delete', '{resource}', {old}, '{{}}'::jsonb);
        END IF;
        RETURN NULL;
    END $$
    """
    distinct = " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in columns)
    create = "CREATE TRIGGER zzz_audit_{lower} AFTER {verb} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION {call}"
    call = f"audit_{table}()"
    return [
        function,
        create.format(lower="insert", verb="INSERT", table=table, when="", call=call),
        create.format(lower="update", verb="UPDATE", table=table, when=f"WHEN ({distinct})", call=call),
        create.format(lower="delete", verb="DELETE", table=table, when="", call=call),
        # Last: a trigger can only be made by who may execute its function.
        f"ALTER FUNCTION {call} OWNER TO hcms_audit",
    ]


def _audit_sqlite(table: str, resource: str, columns: Sequence[str], key: str, uuid_key: bool) -> list[str]:
    changed = " UNION ALL ".join(f"SELECT CASE WHEN OLD.{c} IS NOT NEW.{c} THEN '{c}' END AS name" for c in columns)
    metadata = f"json_object('changed', (SELECT json_group_array(name) FROM ({changed}) WHERE name IS NOT NULL)"
    distinct = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in columns)
    plain = "json_object("

    def trigger(verb: str, row: str, operation: str, when: str, meta: str) -> str:
        comma = ", " if meta != plain else ""
        row_id = f"{row}.{key}" if uuid_key else f"hcms_audit_key('{table}', {row}.{key})"
        return f"""
        CREATE TRIGGER zzz_audit_{table}_{verb.lower()} AFTER {verb} ON {table} {when}
        BEGIN
            SELECT RAISE(ABORT, 'HC003: audit refused, nobody acts')
            WHERE hcms_user_id() IS NULL OR hcms_user_id() = '{"0" * 32}' OR hcms_scope() = 'none';
            INSERT INTO audit_trail
                (id, operation, resource_type, resource_id, tenant_id, user_id, metadata, created_at)
            VALUES (lower(hex(randomblob(16))), '{operation}', '{resource}', {row_id},
                COALESCE(hcms_tenant_id(), '{"0" * 32}'), hcms_user_id(),
                {meta}{comma}'request_id', hcms_request_id()), hcms_now());
        END
        """

    return [
        trigger("INSERT", "NEW", "create", "", plain),
        trigger("UPDATE", "NEW", "update", f"WHEN {distinct}", metadata),
        trigger("DELETE", "OLD", "delete", "", plain),
    ]
