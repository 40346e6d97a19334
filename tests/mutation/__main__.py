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
    words.add_argument(
        "--write", action="store_true", help="write the figures that there are, with --show too"
    )
    args = words.parse_args()
    if not args.show:
        workspace.refresh()
        status = workspace.run(modules=args.only)
        if status != 0:
            print(f"mutmut ended with {status}; see {workspace.PLACE / 'log'}", file=sys.stderr)
            return 1
    found = [mutant for mutant in workspace.mutants() if not args.only or mutant.module in args.only]
    survived = keys_of([mutant for mutant in found if mutant.fate == "survived"])
    unexplained = [key for key in survived if key not in REASONS]
    for key in unexplained:
        print("unexplained survivor:", " | ".join(key))
    for row in count(found):
        print(*row)
    if args.write or not (args.show or args.only):
        write(DOCUMENT, found, survived)
    return int(bool(unexplained) or min(shares(found).values(), default=0.0) < KILLED_MIN)


def keys_of(found: list[Mutant]) -> list[Change]:
    """Return what survivors are known by: a number changes with every line before it, the change itself does not."""
    told = workspace.changes(found)
    return [(mutant.module, mutant.function, *change) for mutant, change in zip(found, told, strict=True)]


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


def left_of(found: list[Mutant]) -> dict[str, int]:
    """Return {module: how many of its mutants were not tried yet}, for those that have some left."""
    return dict(Counter(mutant.module for mutant in found if mutant.fate == "unchecked"))


def write(path: Path, found: list[Mutant], survived: list[Change]) -> None:
    """Write the figures of the modules that were tried to the end, every survivor with its reason, and what is left."""
    left = left_of(found)
    figures = count([mutant for mutant in found if mutant.module not in left])
    head = ("Module", "Mutants", "Killed", "Never ended", "Survived", "Noticed")
    rows: list[tuple[object, ...]] = [
        (
            f"`{change[0]}.{change[1]}`",
            f"`{change[2]}`",
            f"`{change[3]}`",
            REASONS.get(change, "not explained yet"),
        )
        for change in sorted(set(survived))
        if change[0] not in left
    ]
    parts = ["Printed by `python -m tests.mutation`.", marked.table(head, figures)]
    if left:
        names = ", ".join(
            f"`sync/{module}.py` ({number} mutants left)" for module, number in sorted(left.items())
        )
        parts.append(f"Not tried to the end yet, and therefore without a figure: {names}.")
    parts += [
        "What survived:",
        marked.table(("Where", "As it is", "As the mutant has it", "Why no test notices"), rows),
    ]
    marked.put(path, MARK, "\n\n".join(parts))


if __name__ == "__main__":
    sys.exit(main())
