"""What once crashed is tried again: each example of the corpus, by the words of what it did."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from pathlib import Path

import pytest

from sync.errors import Refusal
from tests.fuzz.targets.every import EVERY, named

CORPUS = Path(__file__).with_name("corpus")
KEPT = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(CORPUS.glob("*.json"))}


@pytest.mark.slow
@pytest.mark.parametrize("stem", KEPT)
def test_what_once_crashed_is_taken_or_refused(stem: str, tmp_path: Path):
    kept = KEPT[stem]
    with named(kept["target"]).make(tmp_path) as check:
        for example in kept["examples"]:
            with suppress(Refusal):
                check(base64.b64decode(example["raw"]))


def test_every_example_is_of_a_target_that_there_is():
    assert KEPT
    assert {kept["target"] for kept in KEPT.values()} <= {target.name for target in EVERY}
