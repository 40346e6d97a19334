"""The card that a called ward sees is the one that the server expects."""

from __future__ import annotations

import json
import random
from pathlib import Path
from uuid import UUID

from sync.challenge import challenge
from tests.interop.node import run

CARDS = Path(__file__).with_name("javascript") / "challenges.mjs"


def test_the_app_and_the_server_derive_the_same_challenge() -> None:
    rng = random.Random(7)
    calls = [
        (rng.randbytes(32), str(UUID(int=rng.getrandbits(128))), bed)
        for bed in ("", *(str(UUID(int=rng.getrandbits(128))) for _ in range(60)))
    ]
    done = run([CARDS], text=json.dumps([(root.hex(), round_id, bed) for root, round_id, bed in calls]))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [challenge(root, round_id, bed) for root, round_id, bed in calls]
    assert len(set(json.loads(done.stdout))) > 50
