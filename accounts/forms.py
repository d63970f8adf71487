"""Forms of sign-in and profile. They hold what was typed; services and the second factor decide."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.enums import ProfessionalType, Role
from accounts.models import TenantSettings, User, UserProfile
from compliance.analyzers.packs import word_lists


class SignInForm(forms.Form):
    """First step: who, and the password."""

    email = forms.CharField(
        label=_("E-mail"),
        max_length=255,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True, "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    """Second step: one field for the app's code and for a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=32,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )


class CurrentPasswordForm(forms.Form):
    """Before something that a passer-by at an open screen must not do."""

    current_password = forms.CharField(
        label=_("Current password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class NewPasswordForm(forms.Form):
    """A password, twice. Its quality is checked by the service, against the account."""

    new_password = forms.CharField(
        label=_("New password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    new_password_again = forms.CharField(
        label=_("New password again"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    @property
    def password_help(self) -> SafeString:
        """The rules, as Django words them."""
        return password_validators_help_text_html()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, second = cleaned.get("new_password"), cleaned.get("new_password_again")
        if first and second and first != second:
            self.add_error(
                "new_password_again", forms.ValidationError(_("The two passwords differ."), code="mismatch")
            )
        return cleaned


class ChangePasswordForm(CurrentPasswordForm, NewPasswordForm):
    """Own password: the old one first."""

    field_order = ["current_password", "new_password", "new_password_again"]


class ProfileForm(forms.ModelForm):
    """What readers see of a person, and the language of the screens."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = UserProfile
        fields = ["display_name", "bio", "language"]
        widgets = {"bio": forms.Textarea(attrs={"rows": 4})}


class UserForm(forms.ModelForm):
    """An account, as an administrator edits it. The services check, normalise and save."""

    display_name = forms.CharField(label=_("Display name"), max_length=150)
    role = forms.ChoiceField(
        label=_("Role"), choices=[(value, label) for value, label in Role.choices if value != Role.PLATFORM_ADMIN]
    )
    field_order = ["email", "display_name", "role"]
    professional_type = forms.ChoiceField(
        label=_("Profession"), required=False, choices=[("", "—"), *ProfessionalType.choices]
    )

    class Meta:
        model = User
        fields = ["email", "role", "professional_type", "professional_registry", "speciality"]


WORD_LISTS = {
    "promotion": (_("Advertising"), _("Words that promote or sell, such as names of campaigns and offers.")),
    "prescription": (_("Prescription medicines"), _("Names of medicines that the public must not be told to buy.")),
    "otc": (_("Medicines without prescription"), _("Names that need the warning “if symptoms persist”.")),
    "unproven": (_("Unproven treatments"), _("Names of treatments without recognized evidence.")),
}


class SettingsForm(forms.ModelForm):
    """What an organization decides for itself. The service checks, normalises and saves."""

    review_months = forms.IntegerField(
        label=_("Months until the next review"),
        min_value=1,
        max_value=120,
        help_text=_("Counted from the approval. The review date is shown at the desk and reminded by mail."),
    )
    own_declaration_allowed = forms.BooleanField(
        label=_("Editors may declare their own non-medical texts"),
        required=False,
        help_text=_("Otherwise another editor declares that a text is not about medicine."),
    )

    class Meta:
        model = TenantSettings
        fields = [
            "establishment_registry",
            "director_name",
            "director_registry",
            "director_rqe",
            "contact_email",
            "review_months",
            "show_review_due",
            "unpublish_on_retraction",
            "online_lookup",
        ]
        help_texts = {
            "establishment_registry": _("As the council wrote it, for example “CRM/SP 123456”."),
            "director_registry": _("For example “CRM/SP 123456”."),
            "director_rqe": _("For example “RQE 12345”. Empty when the director has no speciality."),
            "contact_email": _("Reminders go here when nobody is responsible for a text any more."),
            "show_review_due": _("The page then says since when."),
            "unpublish_on_retraction": _("Otherwise it stays online and becomes a to-do of the compliance officer."),
            "online_lookup": _(
                "Identifiers of references (PMID, DOI …) are then sent to the public registers. Nothing of a text is."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = self.instance.extra_words or {}
        for name, built_in in word_lists().items():
            label, help_text = WORD_LISTS.get(name, (name, ""))
            field = forms.CharField(
                label=label,
                help_text=help_text,
                required=False,
                strip=True,
                max_length=50_000,
                initial="\n".join(own.get(name, [])),
                widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
            )
            field.built_in = len(built_in)
            self.fields[f"words_{name}"] = field

    def word_fields(self) -> list[forms.BoundField]:
        """The fields with own words, one list each."""
        return [field for field in self if field.name.startswith("words_")]

    def extra_words(self) -> dict[str, list[str]]:
        """What was typed, one word or phrase per line, without empty lines."""
        return {
            name: words
            for name in word_lists()
            if (
                words := [
                    " ".join(line.split()) for line in self.cleaned_data[f"words_{name}"].splitlines() if line.strip()
                ]
            )
        }


class ConfirmForm(forms.Form):
    """A button, nothing else."""


class ValidationForm(forms.Form):
    """How a registry was checked. Kept in the audit trail, so no more than a line each."""

    source = forms.CharField(label=_("Where it was looked up"), max_length=200)
    evidence = forms.CharField(label=_("What was found"), max_length=200)
