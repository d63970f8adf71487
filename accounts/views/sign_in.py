"""Signing in and out: e-mail and password, then the second factor, or its enrolment where the role needs one."""

from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode, urlsafe_base64_decode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import second_factor as factor
from accounts import services, throttle
from accounts import sign_in as steps
from accounts.backends import EmailBackend
from accounts.errors import AccountRefused
from accounts.forms import CodeForm, NewPasswordForm, SignInForm
from accounts.languages import remember_language
from accounts.models import User
from accounts.tenancy.context import set_actor

WRONG = "wrong"


# --- Where to go -----------------------------------------------------------------------------------------------------


def safe_next(request: HttpRequest) -> str:
    """The address asked for after sign-in, if it is on this host; else nothing."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    here = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if here else ""


def landing(request: HttpRequest, user: User) -> str:
    """Where somebody goes who asked for nothing in particular."""
    if request.site.is_platform:
        return reverse("accounts:platform")
    return reverse("admin:index") if user.is_staff else "/"


def _step(request: HttpRequest, name: str) -> HttpResponseRedirect:
    """On to another page of the sign-in, `next` kept."""
    wanted = safe_next(request)
    return HttpResponseRedirect(reverse(name) + (f"?{urlencode({'next': wanted})}" if wanted else ""))


def _signed_in(request: HttpRequest) -> bool:
    user = request.user
    return user.is_authenticated and (user.is_verified() or not user.needs_second_factor)


# --- First step ------------------------------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """E-mail and password. One answer for everything that is wrong, so that it tells nobody who has an account."""
    if request.method != "POST" and _signed_in(request):
        return _already_signed_in(request)
    form = SignInForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form)
    email, address = form.cleaned_data["email"], throttle.client_address(request)
    if until := throttle.locked_until(email, address):
        return _locked(request, form, email, until)
    user = authenticate(request, username=email, password=form.cleaned_data["password"])
    if until := throttle.settle(email, address, failed=user is None):
        return _locked(request, form, email, until)
    if user is None:
        steps.record_failure(email, WRONG)
        form.add_error(None, _("The e-mail or the password is not right. Check both and try again."))
        return _page(request, form)
    if not user.needs_second_factor:
        steps.complete(request, user)
        return _welcome(request, user)
    steps.begin(request, user)
    return _step(request, "accounts:second_factor" if factor.device_of(user) else "accounts:enrol")


def _welcome(request: HttpRequest, user: User) -> HttpResponse:
    """Signed in: on to where the person wanted to go, in the language of the profile."""
    response = HttpResponseRedirect(safe_next(request) or landing(request, user))
    profile = getattr(user, "profile", None)
    return remember_language(response, profile.language if profile else "")


def _already_signed_in(request: HttpRequest) -> HttpResponse:
    """Straight on; but not back to a page that has just refused this account, or the browser would go in circles."""
    wanted = safe_next(request)
    if wanted.startswith(reverse("admin:index")) and not request.user.is_staff:
        return render(request, "accounts/not_staff.html", status=403)
    return HttpResponseRedirect(wanted or landing(request, request.user))


def _page(request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
    if form.is_bound and form.data.get("email"):  # the e-mail is kept, so the cursor belongs in the password
        form.fields["email"].widget.attrs.pop("autofocus")
        form.fields["password"].widget.attrs["autofocus"] = True
    return render(request, "accounts/sign_in.html", {"form": form, "next": safe_next(request)}, status=status)


def _locked(request: HttpRequest, form: SignInForm, email: str, until: datetime) -> HttpResponse:
    """Refused without looking at the password; the answer is the same for names that do not exist."""
    steps.record_failure(email, "locked")
    form.add_error(None, factor.retry_message(until))
    return _retry_after(_page(request, form, status=429), until)


def _retry_after(response: HttpResponse, until: datetime) -> HttpResponse:
    response["Retry-After"] = str(max(1, int((until - timezone.now()).total_seconds())))
    return response


# --- Second step -----------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """The app's code, or a recovery code. Failures count towards the same lock as wrong passwords."""
    user = steps.half_signed_in(request)
    if user is None:
        return _step(request, "accounts:sign_in")
    if factor.device_of(user) is None:
        return _step(request, "accounts:enrol")
    form = CodeForm(request.POST or None)
    context = {"form": form, "next": safe_next(request), "email": user.email}
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/second_factor.html", context)
    address = throttle.client_address(request)
    until = throttle.locked_until(user.email, address)
    if until is None:
        set_actor(user)  # the password was right, and a recovery code that is used up is a row change
        result = factor.verify(user, form.cleaned_data["code"])
        until = throttle.settle(user.email, address, failed=not result.ok)
    if until:
        steps.record_failure(user.email, "locked")
        form.add_error("code", factor.retry_message(until))
        return _retry_after(render(request, "accounts/second_factor.html", context, status=429), until)
    if not result.ok:
        steps.record_failure(user.email, "code")
        form.add_error("code", result.message)
        return render(request, "accounts/second_factor.html", context)
    steps.complete(request, user, device=result.device, method="recovery_code" if result.used_recovery_code else "app")
    if result.used_recovery_code:
        left = factor.unused_recovery_codes(user)
        messages.warning(request, _("You signed in with a recovery code. %(count)d are left.") % {"count": left})
    return _welcome(request, user)


# --- Enrolment -------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Set the authenticator up: for somebody half signed in whose role needs it, or from the profile.

    The secret waits in the session until a code proves that the app has it.
    """
    half = steps.half_signed_in(request)
    user = half or (request.user if _signed_in(request) else None)
    if user is None:
        return _step(request, "accounts:sign_in")
    # A password alone never replaces a second factor: who has one shows it first, then comes here by `new_device`.
    if factor.device_of(user) and (half or steps.ENROLMENT_KEY not in request.session):
        return _step(request, "accounts:second_factor" if half else "accounts:profile")
    key = request.session.setdefault(steps.ENROLMENT_KEY, factor.new_key())
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        set_actor(user)
        result = factor.enrol(user, key, form.cleaned_data["code"])
        if result.ok:
            codes = factor.make_recovery_codes(user)
            steps.complete(request, user, device=result.device, method="enrolment")
            wanted = safe_next(request) or landing(request, user)
            return render(request, "accounts/recovery_codes.html", {"codes": codes, "next": wanted})
        form.add_error("code", result.message)
    uri = factor.enrolment_uri(user, key, request.site.name)
    context = {
        "form": form,
        "next": safe_next(request),
        "email": user.email,
        "qr_image": factor.qr_image(uri),
        "manual_key": factor.manual_key(key),
    }
    return render(request, "accounts/enrol.html", context)


# --- Setting a password by link, signing out -------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def set_password(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """A link that an administrator or `create_tenant` gave out. Works once, for its own tenant, for three days."""
    user = _user_of_link(uid)
    if user is None or not default_token_generator.check_token(user, token):
        return render(request, "accounts/link_expired.html", status=404)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        set_actor(user)
        try:
            services.set_password(user, form.cleaned_data["new_password"])
        except AccountRefused as refusal:
            form.add_error("new_password", str(refusal))
        else:
            messages.success(request, _("Your password is set. Sign in with it now."))
            return redirect("accounts:sign_in")
    return render(request, "accounts/set_password.html", {"form": form, "email": user.email})


def _user_of_link(uid: str) -> User | None:
    try:
        key = urlsafe_base64_decode(uid)
    except ValueError:
        return None
    return EmailBackend().get_user(key.hex()) if len(key) == 16 else None


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """By POST only, so that no picture or link of another site signs anybody out."""
    steps.end(request)
    return redirect("accounts:sign_in" if request.site.is_platform else settings.LOGOUT_REDIRECT_URL)


@require_safe
def from_wordpress(request: HttpRequest) -> HttpResponse:
    """`/wp-admin/` and `/wp-login.php`: to our own pages."""
    if request.path.startswith("/wp-admin"):
        return redirect("admin:index")
    return redirect("accounts:sign_in")
