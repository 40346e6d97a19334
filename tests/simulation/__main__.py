"""`python -m tests.simulation`: play seeded worlds; ends with 1 and the seed where a promise was broken."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

from tests.simulation.play import Played, play


def main() -> int:
    """Play and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first world; each next one has the next")
    parser.add_argument("--steps", type=int, default=1000, help="in each world")
    parser.add_argument("--worlds", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    given = parser.parse_args()
    began, told = time.monotonic(), []
    for seed in range(given.seed, given.seed + given.worlds):
        told.append(play(seed, given.steps))
        print(f"seed {seed}: {told[-1].written} changes, {told[-1].faults.total()} faults, "
              f"{len(told[-1].broken)} broken promises", flush=True)  # fmt: skip
        for words in told[-1].broken[:20]:
            print(f"    {words}", file=sys.stderr)
    figures = summed(told) | {"seconds": round(time.monotonic() - began)}
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", "utf-8")
    broken = [one.seed for one in told if one.broken]
    if broken:
        print(
            f"broken promises; again with: make simulate SEED={broken[0]} STEPS={given.steps}",
            file=sys.stderr,
        )
    return 1 if broken else 0


def summed(told: list[Played]) -> dict[str, object]:
    """Return the figures of all worlds together."""
    faults: Counter[str] = Counter()
    done: Counter[str] = Counter()
    for one in told:
        faults.update(one.faults)
        done.update(one.done)
    return {
        "worlds": len(told),
        "steps": sum(one.steps for one in told),
        "changes": sum(one.written for one in told),
        "entries": sum(one.entries for one in told),
        "fault_kinds": len(faults),
        "faults": dict(sorted(faults.items())),
        "done": dict(sorted(done.items())),
        "broken": sum(len(one.broken) for one in told),
    }


raise SystemExit(main())
