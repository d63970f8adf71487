"""The check while writing: what the engine says of the editor's current values. Nothing is stored, nothing logged.

The script of the editor asks for JSON: the panel's HTML, and where each item stands. Without JavaScript the button
"Check the text" sends the whole form and gets the editor back, with what was typed and the panel filled.
"""

from __future__ import annotations

import json
import secrets
import threading
import uuid
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.tenancy.later import LaterResponse
from compliance.analyzers import Document
from compliance.models import WorkflowState
from compliance.policy import CAPABILITIES, has_capability
from content.analysis_panel import TOO_LONG, Locator, Panel, panel_of_values, places_of
from content.enums import ComplianceLevel, MedicalCategory
from content.forms import HIDDEN_FIELD_PREFIX, CustomFieldFormSet, EditorForm
from content.models import Post, PostRevision
from content.services.assessment import assess_unsaved, document_of_values, document_size
from content.views.editor import EditorPage
from content.views.fetch import ReasonNeeded, editable_post, need
from content.views.preview import ask_reason

LIMIT = 120_000  # characters of all fields: three seconds of the engine; longer texts are checked on submission
AT_ONCE = 2  # checks at a time in one process: the rest of its threads belong to people who save and read
RETRY_SECONDS = 3
_slots = threading.BoundedSemaphore(AT_ONCE)
RESULT = "admin/content/_analysis.html"
# Name of the engine's field → name of the input.
INPUTS = {
    "title": "title",
    "content": "content",
    "excerpt": "excerpt",
    "disclaimer": "medical_disclaimer",
    "custom_fields.meta_description": "meta_description",
}


@require_POST
@sensitive_post_parameters()  # no error report quotes a text
def analyze_new(request: HttpRequest, post_type: str) -> HttpResponse:
    """A text that was never saved."""
    need(request, "post.write_own")
    return _answer(request, post_type, None, None)


@require_POST
@sensitive_post_parameters()  # no error report quotes a text
def analyze_post(request: HttpRequest, post_type: str, post_id: uuid.UUID) -> HttpResponse:
    """New values of a text that the actor may edit. The answer shows only what was sent."""
    try:
        post, run = editable_post(request, post_type, post_id, shows_text=not _wants_json(request))
    except ReasonNeeded as needed:
        if _wants_json(request):
            raise PermissionDenied from needed
        return ask_reason(request, needed.post)
    return _answer(request, post_type, post, run)


def _answer(request: HttpRequest, post_type: str, post: Post | None, run: WorkflowState | None) -> HttpResponse:
    draft = _draft(request, post, run)
    wants_json = _wants_json(request)
    if not draft.fits and wants_json:
        return _too_long()
    response = _json_later(draft) if wants_json else _page_later(request, post_type, post, draft)
    response.headers["Cache-Control"] = "no-store"
    return response


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def _too_long() -> HttpResponse:
    text = _("The text is too long to be checked while writing. It is checked when it is submitted.")
    return JsonResponse({"state": TOO_LONG, "message": text}, status=413)


# --- What was sent ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Draft:
    """The sent values, ready for the engine: from here on the database is not needed."""

    values: dict[str, Any]
    document: Document
    inputs: dict[str, str]
    run: WorkflowState | None

    @property
    def fits(self) -> bool:
        return document_size(self.document) <= LIMIT

    def panel(self) -> tuple[Panel, list[dict[str, Any]], int]:
        """The panel, the places of its items, and how many visible characters the text has."""
        unsaved = assess_unsaved(self.document, references=self.values["scientific_references"], run=self.run)
        panel = panel_of_values(unsaved.run, unsaved.sources, self.revision(), labels())
        locator = Locator(unsaved.sources, self.inputs)
        return panel, places_of(panel, locator), locator.total

    def revision(self) -> PostRevision:
        """The values as a revision that is never saved."""
        names = ("title", "content", "compliance_level", "medical_disclaimer")
        return PostRevision(**{name: self.values[name] for name in names})


def _draft(request: HttpRequest, post: Post | None, run: WorkflowState | None) -> Draft:
    values, inputs = _values(request.POST)
    return Draft(values, document_of_values(values, author=_author(request, post)), inputs, run)


def _values(data: QueryDict) -> tuple[dict[str, Any], dict[str, str]]:
    """Values under the names of PostRevision, unvalidated: a text is checked while it still has errors."""
    names = ("title", "content", "excerpt", "medical_disclaimer", "meta_description")
    values: dict[str, Any] = {name: _text(data, name) for name in names}
    fields, inputs = {}, dict(INPUTS)
    for key, value, name in _custom_fields(data):
        fields[key] = value
        inputs[f"custom_fields.{key}"] = name
    level, category = data.get("compliance_level"), data.get("medical_category")
    references = _text(data, "scientific_references").splitlines()
    values |= {
        "custom_fields": fields,
        "compliance_level": level if level in ComplianceLevel.values else None,
        "medical_category": category if category in MedicalCategory.values else None,
        "scientific_references": [line.strip() for line in references if line.strip()],
    }
    return values, inputs


def _text(data: QueryDict, name: str) -> str:
    """Forms send line breaks as two characters, scripts see one: offsets must agree."""
    return data.get(name, "").replace("\r\n", "\n")


def _custom_fields(data: QueryDict) -> list[tuple[str, str, str]]:
    """Name, value and input of each row that would be kept."""
    rows = []
    for number in range(CustomFieldFormSet.absolute_max):
        prefix = f"fields-{number}-"
        key = data.get(f"{prefix}key", "").strip()
        if not key or key.startswith(HIDDEN_FIELD_PREFIX) or f"{prefix}DELETE" in data:
            continue
        rows.append((key, _text(data, f"{prefix}value"), f"{prefix}value"))
    return rows


def _author(request: HttpRequest, post: Post | None) -> User | None:
    """Whose name the text would carry: rules about signatures depend on it."""
    chosen = request.POST.get("author", "")
    if chosen and has_capability(request.user, "post.edit_others"):
        writers = User.objects.filter(role__in=CAPABILITIES["post.write_own"], deleted_at__isnull=True)
        try:
            return writers.select_related("profile").filter(pk=uuid.UUID(chosen)).first()
        except ValueError:
            return None
    return post.author if post else request.user


def labels() -> dict[str, str]:
    """Names of the fields in the writer's checklist."""
    fields = EditorForm.base_fields
    return {name: str(field.label) for name, field in fields.items()}


# --- Answers ---------------------------------------------------------------------------------------------------------


def _json_later(draft: Draft) -> LaterResponse:
    def produce() -> tuple[str, int]:
        if not _slots.acquire(blocking=False):
            return json.dumps({"state": "busy"}), 503
        try:
            panel, items, total = draft.panel()
        finally:
            _slots.release()
        answer = {
            "state": panel.state,
            "summary": panel.summary,
            "html": render_to_string(RESULT, {"panel": panel, "live": True}),
            "items": items,
            "visible": total,
        }
        return json.dumps(answer), 200

    response = LaterResponse(produce, content_type="application/json")
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _page_later(request: HttpRequest, post_type: str, post: Post | None, draft: Draft) -> LaterResponse:
    """The editor is rendered at once with a place kept free: rendering it needs the database, the engine does not."""
    slot = f"analysis-{secrets.token_hex(16)}"
    page = CheckedPage(request, post_type, post, draft.run)
    page.slot = slot
    html = page.render().content.decode()

    def produce() -> tuple[str, int]:
        with _slots:
            panel = draft.panel()[0] if draft.fits else Panel(TOO_LONG)
        return html.replace(slot, render_to_string(RESULT, {"panel": panel})), 200

    return LaterResponse(produce)


class CheckedPage(EditorPage):
    """The editor with what was typed. Nothing was to be saved, so nothing is refused."""

    slot = ""

    def _errors(self) -> list[dict[str, str]]:
        return []

    def context(self) -> dict[str, Any]:
        return {**super().context(), "analysis_slot": self.slot}
