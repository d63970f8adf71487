"""The only HTML that gets into the database."""

import re
from html import unescape
from urllib.parse import urlsplit

import nh3
from django.utils.text import slugify

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "div", "dl", "dt", "em",
    "figcaption", "figure", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "ol", "p", "pre", "q",
    "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title", "id", "hreflang", "target"},
    "img": {"src", "alt", "width", "height", "title"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
    "ol": {"start", "type", "reversed"},
    "blockquote": {"cite"},
    "abbr": {"title"},
    "sup": {"data-ref"},
    "*": {"lang", "dir"},
}


# Parsing costs the square of what is open: 200 kB of <div> took 12 s, 27 kB of unclosed <b a=1><b a=2>… 1 GB.
MOST_TAGS = 15_000
MOST_REOPENED = 500_000
MOST_AMPERSANDS = 100_000
# Start tags of elements that are reopened, with attributes; up to the closing bracket where no quote can hide another.
FORMATTING = re.compile(
    r"<(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)"
    r"""(?:(?:\s+[\w-]+=(?:"[^"<>]*"|'[^'<>]*'))+\s*/?>|[\s/])""",
    re.I,
)


def is_costly(html: str | None) -> bool:
    """Could parsing it take more time and memory than an honest text ever does? Asked before `clean_html`.

    Every tag may walk all open elements, and every block reopens the unclosed formatting elements: three of each
    kind, so that other attributes make another kind. Counted without parsing: no trick of the mark-up hides anything.
    """
    html = _without_nul(html)
    tags = len(re.findall(r"<[a-zA-Z]", html))
    found = FORMATTING.findall(html)
    kinds = {tag for tag in found if tag.endswith(">")}
    unclear = sum(not tag.endswith(">") for tag in found)
    reopened = tags * (3 * len(kinds) + unclear)
    return tags > MOST_TAGS or reopened > MOST_REOPENED or html.count("&") > MOST_AMPERSANDS


def _own_media_only(tag: str, attribute: str, value: str) -> str | None:
    """An image of another host would tell that host who reads about which disease."""
    if tag == "img" and attribute == "src":
        parts = urlsplit(value)
        return value if not parts.scheme and not parts.netloc and value.startswith("/") else None
    if tag == "a" and attribute == "target":
        return "_blank" if value == "_blank" else None
    if attribute == "data-ref":  # a citation (content.markers): an identifier or a short name, never mark-up
        return value if 0 < len(value.strip()) <= 300 and not set('<>"') & set(value) else None
    return value


def clean_html(html: str | None) -> str:
    """`html` reduced to the allowed tags and attributes, with an id on each h2 for the table of contents."""
    cleaned = nh3.clean(
        _without_nul(html),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_own_media_only,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener",
        strip_comments=True,
    )
    return _with_heading_ids(cleaned.strip())


def headings(html: str | None) -> list[tuple[str, str]]:
    """(id, text) of each h2 of cleaned HTML."""
    return [(match[1], _plain(match[2])) for match in re.finditer(r'<h2 id="([^"]*)">(.*?)</h2>', html or "", re.S)]


def _with_heading_ids(html: str) -> str:
    """Ids made from the heading's words, numbered where two are alike: the same text gives the same ids."""
    seen: dict[str, int] = {}

    def numbered(match: re.Match[str]) -> str:
        base = slugify(_plain(match[1]))[:60] or "secao"
        seen[base] = seen.get(base, 0) + 1
        suffix = f"-{seen[base]}" if seen[base] > 1 else ""
        return f'<h2 id="{base}{suffix}">{match[1]}</h2>'

    return re.sub(r"<h2>(.*?)</h2>", numbered, html, flags=re.S)


def _plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html)).strip()


def clean_text(text: str | None) -> str:
    """Plain text: line feeds only, no control characters but tab and line feed."""
    text = _without_nul(text).replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text).strip()


def _without_nul(text: str | None) -> str:
    return (text or "").replace("\x00", "")
