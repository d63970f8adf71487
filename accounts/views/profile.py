"""One's own account: name and language, password, second factor, open sessions."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import queries, second_factor, services
from accounts import sign_in as steps
from accounts.decorators import signed_in_required
from accounts.errors import AccountRefused
from accounts.forms import ChangePasswordForm, CurrentPasswordForm, ProfileForm
from accounts.languages import remember_language
from accounts.models import Session, UserProfile


@never_cache
@signed_in_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """The page, and saving name, biography and language."""
    form = _profile_form(request)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            services.update_profile(request.user, actor=request.user, **form.cleaned_data)
        except AccountRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Your profile is saved."))
            return remember_language(redirect("accounts:profile"), form.cleaned_data["language"])
    return _page(request, profile_form=form)


def _profile_form(request: HttpRequest) -> ProfileForm | None:
    """None on the platform, whose administrators have no public profile."""
    if request.site.is_platform:
        return None
    instance = UserProfile.objects.filter(user_id=request.user.pk).first()
    language = (instance and instance.language) or settings.LANGUAGE_CODE
    return ProfileForm(
        request.POST if request.method == "POST" else None, instance=instance, initial={"language": language}
    )


def _page(request: HttpRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    context = {
        "profile_form": forms.get("profile_form") or _unbound_profile_form(request),
        "password_form": forms.get("password_form") or ChangePasswordForm(),
        "codes_form": forms.get("codes_form") or CurrentPasswordForm(prefix="codes"),
        "device_form": forms.get("device_form") or CurrentPasswordForm(prefix="device"),
        "has_device": second_factor.device_of(request.user) is not None,
        "recovery_codes_left": second_factor.unused_recovery_codes(request.user),
        "sessions": [_described(session, request) for session in queries.sessions_of(request.user)],
    }
    return render(request, "accounts/profile.html", context, status=status)


def _unbound_profile_form(request: HttpRequest) -> ProfileForm | None:
    if request.site.is_platform:
        return None
    instance = UserProfile.objects.filter(user_id=request.user.pk).first()
    return ProfileForm(
        instance=instance, initial={"language": (instance and instance.language) or settings.LANGUAGE_CODE}
    )


# --- Password and second factor --------------------------------------------------------------------------------------


@never_cache
@signed_in_required
@sensitive_post_parameters()
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """The old password first; this session goes on, all others end."""
    form = ChangePasswordForm(request.POST)
    if _password_confirmed(request, form):
        try:
            services.set_password(
                request.user, form.cleaned_data["new_password"], keep_session=request.session.session_key
            )
        except AccountRefused as refusal:
            form.add_error("new_password", str(refusal))
        else:
            update_session_auth_hash(request, request.user)
            messages.success(request, _("Your password is changed, and your other sessions have ended."))
            return redirect("accounts:profile")
    return _page(request, password_form=form)


@never_cache
@signed_in_required
@sensitive_post_parameters()
@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes, shown once; the old ones stop working."""
    form = CurrentPasswordForm(request.POST, prefix="codes")
    if not _password_confirmed(request, form):
        return _page(request, codes_form=form)
    if second_factor.device_of(request.user) is None:
        return redirect("accounts:enrol")
    codes = second_factor.make_recovery_codes(request.user)
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "next": ""})


@never_cache
@signed_in_required
@sensitive_post_parameters()
@require_POST
def new_device(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator, or replace the one in use; it counts until the new one has been confirmed."""
    form = CurrentPasswordForm(request.POST, prefix="device")
    if not _password_confirmed(request, form):
        return _page(request, device_form=form)
    request.session[steps.ENROLMENT_KEY] = second_factor.new_key()
    return redirect("accounts:enrol")


def _password_confirmed(request: HttpRequest, form: CurrentPasswordForm) -> bool:
    """Counted like a failed sign-in: somebody at an open screen must not guess in peace."""
    if not form.is_valid():
        return False
    result = second_factor.confirm_password(request.user, form.cleaned_data["current_password"])
    if not result.ok:
        form.add_error("current_password", result.message)
    return result.ok


# --- Sessions --------------------------------------------------------------------------------------------------------


@never_cache
@signed_in_required
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """End one other session, or all others. The pages name a session by a keyed hash, never by its key."""
    wanted = request.POST.get("session", "")
    if wanted == "others":
        count = services.end_sessions(request.user, keep=request.session.session_key)
    else:
        others = queries.sessions_of(request.user).exclude(session_key=request.session.session_key)
        chosen = [session for session in others if _handle(session) == wanted]
        count = sum(session.delete()[0] for session in chosen)
    messages.success(request, _("Sessions ended: %(count)d.") % {"count": count})
    return redirect("accounts:profile")


def _handle(session: Session) -> str:
    return salted_hmac("accounts.session", session.session_key, algorithm="sha256").hexdigest()[:32]


def _described(session: Session, request: HttpRequest) -> dict[str, Any]:
    """What the list shows of a session."""
    agent = session.get_decoded().get(steps.AGENT, "")
    return {
        "handle": _handle(session),
        "created_at": session.created_at,
        "expires_at": session.expire_date,
        "is_current": session.session_key == request.session.session_key,
        "browser": browser_name(agent),
    }


def browser_name(agent: str) -> str:
    """“Firefox, Linux” from a User-Agent header; enough to recognise one's own devices."""
    browsers = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]
    systems = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]
    browser = next((name for mark, name in browsers if mark in agent), "")
    system = next((name for mark, name in systems if mark in agent), "")
    return ", ".join(part for part in (browser, system) if part) or _("Unknown browser")
