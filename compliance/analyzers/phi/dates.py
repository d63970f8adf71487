"""Birth dates, dates of care and ages above 89 of one person; not study periods, not publication dates."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from .. import scan
from .candidate import Candidate
from .context import CARE_CUES, IDENTIFIER_CUES, PERSON_CUES, PLURAL_SUBJECTS, WEAK_CARE, Context

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janeiro jan january", "fevereiro fev february feb", "marco mar march", "abril abr april apr", "maio mai may", "junho jun june",
            "julho jul july", "agosto ago august aug", "setembro set september sep sept", "outubro out october oct", "novembro nov november",
            "dezembro dez december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + ")"
_NUMERIC = scan.compile(r"(?<![\d/.,-])(\d{1,2})\s?([/.\-])\s?(\d{1,2})\s?[/.\-]\s?(\d{4}|\d{2})(?![\d])(?![/.,-]\d)")
_ISO = scan.compile(r"(?<![\d/.,-])(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)(?![/.,-]\d)")
_LONG_PT = scan.compile(rf"(?<!\w)(\d{{1,2}})\s?[ºo°]?\s(?:de\s)?{_MONTH}\.?\s(?:de\s|do ano de\s)?(\d{{4}})(?!\d)")
_LONG_EN = scan.compile(rf"(?<!\w){_MONTH}\.?\s(\d{{1,2}})(?:st|nd|rd|th)?,?\s(\d{{4}})(?!\d)")
_LONG_EN_DAY = scan.compile(rf"(?<!\w)(\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}\.?,?\s(\d{{4}})(?!\d)")
_RANGE = scan.compile(r"\s{0,2}(?:a|ate|e|to|and|until|through|-|–|ao)\s{0,2}")
_RANGE_START = scan.words("de", "entre", "from", "between", "desde", "periodo", "intervalo")

_BIRTH = scan.words(
    "nascid[oa]", "nasceu", "nasci", "nascera", "nascia", "data de nascimento", "data nasc\\.?", "dt\\.? ?nasc\\.?", "d\\.?n\\.?", "nasc\\.?", "nascimento", "nata", "dob", "d\\.o\\.b\\.?", "date of birth",
    "born", "birth ?date", "birthday", "aniversario", "birth",
)  # fmt: skip
_NEUTRAL = scan.words(
    "publicad[oa]", "publicacao", "publicou", "atualizad[oa]", "revisad[oa]", "acesso em", "acessad[oa]", "published", "updated", "accessed", "vigor", "vigencia",
    "resolucao", "portaria", "lei", "decreto", "congresso", "simposio", "edital", "validade", "fabricacao", "inscric*", "boletim", "inaugurad[oa]", "inauguracao",
    "fundad[oa]", "founded", "received for publication", "accepted", "aprovad[oa] em", "comite de etica", "campanha", "evento", "prazo", "consulta publica", "webinar",
    "curso", "reuniao", "dia mundial", "dia nacional", "retrieved", "last reviewed", "versao", "diario oficial", "recebido em", "aceito em", "sancionad[oa]", "audiencia publica", "jornada", "feira",
    "primeir[oa] \\w{3,16} (?:\\w{2,16} )?d[oa] (?:hospital|estado|pais|brasil|cidade|mundo|regiao|america|instituto|instituicao|historia|servico|clinica)", "lancad[oa]", "lancamento", "effective", "deadline", "meeting", "conference",
)  # fmt: skip
_AGE_OVER = scan.compile(
    r"(?<![\w.,/-])(9\d|1[01]\d)(?:\s?anos(?:\sde\s(?:idade|vida))?|[\s-]{1,2}years?[\s-]{1,2}(?:old|of age)|-?\s?y/?o|\sa\.)(?!\w)|(?<!\w)aged\s(9\d|1[01]\d)(?!\d|\sand (?:over|older)|\sor )|(?<!\w)(?:com|aos|idade(?: de)?:?)\s(9\d|1[01]\d)a(?!\w)|(?<!\w)(?:age|idade):?\s(9\d|1[01]\d)(?!\d)"
)
_AGE_WORDS = scan.compile(
    r"(?<!\w)((?:noventa|cem|cento)(?:\se\s(?:um|uma|dois|duas|tres|quatro|cinco|seis|sete|oito|nove|dez|onze|doze))?)\sanos(?:\sde\sidade)?(?!\w)|(?<!\w)ninety(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?[\s-]years?[\s-]old(?!\w)"
)
_GROUP = scan.words(
    "ou mais", "e mais", "acima de", "mais de", "maiores de", "maior de", "a partir de", "and over", "and older", "or older", "over", "above", "older than", "at least", "ate", "up to",
    "menos de", "menores de", "entre", "between", "faixa etaria", "pessoas", "idos[oa]s", "pacientes", "participantes", "patients", "people", "adults", "participants", "nonagenari[oa]s",
    "hospital", "instituicao", "clinica", "universidade", "santa casa", "associacao", "historia", "fundad[oa]",
    "ha", "durante", "nos ultimos", "por quase", "expectativa de vida", "media", "mediana", "mean", "median", "atras", "ago", "sociedade", "hospital's", "institution", "garantia",
)  # fmt: skip
# A house has birthdays as well; so has a patient.
_BIRTHDAY = scan.words(
    "completa", "completou", "completara", "completaria", "comemora", "comemorou", "celebra", "celebrou", "aniversario"
)
_OLD_YEAR = scan.compile(
    r"(?:(?<!\w)(?:em|de|do|in|of|since|desde|ate|e|and|to|a|ano|year|by|circa)\s|\()(?:1[4-8]\d\d|19[0-3]\d)(?!\d|[ ./]\d)"
)
_CARE_VERB = scan.words(
    "internad[oa]", "atendid[oa]", "faleceu", "apresentou", "apresenta", "procurou", "evoluiu", "foi", "deu entrada", "queixa*", "relat*", "sofreu", "caiu", "recebeu", "tem", "was", "presented",
    "underwent", "fell", "died", "lives", "mora", "reside", "admitted", "has", "had", "chegou", "realizou", "operad[oa]", "vive", "com historico", "hipertens[oa]", "diabetic[oa]", "trazid[oa]", "queda", "fratura", "submetid[oa]", "diagnostic*", "brought", "complain*", "seen", "referred", "acompanhad[oa]", "usa", "uses", "toma", "takes", "tratad[oa]", "treated", "examinad[oa]", "visitad[oa]", "veio", "came",
)  # fmt: skip


_LIVING_SINCE = 1910  # nobody born before is in care today


def find(ctx: Context) -> Iterator[Candidate]:
    yield from _dates(ctx)
    yield from _ages(ctx)


def _all_dates(ctx: Context) -> list[tuple[int, int, datetime.date]]:
    found: dict[tuple[int, int], datetime.date] = {}
    for match in _NUMERIC.finditer(ctx.digits):
        date = _numeric(match, ctx.view.lang)
        if date:
            found[match.span()] = date
    for match in _ISO.finditer(ctx.digits):
        _add(found, match.span(), match.group(1), match.group(2), match.group(3))
    for match in _LONG_PT.finditer(ctx.fold):
        _add(found, match.span(), match.group(3), _MONTHS[match.group(2)], match.group(1))
    for match in _LONG_EN.finditer(ctx.fold):
        _add(found, match.span(), match.group(3), _MONTHS[match.group(1)], match.group(2))
    for match in _LONG_EN_DAY.finditer(ctx.fold):
        if match.span() not in found:
            _add(found, match.span(), match.group(3), _MONTHS[match.group(2)], match.group(1))
    return sorted((start, end, date) for (start, end), date in found.items())


def _add(found: dict, span: tuple[int, int], year: object, month: object, day: object) -> None:
    date = _real(int(str(year)), int(str(month)), int(str(day)))
    if date:
        found[span] = date


def _real(year: int, month: int, day: int) -> datetime.date | None:
    try:
        date = datetime.date(year, month, day)
    except ValueError:
        return None
    return date if 1850 <= year <= 2100 else None


def _numeric(match, lang: str) -> datetime.date | None:
    first, second, year = int(match.group(1)), int(match.group(3)), int(match.group(4))
    if len(match.group(4)) == 2:
        if match.group(2) == ".":
            return None
        year += 1900 if year > 30 else 2000
    day_first = _real(year, second, first)
    month_first = _real(year, first, second)
    return month_first or day_first if lang == "en" else day_first


def _dates(ctx: Context) -> Iterator[Candidate]:
    dates = _all_dates(ctx)
    history = any(date.year < _LIVING_SINCE for _, _, date in dates)
    for index, (start, end, date) in enumerate(dates):
        if date.year < _LIVING_SINCE or ctx.is_example(start) or _notable(ctx, start):
            continue  # history, a form, a biography: not a patient
        if history and not ctx.in_paragraph(_IN_CARE, start):
            continue  # "nascida em 1905 … morreu em 1999"
        birth = _cue_distance(ctx, _BIRTH, start, end)
        care = _cue_distance(ctx, CARE_CUES, start, end, left=80)
        if birth is not None and (care is None or birth <= care) and not _is_range(ctx, dates, index):
            yield Candidate("birth_date", start, end, 0.90, date.isoformat(), label=birth)
        elif (
            care is not None
            and date.year >= 1940
            and not _is_period(ctx, dates, index)
            and not _neutral(ctx, start, care)
        ):
            if not _about_a_person(ctx, start, end):
                continue
            yield Candidate("care_date", start, end, 0.85, date.isoformat(), label=care)


# The life of somebody after whom a ward is named, and what never stands in it.
_NOTABLE = scan.words(
    "patron[oa]", "fundador[a]?", "fundadores", "fundou", "pioneir[oa]", "da(?:o)? nome a[os]?", "deu nome a[o]?", "leva o nome", "homenage*", "biografia", "formou-se", "graduou-se", "diplomou-se",
    "dirigiu", "nobel", "inventou", "descobriu", "busto", "centenario", "academia (?:nacional|brasileira)", "medalha", "founder", "founded", "named after", "bears (?:her|his) name", "trained as", "discovered", "pioneer", "biography",
)  # fmt: skip
_IN_CARE = scan.words(
    "pacientes?", "pct", "prontuario", "internad[oa]", "admitid[oa]", "atendid[oa]", "deu entrada", "cpf", "cns", "rg", "leito", "queixa*", "diagnosticad[oa]", "sra?\\.", "mora", "reside", "convenio", "carteirinha",
    "patient", "admitted", "mrn", "ssn", "mrs?\\.", "ms\\.", "presented with", "discharged", "telefone", "celular",
)  # fmt: skip


def _notable(ctx: Context, start: int) -> bool:
    return ctx.in_paragraph(_NOTABLE, start) and not ctx.in_paragraph(_IN_CARE, start)


def _cue_distance(ctx: Context, cue: scan.Pattern, start: int, end: int, *, left: int = 60) -> int | None:
    sentence_start, sentence_end = ctx.view.sentence_at(start)
    # A label may stand in the line or cell before.
    begin = max(0, start - left) if cue is _BIRTH else max(sentence_start, start - left)
    distance = None
    for match in cue.finditer(ctx.fold, begin, start):
        distance = start - match.end()
    for match in cue.finditer(ctx.fold, end, min(sentence_end, end + (25 if cue is _BIRTH else 45))):
        right = match.start() - end + 5
        return right if distance is None else min(distance, right)
    return distance


def _about_a_person(ctx: Context, start: int, end: int) -> bool:
    """A machine is received, a session opens, a stock arrives: such words count only where a person is."""
    first, last = ctx.view.sentence_at(start)
    first, last = max(first, start - 80), min(last, end + 25)
    words = [m.group() for m in CARE_CUES.finditer(ctx.fold, first, start)]
    words += [m.group() for m in CARE_CUES.finditer(ctx.fold, end, last)]
    if any(WEAK_CARE.fullmatch(word) is None for word in words):
        return True
    if ctx.in_sentence(PERSON_CUES, start) or ctx.in_sentence(IDENTIFIER_CUES, start):
        return True
    return ctx.in_paragraph(_ONE_PERSON, start) or _NAME_COMMA.search(ctx.text, max(0, start - 160), start) is not None


def _is_range(ctx: Context, dates: list, index: int) -> bool:
    start, end, _ = dates[index]
    if index + 1 < len(dates) and _joined(ctx, end, dates[index + 1][0]):
        return True
    return index > 0 and _joined(ctx, dates[index - 1][1], start)


def _joined(ctx: Context, end: int, start: int) -> bool:
    if start - end > 8 or start < end:
        return False
    match = _RANGE.match(ctx.fold, end)
    return match is not None and match.end() == start


def _is_period(ctx: Context, dates: list, index: int) -> bool:
    """A study period, or a date about many people."""
    start, _end, _ = dates[index]
    plural = ctx.in_sentence(PLURAL_SUBJECTS, start)
    one = ctx.in_sentence(_ONE_PERSON, start)
    if _is_range(ctx, dates, index):
        return plural or not one
    return plural and not one


_ONE_PERSON = scan.words(
    "o paciente",
    "a paciente",
    "paciente",
    "ele",
    "ela",
    "patient",
    "he",
    "she",
    "sr.",
    "sra.",
    "mr.",
    "mrs.",
    "ms.",
    "menin[oa]",
    "pct",
    "prontuario",
    "her",
    "his",
    "a mae",
    "o pai",
    "seu filho",
    "sua filha",
    "a gestante",
    "a crianca",
    "o bebe",
    "a vitima",
    "da vitima",
)


def _neutral(ctx: Context, start: int, distance: int) -> bool:
    other = ctx.label_before(_NEUTRAL, start, left=60)
    if other is not None and other < distance:
        return True
    return (
        ctx.in_sentence(_NEUTRAL, start)
        and not ctx.in_sentence(PERSON_CUES, start)
        and not ctx.in_paragraph(_ONE_PERSON, start)
    )


def _ages(ctx: Context) -> Iterator[Candidate]:
    for pattern in (_AGE_OVER, _AGE_WORDS):
        for match in pattern.finditer(ctx.fold):
            start, end = match.span()
            if ctx.near(_GROUP, start, end, left=24, right=14) and not ctx.near(
                PERSON_CUES, start, end, left=14, right=0
            ):
                continue
            if ctx.near(_BIRTHDAY, start, end, left=24, right=14) and not ctx.in_sentence(_ONE_PERSON, start):
                continue
            if (
                ctx.fold[end : end + 20]
                .lstrip(" ,")
                .startswith(("ou mais", "e mais", "or more", "and older", "or older", "and over"))
            ):
                continue
            if ctx.in_sentence(_OLD_YEAR, start):
                continue
            person = ctx.in_sentence(PERSON_CUES, start) and (
                ctx.in_sentence(_CARE_VERB, start)
                or ctx.near(PERSON_CUES, start, end, left=40, right=20)
                or ctx.near(_BIRTHDAY, start, end, left=24, right=14)
            )
            if person or _follows_name(ctx, start):
                value = next((g for g in match.groups() if g), match.group())
                yield Candidate("age_over_89", start, end, 0.85, f"{value}")


_NAME_COMMA = scan.compile(
    r"[A-ZÀ-Þ][a-zà-ÿ]{2,20}(?:\s(?:d[aeo]s?\s)?[A-ZÀ-Þ][a-zà-ÿ]{1,20}){1,4},?\s(?:de\s|com\s|aged\s)?$"
)


def _follows_name(ctx: Context, start: int) -> bool:
    return _NAME_COMMA.search(ctx.text, max(0, start - 60), start) is not None and ctx.in_sentence(_CARE_VERB, start)
