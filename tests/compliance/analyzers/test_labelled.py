"""The labelled development texts, and the examples handed to us when they are at hand."""

import json
from pathlib import Path

import pytest

from compliance.analyzers import evaluation

DATA = Path(__file__).parent / "data"
EXAMPLES = Path(__file__).resolve().parents[4] / "shared" / "compliance-examples.jsonl"


def records(*paths):
    return [record for path in paths for record in evaluation.read(path.read_text("utf-8").splitlines())]


@pytest.fixture(scope="module")
def report():
    return evaluation.evaluate(records(*sorted(DATA.glob("*.jsonl"))))


def test_there_are_enough_texts():
    everything = records(*DATA.glob("*.jsonl"))
    long_negative = [r for r in everything if len(r["text"]) >= 800 and not any(r["expected"].values())]

    assert len(everything) >= 600
    assert len(long_negative) >= 150
    assert sum(len(r["text"].split()) >= 250 for r in long_negative) >= 90
    assert len({r["id"] for r in everything}) == len({r["text"] for r in everything}) == len(everything)


def test_targets_hold_on_the_development_texts(report):
    totals = report.totals

    assert totals["phi_s4"].recall >= 0.95
    assert totals["phi"].recall >= 0.90
    assert totals["phi"].precision >= 0.90
    assert totals["claims"].f1 >= 0.80
    assert totals["rules"].recall >= 0.85
    assert totals["rules"].precision >= 0.85
    assert report.alarmed / report.negatives <= 0.05


@pytest.fixture(scope="module")
def blind_report():
    """The first set written by somebody who saw neither rules nor code; development data since 2026-11-23."""
    return evaluation.evaluate(records(DATA / "first_blind.jsonl"))


def test_targets_hold_on_the_first_blind_set(blind_report):
    report, totals = blind_report, blind_report.totals

    assert report.texts == 619
    assert totals["phi_s4"].recall >= 0.99
    assert totals["phi"].recall >= 0.98
    assert totals["phi"].precision >= 0.98
    assert totals["claims"].recall >= 0.95
    assert totals["claims"].precision >= 0.95
    assert totals["rules"].recall >= 0.97
    assert totals["rules"].precision >= 0.97
    assert report.alarmed / report.negatives <= 0.02


def test_targets_hold_on_the_second_blind_set():
    """Written blind as well, and opened once before it became development data."""
    report = evaluation.evaluate(records(DATA / "second_blind.jsonl"))
    totals = report.totals

    assert report.texts == 335
    assert totals["phi_s4"].recall >= 0.99
    assert totals["phi"].recall >= 0.98
    assert totals["phi"].precision >= 0.98
    assert totals["claims"].recall >= 0.95
    assert totals["claims"].precision >= 0.95
    assert totals["rules"].recall >= 0.97
    assert totals["rules"].precision >= 0.97
    assert report.alarmed == 0


@pytest.mark.parametrize(
    "kind", ["initials", "ip_address", "cep", "address", "phone", "email", "care_date", "person_name", "icd10"]
)
def test_types_that_the_blind_set_found_weak(blind_report, kind):
    counts = blind_report.groups["phi"][kind]

    assert counts.recall >= 0.95
    assert counts.precision >= 0.95


def test_the_twenty_examples_come_out_as_written():
    if not EXAMPLES.exists():
        pytest.skip("the examples are not part of the repository")

    assert evaluation.evaluate(records(EXAMPLES)).mistakes == []


def test_prediction_lists_the_first_mention_in_characters_of_the_text():
    text = "Paciente Rosa Lima voltou. Rosa está bem. Resultado garantido."

    predicted = evaluation.predict({"id": "x", "lang": "pt", "text": text})

    assert predicted == {
        "id": "x",
        "phi": [{"type": "person_name", "start": 9, "end": 18, "confidence": 0.85}],
        "claims": [],
        "rules": ["CFM-PROMISE", "CFM-PATIENT-ID"],
    }


def test_a_label_that_is_not_in_the_text_is_refused():
    line = json.dumps({"id": "x", "lang": "pt", "text": "a", "expected": {"phi": [{"type": "cpf", "span_text": "b"}]}})

    with pytest.raises(evaluation.BadExample):
        list(evaluation.read([line]))


def test_a_type_with_few_examples_is_not_measured(report):
    few = evaluation.Counts(expected=19, found=19)

    assert few.as_json()["measured"] is False
