"""Files. Upload, delivery and DICOM come with the media library; the table is here because posts point at it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.tenancy.models import Index, TenantModel
from media_library.enums import AccessLevel, AttachmentType, EncryptionStatus


class Media(TenantModel):
    """A file. `filename` is a random opaque name, so that its uniqueness tells nobody anything."""

    title = models.CharField(_("title"), max_length=255, null=True, blank=True)
    filename = models.CharField(max_length=255)
    original_filename = models.CharField(max_length=255)
    mime_type = models.CharField(max_length=100)
    file_size = models.BigIntegerField()
    file_path = models.CharField(max_length=500, null=True, blank=True)
    url = models.CharField(max_length=500, null=True, blank=True)
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    alt_text = models.CharField(_("alternative text"), max_length=255, null=True, blank=True)
    caption = models.TextField(_("caption"), null=True, blank=True)
    description = models.TextField(_("description"), null=True, blank=True)
    attachment_type = models.CharField(max_length=20, choices=AttachmentType, null=True)
    medical_content = models.BooleanField(null=True, default=False, db_default=False)
    contains_phi = models.BooleanField(null=True, default=False, db_default=False)
    dicom_metadata = models.TextField(null=True, blank=True)
    encryption_status = models.CharField(
        max_length=20, choices=EncryptionStatus, null=True, default=EncryptionStatus.NONE, db_default="none"
    )
    access_level = models.CharField(max_length=20, choices=AccessLevel, null=True)
    requires_crm_validation = models.BooleanField(null=True, default=False, db_default=False)
    uploaded_by = models.ForeignKey("accounts.User", on_delete=models.RESTRICT, db_index=False, related_name="+")
    post = models.ForeignKey(
        "content.Post", on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="media"
    )
    inserted_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        db_table = "media"
        verbose_name = _("media")
        verbose_name_plural = _("media")
        constraints = [models.UniqueConstraint(fields=["filename"], name="idx_media_filename")]
        indexes = [
            Index(fields=["uploaded_by"], name="idx_media_uploaded_by_id"),
            Index(fields=["post"], name="idx_media_post_id"),
            Index(fields=["mime_type"], name="idx_media_mime_type"),
            Index(fields=["attachment_type"], name="idx_media_attachment_type"),
            Index(fields=["medical_content"], name="idx_media_medical_content"),
            Index(fields=["contains_phi"], name="idx_media_contains_phi"),
            Index(fields=["tenant"], name="idx_media_tenant_id"),
        ]

    def __str__(self) -> str:
        return self.title or self.original_filename
