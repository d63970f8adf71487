"""Forms of the admin: list filter, list actions, the post editor, categories."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.enums import WorkflowStage
from content.enums import ComplianceLevel, MedicalCategory
from content.fields import RichTextField, TreeCheckboxes
from content.models import Category, Post, PostRevision
from content.review_dates import FIELD as REVIEW_DUE
from content.review_dates import parse_due

DISCLAIMERS = {
    ComplianceLevel.PUBLIC: _(
        "Informational content. It does not replace a consultation with a health professional. "
        "Results vary from person to person."
    ),
    ComplianceLevel.PROFESSIONAL: _("Content intended for qualified health professionals only."),
    ComplianceLevel.RESTRICTED: _(
        "Case published with the patient's authorization and without data that identify the patient."
    ),
}
DISCLAIMER_LEVELS = (ComplianceLevel.PROFESSIONAL, ComplianceLevel.RESTRICTED)
DISCLAIMER_MINIMUM = 40  # characters, domain rules 4.5
HIDDEN_FIELD_PREFIX = "_"  # WordPress's convention: such fields belong to programs
NOTHING = [("", "—")]


class ListFilterForm(forms.Form):
    """Search and filters above the list. An unreadable value is ignored, as if it were not there."""

    s = forms.CharField(label=_("Search titles"), required=False, max_length=100)
    month = forms.ChoiceField(label=_("Month"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    stage = forms.ChoiceField(label=_("Stage"), required=False)
    level = forms.ChoiceField(label=_("Level"), required=False)

    def __init__(self, data: Any, *, months: list[str], categories: list[Category]) -> None:
        super().__init__(data, prefix=None)
        self.fields["month"].choices = [("", _("All dates")), *((month, _month_label(month)) for month in months)]
        self.fields["category"].choices = [("", _("All categories")), *category_choices(categories)]
        self.fields["stage"].choices = [("", _("All stages")), *WorkflowStage.choices]
        self.fields["level"].choices = [("", _("All levels")), *ComplianceLevel.choices]

    def values(self) -> dict[str, Any]:
        """Cleaned values; fields with errors are left out."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


def _month_label(month: str) -> str:
    year, _dash, number = month.partition("-")
    return f"{number}/{year}"


def category_choices(categories: list[Category]) -> list[tuple[str, str]]:
    """Choices in tree order, indented with dashes: option elements know no other way."""
    return [(str(category.pk), "— " * category.depth + category.name) for category in categories]


class BulkForm(forms.Form):
    """Chosen rows and what to do with them."""

    MAXIMUM = 100
    action = forms.ChoiceField(
        choices=[
            ("trash", _("Move to trash")),
            ("publish", _("Publish")),
            ("restore", _("Restore")),
        ]
    )
    ids = forms.MultipleChoiceField(required=True)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        posted = data.getlist("ids")[: self.MAXIMUM]
        # Any UUID is accepted here; which posts the actor may touch is asked row by row.
        self.fields["ids"].choices = [(text, text) for text in posted if _is_uuid(text)]


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _is_day(text: str) -> bool:
    """A day of the calendar, written as the lists of due reviews read it."""
    day = parse_due(text)
    return day is not None and day.isoformat() == text


class CustomFieldForm(forms.Form):
    """One row: name and value. A row without name and value is no row."""

    key = forms.CharField(label=pgettext_lazy("custom field", "Name"), max_length=100, required=False)
    value = forms.CharField(
        label=pgettext_lazy("custom field", "Value"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 1}),
    )

    def clean_key(self) -> str:
        key = self.cleaned_data["key"].strip()
        if key.startswith(HIDDEN_FIELD_PREFIX):
            raise ValidationError(_("Names beginning with an underscore are reserved. Choose another name."), "hidden")
        return key

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("value") and not data.get("key") and "key" not in self.errors:
            self.add_error("key", ValidationError(_("Give this value a name, or remove the row."), "no_key"))
        if data.get("key") == REVIEW_DUE and data.get("value") and not _is_day(data["value"]):
            message = _("Write the day of the next review as year-month-day, for example 2028-05-31.")
            self.add_error("value", ValidationError(message, "review_due"))
        return data


class BaseCustomFieldFormSet(BaseFormSet):
    """Rows of custom fields; each name once."""

    def clean(self) -> None:
        seen: set[str] = set()
        for form in self.forms:
            key = form.cleaned_data.get("key") if hasattr(form, "cleaned_data") else ""
            if not key or form.cleaned_data.get("DELETE"):
                continue
            if key in seen:
                form.add_error("key", ValidationError(_("This name is used twice. Use each name once."), "duplicate"))
            seen.add(key)

    def values(self) -> dict[str, str]:
        """Name → value, in the order of the rows."""
        rows = (form.cleaned_data for form in self.forms)
        return {row["key"]: row["value"] for row in rows if row.get("key") and not row.get("DELETE")}


CustomFieldFormSet = formset_factory(
    CustomFieldForm, formset=BaseCustomFieldFormSet, extra=2, can_delete=True, max_num=200, absolute_max=200
)


class EditorForm(forms.Form):
    """The editor: a form over a revision. `base_number` is the revision that the writer started from."""

    base_number = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    title = forms.CharField(label=_("Title"), max_length=255, required=False, strip=True)
    slug = forms.CharField(
        label=_("Permalink"),
        max_length=255,
        required=False,
        help_text=_("Lower-case letters, digits and hyphens. Left empty, it is made from the title."),
    )
    content = RichTextField(label=_("Content"), required=False)
    excerpt = forms.CharField(
        label=_("Excerpt"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One or two sentences for lists, feeds and search results."),
    )
    category = forms.ChoiceField(label=_("Primary category"), required=False)
    category_ids = forms.MultipleChoiceField(label=_("Categories"), required=False, widget=TreeCheckboxes)
    compliance_level = forms.ChoiceField(label=_("Compliance level"), required=False)
    medical_category = forms.ChoiceField(label=_("Medical category"), required=False)
    medical_disclaimer = forms.CharField(
        label=_("Disclaimer"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    meta_description = forms.CharField(
        label=_("Meta description"),
        required=False,
        max_length=160,
        widget=forms.Textarea(attrs={"rows": 2, "data-counter": "160"}),
        help_text=_("Shown by search engines under the title; at most 160 characters."),
    )
    meta_keywords = forms.CharField(label=_("Keywords"), required=False, max_length=255)
    scientific_references = forms.CharField(
        label=_("References"),
        required=False,
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One per line: PMID, DOI, web address, or the full citation. Saving puts the cited ones first."),
    )
    author = forms.ChoiceField(label=_("Author"), required=False)
    summary = forms.CharField(
        label=_("What changed"),
        required=False,
        max_length=255,
        help_text=_("A note for the list of revisions."),
    )
    scheduled_at = forms.DateTimeField(
        label=_("Publish on"),
        required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        help_text=_("Empty: immediately."),
    )

    def __init__(
        self,
        *args: Any,
        post: Post | None,
        categories: list[Category],
        authors: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.post = post
        choices = category_choices(categories)
        self.fields["category"].choices = NOTHING + choices
        self.fields["category_ids"].choices = [(str(category.pk), category.name) for category in categories]
        self.fields["category_ids"].widget.depths = {str(category.pk): category.depth for category in categories}
        self.fields["compliance_level"].choices = NOTHING + ComplianceLevel.choices
        self.fields["medical_category"].choices = [("", _("Not medical")), *MedicalCategory.choices]
        if authors:
            self.fields["author"].choices = authors
        else:
            del self.fields["author"]

    def clean_content(self) -> str:
        return _without_nul(self.cleaned_data["content"])

    def clean_slug(self) -> str:
        """A readable permalink; the message for a taken one suggests a free one."""
        typed = self.cleaned_data["slug"].strip()
        slug = slugify(typed)[:255].strip("-")
        if typed and not slug:
            raise ValidationError(_("Use letters, digits and hyphens for the permalink."), "slug")
        if slug and slug != self.initial.get("slug") and (taken := _taken(slug, self.post)):
            suggestion = next(f"{slug}-{n}" for n in range(2, len(taken) + 3) if f"{slug}-{n}" not in taken)
            raise ValidationError(
                _("The permalink “%(slug)s” is already used by another text. Try “%(suggestion)s”."),
                "slug_taken",
                {"slug": slug, "suggestion": suggestion},
            )
        return slug

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        chosen = data.get("category_ids") or []
        if chosen and not data.get("category"):
            data["category"] = chosen[0]  # one of the ticked ones leads: addresses and breadcrumbs need it
        level = data.get("compliance_level")
        disclaimer = (data.get("medical_disclaimer") or "").strip()
        if level in DISCLAIMER_LEVELS and len(disclaimer) < DISCLAIMER_MINIMUM:
            self.add_error(
                "medical_disclaimer",
                ValidationError(
                    _("This level needs a disclaimer of at least %(number)s characters."),
                    "disclaimer",
                    {"number": DISCLAIMER_MINIMUM},
                ),
            )
        return data

    def _wanted_slug(self) -> str | None:
        """The typed permalink; None asks the service for one from the title."""
        slug, title = self.cleaned_data["slug"], self.cleaned_data["title"]
        if self.post and slug in ("", self.post.slug) and slugify(title) == self.post.slug:
            return self.post.slug
        if self.post and title and _is_placeholder(slug) and not self.post.is_live:
            return None  # the title has come: the permalink follows it, this once
        return slug or None

    def changes(self, custom_fields: dict[str, str]) -> dict[str, Any]:
        """What `save_revision` takes."""
        data = self.cleaned_data
        changes: dict[str, Any] = {
            name: data[name]
            for name in (
                "title",
                "content",
                "excerpt",
                "medical_disclaimer",
                "meta_description",
                "meta_keywords",
            )
        }
        changes |= {
            "slug": self._wanted_slug(),
            "compliance_level": data["compliance_level"] or None,
            "medical_category": data["medical_category"] or None,
            "category_id": data["category"] or None,
            "category_ids": data["category_ids"],
            "scientific_references": [
                line.strip() for line in data["scientific_references"].splitlines() if line.strip()
            ],
            "custom_fields": custom_fields,
        }
        if data.get("author"):
            changes["author_id"] = data["author"]
        return changes


def _is_placeholder(slug: str) -> bool:
    """`rascunho-<8 hex>`: the permalink of a text that had no title yet."""
    return re.fullmatch(r"rascunho-[0-9a-f]{8}", slug) is not None


def _taken(slug: str, post: Post | None) -> set[str]:
    """Permalinks equal to `slug` or numbered after it; empty when `slug` is free."""
    others = Post.objects.exclude(pk=post.pk) if post else Post.objects.all()
    taken = set(others.filter(slug__startswith=slug).values_list("slug", flat=True))
    return taken if slug in taken else set()


def _without_nul(text: str) -> str:
    return text.replace("\x00", "")


def initial_from(revision: PostRevision) -> dict[str, Any]:
    """The form's values as the revision has them."""
    return {
        "base_number": revision.number,
        "title": revision.title,
        "slug": revision.slug,
        "content": revision.content,
        "excerpt": revision.excerpt,
        "category": str(revision.category_id) if revision.category_id else "",
        "category_ids": [str(term) for term in revision.category_ids],
        "compliance_level": revision.compliance_level,
        "medical_category": revision.medical_category,
        "medical_disclaimer": revision.medical_disclaimer,
        "meta_description": revision.meta_description,
        "meta_keywords": revision.meta_keywords,
        "scientific_references": "\n".join(revision.scientific_references),
        "author": str(revision.author_id),
    }


def visible_fields(custom_fields: dict[str, str]) -> list[dict[str, str]]:
    """Rows for the editor; hidden fields are kept aside."""
    rows = custom_fields.items()
    return [{"key": key, "value": value} for key, value in rows if not key.startswith(HIDDEN_FIELD_PREFIX)]


def hidden_fields(custom_fields: dict[str, str]) -> dict[str, str]:
    """Fields that belong to programs (featured image): kept as they are."""
    return {key: value for key, value in custom_fields.items() if key.startswith(HIDDEN_FIELD_PREFIX)}


class CategoryForm(forms.ModelForm):
    """A term of the tree. The slug is made from the name when left empty; a parent may not be a descendant."""

    class Meta:
        model = Category
        fields = (
            "name",
            "slug",
            "parent",
            "description",
            "medical_specialty",
            "compliance_required",
            "crm_validation_required",
        )
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, categories: list[Category], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.categories = categories
        self.fields["slug"].required = False
        self.fields["slug"].help_text = _("Left empty, it is made from the name.")
        below = _descendants(self.instance, categories)
        offered = [category for category in categories if category.pk not in below]
        self.fields["parent"].choices = [("", _("None (top level)")), *category_choices(offered)]
        self.fields["parent"].empty_label = None
        for name in ("compliance_required", "crm_validation_required"):
            self.fields[name].widget = forms.CheckboxInput()

    def clean_parent(self) -> Category | None:
        parent = self.cleaned_data["parent"]
        if parent and parent.pk in _descendants(self.instance, self.categories):
            raise ValidationError(_("A category cannot be placed under itself. Choose another parent."), "loop")
        return parent

    def clean_slug(self) -> str:
        typed = (self.cleaned_data.get("slug") or "").strip() or self.data.get("name", "")
        slug = slugify(typed)[:100].strip("-")
        if not slug:
            raise ValidationError(_("Use letters, digits and hyphens."), "slug")
        if Category.objects.filter(slug=slug).exclude(pk=self.instance.pk).exists():
            raise ValidationError(
                _("The slug “%(slug)s” is already used by another category. Choose another one."),
                "slug_taken",
                {"slug": slug},
            )
        return slug

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        name, parent = data.get("name"), data.get("parent")
        siblings = Category.objects.filter(name=name, parent=parent).exclude(pk=self.instance.pk)
        if name and siblings.exists():
            self.add_error(
                "name", ValidationError(_("There is a category of this name at the same place already."), "name_taken")
            )
        return data


def _descendants(category: Category, categories: list[Category]) -> set[uuid.UUID]:
    """Ids of the category and of everything under it."""
    found = {category.pk} if not category._state.adding else set()
    for candidate in categories:  # tree order: parents come first
        if candidate.parent_id in found:
            found.add(candidate.pk)
    return found


def plain_number(text: str) -> int | None:
    """A revision number from an address; None when it is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text or "") else None
