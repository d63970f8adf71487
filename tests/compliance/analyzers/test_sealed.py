"""The sealed texts are those that were sealed, and nothing of them is among the texts that the engine learns from."""

import hashlib
import json
import re
from pathlib import Path

HERE = Path(__file__).parent


def test_sealed_files_have_the_hashes_that_were_written_down():
    listed = dict(re.findall(r"`(\w+\.jsonl)` \| `([0-9a-f]{64})`", (HERE / "sealed/README.md").read_text()))
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (HERE / "sealed").glob("*.jsonl")}

    assert found
    assert found == listed


def test_no_sealed_text_is_learned_from():
    def texts(folder: str) -> set[str]:
        paths = (HERE / folder).rglob("*.jsonl")
        return {json.loads(line)["text"] for path in paths for line in path.read_text().splitlines()}

    assert not texts("sealed") & texts("data")
