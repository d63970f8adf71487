"""ACF-style custom fields of a post. The featured image is the field `_thumbnail_id`, as in WordPress."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.tenancy.models import Index, TenantModel
from content.enums import Significance
from content.models.post import Post

FEATURED_IMAGE_KEY = "_thumbnail_id"


class CustomField(TenantModel):
    """One key and value. While the post is live the database refuses a change."""

    meta_key = models.CharField(_("name"), max_length=100)
    meta_value = models.TextField(_("value"), null=True, blank=True)
    meta_type = models.CharField(_("type"), max_length=20, null=True, default="text", db_default="text")
    medical_significance = models.CharField(
        _("medical significance"),
        max_length=20,
        choices=Significance,
        null=True,
        default=Significance.NONE,
        db_default="none",
    )
    requires_validation = models.BooleanField(null=True, default=False, db_default=False)
    validation_rules = models.TextField(null=True, blank=True)
    is_phi = models.BooleanField(null=True, default=False, db_default=False)
    field_group = models.CharField(max_length=100, null=True, blank=True)
    field_order = models.IntegerField(null=True, default=0, db_default=0)
    is_required = models.BooleanField(null=True, default=False, db_default=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, db_index=False, related_name="custom_fields")
    inserted_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        db_table = "custom_fields"
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        ordering = ["field_order", "meta_key"]
        constraints = [models.UniqueConstraint(fields=["post", "meta_key"], name="custom_fields_post_meta_key_index")]
        indexes = [
            Index(fields=["meta_key"], name="idx_custom_fields_meta_key"),
            Index(fields=["meta_type"], name="idx_custom_fields_meta_type"),
            Index(fields=["field_group"], name="idx_custom_fields_field_group"),
            Index(fields=["medical_significance"], name="idx_custom_fields_medical_significance"),
            Index(fields=["is_phi"], name="idx_custom_fields_is_phi"),
            Index(fields=["tenant"], name="idx_custom_fields_tenant_id"),
        ]

    def __str__(self) -> str:
        return self.meta_key
