"""Tags of the public pages."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django import template
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.enums import ProfessionalType
from compliance import evidence
from content.access import has_session, reader_of
from content.citations import link_of
from content.enums import MedicalCategory
from content.markers import keys_of, linked
from content.marks import Span, mark_html
from content.menu import menu_of
from content.public_claims import sentence_of

register = template.Library()
# Where a reference's number leads. These are links for the reader to follow; nothing is loaded from there.
REGISTRIES = {
    "DOI": "https://doi.org/",
    "PMID": "https://pubmed.ncbi.nlm.nih.gov/",
    "PMCID": "https://pmc.ncbi.nlm.nih.gov/articles/",
    "URL": "",
}
# What ends a script element, or a line in JavaScript.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


@register.simple_tag(takes_context=True)
def site_chrome(context: dict[str, Any]) -> dict[str, Any]:
    """Menu and reader of the page; both empty where no tenant answers. Nothing of the session without its cookie."""
    request = context.get("request")
    site = getattr(request, "site", None)
    if site is None or site.is_platform:
        return {"menu": None, "reader": None, "name": "Healthcare CMS"}
    menu = menu_of(site)
    reader = reader_of(request) if has_session(request) else None
    return {"menu": menu, "reader": reader if reader and reader.is_authenticated else None, "name": menu.name}


@register.filter
def json_ld(data: Any) -> SafeString:
    """JSON that can stand inside a script element."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(ESCAPES))  # noqa: S308 - escaped by the table above


@register.filter
def credential(person: dict[str, Any]) -> str:
    """Profession, registry and speciality as advertising rules want them shown: "Physician · CRM/SP 123456"."""
    if not person or not person.get("registry"):
        return ""
    profession = person.get("type") or ""
    label = str(ProfessionalType(profession).label).upper() if profession in ProfessionalType.values else ""
    return " · ".join(filter(None, [label, person["registry"], person.get("speciality")]))


@register.filter
def long_date(when: datetime | None) -> str:
    """The date in words; in Portuguese months are written small."""
    text = date_format(localtime(when), "DATE_FORMAT") if when else ""
    return text.lower() if (get_language() or "").startswith("pt") else text


@register.simple_tag
def cited_text(html: str | None, references: list[Any]) -> dict[str, Any]:
    """A text whose markers lead to its list, and the list with the way back: `html` (cleaned) and `lines`."""
    shown, anchors = linked(html, len(references or []))
    lines = [
        {"number": number, "entry": entry, "back": anchors.get(number, [])}
        for number, entry in enumerate(references or [], 1)
    ]
    return {"html": mark_safe(shown), "lines": lines}  # noqa: S308 - cleaned on saving, and `linked` adds numbers only


@register.filter
def with_evidence(html: str | None, details: dict[str, Any]) -> str:
    """A text with a small link behind each sentence whose evidence can be opened. Its words stay as they were."""
    claims = enumerate(details.get("claims") or [], 1)  # pages of an older release keep none
    spans = [Span(claim["start"], claim["end"], after=_evidence_link(number)) for number, claim in claims]
    return mark_html(html or "", spans).html if spans else html or ""


def _evidence_link(number: int) -> str:
    return format_html(
        ' <a class="evidence-link" id="claim:{0}" href="#evidence:{0}" lang="{1}">{2}</a>',
        number,
        get_language(),
        _("evidence %(number)s") % {"number": number},
    )


@register.simple_tag
def evidence_of(html: str | None, details: dict[str, Any]) -> list[dict[str, Any]]:
    """What stands behind each of those sentences: level, works, who accepted it and when."""
    lines: dict[str, tuple[int, dict[str, Any]]] = {}
    for number, entry in enumerate(details.get("references") or [], 1):
        if isinstance(entry, dict):  # pages of an older release keep plain lines
            for key in keys_of(str(entry["id"])):
                lines.setdefault(key.lower(), (number, entry))
    return [
        {
            **claim,
            "number": number,
            "sentence": sentence_of(html or "", claim),
            "level": evidence.label(claim["scale"], claim["level"]),
            "at": parse_datetime(claim["at"]),
            "works": [
                {"id": each, "number": line[0] if line else None, "entry": line[1] if line else {"id": each}}
                for each, line in ((each, lines.get(each.lower())) for each in claim["references"])
            ],
        }
        for number, claim in enumerate(details.get("claims") or [], 1)
    ]


@register.filter
def citation(reference: str | dict[str, Any]) -> SafeString:
    """A reference in its normal form, linked where it has an address: DOI, PubMed, URL."""
    if isinstance(reference, dict):
        if reference.get("text"):
            return _known_work(reference)
        reference = str(reference.get("id", ""))
    if (address := link_of(reference)) and address != reference:
        return format_html('<a href="{}">{}</a>', address, reference)
    kind, colon, number = reference.partition(":")
    prefix = REGISTRIES.get(kind.strip().upper()) if colon else None
    if prefix is None or not (number := number.strip()):
        return mark_safe(urlize(reference, nofollow=False, autoescape=True))  # noqa: S308 - urlize escapes
    if kind.strip().upper() == "URL":
        return mark_safe(urlize(number, nofollow=False, autoescape=True))  # noqa: S308 - urlize escapes
    return format_html('<a href="{}{}">{}</a>', prefix, quote(number, safe="/;()."), reference)


def _known_work(entry: dict[str, Any]) -> SafeString:
    """The citation in words, with the address behind it."""
    if not entry.get("url"):
        return format_html("{}", entry["text"])
    return format_html('{} <a href="{}" rel="noopener">{}</a>', entry["text"], entry["url"], _("Read at the source"))


@register.filter
def medical_label(value: str | None) -> str:
    """Name of a medical category."""
    return str(MedicalCategory(value).label) if value in MedicalCategory.values else ""


@register.filter
def reading_time(minutes: Any) -> str:
    """Minutes as readers know them: "4 min read"."""
    return _("%(minutes)s min read") % {"minutes": minutes} if minutes else ""
