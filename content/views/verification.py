"""The public page that says whether a published text is the signed one."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from content.menu import menu_of
from content.verification import verify_page
from content.views.site import PRIVATE, absolute, on_tenants, page_not_found


@require_safe
@on_tenants
def verification(request: HttpRequest, post_id: uuid.UUID) -> HttpResponse:
    """Computed for each request and kept by nobody: a verdict of yesterday is worth nothing.

    It shows no text of the article beyond its title, so every level that is listed at all has it.
    """
    found = verify_page(post_id)
    if found is None:
        return page_not_found(request)
    context = {
        "found": found,
        "contact": menu_of(request.site).contact,
        "checked_at": timezone.now(),
        "address": absolute(request, request.path),
    }
    response = render(request, "site/verification.html", context)
    response["Cache-Control"] = PRIVATE
    return response
