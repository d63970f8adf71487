"""Who is the tenant and who acts, in one place.

The context has four states. `none` sees no tenant-owned row and no platform row, `platform` sees the rows without a
tenant, `tenant` sees that tenant's rows, `worker` sees the queue of jobs and nothing else. On PostgreSQL the backend
hands the context to the database at the start of each transaction (`SET LOCAL`), where row-level security and the
audit triggers read it; it ends with the transaction. On SQLite the managers filter by it and SQL functions registered
on the connection read it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from django.db import connection, transaction

# The visitor: somebody who has not signed in.
NIL_UUID = uuid.UUID(int=0)
# Commands and background jobs act as this fixed user; it has no row in `users`.
SYSTEM_UUID = uuid.UUID("00000000-0000-4000-8000-000000000001")
# Rows without a UUID are known to the audit trail by uuid5(this, "table:pk").
AUDIT_KEY_NAMESPACE = uuid.UUID("6f9d2f0e-7f1b-5c2e-9b0a-3d1c5e8a4b67")

Scope = Literal["none", "platform", "tenant", "worker"]


class NoTenantError(RuntimeError):
    """A tenant-owned table was queried with no tenant active."""


@dataclass(frozen=True)
class TenancyContext:
    """What the database is told at BEGIN."""

    scope: Scope = "none"
    tenant_id: uuid.UUID | None = None
    user_id: uuid.UUID | None = None
    request_id: uuid.UUID = field(default_factory=uuid.uuid4)


NO_CONTEXT = TenancyContext(request_id=NIL_UUID)
_current: ContextVar[TenancyContext] = ContextVar("tenancy_context", default=NO_CONTEXT)


def current() -> TenancyContext:
    """The active context; `NO_CONTEXT` when there is none."""
    return _current.get()


def current_tenant_id() -> uuid.UUID:
    """The active tenant's id. Raises NoTenantError outside a tenant context."""
    tenant_id = current().tenant_id
    if tenant_id is None:
        raise NoTenantError("No tenant is active; wrap the call in tenant_context().")
    return tenant_id


def nil_uuid() -> uuid.UUID:
    """Default of columns that name nobody, or nothing in particular."""
    return NIL_UUID


def system_uuid() -> uuid.UUID:
    """Default of columns that name who acts, where commands and jobs do."""
    return SYSTEM_UUID


def current_user_id() -> uuid.UUID | None:
    """The actor's id, the nil UUID for a visitor, None without a context."""
    return current().user_id


def _id(value: Any) -> uuid.UUID:
    """The UUID of a model instance, of None (the nil UUID), or of a UUID or its text."""
    if value is None:
        return NIL_UUID
    value = getattr(value, "pk", value)
    return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value)) if value else NIL_UUID


def activate(context: TenancyContext) -> Any:
    """Make `context` current, in the running transaction too; returns the token that `deactivate` takes."""
    token = _current.set(context)
    connection.assert_context()
    return token


def deactivate(token: Any) -> None:
    """Return to the context before `activate`."""
    _current.reset(token)
    connection.assert_context()


@contextmanager
def _activated(context: TenancyContext, *, atomic: bool | None) -> Iterator[TenancyContext]:
    """Run the block in `context`. The reset stands outside the transaction, so that a database error is not hidden."""
    if atomic is None:
        atomic = connection.vendor == "postgresql"
    nested = connection.in_atomic_block
    token = _current.set(context)
    try:
        with transaction.atomic() if atomic else nullcontext():
            if nested:  # the outermost BEGIN has said it already, in the same trip
                connection.assert_context()
            yield context
    finally:
        deactivate(token)


@contextmanager
def tenant_context(
    tenant: Any, *, actor: Any, request_id: uuid.UUID | None = None, atomic: bool | None = None
) -> Iterator[TenancyContext]:
    """Run the block as `actor` within `tenant` (an instance or an id).

    Opens a transaction on PostgreSQL, where the context lives in one; on SQLite only when `atomic` is true.
    """
    context = TenancyContext("tenant", _id(tenant), _id(actor), request_id or uuid.uuid4())
    with _activated(context, atomic=atomic) as active:
        yield active


@contextmanager
def platform_context(
    *, actor: Any, request_id: uuid.UUID | None = None, atomic: bool | None = None
) -> Iterator[TenancyContext]:
    """Run the block as `actor` on the platform: rows that belong to no tenant, and nothing of any tenant."""
    context = TenancyContext("platform", None, _id(actor), request_id or uuid.uuid4())
    with _activated(context, atomic=atomic) as active:
        yield active


@contextmanager
def worker_context(*, atomic: bool | None = None) -> Iterator[TenancyContext]:
    """Run the block as the worker of the job queue: it takes jobs of all tenants and sees nobody's rows."""
    with _activated(TenancyContext("worker", None, SYSTEM_UUID, uuid.uuid4()), atomic=atomic) as active:
        yield active


@contextmanager
def no_context() -> Iterator[None]:
    """Run the block with no context, even inside another one."""
    token = activate(NO_CONTEXT)
    try:
        yield
    finally:
        deactivate(token)


def set_actor(actor: Any) -> None:
    """Say who acts for the rest of the current context (after sign-in, in the middleware)."""
    _current.set(replace(current(), user_id=_id(actor)))
    connection.assert_context()
