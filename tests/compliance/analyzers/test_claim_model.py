"""The learned part of claim recognition: its features, its weights, and that both are what the training makes."""

import importlib.util
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from compliance.analyzers import claim_model, scan
from compliance.analyzers.text import fold

ROOT = Path(__file__).resolve().parents[3]


def test_numbers_count_by_their_length_only():
    assert claim_model.features("caiu de 12 para 8 por cento") == claim_model.features("caiu de 34 para 5 por cento")
    assert claim_model.features("caiu de 12 para 8") != claim_model.features("caiu de 12 para 80")


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


def test_empty_text_has_a_score():
    assert claim_model.score("") < 0


@pytest.mark.slow
def test_weights_are_those_of_the_labelled_texts(monkeypatch, tmp_path):
    loader = SourceFileLoader("train_claims", str(ROOT / "script/train-claims"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("train_claims", loader))
    loader.exec_module(module)
    known = [example for path in sorted(module.DATA.rglob("*.jsonl")) for example in module.examples(path)]
    committed = claim_model.WEIGHTS.read_text()
    monkeypatch.setattr(claim_model, "WEIGHTS", tmp_path / "weights.json")

    module.write(*module.train(known))

    assert claim_model.WEIGHTS.read_text() == committed
