"""Phones, e-mails, addresses, IP addresses and profiles of people, not of institutions (domain 2.2, 2.3)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import phonenumbers
from phonenumbers import PhoneNumberType

from .. import lexicon, scan
from .candidate import Candidate
from .context import PERSON_CUES, Context
from .numbers import digits_of

_PHONE_BR = scan.compile(
    r"(?<!\w)(?<!\w[.,/-])(?:\+?55[ .\-]{0,2}|0055[ .\-]?)?(?:\(\s?0?\d{2}\s?\)|0?\d{2})[ .\-/]{0,3}(?:9[ .\-]?)?\d{4}[ .\-]{0,3}\d{4}(?!\d)(?![.,/-]\d)"
)
_PHONE_SPACED = scan.compile(r"(?<!\w)(?<!\w[.,/-])\(?\d[ .\-]?\d\)?(?:[ .\-]{1,3}\d){8,9}(?!\d)(?![.,/-]\d)")
_PHONE_LOCAL = scan.compile(r"(?<![\w.,/()-])(?<!\) )9[ .]?\d{4}[ .\-]\d{4}(?!\d)(?![.,/-]\d)")
_PHONE_US = scan.compile(
    r"(?<!\w)(?<!\w[.,/-])(?:\+?1[ .\-]{0,2})?(?:\(\d{3}\)|\d{3})[ .\-]{1,2}\d{3}[ .\-]\d{4}(?!\d)(?![.,/-]\d)"
)
_PHONE_WORLD = scan.compile(r"(?<!\w)(?<!\w[.,/-])\+\d{1,3}(?:[ .\-()]{0,2}\d){7,12}(?!\d)")
_PHONE_CUE = scan.words(
    "contatos?", "telefones?", "tel", "fone", "celular(?:es)?", "cel", "whats(?:app)?", "zap", "ligar", "ligacao", "ligou", "liga", "paciente", "recados?",
    "fax", "phone", "telephone", "reached", "reach", "call(?:ed)?", "mobile", "cell(?:phone)?", "contact", "text", "numero", "fones", "residencial", "mensagens?", "telegram", "sms",
)  # fmt: skip
_DROPPED_TYPES = frozenset(
    {PhoneNumberType.TOLL_FREE, PhoneNumberType.SHARED_COST, PhoneNumberType.PREMIUM_RATE, PhoneNumberType.UAN}
)
_NOT_A_PHONE = scan.words(
    "protocolo", "pedido", "nota fiscal", "serie", "codigo", "chave", "processo", "imei", "boleto", "matricula", "registro", "patente", "versao", "isbn",
    "prontuario", "cpf", "cnh", "rg", "pis", "nis", "nit", "pasep", "habilitacao", "carteirinha", "grant", "order", "reference number", "lote", "cns", "agencia", "conta",
)  # fmt: skip

_EMAIL = scan.compile(
    r"(?<![\w.+-])[a-z0-9_][a-z0-9._%+'-]{0,63}\s?@\s?[a-z0-9-]{1,63}(?:\s?\.\s?[a-z0-9-]{1,63}){1,4}(?![\w@])"
)
_EMAIL_PLAIN = scan.compile(r"[a-z0-9_][a-z0-9._%+'-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,3}\.[a-z]{2,24}")
_EMAIL_WRITTEN = scan.compile(
    r"(?<![\w.+-])[a-z0-9_][a-z0-9._%+-]{0,63}\s?(?:\[\s?(?:at|arroba|@)\s?\]|\(\s?(?:at|arroba|@)\s?\)|\{\s?(?:at|arroba)\s?\}|\sarroba\s|\sat\s)\s?"
    r"[a-z0-9-]{1,63}(?:\s?(?:\[\s?(?:dot|ponto|\.)\s?\]|\(\s?(?:dot|ponto|\.)\s?\)|\{\s?(?:dot|ponto)\s?\}|\sponto\s|\sdot\s|\.)\s?[a-z]{2,24}){1,3}(?!\w)"
)
_TLDS = frozenset(
    "com br net org edu gov med info me io co uk us pt es fr de app online site adv psc coop jus mil int".split()
)
_ROLE = frozenset(
    """
contato contatos sac dpo lgpd privacidade ouvidoria imprensa info informacoes atendimento faleconosco suporte comercial rh
vendas financeiro secretaria recepcao agendamento agenda marketing ajuda help support contact admin administracao noreply
no-reply naoresponda nao-responda webmaster editor editora editorial redacao press privacy office hello ola marcacao
consultas cep comite etica comunicacao farmacovigilancia pharmacovigilance compliance diretoria coordenacao biblioteca revista
eventos congresso inscricoes pesquisa ensino juridico encarregado encarregada cadastro orcamento
acessibilidade accessibility doacoes voluntariado licitacao licitacoes compras almoxarifado farmacia laboratorio enfermagem
cursos estagio residencia boletim newsletter news dados data research library events jobs careers vagas trabalheconosco
sugestoes reclamacoes feedback team equipe plantao portaria tesouraria biobanco visitas assessoria media midia leitor leitores
""".split()
)
# Mail services for private persons: with a person in the sentence the address is theirs.
_FREE_MAIL = frozenset(
    "gmail hotmail outlook yahoo uol bol terra ig icloud live msn protonmail proton globo zipmail aol".split()
)
_CORRESPONDING = scan.words(
    "corresponding author", "correspondence", "correspondencia", "autor[a]? correspondente", "autor[a]? para correspondencia",
    "author", "autor[a]?", "autores", "pesquisador[a]?", "investigador[a]?", "investigator", "orientador[a]?", "orcid", "crm", "crp", "coren", "dr\\.?", "dra\\.?", "prof\\.?a?",
)  # fmt: skip
_PERSONAL = scan.words(
    "paciente",
    "patient",
    "mae",
    "pai",
    "mother",
    "father",
    "familiar",
    "espos[oa]",
    "filh[oa]",
    "dela",
    "dele",
    "her",
    "his",
    "pct",
    "acompanhante",
    "responsavel",
    "usuari[oa]",
    "menor",
    "cuidador[a]?",
)

_STREET = r"(?:rua|r\.|av\.?|avenida|aven\.|travessa|trav\.|tv\.|alameda|al\.|estrada|estr\.|praca|pca\.?|rodovia|rod\.|largo|beco|viela|ladeira|servidao|via|vila|quadra|conjunto|passagem|vereda)"
_COMPLEMENT = r"(?:[\s,.–-]{1,4}(?:(?:apto|apt|apartamento|ap|casa|cs|bloco|bl|fundos|fds|quadra|qd|lote|lt|conj|conjunto|sobrado|torre|andar|km|sala|edificio|ed|cobertura)\.?[\s:]{0,2}[a-z]{0,2}\d{0,5}[a-z]?(?![\w])|fundos|sobrado|s/n))"
_ADDRESS_BR = scan.compile(
    rf"(?<!\w){_STREET}\s{{1,2}}(?:[\w'ºª.-]{{1,24}}\s{{1,2}}){{0,6}}[\w'ºª-]{{1,24}}(?:\s?,\s{{0,2}}|\s{{1,2}}-\s{{1,2}}|\s)(?:n\s?[º°o.]{{0,2}}\s{{0,2}}|numero\s|no\.?\s)?(?:\d{{1,2}}\.\d{{3}}|\d{{1,5}}|s/n)(?:-?[a-d](?!\w))?(?![\w]|[.,]\d){_COMPLEMENT}{{0,4}}"
)
_ADDRESS_DF = scan.compile(
    r"(?<!\w)(?:sqn|sqs|shis|shin|qnm|qnl|qsd|qs|qi|ql|crs|cln)\s?\d{1,3}[\s,]{1,3}(?:(?:bloco|bl\.?|conjunto|conj\.?|casa|apto|ap\.?|lote|apartamento)\s[\w]{1,5}[\s,]{0,3}){1,4}(?<=\w)"
)
_ADDRESS_EN = scan.compile(
    r"(?<!\w)(?<!\w[.,-])\d{1,5}[A-Z]?\s(?:(?:N|S|E|W|North|South|East|West)\.?\s)?(?:[A-Z][a-z'’]{1,20}\s|\d{1,3}(?:st|nd|rd|th)\s){1,4}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Way|Place|Pl|Terrace|Circle|Crescent|Close|Parkway|Pkwy|Square)(?!\w)\.?(?:,?\s(?:Apt|Apartment|Unit|Suite|Flat|#)\.?\s?[\w]{1,6})?"
)
_STREET_CUE = scan.words(
    "mora(?:va|m)?",
    "morador[a]?",
    "reside",
    "residente",
    "domiciliad[oa]",
    "endereco",
    "residencia",
    "lives",
    "lived",
    "resides",
    "address",
    "residing",
    "living at",
)
_CEP = scan.compile(
    r"(?<!\d)(?<!\d[.,/-])\d{2}\.?\d{3}[ ]?-[ ]?\d{3}(?!\d)(?![.,/-]\d)|(?<!\d)(?<!\d[.,/-])\d{8}(?!\d)(?![.,/-]\d)"
)
_CEP_CUE = scan.words("cep", "c\\.e\\.p\\.?", "codigo postal", "zip(?: code)?", "postal code")

_IPV4 = scan.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)")
_IPV6 = scan.compile(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])")
_IP_CUE = scan.words(
    "ip",
    "ipv4",
    "ipv6",
    "acesso",
    "acessou",
    "acessos",
    "access",
    "accessed",
    "login",
    "logged",
    "usuari[oa]",
    "paciente",
    "patient",
    "conexao",
    "user",
    "portal",
    "teleconsulta",
    "prontuario",
    "endereco ip",
    "log",
    "logs",
)
_IP_PERSON = scan.words(
    "usuari[oa]",
    "paciente",
    "patient",
    "user",
    "conta",
    "account",
    "ele",
    "ela",
    "teleconsulta",
    "mae",
    "pai",
    "prontuario",
    "acesso",
    "acessou",
    "access",
    "accessed",
    "login",
    "logged",
    "responsavel",
    "her",
    "his",
    "him",
    "she",
    "he",
    "participante",
    "assinou",
    "signed",
)
_SOCIAL = scan.compile(
    r"(?<![\w.@])(?:https?://)?(?:[a-z-]{1,8}\.)?(?:instagram|facebook|fb|x|twitter|tiktok|linkedin|threads|youtube)\.com/(?:in/|@)?[\w.@-]{2,60}(?:/[\w.-]{1,40})?"
)
_HANDLE = scan.compile(r"(?<![\w.@])@[a-z_][\w.]{2,40}(?<!\.)(?![@\w])")
_HANDLE_CUE = scan.words(
    "instagram",
    "insta",
    "tiktok",
    "facebook",
    "twitter",
    "perfil",
    "rede social",
    "redes sociais",
    "profile",
    "handle",
)
_SOCIAL_OWN = scan.words(
    "siga",
    "nosso",
    "nossa",
    "nossos",
    "acompanhe",
    "curta",
    "clinica",
    "hospital",
    "oficial",
    "follow us",
    "our",
    "follow",
    "instituto",
    "sociedade",
    "ministerio",
    "conselho",
    "canal",
)
_PATIENT = scan.words(
    "acompanhante",
    "cuidador[a]?",
    "caregiver",
    "paciente",
    "patient",
    "dela",
    "dele",
    "mae",
    "pai",
    "familiar",
    "her",
    "his",
    "filh[oa]",
    "pct",
    "espos[oa]",
    "usuari[oa]",
    "menin[oa]",
    "adolescente",
    "perfil d[oa] paciente",
    "mother",
    "father",
    "daughter",
    "son",
    "wife",
    "husband",
    "(?:seu|sua|meu|minha) (?:perfil|conta|pagina|instagram|facebook)",
    "senhora?",
    "sra?\\.",
)


def find(ctx: Context) -> Iterator[Candidate]:
    yield from _phones(ctx)
    yield from _emails(ctx)
    yield from _addresses(ctx)
    yield from _ips(ctx)
    yield from _profiles(ctx)


def _phones(ctx: Context) -> Iterator[Candidate]:
    shapes = [(_PHONE_BR, "BR"), (_PHONE_SPACED, "BR"), (_PHONE_WORLD, None)]
    if ctx.view.lang == "en":
        shapes.append((_PHONE_US, "US"))
    for shape, region in shapes:
        for match in shape.finditer(ctx.digits):
            start, end = match.span()
            if not _plausible_phone(ctx, match.group(), region):
                continue
            if (
                ctx.label_before(_NOT_A_PHONE, start, left=22) is not None
                and ctx.label_before(_PHONE_CUE, start, left=22) is None
            ):
                continue
            yield from _phone(ctx, start, end, match.group())
    for match in _PHONE_LOCAL.finditer(ctx.digits):
        distance = ctx.label_before(_PHONE_CUE, match.start(), left=30)
        if distance is not None and ctx.owner(*match.span(), nearest=False) != "institution":
            yield Candidate("phone", *match.span(), 0.70, digits_of(match.group()), label=distance)


def _plausible_phone(ctx: Context, raw: str, region: str | None) -> bool:
    scan.tick(len(raw))
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return False
    if phonenumbers.number_type(number) in _DROPPED_TYPES:
        return False
    if phonenumbers.is_valid_number(number):
        return True
    # The 555 exchange is reserved for examples, yet case reports use it for people.
    return region == "US" and phonenumbers.is_possible_number(number) and digits_of(raw)[-7:-4] == "555"


def _phone(ctx: Context, start: int, end: int, raw: str) -> Iterator[Candidate]:
    owner = ctx.owner(start, end, nearest=False)
    if owner == "institution" or ctx.is_example(start):
        return
    value = digits_of(raw).removeprefix("0")
    value = value.removeprefix("55") if len(value) > 11 else value
    if owner is None and _open_line(ctx, start, value):
        return
    cue = ctx.near(_PHONE_CUE, start, end)
    shaped = any(c in raw for c in "()+-. ") and len(value) >= 10
    if cue:
        yield Candidate(
            "phone",
            start,
            end,
            0.90 if owner == "patient" else 0.85,
            value,
            label=ctx.label_before(_PHONE_CUE, start) or 0,
        )
    elif owner == "patient" and shaped:
        yield Candidate("phone", start, end, 0.85, value)
    elif shaped and ("(" in raw or raw.startswith("+")):
        yield Candidate("phone", start, end, 0.60, value)


def _emails(ctx: Context) -> Iterator[Candidate]:
    for pattern in (_EMAIL, _EMAIL_WRITTEN):
        for match in pattern.finditer(ctx.fold):
            start, end = match.span()
            if ctx.text[end - 1] in ".-":
                end -= 1
            if pattern is _EMAIL:
                end = _without_next_sentence(ctx.fold, start, end)
            address = _plain_address(ctx.fold[start:end])
            if address is None:
                continue
            if " " in ctx.fold[start:end] and pattern is _EMAIL and address.rsplit(".", 1)[-1] not in _TLDS:
                continue
            if pattern is _EMAIL_WRITTEN and address.rsplit(".", 1)[-1] not in _TLDS:
                continue
            if not _is_personal(ctx, address, start, end):
                continue
            yield Candidate("email", start, end, 0.90, address)


def _without_next_sentence(text: str, start: int, end: int) -> int:
    """ "ana@uol.com. CEP 01310": a word after dot and blank is not part of the domain unless it is a known ending."""
    while True:
        dot = text.rfind(".", start, end)
        tail = text[dot + 1 : end]
        if dot < 0 or not tail[:1].isspace() or tail.strip() in _TLDS:
            return end
        end = len(text[:dot].rstrip())


def _plain_address(raw: str) -> str | None:
    value = raw
    for written, char in ((" arroba ", "@"), (" at ", "@"), (" ponto ", "."), (" dot ", ".")):
        value = value.replace(written, char)
    value = "".join(c for c in value if not c.isspace() and c not in "[](){}")
    for written, char in (("arroba", "@"), ("ponto", "."), ("dot", ".")):
        if written in raw and ("[" in raw or "(" in raw or "{" in raw):
            value = value.replace(written, char)
    if "@" not in value:
        head, separator, tail = value.partition("at")
        value = (
            f"{head}@{tail}"
            if separator
            and ("[at]" in raw.replace(" ", "") or "(at)" in raw.replace(" ", "") or "{at}" in raw.replace(" ", ""))
            else value
        )
    return value if _EMAIL_PLAIN.fullmatch(value) else None


def _is_personal(ctx: Context, address: str, start: int, end: int) -> bool:
    local, _, _domain = address.partition("@")
    pieces = local.replace("-", ".").replace("_", ".").split(".")
    if local in _ROLE or pieces[0] in _ROLE or pieces[-1] in _ROLE:
        return False
    if _HOUSE_DOMAIN.search(_domain) and not _bears_a_name(pieces):
        return False  # a course, a ward, a committee: ppgsc@universidade.example
    if ctx.near(_PERSONAL, start, end, left=80):
        return not ctx.near(_CORRESPONDING, start, end, left=30, right=0)
    if ctx.in_sentence(_CORRESPONDING, start):
        return False
    if _domain.split(".")[0] in _FREE_MAIL:
        if ctx.in_sentence(PERSON_CUES, start):
            return True
        if _bears_a_name(pieces) and ctx.in_paragraph(_ADDRESSED, start):
            return True
    if (
        _domain.split(".")[0] not in _FREE_MAIL
        and not ctx.in_sentence(PERSON_CUES, start)
        and not _bears_a_name(pieces)
    ):
        return False  # a desk of some house: protocolo@maternidade.example
    return ctx.owner(start, end, nearest=False) != "institution"


_HOUSE_DOMAIN = scan.compile(
    r"\.(?:edu|gov|jus|leg|mil|mp)(?:\.|$)|universidade|hospital|prefeitura|secretaria|fundacao|instituto|saude\."
)
# A person who is spoken to or entered in a form.
_ADDRESSED = scan.words(
    "senhora?", "sra?\\.", "prezad[oa]", "car[oa]", "paciente", "nome:", "nome completo", "data de nascimento", "mora", "reside",
    "patient", "dear", "mr\\.?", "mrs\\.?", "ms\\.?", "name:", "date of birth",
)  # fmt: skip


def _bears_a_name(pieces: list[str]) -> bool:
    words = [piece.strip("0123456789") for piece in pieces]
    return any(w in lexicon.GIVEN_NAMES or w in lexicon.FAMILY_NAMES or len(w) == 1 for w in words if w)


def _addresses(ctx: Context) -> Iterator[Candidate]:
    ends: list[tuple[int, int]] = []
    for pattern, text in ((_ADDRESS_BR, ctx.fold), (_ADDRESS_DF, ctx.fold), (_ADDRESS_EN, ctx.text)):
        if pattern is _ADDRESS_EN and ctx.view.lang != "en":
            continue
        for match in pattern.finditer(text):
            start, end = match.span()
            end = start + len(match.group().rstrip(" ,.-–"))
            if "\n" in match.group().strip() or not _street_like(ctx, start, end, pattern):
                continue
            if not _somebody_lives_there(ctx, start, end):
                ends.append((end, -1))
                continue
            ends.append((end, 1))
            yield Candidate("address", start, end, 0.80, ctx.fold[start:end])
    yield from _ceps(ctx, ends)


# "Entregar na Rua do Sabão, 5, é a casa da paciente Filomena."
_HOME_AFTER = scan.compile(
    r"[\s,.;()–-]{0,4}(?:\w{3,12}[\s,]{1,3}){0,2}(?:que )?(?:e )?(?:a |o )?(?:(?:casa|residencia|endereco|moradia|apartamento|lar|domicilio) "
    r"d[aeo]s? (?:paciente|pct|meus?|minhas?|dona|sr|sra|senhora?|seu|mae|pai|avo|familia|vitima|crianca|gestante)|onde (?:ele |ela )?(?:mora|reside|vive)|"
    r"(?:home|house|address) of (?:the |our )?(?:patient|mr|mrs|ms))(?!\w)"
)
# The box at the end of an article: "Endereço", a line break, a street.
_HEADING_ADDRESS = scan.compile(r"(?:^|\n)\s{0,2}(?:endereco|onde|onde fica|address|where):?\s{0,2}\n\s{0,2}$")
# The line of a house that is open to everybody.
_OPEN_LINE = scan.words(
    "visitas?", "balcao", "guiche", "parada", "pontos? de onibus", "estacionamento", "entrada", "monitoria", "bilheteria", "ingressos?", "inscric(?:ao|oes)", "edital", "comissao", "biblioteca", "museu", "hemocentro", "atende[m]? pel[oa]",
    "informac(?:ao|oes)", "reservas?", "agendamentos?", "expediente", "funciona", "horario", "secretaria", "ouvidoria", "central", "recepcao", "portaria", "opening hours", "tickets?", "office",
    "como chegar", "fica (?:na?|no|em)", "reune-se", "reunem-se", "grupo de apoio", "localizad[oa]", "mudou para", "exposic(?:ao|oes)", "mostra", "entrada (?:franca|gratuita|livre)", "gratuit[oa]", "feira", "congresso", "simposio", "palestras?", "evento", "abert[oa] (?:a|ao|de|das)",
    "das \\d{1,2}(?:h|:)", "de (?:segunda|terca|quarta|quinta|sexta|sabado|domingo)s?", "(?:segunda|terca|quarta|quinta|sexta|sabado|domingo)s? a (?:quinta|sexta|sabado|domingo)", "exhibition", "free admission", "open (?:to|from|daily)",
)  # fmt: skip


def _open_line(ctx: Context, start: int, value: str) -> bool:
    """A landline in an article, or beside opening hours or an office, and nobody in the sentence."""
    landline = len(value) == 10 and value[2] in "2345"
    return landline and (_open_house(ctx, start) or (ctx.is_article and _nobody_near(ctx, start)))


def _open_house(ctx: Context, start: int) -> bool:
    return ctx.in_sentence(_OPEN_LINE, start) and _nobody_near(ctx, start)


def _nobody_near(ctx: Context, start: int) -> bool:
    return not ctx.in_sentence(PERSON_CUES, start) and not ctx.in_paragraph(_PATIENT, start)


def _somebody_lives_there(ctx: Context, start: int, end: int) -> bool:
    """A street alone is a place on the map; it is a person's where somebody lives or is cared for."""
    if _HOME_AFTER.match(ctx.fold, end):
        return True
    owner = ctx.owner(start, end, nearest=True)
    if owner is not None:
        return owner == "patient"
    if ctx.is_article and _HEADING_ADDRESS.search(ctx.fold, max(0, start - 30), start) and _nobody_near(ctx, start):
        return False
    if ctx.near(_STREET_CUE, start, end, left=60):
        return True
    if _open_house(ctx, start):
        return False
    return ctx.in_paragraph(PERSON_CUES, start) or ctx.in_paragraph(_OF_ONE_PERSON, start)


# Beside a street these tell of a person; "telefone", "e-mail", "unidade" or "convênio" stand beside every clinic's.
_OF_ONE_PERSON = scan.words(
    "cpf", "rg", "cns", "cartao sus", "prontuario", "nascid[oa]", "nasceu", "data de nascimento", "celular", "endereco", "carteirinha", "leito",
    "mrn", "medical record", "ssn", "born", "date of birth", "dob", r"\d{1,3} anos de idade", r"\d{1,3}[- ]years?[- ]old", "aged", "cnh",
)  # fmt: skip


def _street_like(ctx: Context, start: int, end: int, pattern: scan.Pattern) -> bool:
    if pattern is not _ADDRESS_BR:
        return True
    sample = ctx.text[start:end]
    after_street = sample.split(None, 1)[1] if " " in sample else ""
    if ctx.fold.startswith(("quadra", "via", "vila", "conjunto", "passagem", "vereda"), start) and not ctx.near(
        _STREET_CUE, start, end
    ):
        return False
    named = (
        after_street[:1].isupper()
        or after_street[:1].isdigit()
        or after_street.split(" ")[0].lower() in lexicon.PARTICLES
    )
    capital = any(word[:1].isupper() for word in after_street.split())
    return (named and capital) or ctx.near(_STREET_CUE, start, end, left=40, right=0)


def _ceps(ctx: Context, addresses: list[tuple[int, int]]) -> Iterator[Candidate]:
    for match in _CEP.finditer(ctx.digits):
        start, end = match.span()
        labelled = ctx.label_before(_CEP_CUE, start, left=44) is not None
        follows = [kind for last, kind in addresses if 0 <= start - last <= 80]
        if not labelled and not (follows and "-" in match.group()):
            continue
        if follows and follows[-1] < 0:
            continue
        if not follows and ctx.owner(start, end, nearest=True) == "institution":
            continue
        yield Candidate("cep", start, end, 0.80, digits_of(match.group()), label=0 if labelled else 999)


def _ips(ctx: Context) -> Iterator[Candidate]:
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(ctx.fold):
            if not ctx.near(_IP_CUE, *match.span()):
                continue
            if not (ctx.in_sentence(_IP_PERSON, match.start()) or ctx.in_paragraph(_PATIENT, match.start())):
                continue
            try:
                value = str(ipaddress.ip_address(match.group()))
            except ValueError:
                continue
            yield Candidate("ip_address", *match.span(), 0.85, value)


def _profiles(ctx: Context) -> Iterator[Candidate]:
    for match in _SOCIAL.finditer(ctx.fold):
        if ctx.in_sentence(_PATIENT, match.start()) and not ctx.near(_SOCIAL_OWN, *match.span(), left=40, right=0):
            end = match.start() + len(match.group().rstrip("./"))
            yield Candidate("social_url", match.start(), end, 0.90, ctx.fold[match.start() : end])
    for match in _HANDLE.finditer(ctx.fold):
        if not (ctx.near(_HANDLE_CUE, *match.span()) and ctx.in_sentence(_PATIENT, match.start())):
            continue
        if not ctx.near(_SOCIAL_OWN, *match.span(), left=40, right=0):
            yield Candidate("social_url", *match.span(), 0.85, match.group())
