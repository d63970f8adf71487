"""SQLite alters a table by making it anew, and its triggers go with the old one. Ours stay."""

import pytest
from django.db import connection, models

from content.models import Post


@pytest.mark.sqlite
def test_triggers_survive_a_rebuilt_table(db: str) -> None:
    def triggers() -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
            return cursor.fetchall()

    before = triggers()
    old = Post._meta.get_field("excerpt")
    new = models.TextField(null=True, blank=True, default="x")
    new.set_attributes_from_name("excerpt")
    new.model = Post

    for fields in ((old, new), (new, old)):
        with connection.schema_editor() as editor:
            editor._remake_table(Post, alter_fields=[fields])
        assert triggers() == before
    assert len(before) > 40
