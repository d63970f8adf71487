"""Forms of the review pages. What a person typed survives a refusal, except secrets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.enums import Capacity, WorkflowStage
from compliance.errors import MESSAGES
from compliance.workflow import earlier_stages
from content.enums import ComplianceLevel, MedicalCategory
from content.fields import LinesField
from content.queries_review import IN_REVIEW
from content.services.review import MINIMUM_REASON

LONGEST_NOTE = 2_000
# What the box says at each stage (domain rules 1).
CONFIRMATIONS = {
    WorkflowStage.PRIVACY: _("I read the text and media: no identifiable patient, or consent recorded."),
    WorkflowStage.EVIDENCE: _("I read the text and checked its claims against the references."),
}
# What a signature may mean (the signer chooses one; it is stored word for word).
MEANINGS = {
    Capacity.COMPLIANCE: {
        "approval": _(
            "Approval: I have read this wording and its checks, found no open point, and approve it for publication."
        ),
        "renewed": _("Renewed approval: I have read this wording again and approve that it stays published."),
    },
    Capacity.PROFESSIONAL: {
        "review": _(
            "Professional review: I have read this wording and confirm, within my registry, that its medical content "
            "is correct and its evidence sufficient."
        ),
        "responsibility": _(
            "Technical responsibility: I have read this wording and take technical responsibility for its medical "
            "content."
        ),
    },
    Capacity.DECLARATION: {
        "declaration": _(
            "Declaration: I have read this wording. It has no medical content: no diagnosis, treatment, medicine, "
            "procedure or health claim."
        ),
    },
}


class FilterForm(forms.Form):
    """Filters of the desk. An unreadable value is ignored."""

    s = forms.CharField(label=_("Search titles"), required=False, max_length=100)
    level = forms.ChoiceField(
        label=_("Level"), required=False, choices=[("", _("All levels")), *ComplianceLevel.choices]
    )
    category = forms.ChoiceField(
        label=_("Medical category"), required=False, choices=[("", _("All categories")), *MedicalCategory.choices]
    )
    stage = forms.ChoiceField(
        label=_("Stage"), required=False, choices=[("", _("All stages")), *((s.value, s.label) for s in IN_REVIEW)]
    )

    def __init__(self, data: Any, *, tab: str) -> None:
        super().__init__(data)
        if tab not in ("waiting", "in_review", "mine"):
            del self.fields["stage"]

    def values(self) -> dict[str, str]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class RevisionForm(forms.Form):
    """Carries the revision that the person looked at; another one is refused as stale."""

    revision = forms.UUIDField(widget=forms.HiddenInput)


class AdvanceForm(RevisionForm):
    """Pass the stage."""

    confirmed = forms.BooleanField(error_messages={"required": MESSAGES["confirm"]})
    note = LinesField(
        label=_("Note for the record (optional)"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Name no patient here."),
    )

    def __init__(self, *args: Any, stage: WorkflowStage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["confirmed"].label = CONFIRMATIONS.get(stage, CONFIRMATIONS[WorkflowStage.PRIVACY])


class SendBackForm(forms.Form):
    """Return to an earlier stage."""

    to_stage = forms.ChoiceField(label=_("Back to"))
    reason = LinesField(
        label=_("Reason"),
        max_length=LONGEST_NOTE,
        min_length=MINIMUM_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The author reads it beside the text. Say what has to change, and name no patient."),
        error_messages={"required": MESSAGES["statement"], "min_length": MESSAGES["statement"]},
    )

    def __init__(self, *args: Any, stage: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_stage"].choices = [(s.value, f"{s.value} · {s.label}") for s in earlier_stages(stage)]


class FindingForm(forms.Form):
    """Close, confirm or reopen one finding. What may be done is the service's to say."""

    ACTS = ("close", "confirm", "reopen")
    finding = forms.CharField(max_length=120)
    act = forms.ChoiceField(choices=[(act, act) for act in ACTS])
    status = forms.CharField(max_length=40, required=False)
    reason = LinesField(max_length=LONGEST_NOTE, required=False)


class ClaimForm(forms.Form):
    """Link references to one claim, and decide it."""

    ACTS = ("link", "decide", "suggestion")
    claim = forms.CharField(max_length=40)
    act = forms.ChoiceField(choices=[(act, act) for act in ACTS])
    references = forms.Field(required=False)
    status = forms.CharField(max_length=40, required=False)
    level = forms.CharField(max_length=40, required=False)
    reason = LinesField(max_length=LONGEST_NOTE, required=False)

    def clean_references(self) -> list[str]:
        """As ticked; the service compares them with the text's list."""
        return self.data.getlist("references")[:200]

    @property
    def scale_and_level(self) -> tuple[str, str]:
        scale, _colon, level = self.cleaned_data["level"].partition(":")
        return scale, level


class OneTimeInput(forms.TextInput):
    """An input whose value is never sent back."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


class IdentityForm(forms.Form):
    """Password and a new code: the two components of an electronic signature (21 CFR 11.200). Never shown again."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        max_length=1_000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=_("Code from your authenticator"),
        max_length=40,
        widget=OneTimeInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
        help_text=_("Six digits that you have not used yet: a code counts once, for signing in or for signing."),
    )


class SignForm(RevisionForm, IdentityForm):
    """Sign exactly the revision shown."""

    meaning = forms.ChoiceField(label=_("Meaning of your signature"), widget=forms.RadioSelect)
    note = LinesField(
        label=_("Remark (optional, becomes part of the signature)"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ["revision", "meaning", "note", "password", "code"]

    def __init__(self, *args: Any, capacity: Capacity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meanings = MEANINGS[capacity]
        self.fields["meaning"].choices = list(self.meanings.items())
        if len(self.meanings) == 1:
            self.fields["meaning"].initial = next(iter(self.meanings))

    def statement(self) -> str:
        """What is stored: the chosen meaning in the signer's language, and the remark."""
        meaning = str(self.meanings[self.cleaned_data["meaning"]])
        note = self.cleaned_data["note"].strip()
        return f"{meaning}\n\n{note}" if note else meaning


class WithdrawForm(IdentityForm):
    """Take the approval back."""

    reason = LinesField(
        label=_("Reason"),
        max_length=LONGEST_NOTE,
        min_length=MINIMUM_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It stays in the record for good. Name no patient."),
        error_messages={"required": MESSAGES["statement"], "min_length": MESSAGES["statement"]},
    )
    field_order = ["reason", "password", "code"]


class ReasonForm(forms.Form):
    """Why somebody opens a text with patient data."""

    reason = LinesField(
        label=_("Why do you need to open it?"),
        min_length=MINIMUM_REASON,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The reason is written to the audit trail together with your name. Name no patient."),
        error_messages={"required": MESSAGES["statement"], "min_length": MESSAGES["statement"]},
    )
