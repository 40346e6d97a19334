"""A phone that dies at any step loses nothing and sends nothing twice.

The day below is played once to count its steps (each journal transaction: begun, about to commit,
committed; each request: before it left, after it was answered), then once more for every step, killed there.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from mobile_stub.phone import Phone
from tests.mobile_stub.bench import Bench
from tests.mobile_stub.fake_ledger import path_of

FINDING: dict[str, Any] = {"violation_code": "bed_hanging", "facts": "事实", "amount_fen": 1200}
CONTENT = b"a photo of a bed" * 100_000
SLICES = 6


class Kill(BaseException):
    """The process ended here."""


class Steps:
    """Counts the steps of a day and kills at one of them."""

    def __init__(self, fatal: int = -1):
        self.fatal, self.count, self.names = fatal, 0, list[str]()

    def step(self, name: str) -> None:
        self.names.append(name)
        self.count += 1
        if self.count - 1 == self.fatal:
            raise Kill(name)


def a_day(phone: Phone, bench: Bench) -> None:
    """Record what is not recorded yet, then sync twice with a change in between; may be gone through again."""
    if not phone.show_all("finding"):
        phone.write_finding(bench.inspection, **FINDING)
    if not phone.show_all("evidence"):
        phone.take_evidence(bench.inspection, CONTENT, kind="audio_visual", media_type="image/jpeg")
    phone.sync()
    (finding,) = phone.show_all("finding")
    if finding.values["amount_fen"] == 1200:
        phone.edit(finding.id, {"amount_fen": 1300})
    phone.sync()


def play(folder: Path, steps: Steps) -> Bench:
    """Play the day until it is killed or ends, then go on after the kill as if nothing had been."""
    folder.mkdir()
    bench = Bench(folder)
    bench.ready().close()
    bench.ledger.before = lambda request: steps.step(f"before {request.method} {path_of(request)}")

    def after(request: httpx.Request, answer: httpx.Response) -> None:
        steps.step(f"after {request.method} {path_of(request)}")

    bench.ledger.after = after
    phone = bench.open(watch=steps.step)
    try:
        a_day(phone, bench)
    except Kill:
        pass
    finally:
        phone.close()
    bench.ledger.before = lambda request: None
    bench.ledger.after = lambda request, answer: None
    with bench.open() as again:
        a_day(again, bench)
        report = again.sync()
        assert report.clean, report.errors
        nothing_is_lost_or_doubled(again, bench)
    return bench


def nothing_is_lost_or_doubled(phone: Phone, bench: Bench) -> None:
    status = phone.status()
    assert (status["outbox"], status["sets_unacknowledged"], status["files_waiting"]) == (0, 0, 0)
    assert status["attention"] == []
    own = [json.loads(line) for line in bench.ledger.log if json.loads(line).get("device")]
    assert [entry["type"] for entry in own] == ["finding", "evidence", "finding"]
    assert {entry["outcome"]["verdict"] for entry in own} == {"applied"}
    (finding,) = phone.show_all("finding")
    assert bench.ledger.records[finding.id].values["amount_fen"] == 1300
    (evidence,) = phone.show_all("evidence")
    assert list(bench.ledger.stored) == [evidence.values["cipher_digest"]]
    assert phone.read_file(evidence.id) == CONTENT


@pytest.fixture(scope="module")
def all_steps(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many steps the day has."""
    steps = Steps()
    play(tmp_path_factory.mktemp("dry") / "run", steps)
    assert {
        "begin",
        "commit",
        "committed",
        "before POST /v1/change-sets",
        "after POST /v1/change-sets",
    } <= set(steps.names)
    return steps.count


def test_a_phone_that_dies_at_a_few_steps_loses_nothing(tmp_path: Path, all_steps: int) -> None:
    for fatal in range(0, all_steps, max(1, all_steps // 12)):
        play(tmp_path / str(fatal), Steps(fatal))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
def test_a_phone_that_dies_at_any_step_loses_nothing(tmp_path: Path, all_steps: int, part: int) -> None:
    for fatal in range(part, all_steps, SLICES):
        play(tmp_path / str(fatal), Steps(fatal))


@pytest.mark.parametrize("step", ["begin", "commit", "before POST /v1/devices", "after POST /v1/devices"])
def test_a_phone_that_dies_while_enrolling_enrols_again(tmp_path: Path, step: str) -> None:
    from tests.mobile_stub.bench import PIN, SOFT

    bench = Bench(tmp_path)
    invite = bench.ledger.invite(bench.inspector)
    more: dict[str, Any] = {"clock": bench.clock, "client": bench.ledger.client(), "hardness": SOFT}

    def die(name: str) -> None:
        if name == step:
            raise Kill(name)

    bench.ledger.before = lambda request: die(f"before {request.method} {path_of(request)}")
    bench.ledger.after = lambda request, answer: die(f"after {request.method} {path_of(request)}")
    with pytest.raises(Kill):
        Phone.enrol(tmp_path / "phone", invite, PIN, watch=die, **more)
    bench.ledger.before = lambda request: None
    bench.ledger.after = lambda request, answer: None
    with Phone.enrol(tmp_path / "phone", invite, PIN, **more) as phone:
        assert len(bench.ledger.devices) == 1
        assert phone.sync().clean


RECORDER = """
import sys
from pathlib import Path
from mobile_stub.phone import Phone
phone = Phone.open(Path(sys.argv[1]), sys.argv[2])
while True:
    made = phone.write_finding(sys.argv[3], violation_code="bed_hanging", facts="kept", amount_fen=1)
    sys.stdout.write(made + chr(10))
    sys.stdout.flush()
"""


def test_what_was_reported_as_kept_is_there_after_a_kill_without_warning(bench: Bench) -> None:
    from tests.mobile_stub.bench import PIN

    bench.ready().close()
    child = subprocess.Popen(
        [sys.executable, "-c", RECORDER, str(bench.folder / "phone"), PIN, bench.inspection],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        text=True,
    )
    assert child.stdout is not None
    told = [child.stdout.readline().strip() for _ in range(20)]
    child.send_signal(signal.SIGKILL)
    told += [line.strip() for line in child.stdout.read().splitlines()]
    child.stdout.close()
    child.wait()
    with bench.open() as phone:
        kept = {finding.id for finding in phone.show_all("finding")}
        assert set(told) <= kept
        assert len(kept) <= len(told) + 1
        assert phone.sync().pushed.verdicts == {"applied": len(kept)}
