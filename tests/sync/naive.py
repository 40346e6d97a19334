"""The merge rule once more, straight from the words of the protocol: recursive, slow, and only for comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sync.merge import Write, value_key
from sync.rules import STAGE, UNION, TypeRules


@dataclass(frozen=True)
class Verdict:
    """A field's value and the change ids of its candidates; `open` if they are in conflict."""

    value: Any
    candidates: frozenset[str]
    open: bool = False


def upto(writes: Sequence[Write], base: int) -> list[Write]:
    """Return the writes in force at a ledger index."""
    return [w for w in writes if w.act.index <= base]


def same_writer_later(later: Write, earlier: Write) -> bool:
    """Return whether both are of one device chain, `later` after `earlier`."""
    one, two = earlier.act, later.act
    chained = one.writer == two.writer and one.writer.startswith(("device:", "fork:"))
    return chained and (one.place, one.seq, one.n) < (two.place, two.seq, two.n)


def is_dominated(w: Write, writes: Sequence[Write], rules: TypeRules, merge: str) -> bool:
    """Return whether another write takes `w` out of force."""
    for v in writes:
        if v is w:
            continue
        if same_writer_later(v, w):
            return True
        if v.act.op == "resolve":
            if w.act.change in v.act.over:
                return True
            continue
        if v.act.base >= w.act.index:
            at_base = field_value(upto(writes, v.act.base), rules, merge)
            if not (at_base.open and w.act.change in at_base.candidates):
                return True
    return False


def field_value(writes: Sequence[Write], rules: TypeRules, merge: str) -> Verdict:
    """Return what a contested or a union field amounts to."""
    if merge == UNION:
        return union_value(writes)
    standing = [w for w in writes if not is_dominated(w, writes, rules, merge)]
    names = frozenset(w.act.change for w in standing)
    values = {value_key(w.value): w.value for w in standing}
    if not values:
        return Verdict(None, names)
    if len(values) == 1:
        return Verdict(standing[0].value, names)
    if merge == STAGE:
        reached = [v for v in values.values() if all(rules.reaches(u, v) for u in values.values())]
        if reached:
            return Verdict(reached[0], names)
    first = next((w.act.index for w in writes if w.act.op == "create"), -1)
    lowest = max(first, min(w.act.base for w in standing))
    return Verdict(field_value(upto(writes, lowest), rules, merge).value, names, open=True)


def union_value(writes: Sequence[Write]) -> Verdict:
    """Return the added values that no remove of the same value dominates."""
    standing = [
        w
        for w in writes
        if w.kind == "add"
        and not any(
            r.kind == "remove"
            and r.value == w.value
            and (r.act.base >= w.act.index or same_writer_later(r, w))
            for r in writes
        )
    ]
    values = sorted({w.value for w in standing}, key=value_key)
    return Verdict(values or None, frozenset())
