"""Text of an HTML fragment; on SQLite the triggers of the search index call it."""

import re
from html import unescape

BLOCKS = re.compile(r"<(/?(?:p|div|li|h[2-6]|td|th|tr|br|hr|dd|dt|figcaption|caption|blockquote|pre)\b)", re.I)


def plain_text(html: str | None) -> str:
    """Tags removed, entities resolved; a block's end separates words, an inline tag within a word does not."""
    spaced = BLOCKS.sub(r" <\1", html or "")
    return unescape(re.sub(r"<[^>]*>", "", spaced)).strip()
