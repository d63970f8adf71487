import ast
import io
import json
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

import compliance.analyzers

LINE = {
    "id": "one", "lang": "pt", "text": "Paciente Rosa Lima. A vacina reduz a mortalidade.",
    "expected": {"phi": [{"type": "person_name", "span_text": "Rosa Lima"}, {"type": "cpf", "start": 0, "end": 8}],
                 "claims": ["A vacina reduz a mortalidade."], "rules": ["CFM-PATIENT-ID"]},
}  # fmt: skip


@pytest.fixture
def labelled(tmp_path):
    path = tmp_path / "texts.jsonl"
    path.write_text(json.dumps(LINE, ensure_ascii=False) + "\n", "utf-8")
    return path


def run(*arguments):
    out = io.StringIO()
    call_command("evaluate_analyzers", *arguments, stdout=out)
    return out.getvalue()


def test_json_counts_per_type_and_in_total(labelled):
    report = json.loads(run(str(labelled), "--json"))

    assert report["groups"]["phi"]["cpf"]["recall"] == 0.0
    assert report["groups"]["phi"]["person_name"]["f1"] == 1.0
    assert (report["totals"]["phi"]["expected"], report["totals"]["phi"]["found"]) == (2, 1)
    assert report["totals"]["claims"]["f1"] == report["totals"]["rules"]["f1"] == 1.0


def test_predictions_are_one_json_line_per_text(labelled):
    (line,) = run(str(labelled), "--predictions").splitlines()

    assert json.loads(line) == {
        "id": "one",
        "phi": [{"type": "person_name", "start": 9, "end": 18, "confidence": 0.85}],
        "claims": [{"start": 20, "end": 49}],
        "rules": ["CFM-PATIENT-ID"],
    }


def test_the_table_names_types_that_are_not_measured(labelled):
    table = run(str(labelled))

    assert "phi/cpf" in table
    assert "not measured" in table
    assert "Milliseconds per 1,000 characters" in table


def test_a_broken_file_is_an_error(tmp_path):
    path = tmp_path / "broken.jsonl"
    path.write_text('{"id": "x"}\n')

    with pytest.raises(CommandError, match="Line 1"):
        run(str(path))


def test_the_engine_imports_neither_django_nor_the_apps():
    allowed = {"stdnum", "validate_docbr", "phonenumbers", "numpy"}
    for path in Path(compliance.analyzers.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names.append(node.module or "")
            for name in names:
                top = name.partition(".")[0]
                assert top in allowed or top in sys.stdlib_module_names, f"{path.name} imports {name}"
