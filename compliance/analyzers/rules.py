"""Advertising rules decided from the text (domain 7, 7a). The norms are data in ``compliance/rule_packs``."""

from __future__ import annotations

import datetime
from bisect import bisect_left
from dataclasses import dataclass, field

from . import packs as packs_module
from . import rule_model, scan
from .packs import COUNCILS, Clause, Packs, Rule
from .text import SHORT, View, fold

NEGATION_LEFT, NEGATION_RIGHT = 70, 45
PROFESSION_NEAR = 300
LIST_LOOKBACK = 7  # sentences: how far a heading such as "É vedado:" reaches
# What the learned model must say (log odds) to find a breach alone, the same in an article, which has many passages to err in,
# and below what it overrules a clause. Set by authors whom it had not read: docs/analyzers.md.
ALONE, ALONE_IN_ARTICLE, VETO = 0.5, 2.5, -7.0


@dataclass
class RuleHit:
    """One rule with all the places of one text that break it, in normalised offsets."""

    rule: Rule
    severity: str
    spans: list[tuple[int, int]] = field(default_factory=list)
    by_analogy: bool = False
    learned: bool = False  # no clause but the learned model found it
    reasons: tuple[str, ...] = ()  # the concepts that decided then

    @property
    def code(self) -> str:
        return self.rule.code


def find(
    view: View,
    *,
    names: list[tuple[int, int]] | None = None,
    level: str = "public",
    profession: str = "",
    day: datetime.date | None = None,
    extra_words: dict[str, list[str]] | None = None,
    in_article: bool = False,
) -> list[RuleHit]:
    """Rules broken by one text, each id once. ``names``: spans of open ``person_name`` findings; ``in_article``: the
    text is a title, a caption, the body of something longer."""
    packs = packs_module.load(extra_words)
    reader = _Reader(view, packs, level, profession)
    reader.short = reader.short and not in_article
    rules = [rule for rule in packs.valid_on(day or datetime.date.today()) if rule.scope == "text"]
    raw: dict[str, list[tuple[int, int]]] = {}
    for rule in rules:
        spans = list(names or []) if rule.derived == "person_name" else reader.spans(rule)
        if spans:
            raw[rule.id] = _merged(spans)
    _yield(raw, rules, view)
    reading = rule_model.Reading(view)
    if not _names_own_word(view, extra_words):
        _veto(raw, [rule for rule in rules if rule.id not in reader.plain], reading)
    learned = _learned(reader, rules, raw, reading)
    for rule_id, places in learned.items():
        raw[rule_id] = _merged([*raw.get(rule_id, []), *places])
    hits = _by_council(raw, rules, reader)
    _explain(hits, learned, view)
    silent = {code for rule in rules for code in rule.silenced_by if code in hits and rule.code in hits}
    for rule in rules:
        if rule.code in hits and silent.intersection(rule.silenced_by):
            hits.pop(rule.code)
    return list(hits.values())


def _known(rules: list[Rule]) -> list[tuple[int, Rule]]:
    """The rules that the learned model knows, each with the column of its scores."""
    by_code = {rule.code: rule for rule in rules}
    return [(column, by_code[code]) for column, code in enumerate(rule_model.codes()) if code in by_code]


def _names_own_word(view: View, extra_words: dict[str, list[str]] | None) -> bool:
    """Whether a text has a word that a tenant added: the model never heard of it and overrules nothing."""
    own = [fold(word) for words in (extra_words or {}).values() for word in words if word.strip()]
    scan.tick(len(own) * len(view.fold) // 100)
    return any(word in view.fold for word in own)


def _veto(raw: dict[str, list[tuple[int, int]]], rules: list[Rule], reading: rule_model.Reading) -> None:
    """Drop what clauses found where the model is sure that nothing in the whole text sounds like it."""
    for column, rule in _known(rules):
        if rule.id in raw and max(passage.scores[column] for passage in reading.passages) < VETO:
            raw.pop(rule.id)


def _learned(
    reader: _Reader, rules: list[Rule], raw: dict[str, list[tuple[int, int]]], reading: rule_model.Reading
) -> dict[str, dict[tuple[int, int], str]]:
    """Sentences that the learned model holds against a rule and no clause has found: places by rule id, with the model's code."""
    least = ALONE if reader.short else ALONE_IN_ARTICLE
    known = _known(rules)
    found: dict[str, dict[tuple[int, int], str]] = {}
    for passage in reading.passages:
        for column, rule in known:
            if passage.scores[column] <= least:
                continue
            place = reading.place(passage, column)
            if not rule_model.holds_words(reader.view, place):
                continue
            if not _holds_one(place, raw.get(rule.id, [])) and reader.admits(rule, place):
                found.setdefault(rule.id, {})[place] = rule.code
    return found


def _holds_one(place: tuple[int, int], spans: list[tuple[int, int]]) -> bool:
    """Whether one of some spans, sorted and apart, has words of a place."""
    index = bisect_left(spans, place)
    return any(start < place[1] and place[0] < end for start, end in spans[max(0, index - 1) : index + 1])


def _explain(hits: dict[str, RuleHit], learned: dict[str, dict[tuple[int, int], str]], view: View) -> None:
    """Say of hits that only the model found which concepts decided."""
    places = {place: code for found in learned.values() for place, code in found.items()}
    for hit in hits.values():
        if all(span in places for span in hit.spans):
            hit.learned = True
            hit.reasons = tuple(rule_model.reasons(view, hit.spans[0], places[hit.spans[0]]))


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Overlapping cues are one place."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _yield(raw: dict[str, list[tuple[int, int]]], rules: list[Rule], view: View) -> None:
    """A more specific rule on the same sentence takes the place of the general one."""
    for rule in rules:
        if rule.id not in raw or not rule.yields_to:
            continue
        taken = [raw[other] for other in rule.yields_to if other in raw]
        raw[rule.id] = [span for span in raw[rule.id] if not any(_touches(span, spans, view) for spans in taken)]
        if not raw[rule.id]:
            raw.pop(rule.id)


def _touches(span: tuple[int, int], taken: list[tuple[int, int]], view: View) -> bool:
    """Whether the more specific rule speaks of the same words: overlapping, or joined without a comma or a stop."""
    index = bisect_left(taken, span)
    for start, end in taken[max(0, index - 1) : index + 1]:  # sorted and apart: only the neighbours can touch
        if start < span[1] and span[0] < end:
            return True
        if view.sentence_index(start) != view.sentence_index(span[0]) or view.fold.startswith("e e ", span[0]):
            continue
        between = view.fold[min(end, span[1]) : max(start, span[0])] if abs(start - span[0]) < 200 else ","
        if not any(mark in between for mark in ',;:.!?\n"') and " e " not in between and " and " not in between:
            return True
    return False


def _by_council(raw: dict[str, list[tuple[int, int]]], rules: list[Rule], reader: _Reader) -> dict[str, RuleHit]:
    """Council packs replace the CFM rule; without a twin the CFM rule only warns, by analogy (domain 7a)."""
    twins = {(rule.council, cfm): rule for rule in rules if rule.council for cfm in rule.twin_of}
    by_id = {rule.id: rule for rule in rules}
    hits: dict[str, RuleHit] = {}
    for code, spans in raw.items():
        rule = by_id[code]
        for span in spans:
            council = reader.council(*span) if rule.pack == "cfm" else ""
            target, analogy = rule, False
            if council:
                replacement = rule.replaced_by.get(council)
                if replacement == "" or (replacement and replacement in by_id):
                    # The council's own rule has its own cues, unless it is a twin by table.
                    if replacement and rule.id in by_id[replacement].twin_of:
                        target = by_id[replacement]
                    else:
                        continue
                elif (council, code) in twins:
                    target = twins[council, code]
                else:
                    analogy = rule.severity != "info"
            _add(hits, target, span, analogy=analogy)
    return hits


def _add(hits: dict[str, RuleHit], rule: Rule, span: tuple[int, int], *, analogy: bool) -> None:
    hit = hits.setdefault(rule.code, RuleHit(rule, "warn" if analogy else rule.severity, by_analogy=analogy))
    if not analogy:
        hit.severity, hit.by_analogy = rule.severity, False
    if span not in hit.spans:
        hit.spans.append(span)
        hit.spans.sort()


# "Vai esperar a morte? Não espere, ligue." answers with an order, not with a denial.
_DENIAL = scan.compile(
    r"(?:tambem |e |mas )?(?:nao|nunca|jamais|nem pensar|no|not|never)(?!\w)"
    r"(?! (?:espere|perca|deixe|adie|demore|hesite|fique|sofra|aceite|wait|miss|delay|suffer))"
)

# A question about what one may publish is a question about the norm, whatever the answer.
_MAY_I = scan.compile(
    r"(?:(?:posso|podemos|(?:o |a )?(?:medic[oa]|dentista|psicolog[oa]|clinica|profissional) pode|e permitido|may i|can i|can we|am i allowed to)"
    r"(?: \w{1,12}){0,2} (?:anunciar|divulgar|publicar|postar|dizer|mencionar|usar|mostrar|compartilhar|advertise|publish|post|say|claim|share|mention)"
    r"|is it allowed to advertise)[^.?!\n]{0,160}\?"
)
# "… oferece um troféu. Esse tipo de premiação não pode ser divulgado."
_SUCH = scan.compile(
    r"(?:(?:ess|est)[ea]s?|iss[oa]|isto|tais|tal|a pratica|this|such|these) (?!\w{0,12} ?(?:clinica|equipe|servico|clinic|team))"
)


class _Reader:
    """Applies clauses to one view."""

    def __init__(self, view: View, packs: Packs, level: str, profession: str) -> None:
        self.view, self.packs, self.level = view, packs, level
        self.fold = view.fold
        self.profession = _PROFESSION_COUNCIL.get(profession, "")
        self.short = len(view.sentences) <= SHORT
        self.plain: set[str] = set()
        self._document_council: str | None = None
        self._counts: dict[tuple[int, int], dict[str, int]] = {}

    def spans(self, rule: Rule) -> list[tuple[int, int]]:
        """Where clauses of a rule hold; remembers the rules that plain words break."""
        found = []
        for clause in rule.clauses:
            places = self._clause(rule, clause)
            if places and clause.plain:
                self.plain.add(rule.id)
            found += places
        return found

    def admits(self, rule: Rule, place: tuple[int, int]) -> bool:
        """Whether the learned model may hold a sentence against a rule: same reader, same council, no quoted norm."""
        clauses = rule.clauses
        if clauses and all(clause.level and clause.level != self.level for clause in clauses):
            return False
        if any(clause.unless_w1 for clause in clauses) and packs_module.W1.search(self.fold):
            return False
        if not self._own_council(rule, place):
            return False
        if "norm" not in rule.exempt:
            return True
        return not (
            self.view.contains(self.packs.norm, place)
            or self._under_norm_heading(place[0])
            or self._answered_no(place[0])
        )

    def _own_council(self, rule: Rule, place: tuple[int, int]) -> bool:
        """Whether a council's rule is about this passage: its profession is named, or a short text names none."""
        own = rule.council or next((clause.council for clause in rule.clauses if clause.council), "")
        if not own:
            return True
        if self.profession:
            return self.profession == own
        return self.council(*place) in ((own, "") if self.short else (own,))

    def _clause(self, rule: Rule, clause: Clause) -> list[tuple[int, int]]:
        if clause.level and clause.level != self.level:
            return []
        if any(text in self.view.text for text in clause.unless_text):
            return []
        if clause.unless_w1 and packs_module.W1.search(self.fold):
            return []
        found = []
        for match in clause.anchor.finditer(self.fold):
            start, end = match.span()
            window = self._scope(clause, start, end)
            if not all(self.view.contains(pattern, window) for pattern in clause.with_):
                continue
            if clause.unless is not None and self.view.contains(clause.unless, window):
                continue
            if clause.council and (
                self.council(start, end) != clause.council or not self._profession_near(clause, start, end)
            ):
                continue
            if self._exempt(rule, clause, start, end):
                continue
            found.append((start, end))
        return found

    def _scope(self, clause: Clause, start: int, end: int) -> tuple[int, int]:
        first, last = self.view.sentence_window(start)
        last = max(last, end)
        if clause.within:
            block = self.view.paragraph_at(start)
            first, last = max(block[0], first - clause.within), min(max(block[1], end), last + clause.within)
        return first, last

    def _exempt(self, rule: Rule, clause: Clause, start: int, end: int) -> bool:
        first, last = self.view.sentence_window(start)
        if "norm" in rule.exempt and self.view.contains(self.packs.norm, (first, max(last, end))):
            return True
        if "norm" in rule.exempt and (self._under_norm_heading(start) or self._answered_no(start)):
            return True
        if "negation" not in rule.exempt or not clause.negation:
            return False
        begin = max(first, start - NEGATION_LEFT)
        for breaker in (":", ";", "!", ", que "):
            begin = max(begin, self.fold.rfind(breaker, begin, start) + 1)
        if self.packs.negation.search(self.fold, begin, start):
            return True
        return self.packs.negation_after.match(self.fold, *self._after(end, last)) is not None

    def _heading(self, index: int) -> bool:
        """A short line of its own without a full stop, "O que continua proibido", which is no item of a list."""
        start, end = self.view.sentences[index]
        return end - start <= 80 and self.fold[end - 1].isalnum() and not self._list_item(index)

    def _answered_no(self, position: int) -> bool:
        """ "Posso sortear uma cirurgia? Não, é proibido.": the next sentence denies the question or takes it to the norm."""
        sentences = self.view.sentences
        index = self.view.sentence_index(position)
        if any(_MAY_I.match(self.fold, sentence[0]) for sentence in sentences[index : index + 2]):
            return True  # "Fiz pós-graduação. Posso anunciar?": what is asked about may stand before the question
        _, end = sentences[index]
        if index + 1 >= len(sentences):
            return False
        start, last = sentences[index + 1]
        if self.fold[end - 1] != "?" and not _SUCH.match(self.fold, start):
            return False
        return (self.fold[end - 1] == "?" and _DENIAL.match(self.fold, start) is not None) or self.view.contains(
            self.packs.norm, (start, last)
        )

    def _after(self, end: int, last: int) -> tuple[int, int]:
        position = end
        while position < len(self.fold) and position - end < 4 and not self.fold[position].isalnum():
            position += 1
        return position, max(position, min(last, end + NEGATION_RIGHT))

    def _under_norm_heading(self, position: int) -> bool:
        """An item of a list whose heading says that these things are forbidden."""
        index = self.view.sentence_index(position)
        for other in range(index - 1, max(-1, index - LIST_LOOKBACK), -1):
            start, end = self.view.sentences[other]
            if position - start > 900:
                return False
            if self.fold[end - 1] == ":" or self._heading(other):
                return self.view.contains(self.packs.norm, (max(start, end - 800), end))
            if self.fold[end - 1] in ".!?" and not self._list_item(other):
                return False
        return False

    def _list_item(self, index: int) -> bool:
        start, _ = self.view.sentences[index]
        lead = self.fold[start : start + 3]
        return (
            lead[:1] in "-–—•*" or lead[:1].isdigit() or self.fold[max(0, start - 2) : start].strip(" ") in ("•", "*")
        )

    # -- whose text is it ----------------------------------------------------------------------------------------------

    def council(self, start: int, end: int) -> str:
        """The council of the professional of this passage: sentence first, then the whole text; "" is medicine or none."""
        if self.profession:
            return "" if self.profession == "medicine" else self.profession
        first, last = self.view.sentence_window(start)
        here = self._councils(first, max(last, end))
        if len(here) == 1:
            return "" if "medicine" in here else next(iter(here))
        if self._document_council is None:
            counts = self._councils(0, min(len(self.fold), 60_000))
            best = max(counts.values(), default=0)
            leaders = [name for name, count in counts.items() if count == best]
            self._document_council = leaders[0] if len(leaders) == 1 and leaders[0] != "medicine" else ""
        if here and self._document_council not in here:
            return ""
        return self._document_council

    def _profession_near(self, clause: Clause, start: int, end: int) -> bool:
        """A profession named somewhere in a long article does not make every price in it the price of that profession."""
        if self.profession:
            return True
        block = self.view.paragraph_at(start)
        first = max(0, start - PROFESSION_NEAR) // 100 * 100
        last = min(len(self.fold), end + PROFESSION_NEAR)
        if block[1] - block[0] <= 3 * PROFESSION_NEAR:
            first, last = min(first, block[0]), max(last, block[1])
        return self.view.contains(self.packs.councils[clause.council], (first, last))

    def _councils(self, start: int, end: int) -> dict[str, int]:
        if (start, end) in self._counts:
            return self._counts[start, end]
        counts = self._counts[start, end] = {}
        for name in (*COUNCILS, "medicine"):
            found = sum(1 for _ in self.packs.councils[name].finditer(self.fold, start, end))
            if found:
                counts[name] = found
        return counts


_PROFESSION_COUNCIL = {
    "medico": "medicine", "psicologo": "psychology", "enfermeiro": "nursing", "dentista": "dentistry", "nutricionista": "nutrition",
}  # fmt: skip
