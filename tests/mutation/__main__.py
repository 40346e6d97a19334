"""Try every mutant of the core and write the figures into docs/reliability.md: `python -m tests.mutation`.

Goes on where it was stopped; a function that changed is tried anew. Ends with 1 if a module has fewer than 90 % of
its mutants killed, or a survivor whose reason nobody wrote into tests/mutation/survivors.py.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from tests.fuzz import marked
from tests.mutation import workspace
from tests.mutation.survivors import REASONS, Change
from tests.mutation.workspace import Mutant

KILLED_MIN = 0.90
DOCUMENT, MARK = workspace.ROOT / "docs" / "reliability.md", "mutation"


def main() -> int:
    """Run mutmut on what is new, and write what came of all of it."""
    words = argparse.ArgumentParser(
        prog="python -m tests.mutation", description=(__doc__ or "").splitlines()[0]
    )
    words.add_argument("--show", action="store_true", help="only tell what an earlier run found")
    words.add_argument("--only", metavar="MODULE", nargs="+", default=[], help="try these; writes no figures")
    args = words.parse_args()
    if not args.show:
        workspace.refresh()
        status = workspace.run(modules=args.only)
        if status != 0:
            print(f"mutmut ended with {status}; see {workspace.PLACE / 'log'}", file=sys.stderr)
            return 1
    found = [mutant for mutant in workspace.mutants() if not args.only or mutant.module in args.only]
    survived = [(mutant, key_of(mutant)) for mutant in found if mutant.fate == "survived"]
    unexplained = [key for _, key in survived if key not in REASONS]
    for key in unexplained:
        print("unexplained survivor:", " | ".join(key))
    figures = count(found)
    for row in figures:
        print(*row)
    if not args.show and not args.only:
        write(DOCUMENT, figures, [key for _, key in survived])
    return int(bool(unexplained) or min(shares(found).values(), default=0.0) < KILLED_MIN)


def key_of(mutant: Mutant) -> Change:
    """Return what a survivor is known by: its number changes with every line before it, its change does not."""
    return mutant.module, mutant.function, *workspace.change(mutant)


def shares(found: list[Mutant]) -> dict[str, float]:
    """Return {module: part of its mutants that were noticed}."""
    every = Counter(mutant.module for mutant in found)
    noticed = Counter(mutant.module for mutant in found if mutant.fate in ("killed", "timeout"))
    return {module: noticed[module] / every[module] for module in every}


def count(found: list[Mutant]) -> list[tuple[object, ...]]:
    """Return a row for each module: mutants, killed, timeouts, survived, share."""
    rows: list[tuple[object, ...]] = []
    for module, share in sorted(shares(found).items()):
        fates = Counter(mutant.fate for mutant in found if mutant.module == module)
        alive = fates["survived"] + fates["unchecked"]
        rows.append(
            (
                f"`sync/{module}.py`",
                sum(fates.values()),
                fates["killed"],
                fates["timeout"],
                alive,
                f"{share:.1%}",
            )
        )
    return rows


def write(path: Path, figures: list[tuple[object, ...]], survived: list[Change]) -> None:
    """Write the figures, and every survivor with its reason."""
    head = ("Module", "Mutants", "Killed", "Never ended", "Survived", "Noticed")
    rows: list[tuple[object, ...]] = [
        (
            f"`{module}.{function}`",
            f"`{old}`",
            f"`{new}`",
            REASONS.get((module, function, old, new), "not explained yet"),
        )
        for module, function, old, new in sorted(set(survived))
    ]
    told = marked.table(head, figures)
    listed = marked.table(("Where", "As it is", "As the mutant has it", "Why no test notices"), rows)
    marked.put(path, MARK, f"Printed by `python -m tests.mutation`.\n\n{told}\n\nWhat survived:\n\n{listed}")


if __name__ == "__main__":
    sys.exit(main())
