"""The audit trail's one function for everything that is not a row change.

Row changes are written by triggers. Reads of what is not public, sign-ins, denials, exports and decisions come through
`record()`. Tenant, actor and request are those of the context and are never arguments; operations of the triggers are
refused, here and once more by the database. The row is written in the caller's transaction: if it cannot be written,
the act fails with it.
"""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import connection

from accounts.tenancy import context as tenancy
from compliance.enums import AuditOperation, PolicyDecision
from compliance.models import AuditEntry

WRITTEN_BY_TRIGGERS = frozenset({AuditOperation.CREATE, AuditOperation.UPDATE, AuditOperation.DELETE})
# Metadata names things; a text longer than this is content, which has no place in the trail.
LONGEST_TEXT = 200


class AuditRefused(RuntimeError):
    """The trail takes no such row. The database says the same with SQLSTATE HC003."""

    code = "HC003"

    def __init__(self, message: str) -> None:
        super().__init__(f"{self.code}: audit refused, {message}")


def audit_key(table: str, key: Any) -> uuid.UUID:
    """The UUID under which the trail knows a thing without one; as `audit_key()` in SQL."""
    return uuid.uuid5(tenancy.AUDIT_KEY_NAMESPACE, f"{table}:{key}")


def record(
    operation: AuditOperation | str,
    *,
    resource_type: str,
    resource_id: Any,
    metadata: Mapping[str, Any] | None = None,
    trust_score: int | None = None,
    policy_decision: PolicyDecision | str | None = None,
) -> uuid.UUID:
    """Write one row as the context's actor and return its id.

    `resource_id` is a UUID, its text, or any other key, which becomes uuid5 of `resource_type:key`. `metadata` names
    things (labels, counts, codes) and never holds what a patient or a form said.
    """
    context = tenancy.current()
    operation = _checked(operation, context)
    resource = _resource_id(resource_type, resource_id)
    details = {key: _short(value) for key, value in (metadata or {}).items()}
    decision = str(policy_decision) if policy_decision else None
    if connection.vendor == "postgresql":
        return _call_writer(operation, resource_type, resource, details, trust_score, decision)
    entry = AuditEntry(
        operation=operation,
        resource_type=resource_type,
        resource_id=resource,
        tenant_id=context.tenant_id or tenancy.NIL_UUID,
        user_id=context.user_id,
        metadata=details | {"request_id": str(context.request_id)},
        trust_score=trust_score,
        policy_decision=decision,
    )
    entry.save(force_insert=True)
    return entry.id


def _checked(operation: AuditOperation | str, context: tenancy.TenancyContext) -> str:
    """The operation's stored value. Refuses what the triggers write, what nobody knows, and acts without a context."""
    if operation not in AuditOperation.values:
        raise AuditRefused(f"{operation!r} is no operation of AuditOperation.")
    if operation in WRITTEN_BY_TRIGGERS:
        raise AuditRefused(f"{str(operation)!r} rows are written by triggers only.")
    if context.scope == "none" or context.user_id is None:
        raise AuditRefused("there is no context; open tenant_context(..., actor=...) first.")
    return str(AuditOperation(operation).value)


def _resource_id(resource_type: str, key: Any) -> uuid.UUID:
    if isinstance(key, uuid.UUID):
        return key
    try:
        return uuid.UUID(str(key))
    except ValueError:
        return audit_key(resource_type, key)


def _short(value: Any) -> Any:
    """Labels pass; a long text is replaced by its length, because nobody checked what it says."""
    if isinstance(value, str):
        return value.replace("\0", "") if len(value) <= LONGEST_TEXT else f"<{len(value)} characters>"
    if isinstance(value, Mapping):
        return {str(key): _short(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_short(item) for item in value]
    return value if isinstance(value, bool | int | float | None) else str(value)


def _call_writer(
    operation: str,
    resource_type: str,
    resource_id: uuid.UUID,
    metadata: dict[str, Any],
    trust_score: int | None,
    policy_decision: str | None,
) -> uuid.UUID:
    """`audit_record()`: the web role cannot write to the table itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_record(%s, %s, %s, %s::jsonb, %s, %s)",
            [operation, resource_type, resource_id, json.dumps(metadata), trust_score, policy_decision],
        )
        return cursor.fetchone()[0]
