"""SQLite backend: the context as SQL functions for the triggers, and triggers that survive table rebuilds."""

import uuid
from datetime import UTC, datetime
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.backends.sqlite3.schema import DatabaseSchemaEditor as SQLiteSchemaEditor

from accounts.tenancy import context as tenancy
from accounts.tenancy.hashing import content_hash_from_json
from accounts.tenancy.plain_text import plain_text


def _hex(value: Any) -> str | None:
    """A UUID as Django stores it on SQLite: 32 hexadecimal digits."""
    return value.hex if value else None


class DatabaseSchemaEditor(SQLiteSchemaEditor):
    """Keeps triggers: SQLite drops a table's triggers with the table, and Django alters by rebuilding the table."""

    def _remake_table(self, *args: Any, **kwargs: Any) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            # All of them: a rename checks every trigger of the schema, also those that only mention the table.
            for name, _sql in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
        super()._remake_table(*args, **kwargs)
        with self.connection.cursor() as cursor:
            for _name, sql in triggers:
                cursor.execute(sql)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's SQLite backend plus the functions that the triggers call.

    A connection without these functions (another program's) cannot write to a guarded table at all: SQLite refuses
    the statement because the trigger names an unknown function. The gate fails closed.
    """

    SchemaEditorClass = DatabaseSchemaEditor

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        # Otherwise INSERT OR REPLACE removes a row without firing its DELETE triggers: append-only would be a word.
        connection.execute("PRAGMA recursive_triggers = ON")
        connection.create_function("hcms_scope", 0, lambda: tenancy.current().scope)
        connection.create_function("hcms_tenant_id", 0, lambda: _hex(tenancy.current().tenant_id))
        connection.create_function("hcms_user_id", 0, lambda: _user_hex())
        connection.create_function("hcms_request_id", 0, lambda: str(tenancy.current().request_id))
        connection.create_function("hcms_now", 0, _now)
        connection.create_function("hcms_audit_key", 2, _audit_key, deterministic=True)
        connection.create_function("hc001_content_hash", 1, content_hash_from_json, deterministic=True)
        connection.create_function("hcms_plain_text", 1, plain_text, deterministic=True)
        return connection

    def assert_context(self) -> None:
        """The functions read the context when called; nothing has to be sent."""


def _audit_key(table: str, key: Any) -> str:
    """The UUID under which the trail knows a row without one: uuid5 of `table:pk`, as `audit_key()` on PostgreSQL."""
    return uuid.uuid5(tenancy.AUDIT_KEY_NAMESPACE, f"{table}:{key}").hex


def _now() -> str:
    """UTC as Django stores it; SQLite's own clock has milliseconds only, and rows of one request lose their order."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _user_hex() -> str | None:
    """The actor, or NULL without one: the audit triggers refuse that."""
    user_id = tenancy.current().user_id
    return user_id.hex if user_id is not None else None
