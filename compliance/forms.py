"""Forms of the compliance screens."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.enums import AuditOperation
from compliance.queries import Position, TrailFilter

DEFAULT_DAYS, MOST_DAYS = 7, 366
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)  # the calendar ends at both ends: no day after it
RESOURCES = {
    "approval": _("Approval"),
    "audit_trail": _("Audit trail"),
    "category": _("Category"),
    "custom_field": _("Custom field"),
    "domain": _("Domain"),
    "media": _("Media"),
    "page": _("Published page"),
    "post": _("Text"),
    "post_category": _("Category of a text"),
    "post_grant": _("Access grant"),
    "profile": _("Profile"),
    "recovery_code": _("Recovery code"),
    "revision": _("Revision"),
    "route": _("Screen"),
    "settings": _("Settings"),
    "tenant": _("Organization"),
    "totp_device": _("Second factor"),
    "user": _("User"),
    "workflow": _("Workflow run"),
}


def day_field(label: Any) -> forms.DateField:
    """A day, as the browser's own date control sends it."""
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
        error_messages={"invalid": _("Write the day as 2026-11-22 or 22/11/2026.")},
    )


class TrailFilterForm(forms.Form):
    """Filter of the audit trail. What cannot be read is said and kept, and nothing is searched."""

    since = day_field(pgettext_lazy("period", "From"))
    until = day_field(pgettext_lazy("period", "To"))
    user = forms.ChoiceField(label=_("Person"), required=False)
    operation = forms.ChoiceField(
        label=_("Operation"), required=False, choices=[("", _("All operations")), *AuditOperation.choices]
    )
    resource_type = forms.ChoiceField(
        label=_("Resource"), required=False, choices=[("", _("All resources")), *RESOURCES.items()]
    )
    resource_id = forms.UUIDField(
        label=_("Resource number"),
        required=False,
        error_messages={"invalid": _("A resource number looks like 0b9e4ad0-5d3c-4a5e-9d0a-3d1c5e8a4b67.")},
    )
    request = forms.UUIDField(
        label=_("Request number"),
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid": _("This is no request number. Choose a request in the list.")},
    )
    after = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, people: list[tuple[str, str]], today: date | None = None) -> None:
        """Without a period in `data`, the last week."""
        today = today or timezone.localdate()
        values = data.dict()
        if "since" not in values and "until" not in values:
            week = today - timedelta(days=DEFAULT_DAYS - 1)
            values |= {"since": week.isoformat(), "until": today.isoformat()}
        super().__init__(values)
        chosen = values.get("user", "")
        if _is_uuid(chosen) and chosen not in dict(people):  # somebody who is not in the list any more
            people = [*people, (chosen, chosen)]
        self.fields["user"].choices = [("", _("Everybody")), *people]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        since, until = values.get("since"), values.get("until")
        if since and until and since > until:
            self.add_error("until", ValidationError(_("The last day is before the first one."), code="order"))
        elif since and until and (until - since).days >= MOST_DAYS:
            message = _("The period is longer than %(days)s days. Choose a shorter one.") % {"days": MOST_DAYS}
            self.add_error("until", ValidationError(message, code="too_long"))
        return values

    def clean_after(self) -> Position | None:
        text = self.cleaned_data["after"]
        try:
            return Position.parse(text) if text else None
        except ValueError:
            raise ValidationError(
                _("This page does not exist. Start again with the first one."), code="after"
            ) from None

    def wanted(self) -> TrailFilter:
        """The filter of a valid form: whole days of the site's time zone."""
        values = self.cleaned_data
        return TrailFilter(
            since=_midnight(values["since"]),
            until=_midnight(values["until"] + timedelta(days=1)),
            operation=values["operation"] or None,
            user_id=uuid.UUID(values["user"]) if values["user"] else None,
            resource_type=values["resource_type"] or None,
            resource_id=values["resource_id"],
            request_id=values["request"],
        )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _is_uuid(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False
