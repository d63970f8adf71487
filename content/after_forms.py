"""Forms of the screens after publication."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from compliance.attention import MINIMUM_REASON
from compliance.errors import MESSAGES
from content.fields import LinesField
from content.overview import Period

USUAL_DAYS, MOST_YEARS = 90, 10


class ResolveForm(forms.Form):
    """What was done about a to-do."""

    reason = LinesField(
        label=_("What was done about it?"),
        min_length=MINIMUM_REASON,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("At least ten characters. Name no patient: the reason stays with the text."),
        error_messages={"required": MESSAGES["statement"], "min_length": MESSAGES["statement"]},
    )


class PeriodForm(forms.Form):
    """The days that the numbers are about; the last 90 where nothing was chosen."""

    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        until = cleaned.get("until") or timezone.localdate()
        since = cleaned.get("since") or until - timedelta(days=USUAL_DAYS - 1)
        if not self.errors and since > until:
            raise forms.ValidationError(_("The period ends before it begins. Change one of its days."))
        if not self.errors and (since.year < 2000 or until.year > 2200 or (until - since).days > 366 * MOST_YEARS):
            raise forms.ValidationError(_("The period is too long. Choose at most ten years."))
        return {"since": since, "until": until}

    def period(self) -> Period:
        """The chosen period; the usual one where the form is wrong."""
        if self.is_valid():
            return Period(**self.cleaned_data)
        today = timezone.localdate()
        return Period(today - timedelta(days=USUAL_DAYS - 1), today)


def last_days(days: int) -> tuple[date, date]:
    """A period that ends today."""
    today = timezone.localdate()
    return today - timedelta(days=days - 1), today
