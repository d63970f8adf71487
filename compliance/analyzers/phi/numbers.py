"""Identifiers made of digits (domain 2.2): check digits where there are any, labels where not."""

from __future__ import annotations

from collections.abc import Iterator

from stdnum.br import cpf as stdnum_cpf
from stdnum.us import ssn as stdnum_ssn
from validate_docbr import CNH, CNS, PIS, TituloEleitoral

from .. import scan
from .candidate import Candidate
from .context import Context

_GROUP = r"[ .\-/_,·]{1,3}"
_CPF_GROUPED = scan.compile(
    rf"(?<!\d)(?<!\d[.,/-])\d{{3}}{_GROUP}\d{{3}}{_GROUP}\d{{3}}{_GROUP}\d{{2}}(?![\d]|[.,/-]\d)"
)
_ELEVEN = scan.compile(r"(?<!\d)(?<!\d[.,/-])\d(?:[ .\-/]{0,2}\d){10}(?!\d)(?![.,/-]\d)")
_TWELVE = scan.compile(r"(?<!\d)(?<!\d[.,/-])\d(?:[ .\-/]{0,2}\d){11}(?!\d)(?![.,/-]\d)")
_FIFTEEN = scan.compile(r"(?<!\d)(?<!\d[.,/-])[12789](?:[ .\-]{0,2}\d){14}(?!\d)(?![.,/-]\d)")
_RG = scan.compile(
    r"(?<![\d.,/-])\d{1,2} \d{3} \d{3}(?: ?-? ?[\dx])?(?!\w|[.,/-]\d| \d)|(?<!\d)(?<!\d[.,/-])(?:(?<!\w)[a-z]{2}[-.])?\d{1,3}(?:\.?\d{3}){1,2}(?:[ ]?-[ ]?[\dx])?(?![\d])(?![.,/]\d)|(?<!\d)(?<!\d[.,/-])\d{5,9}(?:-?[\dx])?(?!\w)"
)
_SSN = scan.compile(r"(?<![\d-])\d{3}[- .]?\d{2}[- .]?\d{4}(?![\d-])")


def _labels(*cues: str) -> scan.Pattern:
    """Label words; a number may follow without a blank ("RG12.345.678")."""
    return scan.compile(scan.cue_source(list(cues)).removesuffix(scan.BOUNDARY) + r")(?![a-z_])")


_CPF_CUE = _labels("cpf(?:/mf)?", "c\\.p\\.f\\.?", "c p f", "contribuinte", "taxpayer", "cadastro de pessoa fisica")
_CNS_CUE = _labels(
    "cns",
    "cartao (?:do )?sus",
    "cartao nacional (?:de|da) saude",
    "cartao de saude",
    "cart\\.? sus",
    "health card",
    "sus n[oº.]?",
    "carteira do sus",
    "national health (?:card|number)",
)
_PIS_CUE = _labels("pis(?:/pasep)?", "pasep", "nis", "nit", "pis/nis")
_CNH_CUE = _labels(
    "cnh",
    "habilitacao",
    "carteira de motorista",
    "carteira nacional de habilitacao",
    "driver'?s? licen[cs]e",
    "driving licen[cs]e",
)
_VOTER_CUE = scan.words(
    "titulo(?: de)? eleitor(?:al)?",
    "titulo eleitoral",
    "titulo",
    "inscricao eleitoral",
    "voter (?:id|card|registration)",
)
_SSN_CUE = _labels("ssn", "social security(?: number| no\\.?)?")
_RG_CUE = _labels(
    "rg",
    "r\\.g\\.?",
    "identidade",
    "carteira de identidade",
    "cedula de identidade",
    "registro geral",
    "cin",
    "ssp(?:[-/ ][a-z]{2})?",
    "identity card",
    "doc\\. de identidade",
    "documento de identidade",
)
_RG_ISSUER = scan.compile(r"[\s,(-]{0,4}(?:ssp|sesp|detran|pc|ifp|sds|sjs)[\s/-]{0,2}[a-z]{0,2}")
_OTHER_LABEL = scan.words(
    "cpf",
    "cnpj",
    "cns",
    "pis",
    "nis",
    "cnh",
    "titulo",
    "prontuario",
    "protocolo",
    "processo",
    "lote",
    "pedido",
    "nota fiscal",
    "boleto",
    "crm",
    "imei",
    "serie",
)

_FILL = r"(?:[\s:,.#(\-–=]{0,3}(?:de numero|numero|num\.?|nro\.?|n[oº°]?\.?|no\.?|number|hospitalar|medico|eletronico|clinico|d[oa] paciente|d[oa] hospital|d[oa] unidade|intern[oa]|provisori[oa]|temporari[oa]|definitiv[oa]|fisic[oa]|eletronic[oa]|nov[oa]|anterior|unic[oa]|municipal|informad[oa]|cadastrad[oa]|abert[oa]|sob|registrad[oa]|e|is|was|id|do|da|de|geral|same|same|antigo|atual|corret[oa]|cert[oa]|mesmo|com|o|a)(?![\w])){0,4}[\s:,.#(\-–=º°]{0,5}"
_RECORD_LABEL = r"(?:prontuario|prontuarios? n[oº°]?\.?|pront\.|registro (?:hospitalar|de internacao|do paciente|da paciente|do hospital)|reg\.? (?:hospitalar|hosp\.?|d[ao] paciente|de internacao|intern[oa])|matricula (?:hospitalar|d[ao] paciente|de internacao)|(?:codigo|identificacao|id|cadastro) d[ao] paciente(?= ?(?:n[oº°.]|numero|#|:|\d))|boletim de atendimento(?= ?(?:n[oº°.]|numero|#|:|\d))|(?:n[oº°]\.?|numero)(?: (?:de|do))? (?:atendimento|prontuario|internacao|registro (?:hospitalar|do paciente|da paciente))|(?:atendimento|internacao|registro do paciente)(?= ?(?:n[oº°.]|numero|#))|ficha(?: (?:clinica|medica))?(?= ?(?:n[oº°.]|numero|#))|rgh|same|mrn|m\.r\.n\.?|(?:medical|hospital|patient|clinical) (?:record|chart|file|id|number)(?: (?:number|no\.?|num\.?))?|chart (?:number|no\.?)|hospital (?:number|no\.?)|record (?:number|no\.?)|unit number|encounter (?:number|no\.?|id))"
_RECORD = scan.compile(
    rf"(?<![\w]){_RECORD_LABEL}{_FILL}((?:[a-z]{{1,6}}[-./]?|[a-z]{{2,6}} )?\d[\d.\-/]{{1,16}}\d)(?![\w]|[.,/-]\d)"
)
# "The medical record number on the consent form was 7730-118."
_RECORD_TOLD = scan.compile(
    r"(?<!\w)(?:(?:medical record|chart|hospital|record|mrn) ?(?:number|no\.?)|mrn|numero d[eo] prontuario|n[oº°]\.? d[eo] prontuario)"
    r"\s(?:[^\s.;:!?\d]{2,14}\s){1,6}(?:was|is|reads?|says?|shows?|era|foi|diz|mostra|consta como)[\s:]{1,2}"
    r"((?:[a-z]{1,6}[-./]?)?\d[\d.\-/]{1,16}\d)(?![\w]|[.,/-]\d)"
)
_PLAN_LABEL = r"(?:carteirinha|carteira (?:do|de|da) (?:plano|convenio|beneficiari[oa]|unimed)|cartao (?:do|de|da) (?:plano|convenio|beneficiari[oa]|unimed)|convenio|plano de saude|beneficiari[oa]|matricula (?:do|no) (?:plano|convenio)|unimed|amil|bradesco saude|sulamerica|hapvida|notredame|member (?:id|number|no\.?)|policy(?: (?:number|no\.?|id))?|insurance (?:id|number|no\.?|card|policy)|health plan(?: (?:number|id|card|no\.?|member))?|subscriber (?:id|number|no\.?)|group number)"
_PLAN_FILL = r"(?:[\s:,.#(\-–=]{0,3}(?:de numero|numero|num\.?|nro\.?|n[oº°]?\.?|no\.?|number|d[oa] paciente|d[oa] plano|d[oa] convenio|de saude|saude|unimed|amil|bradesco|sulamerica|hapvida|cassi|geap|ipsemg|ipe|notredame|porto seguro|carteirinha|carteira|cartao|matricula|registro|codigo|cod\.?|cobertura|e|is|was|id|do|da|sob o|sob|com|o|a|inscrit[oa]|informad[oa]|apresentad[oa]|cadastrad[oa]|indicad[oa]|atual|antig[oa]|nov[oa]|foi|era|consta|card|health|medicare|aetna|cigna)(?![\w])){0,5}[\s:,.#(\-–=º°]{0,5}"
_PLAN = scan.compile(
    rf"(?<![\w]){_PLAN_LABEL}{_PLAN_FILL}((?:[a-z]{{1,5}}[- ]?)?\d[\da-z]{{0,19}}(?:[ .\-/]\d[\da-z]{{0,16}}){{0,5}})(?!\w)"
)
_NUMBER_OF_YEAR = scan.compile(r"\d{1,5}[/.-](?:19|20)\d\d")  # "convênio nº 014/2024" is a treaty, not a card
_BANK = scan.compile(
    r"(?<!\w)(?:agencia|ag\.?)[\s:nº°o.]{0,5}\d{3,5}(?:\s?-\s?[\dx])?[\s,;/|e–-]{0,6}(?:op(?:eracao)?\.?[\s:]{0,2}\d{3}[\s,;/–-]{1,4})?(?:(?:a|na|da)\s)?(?:conta(?:[\s-](?:corrente|poupanca|salario|bancaria)){0,2}|c/?c\.?|c/p|cp|poupanca)[\s:nº°o.]{0,5}\d[\d.-]{0,12}(?:\d|\s?-\s?[\dx])(?!\w)"
    r"|(?<!\w)(?:bank )?account (?:number|no\.?)[\s:#]{0,3}\d[\d -]{5,18}\d(?:[\s,;]{1,3}(?:routing|sort code)(?: (?:number|no\.?))?[\s:#]{0,3}\d[\d-]{4,10})?"
    r"|(?<!\w)conta(?:[\s-](?:corrente|poupanca|bancaria)){1,2}[\s:nº°o.]{0,5}\d[\d.-]{0,12}-[\dx][\s,;/|–-]{0,4}(?:da |na )?(?:agencia|ag\.?)[\s:nº°o.]{0,5}\d{3,5}(?:-[\dx])?"
)
_UUID = scan.compile(r"(?<![\w-])[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?![\w-])")
_PIX_CUE = scan.words("pix", "chave")
_PLATE = scan.compile(r"(?<![\w-])[a-z]{3}[ -]?\d(?:[a-z]\d{2}|\d{3})(?![\w-])")
_PLATE_CUE = scan.words(
    "placa",
    "placas",
    "veiculo",
    "carro",
    "automovel",
    "moto",
    "motocicleta",
    "licen[cs]e plate",
    "plate",
    "vehicle",
    "caminhonete",
)
_DEVICE = scan.words(
    "modelo",
    "fabricante",
    "equipamento",
    "serie",
    "tomografo",
    "aparelho",
    "model",
    "manufacturer",
    "device",
    "serial",
    "protese",
    "parafuso*",
    "implante",
)

_cns, _cnh, _pis, _voter = CNS(), CNH(), PIS(), TituloEleitoral()


def digits_of(value: str) -> str:
    return "".join(c for c in value if c.isdigit())


def find(ctx: Context) -> Iterator[Candidate]:
    yield from _cpf(ctx)
    yield from _checked(ctx, "cns", _FIFTEEN, _CNS_CUE, _cns.validate, needs_label=False)
    yield from _checked(ctx, "pis", _ELEVEN, _PIS_CUE, _pis.validate)
    yield from _checked(ctx, "cnh", _ELEVEN, _CNH_CUE, _cnh.validate)
    yield from _checked(ctx, "voter_id", _TWELVE, _VOTER_CUE, _voter.validate)
    yield from _rg(ctx)
    yield from _ssn(ctx)
    yield from _labelled(ctx, "medical_record", _RECORD)
    yield from _labelled(ctx, "medical_record", _RECORD_TOLD)
    yield from _labelled(ctx, "health_plan_card", _PLAN)
    yield from _bank(ctx)
    for match in _UUID.finditer(ctx.fold):
        if ctx.near(_PIX_CUE, *match.span()) or ctx.in_sentence(_PIX_CUE, match.start()):
            yield Candidate("pix_key", *match.span(), 0.95, match.group())
    for match in _PLATE.finditer(ctx.fold):
        device = ctx.near(_DEVICE, *match.span(), left=40, right=20)
        if ctx.near(_PLATE_CUE, *match.span(), left=50, right=20) and not device:
            yield Candidate("vehicle_plate", *match.span(), 0.85, match.group().replace("-", "").replace(" ", ""))
    yield from _spoken(ctx)


def valid_cpf(digits: str) -> bool:
    return len(digits) == 11 and len(set(digits)) > 1 and stdnum_cpf.is_valid(digits)


def _cpf(ctx: Context) -> Iterator[Candidate]:
    for match in _CPF_GROUPED.finditer(ctx.digits):
        start, end = match.span()
        digits = digits_of(match.group())
        if len(set(digits)) == 1:
            continue
        cue = ctx.near(_CPF_CUE, start, end)
        other = _other_label_nearer(ctx, start)
        if valid_cpf(digits):
            if not other or cue:
                yield Candidate("cpf", start, end, 0.99 if cue else 0.95, digits)
        elif cue and not other:
            yield Candidate("cpf", start, end, 0.60, digits)
    for match in _ELEVEN.finditer(ctx.digits):
        start, end = match.span()
        digits = digits_of(match.group())
        if len(set(digits)) == 1 or not ctx.near(_CPF_CUE, start, end):
            continue
        label = ctx.label_before(_CPF_CUE, start, left=20)
        if valid_cpf(digits):
            yield Candidate("cpf", start, end, 0.99, digits)
        elif label is not None and label <= 6:
            yield Candidate("cpf", start, end, 0.60, digits)


def _other_label_nearer(ctx: Context, start: int) -> bool:
    """A number that follows "protocolo", "PIS"… belongs to that label, whatever its check digits say."""
    other = ctx.label_before(_OTHER_LABEL, start, left=24)
    own = ctx.label_before(_CPF_CUE, start, left=24)
    return other is not None and (own is None or other < own)


def _checked(
    ctx: Context, kind: str, shape: scan.Pattern, cue: scan.Pattern, valid, *, needs_label: bool = True
) -> Iterator[Candidate]:
    for match in shape.finditer(ctx.digits):
        start, end = match.span()
        near = ctx.near(cue, start, end)
        if needs_label and not near:
            continue
        digits = digits_of(match.group())
        if len(set(digits)) == 1:
            continue
        if valid(digits):
            yield Candidate(kind, start, end, 0.99 if near else 0.95, digits, label=_distance(ctx, cue, start))
        elif near and ctx.label_before(cue, start) is not None and not _cpf_shaped(ctx, match.group(), start):
            yield Candidate(kind, start, end, 0.60, digits, label=_distance(ctx, cue, start))


def _cpf_shaped(ctx: Context, value: str, start: int) -> bool:
    own = ctx.label_before(_CPF_CUE, start, left=24)
    return own is not None or (valid_cpf(digits_of(value)) and _CPF_GROUPED.fullmatch(value) is not None)


def _distance(ctx: Context, cue: scan.Pattern, start: int) -> int:
    distance = ctx.label_before(cue, start)
    return 999 if distance is None else distance


def _rg(ctx: Context) -> Iterator[Candidate]:
    for match in _RG.finditer(ctx.fold):
        start, end = match.span()
        digits = [c for c in match.group() if c.isdigit()]
        if not 5 <= len(digits) <= 10:
            continue
        label = ctx.label_before(_RG_CUE, start, left=36)
        issuer = _RG_ISSUER.match(ctx.fold, end)
        if (label is not None and label <= 30) or issuer:
            value = match.group().replace(".", "").replace("-", "").replace(" ", "")
            yield Candidate("rg", start, end, 0.80, value, label=label if label is not None else 5)


_ANY_LABEL = scan.words(
    "carteirinha",
    "convenio",
    "cpf",
    "cns",
    "pis",
    "rg",
    "prontuario",
    "policy",
    "member id",
    "mrn",
    "card",
    "account",
    "phone",
)


def _ssn(ctx: Context) -> Iterator[Candidate]:
    for match in _SSN.finditer(ctx.digits):
        labelled = ctx.label_before(_SSN_CUE, match.start(), left=60) is not None
        follows = ctx.near(_SSN_CUE, *match.span(), left=0) and ctx.label_before(_ANY_LABEL, match.start()) is None
        if labelled or follows:
            digits = digits_of(match.group())
            yield Candidate("ssn", *match.span(), 0.95 if stdnum_ssn.is_valid(digits) else 0.85, digits)


def _labelled(ctx: Context, kind: str, pattern: scan.Pattern) -> Iterator[Candidate]:
    for match in pattern.finditer(ctx.fold):
        value = match.group(1)
        start = match.start(1)
        if kind == "health_plan_card":
            # What follows may be the next number of the list; stop at the twentieth character and at a new word.
            value = value[:24].rstrip(" .-/")
            digits = digits_of(value)
            if not 6 <= len(digits) <= 20 or _NUMBER_OF_YEAR.fullmatch(value):
                continue
        elif len(digits_of(value)) < 3 or (" " in value and not ctx.text[start : start + 2].isupper()):
            continue  # "prontuários até 2020"; a code before the number is written in capitals
        yield Candidate(kind, start, start + len(value), 0.90, "".join(c for c in value if c.isalnum()), label=0)


def _bank(ctx: Context) -> Iterator[Candidate]:
    for match in _BANK.finditer(ctx.fold):
        if ctx.owner(*match.span(), nearest=False) != "institution" or ctx.in_sentence(_PAYEE, match.start()):
            yield Candidate("bank_account", *match.span(), 0.90, digits_of(match.group()))


_PAYEE = scan.words(
    "paciente",
    "titular",
    "reembolso",
    "deposito",
    "patient",
    "refund",
    "beneficiari[oa]",
    "mae",
    "pai",
    "em nome d[eao]",
    "estorno",
    "devolucao",
    "devolver",
    "depositar",
    "depositem",
    "valor pago",
    "minha conta",
    "my account",
    "wire",
)


def _spoken(ctx: Context) -> Iterator[Candidate]:
    for digits, start, end in ctx.spoken_digits():
        if len(digits) == 11 and valid_cpf(digits):
            yield Candidate("cpf", start, end, 0.95, digits)
        elif len(digits) == 15 and _cns.validate(digits):
            yield Candidate("cns", start, end, 0.95, digits)
        elif ctx.label_before(_CPF_CUE, start) is not None and len(digits) == 11:
            yield Candidate("cpf", start, end, 0.60, digits)
