"""The learned parts of the engine: concepts, the small networks over them, and how rules use what they say."""

import importlib.util
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path

import numpy
import pytest

from compliance.analyzers import Document, analyze, claim_model, claims, concepts, network, rule_model, rules, scan
from compliance.analyzers.text import fold, view

ROOT = Path(__file__).resolve().parents[3]


def about(text: str) -> set[str]:
    names = concepts.names()
    return {names[number] for number in concepts.present(concepts.tokens(fold(text)))}


# -- concepts ---------------------------------------------------------------------------------------------------------


def test_words_are_known_by_their_start_their_end_and_in_a_row():
    assert "guarantee" in about("Garantimos.")
    assert "rxdrug" in about("rosuvastatina")
    assert "postgrad" in about("com pós-graduação em dor")
    assert {"price"} <= about("por R$ 90")
    assert "guarantee" not in about("A garça voou.")


def test_a_row_of_words_marks_each_of_them():
    tokens = concepts.tokens(fold("Veja o antes e depois da fachada"))
    image = concepts.names().index("image")

    assert [token.word for token in tokens if image in token.concepts] == ["veja", "antes", "e", "depois"]


def test_tokens_say_where_they_stand():
    text = fold("Dor? Não: 100%.")

    assert [text[token.start : token.end] for token in concepts.tokens(text)] == ["dor", "?", "nao", "100", "%"]


def test_every_concept_has_a_portuguese_label_and_folded_words():
    lexicon = concepts._lexicon()

    assert all(lexicon.labels) and len(set(lexicon.labels)) == len(lexicon.names)
    words = [*lexicon.whole, *lexicon.starts, *lexicon.ends]
    assert [word for word in words if word != fold(word) or not word.strip()] == []


# -- networks ---------------------------------------------------------------------------------------------------------


def _member(seed: int) -> network.Member:
    chance = numpy.random.default_rng(seed)
    shapes = {"rows": (16, 4), "row_bias": (4,), "mix": (4, 3), "mix_bias": (3,), "out": (7, 2), "out_bias": (2,)}
    return network.Member(**{name: chance.normal(size=shape).astype("float32") for name, shape in shapes.items()})


def test_stored_members_answer_as_before(tmp_path):
    path, texts = tmp_path / "weights.json", [[1, 5, 9], [2], []]
    members = [_member(0), _member(1)]

    network.save(path, members, codes=["A", "B"])

    expected = (members[0].score(texts) + members[1].score(texts)) / 2
    assert network.score(path, [[text, text] for text in texts]) == pytest.approx(expected, abs=0.3)
    assert network.load(path)[1]["codes"] == ["A", "B"]


def test_weights_are_those_of_the_labelled_texts():
    """The committed weights name what they were made of; training again is a matter of ``script/train-models``."""
    loader = SourceFileLoader("train_models", str(ROOT / "script/train-models"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("train_models", loader))
    sys.modules["train_models"] = module  # its dataclasses look themselves up
    loader.exec_module(module)
    made_of = module.digest(module.files_of_data())

    for path in (claim_model.WEIGHTS, rule_model.WEIGHTS):
        assert network.load(path)[1]["made_of"] == made_of, "run script/train-models"


def test_the_training_learns_and_repeats_itself():
    module = sys.modules.get("train_models") or pytest.importorskip("train_models")
    said = [("cura garantida", "A"), ("agende hoje", "")] * 40
    found = [module.Example([[len(t) % 7, ord(t[0]) % 7]], {c} if c else set(), "") for t, c in said]
    task = module.Task(Path("x"), ["A"], found, (8,), (8,), 8, turns=12, batch=8, rate=0.05)

    first, second = module.train(task, 0), module.train(task, 0)

    scores = first.score([example.inputs[0] for example in found[:2]])[:, 0]
    assert scores[0] > 1 > -1 > scores[1]
    assert numpy.array_equal(first.rows, second.rows)


# -- claims -----------------------------------------------------------------------------------------------------------


def test_numbers_count_by_their_length_only():
    assert claim_model.inputs("caiu de 12 para 8 por cento") == claim_model.inputs("caiu de 34 para 5 por cento")
    assert claim_model.inputs("caiu de 12 para 8") != claim_model.inputs("caiu de 12 para 80")


def test_work_is_bounded_whatever_the_sentence():
    with scan.counting() as steps:
        claim_model.score("a" * 100_000)
        claim_model.score("reduz " * 20_000)

    assert steps.total < 20_000


@pytest.mark.parametrize(
    ("claim", "other"),
    [
        (
            "Quem caminha todos os dias adoece menos do coração.",
            "O ambulatório abre às sete horas, de segunda a sexta.",
        ),
        ("O chá derrubou a pressão do grupo.", "O chá foi servido ao grupo no intervalo."),
        ("Children who sleep less gain more weight.", "Children wait in the room on the left."),
    ],
)
def test_an_effect_scores_higher_than_everyday_life(claim, other):
    assert claim_model.score(fold(claim)) > claim_model.score(fold(other)) + 1


def test_an_article_needs_more_than_a_sentence_alone(monkeypatch):
    monkeypatch.setattr(claim_model, "score", lambda text: 1.5 if "tucunare" in text else -9.0)
    sentence = "O tucunaré anda mais longe depois da chuva."
    article = view(" ".join(["A sala fica no segundo andar, perto da escada."] * 9 + [sentence]))

    assert [claim.text for claim in claims.find(view(sentence))] == [sentence]
    assert claims.find(article) == []

    monkeypatch.setattr(claims, "ASKED_IN_ARTICLE", claims.ASKED)
    assert [claim.text for claim in claims.find(article)] == [sentence]


def test_in_an_article_the_model_must_agree_with_the_lists(monkeypatch):
    monkeypatch.setattr(claim_model, "score", lambda text: -2.0)
    sentence = "O exercício reduz a mortalidade."
    article = view(" ".join(["A sala fica no segundo andar, perto da escada."] * 9 + [sentence]))

    assert [claim.text for claim in claims.find(view(sentence))] == [sentence]
    assert claims.find(article) == []


def test_whom_to_speak_to_is_no_claim_unless_a_reason_is_given(monkeypatch):
    monkeypatch.setattr(claim_model, "score", lambda text: 9.0)

    assert claims.find(view("Converse com a sua médica sobre a frequência das crises.")) == []
    assert claims.find(view("Procure o dentista cedo, porque a cárie some com ele.")) != []


def test_empty_text_has_a_score():
    assert claim_model.score("") < 0


# -- rules ------------------------------------------------------------------------------------------------------------

UNLISTED = "Nosso cirurgião entrega o nariz que você desenhar."
LONG = (
    "A clínica abre às sete. O estacionamento fica ao lado. Traga um documento. "
    + UNLISTED
    + " A recepção atende até as seis."
)


def codes(text: str, **options) -> list[str]:
    return [hit.code for hit in rules.find(view(text), **options)]


def test_a_wording_of_no_list_is_found_and_says_by_which_concepts():
    (hit,) = rules.find(view(UNLISTED))

    assert hit.code == "CFM-PROMISE" and hit.learned
    assert 1 <= len(hit.reasons) <= rule_model.MOST_REASONS
    assert set(hit.reasons) <= set(concepts._lexicon().labels), "labels of concepts, never words of the text"


def test_the_finding_explains_that_the_model_found_it():
    (finding,) = analyze(Document(content_text=UNLISTED)).rules

    assert "modelo treinado" in finding.explanation
    assert "nariz" not in finding.explanation


def test_a_clause_needs_no_model_to_explain_itself():
    (hit,) = [
        hit for hit in rules.find(view("Cura garantida da psoríase na nossa clínica.")) if hit.code == "CFM-PROMISE"
    ]

    assert not hit.learned and hit.reasons == ()


def test_in_a_long_text_the_sentence_itself_is_marked(monkeypatch):
    monkeypatch.setattr(rules, "ALONE_IN_ARTICLE", rules.ALONE)

    (hit,) = [hit for hit in rules.find(view(LONG)) if hit.code == "CFM-PROMISE"]

    assert [LONG[start:end] for start, end in hit.spans] == [UNLISTED]


def test_a_quoted_norm_is_exempt():
    assert codes("O Código de Ética Médica veda dizer: nosso cirurgião entrega o nariz que você desenhar.") == []
    assert codes("É vedado ao médico anunciar:\n- que o nosso cirurgião entrega o nariz que você desenhar;") == []


def test_a_text_for_professionals_may_name_what_the_public_may_not_be_sold():
    text = "Peça hoje a sua semaglutida com entrega em casa e dez por cento a menos."

    assert "ANV-RX" in codes(text)
    assert "ANV-RX" not in codes(text, level="professional")


def test_the_legal_warning_satisfies_the_model_too():
    text = "Nariz entupido? Peça Nasolev gotas na farmácia da esquina."

    assert "ANV-WARN" in codes(text)
    assert "ANV-WARN" not in codes(text + " Se persistirem os sintomas, o médico deverá ser consultado.")


def test_the_rule_of_a_council_binds_its_own_profession_only():
    text = "Psicóloga em promoção: sua conversa semanal por menos que uma pizza grande."

    assert "CFP-PRICE" in codes(text)
    assert "CFP-PRICE" not in codes(text, profession="medico")


def test_passages_read_a_long_sentence_in_pieces():
    text = "palavra " * 1_000

    spans = rule_model.passages(view(text))

    assert spans[0] == (0, rule_model.MOST_CHARACTERS) and spans[-1][1] == len(text)
    assert max(end - start for start, end in spans) <= rule_model.MOST_CHARACTERS
    assert rule_model.passages(view("")) == []


def test_the_model_overrules_a_clause_but_never_a_word_of_the_tenant(monkeypatch):
    text = "Compre tramadol com desconto."
    monkeypatch.setattr(rules, "VETO", 99.0)
    monkeypatch.setattr(rules, "ALONE", 99.0)

    assert codes(text) == []
    assert codes(text, extra_words={"prescription": ["tramadol"]}) == ["ANV-RX"]


def test_the_model_never_overrules_plain_words(monkeypatch):
    monkeypatch.setattr(rules, "VETO", 99.0)
    monkeypatch.setattr(rules, "ALONE", 99.0)

    assert codes("A Dra. Otília, RQE 9921, é a melhor dermatologista do estado e recebe às terças.") == [
        "CFM-SUPERLATIVE"
    ]
    assert codes("Aqui o resultado é garantido.") == ["CFM-PROMISE"]
    assert codes("Nenhum método tem resultado garantido.") == []
