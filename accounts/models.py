"""Tenants, their domains, and the people. Table `users` is the schema document's; names live in `user_profiles`."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from accounts.enums import SECOND_FACTOR_ROLES, STAFF_ROLES, ProfessionalType, Role
from accounts.tenancy.models import Index, ScopeManager, TenantModel


class Tenant(TenantMixin):
    """A clinic, hospital or portal. All tenants share the `public` schema; rows are isolated by policy."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    schema_name = models.CharField(max_length=63, default="public", editable=False)
    name = models.CharField(_("name"), max_length=150)
    slug = models.SlugField(_("slug"), max_length=63, unique=True, db_index=False)
    tagline = models.CharField(_("tagline"), max_length=200, blank=True, default="")
    description = models.TextField(_("description"), blank=True, default="")
    contact = models.CharField(_("public contact"), max_length=255, blank=True, default="")
    technical_director = models.CharField(_("technical director"), max_length=150, blank=True, default="")
    technical_director_registry = models.CharField(_("director's registry"), max_length=100, blank=True, default="")
    # Policy: may an editor declare a non-medical text that the same editor wrote?
    own_declaration_allowed = models.BooleanField(_("editors may declare their own non-medical texts"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)  # cached menus and settings are keyed by it
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "tenants"
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")

    def __str__(self) -> str:
        return self.name

    @property
    def auto_create_schema(self) -> bool:
        """Pooled tenants have no schema of their own."""
        return False

    def _check_schema_name_is_unique(self) -> None:
        """Every pooled tenant is in `public`."""

    def _drop_schema(self, force_drop: bool = False) -> None:
        """Never: django-tenants would drop `public` with everybody's data."""


class Domain(DomainMixin):
    """A host name of a tenant."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.CharField(_("domain"), max_length=253, unique=True, db_index=False)

    class Meta:
        db_table = "domains"
        verbose_name = _("domain")
        verbose_name_plural = _("domains")


class UserManager(ScopeManager, BaseUserManager):
    """People of the active tenant; on the platform, the platform's own."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """E-mails are stored in lower case and compared with `=`, which an index serves under row-level security."""
        return self.get(email=(username or "").strip().lower(), deleted_at=None)

    def create_user(self, *, email: str, password: str | None, role: str, **fields: object) -> "User":
        """Create an account. Callers outside tests use `accounts.services.create_user`."""
        user = self.model(email=email.strip().lower(), role=role, **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """An account. Unique by e-mail within a tenant: a physician may work for two clinics."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail"), max_length=255)
    password = models.CharField(_("password"), max_length=255, db_column="password_hash")
    role = models.CharField(
        _("role"), max_length=50, choices=Role, default=Role.SUBSCRIBER, db_default=Role.SUBSCRIBER.value
    )
    mfa_enabled = models.BooleanField(_("second factor"), null=True, default=False, db_default=False)
    professional_registry = models.CharField(_("professional registry"), max_length=100, null=True, blank=True)
    professional_type = models.CharField(
        _("profession"), max_length=50, choices=ProfessionalType, null=True, blank=True
    )
    speciality = models.CharField(_("speciality"), max_length=100, null=True, blank=True)
    validated_at = models.DateTimeField(_("registry validated at"), null=True, blank=True)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, null=True, db_index=False, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, editable=False)
    deleted_by = models.UUIDField(null=True, editable=False)

    last_login = None
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    objects = UserManager()

    class Meta:
        db_table = "users"
        base_manager_name = "objects"
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(fields=["email", "tenant"], name="idx_users_email"),
            models.UniqueConstraint(
                fields=["email"], condition=models.Q(tenant__isnull=True), name="idx_users_platform_email"
            ),
        ]
        indexes = [
            Index(fields=["tenant"], name="idx_users_tenant_id"),
            Index(fields=["professional_registry"], name="idx_users_professional_registry"),
            Index(fields=["role"], name="idx_users_role"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_active(self) -> bool:
        """Accounts are deleted softly; a deleted one cannot sign in."""
        return self.deleted_at is None

    @property
    def is_staff(self) -> bool:
        """May enter the admin; what is allowed inside is decided by `compliance.policy`."""
        return self.is_active and self.role in STAFF_ROLES

    @property
    def is_superuser(self) -> bool:
        """Nobody is: no account stands above the policy."""
        return False

    @property
    def needs_second_factor(self) -> bool:
        """By role, or because the person switched it on."""
        return bool(self.mfa_enabled) or self.role in SECOND_FACTOR_ROLES

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django's admin asks this; the answer comes from the capability table, never from rows of permissions."""
        from accounts.rules import has_admin_permission  # app ready

        return has_admin_permission(self, perm)

    def has_module_perms(self, app_label: str) -> bool:
        """The admin's menu is our own; any staff account may see the index."""
        return self.is_staff

    @property
    def display_name(self) -> str:
        """The name people read; the part before the @ where no profile exists."""
        profile = getattr(self, "profile", None)
        return profile.display_name if profile else self.email.partition("@")[0]


class UserProfile(TenantModel):
    """What readers may know of a person: name, page address, short biography."""

    user = models.OneToOneField(User, on_delete=models.RESTRICT, related_name="profile")
    display_name = models.CharField(_("display name"), max_length=150)
    slug = models.SlugField(_("slug"), max_length=150, db_index=False)
    bio = models.TextField(_("biography"), blank=True, default="")
    language = models.CharField(_("language"), max_length=10, blank=True, default="")

    class Meta(TenantModel.Meta):
        db_table = "user_profiles"
        constraints = [models.UniqueConstraint(fields=["slug", "tenant"], name="user_profiles_slug_tenant_id_index")]
        indexes = [Index(fields=["tenant"], name="idx_user_profiles_tenant_id")]

    def __str__(self) -> str:
        return self.display_name


class Session(AbstractBaseSession):
    """A browser's session, readable only within its tenant: a cookie of one tenant is anonymous at another."""

    expire_date = models.DateTimeField()
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True, db_index=False, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, db_index=False, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopeManager()

    class Meta:
        db_table = "sessions"
        base_manager_name = "objects"
        indexes = [
            Index(fields=["tenant", "user"], name="idx_sessions_tenant_user"),
            Index(fields=["expire_date"], name="idx_sessions_expire_date"),
        ]

    @classmethod
    def get_session_store_class(cls) -> type:
        from accounts.sessions import SessionStore  # app ready

        return SessionStore


class RecoveryCode(models.Model):
    """One-time code for a lost second factor. Hashed: django-otp's own static tokens are stored in clear."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True, db_index=False, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, related_name="recovery_codes")
    code_hash = models.CharField(max_length=255)
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopeManager()

    class Meta:
        db_table = "recovery_codes"
        base_manager_name = "objects"
        indexes = [Index(fields=["user"], name="idx_recovery_codes_user_id")]

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"


class TenantSettings(TenantModel):
    """What an organization decides for itself: one row, made by the first save. `queries.tenant_settings()` reads it.

    The director's name and registry are also in `tenants`, which public pages read; the service keeps both alike.
    """

    establishment_registry = models.CharField(
        _("registry of the establishment"), max_length=100, blank=True, default=""
    )
    director_name = models.CharField(_("technical director"), max_length=150, blank=True, default="")
    director_registry = models.CharField(_("director's registry"), max_length=60, blank=True, default="")
    director_rqe = models.CharField(_("director's speciality registry (RQE)"), max_length=30, blank=True, default="")
    contact_email = models.EmailField(_("e-mail for reminders"), max_length=254, blank=True, default="")
    review_months = models.PositiveSmallIntegerField(_("months until the next review"), default=24)
    show_review_due = models.BooleanField(_("tell readers when a review is overdue"), default=False)
    unpublish_on_retraction = models.BooleanField(
        _("take a text offline when a reference behind a claim is retracted"), default=False
    )
    online_lookup = models.BooleanField(_("look references up online"), default=False)
    # {name of a word list: [words]}: they are added to the rule packs' own and can only make a check stricter.
    extra_words = models.JSONField(_("own words of the rules"), default=dict, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        db_table = "tenant_settings"
        constraints = [models.UniqueConstraint(fields=["tenant"], name="tenant_settings_tenant_id_index")]

    def __str__(self) -> str:
        return f"settings of {self.tenant_id}"


class SignInThrottle(models.Model):
    """Failed sign-ins per name or address. The key is a keyed hash, so the table names nobody."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True, db_index=False, related_name="+")
    key = models.CharField(max_length=64)
    failures = models.PositiveIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopeManager()

    class Meta:
        db_table = "sign_in_throttles"
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["key", "tenant"], name="sign_in_throttles_key_tenant_id_index"),
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(tenant__isnull=True), name="sign_in_throttles_platform_key_index"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.failures} failures"
