"""The seven tables of the schema document, column by column and index by index, and nothing beside them.

What differs from the document is in EXTRA and CHANGED, each with its page in docs/decisions/.
"""

import re
from typing import Any

import pytest
from django.db import connection

UUID, BOOL, INT, BIG, TEXT, TIME, JSON = "uuid", "boolean", "integer", "bigint", "text", "timestamp", "jsonb"


def s(length: int) -> str:
    """VARCHAR of that length."""
    return f"varchar({length})"


# table → column → (type, NOT NULL, default as written in the document)
DOCUMENT: dict[str, dict[str, tuple[str, bool, str | None]]] = {
    "users": {
        "id": (UUID, True, "gen_random_uuid()"),
        "email": (s(255), True, None),
        "password_hash": (s(255), True, None),
        "role": (s(50), True, "subscriber"),
        "mfa_enabled": (BOOL, False, "false"),
        "professional_registry": (s(100), False, None),
        "professional_type": (s(50), False, None),
        "speciality": (s(100), False, None),
        "validated_at": (TIME, False, None),
        "tenant_id": (UUID, False, None),
        "created_at": (TIME, True, None),
        "updated_at": (TIME, True, None),
        "deleted_at": (TIME, False, None),
        "deleted_by": (UUID, False, None),
    },
    "posts": {
        "id": (UUID, True, "gen_random_uuid()"),
        "title": (s(255), True, None),
        "slug": (s(255), True, None),
        "content": (TEXT, False, None),
        "excerpt": (TEXT, False, None),
        "status": (s(20), False, "draft"),
        "post_type": (s(30), False, "post"),
        "comment_status": (s(10), False, "open"),
        "ping_status": (s(10), False, "open"),
        "meta_description": (s(160), False, None),
        "meta_keywords": (s(255), False, None),
        "medical_category": (s(30), False, None),
        "compliance_level": (s(20), False, None),
        "requires_crm_validation": (BOOL, False, "false"),
        "medical_disclaimer": (TEXT, False, None),
        "published_at": (TIME, False, None),
        "scheduled_at": (TIME, False, None),
        "version": (INT, False, "1"),
        "deleted_at": (TIME, False, None),
        "author_id": (UUID, True, None),
        "category_id": (UUID, False, None),
        "tenant_id": (UUID, False, None),
        "inserted_at": (TIME, True, None),
        "updated_at": (TIME, True, None),
    },
    "categories": {
        "id": (UUID, True, "gen_random_uuid()"),
        "name": (s(100), True, None),
        "slug": (s(100), True, None),
        "description": (TEXT, False, None),
        "count": (INT, False, "0"),
        "parent_id": (UUID, False, None),
        "level": (INT, False, "0"),
        "medical_specialty": (s(50), False, None),
        "compliance_required": (BOOL, False, "false"),
        "crm_validation_required": (BOOL, False, "false"),
        "tenant_id": (UUID, False, None),
        "inserted_at": (TIME, True, None),
        "updated_at": (TIME, True, None),
    },
    "media": {
        "id": (UUID, True, "gen_random_uuid()"),
        "title": (s(255), False, None),
        "filename": (s(255), True, None),
        "original_filename": (s(255), True, None),
        "mime_type": (s(100), True, None),
        "file_size": (BIG, True, None),
        "file_path": (s(500), False, None),
        "url": (s(500), False, None),
        "width": (INT, False, None),
        "height": (INT, False, None),
        "alt_text": (s(255), False, None),
        "caption": (TEXT, False, None),
        "description": (TEXT, False, None),
        "attachment_type": (s(20), False, None),
        "medical_content": (BOOL, False, "false"),
        "contains_phi": (BOOL, False, "false"),
        "dicom_metadata": (TEXT, False, None),
        "encryption_status": (s(20), False, "none"),
        "access_level": (s(20), False, None),
        "requires_crm_validation": (BOOL, False, "false"),
        "uploaded_by_id": (UUID, True, None),
        "post_id": (UUID, False, None),
        "tenant_id": (UUID, False, None),
        "inserted_at": (TIME, True, None),
        "updated_at": (TIME, True, None),
    },
    "custom_fields": {
        "id": (UUID, True, "gen_random_uuid()"),
        "meta_key": (s(100), True, None),
        "meta_value": (TEXT, False, None),
        "meta_type": (s(20), False, "text"),
        "medical_significance": (s(20), False, "none"),
        "requires_validation": (BOOL, False, "false"),
        "validation_rules": (TEXT, False, None),
        "is_phi": (BOOL, False, "false"),
        "field_group": (s(100), False, None),
        "field_order": (INT, False, "0"),
        "is_required": (BOOL, False, "false"),
        "post_id": (UUID, True, None),
        "tenant_id": (UUID, False, None),
        "inserted_at": (TIME, True, None),
        "updated_at": (TIME, True, None),
    },
    "workflow_states": {
        "id": (UUID, True, "gen_random_uuid()"),
        "content_id": (UUID, True, None),
        "current_stage": (s(50), False, "draft"),
        "lgpd_score": (INT, False, None),
        "medical_claims": (JSON, False, "{}"),
        "scientific_references": (JSON, False, "{}"),
        "compliance_validations": (JSON, False, "{}"),
        "tenant_id": (UUID, True, None),
        "created_at": (TIME, True, None),
        "updated_at": (TIME, True, None),
    },
    "audit_trail": {
        "id": (UUID, True, "gen_random_uuid()"),
        "operation": (s(50), True, None),
        "resource_type": (s(50), True, None),
        "resource_id": (UUID, True, None),
        "tenant_id": (UUID, True, None),
        "user_id": (UUID, True, None),
        "metadata": (JSON, False, "{}"),
        "trust_score": (INT, False, None),
        "policy_decision": (s(50), False, None),
        "created_at": (TIME, True, None),
    },
}
# Columns beyond the document (design, data model).
EXTRA: dict[str, dict[str, tuple[str, bool, str | None]]] = {
    "posts": {
        "wp_id": (BIG, False, None),
        "parent_id": (UUID, False, None),
        "menu_order": (INT, True, "0"),
        "sticky": (BOOL, True, "false"),
        "published_revision_id": (UUID, False, None),
    },
    "workflow_states": {"revision_id": (UUID, False, None), "content_hash": (s(64), False, None)},
}
# Columns that differ: tenants own every row but a user's; one vocabulary of stages; references are a list.
CHANGED: dict[tuple[str, str], tuple[str, bool, str | None]] = {
    **{(table, "tenant_id"): (UUID, True, None) for table in ("posts", "categories", "media", "custom_fields")},
    ("workflow_states", "current_stage"): (s(50), False, "S.1.1"),
    ("workflow_states", "scientific_references"): (JSON, False, "[]"),
}
EXPECTED = {
    table: {
        column: CHANGED.get((table, column), wanted) for column, wanted in {**columns, **EXTRA.get(table, {})}.items()
    }
    for table, columns in DOCUMENT.items()
}

# table → index → (columns in order, unique, condition)
INDEXES: dict[str, dict[str, tuple[str, bool, str]]] = {
    "users": {
        "idx_users_email": ("email, tenant_id", True, ""),  # document: (email); unique per tenant
        "idx_users_platform_email": ("email", True, "tenant_id IS NULL"),  # ours
        "idx_users_tenant_id": ("tenant_id", False, ""),
        "idx_users_professional_registry": ("professional_registry", False, ""),
        "idx_users_role": ("role", False, ""),
    },
    "posts": {
        "posts_slug_tenant_id_index": ("slug, tenant_id", True, ""),
        "idx_posts_author_id": ("author_id", False, ""),
        "idx_posts_category_id": ("category_id", False, ""),
        "idx_posts_status": ("status", False, ""),
        "idx_posts_post_type": ("post_type", False, ""),
        "idx_posts_published_at": ("published_at DESC", False, ""),
        "idx_posts_tenant_id": ("tenant_id", False, ""),
        "idx_posts_medical_category": ("medical_category", False, ""),
        "idx_posts_compliance_level": ("compliance_level", False, ""),
        "idx_posts_tenant_status": ("tenant_id, status, published_at DESC", False, ""),
        "idx_posts_published": ("published_at DESC", False, "deleted_at IS NULL AND status = 'published'"),
    },
    "categories": {
        "categories_slug_tenant_id_index": ("slug, tenant_id", True, ""),
        "categories_name_tenant_id_index": ("name, parent_id, tenant_id", True, ""),  # document: no parent
        "idx_categories_parent_id": ("parent_id", False, ""),
        "idx_categories_tenant_id": ("tenant_id", False, ""),
        "idx_categories_medical_specialty": ("medical_specialty", False, ""),
    },
    "media": {
        "idx_media_filename": ("filename", True, ""),
        "idx_media_uploaded_by_id": ("uploaded_by_id", False, ""),
        "idx_media_post_id": ("post_id", False, ""),
        "idx_media_mime_type": ("mime_type", False, ""),
        "idx_media_attachment_type": ("attachment_type", False, ""),
        "idx_media_medical_content": ("medical_content", False, ""),
        "idx_media_contains_phi": ("contains_phi", False, ""),
        "idx_media_tenant_id": ("tenant_id", False, ""),
    },
    "custom_fields": {
        "custom_fields_post_meta_key_index": ("post_id, meta_key", True, ""),
        "idx_custom_fields_meta_key": ("meta_key", False, ""),
        "idx_custom_fields_meta_type": ("meta_type", False, ""),
        "idx_custom_fields_field_group": ("field_group", False, ""),
        "idx_custom_fields_medical_significance": ("medical_significance", False, ""),
        "idx_custom_fields_is_phi": ("is_phi", False, ""),
        "idx_custom_fields_tenant_id": ("tenant_id", False, ""),
    },
    "workflow_states": {
        "idx_workflow_states_content_id": ("content_id", False, ""),
        "idx_workflow_states_tenant_id": ("tenant_id", False, ""),
        "idx_workflow_states_current_stage": ("current_stage", False, ""),
    },
    "audit_trail": {
        "idx_audit_trail_tenant_id": ("tenant_id", False, ""),
        "idx_audit_trail_user_id": ("user_id", False, ""),
        "idx_audit_trail_resource_type": ("resource_type", False, ""),
        "idx_audit_trail_created_at": ("created_at", False, ""),
        "idx_audit_trail_user_created": ("user_id, created_at", False, ""),
    },
}


def query(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def columns_of(table: str) -> dict[str, tuple[str, bool, str | None]]:
    """Column → (type, NOT NULL, default), from the catalogue."""
    if connection.vendor == "postgresql":
        found = query(
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)"
            " FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
            " WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped",
            table,
        )
        return {
            name: (postgresql_type(type_), required, default_of(default)) for name, type_, required, default in found
        }
    found = query(f"SELECT name, type, \"notnull\", dflt_value FROM pragma_table_info('{table}')")
    return {name: (type_.lower(), bool(required), default_of(default)) for name, type_, required, default in found}


def postgresql_type(name: str) -> str:
    name = name.replace("character varying", "varchar")
    assert name != "timestamp without time zone"  # ours are timestamptz
    return TIME if name == "timestamp with time zone" else name


def default_of(expression: str | None) -> str | None:
    """`'draft'::character varying` → draft."""
    return None if expression is None else re.sub(r"::.*$", "", expression).strip("'")


def on_sqlite(table: str, column: str, wanted: tuple[str, bool, str | None]) -> tuple[str, bool, str | None]:
    """The same column as Django makes it on SQLite, which knows neither uuid, timestamp nor jsonb."""
    type_, required, default = wanted
    names = {UUID: "char(32)", BOOL: "bool", TIME: "datetime", JSON: "text"}
    if type_ == JSON or default == "gen_random_uuid()":
        default = None  # Django fills these in
    default = {"false": "0", "true": "1"}.get(default or "", default)
    return names.get(type_, type_), required, default


@pytest.mark.parametrize("table", EXPECTED)
def test_columns_are_those_of_the_schema_document(table: str, db: str) -> None:
    wanted = EXPECTED[table]
    if connection.vendor == "sqlite":
        wanted = {column: on_sqlite(table, column, value) for column, value in wanted.items()}

    assert columns_of(table) == wanted


def indexes_of(table: str) -> dict[str, tuple[str, bool, str]]:
    """Index → (columns in order, unique, condition), from the catalogue."""
    if connection.vendor == "postgresql":
        found = query(
            "SELECT c.relname, pg_get_indexdef(c.oid), i.indisunique, pg_get_expr(i.indpred, i.indrelid)"
            " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s::regclass",
            table,
        )
        return {
            name: (re.search(r"USING btree \((.*?)\)( WHERE|$)", definition)[1], unique, plain(condition or ""))
            for name, definition, unique, condition in found
            if "USING btree" in definition
        }
    created = query("SELECT name, sql FROM sqlite_master WHERE tbl_name = %s AND type = 'index' AND sql <> ''", table)
    indexes = {
        name: (
            re.search(r"ON \S+ \((.*?)\)( WHERE|$)", sql)[1].replace('"', ""),
            sql.startswith("CREATE UNIQUE"),
            plain(sql.partition(" WHERE ")[2]),
        )
        for name, sql in created
    }
    # A UNIQUE constraint keeps its name in the table's definition only.
    (definition,) = query("SELECT sql FROM sqlite_master WHERE name = %s AND type = 'table'", table)[0]
    for name, columns in re.findall(r'CONSTRAINT "(\w+)" UNIQUE \((.*?)\)', definition):
        indexes[name] = (columns.replace('"', ""), True, "")
    return indexes


def plain(condition: str) -> str:
    """Without quotes, casts and outer brackets."""
    return re.sub(r"::\w+( varying)?|[()\"]", "", condition)


@pytest.mark.parametrize("table", INDEXES)
def test_indexes_are_those_of_the_schema_document(table: str, db: str) -> None:
    found = indexes_of(table)

    assert {name: found.get(name) for name in INDEXES[table]} == INDEXES[table]


@pytest.mark.postgresql
def test_audit_trail_is_partitioned_by_time(db: str) -> None:
    keys = query("SELECT pg_get_partkeydef('audit_trail'::regclass), pg_get_indexdef('audit_trail_pkey'::regclass)")

    assert keys[0][0] == "RANGE (created_at)"
    assert keys[0][1].endswith("(id, created_at)")


@pytest.mark.postgresql
def test_references_and_what_deleting_does(db: str) -> None:
    """SET NULL on a NOT NULL column became RESTRICT; everything else is as written, within the tenant."""
    actions = {"r": "RESTRICT", "n": "SET NULL", "c": "CASCADE", "a": "NO ACTION"}
    found = query(
        "SELECT conname, confrelid::regclass::text, confdeltype, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND conname LIKE '%%_tenant_fk' AND conrelid::regclass::text = ANY(%s)",
        list(DOCUMENT),
    )

    assert {name: (target, actions[action]) for name, target, action, _definition in found} == {
        "posts_author_id_tenant_fk": ("users", "RESTRICT"),
        "posts_category_id_tenant_fk": ("categories", "SET NULL"),
        "posts_parent_id_tenant_fk": ("posts", "SET NULL"),
        "categories_parent_id_tenant_fk": ("categories", "SET NULL"),
        "media_uploaded_by_id_tenant_fk": ("users", "RESTRICT"),
        "media_post_id_tenant_fk": ("posts", "SET NULL"),
        "custom_fields_post_id_tenant_fk": ("posts", "CASCADE"),
    }
    # SET NULL must not clear tenant_id with it.
    assert all("SET NULL (" in d for _n, _t, action, d in found if action == "n")
