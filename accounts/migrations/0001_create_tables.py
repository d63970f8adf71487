import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.tenancy.context
import accounts.tenancy.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Tenant",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("schema_name", models.CharField(default="public", editable=False, max_length=63)),
                ("name", models.CharField(max_length=150, verbose_name="name")),
                ("slug", models.SlugField(db_index=False, max_length=63, unique=True, verbose_name="slug")),
                ("tagline", models.CharField(blank=True, default="", max_length=200, verbose_name="tagline")),
                ("description", models.TextField(blank=True, default="", verbose_name="description")),
                ("contact", models.CharField(blank=True, default="", max_length=255, verbose_name="public contact")),
                (
                    "technical_director",
                    models.CharField(blank=True, default="", max_length=150, verbose_name="technical director"),
                ),
                (
                    "technical_director_registry",
                    models.CharField(blank=True, default="", max_length=100, verbose_name="director's registry"),
                ),
                (
                    "own_declaration_allowed",
                    models.BooleanField(default=False, verbose_name="editors may declare their own non-medical texts"),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "organization",
                "verbose_name_plural": "organizations",
                "db_table": "tenants",
            },
        ),
        migrations.CreateModel(
            name="Domain",
            fields=[
                ("is_primary", models.BooleanField(db_index=True, default=True)),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("domain", models.CharField(max_length=253, unique=True, verbose_name="domain")),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="domains", to="accounts.tenant"
                    ),
                ),
            ],
            options={
                "verbose_name": "domain",
                "verbose_name_plural": "domains",
                "db_table": "domains",
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=255, verbose_name="e-mail")),
                ("password", models.CharField(db_column="password_hash", max_length=255, verbose_name="password")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("subscriber", "Subscriber"),
                            ("contributor", "Contributor"),
                            ("author", "Author"),
                            ("editor", "Editor"),
                            ("medical_reviewer", "Medical reviewer"),
                            ("compliance_officer", "Compliance officer"),
                            ("administrator", "Administrator"),
                            ("dpo", "Data protection officer"),
                            ("platform_admin", "Platform administrator"),
                        ],
                        db_default="subscriber",
                        default="subscriber",
                        max_length=50,
                        verbose_name="role",
                    ),
                ),
                (
                    "mfa_enabled",
                    models.BooleanField(db_default=False, default=False, null=True, verbose_name="second factor"),
                ),
                (
                    "professional_registry",
                    models.CharField(blank=True, max_length=100, null=True, verbose_name="professional registry"),
                ),
                (
                    "professional_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("medico", "Physician"),
                            ("psicologo", "Psychologist"),
                            ("enfermeiro", "Nurse"),
                            ("dentista", "Dentist"),
                            ("farmaceutico", "Pharmacist"),
                            ("nutricionista", "Nutritionist"),
                            ("fisioterapeuta", "Physiotherapist"),
                            ("outro", "Other"),
                        ],
                        max_length=50,
                        null=True,
                        verbose_name="profession",
                    ),
                ),
                ("speciality", models.CharField(blank=True, max_length=100, null=True, verbose_name="speciality")),
                ("validated_at", models.DateTimeField(blank=True, null=True, verbose_name="registry validated at")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                ("deleted_by", models.UUIDField(editable=False, null=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "db_table": "users",
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="UserProfile",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("display_name", models.CharField(max_length=150, verbose_name="display name")),
                ("slug", models.SlugField(db_index=False, max_length=150, verbose_name="slug")),
                ("bio", models.TextField(blank=True, default="", verbose_name="biography")),
                ("language", models.CharField(blank=True, default="", max_length=10, verbose_name="language")),
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
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="profile",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "user_profiles",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="SignInThrottle",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=64)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("locked_until", models.DateTimeField(null=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "sign_in_throttles",
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("key", "tenant"), name="sign_in_throttles_key_tenant_id_index"),
                    models.UniqueConstraint(
                        condition=models.Q(("tenant__isnull", True)),
                        fields=("key",),
                        name="sign_in_throttles_platform_key_index",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "sessions",
                "base_manager_name": "objects",
                "indexes": [
                    accounts.tenancy.models.Index(fields=["tenant", "user"], name="idx_sessions_tenant_user"),
                    accounts.tenancy.models.Index(fields=["expire_date"], name="idx_sessions_expire_date"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("code_hash", models.CharField(max_length=255)),
                ("used_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recovery_codes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
            ],
            options={
                "db_table": "recovery_codes",
                "base_manager_name": "objects",
                "indexes": [accounts.tenancy.models.Index(fields=["user"], name="idx_recovery_codes_user_id")],
            },
        ),
        migrations.AddIndex(
            model_name="user",
            index=accounts.tenancy.models.Index(fields=["tenant"], name="idx_users_tenant_id"),
        ),
        migrations.AddIndex(
            model_name="user",
            index=accounts.tenancy.models.Index(
                fields=["professional_registry"], name="idx_users_professional_registry"
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=accounts.tenancy.models.Index(fields=["role"], name="idx_users_role"),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(fields=("email", "tenant"), name="idx_users_email"),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                condition=models.Q(("tenant__isnull", True)), fields=("email",), name="idx_users_platform_email"
            ),
        ),
        migrations.AddIndex(
            model_name="userprofile",
            index=accounts.tenancy.models.Index(fields=["tenant"], name="idx_user_profiles_tenant_id"),
        ),
        migrations.AddConstraint(
            model_name="userprofile",
            constraint=models.UniqueConstraint(fields=("slug", "tenant"), name="user_profiles_slug_tenant_id_index"),
        ),
    ]
