"""A corpus is judged from its texts alone, and what becomes of it is one root over every outcome and record."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from schemas.check import fault_in
from schemas.records import RULES
from schemas.upcasts import upcast
from schemas.wire.change import read_change
from schemas.wire.change_set import read_set
from sync import lines, merge
from sync.changes import Item
from sync.entries import from_line
from sync.merge import Record
from sync.merkle import root_of_lines
from sync.proposals import Proposal, States
from sync.reconcile import reconcile
from sync.rules import PHONE_ROLES, Grant, Grants

FOLDER = Path(__file__).parent
Case = dict[str, Any]


def corpus_file(schema: int) -> Path:
    """Return where the corpus of a schema lies."""
    return FOLDER / f"schema-{schema}.json.gz"


def read(schema: int) -> list[Case]:
    """Return the stories of a schema's corpus."""
    found: list[Case] = json.loads(gzip.decompress(corpus_file(schema).read_bytes()))
    return found


def write(schema: int, stories: Sequence[Case]) -> None:
    """Freeze the stories of a schema; a corpus that is there is never written over."""
    with corpus_file(schema).open("xb") as file:
        body = json.dumps(list(stories), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        file.write(gzip.compress(body, mtime=0))


class Story:
    """A small ledger that takes a story's sets and acts in order, and remembers what became of each change."""

    def __init__(self, story: Case):
        rows = [Grant(one["user"], one["role"], one["root"], one["user"], -1) for one in story["grants"]]
        self.grants = Grants(rows)
        self.epoch = story["epoch"]
        self.schema = int(story["schema"])
        self.records: dict[str, Record] = {}
        self.used: dict[str, str] = {}
        self.told: list[bytes] = []

    def steps(self, steps: Sequence[Case]) -> list[bytes]:
        """Judge the steps; return a line for each change: what became of it, and of the record."""
        for step in steps:
            if "set" in step:
                self._set(step["set"])
            else:
                self._act(step["act"])
        return self.told

    def _set(self, told: Case) -> None:
        jws = ".".join(told["text"]["manifest"])
        found = read_set(jws, [row.encode() for row in told["text"]["lines"]])
        manifest = found.manifest
        about = {"device": manifest.device, "writer": f"device:{manifest.device}", "seq": manifest.seq}
        by = from_line(told["changes"][0]["entry"].encode()).by
        self._judge(found.items, user=by, source=manifest.digest, within=PHONE_ROLES, **about)

    def _act(self, told: Case) -> None:
        if not all("entry" in sent for sent in told["changes"]):
            return  # Nothing of it came into the ledger.
        items = []
        for sent in told["changes"]:
            change = read_change(sent["line"].encode(), tuple(line.encode() for line in sent["private"]))
            change = upcast(change, self.schema)
            items.append(Item(change.line, change, fault_in(change)))
        by = told["by"]
        writer = "machine" if by == "machine" else f"desk:{by}"
        self._judge(items, user=by, writer=writer, seq=0, source=f"act {len(self.told)}")

    def _judge(self, items: Sequence[Item], **about: Any) -> None:
        first = len(self.told)
        proposals = [
            Proposal(index=first + n, n=n, change=item.change, fault=item.fault, **about)
            for n, item in enumerate(items)
        ]
        judged = reconcile(proposals, self.records, RULES, self.grants, States(self.epoch, self.used))
        for item, outcome, after in zip(items, judged.outcomes, judged.afters, strict=True):
            became = {"outcome": outcome.json(), **({"record": merge.visible(after)} if after else {})}
            self.told.append(lines.encode(became))
            if item.change:
                self.used.setdefault(item.change.id, item.change.digest)
        self.records.update(judged.records)
        self.grants = judged.grants


def root_of(schema: int) -> str:
    """Return the root over all that becomes of a schema's corpus today."""
    told = [line for story in read(schema) for line in Story(story).steps(story["steps"])]
    return root_of_lines(told).hex()
