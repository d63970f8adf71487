"""Names, initials and ICD codes of patients. Only in patient context: a text alone cannot tell a patient from an author."""

from __future__ import annotations

from collections.abc import Iterator

from .. import lexicon, scan
from .candidate import Candidate
from .context import IDENTIFIER_CUES, Context

_UP, _LOW = "A-ZÀ-ÖØ-Þ", "a-zà-öø-ÿ"
_TOKEN = rf"(?:(?:[DdO]['’]|M[a]?c)?[{_UP}][{_LOW}]{{1,20}}(?:['’-][{_UP}]?[{_LOW}]{{1,20}}){{0,2}}|[{_UP}]{{2,20}}(?![{_LOW}]))"
_PART = r"(?:[Dd][aeo]s?|D[AEO]S?|e|E|del|di|van|von|la)"
_NAME = rf"{_TOKEN}(?:[ ]{{1,2}}(?:{_PART}[ ]{{1,2}}){{0,2}}(?:{_TOKEN}|[{_UP}]\.)){{0,5}}"
_NAME_AT = scan.compile(_NAME)
_ANY_NAME = scan.compile(rf"(?<![\w@./-]){_NAME}(?![\w@])")
_LOWER_NAME = scan.compile(r"[a-z]{3,20}(?:[ ]{1,2}(?:(?:d[aeo]s?|e)[ ]{1,2})?[a-z]{3,20}){1,4}")

_FILL_PT = r"(?:\s{0,2}[,:(–-]?\s{0,2}(?:de nome|chamad[oa]s?|identificad[oa] como|nomead[oa]|conhecid[oa] como|chama-se|se chama|com iniciais|do sexo (?:feminino|masculino)|sexo (?:feminino|masculino)|femin[oa]|feminin[oa]|masculin[oa]|(?:de |com )?\d{1,3} (?:anos|meses)(?: de idade)?|senhora?|sr\.|sra\.|dona|d\.|e [oa]|o|a|nome:?|e|apos|brasileir[oa]|aqui chamad[oa]|dita|do ambulatorio|internad[oa]|acima|em questao|atendid[oa]|vit[oi]ma))"
_FILL_EN = r"(?:\s{0,2}[,:(–-]?\s{0,2}(?:named|called|known as|is|was|name:?|male|female|aged \d{1,3}|(?:a )?\d{1,3}[- ]years?[- ]old(?: (?:man|woman|male|female|boy|girl))?|mr\.?|mrs\.?|ms\.?|miss))"
_FILL = scan.compile(
    rf"(?:{_FILL_PT}(?!\w)|{_FILL_EN}(?!\w)){{0,4}}\s{{0,2}}[:,(\"'–=-]{{0,2}}\s{{0,2}}(?:sr\.|sra\.|srta\.|dona|seu|mr\.|mrs\.|ms\.|mr|mrs|ms|miss)?\s{{0,2}}"
)

_STRONG = scan.words(
    "patient name", "name of (?:the )?patient", "patient'?s'? (?:full )?name",
    "pacientes?", "pct", "pcte", "pacte", "patients?", "nome completo", "nome d[oa] (?:paciente|mae|pai|responsavel|beneficiari[oa]|menor|crianca|bebe|acompanhante|titular)",
    "nome social", "full name", "beneficiari[oa]", "usuari[oa]",
)  # fmt: skip
_COUNCIL = scan.words("segmento", "conselheir[oa]s?", "representantes?", "plenaria", "suplentes?", "titulares")
_NAME_LABEL = scan.compile(
    r"(?<!\w)(?:nome|name|pcte|mae|pai|filiacao|mother|father|responsavel|guardian|titular|acompanhante)(?: d[oa] (?:paciente|mae|pai|responsavel|crianca|menor|titular|acompanhante|beneficiari[oa]|bebe|genitora?|esposa|marido|filh[oa]|gestante|cliente|usuari[oa]|parturiente|segurad[oa]))?\s?:\s{0,3}"
)
_WEAK = scan.words(
    "[oad]{1,2} menor(?: de idade)?", "menin[oa]", "garot[oa]", "crianca", "bebe", "recem-nascid[oa]", "rn", "adolescente", "jovem", "gestante", "puerpera", "idos[oa]", "clientes?",
    "boy", "girl", "child", "infant", "baby", "teenager", "toddler", "newborn", "lactente", "parturiente", "moradora?", "aposentad[oa]", "vitima",
    "chamad[oa]", "de nome", "identificad[oa] como", "named", "caso d[aeo]", "atestado d[aeo]", "laudo d[aeo]", "receita d[aeo]", "exames? d[aeo]", "prontuario d[aeo]", "relato d[aeo]", "case of", "historia d[aeo]", "story of", "account of", "depoimento d[aeo]",
    "man", "woman", "resident",
)  # fmt: skip
_KIN = scan.words(
    "filh[oa](?: d[aeo])?", "mae(?: d[aeo])?", "pai(?: d[aeo])?", "espos[oa](?: d[aeo])?", "marido(?: d[aeo])?", "irma(?: d[aeo])?", "irmao(?: d[aeo])?", "tia(?: d[aeo])?",
    "tio(?: d[aeo])?", "net[oa](?: d[aeo])?", "avo(?: d[aeo])?", "viuv[oa] de", "companheir[oa](?: d[aeo])?", "responsavel(?: legal)?(?: p(?:or|el[oa]))?", "acompanhante", "cuidador[a]?", "sobrinh[oa](?: d[aeo])?", "acompanhad[oa] (?:por|d[aeo])",
    "son(?: of)?", "daughter(?: of)?", "mother(?: of)?", "father(?: of)?", "wife(?: of)?", "husband(?: of)?", "sister(?: of)?", "brother(?: of)?", "guardian", "caregiver", "niece", "nephew", "partner",
)  # fmt: skip
_HONORIFIC = scan.compile(
    r"(?<!nossa )(?<!nosso )(?<![\w])(?:sr\.|sra\.|srta\.|sr|sra|srta|senhora?|dona|d\.|seu|mr\.?|mrs\.?|ms\.?|miss)\s{1,2}(?=\S)"
)
_OFFICE = scan.words(
    "diretor[a]?", "ministr[oa]", "professor[a]?", "secretari[oa]", "president[ea]", "vice-presidente", "coordenador[a]?", "prefeit[oa]", "deputad[oa]", "senador[a]?", "vereador[a]?",
    "governador[a]?", "medic[oa]", "enfermeir[oa]", "psicolog[oa]", "advogad[oa]", "gerente", "chefe", "autor[a]?", "pesquisador[a]?", "palestrante", "superintendente", "reitor[a]?", "jornalista",
    "director", "minister", "professor", "secretary", "president", "chair(?:man|woman|person)?", "manager", "mayor", "senator", "author", "researcher", "nurse", "physician", "chief", "head of", "speaker",
    "crm", "crp", "coren", "dpo", "encarregad[oa]", "conselheir[oa]", "farmaceutic[oa]", "nutricionista", "ceo", "founder", "fundador[a]?", "provedor[a]?", "juiz[a]?", "desembargador[a]?", "relator[a]?", "editor[a]?", "dentista", "fisioterapeuta", "desembargador",
)  # fmt: skip
_CARE_OR_ID = scan.words(
    "paciente", "patient", "internad[oa]", "atendid[oa]", "consulta", "cirurgia", "operad[oa]", "admitid[oa]", "alta", "faleceu", "obito", "tratamento", "medicacao", "remedio", "exame", "exames",
    "internac*", "reembolso", "plano de saude", "convenio", "carteirinha", "medicament*", "vacina", "health plan", "insurance", "member id", "prescription", "queixa*", "dor", "dores", "febre", "sintoma*", "relata", "relatou", "referiu", "refere", "apresentou", "apresenta", "evoluiu", "retornou", "compareceu", "recebeu", "sofre", "sofreu", "procurou", "deu entrada",
    "admitted", "icd", "cid", "coded", "atestado", "discharged", "underwent", "surgery", "treated", "treatment", "diagnosed", "presented", "complain*", "pain", "fever", "reports", "reported", "hospital", "clinic", "visit", "seen", "prescribed", "died", "ward", "follow-up", "symptoms",
    "pressao", "glicemia", "curativo", "medicad[oa]", "submetid[oa]", "leito", "quarto", "uti", "enfermaria", "vacin*", "recuper*", "mora", "reside", "terapia", "sessao", "sessoes", "diagnostic*", "hba1c", "resultado", "mamografia", "biopsia", "quimioterapia", "hemodialise", "dialise", "prenatal", "pre-natal", "infarto", "avc", "transferid[oa]", "medication", "biopsy", "scan", "icu", "chemotherapy", "therapy", "recover*", "stroke", "room", "appointment", "results", "test", "missed", "took", "taking", "tomou", "toma", "fratur*", "caiu", "queda", "fell", "gestante", "doenca", "disease", "cancer", "diabet*", "hipertens*", "insulin*", "depress*", "asma", "asthma", "ficha", "triagem", "acolhid*", "cuidador[a]?",
)  # fmt: skip
_NAME_FIRST = scan.compile(
    r"\s{0,2}[,(–-]?\s{0,2}(?:(?:de |com |aged |a )?\d{1,3}[ -](?:anos|meses|years?)|portador[a]? d|cpf|rg |cns|prontuario|nascid[oa]|nasceu|mrn|dob|born|medical record|pacientes?(?! d[aeo] (?:dr|doutor))|patient|foi (?:internad|admitid|submetid|operad|atendid|diagnosticad|transferid|encaminhad|medicad|vacinad)|deu entrada|teve alta|recebeu alta|recebeu o diagnostico|procurou (?:o|a|nosso|atendimento)|compareceu|was (?:admitted|diagnosed|discharged|treated|referred|seen)|underwent|presented (?:with|to)|reside|mora |lives |residente|internad[oa]|carteirinha|telefone|celular|tel\.|aged \d|d\.n\.|dn |date of birth|data de nascimento|faleceu|died)"
)
_AUTHOR_AFTER = scan.compile(
    r"(?:\s{0,2},)?\s{0,2}(?:et al|e cols?\.|e colaboradores|\(\d{4}\)|,?\s?(?:crm|crp|coren|cro|crn|rqe|medic[oa]|psicolog[oa]|enfermeir[oa]|professor[a]?|autor[a]?|pesquisador[a]?|physician|md|phd|rn|jornalista|diretor[a]?)(?!\w))"
)
# "Meu paciente Davi Prado, diretor de escola": behind the word patient a trade is only a trade.
_WORKS_AS = scan.compile(
    r"\s{0,2},\s{0,2}(?:diretor[a]?|professor[a]?|autor[a]?|jornalista|pesquisador[a]?|medic[oa]|enfermeir[oa]|psicolog[oa])(?!\w)"
)
_TITLE_BEFORE = scan.compile(
    r"(?:dr|dra|drs|prof|profa|profª|doutor|doutora|professor|professora|enf|enfa|enfermeir[oa]|psicolog[oa]|medic[oa]|dentista|nutricionista|fisioterapeuta|md|doctor|nurse|autor[a]?|author|santo|santa|sao|hospital|rua|avenida|av|praca|instituto|escola|maternidade|clinica|colegio)\.?\s{1,2}$"
)
_HISTORICAL = scan.compile(rf"(?<!\w)(?:{lexicon.HISTORICAL})(?!\w)")
_OLD_YEAR = scan.compile(
    r"(?:(?<!\w)(?:em|de|do|in|of|since|desde|ate|e|and|to|a|ano|year|by|circa)\s|\()(?:1[4-8]\d\d|19[0-4]\d)(?!\d|[ ./]\d)|(?<!\w)seculo|(?<!\w)century"
)
_PAST_CENTURY = scan.compile(
    r"(?:(?<!\w)(?:em|de|do|in|of|since|desde|ate|e|and|to|a|ano|year|by|circa)\s|\()1[4-8]\d\d(?!\d|[ ./]\d)"
)
_PUBLIC = scan.words(
    "ator",
    "atriz",
    "cantor[a]?",
    "apresentador[a]?",
    "escritor[a]?",
    "pintor[a]?",
    "celebridade",
    "personagem",
    "romance",
    "filme",
    "novela",
    "actor",
    "actress",
    "singer",
    "writer",
    "painter",
    "movie",
    "novel",
    "character",
    "fictici[oa]",
    "fictional",
    "fictitious",
    "nome ficticio",
    "lei",
    "premio",
    "award",
    "law",
    "escala",
    "scale",
    "santo",
    "santa",
)

_INITIALS = scan.compile(rf"(?<![\w.])[{_UP}]\.(?:\s?[{_UP}]\.){{1,3}}(?!\w)")
_INITIALS_CUE = scan.words(
    "paciente",
    "pct",
    "prontuario",
    "patient",
    "iniciais",
    "initials",
    "mrn",
    "medical record",
    "menin[oa]",
    "crianca",
    "boy",
    "girl",
    "leito",
    "participante",
    "participant",
)
_NOT_INITIALS = frozenset(
    "U.S. E.U.A. E.U. U.S.A. U.K. U.E. M.S. M.D. D.C. O.M.S. S.A. P.S. A.C. A.M. P.M. I.M. E.V. I.V. V.O. S.C. C.P.F. R.G. D.N. D.O. C.E.P. S.U.S. U.T.I. D.O.B. M.R.N. P.A. F.C. F.R. H.I.V. S.N.C. L.E.R. N.Y. B.A. M.A. C.I.D. P.O. W.H.O.".split()
)
_ICD_CUE = lexicon.ICD_CODE


def find(ctx: Context) -> Iterator[Candidate]:
    names = sorted(_names(ctx), key=lambda c: (c.start, -c.end))
    kept: list[Candidate] = []
    for candidate in names:
        if kept and candidate.start < kept[-1].end:
            if candidate.end - candidate.start > kept[-1].end - kept[-1].start and candidate.start == kept[-1].start:
                kept[-1] = candidate
            continue
        kept.append(candidate)
    yield from _with_repeats(ctx, kept)
    yield from _initials(ctx)


def _names(ctx: Context) -> Iterator[Candidate]:
    for cue, weak in ((_STRONG, False), (_WEAK, True)):
        for match in cue.finditer(ctx.fold):
            if match.group().startswith(("usuari", "beneficiari")) and ctx.in_sentence(_COUNCIL, match.start()):
                continue  # the users' bench of a council
            abbreviated = match.group().startswith("pc") and ctx.fold.startswith(".", match.end())
            yield from _after_cue(ctx, match.end() + abbreviated, weak=weak)
    for match in _NAME_LABEL.finditer(ctx.fold):
        if _OFFICE.search(ctx.fold, max(0, match.start() - 30), match.start()) or _in_charge(ctx, match):
            continue
        yield from _after_cue(ctx, match.end(), weak=False)
    for match in _KIN.finditer(ctx.fold):
        if ctx.in_sentence(_CARE_OR_ID, match.start()) or ctx.in_sentence(IDENTIFIER_CUES, match.start()):
            yield from _after_cue(ctx, match.end(), weak=True)
    for match in _HONORIFIC.finditer(ctx.fold):
        if _honorific_counts(ctx, match):
            yield from _after_cue(ctx, match.end(), weak=match.group().startswith(("d.", "seu")), fill=False)
    yield from _name_first(ctx)


_APPOSITION = scan.compile(
    r"[\w'’-]{2,20}(?:\s[\w'’-]{2,20}){0,5},\s(?:nosso |nossa |que e |um |uma |o |a )?(?:pacientes?|patient|internad[oa])(?!\w)"
)


def _honorific_counts(ctx: Context, match) -> bool:
    # The office is the honoured person's only when it stands beside the name, or when nobody is a patient here.
    if ctx.in_sentence(_OFFICE, match.start()) and not _APPOSITION.match(ctx.fold, match.end()):
        return False
    if match.group().startswith("seu") and not ctx.fold[match.end() : match.end() + 20].split()[:1]:
        return False
    return ctx.in_sentence(_CARE_OR_ID, match.start()) or ctx.in_sentence(IDENTIFIER_CUES, match.start())


def _after_cue(ctx: Context, position: int, *, weak: bool, fill: bool = True) -> Iterator[Candidate]:
    told = ctx.fold.endswith(_TOLD, 0, position)
    cue_end = position
    if fill:
        filler = _FILL.match(ctx.fold, position)
        position = filler.end() if filler else position
    while position < len(ctx.text) and ctx.text[position] == " ":
        position += 1
    if position and ctx.text[position - 1].isalnum():
        return
    match = _NAME_AT.match(ctx.text, position)
    if match is None:
        yield from _lower_case(ctx, position)
        return
    start, end = _cut(ctx, *match.span())
    words = _words(ctx.fold[start:end])
    # Under a heading that ends in the cue ("Imagens de pacientes") only a known name is one.
    weak = weak or "\n\n" in ctx.text[cue_end:start]
    if not words or not _is_name(ctx, start, end, words, weak=weak, told=told):
        return
    yield Candidate("person_name", start, end, 0.85, " ".join(words))


_TOLD = ("paciente", "pct", "patient")


# "Pregoeira responsável: …", "Bibliotecária responsável: …": in charge of an act, not of a child.
_CHARGE = scan.compile(
    r"(?<!\w)\w{4,20}(?:ora?|eir[ao]|ic[oa]|ista|og[oa]|ad[ao]|(?<!beneficiar)(?<!usuar)(?<=ar)i[oa])\s$"
)


def _in_charge(ctx: Context, match) -> bool:
    return (
        match.group().startswith("responsavel")
        and _CHARGE.search(ctx.fold, max(0, match.start() - 22), match.start()) is not None
    )


def _words(folded: str) -> list[str]:
    return [w for w in folded.split() if w not in lexicon.PARTICLES and len(w.strip(".")) > 1]


def _cut(ctx: Context, start: int, end: int) -> tuple[int, int]:
    """Keep the leading tokens that can be a name: stop at a label, a sigla or an ordinary word."""
    position, last = start, start
    for token in ctx.text[start:end].split(" "):
        stop = position + len(token)
        folded = ctx.fold[position:stop]
        if folded in lexicon.PARTICLES or not token:
            position = stop + 1
            continue
        known = folded in lexicon.GIVEN_NAMES or folded in lexicon.FAMILY_NAMES
        if (folded in lexicon.NOT_NAMES and not (known and last > start)) or (
            token.isupper()
            and len(token) <= 3
            and "." not in token
            and folded not in lexicon.GIVEN_NAMES
            and folded not in lexicon.FAMILY_NAMES
            and not ctx.text[start:end].isupper()
        ):
            break
        last, position = stop, stop + 1
    return start, last


def _is_name(ctx: Context, start: int, end: int, words: list[str], *, weak: bool, told: bool = False) -> bool:
    if not lexicon.could_be_name(words[0].strip(".")):
        return False
    # After a given name a word with the ending of an adjective is a family name as well (Salgado, Delgado, Penteado).
    given = words[0] in lexicon.GIVEN_NAMES
    if not all(
        w in lexicon.FAMILY_NAMES
        or lexicon.could_be_name(w.strip("."))
        or len(w) <= 2
        or (w not in lexicon.NOT_NAMES and ((given and not w.endswith("ional")) or w.endswith(_FAMILY_ENDINGS)))
        for w in words[1:]
    ):
        return False
    if _named_place(ctx, start):
        return False
    if _TITLE_BEFORE.search(ctx.fold, max(0, start - 16), start):
        return False
    if _AUTHOR_AFTER.match(ctx.fold, end) and not (told and _WORKS_AS.match(ctx.fold, end)):
        return False
    if _HISTORICAL.search(ctx.fold, max(0, start - 4), min(len(ctx.fold), end + 20)) or _historical_sentence(
        ctx, start
    ):
        return False
    known = given or words[-1] in lexicon.FAMILY_NAMES
    if ctx.text[start:end].isupper() and not known:
        # "PATIENT: ROWENA STRICKLAND, SSN …": a form filled in with capitals.
        labelled = told_label(ctx, start) and len(words) >= 2 and ctx.in_sentence(IDENTIFIER_CUES, start)
        return labelled and not weak
    if weak:
        return known and (given or len(words) >= 2)
    return known or len(words) >= 2 or (len(words[0]) >= 4 and not _english_term(ctx, start))


# "Patient Registries", "Patient Safety": the second word of a title, not a family name.
_PATIENT_NOUN = scan.compile(
    r"(?:registr(?:y|ies)|safety|experiences?|engagement|involvement|outcomes?|reported|cent(?:ered|red)|navigat(?:ion|ors?)|advoca(?:cy|tes?)"
    r"|portals?|rights|education|records?|satisfaction|flow|care|journeys?|information|access|forums?|organi[sz]ations?|associations?|groups?"
    r"|transport|services?|leaflets?|participation|representatives?|identification|data|privacy|communication|monitoring|support)(?!\w)"
)


def _english_term(ctx: Context, start: int) -> bool:
    """Whether a word follows "Patient" as in "Patient Handoff" in a Portuguese text, or is a noun such as "Registries"."""
    if not ctx.text.startswith("Patient ", max(0, start - 8)):
        return False
    return ctx.view.lang == "pt" or _PATIENT_NOUN.match(ctx.fold, start) is not None


_LABEL_COLON = scan.compile(r"(?<!\w)(?:paciente|nome|pct|patient|name)\s?:\s{0,3}$")


def told_label(ctx: Context, start: int) -> bool:
    """Whether a label with a colon stands right before."""
    return _LABEL_COLON.search(ctx.fold, max(0, start - 16), start) is not None


_FAMILY_ENDINGS = ("ado", "ido", "oso")
_PLACE_BEFORE = scan.compile(
    rf"(?:Hospital|Maternidade|Casa|Lar|Creche|Escola|Col[ée]gio|Cl[íi]nica|Instituto|Funda[çc][ãa]o|UBS|UPA|CAPS|Posto|Centro|Unidade|Ambulat[óo]rio|"
    rf"Policl[íi]nica|Associa[çc][ãa]o|Rua|Avenida|Av\.|Pra[çc]a|Largo|Travessa|Alameda|Rodovia|Parque|Ponte|Edif[íi]cio|Audit[óo]rio|Sala|Biblioteca|"
    rf"Laborat[óo]rio|Pr[êe]mio|Trof[ée]u|Faculdade|Universidade|Abrigo|Santu[áa]rio|Santa Casa|Center|Centre|School|Foundation|Institute|Street|Ward)"
    rf"\s(?:[{_UP}][\w.]{{1,20}}\s|d[aeo]s?\s){{0,4}}$"
)


_FICTION = scan.words(
    "paciente fictici[oa]",
    "personagens?",
    "nome ficticio",
    "nomes ficticios",
    "fictional",
    "fictitious",
    "caso hipotetico",
)


# "Joe Hin Tjio, nascido em Java, e Albert Levan publicaram a contagem certa": history of science, not a patient.
_SCHOLAR = scan.words(
    "publicaram", "descreveram", "descobriram", "inventaram", "fundaram", "batizaram", "premio nobel", "autor(?:a|es)? d[aeo]s? ~3 (?:livro|tratado|teoria|estudo)",
    "(?:were the )?first to describe", "discovered the", "nobel prize",
)  # fmt: skip


def _named_place(ctx: Context, start: int) -> bool:
    """ "Hospital Municipal Tia Dalva": a house that bears a name."""
    return _PLACE_BEFORE.search(ctx.text, max(0, start - 70), start) is not None


def _historical_sentence(ctx: Context, position: int) -> bool:
    if ctx.in_sentence(_PAST_CENTURY, position):
        return True
    if ctx.in_sentence(_OLD_YEAR, position) and not ctx.in_sentence(IDENTIFIER_CUES, position):
        return True
    if ctx.in_sentence(_FICTION, position) or ctx.in_sentence(_SCHOLAR, position):
        return True
    return ctx.in_sentence(_PUBLIC, position) and not ctx.in_sentence(_STRONG, position)


def _lower_case(ctx: Context, position: int) -> Iterator[Candidate]:
    """A name typed without capitals: only given name + family name from the lists."""
    match = _LOWER_NAME.match(ctx.fold, position)
    if match is None or ctx.text[position : position + 1].isupper():
        return
    start, last = position, position
    kept: list[str] = []
    offset = position
    for token in match.group().split(" "):
        stop = offset + len(token)
        known = token in lexicon.GIVEN_NAMES or token in lexicon.FAMILY_NAMES
        if known:
            kept.append(token)
            last = stop
        elif token not in lexicon.PARTICLES:
            break
        offset = stop + 1
    if len(kept) >= 2 and kept[0] in lexicon.GIVEN_NAMES and kept[0] not in _ORDINARY:
        yield Candidate("person_name", start, last, 0.85, " ".join(kept))


_ORDINARY = frozenset(
    "rosa clara graca dulce gloria vitoria mark frank will grace rose amber dawn art aparecida fatima ruth".split()
)


def _name_first(ctx: Context) -> Iterator[Candidate]:
    """ "Maria de Souza, 62 anos, deu entrada…": the name comes before its context."""
    for match in _ANY_NAME.finditer(ctx.text):
        start, end = match.span()
        given, end = _from_given_name(ctx, start, end)
        if ctx.fold.startswith("dona ", start):
            start += 5  # the honorific is not part of the name
        start, end = _cut(ctx, given if given < end else start, end)
        words = _words(ctx.fold[start:end])
        if len(words) < 2:
            continue
        context = _NAME_FIRST.match(ctx.fold, end)
        if context is None or not _is_name(ctx, start, end, words, weak=False):
            continue
        # Without a given name from the list only a personal identifier beside it makes it a person.
        aged = "anos" in context.group() or "year" in context.group()
        if words[0] not in lexicon.GIVEN_NAMES and not aged and not _IDENTIFIED.search(context.group()):
            continue
        if ctx.in_sentence(_OFFICE, start) and not ctx.in_sentence(IDENTIFIER_CUES, start):
            continue
        if aged and (not ctx.in_sentence(_CARE_OR_ID, start) or ctx.in_sentence(_OFFICE, start)):
            continue
        yield Candidate("person_name", start, end, 0.85, " ".join(words))


def _from_given_name(ctx: Context, start: int, end: int) -> tuple[int, int]:
    """Skip capitalised words before the first given name ("Ontem Maria Souza")."""
    position = start
    for token in ctx.text[start:end].split(" "):
        if ctx.fold[position : position + len(token)] in lexicon.GIVEN_NAMES:
            return position, end
        position += len(token) + 1
    return end, end


_IDENTIFIED = scan.compile(
    r"cpf|rg |cns|prontuario|nascid|nasceu|mrn|dob|born|medical record|d\.n\.|dn |date of birth|data de nascimento"
)


_CAPITALISED = scan.compile(rf"(?<![\w@./])[{_UP}][\w'’-]{{2,24}}")


def _with_repeats(ctx: Context, names: list[Candidate]) -> Iterator[Candidate]:
    """One finding per person; a later mention of the given or family name is a repeat (domain 7a)."""
    people: list[Candidate] = []
    owners: dict[str, Candidate] = {}
    for candidate in names:
        words = candidate.value.split()
        known = [owners[w] for w in (words[0], words[-1]) if w in owners]
        if known and (len(words) == 1 or set(words) <= set(known[0].value.split())):
            known[0].repeats.append((candidate.start, candidate.end))
            continue
        people.append(candidate)
        for word in (words[0], words[-1]):
            owners.setdefault(word, candidate)
    if owners:
        _later_mentions(ctx, owners, names)
    for person in people:
        person.repeats.sort()
    yield from people


def _later_mentions(ctx: Context, owners: dict[str, Candidate], names: list[Candidate]) -> None:
    taken = sorted((c.start, c.end) for c in names)
    index = 0
    for match in _CAPITALISED.finditer(ctx.text):
        start, end = match.span()
        while index < len(taken) and taken[index][1] <= start:
            index += 1
        if index < len(taken) and taken[index][0] < end:
            continue
        person = owners.get(ctx.fold[start:end])
        if person is None or start < person.start or _TITLE_BEFORE.search(ctx.fold, max(0, start - 16), start):
            continue
        if person.repeats and person.repeats[-1][0] < start <= person.repeats[-1][1] + 1:
            person.repeats[-1] = (person.repeats[-1][0], end)
        else:
            person.repeats.append((start, end))


def _initials(ctx: Context) -> Iterator[Candidate]:
    for match in _INITIALS.finditer(ctx.text):
        start, end = match.span()
        compact = match.group().replace(" ", "")
        route = compact in _NOT_INITIALS and not _RIGHT_BEHIND.search(ctx.fold, max(0, start - 16), start)
        if route or not ctx.near(_INITIALS_CUE, start, end, left=60, right=40):
            continue
        labelled = _INITIALS_LABEL.search(ctx.fold, max(0, start - 40), start) is not None
        if not labelled and (_TOKEN_AFTER.match(ctx.text, end) or _author_initials(ctx, start)):
            continue
        if _TITLE_BEFORE.search(ctx.fold, max(0, start - 16), start):
            continue
        yield Candidate("initials", start, end, 0.60, compact)


# "paciente I. M.": behind the word itself no route of injection.
_RIGHT_BEHIND = scan.compile(r"(?<!\w)(?:iniciais|initials|paciente|pct|patient)[:,]?\s$")
_INITIALS_LABEL = scan.compile(
    r"(?:iniciais|initials|paciente|pct|participante|patient)(?:\s[a-z]{1,12}){0,3}\s{0,2}[:,(=]?\s{0,2}$"
)
_TOKEN_AFTER = scan.compile(rf"\s[{_UP}][{_LOW}]{{2,20}}")
_FAMILY_BEFORE = scan.compile(rf"[{_UP}][{_LOW}]{{2,20}},?\s$")


def _author_initials(ctx: Context, start: int) -> bool:
    """ "Silva J.R.": a family name before the initials makes them an author's."""
    before = _FAMILY_BEFORE.search(ctx.text, max(0, start - 24), start)
    if before is None:
        return False
    word = ctx.fold[before.start() : before.end()].strip(" ,")
    return not _INITIALS_CUE.search(word) and lexicon.could_be_name(word)


def icd_codes(ctx: Context, people: list[Candidate]) -> Iterator[Candidate]:
    """ICD codes in a paragraph with a patient's name or a unique identifier (severity S4)."""
    places = [place for c in people for place in ((c.start, c.end), *c.repeats)]
    paragraphs = {ctx.view.paragraph_at(start) for start, _ in places}
    for match in _ICD_CUE.finditer(ctx.fold):
        if ctx.view.paragraph_at(match.start()) in paragraphs:
            yield Candidate("icd10", *match.span(1), 0.80, match.group(1), label=0)
