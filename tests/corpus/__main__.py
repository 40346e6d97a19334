"""`python -m tests.corpus`: print what becomes of each corpus; with --freeze, keep the golden vectors as one.

A schema's corpus is frozen once, before the first client that writes it is released, and never made anew.
"""

from __future__ import annotations

import argparse

from schemas import upcasts
from schemas.records import TYPES
from tests.corpus import replaying
from tests.corpus.replaying import Case
from tests.interop.vector_files import content


def stories() -> list[Case]:
    """Return the golden vectors that tell a story: every record type, and every verdict."""
    found = [_story(content(f"record_types/{name}")) for name in sorted(TYPES)]
    return [one for told in (*found, _story(content("verdicts"))) for one in told]


def _story(told: Case) -> list[Case]:
    common = {"epoch": told["epoch"], "grants": told["grants"], "schema": upcasts.SCHEMA_VERSION}
    return [
        {
            **common,
            "name": case.get("name", ""),
            "steps": [*told.get("before", ()), *case.get("before", ()), *case["steps"]],
        }
        for case in told["cases"]
    ]


def main() -> int:
    """Freeze or print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--freeze", action="store_true", help="keep the present vectors as a corpus")
    if parser.parse_args().freeze:
        replaying.write(upcasts.SCHEMA_VERSION, stories())
    for schema in range(upcasts.FIRST, upcasts.SCHEMA_VERSION + 1):
        print(f"schema {schema}: {replaying.root_of(schema)}")
    return 0


raise SystemExit(main())
