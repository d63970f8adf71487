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
        ("content", "0001_create_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Media",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("title", models.CharField(blank=True, max_length=255, null=True, verbose_name="title")),
                ("filename", models.CharField(max_length=255)),
                ("original_filename", models.CharField(max_length=255)),
                ("mime_type", models.CharField(max_length=100)),
                ("file_size", models.BigIntegerField()),
                ("file_path", models.CharField(blank=True, max_length=500, null=True)),
                ("url", models.CharField(blank=True, max_length=500, null=True)),
                ("width", models.IntegerField(null=True)),
                ("height", models.IntegerField(null=True)),
                ("alt_text", models.CharField(blank=True, max_length=255, null=True, verbose_name="alternative text")),
                ("caption", models.TextField(blank=True, null=True, verbose_name="caption")),
                ("description", models.TextField(blank=True, null=True, verbose_name="description")),
                (
                    "attachment_type",
                    models.CharField(
                        choices=[("image", "Image"), ("video", "Video"), ("document", "Document"), ("audio", "Audio")],
                        max_length=20,
                        null=True,
                    ),
                ),
                ("medical_content", models.BooleanField(db_default=False, default=False, null=True)),
                ("contains_phi", models.BooleanField(db_default=False, default=False, null=True)),
                ("dicom_metadata", models.TextField(blank=True, null=True)),
                (
                    "encryption_status",
                    models.CharField(
                        choices=[
                            ("none", "None"),
                            ("at_rest", "At rest"),
                            ("in_transit", "In transit"),
                            ("both", "At rest and in transit"),
                        ],
                        db_default="none",
                        default="none",
                        max_length=20,
                        null=True,
                    ),
                ),
                (
                    "access_level",
                    models.CharField(
                        choices=[
                            ("public", "Public"),
                            ("professional", "Professionals"),
                            ("restricted", "Restricted"),
                        ],
                        max_length=20,
                        null=True,
                    ),
                ),
                ("requires_crm_validation", models.BooleanField(db_default=False, default=False, null=True)),
                ("inserted_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="media",
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
                (
                    "uploaded_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "media",
                "verbose_name_plural": "media",
                "db_table": "media",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    accounts.tenancy.models.Index(fields=["uploaded_by"], name="idx_media_uploaded_by_id"),
                    accounts.tenancy.models.Index(fields=["post"], name="idx_media_post_id"),
                    accounts.tenancy.models.Index(fields=["mime_type"], name="idx_media_mime_type"),
                    accounts.tenancy.models.Index(fields=["attachment_type"], name="idx_media_attachment_type"),
                    accounts.tenancy.models.Index(fields=["medical_content"], name="idx_media_medical_content"),
                    accounts.tenancy.models.Index(fields=["contains_phi"], name="idx_media_contains_phi"),
                    accounts.tenancy.models.Index(fields=["tenant"], name="idx_media_tenant_id"),
                ],
                "constraints": [models.UniqueConstraint(fields=("filename",), name="idx_media_filename")],
            },
        ),
    ]
