"""Closed lists of the media library. The stored values are those of the schema document."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AttachmentType(TextChoices):
    """`media.attachment_type`."""

    IMAGE = "image", _("Image")
    VIDEO = "video", _("Video")
    DOCUMENT = "document", _("Document")
    AUDIO = "audio", _("Audio")


class EncryptionStatus(TextChoices):
    """`media.encryption_status`."""

    NONE = "none", _("None")
    AT_REST = "at_rest", _("At rest")
    IN_TRANSIT = "in_transit", _("In transit")
    BOTH = "both", _("At rest and in transit")


class AccessLevel(TextChoices):
    """`media.access_level`; never below the level of the post."""

    PUBLIC = "public", _("Public")
    PROFESSIONAL = "professional", _("Professionals")
    RESTRICTED = "restricted", _("Restricted")
