"""The library of scientific references, and which texts cite them."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.tenancy.models import Index, TenantModel
from content.enums import ReferenceCheck, ReferenceKind, ReferenceType
from content.models.post import Post


class Reference(TenantModel):
    """A work that texts cite. `identifier` is in its normal form; the same work under other ones: `other_identifiers`.

    `authors` is a list of {"family", "given"} or {"literal"}, the names of CSL.
    """

    type = models.CharField(_("type"), max_length=20, choices=ReferenceType)
    identifier = models.CharField(_("identifier"), max_length=300)
    other_identifiers = models.JSONField(_("other identifiers"), default=list, blank=True)
    title = models.TextField(_("title"), blank=True, default="")
    authors = models.JSONField(_("authors"), default=list, blank=True)
    container = models.CharField(_("journal, book or site"), max_length=300, blank=True, default="")
    year = models.IntegerField(_("year"), null=True, blank=True)
    volume = models.CharField(_("volume"), max_length=40, blank=True, default="")
    issue = models.CharField(pgettext_lazy("journal", "issue"), max_length=40, blank=True, default="")
    pages = models.CharField(_("pages"), max_length=60, blank=True, default="")
    publisher = models.CharField(_("publisher or institution"), max_length=200, blank=True, default="")
    place = models.CharField(_("place"), max_length=100, blank=True, default="")
    url = models.CharField(_("address"), max_length=500, blank=True, default="")
    accessed_at = models.DateField(_("accessed on"), null=True, blank=True)
    csl_type = models.CharField(_("kind of work"), max_length=20, choices=ReferenceKind, default=ReferenceKind.ARTICLE)
    # `check` in exports and JSON; as a column it would be a word of SQL.
    check_result = models.CharField(
        _("check"), max_length=20, choices=ReferenceCheck, default=ReferenceCheck.SYNTAX_VALID
    )
    checked_at = models.DateTimeField(_("checked at"), null=True, editable=False)
    retracted_at = models.DateTimeField(_("retracted"), null=True, editable=False)
    retraction_note = models.TextField(_("reason of the retraction"), blank=True, default="")
    # Title, authors, journal and identifiers, small and without accents: what the search box reads.
    search_text = models.TextField(editable=False, default="")
    created_by = models.ForeignKey("accounts.User", on_delete=models.RESTRICT, db_index=False, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        db_table = "reference_items"
        verbose_name = _("reference")
        verbose_name_plural = _("references")
        ordering = ["-created_at", "identifier"]
        constraints = [
            models.UniqueConstraint(fields=["identifier", "tenant"], name="reference_items_identifier_tenant_id_index")
        ]
        indexes = [
            Index(fields=["tenant", "-created_at"], name="idx_reference_items_tenant_created"),
            Index(fields=["created_by"], name="idx_reference_items_created_by_id"),
        ]

    def __str__(self) -> str:
        return self.title or self.identifier

    @property
    def identifiers(self) -> list[str]:
        """Every identifier under which the work is cited, its own first."""
        return [self.identifier, *self.other_identifiers]

    @property
    def is_retracted(self) -> bool:
        return self.retracted_at is not None

    def identifier_of(self, prefix: str) -> str:
        """The number behind "PMID:" or "DOI:", wherever it stands; empty when there is none."""
        return next((each[len(prefix) :] for each in self.identifiers if each.startswith(prefix)), "")


class ReferenceUse(TenantModel):
    """A text cites an identifier: in its newest wording, or (`live`) on the site. Kept by the services."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, db_index=False, related_name="reference_uses")
    identifier = models.CharField(max_length=300)
    live = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        db_table = "reference_uses"
        constraints = [
            models.UniqueConstraint(
                fields=["post", "identifier", "live"], name="reference_uses_post_identifier_live_index"
            )
        ]
        indexes = [Index(fields=["tenant", "identifier"], name="idx_reference_uses_tenant_identifier")]

    def __str__(self) -> str:
        return self.identifier
