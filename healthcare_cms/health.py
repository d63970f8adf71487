"""Is the process alive, is it ready? Answers without a version and without a secret."""

import time
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.tenancy import checks

KEEP = 5  # seconds: whoever asks more often gets the same answer
FEWEST_MONTHS = 3  # of audit partitions ahead
MONTHS_AHEAD = """
SELECT (extract(year FROM newest) - extract(year FROM now())) * 12
    + extract(month FROM newest) - extract(month FROM now())
FROM (SELECT max(to_date(right(c.relname, 7), 'YYYY_MM')) AS newest
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass('public.audit_trail') AND c.relname ~ '\\d{4}_\\d{2}$') partitions
"""
_kept: dict[str, tuple[float, dict[str, Any]]] = {}


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """The database answers, is migrated, and holds every declared guard; 503 where not."""
    name = str(connection.settings_dict["NAME"])
    moment, answer = _kept.get(name, (0.0, {}))
    if time.monotonic() > moment:
        answer = examine()
        _kept[name] = (time.monotonic() + KEEP, answer)
    return JsonResponse(answer, status=200 if answer["status"] == "ready" else 503)


def examine() -> dict[str, Any]:
    """Each part by name: 'ok', or a word that says what is wrong. Details are in the log and in `manage.py check`."""
    parts: dict[str, Any] = {"database": _database()}
    if parts["database"] == "ok":
        parts |= {"migrations": _migrations(), "guards": _guards(), "audit_partitions": _audit_partitions()}
    broken = [name for name, state in parts.items() if state in ("unavailable", "pending", "missing")]
    return {"status": "unavailable" if broken else "ready", "checks": parts}


def forget() -> None:
    """Drop the kept answer (tests)."""
    _kept.clear()


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "unavailable"
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    return "pending" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "ok"


def _guards() -> str:
    """Declared policies, triggers, grants and owners that the catalogue lacks."""
    find = getattr(checks, "missing_guards", None)
    return "missing" if find is not None and find() else "ok"


def _audit_partitions() -> str | dict[str, Any]:
    """Months made ahead; a warning below three. Nothing to make on SQLite and for a hypertable."""
    if connection.vendor != "postgresql":
        return "ok"
    with connection.cursor() as cursor:
        cursor.execute(MONTHS_AHEAD)
        months = cursor.fetchone()[0]
    if months is None:
        return "ok"
    return {"months_ahead": int(months), "warning": int(months) < FEWEST_MONTHS}
