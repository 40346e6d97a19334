"""`python -m tests.fleet_days`: play a fleet's days against a server of its own and print what became of them.

Ends with status 1 where anything did not arrive as it was captured, or the audit finds something.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.fleet_days.plan import BEDS, fleet_plan
from tests.fleet_days.player import Figures, play
from tests.services.processes import free_port


def rows(figures: Figures) -> list[tuple[str, str]]:
    """Return what happened, line by line: what and how much."""
    plan, captured, synced = figures.plan, figures.captured, figures.synced
    presence = Counter(bed.presence for visit in plan.visits for bed in visit.beds)
    mix = " / ".join(
        f"{100 * count / presence.total():.1f} % {kind}" for kind, count in presence.most_common()
    )
    files, seconds = len(captured.digests), sorted(synced.seconds)
    changes = sum(synced.verdicts.values())
    contested = sum(visit.conflicts for visit in plan.visits)
    late = seconds[round(0.95 * (len(seconds) - 1))]
    return [
        ("fleet", f"{2 * plan.teams} phones, {plan.days} days, {len(plan.visits)} visits, seed {plan.seed}"),
        ("beds", f"{captured.beds}: {mix}"),
        ("files", f"{files}, {captured.bytes / 1e6:.1f} MB; {figures.verified} verified byte for byte"),
        ("as planned", f"{sum(visit.file_bytes for visit in plan.visits) / 1e6:.1f} MB at full scale"),
        ("duplicates", f"{figures.duplicates} ({100 * figures.duplicates / files:.1f} % of the files)"),
        ("broken off", f"{synced.cut} uploads ({100 * synced.cut / files:.1f} %), all gone on with"),
        ("evening", f"{100 * figures.evening:.0f} % of the visits uploaded between 16:30 and 18:30"),
        ("backlog", f"{figures.backlog} visits uploaded one to five days later"),
        ("changes", f"{changes}: {', '.join(f'{word} {n}' for word, n in sorted(synced.verdicts.items()))}"),
        ("conflicts", f"{figures.conflicts_open} open, of {contested} amounts written by both officers"),
        (
            "syncs",
            f"{len(seconds)}, median {statistics.median(seconds):.2f} s, 95 of 100 within {late:.2f} s",
        ),
        ("sent", f"{synced.cipher_bytes / 1e6:.1f} MB of cipher"),
        ("took", f"{figures.took_seconds:.0f} s"),
        ("audit", figures.audit),
    ]


def main() -> int:
    """Play as the command line says; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fleet_days", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--teams", type=int, default=4, help="of two phones each (default: %(default)s)")
    parser.add_argument("--days", type=int, default=1)
    parser.add_argument(
        "--beds", type=int, default=BEDS[1], help="the most of a round (default: %(default)s)"
    )
    parser.add_argument(
        "--scale", type=float, default=0.05, help="of the files' bytes (default: %(default)s)"
    )
    parser.add_argument("--jobs", type=int, default=4, help="teams that sync at once (default: %(default)s)")
    chosen = parser.parse_args()
    plan = fleet_plan(chosen.seed, teams=chosen.teams, days=chosen.days, beds_max=chosen.beds)
    with tempfile.TemporaryDirectory(prefix="wardledger-fleet-") as folder:
        figures = play(plan, Path(folder), port=free_port(), scale=chosen.scale, jobs=chosen.jobs)
    for what, much in rows(figures):
        print(f"{what:10}  {much}")
    for fault in figures.faults:
        print(f"FAULT       {fault}")
    return 1 if figures.faults else 0


if __name__ == "__main__":
    sys.exit(main())
