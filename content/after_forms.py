"""Forms of the screens after publication."""

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.attention import MINIMUM_REASON
from compliance.errors import MESSAGES


class ResolveForm(forms.Form):
    """What was done about a to-do."""

    reason = forms.CharField(
        label=_("What was done about it?"),
        min_length=MINIMUM_REASON,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("At least ten characters. Name no patient: the reason stays with the text."),
        error_messages={"required": MESSAGES["statement"], "min_length": MESSAGES["statement"]},
    )
