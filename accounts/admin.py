"""Users in the admin: the list is Django's, adding and changing are screens of our own that call the services.

Who may: administrators everything, compliance officers see the list and validate registries. An account of another
tenant and one that does not exist get the same 404.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import queries, second_factor, services
from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.forms import ConfirmForm, UserForm, ValidationForm
from accounts.models import User
from compliance import audit
from compliance.enums import AuditOperation, PolicyDecision
from compliance.policy import has_capability, is_validated_professional, trust_score

# Where a refusal of the services is shown in the form; the others stand above it.
FIELD_OF = {
    "email": "email",
    "email_taken": "email",
    "name": "display_name",
    "role_unknown": "role",
    "registry": "professional_registry",
    "registry_taken": "professional_registry",
    "registry_missing": "professional_registry",
    "registry_profession": "professional_type",
    "validation_evidence": "evidence",
}
DENIALS = {"forbidden", "own_account", "last_administrator"}


class RoleFilter(admin.SimpleListFilter):
    """The roles that exist in an organization."""

    title = gettext_lazy("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, label) for value, label in Role.choices if value != Role.PLATFORM_ADMIN]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(role=self.value()) if self.value() in Role.values else queryset


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """People of this organization."""

    list_display = (
        "email",
        "name",
        "role",
        "professional_registry",
        "is_validated",
        "has_second_factor",
        "created_at",
    )
    list_filter = (RoleFilter,)
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("email", "profile__display_name", "professional_registry")
    ordering = ("email",)
    list_per_page = 50
    show_full_result_count = False
    actions = None

    @admin.display(description=gettext_lazy("Name"), ordering="profile__display_name")
    def name(self, user: User) -> str:
        return user.display_name

    @admin.display(description=gettext_lazy("Validated"))
    def is_validated(self, user: User) -> str:
        """A dash where there is nothing to validate."""
        if not user.professional_registry:
            return "–"
        return _("Yes") if is_validated_professional(user) else _("No")

    @admin.display(description=gettext_lazy("Second factor"))
    def has_second_factor(self, user: User) -> str:
        return _("Yes") if user.mfa_enabled else "–"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """By role, and by nothing else: Django would let `?password__startswith=` spell a hash out by letters."""
        return lookup == RoleFilter.parameter_name

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Users"), **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return queries.active_users()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are never deleted; `remove` closes an account."""
        return False

    # --- Addresses ---------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """Acts on one account, before Django's own addresses. Each asks first (GET), then acts (POST)."""
        acts = {
            "validate": self.validate_view,
            "revoke": self.revoke_view,
            "password": self.password_view,
            "second-factor": self.second_factor_view,
            "remove": self.remove_view,
        }
        own = [
            path(f"<uuid:pk>/{name}/", self.admin_site.admin_view(view), name=f"accounts_user_{name}")
            for name, view in acts.items()
        ]
        return [*own, *super().get_urls()]

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        raise Http404

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The audit trail is the history."""
        raise Http404

    # --- Adding and changing -----------------------------------------------------------------------------------------

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A new account waits for its password: the administrator hands the link on."""
        _require(request, "users.manage")
        form = UserForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            user = _act(request, form, None, lambda: services.create_user(actor=request.user, **form.cleaned_data))
            if user is not None:
                return self._password_link(request, user)
        return self._form_page(request, form, _("Add user"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Data and role of an account. Who may only validate sees it read-only."""
        _require(request, "registry.validate")
        user = self._fetch(request, object_id)
        initial = {"display_name": user.display_name}
        form = UserForm(request.POST or None, instance=user, initial=initial)
        if not has_capability(request.user, "users.manage"):
            for field in form.fields.values():
                field.disabled = True
            if request.method == "POST":
                raise PermissionDenied
        elif request.method == "POST" and form.is_valid():
            changed = dict(form.cleaned_data)
            role = changed.pop("role")
            fresh = self._fetch(request, object_id)  # validation has written into the form's instance

            @transaction.atomic
            def save() -> User:
                services.update_user(fresh, actor=request.user, **changed)
                return services.change_role(fresh, role, actor=request.user) if role != fresh.role else fresh

            if _act(request, form, fresh, save) is not None:
                messages.success(request, _("The account is saved."))
                return redirect("admin:accounts_user_change", fresh.pk)
            user = fresh
        return self._form_page(request, form, _("Change user"), user=user)

    def _fetch(self, request: HttpRequest, object_id: Any) -> User:
        """The account, or 404, the same for absent, removed, and another tenant's."""
        user = self.get_object(request, str(object_id))
        if user is None:
            raise Http404
        return user

    def _form_page(self, request: HttpRequest, form: UserForm, title: str, user: User | None = None) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "form": form,
            "account": user,
            "is_self": user is not None and user.pk == request.user.pk,
            "is_validated": user is not None and is_validated_professional(user),
            "has_device": user is not None and second_factor.device_of(user) is not None,
            "can_manage": has_capability(request.user, "users.manage"),
        }
        return TemplateResponse(request, "admin/accounts/user/form.html", context)

    # --- Acts on one account -----------------------------------------------------------------------------------------

    def validate_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Somebody looked the registry up: where, and what was found."""

        def validate(user: User, form: forms.Form) -> None:
            services.validate_registry(user, actor=request.user, **form.cleaned_data)

        return self._ask(
            request,
            pk,
            validate,
            capability="registry.validate",
            form_class=ValidationForm,
            title=_("Validate registry"),
            text=_("Look the registry up at the council, then write where you looked and what you found."),
            button=_("Validate"),
            done=_("The registry is validated for twelve months."),
        )

    def revoke_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Take a validation back."""
        return self._ask(
            request,
            pk,
            lambda user, _form: services.revoke_validation(user, actor=request.user),
            capability="registry.validate",
            title=_("Revoke validation"),
            text=_(
                "The person signs no texts as a professional and reads no professional texts until validated again."
            ),
            button=_("Revoke"),
            done=_("The validation is revoked."),
        )

    def second_factor_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The phone is lost."""
        return self._ask(
            request,
            pk,
            lambda user, _form: services.reset_second_factor(user, actor=request.user),
            title=_("Reset second factor"),
            text=_(
                "Make sure that it is really this person who asks. The sessions end; the next sign-in sets up anew."
            ),
            button=_("Reset"),
            done=_("The second factor is reset."),
        )

    def remove_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Close the account."""
        return self._ask(
            request,
            pk,
            lambda user, _form: services.soft_delete_user(user, actor=request.user),
            title=_("Remove user"),
            text=_("The person can no longer sign in. Texts, signatures and the audit trail keep the name."),
            button=_("Remove"),
            done=_("The account is removed."),
            back="admin:accounts_user_changelist",
        )

    def password_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """A link with which the person chooses a password; shown to the administrator, once, never mailed."""
        _require(request, "users.manage")
        user = self._fetch(request, pk)
        if request.method == "POST":
            return self._password_link(request, user)
        return self._confirm_page(
            request,
            user,
            ConfirmForm(),
            title=_("New password link"),
            text=_("Make sure that it is really this person who asks. The old password works until a new one is set."),
            button=_("Make link"),
        )

    def _password_link(self, request: HttpRequest, user: User) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Password link"),
            "account": user,
            "link": request.build_absolute_uri(services.password_link(user)),
        }
        response = TemplateResponse(request, "admin/accounts/user/password_link.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def _ask(
        self,
        request: HttpRequest,
        pk: Any,
        act: Callable[[User, forms.Form], Any],
        *,
        title: str,
        text: str,
        button: str,
        done: str,
        capability: str = "users.manage",
        form_class: type[forms.Form] = ConfirmForm,
        back: str = "",
    ) -> HttpResponse:
        """Ask on GET, act on POST, go back with a message."""
        _require(request, capability)
        user = self._fetch(request, pk)
        form = form_class(request.POST if request.method == "POST" else None)
        if request.method != "POST" or not form.is_valid():
            return self._confirm_page(request, user, form, title=title, text=text, button=button)
        if _act(request, form, user, lambda: act(user, form) or user) is not None:
            messages.success(request, done)
            return redirect(back) if back else redirect("admin:accounts_user_change", user.pk)
        return self._confirm_page(request, user, form, title=title, text=text, button=button)

    def _confirm_page(
        self, request: HttpRequest, user: User, form: forms.Form, *, title: str, text: str, button: str
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "form": form,
            "account": user,
            "text": text,
            "button": button,
        }
        return TemplateResponse(request, "admin/accounts/user/confirm.html", context)


def _require(request: HttpRequest, capability: str) -> None:
    if not has_capability(request.user, capability):
        raise PermissionDenied


def _act(request: HttpRequest, form: forms.Form, user: User | None, act: Callable[[], User]) -> User | None:
    """Do it; a refusal becomes an error of the form, and an attempt to break a rule is recorded."""
    try:
        try:
            return act()
        except IntegrityError:  # somebody took the name since it was checked: the second check finds theirs
            return act()
    except AccountRefused as refusal:
        field = FIELD_OF.get(refusal.code)
        form.add_error(field if field in form.fields else None, str(refusal))
        if refusal.code in DENIALS and user is not None:
            audit.record(
                AuditOperation.DENY,
                resource_type="user",
                resource_id=user.pk,
                metadata={"reason": refusal.code},
                trust_score=trust_score(request.user),
                policy_decision=PolicyDecision.DENY,
            )
        return None
