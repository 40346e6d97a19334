"""A record's values as they stood after an entry of the ledger: what a draw is drawn from, and drawn again from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sync import merge
from sync.merge import Record
from sync.rules import TypeRules


def as_of(record: Record, rules: TypeRules, names: Iterable[str], index: int) -> dict[str, Any] | None:
    """Return some values of a record just after the entry `index`; None before there was one, or once it was void."""
    acts = [act for act in record.acts if act.index <= index]
    if not acts or merge.life_of(acts) == merge.VOIDED:
        return None
    found: dict[str, Any] = {}
    for name in names:
        writes = [write for write in record.writes.get(name, ()) if write.act.index <= index]
        value = merge.settle(writes, rules, rules.fields[name].merge).value
        if value is not None:
            found[name] = value
    return found
