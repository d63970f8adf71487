"""Which specialty a text announces of its author, and with which RQE (CFM 2.336/2023 art. 4 II, 11 I; names: CFM 2.330/2023).

Only words that stand right at the author's name count: a specialty named in running text announces nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from . import scan
from .text import fold

AFTER = 120  # characters behind a name in which its titles stand
BEFORE = 60
MOST_PLACES = 50  # of one name in one text

# What a physician is called, by specialty; two names of one specialty count once ("ginecologista e obstetra").
_NAMES = {
    "acupuntura": "acupunturista", "alergia e imunologia": "alergista|alergologista|imunologista|allergist", "anestesiologia": "anestesiologista|anestesista|an[a]?esthesiologist",
    "angiologia": "angiologista", "cardiologia": "cardiologista|cardiologist", "cirurgia": "cirurgi(?:ao|a)|surgeon", "clínica médica": "internista|internist",
    "coloproctologia": "(?:colo)?proctologista", "dermatologia": "dermatologista|dermatologist", "endocrinologia": "endocrinologista|metabologista|endocrinologist",
    "endoscopia": "endoscopista", "gastroenterologia": "gastroenterologista|gastroenterologist", "genética médica": "geneticista|geneticist", "geriatria": "geriatra|geriatrician",
    "ginecologia e obstetrícia": "ginecologista|obstetra|gyn[a]?ecologist|obstetrician", "hematologia": "hematologista|hemoterapeuta|h[a]?ematologist", "homeopatia": "homeopata",
    "infectologia": "infectologista", "mastologia": "mastologista", "medicina de emergência": "emergencista", "medicina intensiva": "intensivista",
    "medicina física": "fisiatra", "nefrologia": "nefrologista|nephrologist", "neurocirurgia": "neurocirurgi(?:ao|a)|neurosurgeon", "neurologia": "neurologista|neuropediatra|neurologist",
    "nutrologia": "nutrolog[oa]", "oftalmologia": "oftalmologista|ophthalmologist", "oncologia": "oncologista|oncologist", "ortopedia e traumatologia": "ortopedista|traumatologista|orthop[a]?edist",
    "otorrinolaringologia": "otorrinolaringologista|otorrino", "patologia": "patologista|pathologist", "pediatria": "pediatra|p[a]?ediatrician", "pneumologia": "pneumologista|pulmonologist",
    "psiquiatria": "psiquiatra|psychiatrist", "radiologia": "radiologista|radiologist", "radioterapia": "radioterapeuta", "reumatologia": "reumatologista|rheumatologist", "urologia": "urologista|urologist",
}  # fmt: skip
_BY_WORD = [(scan.words(words), specialty) for specialty, words in _NAMES.items()]
_TITLE = scan.words("|".join(_NAMES.values()), "especialista em \\w{4,24}", "specialist in \\w{4,24}")
# Between a name and its titles: signs, a registry, "médica", "e" – and no verb, or the title is somebody else's.
_BETWEEN = scan.compile(
    r"(?:[\s,;:()|·–-]{1,3}(?:e|a|o|and|the|medic[oa]|plastic[oa]|vascular|geral|pediatric[oa]|physician|crm[/ -]?[a-z]{2}[ :-]{0,2}[\d.]{3,9}|rqe[ :.nº°o-]{0,4}\d{1,6})?){0,12}"
)
_BEFORE_NAME = scan.compile(r"[\s,]{1,2}(?:dra?\.?\s{1,2}|prof\.?a?\.?\s{1,2})?")
_RQE = scan.compile(r"(?<!\w)rqe[ :.nº°o-]{0,4}(\d{1,6})(?!\d)")
_HONORIFIC = scan.compile(r"(?:dra?|prof|profa)\.?\s")


@dataclass(frozen=True)
class Announced:
    """What stands at the author's name: specialties by their names, and RQE numbers in canonical form."""

    specialties: tuple[str, ...]
    rqe: tuple[str, ...]


def announced(folded: str, author_name: str) -> Announced:
    """Titles and RQE numbers beside every mention of the author in a folded text."""
    specialties: list[str] = []
    numbers: list[str] = []
    for start, end in _mentions(folded, author_name):
        for title in (*_titles_after(folded, end), *_title_before(folded, start)):
            specialties.append(_specialty(title))
        numbers += [f"RQE {match.group(1)}" for match in _RQE.finditer(folded, end, min(len(folded), end + AFTER))]
    return Announced(tuple(dict.fromkeys(specialties)), tuple(dict.fromkeys(numbers)))


def _mentions(folded: str, author_name: str) -> Iterator[tuple[int, int]]:
    name = fold(author_name).strip()
    while match := _HONORIFIC.match(name):
        name = name[match.end() :].strip()
    words = name.split()
    if len(words) < 2:
        return
    for written in dict.fromkeys((name, f"{words[0]} {words[-1]}")):
        scan.tick(len(folded))
        position = folded.find(written)
        for _ in range(MOST_PLACES):
            if position < 0:
                break
            yield position, position + len(written)
            position = folded.find(written, position + len(written))


def _titles_after(folded: str, end: int) -> Iterator[str]:
    last = min(len(folded), end + AFTER)
    for match in _TITLE.finditer(folded, end, last):
        between = _BETWEEN.match(folded, end, match.start())
        if between is None or between.end() != match.start():
            return
        yield match.group()
        end = match.end()


def _title_before(folded: str, start: int) -> Iterator[str]:
    for match in _TITLE.finditer(folded, max(0, start - BEFORE), start):
        between = _BEFORE_NAME.match(folded, match.end(), start)
        if between is not None and between.end() == start:
            yield match.group()


def _specialty(title: str) -> str:
    return next((specialty for pattern, specialty in _BY_WORD if pattern.search(title)), title)
