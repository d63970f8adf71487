"""What an organization decides for itself, on one screen for its administrators."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import queries, services
from accounts.errors import AccountRefused
from accounts.forms import SettingsForm
from accounts.models import Tenant
from compliance.enums import JobStatus
from compliance.models import JobRun
from compliance.policy import has_capability

MOST_JOBS = 100
GROUPS = (
    ("establishment_registry", "director_name", "director_registry", "director_rqe"),
    ("review_months", "show_review_due", "contact_email"),
    ("unpublish_on_retraction", "online_lookup", "own_declaration_allowed"),
)


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Show and save. Texts that are in review keep what they were checked with until they are checked again."""
    _need(request)
    tenant = Tenant.objects.get(pk=request.site.tenant_id)
    form = SettingsForm(
        request.POST if request.method == "POST" else None,
        instance=queries.tenant_settings(),
        initial={"own_declaration_allowed": tenant.own_declaration_allowed},
    )
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        messages.success(request, _("The settings are saved."))
        return redirect("admin:tenant_settings")
    context = {
        **admin.site.each_context(request),
        "title": _("Settings"),
        "form": form,
        "groups": [[form[name] for name in group] for group in GROUPS],
    }
    return render(request, "admin/settings.html", context, status=422 if form.is_bound else 200)


@require_safe
def background_jobs(request: HttpRequest) -> HttpResponse:
    """The newest jobs of this organization; those that gave up come first, as they wait for a person."""
    _need(request)
    gave_up_first = Case(When(status=JobStatus.DEAD, then=0), default=1)
    context = {
        **admin.site.each_context(request),
        "title": _("Background jobs"),
        "jobs": JobRun.objects.order_by(gave_up_first, "-created_at", "id")[:MOST_JOBS],
    }
    return render(request, "admin/jobs.html", context)


def _need(request: HttpRequest) -> None:
    """404 on the platform, which has no settings of a tenant; 403 for who may not."""
    if request.site.is_platform:
        raise Http404
    if not has_capability(request.user, "settings.manage"):
        raise PermissionDenied


def _saved(request: HttpRequest, form: SettingsForm) -> bool:
    """False when the service refuses; its message then stands beside the field."""
    values = {name: form.cleaned_data[name] for group in GROUPS for name in group}
    try:
        services.save_settings(actor=request.user, extra_words=form.extra_words(), **values)
    except AccountRefused as refused:
        name = f"words_{refused.params['list']}" if "list" in refused.params else refused.code
        form.add_error(name if name in form.fields else None, str(refused))
        return False
    return True
