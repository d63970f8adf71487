"""The category tree."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.tenancy.models import Index, TenantModel


class Category(TenantModel):
    """A term. Its name is unique among its siblings: "Sintomas" exists under "Diabetes" and under "Asma"."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("slug"), max_length=100, db_index=False)
    description = models.TextField(_("description"), null=True, blank=True)
    count = models.IntegerField(_("posts"), null=True, default=0, db_default=0)
    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="children",
        verbose_name=_("parent"),
    )
    level = models.IntegerField(null=True, default=0, db_default=0)
    medical_specialty = models.CharField(_("medical specialty"), max_length=50, null=True, blank=True)
    compliance_required = models.BooleanField(
        _("compliance review required"), null=True, default=False, db_default=False
    )
    crm_validation_required = models.BooleanField(
        _("validated professional required"), null=True, default=False, db_default=False
    )
    inserted_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        db_table = "categories"
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            models.UniqueConstraint(fields=["slug", "tenant"], name="categories_slug_tenant_id_index"),
            models.UniqueConstraint(
                fields=["name", "parent", "tenant"],
                name="categories_name_tenant_id_index",
            ),
            # NULL parents are distinct to a unique key, so roots need their own.
            models.UniqueConstraint(
                fields=["name", "tenant"],
                condition=models.Q(parent__isnull=True),
                name="categories_root_name_tenant_id_index",
            ),
        ]
        indexes = [
            Index(fields=["parent"], name="idx_categories_parent_id"),
            Index(fields=["tenant"], name="idx_categories_tenant_id"),
            Index(fields=["medical_specialty"], name="idx_categories_medical_specialty"),
        ]

    def __str__(self) -> str:
        return self.name
