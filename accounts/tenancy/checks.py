"""What the database must hold, compared with what it holds: system checks and `missing_guards()` for readiness.

Every migration operation says with `declares()` what the catalogue holds afterwards. A dump restored without its
policies, a trigger switched off "for a moment", a function owned by the wrong role: named here, one line each.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import DeleteModel

from accounts.tenancy.operations import Declared
from accounts.tenancy.versions import too_old

PGVECTOR_FLOOR = (0, 8, 7)

# Tables in `public` without row-level security, and why that is right. A test compares this with the catalogue.
WITHOUT_ROW_SECURITY = {
    "auth_group": "Django's, unused: groups are not used and nobody has a privilege",
    "auth_group_permissions": "Django's, unused: groups are not used and nobody has a privilege",
    "auth_permission": "names of permissions, the same for everybody; read-only",
    "django_content_type": "names of models, the same for everybody; read-only",
    "django_migrations": "which migrations ran; read-only, for the readiness check",
    "spatial_ref_sys": "PostGIS: coordinate systems, the same for everybody; read-only",
}

# Functions the planner may call below a policy. Without the mark full-text search reads every row of the tenant.
LEAKPROOF = ("ts_match_vq",)


def declarations(applied: Iterable[tuple[str, str]] | None = None) -> list[Declared]:
    """What the migrations (those in `applied`, or all on disk) leave in the catalogue."""
    loader = disk_loader()
    wanted = set(loader.disk_migrations) if applied is None else set(applied)
    guards: dict[Declared, None] = {}
    for key in in_order(loader):
        for operation in loader.disk_migrations[key].operations if key in wanted else ():
            if isinstance(operation, DeleteModel):
                table = (
                    loader.project_state(key, at_end=False).models[key[0], operation.name_lower].options["db_table"]
                )
                guards = {guard: None for guard in guards if guard.table != table}
            for guard in getattr(operation, "withdraws", list)():
                guards.pop(guard, None)
            guards |= dict.fromkeys(getattr(operation, "declares", list)())
    return list(guards)


@cache
def disk_loader() -> MigrationLoader:
    """The migrations on disk; they do not change while the process runs."""
    return MigrationLoader(None, ignore_no_migrations=True)


def in_order(loader: MigrationLoader) -> list[tuple[str, str]]:
    """Every migration once, after those it depends on."""
    plan: dict[tuple[str, str], None] = {}
    for leaf in sorted(loader.graph.leaf_nodes()):
        plan |= dict.fromkeys(loader.graph.forwards_plan(leaf))
    return [key for key in plan if key in loader.disk_migrations]


# --- The catalogue, kind by kind -------------------------------------------------------------------------------------

# Each query returns (table, name) as the operations declare them.
CATALOGUE = {
    "row_security": """
        SELECT relname, 'forced' FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relrowsecurity AND relforcerowsecurity""",
    "policy": """
        SELECT c.relname, p.polname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        WHERE c.relnamespace = 'public'::regnamespace""",
    # 'D' is disabled, 'R' fires on replicas only.
    "trigger": """
        SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = 'public'::regnamespace AND t.tgenabled IN ('O', 'A')""",
    "grant": """
        SELECT c.relname, r.rolname || ':' || a.privilege_type
        FROM pg_class c CROSS JOIN aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
        WHERE c.relnamespace = 'public'::regnamespace""",
    "foreign_key": """
        SELECT c.relname, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        WHERE c.relnamespace = 'public'::regnamespace AND k.contype = 'f' AND k.convalidated""",
    # A definer function that runs as its caller is not owned by anybody that matters.
    "function_owner": """
        SELECT p.proname, pg_get_userbyid(p.proowner) FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef""",
    "leakproof": "SELECT proname, 'leakproof' FROM pg_proc WHERE proleakproof",
}


def missing_guards() -> list[str]:
    """Declared guards that the catalogue lacks, each as a line for people. Empty on SQLite and when all is well."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        return missing_guards_of(cursor)


def missing_guards_of(cursor: Any) -> list[str]:
    """The same for the database behind `cursor`, as its role."""
    wanted = _wanted(cursor)
    found: set[Declared] = set()
    for kind in {guard.kind for guard in wanted} & CATALOGUE.keys():
        cursor.execute(CATALOGUE[kind])
        found |= {Declared(kind, *row) for row in cursor.fetchall()}
    missing = [f"{guard.kind} {guard.name} on {guard.table}" for guard in wanted if guard not in found]
    return missing + _too_much(cursor)


def _wanted(cursor: Any) -> list[Declared]:
    """What the applied migrations declare, and the marks of the bootstrap file."""
    cursor.execute("SELECT to_regclass('public.django_migrations') IS NOT NULL")
    if not cursor.fetchone()[0]:
        return []
    cursor.execute("SELECT app, name FROM django_migrations")
    marks = () if settings.SEARCH_FORM == "function" else LEAKPROOF
    return [*declarations(cursor.fetchall()), *[Declared("leakproof", name, "leakproof") for name in marks]]


def _too_much(cursor: Any) -> list[str]:
    """What the serving role may do and must not: each of these walks around the policies."""
    cursor.execute(
        """
        SELECT r.rolsuper, r.rolbypassrls,
            EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relrowsecurity
                    AND pg_has_role(r.oid, c.relowner, 'MEMBER')),
            has_database_privilege(r.oid, current_database(), 'TEMPORARY'),
            has_schema_privilege(r.oid, 'public', 'CREATE')
        FROM pg_roles r WHERE r.rolname = current_user
        """
    )
    faults = ("is superuser", "has BYPASSRLS", "owns tenant tables", "may make temporary tables", "may create tables")
    return [f"the serving role {fault}" for fault, true in zip(faults, cursor.fetchone(), strict=True) if true]


# --- System checks ---------------------------------------------------------------------------------------------------


def _on_postgresql(check: Callable[[], list[CheckMessage]], databases: Iterable[str] | None) -> list[CheckMessage]:
    """Run a check where there is a PostgreSQL to ask; a server that is down is somebody else's message."""
    if connection.alias not in (databases or ()) or connection.vendor != "postgresql":
        return []
    try:
        return check()
    except DatabaseError:
        return []


@register(Tags.database)
def check_guards(databases: Iterable[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """tenancy.W001: a declared guard is missing. A warning, so that `migrate` can run and repair it."""
    return _on_postgresql(
        lambda: [
            Warning(
                f"The database lacks a guard: {line}.", hint="Run migrate; see docs/tenancy.md.", id="tenancy.W001"
            )
            for line in missing_guards()
            if not line.startswith("the serving role")
        ],
        databases,
    )


@register(Tags.database)
def check_serving_role(databases: Iterable[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """tenancy.E002: the role of DATABASE_URL stands above the policies."""

    def check() -> list[CheckMessage]:
        with connection.cursor() as cursor:
            return [
                Error(
                    f"DATABASE_URL: {line}.",
                    hint="Serve as hcms_app; the owner is DATABASE_OWNER_URL.",
                    id="tenancy.E002",
                )
                for line in _too_much(cursor)
                if "temporary" not in line
            ]

    return _on_postgresql(check, databases)


@register(Tags.database)
def check_versions(databases: Iterable[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """tenancy.E003: PostgreSQL below the floor. tenancy.W004: pgvector whose parallel index build may crash."""

    def check() -> list[CheckMessage]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
            row = cursor.fetchone()
        messages: list[CheckMessage] = []
        if problem := too_old(connection.pg_version):
            messages.append(Error(problem, id="tenancy.E003"))
        if row and tuple(int(part) for part in row[0].split(".")) < PGVECTOR_FLOOR:
            messages.append(
                Warning(
                    f"pgvector {row[0]} is older than 0.8.7.",
                    hint="Build its indexes with max_parallel_maintenance_workers = 0.",
                    id="tenancy.W004",
                )
            )
        return messages

    return _on_postgresql(check, databases)
