"""The migrating role: who may change the schema is not who serves the site."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from environ import Env

CREDENTIALS = ("USER", "PASSWORD", "HOST", "PORT")


def _reconnect() -> None:
    connection.close()
    if getattr(connection, "pool", None):
        connection.close_pool()


@contextmanager
def as_owner() -> Iterator[None]:
    """Run the block as the role of DATABASE_OWNER_URL; as the ordinary role where none is set (SQLite)."""
    if not (settings.DATABASE_OWNER_URL and connection.vendor == "postgresql"):
        yield
        return
    owner = Env.db_url_config(settings.DATABASE_OWNER_URL)
    served_as = {key: connection.settings_dict.get(key, "") for key in CREDENTIALS}
    _reconnect()
    connection.settings_dict.update({key: owner.get(key, "") for key in CREDENTIALS})
    try:
        yield
    finally:
        _reconnect()
        connection.settings_dict.update(served_as)
