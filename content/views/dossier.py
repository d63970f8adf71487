"""The inspection dossier of one article, as PDF and as JSON."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.views.decorators.http import require_safe

from accounts.models import User
from compliance import audit
from compliance.enums import AuditOperation, PolicyDecision
from compliance.policy import Decision, decide, has_capability, trust_score
from content.dossier_pdf import rendered_later
from content.models import Post, PostRevision
from content.queries_review import find_text
from content.rules import is_granted, resource_for
from content.services import dossier
from content.views.fetch import AUDITED_LEVELS, REASONS_KEY, deny, tenant_only


def opens_dossier(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Fetch, check and record: absent or another tenant's 404; without the right 403, recorded.

    Of a closed text its own access rule counts as well, since a dossier quotes titles and claims; patient data asks
    for a reason first, on the review page. The export is recorded before anything leaves.
    """

    @require_safe
    def inner(request: HttpRequest, post_id: uuid.UUID) -> HttpResponse:
        tenant_only(request)
        post = Post.objects.filter(pk=post_id).first()
        if post is None:
            raise Http404
        if not has_capability(request.user, "report.view"):
            deny(request, post, "dossier")
        reason = request.session.get(REASONS_KEY, {}).get(str(post.pk), "")
        if _is_closed(post):
            decision = _decision(request.user, post, reason)
            if decision.outcome == PolicyDecision.STEP_UP:
                return redirect("admin:review_post", post.pk)
            if not decision.allowed:
                deny(request, post, "dossier")
        audit.record(
            AuditOperation.EXPORT,
            resource_type="post",
            resource_id=post.pk,
            metadata={"act": "dossier", "format": view.__name__, **({"reason": reason[:200]} if reason else {})},
            trust_score=trust_score(request.user),
            policy_decision=PolicyDecision.ALLOW,
        )
        response = view(request, post, dossier.build(post, actor=request.user))
        response["Cache-Control"] = "no-store"
        return response

    inner.__name__ = view.__name__
    return inner


def _decision(actor: User, post: Post, reason: str) -> Decision:
    """The access rule of the stricter level: that of a working copy counts beside the live text's."""
    text = find_text(post.pk)
    resource = resource_for(post, granted=is_granted(actor, post), actor=actor, reason=reason)
    return decide(actor, "read", replace(resource, level=text.level if text else None))


def _is_closed(post: Post) -> bool:
    """The stricter of the live text and its working copy."""
    newest = PostRevision.objects.filter(post=post).order_by("-number").values_list("compliance_level", flat=True)[:1]
    return bool({post.compliance_level, *newest} & {None, *AUDITED_LEVELS})


@opens_dossier
def pdf(request: HttpRequest, post: Post, data: dict[str, Any]) -> HttpResponse:
    """The PDF is made while it is sent, after the transaction."""
    body = rendered_later(data, translation.get_language())
    response = StreamingHttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="dossier-{post.pk}.pdf"'
    return response


@opens_dossier
def json(request: HttpRequest, post: Post, data: dict[str, Any]) -> HttpResponse:
    """The same data as a file for machines."""
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="dossier-{post.pk}.json"'
    return response
