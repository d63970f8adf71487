"""Who a number or an address belongs to: cue words, trap spans, look-alike digits (domain 2.2 context, 2.3 traps)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property

from .. import references, registry, scan
from ..text import SHORT, View

MASK = "\x00"

PATIENT_CUES = scan.words(
    *"""
paciente|pacte|pcte|pct|doente|mora|morava|morador[a]?|reside|residia|residente|domiciliad[oa]|mae|pai|filh[oa]|espos[oa]|marido|
irma|irmao|avo|familiar|familiares|acompanhante|cuidador[a]?|responsavel|prontuario|internad[oa]|internou|leito|nascid[oa]|nasceu|nascera|
usuari[oa]|menin[oa]|crianca|gestante|idos[oa]|dela|dele|vitima|cartao sus|cpf|cns|carteirinha|deu entrada|recado|vizinh[oa]|
celular da|celular do|familia|meu|minha|me ligou|me ligaram|me liguem?|patient|mother|father|wife|husband|daughter|son|brother|sister|guardian|caregiver|lives|lived|resides|living
at|home address|next of kin|emergency contact|mrn|ssn|dob|admitted|her|his|my|called me|reached at|boy|girl|mr.|mrs.|ms.|sr.|sra.|beneficiari[oa]|
nome:|data de nascimento|seu (?:celular|telefone|numero|e-mail|cadastro)|que (?:temos|cadastramos)|cadastramos|cadastrad[oa] (?:para|como)|for you|on file|your (?:phone|number|mobile|e-?mail)
""".replace("\n", "").split("|")
)
# Strong: the value next to it is the institution's even when a patient is in the sentence.
INSTITUTION_STRONG = scan.words(
    *"""
sac|agende|agendar|agendamento|agendamentos|marque|marcar|marcacao|marcacoes|ouvidoria|dpo|encarregad[oa]|fale conosco|central|
recepcao|disque|(?<!me\\s)ligue|nossos canais|nosso telefone|nossa equipe|fabricado|fabricante|cnpj|ltda|s/a|imprensa|assessoria|
corresponding author|autor[a]? correspondente|correspondencia|inscric*|informacoes|para mais informacoes|duvidas|press office|
call us|book|booking|appointments|helpline|hotline|customer service|headquarters|sede|plantao|secretaria|helpdesk|help desk|switchboard|front desk|teleatendimento|visite|
visit us|atendimento ao cliente|farmacovigilancia|denuncia*|doacoes|doacao|doe|site|importador[a]?|distribuidor[a]?|distribuido por|
telefone d[ao] (?:clinica|hospital|unidade|ambulatorio|consultorio|laboratorio|instituto|servico|setor|posto|maternidade|centro|associacao|museu|biblioteca|escola|projeto|programa|secretaria|farmacia|grupo)|
telefone geral|institucional|contato d[ao] (?:clinica|hospital|ambulatorio|consultorio|instituto)|switchboard|front desk|clinic phone|crm|crp|coren
""".replace("\n", "").split("|")
)
INSTITUTION_WEAK = scan.words(
    *"""
clinica*|hospital|hospitais|consultorio*|laboratorio*|instituto|instituicao|unidade*|ubs|upa|caps|posto|farmacia*|drogaria*|ambulatorio|maternidade|
universidade|faculdade|escola*|loja*|centro|espaco|galpao|almoxarifado|predio|endereco d[ao] (?:nov[oa] )?(?:obra|evento|bloco|predio|anexo|entrada|estacionamento|feira|sala|ala|sede|loja)|ministerio|prefeitura|associacao|sociedade|conselho|congresso|simposio|evento|auditorio|museu|fundacao|
santa casa|policlinica|pronto-socorro|pronto socorro|centro de|centro medico|empresa|industria|dr.|dra.|prof.|medic[oa]|psicolog[oa]|
clinic|university|institute|laboratory|pharmacy|office|department|center|centre|foundation|society|conference|company|school|
manufactured by|correio|regulamento|concurso|trabalhos|candidaturas|inscritos|anvisa|vigilancia|servico de|funciona|funcionamento|horario|editora|redacao|revista|equipe(?! (?:vai|foi|visita|esteve|va|comparece))|atendimento|nosso|nossa|our|reception|shop|store|venue
""".replace("\n", "").split("|")
)
CARE_CUES = scan.words(
    *"""
internad[oa]|internou|internacao|falecid[oa]|falecimento|socorrid[oa]|hospitalizad[oa]|deu entrada|entrada|admitid[oa]|admissao|atendid[oa]|operad[oa]|operou|submetid[oa]|cirurgia|alta|obito|faleceu|
faleciment|morreu|consulta|consultou|exame|exames|coleta|biopsia|compareceu|retornou|retorno|transferid[oa]|transferencia|procurou|procura|realizou|realizad[oa]|sofreu|fraturou|fratura|caiu|torceu|passou mal|chegou|coletou|colheu|retirou|tomou|vacinou|deu a luz|engravidou|acidentou-se|adoeceu|injured|broke|collapsed|arrived|gave birth|
diagnosticad[oa]|diagnostico|parto|cesarea|cesariana|iniciou|inicio|sintomas|recebeu|avaliad[oa]|vacinad[oa]|sessao|quimioterapia|
radioterapia|transplante|transplantad[oa]|intubad[oa]|extubad[oa]|atendimento|fez|triagem|evoluiu|acidente|queda|convulsao|crise|infarto|avc|
medicad[oa]|prescrit[oa]|examinad[oa]|acolhid[oa]|encaminhad[oa]|tomografia|ressonancia|colonoscopia|endoscopia|reavaliad[oa]|reinternad[oa]|
admitted|admission|discharged|discharge|underwent|died|death|seen|hospitali[sz]ed|diagnosed|presented|operated|surgery|visit|visited|
transferred|treated|delivered|vaccinated|received|started|biopsy|evaluated|readmitted|passed away|came to|intubated|extubated|examined|
follow-up|appointment|consultation|referred|returned|scan|mri|ct
""".replace("\n", "").split("|")
)
# What is said of things as well: "recebeu manutenção", "a sessão abre", "o inventário chegou a". Counts beside a person only.
WEAK_CARE = scan.compile(
    r"(?:entrada|admissao|atendimentos?|exames?|coletas?|sess(?:ao|oes)|inicio|iniciou|recebeu|chegou|realizou|realizad[oa]|retornou|retorno|"
    r"consulta|caiu|fez|retirou|tomou|procura|procurou|avaliad[oa]|transferid[oa]|transferencia|encaminhad[oa]|visit|visited|started|received|"
    r"returned|arrived|delivered|evaluated|appointment|consultation|referred|scan|mri|ct|seen|presented|admission|queda|acidente|crise|"
    r"falecid[oa]|falecimento|socorrid[oa]|triagem|sintomas|coletou|colheu|atendid[oa]|operated|collapsed|broke|follow-up|biopsia|biopsy|tomografia|ressonancia)"
)
PLURAL_SUBJECTS = scan.words(
    "pacientes", "voluntari[oa]s", "participantes", "casos", "criancas", "mulheres", "homens", "pessoas", "idos[oa]s", "gestantes",
    "prontuarios", "amostras", "participants", "patients", "subjects", "volunteers", "cases", "children", "women", "men", "adults",
    "estudo", "ensaio", "coorte", "recrutamento", "inclusao", "seguimento do estudo", "study", "trial", "cohort", "enrol?lment",
    "recruitment", "campanha", "pesquisa", "levantamento", "busca", "bases de dados", "databases", "search", "registros", "dados",
    "publicad[oa]", "publicacao", "atualizad[oa]", "atualizacao", "revisad[oa]", "revisao", "acesso em", "vigencia", "vigor", "resolucao",
    "portaria", "lei", "decreto", "rdc", "published", "updated", "accessed", "effective", "congresso", "evento", "edital", "inscricoes",
    "diario oficial", "nota tecnica", "boletim", "validade", "fabricacao", "aprovad[oa] pel[oa]", "comite de etica", "simposio",
    "hospital foi inaugurado", "inaugurad[oa]", "inauguracao", "fundad[oa]", "founded", "opened",
)  # fmt: skip
PERSON_CUES = scan.words(
    "paciente", "pct", "sr.", "sra.", "menin[oa]", "mulher", "homem", "idos[oa]", "ele", "ela", "senhor[a]?", "crianca", "bebe", "vitima",
    "gestante", "adolescente", "patient", "man", "woman", "he", "she", "boy", "girl", "mr.", "mrs.", "ms.", "lady", "gentleman",
    "male", "female", "dona", "avo", "mae", "pai", "mother", "father", "grandmother", "grandfather", "aposentad[oa]", "viuv[oa]", "jovem",
    "nascid[oa]", "portador[a]?", "residente", "moradora?", "bisavo", "tia", "tio", "sogr[oa]", "vizinh[oa]", "cunhad[oa]", "irma", "irmao", "aunt", "uncle", "widow(?:er)?", "filh[oa]", "espos[oa]", "garot[oa]", "lactente", "puerpera",
)  # fmt: skip
IDENTIFIER_CUES = scan.words(
    "cpf", "rg", "cns", "cartao sus", "prontuario", "nascid[oa]", "nasceu", "data de nascimento", "telefone", "celular", "endereco", "reside",
    "mora", "moradora?", "carteirinha", "leito", "quarto", "mrn", "medical record", "ssn", "born", "date of birth", "dob", "lives", "phone", r"\d{1,3} anos",
    r"\d{1,3}[- ]years?[- ]old", "aged", "e-mail", "email", "whatsapp", "cnh", "convenio", "plano de saude", "unidade", "enfermaria",
)  # fmt: skip

_TRAPS: tuple[scan.Pattern, ...] = tuple(
    scan.compile(source)
    for source in (
        # ANVISA registry, with its prefixes; 13 digits as printed, or the short form.
        r"(?<!\w)(?:reg(?:istro|\.)?|notificacao|cadastro)[\s.:]{0,3}(?:n[oº°.]{0,2}\s?)?(?:(?:no?|na|do|da|junto|ao?|a)\s){0,2}(?:m\.?\s?s\.?|anvisa(?:/ms)?|ministerio da saude|m\. saude)[\s:.\-nº°o(]{0,8}\d[\d.\-/ ]{3,22}\d",
        r"(?<!\w)(?:m\.?s\.?|anvisa|rms)[\s:.\-nº°o]{0,6}[1-8][\d.\-]{6,20}\d",
        r"(?<![\d.])[1-8]\.\d{4}\.\d{4}(?:\.\d{3}-?\d)?(?!\d)",
        r"(?<![\w])(?:lote|lot|batch|partida)(?:s)?[\s:.\-#nºo°]{0,6}[a-z]{0,6}-?\d[\w\-/]{0,18}",
        r"(?<![\w.])[0-9a-z]{2}\.[0-9a-z]{3}\.[0-9a-z]{3}/[0-9a-z]{4}-\d{2}(?!\d)",
        r"(?<!\w)cnpj[\s:.\-nºo°]{0,6}[0-9a-z]{12}\d{2}(?!\d)",
        r"(?<!\d)0[358]00[\s.\-]{0,2}\d{3}[\s.\-]{0,2}\d{3,4}(?!\d)",
        r"(?<!\d)(?:\(?\d{2}\)?\s?)?[34]00\d[\s.\-]\d{4}(?!\d)",
        r"(?<!\w)caae[\s:nº.°]{0,4}\d[\d.\-]{8,28}",
        r"(?<!\w)(?:lei|resolucao|portaria|decreto|rdc|instrucao normativa|in|parecer|nota tecnica|acordao|resp|processo|protocolo de pesquisa|edital|oficio|norma|nbr|iso)(?:\s(?:cfm|cfp|cofen|cfo|cfn|anvisa|complementar|federal|estadual|municipal|gm/ms|sei|rfb|cd/anpd|consubstanciado|re|n|no|nº|numero)){0,3}[\s:.nº°o]{0,5}\d[\d.\-/]{0,28}",
        r"(?<!\w)(?:https?://|www\.)(?!(?:www\.)?(?:instagram|facebook|fb|x|twitter|tiktok|linkedin)\.com/)[^\s\"<>]{3,250}",
        r"(?<![\w.,-])\d{1,7}(?:[.,]\d{1,4})?\s?(?:mg|mcg|g|kg|ml|dl|l|ui|mmol|mmhg|cm|mm|km|m|bpm|kcal|ng|pg|u|meq|%|copias|celulas|cel|reais|euros)(?:/[a-z0-9²³]{1,6}){0,2}(?![\w@]|[.]\d)",
        r"(?<!\w)(?:r\$|us\$|€|\$)\s?\d[\d.,]{0,18}",
    )
)
# People in general, who own no number: "cada paciente", "a mãe que quiser doar", "traga seu filho", "de criança ou idoso".
_PERSON = r"(?:paciente|acompanhante|familiar|usuari[oa]|beneficiari[oa]|gestante|mae|pai|filh[oa]|crianca|bebe|idos[oa]|adolescente|mulher|homem|jovem|cuidador[a]?|responsavel|patient|mother|father|caregiver|guardian)"
_IN_GENERAL = tuple(
    scan.compile(source)
    for source in (
        rf"(?<!\w)(?:cada|tod[oa]|qualquer|nenhuma?|each|every|any)\s(?P<who>{_PERSON})(?!\w)",
        rf"(?<!\w)(?P<who>{_PERSON})\s(?:que\s|who\s)?(?:pode|deve|precisa|quiser|quer|desejar|perder|tiver|estiver|for|vier|chegar|sentir|preferir|tem (?:direito|de|que)|liga|agenda|marca|escolhe|"
        r"desiste|fala quando|manda mensagem|may|can|must|should|wants?)(?!\w)",
        rf"(?<!\w)(?:traga|leve|convide|avise|chame|inscreva|vacine|acompanhe|bring|invite)\s(?:[ao]\s)?(?P<who>(?:seu|sua|your)\s{_PERSON}(?:,?\s(?:(?:e|ou|and|or)\s)?(?:(?:seu|sua|your)\s)?{_PERSON}){{0,2}})(?!\w)",
        rf"(?<!\w)(?:de|para|com|for)\s(?P<who>{_PERSON}\s(?:ou|e|or)\s{_PERSON})(?!\w)",
    )
)
_EXAMPLE = scan.compile(r"(?<!\w)(?:ex\.|exemplo|p\. ?ex\.|e\.g\.|formato)\s?[:,]?\s?\(?$")
_LOOKALIKE_RUN = scan.compile(r"(?<![A-Za-zÀ-ÿ])[0-9OoIl|SB](?:[ .\-/()]{0,2}[0-9OoIl|SB]){6,24}(?![A-Za-zÀ-ÿ])")
_LOOKALIKES = str.maketrans("OoIl|SB", "0011158")
_DIGIT_WORDS = {
    "zero": "0", "um": "1", "uma": "1", "dois": "2", "duas": "2", "tres": "3", "quatro": "4", "cinco": "5", "seis": "6",
    "meia": "6", "sete": "7", "oito": "8", "nove": "9", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9", "oh": "0",
}  # fmt: skip
_DIGIT_WORD = scan.compile(r"(?<!\w)(?:" + "|".join(_DIGIT_WORDS) + r")(?!\w)")


class Context:
    """A view with its traps masked and its cues located once, for all recognisers."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.is_article = len(view.sentences) > SHORT
        self._known: dict[tuple[scan.Pattern, int, int], bool] = {}
        traps = self._trap_spans()
        self.text = _masked(view.text, traps)
        self.fold = _masked(view.fold, traps)
        self.digits = self._digits()

    def _trap_spans(self) -> list[tuple[int, int]]:
        spans = [(hit.start, hit.end) for hit in references.find(self.view.text) if hit.type != "url"]
        spans += registry.spans(self.view.text)
        for pattern in _TRAPS:
            spans += [match.span() for match in pattern.finditer(self.view.fold)]
        return spans

    @cached_property
    def persons(self) -> str:
        """The folded text without people in general: the places where cues may speak of somebody."""
        return _masked(
            self.fold, [match.span("who") for pattern in _IN_GENERAL for match in pattern.finditer(self.fold)]
        )

    def _digits(self) -> str:
        """The text with letters that stand for digits inside numbers read as digits (``l23.O45``)."""
        out, last = [], 0
        for match in _LOOKALIKE_RUN.finditer(self.text):
            run = match.group()
            real = sum(c.isdigit() for c in run)
            if real >= 4 and real * 5 >= 2 * sum(c.isalnum() or c == "|" for c in run):
                out += [self.text[last : match.start()], run.translate(_LOOKALIKES)]
                last = match.end()
        out.append(self.text[last:])
        return "".join(out)

    def spoken_digits(self) -> list[tuple[str, int, int]]:
        """Numbers written as digit words ("cinco dois nove…"), at least eight in a row: digits, start, end."""
        runs: list[tuple[str, int, int]] = []
        digits, start, end = "", 0, 0
        for match in _DIGIT_WORD.finditer(self.fold):
            between = self.fold[end : match.start()] if digits else ""
            joined = (
                digits
                and len(between) <= 10
                and between.strip(" ,.-/;") in ("", "ponto", "traco", "e", "hifen", "dash", "dot", "barra")
            )
            if not joined:
                if len(digits) >= 8:
                    runs.append((digits, start, end))
                digits, start = "", match.start()
            digits += _DIGIT_WORDS[match.group()]
            end = match.end()
        if len(digits) >= 8:
            runs.append((digits, start, end))
        return runs

    # -- context words -------------------------------------------------------------------------------------------------

    def near(self, pattern: scan.Pattern, start: int, end: int, *, left: int = 60, right: int = 25) -> bool:
        return bool(
            pattern.search(self.fold, max(0, start - left), start)
            or (right and pattern.search(self.fold, end, min(len(self.fold), end + right)))
        )

    def label_before(self, pattern: scan.Pattern, start: int, *, left: int = 40) -> int | None:
        """Distance from the nearest label on the left to ``start``; None without one or with another number between."""
        begin = max(0, start - left)
        last = None
        for match in pattern.finditer(self.fold, begin, start):
            last = match
        if last is None:
            return None
        between = self.fold[last.end() : start]
        return None if sum(c.isdigit() for c in between) >= 3 or "\n\n" in between else len(between)

    def is_example(self, start: int) -> bool:
        """How to fill in a form: "data de nascimento (ex.: 01/01/1980)"."""
        return _EXAMPLE.search(self.fold, max(0, start - 16), start) is not None

    def in_sentence(self, pattern: scan.Pattern, position: int) -> bool:
        return self._contains(pattern, self.view.sentence_window(position))

    def in_paragraph(self, pattern: scan.Pattern, position: int) -> bool:
        return self._contains(pattern, self.view.paragraph_window(position))

    def _contains(self, pattern: scan.Pattern, window: tuple[int, int]) -> bool:
        key = (pattern, *window)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = pattern.search(self.persons, *window) is not None
        return known

    @cached_property
    def _cues(self) -> tuple[list[int], list[tuple[int, int, str]]]:
        found = [(m.start(), m.end(), "patient") for m in PATIENT_CUES.finditer(self.persons)]
        found += [(m.start(), m.end(), "strong") for m in INSTITUTION_STRONG.finditer(self.fold)]
        found += [(m.start(), m.end(), "weak") for m in INSTITUTION_WEAK.finditer(self.fold)]
        found.sort()
        return [f[0] for f in found], found

    def _cues_in(self, start: int, end: int) -> list[tuple[int, int, str]]:
        starts, cues = self._cues
        return cues[bisect_left(starts, start) : bisect_right(starts, end)]

    def owner(self, start: int, end: int, *, nearest: bool) -> str | None:
        """``patient``, ``institution`` or None for the value at ``start``..``end``.

        ``nearest``: for addresses the nearest cue on the left decides ("atendida no Hospital X, Rua Y"); for phones and
        mails a patient in the sentence does, unless a strong institution cue is there.
        """
        first, last = self.view.sentence_at(start)
        first, last = max(first, start - 400), min(last, end + 120)
        left = [cue for cue in self._cues_in(first, start) if cue[1] <= start]
        right = list(self._cues_in(end, last))
        kinds = [kind for _, _, kind in left]
        if nearest and kinds:
            return "patient" if kinds[-1] == "patient" else "institution"
        if kinds:
            if "strong" in kinds[-2:] and kinds[-1] != "patient":
                return "institution"
            if "patient" in kinds:
                return "patient"
            return "institution"
        if right:
            return "patient" if right[0][2] == "patient" else "institution"
        paragraph = self.view.paragraph_at(start)
        after = self._cues_in(end, min(paragraph[1], end + 60)) if nearest else []
        if after and after[0][2] == "strong":
            return "institution"
        begin = max(paragraph[0], start - 300)
        before = [cue[2] for cue in self._cues_in(begin, first) if cue[1] <= first]
        if before:
            if before[-1] == "patient":
                return "patient"
            if "patient" in before and "strong" not in before:
                return "patient"
            return "institution"
        return None


def _masked(text: str, spans: list[tuple[int, int]]) -> str:
    if not spans:
        return text
    out, last = [], 0
    for start, end in sorted(spans):
        start = max(start, last)
        if end <= start:
            continue
        out += [text[last:start], MASK * (end - start)]
        last = end
    out.append(text[last:])
    return "".join(out)
