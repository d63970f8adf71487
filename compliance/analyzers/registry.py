"""Professional registries of Brazil: one normal form per registry (domain 4.6), detection in text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import scan

UF = "AC|AL|AM|AP|BA|CE|DF|ES|GO|MA|MG|MS|MT|PA|PB|PE|PI|PR|RJ|RN|RO|RR|RS|SC|SE|SP|TO"
_NUMBER = r"[\s:/nNº°o.\-–]{0,6}"

_FORMS: dict[str, tuple[scan.Pattern, ...]] = {
    "medico": (
        scan.compile(rf"(?i)CRM[/\- ]{{0,3}}({UF}){_NUMBER}(\d{{1,7}})(-?P)?"),
        scan.compile(rf"(?i)(?:CRM[:\s]{{0,2}})?()(\d{{1,7}})(-?P)?[/\- ]({UF})"),
    ),
    "especialista": (scan.compile(rf"(?i)RQE{_NUMBER}(\d{{1,6}})"),),
    "psicologo": (scan.compile(r"(?i)CRP[ \-/:nº]{0,4}(0?[1-9]|1\d|2[0-4])/(\d{1,6})(/J)?"),),
    "enfermeiro": (
        scan.compile(rf"(?i)COREN[/\- ]{{0,3}}({UF}){_NUMBER}(\d{{1,7}})(?:[- ](ENF|TE|TEC|AE|AUX|OBST))?"),
    ),
    "dentista": (scan.compile(rf"(?i)CRO[/\- ]{{0,3}}({UF})[ \-/:nº]{{0,4}}(?:CD[ \-]?)?(\d{{1,6}})"),),
    "farmaceutico": (scan.compile(rf"(?i)CRF[/\- ]{{0,3}}({UF})[ \-/:nº]{{0,4}}(\d{{1,6}})"),),
    "nutricionista": (scan.compile(r"(?i)CRN[\- ]?(0?[1-9]|1[01])[ª]?[ /\-:nº]{0,4}(\d{1,6})"),),
    "fisioterapeuta": (scan.compile(r"(?i)CREFITO[\- ]?(\d{1,2})[ª]?[ /\-:nº]{0,4}(\d{1,6})-?(F|TO)?"),),
}


def _medico(groups: tuple) -> str:
    if groups[0]:
        uf, number, provisional = groups[:3]
    else:
        _, number, provisional, uf = groups
    return f"CRM/{uf.upper()} {_digits(number)}{'-P' if provisional else ''}"


def _digits(number: str) -> str:
    return str(int(number))


_BUILD: dict[str, Callable[[tuple], str]] = {
    "medico": _medico,
    "especialista": lambda g: f"RQE {_digits(g[0])}",
    "psicologo": lambda g: f"CRP {int(g[0]):02d}/{g[1]}{'/J' if g[2] else ''}",
    "enfermeiro": lambda g: f"COREN-{g[0].upper()} {_digits(g[1])}{'-' + g[2].upper() if g[2] else ''}",
    "dentista": lambda g: f"CRO-{g[0].upper()} {_digits(g[1])}",
    "farmaceutico": lambda g: f"CRF-{g[0].upper()} {_digits(g[1])}",
    "nutricionista": lambda g: f"CRN-{int(g[0])} {_digits(g[1])}",
    "fisioterapeuta": lambda g: f"CREFITO-{int(g[0])}/{_digits(g[1])}{'-' + g[2].upper() if g[2] else ''}",
}

_TEXT = scan.compile(
    rf"(?<!\w)(?:(?:CRM|COREN|CRO|CRF)(?:[/\- ]{{1,2}}(?:{UF}))?[\s:/nNº°.\-]{{0,6}}(?:CD[ -]?)?\d[\d.]{{1,9}}(?:[-/](?:P|{UF}|ENF|TE|TEC|AE|AUX|OBST))?"
    r"|CRP[\s:/nº\-]{0,4}\d{1,2}[/\-]\d[\d.]{1,8}(?:/J)?|(?:RQE|RMS)[\s:/nNº°.\-]{0,6}\d[\d.]{1,8}"
    r"|CREFITO[\s:/\-]{0,2}\d{1,2}[\s/\-ª]{0,3}\d{2,7}(?:-?(?:F|TO))?|CRN[\s:/\-]{0,2}\d{1,2}[\s/\-ªnº]{0,3}\d[\d.]{1,8}(?:/P)?)(?!\w)"
)


@dataclass(frozen=True)
class Registry:
    profession: str
    normal: str


def normal_form(profession: str, value: str) -> str | None:
    """The canonical spelling of a registry, or None when it is not one of this profession."""
    forms = _FORMS.get(profession)
    if not forms or len(value) > 60:
        return None
    compact = "".join(c for i, c in enumerate(value.strip()) if not _is_number_dot(value.strip(), i))
    for form in forms:
        match = form.fullmatch(compact)
        if match:
            return _BUILD[profession](match.groups())
    return None


def _is_number_dot(value: str, index: int) -> bool:
    return value[index] == "." and value[index - 1 : index].isdigit() and value[index + 1 : index + 2].isdigit()


def identify(value: str) -> Registry | None:
    """Profession and normal form of a registry in any of the accepted spellings."""
    for profession in _FORMS:
        normal = normal_form(profession, value)
        if normal:
            return Registry(profession, normal)
    return None


def spans(text: str) -> list[tuple[int, int]]:
    """Where a text prints registries (information, not personal data of a patient)."""
    return [match.span() for match in _TEXT.finditer(text)]
