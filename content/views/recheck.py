"""The re-check of all live texts: start it, see how far it is, and which texts fail today."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from compliance import jobs
from compliance.enums import JobKind
from compliance.errors import Refused
from compliance.policy import has_capability
from content import queries_recheck as queries
from content.services import recheck as service
from content.views.after import PER_PAGE, answer, need, page_links


@require_http_methods(["GET", "HEAD", "POST"])
def recheck(request: HttpRequest) -> HttpResponse:
    """GET shows the state, POST starts a re-check."""
    need(request, "review.recheck" if request.method == "POST" else "report.view", "recheck")
    if request.method == "POST":
        try:
            service.start(actor=request.user)
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("The check of all live texts has been queued."))
        return redirect("admin:compliance_recheck")
    page = Paginator(queries.failing_texts(), PER_PAGE).get_page(request.GET.get("p"))
    run = jobs.newest(JobKind.RECHECK)
    context = {
        "title": _("Check of all live texts"),
        "run": run,
        "current": service.versions(),
        "outdated": run is not None and run.versions != service.versions(),
        "may_start": has_capability(request.user, "review.recheck"),
        "may_open": has_capability(request.user, "review.desk"),
        "rows": queries.as_rows(request.user, list(page.object_list)),
        "page": page,
        "links": page_links(page),
    }
    return answer(request, "recheck", context)
