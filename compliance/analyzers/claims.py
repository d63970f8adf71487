"""Health claims: which sentences assert an effect on health, of what kind, and which reference stands beside them (domain 3)."""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
from dataclasses import dataclass
from typing import NamedTuple

from . import claim_broad, claim_frames, claim_model, references, scan
from . import claim_cues as cue
from .text import SHORT, View, fold

VERSION = "1.4.0"
WINDOW = 160  # characters after a verb in which its outcome is looked for
MAX_SENTENCE = 1200  # a longer "sentence" is a list or hostile input: only its beginning decides
SIMILAR = 0.9


class Asked(NamedTuple):
    """What the learned model must say (log odds) to leave the lists their claim, to support their broad net, and to find
    a claim alone."""

    veto: float
    support: float
    alone: float


# An article has many sentences to err in. Set on the articles of authors whom the model had not read: docs/analyzers.md.
ASKED, ASKED_IN_ARTICLE = Asked(-4.0, -2.0, 0.5), Asked(-0.5, 0.5, 3.5)
FEWEST_WORDS = 4  # of what the model alone calls a claim: "Hipertensão arterial" is a title


@dataclass
class Claim:
    """One sentence. Offsets count characters of the field as given once ``analyze`` has mapped them."""

    text: str
    start: int
    end: int
    kinds: tuple[str, ...]
    hedged: bool
    lang: str
    field: str = "content"
    references: list[str] = dataclasses.field(default_factory=list)
    markers: list[int] = dataclasses.field(default_factory=list)
    author_years: list[str] = dataclasses.field(default_factory=list)
    key: str = ""

    @property
    def text_hash(self) -> str:
        return text_hash(self.text)

    def as_json(self) -> dict[str, object]:
        """The record of domain 3.2. A person adds level, decision and note."""
        return {
            "text": self.text, "kind": list(self.kinds), "hedged": self.hedged, "lang": self.lang, "field": self.field,
            "start": self.start, "end": self.end, "text_hash": self.text_hash,
            "evidence_scale": "ocebm2011", "evidence_level": None,
            "reference": self.references[0] if self.references else None, "references": list(self.references),
            "status": "linked" if self.references else "open", "validated": False,
            "validated_by": None, "validated_at": None, "validator_registry": None, "note": "",
        }  # fmt: skip


def text_hash(text: str) -> str:
    """SHA-256 of the sentence without regard to case, accents and white space."""
    return hashlib.sha256(" ".join(fold(text).split()).encode()).hexdigest()


_NUMBERS = scan.compile(r"\d[\d.,]{0,12}\d|\d")


def same_claim(before: str, after: str) -> bool:
    """Whether an edited sentence is still the claim that was decided. A changed number makes a new claim."""
    old, new = " ".join(fold(before).split()), " ".join(fold(after).split())
    if old == new:
        return True
    if [m.group() for m in _NUMBERS.finditer(old)] != [m.group() for m in _NUMBERS.finditer(new)]:
        return False
    return _similarity(old, new) >= SIMILAR


# Words, numbers with their inner signs, and every sign that can turn a meaning; commas and full stops cannot.
_WORDS = scan.compile(r"\d[\d.,:/]{0,12}\d|\w{1,80}|[^\w\s.,;:()\[\]\"'“”‘’!…]")


def same_words(before: str, after: str) -> bool:
    """Whether two sentences differ in nothing but case, accents, white space and punctuation."""
    old, new = ([m.group() for m in _WORDS.finditer(fold(text))] for text in (before, after))
    return old == new


def _similarity(old: str, new: str) -> float:
    if min(len(old), len(new)) / max(len(old), len(new), 1) < 0.8:
        return 0.0
    old, new = old[:MAX_SENTENCE], new[:MAX_SENTENCE]
    scan.tick(len(old) + len(new))
    return difflib.SequenceMatcher(None, old, new, autojunk=False).ratio()


def assign_keys(claims: list[Claim], previous: dict[str, dict]) -> dict[str, Claim]:
    """Stable keys: first by equal hash, then by similarity; new claims get the next free number."""
    keys: dict[str, Claim] = {}
    free = dict(previous)
    rest: list[Claim] = []
    by_hash: dict[str, list[str]] = {}
    for key, record in previous.items():
        by_hash.setdefault(str(record.get("text_hash")), []).append(key)
    for claim in claims:
        candidates = by_hash.get(claim.text_hash, [])
        if candidates:
            claim.key = candidates.pop(0)
            keys[claim.key] = claim
            free.pop(claim.key, None)
        else:
            rest.append(claim)
    for claim in rest:
        claim.key = next((k for k, r in free.items() if same_claim(str(r.get("text", "")), claim.text)), "")
        if claim.key:
            free.pop(claim.key)
            keys[claim.key] = claim
    number = 1
    for claim in rest:
        if claim.key:
            continue
        while f"claim_{number}" in previous or f"claim_{number}" in keys:
            number += 1
        claim.key = f"claim_{number}"
        keys[claim.key] = claim
    return keys


# -- finding ------------------------------------------------------------------------------------------------------------


class _Sentence:
    """One sentence with the cues found in it."""

    def __init__(self, view: View, start: int, end: int) -> None:
        self.view, self.start = view, start
        self.end = min(end, start + MAX_SENTENCE)
        self.fold = view.fold

    def has(self, pattern: scan.Pattern) -> bool:
        return pattern.search(self.fold, self.start, self.end) is not None

    def first(self, pattern: scan.Pattern) -> int:
        match = pattern.search(self.fold, self.start, self.end)
        return match.start() if match else -1

    def outcome_after(self, position: int, limit: int = WINDOW) -> bool:
        return cue.OUTCOME.search(self.fold, position, min(self.end, position + limit)) is not None

    def outcome_before(self, position: int) -> bool:
        return cue.OUTCOME.search(self.fold, max(self.start, position - WINDOW), position) is not None

    @property
    def body(self) -> str:
        return self.fold[self.start : self.end]


def find(view: View, *, protected: list[tuple[int, int]] | None = None) -> list[Claim]:
    """Claims of one text, in normalised offsets. ``protected``: spans of the reference list, which claims nothing."""
    claims: list[Claim] = []
    case = told = False
    paragraph = None
    asked = ASKED if len(view.sentences) <= SHORT else ASKED_IN_ARTICLE
    for start, end in view.sentences:
        if any(a <= start < b for a, b in protected or ()):
            continue
        sentence = _Sentence(view, start, end)
        here = view.paragraph_at(start)
        if here != paragraph:
            paragraph, case = here, False
        named = sentence.has(cue.CASE_SUBJECT)
        # A pronoun is a patient's only where a patient was spoken of: "ela" may be a vaccine.
        about_case = (named or (told and sentence.has(cue.CASE_PRONOUN))) and not sentence.has(cue.GENERAL)
        told = told or named
        case = about_case or (case and not sentence.has(cue.GENERAL))
        if _is_claim(sentence, case=case, asked=asked):
            text = view.text[start:end]
            claims.append(Claim(text, start, end, _kinds(sentence), sentence.has(cue.HEDGE), view.lang))
    return claims


def _is_claim(sentence: _Sentence, *, case: bool, asked: Asked) -> bool:
    if sentence.end - sentence.start < 12 or sentence.body.rstrip("\"')] ").endswith("?"):
        return False
    denial = _denies_myth(sentence) or sentence.has(_WARNS_READER) or sentence.has(_ONCE_BELIEVED)
    if denial or sentence.has(cue.NEGATED_PROMISE):
        return False
    learned = claim_model.score(sentence.body)
    if sentence.has(_NO_BENEFIT) or (
        sentence.has(cue.NO_EVIDENCE) and sentence.outcome_after(sentence.start, MAX_SENTENCE)
    ):
        return learned > asked.veto and not sentence.has(cue.AIM)
    if _asserts_effect(sentence) and claim_frames.about_health(sentence):
        return learned > asked.veto and not _excluded(sentence, case=case)
    if (
        case
        or sentence.body.count(" ") < FEWEST_WORDS - 1
        or _sends_to_care(sentence)
        or _excluded(sentence, case=case)
    ):
        return False
    return learned > asked.alone or (learned > asked.support and claim_broad.asserts(sentence))


# What was held true in another age asserts nothing today.
_ONCE_BELIEVED = scan.words(
    "houve epoca", "acreditava-se", "acreditavam", "pensava-se", "julgava-se", "supunha-se", "na (?:antiguidade|idade media)", "n[oa]s? seculos? [xvi]{1,6}", "era[m]? (?:considerad|tid|vist)[oa]s? (?:como|um|uma)",
    "once believed", "was believed", "were believed", "in the (?:middle ages|\\w{4,12} century)",
)  # fmt: skip
_WARNS_READER = scan.words(
    "desconfi\\w{1,4} d[aeo]s?", "suspeite d[aeo]s?", "cuidado com (?:quem|promessas?|produtos?|anuncios?|ofertas?)", "beware of", "be wary of", "be suspicious of",
)  # fmt: skip
# "Converse com o médico sobre a frequência das crises" speaks of a disease and asserts nothing.
_SENDS_TO_CARE = scan.compile(
    r"(?:converse|fale|discuta|tire|pergunte|procure|consulte|comunique|avise|informe|conte|leve|relate|peca|volte|talk|speak|ask|tell|see|call|contact)\b"
    r"(?:\s[\w-]{1,14}){0,5}\s(?:medic[oa]s?|pediatra|obstetra|dentista|psicolog[oa]|enfermeir[oa]|farmaceutic[oa]|nutricionista|profissional|equipe|especialista|ubs|unidade|pronto-socorro|pronto-atendimento"
    r"|servico|posto|consultorio|doctor|physician|nurse|midwife|dentist|pharmacist|team|provider|gp)\b",
)
_GIVES_REASON = scan.compile(r"[:;]|\b(?:pois|porque|ja\sque|because|since)\b")
_NO_BENEFIT = scan.words(
    "nao (?:ha|existe|traz|oferece) ~1 beneficios? (?:em|de|do|da|no|na|com|para)", "(?:there is )?no ~1 benefits? (?:of|from|in|to)",
)  # fmt: skip


def _sends_to_care(s: _Sentence) -> bool:
    """Whether a sentence of one clause only tells the reader whom to speak to."""
    return _SENDS_TO_CARE.match(s.fold, s.start, s.end) is not None and not s.has(_GIVES_REASON)


def _denies_myth(sentence: _Sentence) -> bool:
    return sentence.has(cue.MYTH)


def _asserts_effect(sentence: _Sentence) -> bool:
    checks = (_finite_verb, _modal_infinitive, _efficacy, _comparative, _nominal, _slogan, _passive, _cause)
    return any(check(sentence) for check in checks) or claim_frames.asserts(sentence)


def _finite_verb(s: _Sentence) -> bool:
    if s.view.lang == "pt":
        for match in cue.EFFECT_PT.finditer(s.fold, s.start, s.end):
            word = match.group()
            if _relative_to_law_or_process(s, match.end()) or _noun_like_pt(s, match):
                continue
            if match.start() == s.start and (word in _PT_AMBIGUOUS or word.startswith(_NOT_OPENING)):
                if _opens_a_slogan(s, match):
                    return True
                continue
            if word in _WHOLE_EFFECT and match.start() > s.start:
                return True
            if word.startswith("beneficia") and _word_before(s, match.start()) == "se":
                continue  # people who benefit from a programme
            if word in ("detectou", "detectaram") and not (s.has(cue.QUANTITY) or s.has(cue.GENERAL)):
                continue  # the result of one test
            if s.outcome_after(match.end(), 28 if word.startswith(("tir", "garant")) else WINDOW):
                return True
        return _changes_by(s) or _ends_with_product(s)
    for match in cue.EFFECT_EN.finditer(s.fold, s.start, s.end):
        if match.start() == s.start or _after_word(s, match.start(), _EN_NOUN_BEFORE):
            continue
        if s.outcome_after(match.end()) and not _relative_to_law_or_process(s, match.end()):
            return True
    for match in cue.PAST_EN.finditer(s.fold, s.start, s.end):
        if (
            match.start() > s.start
            and not _after_word(s, match.start(), _EN_PAST_NOT_VERB)
            and s.outcome_after(match.end())
        ):
            return True
    for match in cue.BASE_EN.finditer(s.fold, s.start, s.end):
        if s.outcome_after(match.end()) and _base_is_finite(s, match.start()):
            return True
    return False


_OBJECT = scan.compile(r"\s(?:a|o|as|os|qualquer|toda|todo|de vez (?:a|o|as|os))\s(?:\w{1,20}\s){0,2}")
_SELLS = scan.words(
    "em \\w{1,8} (?:dias?|semanas?|meses|mes|minutos|horas|sess(?:ao|oes))", "sem ~2 efeitos? colatera(?:is|l)", "nao tem ~1 efeitos?", "segur[oa]s?", "garant\\w{1,5}", "noss[oa]s?", "sua", "seu", "suas", "seus",
    "para sempre", "de vez", "na hora", "natura(?:l|is)", "sem (?:dor|cirurgia|esforco|dieta|remedio)", "compre", "experimente", "com (?:a|o) ~2 \\w{4,20}",
)  # fmt: skip


def _opens_a_slogan(s: _Sentence, match) -> bool:
    """ "Seca a psoríase e não tem efeitos colaterais": the verb opens, its outcome is its object, and somebody sells."""
    if not s.has(_SELLS):
        return False
    after = _OBJECT.match(s.fold, match.end(), s.end)
    return after is not None and s.outcome_after(match.end(), 30)


_WHOLE_EFFECT = frozenset("emagrece emagrecem engorda engordam vicia viciam rejuvenesce rejuvenescem".split())
_NOT_OPENING = ("garant", "afast", "corta", "tira", "ativa", "beneficia", "acab", "combat", "mantem", "leva")
_CHANGES = scan.words(
    "melhor(?:ou|aram|a|am)", "pior(?:ou|aram|a|am)", "diminu(?:iu|iram|i|em)", "aument(?:ou|aram|a|am)", "caiu", "cairam", "subiu", "subiram", "regrid(?:e|em|iu|iram)", "cede[m]?",
)  # fmt: skip
_POINTS = scan.compile(r"\d[\d.,]{0,6}\s?(?:%|pontos|mmhg|mg/dl|kg|dias|horas|vezes)")
_WITH_CARE = scan.words(
    "com (?:a |o |as |os |uso |uso de )?(?:prescric\\w{1,4}|tratamento*|uso|terapia*|exercicio*|atividade*|dieta*|medicamento*|remedio*|suplement\\w{1,6}|vitamina*|cirurgia|repouso|fisioterapia|psicoterapia|alimentac\\w{1,4}|vacina\\w{0,4}|metformina|insulina|hidratac\\w{1,4}|compressas?|antibiotic\\w{1,3}|estatinas?)",
)  # fmt: skip


def _changes_by(s: _Sentence) -> bool:
    """ "A incapacidade melhorou 3,1 pontos no grupo", "triglicérides altos melhoram com a prescrição de ômega-3"."""
    for match in _CHANGES.finditer(s.fold, s.start, s.end):
        if not s.outcome_before(match.start()) or _word_before(s, match.start()) in _PT_NOUN_BEFORE:
            continue
        if _WITH_CARE.match(s.fold, min(s.end, match.end() + 1)):
            return True
        if _POINTS.search(s.fold, match.end(), min(s.end, match.end() + 40)) and s.has(cue.GENERAL):
            return True
    return False


_VANISHES = scan.words(
    "some[m]?", "desaparece[m]?", "va[io]\\w? ~1 embora", "nao volta[m]?", "nunca mais volta[m]?", "cresce[m]? ~1 (?:de novo|novamente|outra vez)", "acaba[m]? (?:em|de vez|para sempre)", "passa[m]? (?:em \\d|na hora|rapidinho)",
)  # fmt: skip
_SELLING = scan.words(
    "seus?", "suas?", "noss[oa]s?", "garant\\w{2,5}", "com el[ea]s?", "para sempre", "de vez", "capsulas?", "compre"
)


def _ends_with_product(s: _Sentence) -> bool:
    """ "A sua hérnia some para sempre": the ill goes by itself, and somebody sells it."""
    match = _VANISHES.search(s.fold, s.start, s.end)
    return match is not None and s.outcome_before(match.start()) and s.has(_SELLING)


_PT_NOUN_BEFORE = frozenset(
    "a o da do de uma um na no as os pela pelo sua seu essa esse esta este cada nossa nosso por em com ou e".split()
)
_PT_AMBIGUOUS = frozenset(
    "combate cura trata controla melhora piora queima limpa gera seca dobra mata baixa produz eleva regula poupa salva".split()
)
_EN_NOUN_BEFORE = frozenset("the a an of these those its their his her for in and".split())
_EN_PAST_NOT_VERB = frozenset("the a an of with to for in by and or have from as at than on its their no any".split())


def _word_before(s: _Sentence, position: int) -> str:
    words = s.fold[max(s.start, position - 30) : position].split()
    return words[-1].strip("\"'(,;:") if words else ""


def _after_word(s: _Sentence, position: int, words: frozenset[str]) -> bool:
    return _word_before(s, position) in words


def _noun_like_pt(s: _Sentence, match) -> bool:
    """ "a cura do câncer", "a melhora da dor": the noun that is spelled like the verb."""
    word = match.group().split()[0]
    if word == "seca":  # "tosse seca", "boca seca"
        following = s.fold[match.end() : match.end() + 14].split()[:1]
        return following not in (["a"], ["o"], ["as"], ["os"], ["barriga"], ["gordura"], ["gorduras"], ["espinhas"])
    if word.startswith("trata"):
        following = s.fold[match.end() : match.end() + 24].split()[:1]
        if following and following[0].strip(".,;:") in (
            "de",
            "do",
            "da",
            "dos",
            "das",
            "dados",
            "sobre",
            "informacoes",
            "temas",
        ):
            return True
    return word in _PT_AMBIGUOUS and _word_before(s, match.start()) in _PT_NOUN_BEFORE - {"e", "ou"}


def _base_is_finite(s: _Sentence, position: int) -> bool:
    """ "Statins reduce", "may reduce", "helps reduce"; not "to reduce", not an imperative."""
    before = s.fold[max(s.start, position - 40) : position]
    if not before.strip():
        return False
    words = before.split()
    last = words[-1].strip("\"'(,;:")
    if last == "to":
        lead = " ".join(words[-3:])
        return any(key in lead for key in _TO_ASSERTS)
    if last in _EN_BASE_AFTER:
        return True
    if last in (
        "the",
        "a",
        "an",
        "of",
        "and",
        "for",
        "in",
        "with",
        "his",
        "her",
        "their",
        "or",
        "your",
        "this",
        "each",
        "blood",
        "pain",
        "infection",
        "quality",
        "birth",
        "weight",
    ):
        return False
    if last in ("people", "women", "men", "children", "that", "which", "they", "we", "it", "you", "these", "those"):
        return True
    verb = s.fold[position : position + 10]
    return last.endswith(("s", "ly")) or (last not in _EN_NOT_SUBJECT and verb.startswith(_EN_ONLY_VERBS))


_EN_ONLY_VERBS = (
    "reduce",
    "prevent",
    "improve",
    "relieve",
    "protect",
    "eliminate",
    "worsen",
    "alleviate",
    "shorten",
    "prolong",
    "enhance",
)
_EN_NOT_SUBJECT = frozenset(
    "to and or please how not let in on at of for with by from but then also why when who".split()
)


_TO_ASSERTS = (
    "shown to",
    "proven to",
    "able to",
    "appears to",
    "appear to",
    "seems to",
    "seem to",
    "tends to",
    "tend to",
    "found to",
    "known to",
    "helps to",
    "help to",
    "guaranteed to",
    "likely to",
    "failed to",
    "fails to",
    "fail to",
    "believed to",
    "helped to",
    "reported to",
    "demonstrated to",
)
_EN_BASE_AFTER = frozenset(
    "may might can could will would helps help helped not never also doesn't don't didn't cannot can't does do did must".split()
)


def _relative_to_law_or_process(s: _Sentence, position: int) -> bool:
    """The object is a queue, a cost, an access: management, not health."""
    near = cue.NON_HEALTH_OBJECT.search(s.fold, position, min(s.end, position + 30))
    if near is None:
        return False
    outcome = cue.OUTCOME.search(s.fold, position, min(s.end, position + 60))
    return outcome is None or near.start() <= outcome.start()


def _cause(s: _Sentence) -> bool:
    if s.view.lang != "pt":
        return False
    return any(s.outcome_after(m.end()) for m in cue.CAUSE_PT.finditer(s.fold, s.start, s.end))


def _modal_infinitive(s: _Sentence) -> bool:
    if s.view.lang != "pt":
        return False
    for match in cue.INFINITIVE_PT.finditer(s.fold, s.start, s.end):
        begin = max(s.start, match.start() - 45)
        if not cue.MODAL_PT.search(s.fold, begin, match.start()):
            continue
        if s.outcome_after(match.end()) and not _relative_to_law_or_process(s, match.end()):
            return True
    return False


def _efficacy(s: _Sentence) -> bool:
    for match in cue.EFFICACY.finditer(s.fold, s.start, s.end):
        if _BOAST.search(match.group()) or s.has(_SAFE_OTHER) or claim_frames.is_and(s, match):
            continue
        if _ONLY_SAFE.search(match.group()) and not (
            s.has(claim_frames.CARE) or s.has(_MEDICAL) or s.has(cue.CASE_PRONOUN)
        ):
            continue  # a place, a moment, a way home
        return True
    return False


# "100 % seguro" alone boasts and asserts no effect: a matter of the rules (domain 7a).
_BOAST = scan.compile(r"(?:totalmente|completamente|absolutamente|100|completely|totally|absolutely|perfectly)")
_ONLY_SAFE = scan.words("segur[oa]s?", "safe")
_SAFE_OTHER = scan.words(
    "(?:momento|espaco|lugar|local|plataforma|rede|meio|forma)s? segur[oa]s?",
    "ambiente segur[oa]",
    "senha segura",
    "conexao segura",
    "secure",
    "armazenamento segur[oa]",
    "descarte segur[oa]",
    "cirurgia segura",
    "sexo seguro",
    "a pergunta",
)


_MEDICAL = scan.words(
    "placebo", "nao[- ]inferior(?:es|idade)?", "non-?inferior", "rehabilitation", "\\w{0,6}reabilitac\\w{1,4}", "fisioterapia", "caminhadas?", "hidroginastica", "yoga", "ioga", "massagem", "acupuntura", "walking", "massage", "acupuncture", "compressas?", "repouso", "doses?", "farmacos?", "drogas?", "drugs?", "exames?", "testes?", "tests?", "screening", "rastreamento", "laser", "tecnicas?", "cuffs?", "aparelhos?", "devices?", "implantes?", "protocolos?",
    "(?!(?:rotina|oficina|piscina|cantina|esquina|medicina|disciplina|pagina|menina|maquina|coluna|latina|marina|campina|neblina|gasolina|buzina|usina)s?(?!\\w))\\w{3,18}(?:ina|inas|olol|pril|sartana|prazol|cilina|micina|floxacino|statina|statins?|tidina|azol|mabe?|nibe?|parina|formina|glutida|gliflozina|oxetina|pam|lam|ine|mycin|cillin|profen[o]?|cetamol|aminophen)",
)  # fmt: skip


# A measure, not a comparison of treatments.
_AT_LEAST = scan.words(
    "(?:igual|iguais|menor|maior) ou (?:superior|inferior|maior|menor)(?:es)?",
    "(?:superior|inferior) ou igual",
    "equal to or (?:greater|less|more)",
)


def _comparative(s: _Sentence) -> bool:
    if s.has(_AT_LEAST):
        return False
    if not (s.has(_MEDICAL) or s.has(cue.OUTCOME) or s.has(cue.EXPOSURE)):
        return False  # a bus is faster than a car
    for match in cue.COMPARATIVE.finditer(s.fold, s.start, s.end):
        after = s.fold[match.end() : match.end() + 12].split()
        if _MANNER.match(s.fold, match.start(), s.end):
            continue  # "da forma mais segura possível"
        if not (after and after[0][:1].isdigit()) and not _anatomic(s, match.start()):
            return True
    return False


_MANNER = scan.compile(
    r"mais (?:segur|eficient|rapid|efica|efetiv)\w{1,3} (?:possivel|e (?:agil|rapid|organiz|human)|d[ao] (?:hospital|unidade|servico))"
)


def _anatomic(s: _Sentence, position: int) -> bool:
    return _word_before(s, position) in (
        "membro",
        "membros",
        "lobo",
        "terco",
        "polo",
        "quadrante",
        "andar",
        "porcao",
        "idade",
        "temperatura",
        "limb",
        "lobe",
    )


def _nominal(s: _Sentence) -> bool:
    """ "Houve redução de 30% na mortalidade", "associado a maior risco de…", "mortalidade 20% menor"."""
    for match in cue.NOMINAL.finditer(s.fold, s.start, s.end):
        if match.group().startswith("prevencao") and _word_before(s, match.start()) in (
            "de",
            "da",
            "do",
            "na",
            "em",
            "a",
            "interna",
        ):
            continue  # a committee, a week, a plan of prevention
        if match.group().startswith("queda") and _word_before(s, match.start()) in ("de", "da", "do"):
            continue  # a rate of falls
        near = s.outcome_after(match.start(), 110) or (
            _is_association(match.group()) and s.outcome_before(match.start())
        )
        if not near or (_is_association(match.group()) and (_attributive(s, match) or _only_health(s))):
            continue
        if _is_association(match.group()) or (s.has(cue.QUANTITY) and s.has(cue.RESULT)):
            return True
        if cue.RESULT.search(s.fold, max(s.start, match.start() - 60), match.end()) and not _purpose(s, match.start()):
            return True
    return bool(
        s.has(_STATISTIC) and s.has(cue.QUANTITY) and s.outcome_after(s.start, MAX_SENTENCE) and s.has(cue.RESULT)
    )


_COPULA = scan.compile(
    r"(?<!\w)(?:e|sao|foi|foram|esta|estao|estava|estavam|estar|esteve|estiveram|ser|seja|parece|parecem|aparece|aparecem|fica|ficou|continua|segue|is|are|was|were|be|been|appears?|seems?|remains?)(?!\w)"
)
_WEIGHED = scan.words(
    "mais", "menos", "maior(?:es)?", "menor(?:es)?", "melhor(?:es)?", "pior(?:es)?", "riscos?", "reduc\\w{2,4}", "aument\\w{1,3}", "queda", "mortalidade", "\\d{1,3} ?%", "more", "less", "fewer", "lower", "higher",
    "risks?", "increase\\w{0,1}", "reduc\\w{2,4}", "better", "worse",
)  # fmt: skip


def _only_health(s: _Sentence) -> bool:
    """ "Os diagnósticos estão ligados à evolução dos cuidados de saúde": health itself is no outcome of an association."""
    found = {m.group() for m in cue.OUTCOME.finditer(s.fold, s.start, s.end)}
    return found <= {"saude", "health", "bem-estar", "well-being"}


def _attributive(s: _Sentence, match) -> bool:
    """ "Efeitos relacionados à quimioterapia": a participle that only says which effects, without a verb and a measure."""
    if not match.group().split()[0].endswith(("ado", "ada", "ados", "adas")):
        return False
    if _COPULA.search(s.fold, max(s.start, match.start() - 30), match.start()):
        return False
    return _WEIGHED.search(s.fold, match.start(), min(s.end, match.end() + 25)) is None


_STATISTIC = scan.compile(
    r"(?<!\w)(?:rr|or|hr|nnt|nnh)\s?[=:,]?\s?\(?\d|(?:ic|ci)\s?(?:de\s)?95|(?<!\w)p\s?[<=>]\s?0|(?:hazard|odds) ratio|risco relativo|relative risk"
)


def _is_association(text: str) -> bool:
    return text.startswith(
        (
            "associ",
            "relacion",
            "ligad",
            "vincul",
            "correl",
            "se ",
            "linked",
            "related",
            "tied",
            "fator",
            "risk fact",
            "protective fact",
            "factor",
        )
    )


def _purpose(s: _Sentence, position: int) -> bool:
    return _word_before(s, position) in ("para", "for", "visando", "buscando", "por", "sobre")


def _passive(s: _Sentence) -> bool:
    """ "A mortalidade foi reduzida", "symptoms were relieved by…"."""
    for match in _PASSIVE.finditer(s.fold, s.start, s.end):
        if s.outcome_before(match.start()) or s.outcome_after(match.end(), 60):
            return True
    return False


_PASSIVE = scan.words(
    "(?:e|sao|foi|foram|sera|serao|podem ser|pode ser|esta|estao) ~1 (?:reduzid[oa]s?|diminuid[oa]s?|aumentad[oa]s?|aliviad[oa]s?|prevenid[oa]s?|controlad[oa]s? (?:com|por|pel[oa])|eliminad[oa]s?|curad[oa]s?|melhorad[oa]s?|revertid[oa]s?|evitad[oa]s?|evitaveis com|causad[oa]s? (?:por|pel[oa]) (?:uso|consumo|cigarro|alcool|tabaco|excesso|falta)\\w{0,2}|provocad[oa]s? pel[oa] (?:uso|consumo))",
    "(?:is|are|was|were|be|been) ~1 (?:reduced|decreased|lowered|increased|improved|relieved|prevented|cured|halved|reversed|eliminated|shortened|alleviated|worsened)",
)  # fmt: skip


def _slogan(s: _Sentence) -> bool:
    """Imperative or verbless slogans that assert an effect of a product: "Acabe com a dor em sete dias"."""
    match = cue.SLOGAN.search(s.fold, s.start, s.end)
    if match is None:
        return False
    if match.start() - s.start > 60 and not _starts_clause(s, match.start()):
        return False
    return (
        s.outcome_after(match.start())
        or "perca" in match.group()
        or "emagre" in match.group()
        or "lose" in match.group()
    ) and cue.PRODUCT.search(s.fold, s.start, s.end) is not None


def _starts_clause(s: _Sentence, position: int) -> bool:
    before = s.fold[max(s.start, position - 3) : position]
    return any(c in before for c in ":;,-–!") or " e " in before


def _excluded(s: _Sentence, *, case: bool) -> bool:
    quantified = s.has(cue.QUANTITY)
    strong = s.has(cue.COMPARATIVE) or s.has(cue.EFFICACY) or s.has(_STATISTIC)
    if s.has(cue.LEGAL) and s.has(cue.LEGAL_VERB) and not strong:
        return True
    if s.has(cue.AIM) and not s.has(_CONCLUDES):
        return True
    if s.has(cue.METHOD) and not s.has(_CONCLUDES):
        return True
    if s.has(cue.FIRST_PERSON) and not s.has(cue.GENERAL) and _first_person_subject(s):
        return True
    if case and s.has(cue.PAST_PT if s.view.lang == "pt" else _PAST_EN) and not s.has(cue.GENERAL):
        return True
    if s.has(cue.PREVALENCE) and not strong and not _explicit_effect(s) and not claim_frames.asserts(s):
        return True
    if (
        cue.DEFINITION.search(s.fold, s.start, min(s.end, s.start + 60))
        and not quantified
        and not strong
        and not _explicit_effect(s)
    ):
        return True
    return _lists_symptoms(s) or _disease_describes_itself(s)


# "A doença pode se manifestar por pele seca … diminuição da velocidade do crescimento": nothing was given or done.
_MANIFESTS = scan.words(
    "manifest\\w{1,6} ~1 (?:por|com|como|queixas|sintomas|atraves)", "cursa[m]? com", "caracteriza-se por", "caracterizad[oa]s? por", "(?:outros|principais|primeiros|possiveis) (?:sinais|sintomas) ~6 (?:sao|incluem|:)",
    "(?:sinais|sintomas|manifestacoes) (?:(?:mais )?(?:comuns|frequentes|classicos|tipicos|principais) ~3 )?(?:sao|incluem)", "presents? with", "(?:symptoms|signs) ~4 (?:are|include)", "characteri[sz]ed by",
)  # fmt: skip


def _lists_symptoms(s: _Sentence) -> bool:
    return s.has(_MANIFESTS) and not (s.has(cue.EXPOSURE) or s.has(cue.QUANTITY) or _explicit_effect(s))


_PAST_EN = scan.words("\\w{3,14}ed", "was", "were", "had", "led", "felt", "fell", "rose", "got", "went", "became")
_CONCLUDES = scan.words(
    "mostr(?:ou|aram|a|am)", "demonstr(?:ou|aram|a|am)", "conclui[um]?", "concluiram", "houve", "reduzi(?:u|ram)", "resultou", "observou-se", "foi (?:menor|maior|superior|inferior)", "associ(?:ou|aram)-se",
    "encontr(?:ou|aram)", "evidenci(?:ou|aram)", "revel(?:ou|aram)", "sugere[m]?", "aumentou", "diminuiu", "melhorou", "preveniu", "tiveram", "apresentaram",
    "showed", "shown", "demonstrated", "concluded", "found that", "found", "resulted in", "reduced", "improved", "was (?:lower|higher|superior|inferior)", "suggests?", "increased", "decreased", "prevented", "had (?:a )?(?:lower|higher|fewer)",
)  # fmt: skip


def _explicit_effect(s: _Sentence) -> bool:
    return s.has(_EXPLICIT)


_EXPLICIT = scan.words(
    "reduz(?:em|iu|iram)?", "previne[m]?", "preveniu", "diminui(?:u|em|ram)?", "melhora[m]?", "protege[m]?", "cura[m]?", "alivia[m]?", "elimina[m]?", "aumenta[m]? o risco", "evita[m]?", "retarda[m]?", "combate[m]?", "trata[m]?", "eleva[m]?", "elev(?:ou|aram)", "aumenta[m]? (?:a incidencia|o numero)", "que ~2 (?:reduzir|prevenir|aliviar)", "pode ~1 (?:reduzir|prevenir|causar|aumentar|levar)", "podem ~1 (?:reduzir|prevenir|causar|aumentar|levar)",
    "reduce[sd]?", "prevent(?:s|ed)?", "improve[sd]?", "lower(?:s|ed)", "relieve[sd]?", "treats", "cures", "protects", "increases the risk",
)  # fmt: skip


_TO_THE_READER = scan.words("voce", "voces", "sua", "suas", "seu", "seus", "you", "your")


def _first_person_subject(s: _Sentence) -> bool:
    if s.has(_TO_THE_READER):
        return False  # the seller speaks: "com a minha terapia você vai parar de ter medo"
    head = s.fold[s.start : s.start + 60]
    return '"' in s.body or cue.FIRST_PERSON.search(head) is not None


def _disease_describes_itself(s: _Sentence) -> bool:
    """ "A dengue causa febre e dor": a disease and its symptoms, not an exposure or intervention."""
    pattern = cue.CAUSE_PT if s.view.lang == "pt" else _CAUSE_EN
    match = pattern.search(s.fold, s.start, s.end) or _PROVOKES.search(s.fold, s.start, s.end)
    if match is None:
        return False
    subject = s.fold[s.start : match.start()]
    if cue.EXPOSURE.search(subject) or len(subject) > 110:
        return False
    if not cue.DISEASE_SUBJECT.search(subject):
        return False
    other = [
        m
        for m in (cue.EFFECT_PT if s.view.lang == "pt" else cue.EFFECT_EN).finditer(s.fold, s.start, s.end)
        if m.start() != match.start()
    ]
    return not other and not s.has(cue.QUANTITY) and not s.has(cue.NEGATION)


_CAUSE_EN = scan.words("causes?", "caused")
_PROVOKES = scan.words(
    "provoca[m]?",
    "leva[m]? a",
    "compromete[m]?",
    "afeta[m]?",
    "resulta[m]? em",
    "produz(?:em)?",
    "gera[m]?",
    "desencadeia[m]?",
    "leads? to",
    "affects?",
    "results? in",
    "produces?",
    "pode[m]? ~1 (?:causar|provocar|levar a|comprometer|afetar|gerar)",
    "(?:can|may) (?:cause|lead to|affect)",
)


def _kinds(s: _Sentence) -> tuple[str, ...]:
    kinds = []
    negative = s.has(cue.NO_EVIDENCE) or _negated_verb(s)
    if negative:
        kinds.append("negative")
    if s.has(cue.HARM):
        kinds.append("harm")
    if s.has(cue.COMPARATIVE):
        kinds.append("comparative")
    if s.has(cue.QUANTITY):
        kinds.append("quantitative")
    if s.has(cue.ABSOLUTE):
        kinds.append("absolute")
    if (not negative and ("harm" not in kinds or _explicit_effect(s))) or not kinds:
        kinds.insert(0, "effect")
    return tuple(kinds)


def _negated_verb(s: _Sentence) -> bool:
    return s.has(_NEGATED_PT if s.view.lang == "pt" else _NEGATED_EN)


_NEGATED_PT = scan.words(
    "nao ~2 (?:reduz\\w{0,4}|melhor\\w{1,4}|previn\\w{1,3}|previne|cur\\w{1,4}|trat\\w{1,4}|caus\\w{1,4}|alivi\\w{1,4}|aument\\w{1,4}|diminu\\w{1,4}|elimin\\w{1,4}|proteg\\w{1,4}|evit\\w{1,4}|substitu\\w{1,3}|provoc\\w{1,4}|altera\\w{0,3}|influenci\\w{1,3}|traz|tem|e eficaz|sao eficazes|foi superior|emagrece)"
)
_NEGATED_EN = scan.words(
    "(?:not|doesn't|don't|didn't|never|neither|nor) ~2 (?:reduce|improve|prevent|cure|treat|cause|relieve|increase|decrease|lower|protect|affect|shorten|help|change|superior|effective)"
)


# -- linking (domain 3.2) -----------------------------------------------------------------------------------------------

_MARKER = scan.compile(
    r"\[(\d{1,3}(?:\s?[,–-]\s?\d{1,3}){0,8})\]|(?<=[A-Za-zÀ-ÿ%)\"”.,])\^?\((\d{1,3}(?:\s?[,–-]\s?\d{1,3}){0,8})\)(?=[\s.,;]|$)|([¹²³⁰⁴-⁹]{1,3}(?:[,⁻˒][¹²³⁰⁴-⁹]{1,3}){0,6})"
)
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹˒⁻", "0123456789,-")
_AUTHOR_YEAR = scan.compile(
    r"([A-ZÀ-Þ][\w'’-]{1,30})(?:\s(?:et al\.?|e cols?\.?|e colaboradores|and colleagues)|\s(?:e|and|&)\s[A-ZÀ-Þ][\w'’-]{1,30})?,?\s?\(?((?:19|20)\d{2})[a-z]?\)?"
)
_LIST_HEADING = scan.compile(
    r"(?:^|\n)\s{0,3}(?:referencias(?: bibliograficas)?|bibliografia|references|fontes)\s{0,2}:?\s{0,2}(?=\n|$)"
)
_LIST_ITEM = scan.compile(r"(?:^|\n)[ \t]{0,4}\[?(\d{1,3})[\].)][ \t]{1,3}")


def reference_list(view: View) -> tuple[tuple[int, int] | None, dict[int, list[str]]]:
    """The numbered list under a heading "Referências": its span, and the identifiers of each number."""
    heading = None
    for match in _LIST_HEADING.finditer(view.fold):
        heading = match
    if heading is None:
        return None, {}
    items = list(_LIST_ITEM.finditer(view.fold, heading.end()))
    numbered: dict[int, list[str]] = {}
    for index, item in enumerate(items):
        end = items[index + 1].start() if index + 1 < len(items) else len(view.text)
        numbered[int(item.group(1))] = [hit.id for hit in references.find(view.text[item.end() : end])]
    return (heading.start(), len(view.text)), numbered


def link(view: View, claims: list[Claim], numbered: dict[int, list[str]]) -> None:
    """References of each claim: inside the sentence, then its marker, then author and year, then the next sentence."""
    for claim in claims:
        text = view.text[claim.start : min(claim.end, claim.start + 4000)]
        found = [hit.id for hit in references.find(text)]
        claim.markers = _marker_numbers(text)
        claim.author_years = [f"{m.group(1)} {m.group(2)}" for m in _AUTHOR_YEAR.finditer(text)]
        for number in claim.markers:
            found += numbered.get(number, [])
        if not found and not claim.markers and not claim.author_years:
            found = _next_sentence(view, claim)
        claim.references = references.distinct(found)


def _marker_numbers(text: str) -> list[int]:
    numbers: list[int] = []
    for match in _MARKER.finditer(text):
        raw = next(g for g in match.groups() if g).translate(_SUPERSCRIPT).replace("–", "-")
        for part in raw.replace(" ", "").split(","):
            first, _, last = part.partition("-")
            if first.isdigit():
                final = int(last) if last.isdigit() and int(last) - int(first) < 50 else int(first)
                numbers += range(int(first), final + 1)
    return numbers


def _next_sentence(view: View, claim: Claim) -> list[str]:
    index = view.sentence_index(claim.start) + 1
    if index >= len(view.sentences):
        return []
    start, end = view.sentences[index]
    if view.paragraph_at(start) != view.paragraph_at(claim.start) or end - start > 400:
        return []
    return [hit.id for hit in references.find(view.text[start:end])]
