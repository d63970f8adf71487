"""The list of people who may read a restricted or PHI text."""

from __future__ import annotations

import uuid

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from compliance.errors import Refused
from compliance.policy import has_capability
from content.enums import ComplianceLevel
from content.models import Post
from content.services import grants
from content.views.fetch import deny, tenant_only


class ReaderForm(forms.Form):
    """Whom to name."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail of a person of this organization"), max_length=255, required=True
    )


@require_http_methods(["GET", "HEAD", "POST"])
def readers(request: HttpRequest, post_id: uuid.UUID) -> HttpResponse:
    """Show, add, remove. Shows title and names, never the text: naming readers gives no right to read."""
    tenant_only(request)
    post = Post.objects.filter(pk=post_id).first()
    if post is None:
        raise Http404
    if not has_capability(request.user, "post.grant"):
        deny(request, post, "grant")
    form = ReaderForm(request.POST if "email" in request.POST else None)
    if request.method == "POST" and _change(request, post, form):
        return redirect(request.path)
    context = {
        **admin.site.each_context(request),
        "title": _("Readers"),
        "post": post,
        "name": _("Text with patient data (title hidden)") if post.compliance_level == "phi" else str(post),
        "form": form,
        "readers": grants.readers(post),
        "closed": post.compliance_level in (ComplianceLevel.RESTRICTED, ComplianceLevel.PHI),
    }
    response = render(request, "admin/review/readers.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _change(request: HttpRequest, post: Post, form: ReaderForm) -> bool:
    """Do what the form asks; False leaves the page as it is, with the message beside the field."""
    try:
        if "remove" in request.POST:
            person = next((user for user in grants.readers(post) if str(user.pk) == request.POST["remove"]), None)
            if person is None:
                raise Http404
            grants.forget_reader(post, user=person, actor=request.user)
            messages.success(request, _("%(name)s can no longer read the text.") % {"name": person.display_name})
            return True
        if not form.is_valid():
            return False
        person = grants.name_reader(post, email=form.cleaned_data["email"], actor=request.user)
    except Refused as refused:
        form.add_error("email", str(refused))
        return False
    messages.success(request, _("%(name)s may now read the text.") % {"name": person.display_name})
    return True
