"""Citations in words: Vancouver (ICMJE) and ABNT NBR 6023, and schema.org for machines (domain rules 3.4).

Formatters read attributes of a `Reference` and ask the database nothing. What is not known is left out; ABNT's own
signs for it ([S. l.], [s. n.], [s. d.]) stand where the standard wants them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from content.enums import ReferenceKind, ReferenceType

MONTHS = ("jan.", "fev.", "mar.", "abr.", "maio", "jun.", "jul.", "ago.", "set.", "out.", "nov.", "dez.")
VANCOUVER_AUTHORS = 6
ABNT_AUTHORS = 3
# Where an identifier leads. These are links for the reader to follow; nothing is loaded from there.
_REGISTERS = (
    (re.compile(r"DOI:(.+)", re.S), "https://doi.org/{}"),
    (re.compile(r"PMID:(\d+)"), "https://pubmed.ncbi.nlm.nih.gov/{}"),
    (re.compile(r"(PMC\d+)"), "https://pmc.ncbi.nlm.nih.gov/articles/{}"),
    (re.compile(r"(NCT\d{8})"), "https://clinicaltrials.gov/study/{}"),
    (re.compile(r"(ISRCTN\d{8})"), "https://www.isrctn.com/{}"),
    (re.compile(r"(RBR-[0-9a-z]{6,8})"), "https://ensaiosclinicos.gov.br/rg/{}"),
    (re.compile(r"(S\d{4}-\d{3}[\dX]\d{13})"), "https://www.scielo.br/scielo.php?script=sci_arttext&pid={}"),
    (re.compile(r"(lil-\d{4,8})"), "https://pesquisa.bvsalud.org/portal/resource/pt/{}"),
)
_SCHEMA = {
    ReferenceKind.ARTICLE: "ScholarlyArticle",
    ReferenceKind.BOOK: "Book",
    ReferenceKind.CHAPTER: "Chapter",
    ReferenceKind.REPORT: "Report",
    ReferenceKind.WEBPAGE: "WebPage",
    ReferenceKind.TRIAL: "MedicalTrial",
    ReferenceKind.THESIS: "Thesis",
}


@dataclass(frozen=True)
class Strong:
    """A part that the pattern sets in bold type."""

    text: str


def link_of(identifier: str) -> str:
    """Address of an identifier; empty when it has none."""
    if re.match(r"https?://", identifier):
        return identifier
    for pattern, address in _REGISTERS:
        if match := pattern.fullmatch(identifier):
            return address.format(quote(match[1], safe="/;()."))
    return ""


def address_of(item: Any) -> str:
    """Where the work can be read: its own address, or that of its first identifier that leads somewhere."""
    return item.url or next(filter(None, (link_of(each) for each in item.identifiers)), "")


# --- Names -----------------------------------------------------------------------------------------------------------


def initials(given: str) -> list[str]:
    """First letters of the given names: "Ana Maria" → A, M; "J.-P." → J, P; "AM" as Vancouver writes it → A, M."""
    words = [word for word in re.split(r"[\s.\-]+", given) if word]
    if len(words) == 1 and words[0].isupper() and len(words[0]) <= 3:
        return list(words[0])
    return [word[0].upper() for word in words if word[0].isalpha() and not word.islower()]


def vancouver_names(authors: list[dict[str, str]]) -> str:
    """`Silva AM, Souza J`; six names, then et al."""
    names = [_vancouver_name(author) for author in authors[:VANCOUVER_AUTHORS]]
    return ", ".join([*filter(None, names), *(["et al"] if len(authors) > VANCOUVER_AUTHORS else [])])


def _vancouver_name(author: dict[str, str]) -> str:
    if literal := author.get("literal"):
        return literal.strip().rstrip(".")
    return " ".join(filter(None, [author.get("family", "").strip(), "".join(initials(author.get("given", "")))]))


def abnt_names(authors: list[dict[str, str]]) -> str:
    """`SILVA, A. M.; SOUZA, J.`; of four or more the first and et al."""
    if len(authors) > ABNT_AUTHORS:
        return f"{_abnt_name(authors[0])} et al."
    return "; ".join(filter(None, map(_abnt_name, authors)))


def _abnt_name(author: dict[str, str]) -> str:
    if literal := author.get("literal"):
        head, dot, rest = literal.strip().rstrip(".").partition(".")
        return f"{head.upper()}{dot}{rest}"
    letters = " ".join(f"{letter}." for letter in initials(author.get("given", "")))
    return ", ".join(filter(None, [author.get("family", "").strip().upper(), letters]))


# --- Vancouver -------------------------------------------------------------------------------------------------------


def vancouver(item: Any) -> str:
    """`Silva AM, Souza J. Title. Journal. 2023;12(3):45-52. doi:…`; online works with address and day of access."""
    by_kind = {
        ReferenceKind.BOOK: _vancouver_book,
        ReferenceKind.CHAPTER: _vancouver_chapter,
        ReferenceKind.REPORT: _vancouver_online,
        ReferenceKind.WEBPAGE: _vancouver_online,
        ReferenceKind.TRIAL: _vancouver_trial,
        ReferenceKind.THESIS: _vancouver_thesis,
    }
    parts = [vancouver_names(item.authors), *by_kind.get(item.csl_type, _vancouver_article)(item)]
    return _sentences([*parts, *_vancouver_numbers(item)])


def _vancouver_article(item: Any) -> list[str]:
    issue = f"({item.issue})" if item.issue else ""
    where = f"{item.volume}{issue}" + (f":{item.pages}" if item.pages else "")
    when = ";".join(filter(None, [_year(item), where]))
    return [item.title, item.container, when]


def _imprint(item: Any) -> str:
    """`São Paulo: Atheneu; 2020`."""
    house = ": ".join(filter(None, [item.place, item.publisher]))
    return "; ".join(filter(None, [house, _year(item)]))


def _vancouver_book(item: Any) -> list[str]:
    return [item.title, _imprint(item)]


def _vancouver_chapter(item: Any) -> list[str]:
    pages = f"p. {item.pages}" if item.pages else ""
    return [item.title, f"In: {item.container}" if item.container else "", _imprint(item), pages]


def _vancouver_online(item: Any) -> list[str]:
    medium = f"{item.title} [Internet]" if address_of(item) else item.title
    cited = f" [citado {_day(item.accessed_at)}]" if item.accessed_at else ""
    return [medium, item.container, f"{_imprint(item)}{cited}".strip()]


def _vancouver_trial(item: Any) -> list[str]:
    register = item.container or item.publisher
    return [item.title, f"{register} [Internet]" if register else "", _year(item), f"Identificador: {item.identifier}"]


def _vancouver_thesis(item: Any) -> list[str]:
    return [f"{item.title} [tese]" if item.title else "", _imprint(item)]


def _vancouver_numbers(item: Any) -> list[str]:
    """DOI and PMID; an address where there is no DOI."""
    doi, pmid = item.identifier_of("DOI:"), item.identifier_of("PMID:")
    numbers = [f"doi:{doi}" if doi else "", f"PMID: {pmid}" if pmid else ""]
    if item.type == ReferenceType.ISBN:
        numbers.append(f"ISBN: {item.identifier}")
    online = item.csl_type in (ReferenceKind.REPORT, ReferenceKind.WEBPAGE, ReferenceKind.TRIAL)
    if (online or item.url) and not doi and (address := address_of(item)):
        numbers.append(f"Disponível em: {address}")
    return numbers


# --- ABNT ------------------------------------------------------------------------------------------------------------


def abnt(item: Any) -> str:
    """`SILVA, A. M.; SOUZA, J. Title. Journal, v. 12, n. 3, p. 45-52, 2023. DOI: ….` as plain text."""
    return "".join(part.text if isinstance(part, Strong) else part for part in _abnt(item))


def abnt_html(item: Any) -> SafeString:
    """The same with the highlighted part in bold type."""
    parts = _abnt(item)
    html = "".join(f"<strong>{escape(p.text)}</strong>" if isinstance(p, Strong) else escape(p) for p in parts)
    return mark_safe(html)  # noqa: S308 - every part is escaped


def _abnt(item: Any) -> list[str | Strong]:
    names = abnt_names(item.authors)
    kind = item.csl_type
    # Without an author the first word of the title leads, in capitals, and nothing of it is bold.
    title: str | Strong = item.title
    if not names:
        head, space, rest = item.title.partition(" ")
        title = f"{head.upper()}{space}{rest}"
    elif kind not in (ReferenceKind.ARTICLE, ReferenceKind.CHAPTER):
        title = Strong(_bare(item.title))
    sentences: list[list[str | Strong]] = [[names], [title]]
    if kind == ReferenceKind.ARTICLE:
        sentences.append(_abnt_journal(item))
    elif kind == ReferenceKind.CHAPTER:
        sentences += [["In: ", Strong(_bare(item.container))] if item.container else [], [_abnt_imprint(item)]]
        sentences.append([f"p. {item.pages}"] if item.pages else [])
    elif kind == ReferenceKind.THESIS:
        sentences += [[_year(item)], [f"Tese – {', '.join(filter(None, [item.publisher, item.place, _year(item)]))}"]]
    elif kind == ReferenceKind.TRIAL:
        sentences += [[f"Identificador: {item.identifier}"]]
        sentences.append([", ".join(filter(None, [item.container or item.publisher, _year(item)]))])
    else:
        sentences.append([_abnt_imprint(item)])
    return _joined([*sentences, *[[number] for number in _abnt_numbers(item)]])


def _abnt_journal(item: Any) -> list[str | Strong]:
    rest = [f"v. {item.volume}" if item.volume else "", f"n. {item.issue}" if item.issue else ""]
    rest += [f"p. {item.pages}" if item.pages else "", _year(item)]
    tail = ", ".join(filter(None, rest))
    if not item.container:
        return [tail]
    return [Strong(_bare(item.container)), f", {tail}" if tail else ""]


def _abnt_imprint(item: Any) -> str:
    """`São Paulo: Atheneu, 2020`; the standard's signs where place, publisher or year are unknown."""
    if item.csl_type in (ReferenceKind.BOOK, ReferenceKind.CHAPTER):
        return f"{item.place or '[S. l.]'}: {item.publisher or '[s. n.]'}, {_year(item) or '[s. d.]'}"
    house = ": ".join(filter(None, [item.place, item.publisher or item.container]))
    return ", ".join(filter(None, [house, _year(item)]))


def _abnt_numbers(item: Any) -> list[str]:
    doi = item.identifier_of("DOI:")
    numbers = [f"ISBN {item.identifier}" if item.type == ReferenceType.ISBN else "", f"DOI: {doi}" if doi else ""]
    online = item.csl_type in (ReferenceKind.REPORT, ReferenceKind.WEBPAGE, ReferenceKind.TRIAL)
    if not doi and (online or item.url or not item.container) and (address := address_of(item)):
        numbers.append(f"Disponível em: {address}")
        if item.accessed_at:
            numbers.append(f"Acesso em: {_day(item.accessed_at)}")
    return numbers


# --- Parts -----------------------------------------------------------------------------------------------------------


def _year(item: Any) -> str:
    return str(item.year) if item.year else ""


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _bare(text: str) -> str:
    """Without the full stop at its end: the pattern sets its own."""
    return text.strip().rstrip(".").strip()


def _sentences(parts: list[str]) -> str:
    """Each part with one mark at its end."""
    return " ".join(_ended(part.strip()) for part in parts if part and part.strip(" ."))


def _ended(part: str) -> str:
    if part.endswith(("?", "!")):
        return part
    if "://" in part or part.startswith("doi:"):
        return part  # a full stop would become part of the address
    return f"{part.rstrip('.').rstrip()}."


def _joined(sentences: list[list[str | Strong]]) -> list[str | Strong]:
    """Sentences of parts, a full stop after each; ABNT ends with one, also behind an address."""
    found: list[str | Strong] = []
    for sentence in sentences:
        parts = [part for part in sentence if (part.text if isinstance(part, Strong) else part)]
        if not parts:
            continue
        last = parts[-1].text if isinstance(parts[-1], Strong) else parts[-1]
        mark = "" if last.rstrip().endswith((".", "?", "!")) else "."
        found += [*([" "] if found else []), *parts, *([mark] if mark else [])]
    return found


# --- For machines ----------------------------------------------------------------------------------------------------


def structured(item: Any) -> dict[str, Any]:
    """The work as schema.org's CreativeWork, for `citation` in JSON-LD."""
    data: dict[str, Any] = {"@type": _SCHEMA.get(item.csl_type, "CreativeWork"), "name": item.title or item.identifier}
    if item.authors:
        data["author"] = [_schema_author(author) for author in item.authors]
    if item.year:
        data["datePublished"] = str(item.year)
    if item.container:
        data["isPartOf"] = {"@type": "Periodical" if item.csl_type == ReferenceKind.ARTICLE else "CreativeWork"} | {
            "name": item.container
        }
    data["identifier"] = item.identifiers if len(item.identifiers) > 1 else item.identifier
    if address := address_of(item):
        data["url"] = address
    return data


def _schema_author(author: dict[str, str]) -> dict[str, str]:
    if literal := author.get("literal"):
        return {"@type": "Organization", "name": literal}
    name = " ".join(filter(None, [author.get("given", ""), author.get("family", "")]))
    return {"@type": "Person", "name": name}
