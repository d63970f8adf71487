"""Form fields of the editor: rich text without inline script, and a tree of checkboxes."""

from typing import Any

from django import forms
from django.template.loader import get_template
from django.utils.safestring import SafeString

CONTENT_LIMIT = 500_000  # characters; a long book chapter has a fifth of that


class LinesField(forms.CharField):
    """Several lines of plain text. Browsers count a line break as one character and send two; here it is one, too."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")


class RichTextArea(forms.Textarea):
    """A plain textarea, HTML inside, which `static/js/editor_text.js` turns into the visual editor.

    django-prose-editor's own widget needs an inline import map, which our content security policy refuses; we import
    its bundle by address instead and bring our own tool bar, whose labels are translated by Django.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 22, "data-rich-text": "", "spellcheck": "true", **(attrs or {})})


class RichTextField(forms.CharField):
    """HTML from the editor. It is sanitised by `content.sanitize` when it is saved, whatever door it came through."""

    widget = RichTextArea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": CONTENT_LIMIT, "strip": False, **kwargs})

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """No `maxlength`: the browser would count differently from us and cut a paste silently."""
        return {}


class TreeCheckboxes(forms.CheckboxSelectMultiple):
    """Checkboxes in tree order; `depths` maps a value to its depth, which becomes a class."""

    template_name = "admin/includes/tree_checkboxes.html"
    depths: dict[str, int] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["depth"] = min(self.depths.get(str(value), 0), 5)
        return option

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        """With the project's templates; Django's form renderer looks into apps only."""
        return get_template(template_name).render(context)

    def use_required_attribute(self, initial: Any) -> bool:
        return False
