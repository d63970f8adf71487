"""Files, images, DICOM."""

from django.apps import AppConfig


class MediaLibraryConfig(AppConfig):
    """Floor 3."""

    name = "media_library"
