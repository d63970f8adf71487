"""``manage.py evaluate_analyzers FILE.jsonl``: how well the analyzers do on labelled texts."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from compliance.analyzers import evaluation


class Command(BaseCommand):
    help = "Recall, precision, F1, false alarms and speed of the compliance analyzers on labelled texts (JSON lines)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="+", type=Path)
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
        parser.add_argument("--predictions", action="store_true", help="print one JSON line per text instead")
        parser.add_argument("--mistakes", action="store_true", help="also list what was missed or reported too much")

    def handle(self, *args: object, **options: object) -> None:
        try:
            records = [record for path in options["file"] for record in _records(path)]
        except (OSError, evaluation.BadExample) as error:
            raise CommandError(str(error)) from error
        if options["predictions"]:
            for record in records:
                self.stdout.write(json.dumps(evaluation.predict(record), ensure_ascii=False))
            return
        report = evaluation.evaluate(records)
        if options["as_json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
        else:
            self._table(report)
        if options["mistakes"]:
            for mistake in report.mistakes:
                self.stdout.write(json.dumps(mistake, ensure_ascii=False))

    def _table(self, report: evaluation.Report) -> None:
        self.stdout.write(f"{'':28}{'labels':>7}{'recall':>9}{'precision':>11}{'F1':>8}")
        for group, types in report.groups.items():
            for name, counts in sorted(types.items()):
                note = "" if counts.expected >= evaluation.MEASURED_FROM else "  not measured"
                self._row(f"{group}/{name}", counts, note=note)
        for name, counts in report.totals.items():
            self._row(f"total {name}", counts)
        numbers = report.as_json()
        negatives = numbers["negatives"]
        self.stdout.write(f"Negative texts with a finding: {negatives['with_finding']} of {negatives['texts']}")
        self.stdout.write(f"Milliseconds per 1,000 characters: {numbers['ms_per_1000_characters']}")

    def _row(self, name: str, counts: evaluation.Counts, *, note: str = "") -> None:
        cells = ["–" if value is None else f"{value:.3f}" for value in (counts.recall, counts.precision, counts.f1)]
        self.stdout.write(f"{name:28}{counts.expected:>7}{cells[0]:>9}{cells[1]:>11}{cells[2]:>8}{note}")


def _records(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as lines:
        return list(evaluation.read(lines))
