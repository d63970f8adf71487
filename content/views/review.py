"""The review desk and the review page: read, decide, sign. Every act is a service; the database checks it again."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.second_factor import confirm_identity
from compliance import audit
from compliance.enums import ApprovalAction, AuditOperation, Capacity, PolicyDecision, WorkflowStage
from compliance.errors import Refused
from compliance.policy import Decision, decide, has_capability, trust_score
from content import queries_findings, queries_notes
from content import queries_review as queries
from content.enums import ComplianceLevel, MedicalCategory
from content.marks import Span
from content.models import Category, PostRevision
from content.queries_review import Text
from content.review_checklist import checklist
from content.review_forms import (
    AdvanceForm,
    ClaimForm,
    FilterForm,
    FindingForm,
    ReasonForm,
    SendBackForm,
    SignForm,
    WithdrawForm,
)
from content.review_options import (
    ABOUT_THE_PERSON,
    Option,
    options_for,
    refuse_advance,
    refuse_send_back,
    refuse_sign,
    refuse_withdraw,
    signs_as,
)
from content.rules import can_edit, can_publish, is_granted, resource_for
from content.services import assessment, claims, findings, notes, review
from content.services.revisions import MIRRORED, hash_of, newest_revision
from content.services.signing import is_medical
from content.views import desk_tools
from content.views.fetch import AUDITED_LEVELS, REASONS_KEY, remember_reason

PER_PAGE = 20
LONGEST_REASON = 200  # what the trail keeps of a reason
HASHED = (*MIRRORED, "category_ids", "custom_fields", "scientific_references", "media_ids")

# --- Who may come in -------------------------------------------------------------------------------------------------


def _tenant_only(request: HttpRequest) -> None:
    if request.site.is_platform:
        raise Http404


def _deny(
    request: HttpRequest,
    resource_id: uuid.UUID,
    metadata: dict[str, Any],
    score: int | None = None,
    *,
    resource_type: str = "post",
) -> None:
    """A refused person is written to the trail; the answer must be no server error, or the row is rolled back."""
    audit.record(
        AuditOperation.DENY,
        resource_type=resource_type,
        resource_id=resource_id,
        metadata=metadata,
        trust_score=trust_score(request.user) if score is None else score,
        policy_decision=PolicyDecision.DENY,
    )


def _may_review(request: HttpRequest, text: Text) -> bool:
    """Reviewers, the author, and who may withdraw have business on the review page."""
    own = request.user.pk in (text.post.author_id, text.revision.author_id)
    return own or has_capability(request.user, "review.desk") or has_capability(request.user, "post.withdraw")


def _read_decision(request: HttpRequest, text: Text, reason: str) -> Decision:
    closed = text.level not in (ComplianceLevel.PUBLIC, ComplianceLevel.PROFESSIONAL)
    granted = closed and is_granted(request.user, text.post)
    resource = resource_for(text.post, granted=granted, stage=text.stage, actor=request.user, reason=reason)
    return decide(request.user, "read", replace(resource, level=text.level))


def opens_text(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Fetch and check: `view(request, text)`. Absent or another tenant's: 404. Present, not allowed: 403, recorded.

    A text with patient data asks the compliance officer for a reason first, once per session; reads of restricted and
    patient data are recorded.
    """

    @wraps(view)
    def inner(request: HttpRequest, post_id: uuid.UUID) -> HttpResponse:
        _tenant_only(request)
        text = queries.find_text(post_id)
        if text is None:
            raise Http404
        if not _may_review(request, text):
            _deny(request, post_id, {"act": "review", "route": view.__name__})
            raise PermissionDenied
        reason = request.session.get(REASONS_KEY, {}).get(str(post_id), "")
        decision = _read_decision(request, text, reason)
        if decision.outcome == PolicyDecision.STEP_UP:
            return _ask_reason(request, text)
        if not decision.allowed:
            _deny(request, post_id, {"act": "review", "reasons": decision.reasons}, decision.trust_score)
            raise PermissionDenied
        if request.method in ("GET", "HEAD") and text.level in AUDITED_LEVELS:
            _record_read(text, decision, reason)
        return view(request, text)

    return inner


def _record_read(text: Text, decision: Decision, reason: str) -> None:
    metadata = {"level": text.level, "where": "review", "revision": text.revision.number}
    if reason:
        metadata["reason"] = reason[:LONGEST_REASON]
    audit.record(
        AuditOperation.READ,
        resource_type="post",
        resource_id=text.post.pk,
        metadata=metadata,
        trust_score=decision.trust_score,
        policy_decision=decision.outcome,
    )


def _ask_reason(request: HttpRequest, text: Text) -> HttpResponse:
    """Nothing of the text is shown, its title included: titles can name patients."""
    asked = request.method == "POST" and "reason" in request.POST and request.resolver_match.url_name == "review_post"
    form = ReasonForm(request.POST if asked else None)
    if asked and form.is_valid():
        remember_reason(request, text.post, form.cleaned_data["reason"])
        return redirect("admin:review_post", text.post.pk)
    context = {
        **admin.site.each_context(request),
        "title": _("A reason is needed"),
        "form": form,
        "action": reverse("admin:review_post", args=[text.post.pk]),
        "kept": _written(request),
    }
    return _answer(request, "reason", context, status=422 if asked else 403)


def _answer(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    response = render(request, f"admin/review/{template}.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


# --- The desk --------------------------------------------------------------------------------------------------------


@require_safe
def desk(request: HttpRequest, key: str = "") -> HttpResponse:
    """What waits for whom. `key` names the list where the address does (the menu's "My submissions")."""
    _tenant_only(request)
    actor = request.user
    tabs = queries.tabs_for(actor)
    if not tabs:
        _deny(request, actor.pk, {"act": "desk"}, resource_type="user")
        raise PermissionDenied
    wanted = request.GET.get("tab") or key
    tab = next((each for each in tabs if each.key == wanted), tabs[0])
    counts = queries.desk_counts(actor, tabs)
    form = FilterForm(request.GET, tab=tab.key)
    filters = form.values()
    by_stage = tab.key in ("in_review", "mine")
    rows = queries.desk_rows(queries.filtered(queries.desk_posts(actor, tab.key), filters), by_stage=by_stage)
    paginator = Paginator(rows, PER_PAGE)
    if not filters:
        paginator.count = counts[tab.key]  # counted already
    page = paginator.get_page(request.GET.get("p"))
    context = {
        **admin.site.each_context(request),
        "title": _("Review desk") if has_capability(actor, "review.desk") else _("My submissions"),
        "tabs": [{"tab": each, "count": counts[each.key], "here": each == tab} for each in tabs],
        "tab": tab,
        "form": form,
        "filtered": bool(filters),
        "page": page,
        "rows": queries.with_details(list(page.object_list), actor),
        "by_stage": by_stage,
        "links": _page_links(page, {"tab": tab.key, **filters}),
    }
    return _answer(request, "desk", context)


def _page_links(page: Any, query: dict[str, Any]) -> dict[str, str]:
    links = {}
    if page.has_previous():
        links["previous"] = urlencode({**query, "p": page.previous_page_number()})
    if page.has_next():
        links["next"] = urlencode({**query, "p": page.next_page_number()})
    return links


# --- The review page -------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@opens_text
def post(request: HttpRequest, text: Text) -> HttpResponse:
    """The text on one side; where it stands, its history and the possible acts on the other."""
    if request.method == "POST":  # a reason that is no longer asked for
        return redirect("admin:review_post", text.post.pk)
    return _page(request, text)


def _page(
    request: HttpRequest,
    text: Text,
    *,
    forms_: dict[str, forms.Form] | None = None,
    refusal: Refused | None = None,
    typed: dict[str, Any] | None = None,
) -> HttpResponse:
    """The page, with the forms as they were posted when an act was refused; `typed`: what was posted about one
    finding or claim. What was written stays even where the page has no such form any more."""
    medical = is_medical(text.revision)
    given = forms_ or {}
    slots = queries.slots_of(text, medical=medical)
    found = queries_findings.findings_of(text, request.user)
    works = queries_findings.works_of(text)
    claims_ = queries_findings.claims_of(text, request.user, works, first=len(found.present) + 1)
    _add_forms(request, text, found, typed or {})
    noted = desk_tools.notes_context(request, text, refusal)
    panels = [_panel(request, text, option, given) for option in options_for(request.user, text)]
    form_at = noted["typed_note"].form_at or _form_at(panels, found, claims_, typed or {})
    context = {
        **admin.site.each_context(request),
        **_wording(text, found, claims_, queries_notes.spans_of(noted["threads"], text.revision)),
        **noted,
        **desk_tools.assignment_context(request, text, refused=refusal is not None),
        "form_at": form_at,
        "kept": _written(request) if refusal and not form_at else "",
        "findings": found,
        "claims": claims_,
        "works": works,
        "score": queries_findings.score_of(text),
        "levels": queries_findings.levels(),
        "checklist": checklist(text, slots),
        "stale": queries_findings.why_not_current(text),
        "typed": typed or {},
        "title": text.revision.title or _("(no title)"),
        "text": text,
        "steps": queries.steps_of(text),
        "slots": slots if text.stage in SIGNED_STAGES else [],
        "medical": medical,
        "checks": queries.checks_of(text),
        "events": queries.history_of(text),
        "changes": queries.changes_of(text),
        "sent_back": _last_send_back(text),
        "options": panels,
        "refusal": refusal,
        "faulty": next(iter(given), ""),
        "editor_url": queries.editor_url(text) if can_edit(request.user, text.post) else "",
        "may_publish": _may_publish(request, text),
        "may_grant": text.post.compliance_level in AUDITED_LEVELS and has_capability(request.user, "post.grant"),
        "has_desk": _desk_name(request),
    }
    return _answer(request, "post", context, status=_status(refusal, given or typed))


# The field of each act in which sentences are written.
WRITTEN = {
    "review_advance": "note",
    "review_send_back": "reason",
    "review_note": "text",
    "review_finding": "reason",
    "review_claim": "reason",
    "review_sign": "note",
    "review_withdraw": "reason",
}


def _written(request: HttpRequest) -> str:
    """What was written into the form of the act."""
    return request.POST.get(WRITTEN.get(request.resolver_match.url_name, ""), "").strip()


def _form_at(
    panels: list[dict[str, Any]],
    found: queries_findings.Findings,
    claims_: queries_findings.Claims,
    typed: dict[str, Any],
) -> str:
    """The element that shows the refused form as it was sent; empty where none does, as a colleague was faster."""
    for panel in panels:
        if panel["open"] and panel["form"] is not None:
            return f"act-{panel['option'].name}"
    shown = {row.key for row in found.present if row.choices or row.may_reopen}
    shown |= {row.key for row in claims_.rows if row.may_link and (row.may_decide or not typed.get("reason"))}
    return f"error:{typed['key']}" if typed.get("key") in shown else ""


KEY, NUMBER = "key-of-the-finding", "number-of-the-finding"  # filled in behind the template


def _add_forms(request: HttpRequest, text: Text, found: queries_findings.Findings, typed: dict[str, Any]) -> None:
    """The form of each finding that may be closed. Few kinds of them differ, so each kind is rendered once."""
    shells: dict[tuple, str] = {}
    address = reverse("admin:review_finding", args=[text.post.pk])
    for row in found.present:
        if not row.choices and not row.may_reopen:
            continue
        values = {"choices": row.choices, "may_reopen": row.may_reopen, "is_open": row.is_open, "address": address}
        if typed.get("key") == row.key:
            values |= {"key": row.key, "number": row.number, "typed": typed}
            row.form = render_to_string("admin/review/_finding_form.html", values, request)
            continue
        kind = (tuple(value for value, _label in row.choices), row.may_reopen, row.is_open)
        if kind not in shells:
            values |= {"key": KEY, "number": NUMBER, "typed": None}
            shells[kind] = render_to_string("admin/review/_finding_form.html", values, request)
        filled = shells[kind].replace(KEY, escape(row.key)).replace(NUMBER, str(row.number))
        row.form = mark_safe(filled)  # noqa: S308 - rendered by a template, the key escaped


def _desk_name(request: HttpRequest) -> str:
    """Whose list the page belongs to: 'desk' for reviewers, 'mine' for who submits, nothing for others."""
    if has_capability(request.user, "review.desk"):
        return "desk"
    return "mine" if queries.tabs_for(request.user) else ""


SIGNED_STAGES = (WorkflowStage.FINAL, WorkflowStage.APPROVED)


def _status(refusal: Refused | None, given: dict[str, Any] | None) -> int:
    if refusal is not None:
        return 403 if refusal.code in ABOUT_THE_PERSON else 409
    return 422 if given else 200


def _wording(
    text: Text,
    found: queries_findings.Findings | None = None,
    claims_: queries_findings.Claims | None = None,
    others: dict[str, list[Span]] | None = None,
) -> dict[str, Any]:
    """What stands around the article, as readers will see it."""
    revision = text.revision
    terms = (
        Category.objects.filter(pk__in=revision.category_ids).order_by("level", "name")
        if revision.category_ids
        else []
    )
    return {
        "revision": revision,
        "wording": queries_findings.wording_of(text, found, claims_, others),
        "terms": list(terms),
        "author": text.name(revision.author_id),
        "author_user": text.people.get(str(revision.author_id)),
        "level": ComplianceLevel(revision.compliance_level).label if revision.compliance_level else "",
        "category": MedicalCategory(revision.medical_category).label if revision.medical_category else "",
        "custom_fields": sorted(revision.custom_fields.items()),
    }


def _last_send_back(text: Text) -> dict[str, Any] | None:
    """The newest reason, while the text is at the writer's desk."""
    entries = text.validations.get("sent_back", [])
    if not entries or text.stage != WorkflowStage.DRAFT:
        return None
    return {"reason": entries[-1]["reason"], "name": text.name(entries[-1].get("user_id"))}


def _may_publish(request: HttpRequest, text: Text) -> bool:
    approved = text.stage == WorkflowStage.APPROVED
    return approved and text.post.published_revision_id != text.revision.pk and can_publish(request.user, text.post)


def _panel(request: HttpRequest, text: Text, option: Option, given: dict[str, forms.Form]) -> dict[str, Any]:
    """An act with its address and, where it is one, its form."""
    form = given.get(option.name)
    if form is None and option.allowed and option.name == "advance":
        form = AdvanceForm(initial={"revision": text.revision.pk}, stage=text.stage)
    if form is None and option.allowed and option.name == "send_back":
        form = SendBackForm(stage=text.stage)
    return {
        "option": option,
        "form": form,
        "url": reverse(f"admin:review_{option.name}", args=[text.post.pk]),
        "open": option.name in given,
    }


# --- Acts ------------------------------------------------------------------------------------------------------------


def _refused(
    request: HttpRequest, text: Text, act: str, refusal: Refused, form: forms.Form | None = None
) -> HttpResponse:
    """The same page with the sentence and whatever was typed; a refused person is recorded."""
    if refusal.code in ABOUT_THE_PERSON:
        _deny(request, text.post.pk, {"act": act, "code": refusal.code})
    fresh = queries.find_text(text.post.pk) or text
    return _page(request, fresh, forms_={act: form} if form is not None else None, refusal=refusal)


def _done(request: HttpRequest, text: Text, message: str, *, to_desk: bool = True) -> HttpResponse:
    messages.success(request, message)
    if to_desk and has_capability(request.user, "review.desk"):
        return redirect("admin:compliance_desk")
    return redirect("admin:review_post", text.post.pk)


@require_POST
@opens_text
def submit(request: HttpRequest, text: Text) -> HttpResponse:
    """Send the newest wording to review, from this page or from the editor's box."""
    try:
        review.submit(text.post, actor=request.user)
    except Refused as refusal:
        return _refused(request, text, "submit", refusal)
    messages.success(request, _("Submitted for review. You will find the decisions here."))
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return redirect(wanted)
    return redirect("admin:review_post", text.post.pk)


@require_POST
@opens_text
def advance(request: HttpRequest, text: Text) -> HttpResponse:
    """Pass the stage, for the revision that was shown."""
    form = AdvanceForm(request.POST, stage=text.stage)
    if refusal := refuse_advance(request.user, text):
        return _refused(request, text, "advance", refusal, _rebound(form, text))
    if not form.is_valid():
        return _page(request, text, forms_={"advance": form})
    try:
        run = review.advance(
            text.post,
            actor=request.user,
            confirmed=form.cleaned_data["confirmed"],
            note=form.cleaned_data["note"],
            revision=_shown(text, form.cleaned_data["revision"]),
        )
    except Refused as refusal:
        return _refused(request, text, "advance", refusal, _rebound(form, text))
    return _done(request, text, _moved_message(text, run))


def _rebound(form: forms.Form, text: Text) -> forms.Form:
    """The posted form with the revision that the page shows now: what was typed stays, what is decided on is new.

    The box is emptied, as it was about another wording.
    """
    newest = newest_revision(text.post)
    if newest is not None and str(newest.pk) != form.data.get("revision"):
        form.data = form.data.copy()
        form.data["revision"] = str(newest.pk)
        form.data.pop("confirmed", None)
    return form


def _shown(text: Text, revision_id: uuid.UUID) -> PostRevision:
    """The revision that the person looked at. An id of no revision of this text is answered as a changed text."""
    if revision_id == text.revision.pk:
        return text.revision
    shown = PostRevision.objects.filter(pk=revision_id, post_id=text.post.pk).first()
    if shown is None:
        raise Refused("stale")
    return shown


def _moved_message(text: Text, run: Any) -> str:
    return _("“%(title)s” is now at: %(stage)s.") % {
        "title": text.revision.title or _("(no title)"),
        "stage": WorkflowStage(run.current_stage).label,
    }


@require_POST
@opens_text
def send_back(request: HttpRequest, text: Text) -> HttpResponse:
    """Return the text with a reason."""
    form = SendBackForm(request.POST, stage=text.stage)
    if refusal := refuse_send_back(request.user, text):
        return _refused(request, text, "send_back", refusal, form)
    if not form.is_valid():
        return _page(request, text, forms_={"send_back": form})
    try:
        run = review.send_back(
            text.post,
            actor=request.user,
            reason=form.cleaned_data["reason"],
            to_stage=form.cleaned_data["to_stage"],
        )
    except Refused as refusal:
        return _refused(request, text, "send_back", refusal, form)
    return _done(request, text, _moved_message(text, run))


# --- Assignment and notes --------------------------------------------------------------------------------------------


@require_POST
@opens_text
def assignment(request: HttpRequest, text: Text) -> HttpResponse:
    """Who has the text, until when, how urgent."""
    return _beside(request, text, "assignment", desk_tools.act_on_assignment)


@require_POST
@opens_text
def note(request: HttpRequest, text: Text) -> HttpResponse:
    """Write, answer, resolve or reopen a note."""
    return _beside(request, text, "note", desk_tools.act_on_note)


def _beside(
    request: HttpRequest, text: Text, act: str, do: Callable[[HttpRequest, Text], HttpResponse]
) -> HttpResponse:
    """Refused: the same page says why, with what was typed."""
    try:
        return do(request, text)
    except Refused as refusal:
        return _refused(request, text, act, refusal)


# --- Findings and claims ---------------------------------------------------------------------------------------------


@require_POST
@opens_text
def run_checks(request: HttpRequest, text: Text) -> HttpResponse:
    """Run the engine over the newest wording again."""
    try:
        assessment.assess(text.post, actor=request.user)
    except Refused as refusal:
        return _refused(request, text, "checks", refusal)
    messages.success(request, _("The checks have been run again."))
    return _back_to(text, "rv-checks")


@require_POST
@opens_text
def finding(request: HttpRequest, text: Text) -> HttpResponse:
    """Close one finding, confirm its waiver, or open it again; the answer is the same page at the same place."""
    form = FindingForm(request.POST)
    typed = {name: request.POST.get(name, "") for name in ("status", "reason")}
    typed["key"] = key = request.POST.get("finding", "")
    if not form.is_valid():
        return _kept(request, text, "finding", _fault(form, "finding"), typed)
    data = form.cleaned_data
    try:
        if data["act"] == "close":
            findings.close(text.post, key, actor=request.user, status=data["status"], reason=data["reason"])
        elif data["act"] == "confirm":
            findings.confirm_waiver(text.post, key, actor=request.user)
        else:
            findings.reopen(text.post, key, actor=request.user, reason=data["reason"])
    except Refused as refusal:
        return _kept(request, text, f"finding_{data['act']}", refusal, typed)
    messages.success(request, FINDING_DONE[data["act"]])
    return _back_to(text, f"finding:{key}")


FINDING_DONE = {
    "close": gettext_lazy("The finding has been dealt with."),
    "confirm": gettext_lazy("The waiver is confirmed."),
    "reopen": gettext_lazy("The finding is open again."),
}


@require_POST
@opens_text
def claim(request: HttpRequest, text: Text) -> HttpResponse:
    """Link references to one claim and decide it: one form, one answer at the same place."""
    form = ClaimForm(request.POST)
    typed = {name: request.POST.get(name, "") for name in ("status", "level", "reason")}
    typed |= {"key": request.POST.get("claim", ""), "references": request.POST.getlist("references")}
    if not form.is_valid():
        return _kept(request, text, "claim", _fault(form, "claim"), typed)
    data = form.cleaned_data
    try:
        with transaction.atomic():  # a refused decision takes its links back
            _act_on_claim(request, text, form)
    except Refused as refusal:
        return _kept(request, text, f"claim_{data['act']}", refusal, typed)
    messages.success(request, CLAIM_DONE[data["act"]])
    return _back_to(text, f"claim:{data['claim']}")


CLAIM_DONE = {
    "link": gettext_lazy("The references are linked."),
    "decide": gettext_lazy("The claim has been decided."),
    "suggestion": gettext_lazy("The suggestion was taken over."),
}


def _act_on_claim(request: HttpRequest, text: Text, form: ClaimForm) -> None:
    data, actor = form.cleaned_data, request.user
    records = (text.run.medical_claims or {}) if text.run else {}
    linked = claims.valid_identifiers(records.get(data["claim"], {}).get("references", []))
    if data["act"] != "decide" or set(data["references"]) != set(linked.values()):
        claims.link(text.post, data["claim"], actor=actor, references=data["references"])
    if data["act"] == "link" or not data["status"]:
        return
    scale, level = form.scale_and_level
    claims.decide(
        text.post,
        data["claim"],
        actor=actor,
        status=data["status"],
        reason=data["reason"],
        evidence_scale=scale,
        evidence_level=level,
    )


def _fault(form: forms.Form, otherwise: str) -> Refused:
    """What is wrong with a form about one finding or claim: only its reason is written by hand."""
    codes = {error.code for error in form.errors.as_data().get("reason", [])}
    if "max_length" in codes:
        return Refused("long")
    return Refused("text" if codes else otherwise)


def _kept(request: HttpRequest, text: Text, act: str, refusal: Refused, typed: dict[str, Any]) -> HttpResponse:
    """The page with the sentence beside the form, and the form as it was sent."""
    if refusal.code in ABOUT_THE_PERSON:
        _deny(request, text.post.pk, {"act": act, "code": refusal.code})
    fresh = queries.find_text(text.post.pk) or text
    return _page(request, fresh, refusal=refusal, typed={**typed, "error": refusal})


def _back_to(text: Text, fragment: str) -> HttpResponse:
    return redirect(f"{reverse('admin:review_post', args=[text.post.pk])}#{fragment}")


# --- Signatures ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@opens_text
def sign(request: HttpRequest, text: Text) -> HttpResponse:
    """The signature page: what is signed, what it means, who signs."""
    refusal = refuse_sign(request.user, text)
    if refusal is not None:
        if request.method == "POST" and refusal.code in ABOUT_THE_PERSON:
            _deny(request, text.post.pk, {"act": "sign", "code": refusal.code})
        return _signature_page(request, text, "sign", form=None, refusal=refusal)
    kind, capacity = signs_as(request.user)
    data = request.POST if request.method == "POST" else None
    form = SignForm(data, initial={"revision": text.revision.pk}, capacity=capacity)
    if data is None or not form.is_valid():
        return _signature_page(request, text, "sign", form=form)
    if form.cleaned_data["revision"] != text.revision.pk:
        # Looked at before the code is used up; `sign()` looks again under the lock.
        return _signature_page(request, text, "sign", form=_rebound(form, text), refusal=Refused("stale"))
    if not _confirmed(request, text, "sign", form):
        return _signature_page(request, text, "sign", form=form)
    try:
        review.sign(
            text.post,
            actor=request.user,
            statement=form.statement(),
            kind=kind,
            capacity=capacity,
            revision=text.revision,
        )
    except Refused as refused:
        if refused.code in ABOUT_THE_PERSON:
            _deny(request, text.post.pk, {"act": "sign", "code": refused.code})
        fresh = queries.find_text(text.post.pk) or text
        return _signature_page(request, fresh, "sign", form=_rebound(form, text), refusal=refused)
    return _done(request, text, _signed_message(text))


def _signed_message(text: Text) -> str:
    after = queries.find_text(text.post.pk)
    title = {"title": text.revision.title or _("(no title)")}
    if after is not None and after.stage == WorkflowStage.APPROVED:
        return _("Signed. “%(title)s” is approved and can be published.") % title
    return _("Signed. “%(title)s” waits for the second signature.") % title


@require_http_methods(["GET", "HEAD", "POST"])
@opens_text
def withdraw(request: HttpRequest, text: Text) -> HttpResponse:
    """Take the approval back; a live text leaves the site."""
    refusal = refuse_withdraw(request.user, text)
    if refusal is not None:
        if request.method == "POST" and refusal.code in ABOUT_THE_PERSON:
            _deny(request, text.post.pk, {"act": "withdraw", "code": refusal.code})
        return _signature_page(request, text, "withdraw", form=None, refusal=refusal)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid() or not _confirmed(request, text, "withdraw", form):
        return _signature_page(request, text, "withdraw", form=form)
    was_live = text.post.is_live
    try:
        review.withdraw(text.post, actor=request.user, reason=form.cleaned_data["reason"])
    except Refused as refused:
        return _signature_page(request, text, "withdraw", form=form, refusal=refused)
    message = (
        _("The approval is withdrawn; the text has left the site.") if was_live else _("The approval is withdrawn.")
    )
    return _done(request, text, message, to_desk=False)


def _confirmed(request: HttpRequest, text: Text, act: str, form: forms.Form) -> bool:
    """Password and code of the person at the keyboard. A failure is throttled by accounts and recorded here."""
    result = confirm_identity(request.user, form.cleaned_data["password"], form.cleaned_data["code"])
    if result.ok:
        return True
    form.add_error(None, result.message)
    _deny(request, text.post.pk, {"act": act, "code": "identity"})
    return False


def _signature_page(
    request: HttpRequest, text: Text, act: str, *, form: forms.Form | None, refusal: Refused | None = None
) -> HttpResponse:
    """Page of an act that needs password and code. It works without JavaScript and shows what is signed."""
    signature = signs_as(request.user)
    capacity = signature[1] if signature else None
    invalid = form is not None and form.is_bound
    context = {
        **admin.site.each_context(request),
        **_wording(text),
        "title": _("Sign the approval") if act == "sign" else _("Withdraw the approval"),
        "text": text,
        "act": act,
        "form": form,
        "refusal": refusal,
        "kept": _written(request) if form is None else "",
        "capacity": Capacity(capacity).label if capacity and act == "sign" else "",
        "registry": request.user.professional_registry if act == "sign" else "",
        "open_notes": notes.open_notes(text.post.pk) if act == "sign" else 0,
        "standing": [(a, text.name(a.user_id)) for a in text.standing],
        "live": text.post.is_live,
    }
    status = _status(refusal, {}) if refusal else 422 if invalid else 200
    return _answer(request, "sign", context, status=status)


@require_safe
@opens_text
def signatures(request: HttpRequest, text: Text) -> HttpResponse:
    """The signature record, made for paper: what was signed, by whom, when; each hash is computed again."""
    records = []
    for approval in text.approvals:
        revision = text.signed_revisions.get(approval.revision_id) if approval.revision_id else None
        user = text.people.get(str(approval.user_id))
        ended = approval.action == ApprovalAction.SIGN and approval.sequence < text.last_withdrawal
        records.append(
            {
                "approval": approval,
                "name": text.name(approval.user_id),
                "role": user.get_role_display() if user else "",
                "revision": revision,
                "matches": revision is not None and _hash_now(revision) == approval.content_hash,
                "ended": ended,
                "current": approval in text.standing,
            }
        )
    context = {
        **admin.site.each_context(request),
        **_wording(text),
        "title": _("Signature record"),
        "text": text,
        "records": records,
        "live_hash_signed": any(record["current"] for record in records),
    }
    return _answer(request, "signatures", context)


def _hash_now(revision: PostRevision) -> str:
    return hash_of({name: getattr(revision, name) for name in HASHED})
