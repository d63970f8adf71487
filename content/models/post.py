"""Posts, their immutable revisions, their terms, and the page that visitors read."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.managers import UserObjectPermissionManager
from guardian.models import UserObjectPermissionBase

from accounts.tenancy.context import current_tenant_id
from accounts.tenancy.models import InCurrentTenant, Index, TenantModel
from content.enums import ComplianceLevel, DiscussionStatus, MedicalCategory, PostStatus, PostType


class Post(TenantModel):
    """A post or page. While it is live only `publish_revision()` changes it; drafts mirror their newest revision."""

    title = models.CharField(_("title"), max_length=255)
    slug = models.SlugField(_("permalink"), max_length=255, db_index=False, allow_unicode=False)
    content = models.TextField(_("content"), null=True, blank=True)
    excerpt = models.TextField(_("excerpt"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=20, choices=PostStatus, null=True, default=PostStatus.DRAFT, db_default="draft"
    )
    post_type = models.CharField(
        _("type"), max_length=30, choices=PostType, null=True, default=PostType.POST, db_default="post"
    )
    comment_status = models.CharField(
        _("comments"), max_length=10, choices=DiscussionStatus, null=True, default="open", db_default="open"
    )
    ping_status = models.CharField(
        _("pings"), max_length=10, choices=DiscussionStatus, null=True, default="open", db_default="open"
    )
    meta_description = models.CharField(_("meta description"), max_length=160, null=True, blank=True)
    meta_keywords = models.CharField(_("meta keywords"), max_length=255, null=True, blank=True)
    medical_category = models.CharField(
        _("medical category"), max_length=30, choices=MedicalCategory, null=True, blank=True
    )
    compliance_level = models.CharField(
        _("compliance level"), max_length=20, choices=ComplianceLevel, null=True, blank=True
    )
    requires_crm_validation = models.BooleanField(
        _("requires a validated professional"), null=True, default=False, db_default=False
    )
    medical_disclaimer = models.TextField(_("medical disclaimer"), null=True, blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    scheduled_at = models.DateTimeField(_("scheduled for"), null=True, blank=True)
    version = models.IntegerField(null=True, default=1, db_default=1)
    deleted_at = models.DateTimeField(null=True, editable=False)
    author = models.ForeignKey(
        "accounts.User", on_delete=models.RESTRICT, db_index=False, related_name="+", verbose_name=_("author")
    )
    category = models.ForeignKey(
        "content.Category",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("primary category"),
    )
    inserted_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    # Beyond the schema document (design, data model).
    wp_id = models.BigIntegerField(null=True, editable=False)
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children")
    menu_order = models.IntegerField(default=0, db_default=0)
    sticky = models.BooleanField(default=False, db_default=False)
    published_revision_id = models.UUIDField(null=True, editable=False)

    categories = models.ManyToManyField("content.Category", through="content.PostCategory", related_name="posts")

    class Meta(TenantModel.Meta):
        db_table = "posts"
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = [models.UniqueConstraint(fields=["slug", "tenant"], name="posts_slug_tenant_id_index")]
        indexes = [
            Index(fields=["author"], name="idx_posts_author_id"),
            Index(fields=["category"], name="idx_posts_category_id"),
            Index(fields=["status"], name="idx_posts_status"),
            Index(fields=["post_type"], name="idx_posts_post_type"),
            Index(fields=["-published_at"], name="idx_posts_published_at"),
            Index(fields=["tenant"], name="idx_posts_tenant_id"),
            Index(fields=["medical_category"], name="idx_posts_medical_category"),
            Index(fields=["compliance_level"], name="idx_posts_compliance_level"),
            Index(fields=["tenant", "status", "-published_at"], name="idx_posts_tenant_status"),
            Index(
                fields=["-published_at"],
                condition=models.Q(status="published", deleted_at__isnull=True),
                name="idx_posts_published",
            ),
            Index(fields=["tenant", "-updated_at"], name="idx_posts_tenant_updated"),
        ]

    def __str__(self) -> str:
        return self.title or str(_("(no title)"))

    @property
    def is_live(self) -> bool:
        """Published or scheduled: guarded by the gate."""
        return self.status in (PostStatus.PUBLISHED, PostStatus.SCHEDULED)


class PostRevision(TenantModel):
    """One saved wording with everything a signature covers. Immutable."""

    post = models.ForeignKey(Post, on_delete=models.RESTRICT, db_index=False, related_name="revisions")
    number = models.IntegerField()
    title = models.CharField(max_length=255)
    slug = models.CharField(max_length=255)
    content = models.TextField(null=True)
    excerpt = models.TextField(null=True)
    medical_disclaimer = models.TextField(null=True)
    meta_description = models.CharField(max_length=160, null=True)
    meta_keywords = models.CharField(max_length=255, null=True)
    author_id = models.UUIDField()
    compliance_level = models.CharField(max_length=20, null=True)
    medical_category = models.CharField(max_length=30, null=True)
    requires_crm_validation = models.BooleanField(default=False)
    category_id = models.UUIDField(null=True)
    category_ids = models.JSONField(default=list)  # all terms, canonical UUID text
    custom_fields = models.JSONField(default=dict)  # key → text
    scientific_references = models.JSONField(default=list)  # normal forms, text
    media_ids = models.JSONField(default=list)
    content_hash = models.CharField(max_length=64)
    saved_by_id = models.UUIDField()
    summary = models.CharField(_("what changed"), max_length=255, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        db_table = "post_revisions"
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["post", "number"], name="post_revisions_post_id_number_index")]
        indexes = [Index(fields=["tenant"], name="idx_post_revisions_tenant_id")]

    def __str__(self) -> str:
        return f"{self.title} #{self.number}"


class PostCategory(TenantModel):
    """A post's term. `posts.category_id` names the primary one; this table holds all."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, db_index=False, related_name="post_categories")
    category = models.ForeignKey(
        "content.Category", on_delete=models.CASCADE, db_index=False, related_name="post_categories"
    )

    class Meta(TenantModel.Meta):
        db_table = "post_categories"
        constraints = [
            models.UniqueConstraint(fields=["post", "category"], name="post_categories_post_id_category_id_index")
        ]
        indexes = [
            Index(fields=["category"], name="idx_post_categories_category_id"),
            Index(fields=["tenant"], name="idx_post_categories_tenant_id"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} in {self.category_id}"


class PublishedPage(TenantModel):
    """What visitors read: one row, one SELECT. Exists only while its post is published; the database checks both."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, related_name="page")
    revision_id = models.UUIDField()
    content_hash = models.CharField(max_length=64)
    slug = models.CharField(max_length=255)
    compliance_level = models.CharField(max_length=20)
    medical_category = models.CharField(max_length=30, null=True)
    title = models.CharField(max_length=255)
    excerpt = models.TextField(null=True)
    content = models.TextField(null=True)
    medical_disclaimer = models.TextField(null=True)
    meta_description = models.CharField(max_length=160, null=True)
    author_id = models.UUIDField()
    category_id = models.UUIDField(null=True)
    # Names and addresses shown around the text: author, reviewers, terms, references.
    details = models.JSONField(default=dict)
    etag = models.CharField(max_length=64)
    sticky = models.BooleanField(default=False)
    published_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        db_table = "published_pages"
        constraints = [models.UniqueConstraint(fields=["slug", "tenant"], name="published_pages_slug_tenant_id_index")]
        indexes = [
            Index(fields=["tenant", "compliance_level", "-published_at"], name="idx_published_pages_tenant_level"),
            Index(fields=["tenant", "-published_at"], name="idx_published_pages_tenant_published"),
            Index(fields=["author_id", "-published_at"], name="idx_published_pages_author"),
            Index(fields=["tenant", "-sticky", "-published_at"], name="idx_published_pages_tenant_sticky"),
        ]

    def __str__(self) -> str:
        return self.title


class GrantManager(UserObjectPermissionManager):
    """Guardian's manager, within the active tenant."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(InCurrentTenant(models.F("tenant_id")))


class PostUserPermission(UserObjectPermissionBase):
    """A grant on one post (django-guardian, direct foreign key): restricted and PHI posts name their readers."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(
        "accounts.Tenant",
        on_delete=models.PROTECT,
        default=current_tenant_id,
        editable=False,
        db_index=False,
        related_name="+",
    )
    content_object = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="grants")

    objects = GrantManager()

    class Meta(UserObjectPermissionBase.Meta):
        db_table = "post_user_permissions"
        base_manager_name = "objects"
