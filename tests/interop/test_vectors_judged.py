"""Change-sets of every record type and every verdict, judged anew from nothing but what stands in the vector."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import sync
from schemas.check import fault_in
from schemas.records import RULES, TYPES
from schemas.wire.change import read_change
from schemas.wire.change_set import read_set
from sync import errors, lines, merge, signing
from sync.changes import Change, Item
from sync.entries import from_line
from sync.merge import Record
from sync.outcomes import GRAVEST_FIRST, Outcome
from sync.proposals import Proposal, States
from sync.reconcile import reconcile
from sync.replay import Replayed, replay
from sync.rules import PHONE_ROLES, Grant, Grants
from tests.interop.vector_files import Case, content


class Judge:
    """A ledger that judges what a vector says was sent, and holds every answer against what it says came of it."""

    def __init__(self, common: Case):
        rows = [Grant(one["user"], one["role"], one["root"], one["user"], -1) for one in common["grants"]]
        self.grants = Grants(rows)
        self.epoch = common["epoch"]
        self.records: dict[str, Record] = {}
        self.used: dict[str, str] = {}
        self.size = 0
        self.history: list[tuple[int, Any, Sequence[Change]]] = []

    def steps(self, steps: Sequence[Case]) -> None:
        """Judge some steps, in order."""
        for step in steps:
            if "set" in step:
                self.set(step["set"])
            else:
                self.act(step["act"])

    def set(self, told: Case) -> None:
        """Judge a phone's set from its text."""
        jws = ".".join(told["text"]["manifest"])
        found = read_set(jws, [row.encode() for row in told["text"]["lines"]])
        manifest = found.manifest
        assert (manifest.digest, manifest.root, self.size) == (told["digest"], told["root"], told["first"])
        faults = [
            None if i.fault is None else {"code": i.fault.code, "field": i.fault.field} for i in found.items
        ]
        assert faults == [change["fault"] for change in told["changes"]]
        about = {"device": manifest.device, "writer": f"device:{manifest.device}", "seq": manifest.seq}
        by = from_line(told["changes"][0]["entry"].encode()).by
        self._judge(
            found.items, told["changes"], user=by, source=manifest.digest, within=PHONE_ROLES, **about
        )

    def act(self, told: Case) -> None:
        """Judge an act of the desk or the machine from its lines."""
        items = []
        for sent in told["changes"]:
            change = read_change(sent["line"].encode(), tuple(line.encode() for line in sent["private"]))
            items.append(Item(change.line, change, fault_in(change)))
        by = told["by"]
        writer = "machine" if by == "machine" else f"desk:{by}"
        about = {"writer": writer, "seq": 0, "source": f"act {self.size}"}
        if all("entry" in sent for sent in told["changes"]):
            self._judge(items, told["changes"], user=by, **about)
            return
        outcomes = self._outcomes(items, user=by, **about).outcomes
        assert [outcome.json() for outcome in outcomes] == [sent["outcome"] for sent in told["changes"]]

    def _outcomes(self, items: Sequence[Item], **about: Any) -> Any:
        proposals = [
            Proposal(index=self.size + n, n=n, change=item.change, fault=item.fault, **about)
            for n, item in enumerate(items)
        ]
        return reconcile(proposals, self.records, RULES, self.grants, States(self.epoch, self.used))

    def _judge(self, items: Sequence[Item], told: Sequence[Case], **about: Any) -> None:
        judged = self._outcomes(items, **about)
        for n, (item, outcome) in enumerate(zip(items, judged.outcomes, strict=True)):
            self._held(item, outcome, judged.afters[n], told[n], self.size + n)
            if item.change:
                self.used.setdefault(item.change.id, item.change.digest)
        self.records.update(judged.records)
        self.grants = judged.grants
        self.size += len(items)

    def _held(self, item: Item, outcome: Outcome, after: Record | None, told: Case, index: int) -> None:
        assert outcome.json() == told["outcome"]
        assert lines.digest(item.line) == told["digest"]
        entry = from_line(told["entry"].encode())
        assert (entry.change, entry.outcome) == (told["digest"], told["outcome"])
        moved = after is not None and after.version == index
        assert moved == ("record" in told)
        if moved and after is not None:
            body = told["record"]
            assert merge.visible(after) == {name: body[name] for name in ("fields", "id", "life", "type")}
            assert merge.after_digest(after, entry.salt) == entry.after
            assert (after.version, after.root) == (body["version"], body["root"])
            contests = {
                k: {"open": c.open, "candidates": list(c.candidates)} for k, c in after.contests.items()
            }
            assert contests == body.get("conflicts", {})
        self.history.append((index, entry, [item.change] if item.change else []))


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_types_vectors_are_judged_as_they_say(name: str) -> None:
    found = content(f"record_types/{name}")
    (case,) = found["cases"]
    judge = Judge(found)
    judge.steps([*case["before"], *case["steps"]])
    first = case["steps"][0]["set"]["changes"]
    assert [change["outcome"]["verdict"] for change in first][1] == "same"


VERDICTS = content("verdicts")


@pytest.mark.parametrize("case", VERDICTS["cases"], ids=lambda case: case["name"])
def test_a_story_ends_as_it_says(case: Case) -> None:
    judge = Judge(VERDICTS)
    judge.steps([*VERDICTS["before"], *case["steps"]])
    assert replay(judge.history, RULES, Replayed()).records == judge.records


def outcomes() -> list[Case]:
    """Return every outcome that the stories come to."""
    steps = [step for case in VERDICTS["cases"] for step in case["steps"]]
    return [change["outcome"] for step in steps for change in (step.get("set") or step["act"])["changes"]]


@pytest.mark.parametrize("verdict", GRAVEST_FIRST)
def test_every_verdict_has_its_story(verdict: str) -> None:
    assert verdict in {outcome["verdict"] for outcome in outcomes()}


def judging_codes() -> set[str]:
    """Return the codes that the judging modules name: those of reconcile, and of what it hands a fault on from."""
    folder = Path(sync.__file__).parent
    judging = [folder / "reconcile.py", *folder.glob("right*.py"), *folder.glob("judg*.py")]
    text = "".join(path.read_text("utf-8") for path in judging if path.exists())
    named = {getattr(errors, name) for name in re.findall(r"errors\.([A-Z]\w+)", text)}
    return {kind.code for kind in named if issubclass(kind, errors.Refusal)} - {errors.Refusal.code}


def test_every_code_with_which_a_change_is_refused_has_its_story() -> None:
    faults = {"not_canonical", "malformed", "too_large", "unknown_field", "bad_value", "bad_code"}
    wanted = judging_codes() | faults
    assert len(wanted) > 12, "the judging modules were not found"
    assert wanted <= {outcome["code"] for outcome in outcomes() if "code" in outcome}


def test_a_set_whose_line_was_altered_is_not_the_one_that_was_signed() -> None:
    told = VERDICTS["cases"][0]["steps"][0]["set"]
    rows = [row.encode() for row in told["text"]["lines"]]
    found = read_set(".".join(told["text"]["manifest"]), [rows[0].replace(b"152000", b"152001"), *rows[1:]])
    assert [item.fault.code for item in found.items if item.fault] == ["malformed"]


def test_a_storys_manifests_are_signed_by_its_devices() -> None:
    sets = [step["set"] for case in VERDICTS["cases"] for step in case["steps"] if "set" in step]
    for told in sets:
        jws = ".".join(told["text"]["manifest"])
        device, _ = signing.peek(jws, signing.MANIFEST)
        raw = bytes.fromhex(VERDICTS["device_keys"][device])
        signing.verify(jws, signing.MANIFEST, signing.public_key(raw))
