"""The admin site: Django's, in the WordPress manner, with a second factor where the role asks for one."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, NoReturn

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.decorators import way_back
from compliance.policy import has_capability
from healthcare_cms.menu import build_menu

OWN_APPS = ("accounts", "compliance", "content", "media_library")


class Quiet:
    """What every model of the admin has in common here: no log of Django's own, no page about what is not there.

    Row changes are written to the audit trail by the database; a second, weaker log would only contradict it, and the
    web role has no right to write it.
    """

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None: ...

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None: ...

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None: ...

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> NoReturn:
        raise Http404

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> NoReturn:
        """404 like everywhere else: absent and another tenant's are the same, and nothing is said about either."""
        raise Http404


def is_own(model: Any) -> bool:
    return model._meta.app_label in OWN_APPS


class HealthcareAdminSite(admin.AdminSite):
    """Sign-in happens at `accounts:sign_in`; who may enter is decided by role and second factor."""

    site_title = _("Healthcare CMS")
    site_header = _("Healthcare CMS")
    index_title = _("Dashboard")
    enable_nav_sidebar = False  # the menu is our own
    index_template = "admin/index.html"

    def register(self, models: Any, admin_class: type | None = None, **options: Any) -> None:
        """Only our own: a package's screens would show groups and second factors that are managed elsewhere."""
        models = [model for model in ([models] if isinstance(models, type) else models) if is_own(model)]
        base = admin_class or admin.ModelAdmin
        super().register(models, type(base.__name__, (Quiet, base), {"__module__": base.__module__}), **options)

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        if not (user.is_authenticated and user.is_staff):
            return False
        return user.is_verified() or not user.needs_second_factor

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Every admin view passes here: visitors sign in first, a missing second factor is enrolled or asked for."""
        guarded = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return self.refusal(request) or guarded(request, *args, **kwargs)

        return update_wrapper(inner, guarded)

    def refusal(self, request: HttpRequest) -> HttpResponse | None:
        """Where to send who may not enter (yet); None for who may. Subscribers get 403."""
        if self.has_permission(request):
            return None
        user = request.user
        if not user.is_authenticated:
            return redirect_to_login(way_back(request), reverse("accounts:sign_in"))
        if not user.is_staff:
            raise PermissionDenied
        return redirect_to_login(way_back(request), reverse("accounts:second_factor"))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one sign-in page for everybody."""
        if self.has_permission(request):
            return redirect("admin:index")
        next_url = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        return redirect_to_login(next_url, reverse("accounts:sign_in"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Django's templates post here; the accounts app does the work and the audit entry. 307 keeps the POST."""
        return redirect("accounts:sign_out", preserve_request=True)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The profile has it, with its audit entry."""
        return redirect("accounts:change_password")

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> HttpResponse:
        """The menu is the index of everything."""
        return redirect("admin:index")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        if context["has_permission"]:
            context["admin_menu"] = build_menu(request)
            context["can_write"] = has_capability(request.user, "post.write_own")
            context["sign_out_url"] = reverse("accounts:sign_out")
        return context

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The dashboard. On the platform there are no texts to count."""
        context: dict[str, Any] = {**self.each_context(request), "title": self.index_title, **(extra_context or {})}
        if not request.site.is_platform:
            from content.admin_queries import dashboard  # app ready

            context["dashboard"] = dashboard(actor=request.user)
        request.current_app = self.name
        return render(request, self.index_template, context)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Our screens first; what they do not answer is Django's."""
        return [
            path("content/", include("content.admin_urls")),
            path("compliance/", include("content.review_urls")),
            path("settings/", include("accounts.admin_urls")),
            # Nothing links to Django's "view on site", and an id of another form than the model's is an error in it.
            *(each for each in super().get_urls() if getattr(each, "name", "") != "view_on_site"),
        ]
