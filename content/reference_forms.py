"""Forms of the library of references."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from content import reference_files as files
from content.enums import ReferenceKind, ReferenceType
from content.models import Reference

OLDEST = 1500


class LibraryFilterForm(forms.Form):
    """Search and filters above the list; an unreadable value is ignored."""

    s = forms.CharField(label=_("Search references"), required=False, max_length=200)
    type = forms.ChoiceField(label=_("Type"), required=False, choices=[("", _("All types")), *ReferenceType.choices])
    retracted = forms.BooleanField(label=_("Retracted only"), required=False)

    def values(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class ReferenceForm(forms.Form):
    """One work. Its identifier is checked by the service, which knows the library."""

    identifier = forms.CharField(
        label=_("Identifier"),
        max_length=500,
        help_text=_("PMID, PMCID, DOI, trial number, SciELO or LILACS number, ISBN, or web address."),
    )
    name_allowed = forms.BooleanField(
        label=_("A guideline or document without a number: the identifier is its name"), required=False
    )
    others = forms.CharField(
        label=_("The same work elsewhere"),
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Further identifiers, one per line: an article has a PMID and a DOI."),
    )
    csl_type = forms.ChoiceField(label=_("Kind of work"), choices=ReferenceKind.choices)
    title = forms.CharField(label=_("Title"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    authors = forms.CharField(
        label=_("Authors"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One per line: “Silva, Ana Maria”. An institution stands as it is."),
    )
    container = forms.CharField(label=_("Journal, book or site"), required=False, max_length=300)
    year = forms.IntegerField(label=_("Year"), required=False)
    volume = forms.CharField(label=_("Volume"), required=False, max_length=40)
    issue = forms.CharField(label=pgettext_lazy("journal", "Issue"), required=False, max_length=40)
    pages = forms.CharField(label=pgettext_lazy("journal", "Pages"), required=False, max_length=60)
    publisher = forms.CharField(label=_("Publisher or institution"), required=False, max_length=200)
    place = forms.CharField(label=_("Place"), required=False, max_length=100)
    url = forms.URLField(label=_("Web address"), required=False, max_length=500, assume_scheme="https")
    accessed_at = forms.DateField(
        label=_("Accessed on"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def clean_year(self) -> int | None:
        year = self.cleaned_data["year"]
        newest = date.today().year + 1
        if year is not None and not OLDEST <= year <= newest:
            raise ValidationError(
                _("Give a year between %(first)s and %(last)s."), "year", {"first": OLDEST, "last": newest}
            )
        return year

    def clean_others(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["others"].splitlines() if line.strip()]

    def clean_authors(self) -> list[dict[str, str]]:
        return files.authors_from(self.cleaned_data["authors"].splitlines())


def initial_of(item: Reference) -> dict[str, Any]:
    """The form's values as the library has them."""
    values = {name: getattr(item, name) for name in ReferenceForm.base_fields if hasattr(item, name)}
    lines = (each.get("literal") or f"{each.get('family', '')}, {each.get('given', '')}" for each in item.authors)
    return {
        **values,
        "name_allowed": item.type == ReferenceType.GUIDELINE,
        "others": "\n".join(item.other_identifiers),
        "authors": "\n".join(line.strip(", ") for line in lines),
    }


class ImportForm(forms.Form):
    """A file or pasted text."""

    RETRACTIONS = "retractions"
    KINDS = [
        ("list", _("A reference list, as text")),
        ("ris", _("RIS file (EndNote, Zotero, Mendeley)")),
        ("bibtex", _("BibTeX file")),
    ]
    kind = forms.ChoiceField(label=_("What do you import?"), widget=forms.RadioSelect)
    file = forms.FileField(label=_("File"), required=False, allow_empty_file=True)
    text = forms.CharField(
        label=_("Or paste the text here"),
        required=False,
        max_length=files.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 10}),
    )

    def __init__(self, *args: Any, may_manage: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        retractions = [(self.RETRACTIONS, _("List of retractions (CSV of Retraction Watch or Crossref)"))]
        self.fields["kind"].choices = [*self.KINDS, *(retractions if may_manage else [])]

    def clean_file(self) -> UploadedFile | None:
        file = self.cleaned_data["file"]
        limit = files.LONGEST_LIST if self.data.get("kind") == self.RETRACTIONS else files.LONGEST_TEXT * 2
        if file and file.size > limit:
            raise ValidationError(
                _("The file is larger than %(number)s MB. Split it."), "size", {"number": limit // 1_000_000}
            )
        return file

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not data.get("file") and not data.get("text", "").strip():
            self.add_error("file", ValidationError(_("Choose a file or paste text."), "nothing"))
        return data


class NoteForm(forms.Form):
    """Why a work is flagged, or the flag taken back."""

    note = forms.CharField(
        label=_("Reason and source"),
        max_length=2000,
        min_length=10,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example the retraction notice and its date. It is shown to editors."),
    )
