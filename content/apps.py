"""Posts, categories, the editor, the public site."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    """Floor 4."""

    name = "content"
