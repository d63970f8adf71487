"""Hits marked in a quotation, escaped: the databases mark with two private characters, never with tags."""

from html import unescape

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

START, STOP = "\ue000", "\ue001"


def marked(quotation: str | None) -> SafeString:
    """The quotation as HTML: everything escaped, hits in `<mark>`. Each mark is closed, whatever the text held."""
    parts = unescape(quotation or "").split(START)
    html = [escape(parts[0].replace(STOP, ""))]
    for part in parts[1:]:
        hit, _stop, rest = part.partition(STOP)
        html.append(f"<mark>{escape(hit)}</mark>{escape(rest.replace(STOP, ''))}")
    return mark_safe("".join(html))  # noqa: S308 - every piece is escaped above
