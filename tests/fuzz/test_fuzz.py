"""Whatever is sent to any decoder or address: it is taken or refused, never a crash, never a 500, never dear.

60 seconds together, shared out; the seed comes from the clock and stands in every failure.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.runs import GIVEN_SECONDS, Target, fresh_seed, fuzz, given_example
from tests.fuzz.targets import http
from tests.fuzz.targets.every import EVERY, seconds_of

SEED = fresh_seed()
MARKS = (pytest.mark.postgres, pytest.mark.xdist_group("postgres"))
PARAMS = [
    pytest.param(target, id=target.name, marks=MARKS if target in http.ON_POSTGRES else ())
    for target in EVERY
]


@pytest.mark.slow
@pytest.mark.parametrize("target", PARAMS)
def test_whatever_is_sent_is_taken_or_refused(target: Target, tmp_path: Path):
    seconds = seconds_of(target, GIVEN_SECONDS)
    ran = fuzz(target, tmp_path, seconds=seconds, seed=SEED, only=given_example())
    assert ran.examples, "there was no time for a single example"
