"""Changes to tenants and accounts. Everybody who changes one calls these: admin, profile, commands, demo.

Two rules hold in all of them: nobody changes their own role, validation or existence, and at least one active
administrator stays. Row changes are in the audit trail by trigger; decisions are recorded here with what they mean.
"""

import uuid
from typing import Any, NoReturn

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlsafe_base64_encode
from django.utils.text import slugify

from accounts import queries, second_factor
from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.models import Domain, Session, Tenant, TenantSettings, User, UserProfile
from accounts.tenancy import context as tenancy
from accounts.tenancy.hosts import forget_hosts
from accounts.tenancy.owner import as_owner
from accounts.validators import (
    REGISTRY_EXAMPLES,
    council_registry,
    is_host_name,
    is_slug,
    normalized_registry,
    speciality_registry,
)
from compliance import audit
from compliance.analyzers.packs import MAX_EXTRA_WORDS, word_lists
from compliance.enums import AuditOperation
from compliance.policy import has_capability

UNCHANGED: Any = object()
SETTINGS_REGISTRIES = {
    "establishment_registry": council_registry,
    "director_registry": council_registry,
    "director_rqe": speciality_registry,
}
# A word of one or two letters would flag every text; the engine cuts words off far beyond this length.
SHORTEST_WORD, LONGEST_WORD = 3, 80


# --- Tenants ---------------------------------------------------------------------------------------------------------


def create_tenant(*, name: str, slug: str, domain: str, actor: Any, **details: Any) -> Tenant:
    """Make a tenant and its host name. Runs as the owning role: the web role cannot create tenants.

    Reconnects to the database, so it cannot run inside a transaction. `details` are further fields of Tenant.
    """
    name, slug, domain = name.strip(), slug.strip().lower(), domain.strip().lower().rstrip(".")
    _check_tenant(name, slug, domain)
    tenant = Tenant(name=name, slug=slug, **details)
    with as_owner(), tenancy.tenant_context(tenant, actor=actor, atomic=True):
        if Tenant.objects.filter(slug=slug).exists():
            raise AccountRefused("slug_taken", slug=slug)
        if Domain.objects.filter(domain=domain).exists():
            raise AccountRefused("domain_taken", domain=domain)
        tenant.save(force_insert=True)
        Domain(domain=domain, tenant=tenant).save(force_insert=True)
    forget_hosts()
    return tenant


def _check_tenant(name: str, slug: str, domain: str) -> None:
    if not name:
        raise AccountRefused("name")
    if not is_slug(slug):
        raise AccountRefused("slug", slug=slug)
    if not is_host_name(domain):
        raise AccountRefused("domain", domain=domain)
    if domain == settings.PLATFORM_HOST:
        raise AccountRefused("platform_host", domain=domain)


# --- Accounts --------------------------------------------------------------------------------------------------------


@transaction.atomic
def create_user(
    *,
    email: str,
    role: str,
    display_name: str,
    actor: Any,
    password: str | None = None,
    professional_type: str | None = None,
    professional_registry: str | None = None,
    speciality: str | None = None,
    **profile: str,
) -> User:
    """Make an account in the active scope. Without a password it waits for `password_link()`.

    `profile` may hold slug, bio and language. On the platform only platform administrators exist, without a profile.
    """
    _require(actor, "users.manage")
    tenant_id = tenancy.current().tenant_id
    email = _checked_email(email)
    _check_role(role, on_platform=tenant_id is None)
    if not display_name.strip():
        raise AccountRefused("name")
    user = User(email=email, role=role, tenant_id=tenant_id, speciality=speciality or None)
    user.professional_type, user.professional_registry = _checked_registry(professional_type, professional_registry)
    _set_password(user, password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise AccountRefused("email_taken", email=email) from error
    if tenant_id is not None:
        _create_profile(user, display_name.strip(), **profile)
    return user


@transaction.atomic
def update_user(
    user: User,
    *,
    actor: Any,
    email: str = UNCHANGED,
    display_name: str = UNCHANGED,
    professional_type: str | None = UNCHANGED,
    professional_registry: str | None = UNCHANGED,
    speciality: str | None = UNCHANGED,
) -> User:
    """Correct an account's data. A changed registry or profession has to be validated again."""
    _require(actor, "users.manage")
    user = _fresh(user)
    if email is not UNCHANGED and (email := _checked_email(email, besides=user)) != user.email:
        user.email = email
    if speciality is not UNCHANGED:
        user.speciality = speciality or None
    if professional_type is not UNCHANGED or professional_registry is not UNCHANGED:
        before = (user.professional_type, user.professional_registry)
        after = _checked_registry(
            user.professional_type if professional_type is UNCHANGED else professional_type,
            user.professional_registry if professional_registry is UNCHANGED else professional_registry,
            besides=user,
        )
        if before != after:
            user.professional_type, user.professional_registry = after
            user.validated_at = None
    user.save()
    if display_name is not UNCHANGED:
        update_profile(user, actor=actor, display_name=display_name)
    return user


@transaction.atomic
def update_profile(user: User, *, actor: Any, **fields: str) -> None:
    """Change display name, biography or language: one's own, or as an administrator."""
    if _id(actor) != user.pk:
        _require(actor, "users.manage")
    if not fields.get("display_name", "x").strip():
        raise AccountRefused("name")
    profile = UserProfile.objects.filter(user_id=user.pk).first()
    if profile is None:
        _create_profile(user, fields.pop("display_name", user.email.partition("@")[0]), **fields)
        return
    changed = {name: value.strip() for name, value in fields.items() if getattr(profile, name) != value.strip()}
    for name, value in changed.items():
        setattr(profile, name, value)
    if changed:
        profile.save(update_fields=list(changed))


@transaction.atomic
def change_role(user: User, role: str, *, actor: Any) -> User:
    """Give another role. Ends the person's sessions, so that the new role's second factor is asked for."""
    _require(actor, "users.manage")
    _refuse_own(user, actor)
    user = _fresh(user)
    _check_role(role, on_platform=user.tenant_id is None)
    if role == user.role:
        return user
    _keep_an_administrator(user)
    before, user.role = user.role, role
    user.save(update_fields=["role", "updated_at"])
    end_sessions(user)
    _record(user, "change_role", {"from": before, "to": role})
    return user


@transaction.atomic
def validate_registry(user: User, *, actor: Any, source: str, evidence: str) -> User:
    """A human act (domain rules 4.4): somebody else looked the registry up; where and what is kept in the trail."""
    _require(actor, "registry.validate")
    _refuse_own(user, actor)
    user = _fresh(user)
    if not user.professional_registry:
        raise AccountRefused("registry_missing")
    if len(source.strip()) < 3 or len(evidence.strip()) < 10:
        raise AccountRefused("validation_evidence")
    user.validated_at = timezone.now()
    user.save(update_fields=["validated_at", "updated_at"])
    details = {
        "registry": user.professional_registry,
        "source": source.strip()[:200],
        "evidence": evidence.strip()[:200],
    }
    _record(user, "validate_registry", details)
    return user


@transaction.atomic
def revoke_validation(user: User, *, actor: Any) -> User:
    """The registry no longer counts: the person signs nothing more as a professional."""
    _require(actor, "registry.validate")
    _refuse_own(user, actor)
    user = _fresh(user)
    user.validated_at = None
    user.save(update_fields=["validated_at", "updated_at"])
    _record(user, "revoke_validation", {"registry": user.professional_registry})
    return user


@transaction.atomic
def soft_delete_user(user: User, *, actor: Any) -> None:
    """Close an account. Texts and trail keep pointing at it; the e-mail becomes free, the sessions end."""
    _require(actor, "users.manage")
    _refuse_own(user, actor)
    user = _fresh(user)
    _keep_an_administrator(user)
    second_factor.remove(user)
    user.email = f"deleted-{user.pk.hex}@deleted.invalid"
    user.set_unusable_password()
    user.mfa_enabled = False
    user.validated_at = None
    user.deleted_at, user.deleted_by = timezone.now(), _id(actor)
    user.save()
    end_sessions(user)


@transaction.atomic
def reset_second_factor(user: User, *, actor: Any) -> None:
    """The phone is lost, the recovery codes too: the next sign-in enrols anew. Not for oneself."""
    _require(actor, "users.manage")
    _refuse_own(user, actor)
    user = _fresh(user)
    second_factor.remove(user)
    user.mfa_enabled = False
    user.save(update_fields=["mfa_enabled", "updated_at"])
    end_sessions(user)
    _record(user, "reset_second_factor", {})


# --- Passwords and sessions ------------------------------------------------------------------------------------------


@transaction.atomic
def set_password(user: User, new: str, *, keep_session: str | None = None) -> None:
    """Store a password that the person chose, by link or in the profile. Every session ends but `keep_session`."""
    _set_password(user, new)
    user.save(update_fields=["password", "updated_at"])
    end_sessions(user, keep=keep_session)


def password_link(user: User) -> str:
    """Path of the page where the person sets a password: once, within PASSWORD_RESET_TIMEOUT, at this tenant."""
    uid = urlsafe_base64_encode(user.pk.bytes)
    return reverse("accounts:set_password", args=[uid, default_token_generator.make_token(user)])


def end_sessions(user: User, *, keep: str | None = None) -> int:
    """Sign the person out everywhere, but for the session `keep`."""
    sessions = Session.objects.filter(user_id=user.pk)
    if keep:
        sessions = sessions.exclude(session_key=keep)
    return sessions.delete()[0]


# --- Checks ----------------------------------------------------------------------------------------------------------


def _id(actor: Any) -> uuid.UUID | None:
    return getattr(actor, "pk", actor)


def _require(actor: Any, capability: str) -> None:
    """Commands act as the system user; everybody else needs the capability."""
    if _id(actor) != tenancy.SYSTEM_UUID and not has_capability(actor, capability):
        raise AccountRefused("forbidden")


def _refuse_own(user: User, actor: Any) -> None:
    if _id(actor) == user.pk:
        raise AccountRefused("own_account")


def _fresh(user: User) -> User:
    """The row as it is now, held until the end. Administrators are locked too, all in id order: two of them must not
    remove each other at the same moment."""
    rows = User.objects.select_for_update().filter(deleted_at=None).order_by("pk")
    row = next((row for row in rows.filter(Q(pk=user.pk) | Q(role=Role.ADMINISTRATOR)) if row.pk == user.pk), None)
    if row is None:
        raise AccountRefused("deleted")
    return row


def _keep_an_administrator(user: User) -> None:
    """After `_fresh()`, so that what is counted here stands still."""
    if user.role == Role.ADMINISTRATOR and not queries.active_administrators().exclude(pk=user.pk).exists():
        raise AccountRefused("last_administrator")


def _check_role(role: str, *, on_platform: bool) -> None:
    if role not in Role.values or (role == Role.PLATFORM_ADMIN) != on_platform:
        raise AccountRefused("role_unknown", role=role)


def _checked_email(email: str, *, besides: User | None = None) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise AccountRefused("email", email=email) from error
    if User.objects.filter(email=email).exclude(pk=besides.pk if besides else None).exists():
        raise AccountRefused("email_taken", email=email)
    return email


def _checked_registry(
    profession: str | None, registry: str | None, *, besides: User | None = None
) -> tuple[str | None, str | None]:
    """Profession and registry in its normal form, unique within the tenant."""
    profession, registry = profession or None, (registry or "").strip()
    if not registry:
        return profession, None
    if profession is None:
        raise AccountRefused("registry_profession")
    normal = normalized_registry(profession, registry)
    if normal is None:
        raise AccountRefused("registry", registry=registry[:60], example=REGISTRY_EXAMPLES.get(profession, "123456"))
    is_new = besides is None or besides.professional_registry != normal
    if is_new and User.objects.filter(professional_registry=normal, deleted_at=None).exists():
        raise AccountRefused("registry_taken", registry=normal)
    return profession, normal


def _set_password(user: User, password: str | None) -> None:
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise AccountRefused("password", reasons=" ".join(error.messages)) from error
    user.set_password(password)


def _create_profile(user: User, display_name: str, *, slug: str = "", bio: str = "", language: str = "") -> None:
    base = slugify(slug or display_name)[:140] or user.pk.hex[:8]
    slug, number = base, 1
    while UserProfile.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    profile = UserProfile(user=user, display_name=display_name, slug=slug, bio=bio, language=language)
    try:
        with transaction.atomic():
            profile.save(force_insert=True)
    except IntegrityError:  # somebody of that name was added at the same moment
        profile.slug = f"{base[:130]}-{user.pk.hex[:8]}"
        profile.save(force_insert=True)


def _record(user: User, act: str, details: dict[str, Any]) -> None:
    audit.record(AuditOperation.DECISION, resource_type="user", resource_id=user.pk, metadata={"act": act, **details})


# --- Settings of an organization -------------------------------------------------------------------------------------


@transaction.atomic
def save_settings(*, actor: Any, own_declaration_allowed: bool = UNCHANGED, **values: Any) -> TenantSettings:
    """Change what the active tenant decides for itself; `values` are fields of TenantSettings.

    The tenant's row is locked: two first saves at once would make two rows. Its version rises, so that menus in
    caches are read anew.
    """
    if _id(actor) != tenancy.SYSTEM_UUID and not has_capability(actor, "settings.manage"):
        raise AccountRefused("settings")
    tenant = Tenant.objects.select_for_update().get(pk=tenancy.current_tenant_id())
    row = queries.tenant_settings()
    for name, value in _checked_settings(values).items():
        setattr(row, name, value)
    if row.director_registry and not row.director_name:
        raise AccountRefused("director_name")
    row.save(force_insert=row._state.adding)
    tenant.technical_director = row.director_name
    tenant.technical_director_registry = ", ".join(filter(None, (row.director_registry, row.director_rqe)))
    if own_declaration_allowed is not UNCHANGED:
        tenant.own_declaration_allowed = own_declaration_allowed
    tenant.version += 1
    tenant.save(
        update_fields=["technical_director", "technical_director_registry", "own_declaration_allowed", "version"]
    )
    transaction.on_commit(forget_hosts)
    return row


def _checked_settings(values: dict[str, Any]) -> dict[str, Any]:
    """The values in their one spelling; AccountRefused names the first that is none."""
    checked = dict(values)
    for name, normal_form in SETTINGS_REGISTRIES.items():
        text = str(values.get(name, "")).strip()
        if text:
            checked[name] = normal_form(text) or _refuse_setting(name, text)
    if "director_name" in values:
        checked["director_name"] = " ".join(values["director_name"].split())
    if not 1 <= values.get("review_months", 1) <= 120:
        raise AccountRefused("review_months")
    if "extra_words" in values:
        checked["extra_words"] = {name: _checked_words(name, words) for name, words in values["extra_words"].items()}
    return checked


def _refuse_setting(code: str, value: Any, **params: Any) -> NoReturn:
    raise AccountRefused(code, value=value, **params)


def _checked_words(name: str, words: list[str]) -> list[str]:
    """Own words of one list, each once. A list that cannot be extended is a mistake of the caller."""
    if name not in word_lists():
        raise ValueError(f"No word list {name!r} can be extended.")
    unique = list(dict.fromkeys(words))
    if len(unique) > MAX_EXTRA_WORDS:
        _refuse_setting("extra_words_many", MAX_EXTRA_WORDS, list=name)
    for word in unique:
        if sum(char.isalpha() for char in word) < SHORTEST_WORD or len(word) > LONGEST_WORD:
            _refuse_setting("extra_words", word[:LONGEST_WORD], list=name)
    return unique
