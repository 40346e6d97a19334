"""Fuzz every target for minutes each and write the figures into docs/reliability.md: `python -m tests.fuzz`.

Goes on where it was stopped, as long as the code is the same. Ends with 1 if anything crashed; what did is kept
under var/fuzz/.
"""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from tests.fuzz import marked
from tests.fuzz.runs import Target, fresh_seed, fuzz
from tests.fuzz.targets.every import EVERY

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "fuzz"
STATE = KEPT / "state.json"
DOCUMENT, MARK = ROOT / "docs" / "reliability.md", "fuzzing"


def main() -> int:
    """Fuzz what was not fuzzed yet, and write what came of it."""
    words = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").splitlines()[0])
    words.add_argument("--minutes", type=float, default=10.0, help="for each target (default 10)")
    words.add_argument("--only", metavar="TARGET", help="one target, by its name; writes no figures")
    words.add_argument("--anew", action="store_true", help="forget what an earlier run has done")
    args = words.parse_args()
    # A refusal is what fuzzing looks for; the log of each of them is not.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    state = {} if args.anew else _state(args.minutes)
    crashed = 0
    for target in EVERY:
        if args.only not in (None, target.name) or (target.name in state.get("ran", {}) and not args.only):
            continue
        told = _run(target, args.minutes * 60)
        crashed += "crash" in told
        print(f"{target.name}: {_words(told)}", flush=True)
        if not args.only:
            state = _keep(state, args.minutes, target.name, told)
    if not args.only:
        _write(state)
        crashed = sum("crash" in told for told in state["ran"].values())
    return 1 if crashed else 0


def _run(target: Target, seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        seed = fresh_seed()
        try:
            ran = fuzz(target, Path(folder), seconds=seconds, seed=seed)
        except Exception as error:  # noqa: BLE001  the outermost loop: the other targets are still to be tried
            KEPT.mkdir(parents=True, exist_ok=True)
            story = "".join(traceback.format_exception(error))
            (KEPT / f"crash-{target.name.replace(' ', '-')}-{seed}.txt").write_text(story, "utf-8")
            return {"seed": seed, "crash": f"{type(error).__name__}: {str(error)[:200]}"}
    return {
        "seed": seed,
        "examples": ran.examples,
        "refused": ran.refused,
        "seconds": round(ran.seconds),
        "on": datetime.now(UTC).date().isoformat(),
    }


def _words(told: dict[str, Any]) -> str:
    return told.get("crash") or f"{told['examples']} examples, {told['refused']} refused, {told['seconds']} s"


def _commit() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return found.stdout.strip()


def _state(minutes: float) -> dict[str, Any]:
    if not STATE.exists():
        return {}
    kept: dict[str, Any] = json.loads(STATE.read_text("utf-8"))
    return kept if (kept["commit"], kept["minutes"]) == (_commit(), minutes) else {}


def _keep(state: dict[str, Any], minutes: float, name: str, told: dict[str, Any]) -> dict[str, Any]:
    state = {"commit": _commit(), "minutes": minutes, "ran": {**state.get("ran", {}), name: told}}
    STATE.parent.mkdir(parents=True, exist_ok=True)
    STATE.write_text(json.dumps(state, indent=1), "utf-8")
    return state


def _write(state: dict[str, Any]) -> None:
    rows: list[tuple[object, ...]] = [
        (name, f"{told['examples']:,}", f"{told['refused']:,}", told["seconds"], told["seed"], "none")
        if "crash" not in told
        else (name, "", "", "", told["seed"], told["crash"])
        for name, told in state["ran"].items()
    ]
    total = sum(told.get("examples", 0) for told in state["ran"].values())
    head = ("Target", "Examples", "of them refused", "Seconds", "Seed", "Crashes")
    intro = f"Printed by `python -m tests.fuzz --minutes {state['minutes']:g}`: {total:,} examples."
    marked.put(DOCUMENT, MARK, f"{intro}\n\n{marked.table(head, rows)}")


if __name__ == "__main__":
    sys.exit(main())
