import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.tenancy.context
import accounts.tenancy.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_create_tables"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Category",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("slug", models.SlugField(db_index=False, max_length=100, verbose_name="slug")),
                ("description", models.TextField(blank=True, null=True, verbose_name="description")),
                ("count", models.IntegerField(db_default=0, default=0, null=True, verbose_name="posts")),
                ("level", models.IntegerField(db_default=0, default=0, null=True)),
                (
                    "medical_specialty",
                    models.CharField(blank=True, max_length=50, null=True, verbose_name="medical specialty"),
                ),
                (
                    "compliance_required",
                    models.BooleanField(
                        db_default=False, default=False, null=True, verbose_name="compliance review required"
                    ),
                ),
                (
                    "crm_validation_required",
                    models.BooleanField(
                        db_default=False, default=False, null=True, verbose_name="validated professional required"
                    ),
                ),
                ("inserted_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="children",
                        to="content.category",
                        verbose_name="parent",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=accounts.tenancy.context.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "category",
                "verbose_name_plural": "categories",
                "db_table": "categories",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=255, verbose_name="title")),
                ("slug", models.SlugField(db_index=False, max_length=255, verbose_name="permalink")),
                ("content", models.TextField(blank=True, null=True, verbose_name="content")),
                ("excerpt", models.TextField(blank=True, null=True, verbose_name="excerpt")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("pending", "In review"),
                            ("archived", "Withdrawn"),
                            ("scheduled", "Scheduled"),
                            ("published", "Published"),
                        ],
                        db_default="draft",
                        default="draft",
                        max_length=20,
                        null=True,
                        verbose_name="status",
                    ),
                ),
                (
                    "post_type",
                    models.CharField(
                        choices=[("post", "Post"), ("page", "Page")],
                        db_default="post",
                        default="post",
                        max_length=30,
                        null=True,
                        verbose_name="type",
                    ),
                ),
                (
                    "comment_status",
                    models.CharField(
                        choices=[("open", "Open"), ("closed", "Closed")],
                        db_default="open",
                        default="open",
                        max_length=10,
                        null=True,
                        verbose_name="comments",
                    ),
                ),
                (
                    "ping_status",
                    models.CharField(
                        choices=[("open", "Open"), ("closed", "Closed")],
                        db_default="open",
                        default="open",
                        max_length=10,
                        null=True,
                        verbose_name="pings",
                    ),
                ),
                (
                    "meta_description",
                    models.CharField(blank=True, max_length=160, null=True, verbose_name="meta description"),
                ),
                (
                    "meta_keywords",
                    models.CharField(blank=True, max_length=255, null=True, verbose_name="meta keywords"),
                ),
                (
                    "medical_category",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("clinica_medica", "Internal medicine"),
                            ("cardiologia", "Cardiology"),
                            ("pediatria", "Paediatrics"),
                            ("ginecologia_obstetricia", "Gynaecology and obstetrics"),
                            ("oncologia", "Oncology"),
                            ("neurologia", "Neurology"),
                            ("saude_mental", "Mental health"),
                            ("cirurgia", "Surgery"),
                            ("infectologia_vacinas", "Infectious diseases and vaccines"),
                            ("prevencao_bem_estar", "Prevention and well-being"),
                        ],
                        max_length=30,
                        null=True,
                        verbose_name="medical category",
                    ),
                ),
                (
                    "compliance_level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("public", "Public"),
                            ("professional", "Professionals"),
                            ("restricted", "Restricted"),
                            ("phi", "Patient data (PHI)"),
                        ],
                        max_length=20,
                        null=True,
                        verbose_name="compliance level",
                    ),
                ),
                (
                    "requires_crm_validation",
                    models.BooleanField(
                        db_default=False, default=False, null=True, verbose_name="requires a validated professional"
                    ),
                ),
                ("medical_disclaimer", models.TextField(blank=True, null=True, verbose_name="medical disclaimer")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published at")),
                ("scheduled_at", models.DateTimeField(blank=True, null=True, verbose_name="scheduled for")),
                ("version", models.IntegerField(db_default=1, default=1, null=True)),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("inserted_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("wp_id", models.BigIntegerField(editable=False, null=True)),
                ("menu_order", models.IntegerField(db_default=0, default=0)),
                ("sticky", models.BooleanField(db_default=False, default=False)),
                ("published_revision_id", models.UUIDField(editable=False, null=True)),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="content.category",
                        verbose_name="primary category",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="children",
                        to="content.post",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=accounts.tenancy.context.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "post",
                "verbose_name_plural": "posts",
                "db_table": "posts",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="CustomField",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("meta_key", models.CharField(max_length=100, verbose_name="name")),
                ("meta_value", models.TextField(blank=True, null=True, verbose_name="value")),
                (
                    "meta_type",
                    models.CharField(db_default="text", default="text", max_length=20, null=True, verbose_name="type"),
                ),
                (
                    "medical_significance",
                    models.CharField(
                        choices=[
                            ("none", "None"),
                            ("low", "Low"),
                            ("medium", "Medium"),
                            ("high", "High"),
                            ("critical", "Critical"),
                        ],
                        db_default="none",
                        default="none",
                        max_length=20,
                        null=True,
                        verbose_name="medical significance",
                    ),
                ),
                ("requires_validation", models.BooleanField(db_default=False, default=False, null=True)),
                ("validation_rules", models.TextField(blank=True, null=True)),
                ("is_phi", models.BooleanField(db_default=False, default=False, null=True)),
                ("field_group", models.CharField(blank=True, max_length=100, null=True)),
                ("field_order", models.IntegerField(db_default=0, default=0, null=True)),
                ("is_required", models.BooleanField(db_default=False, default=False, null=True)),
                ("inserted_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=accounts.tenancy.context.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="custom_fields",
                        to="content.post",
                    ),
                ),
            ],
            options={
                "verbose_name": "custom field",
                "verbose_name_plural": "custom fields",
                "db_table": "custom_fields",
                "ordering": ["field_order", "meta_key"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="PostCategory",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "category",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="post_categories",
                        to="content.category",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="post_categories",
                        to="content.post",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=accounts.tenancy.context.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "post_categories",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="post",
            name="categories",
            field=models.ManyToManyField(related_name="posts", through="content.PostCategory", to="content.category"),
        ),
        migrations.CreateModel(
            name="PostRevision",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.IntegerField()),
                ("title", models.CharField(max_length=255)),
                ("slug", models.CharField(max_length=255)),
                ("content", models.TextField(null=True)),
                ("excerpt", models.TextField(null=True)),
                ("medical_disclaimer", models.TextField(null=True)),
                ("meta_description", models.CharField(max_length=160, null=True)),
                ("meta_keywords", models.CharField(max_length=255, null=True)),
                ("author_id", models.UUIDField()),
                ("compliance_level", models.CharField(max_length=20, null=True)),
                ("medical_category", models.CharField(max_length=30, null=True)),
                ("requires_crm_validation", models.BooleanField(default=False)),
                ("category_id", models.UUIDField(null=True)),
                ("category_ids", models.JSONField(default=list)),
                ("custom_fields", models.JSONField(default=dict)),
                ("scientific_references", models.JSONField(default=list)),
                ("media_ids", models.JSONField(default=list)),
                ("content_hash", models.CharField(max_length=64)),
                ("saved_by_id", models.UUIDField()),
                ("summary", models.CharField(blank=True, default="", max_length=255, verbose_name="what changed")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="revisions",
                        to="content.post",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=accounts.tenancy.context.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "revision",
                "verbose_name_plural": "revisions",
                "db_table": "post_revisions",
                "ordering": ["-number"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="PostUserPermission",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "content_object",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="grants", to="content.post"
                    ),
                ),
                ("permission", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission")),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=accounts.tenancy.context.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "post_user_permissions",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="PublishedPage",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("revision_id", models.UUIDField()),
                ("content_hash", models.CharField(max_length=64)),
                ("slug", models.CharField(max_length=255)),
                ("compliance_level", models.CharField(max_length=20)),
                ("medical_category", models.CharField(max_length=30, null=True)),
                ("title", models.CharField(max_length=255)),
                ("excerpt", models.TextField(null=True)),
                ("content", models.TextField(null=True)),
                ("medical_disclaimer", models.TextField(null=True)),
                ("meta_description", models.CharField(max_length=160, null=True)),
                ("author_id", models.UUIDField()),
                ("category_id", models.UUIDField(null=True)),
                ("details", models.JSONField(default=dict)),
                ("etag", models.CharField(max_length=64)),
                ("sticky", models.BooleanField(default=False)),
                ("published_at", models.DateTimeField()),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "post",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="page", to="content.post"
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=accounts.tenancy.context.current_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "published_pages",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="category",
            index=accounts.tenancy.models.Index(fields=["parent"], name="idx_categories_parent_id"),
        ),
        migrations.AddIndex(
            model_name="category",
            index=accounts.tenancy.models.Index(fields=["tenant"], name="idx_categories_tenant_id"),
        ),
        migrations.AddIndex(
            model_name="category",
            index=accounts.tenancy.models.Index(fields=["medical_specialty"], name="idx_categories_medical_specialty"),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.UniqueConstraint(fields=("slug", "tenant"), name="categories_slug_tenant_id_index"),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.UniqueConstraint(
                fields=("name", "parent", "tenant"), name="categories_name_tenant_id_index"
            ),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.UniqueConstraint(
                condition=models.Q(("parent__isnull", True)),
                fields=("name", "tenant"),
                name="categories_root_name_tenant_id_index",
            ),
        ),
        migrations.AddIndex(
            model_name="customfield",
            index=accounts.tenancy.models.Index(fields=["meta_key"], name="idx_custom_fields_meta_key"),
        ),
        migrations.AddIndex(
            model_name="customfield",
            index=accounts.tenancy.models.Index(fields=["meta_type"], name="idx_custom_fields_meta_type"),
        ),
        migrations.AddIndex(
            model_name="customfield",
            index=accounts.tenancy.models.Index(fields=["field_group"], name="idx_custom_fields_field_group"),
        ),
        migrations.AddIndex(
            model_name="customfield",
            index=accounts.tenancy.models.Index(
                fields=["medical_significance"], name="idx_custom_fields_medical_significance"
            ),
        ),
        migrations.AddIndex(
            model_name="customfield",
            index=accounts.tenancy.models.Index(fields=["is_phi"], name="idx_custom_fields_is_phi"),
        ),
        migrations.AddIndex(
            model_name="customfield",
            index=accounts.tenancy.models.Index(fields=["tenant"], name="idx_custom_fields_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="customfield",
            constraint=models.UniqueConstraint(fields=("post", "meta_key"), name="custom_fields_post_meta_key_index"),
        ),
        migrations.AddIndex(
            model_name="postcategory",
            index=accounts.tenancy.models.Index(fields=["category"], name="idx_post_categories_category_id"),
        ),
        migrations.AddIndex(
            model_name="postcategory",
            index=accounts.tenancy.models.Index(fields=["tenant"], name="idx_post_categories_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="postcategory",
            constraint=models.UniqueConstraint(
                fields=("post", "category"), name="post_categories_post_id_category_id_index"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=accounts.tenancy.models.Index(fields=["author"], name="idx_posts_author_id"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=accounts.tenancy.models.Index(fields=["category"], name="idx_posts_category_id"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=accounts.tenancy.models.Index(fields=["status"], name="idx_posts_status"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=accounts.tenancy.models.Index(fields=["post_type"], name="idx_posts_post_type"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=accounts.tenancy.models.Index(fields=["-published_at"], name="idx_posts_published_at"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=accounts.tenancy.models.Index(fields=["tenant"], name="idx_posts_tenant_id"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=accounts.tenancy.models.Index(fields=["medical_category"], name="idx_posts_medical_category"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=accounts.tenancy.models.Index(fields=["compliance_level"], name="idx_posts_compliance_level"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=accounts.tenancy.models.Index(
                fields=["tenant", "status", "-published_at"], name="idx_posts_tenant_status"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=accounts.tenancy.models.Index(
                condition=models.Q(("deleted_at__isnull", True), ("status", "published")),
                fields=["-published_at"],
                name="idx_posts_published",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=accounts.tenancy.models.Index(fields=["tenant", "-updated_at"], name="idx_posts_tenant_updated"),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(fields=("slug", "tenant"), name="posts_slug_tenant_id_index"),
        ),
        migrations.AddIndex(
            model_name="postrevision",
            index=accounts.tenancy.models.Index(fields=["tenant"], name="idx_post_revisions_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="postrevision",
            constraint=models.UniqueConstraint(fields=("post", "number"), name="post_revisions_post_id_number_index"),
        ),
        migrations.AlterUniqueTogether(
            name="postuserpermission",
            unique_together={("user", "permission", "content_object")},
        ),
        migrations.AddIndex(
            model_name="publishedpage",
            index=accounts.tenancy.models.Index(
                fields=["tenant", "compliance_level", "-published_at"], name="idx_published_pages_tenant_level"
            ),
        ),
        migrations.AddIndex(
            model_name="publishedpage",
            index=accounts.tenancy.models.Index(
                fields=["tenant", "-published_at"], name="idx_published_pages_tenant_published"
            ),
        ),
        migrations.AddIndex(
            model_name="publishedpage",
            index=accounts.tenancy.models.Index(
                fields=["author_id", "-published_at"], name="idx_published_pages_author"
            ),
        ),
        migrations.AddConstraint(
            model_name="publishedpage",
            constraint=models.UniqueConstraint(fields=("slug", "tenant"), name="published_pages_slug_tenant_id_index"),
        ),
    ]
