"""Old schemas to new: a change that an older app wrote is read as the present app would have written it.

The line that the phone signed stays what it is, in the ledger and in every digest; only what is read from it is
lifted, one pure step a version. So the oldest released app still gets its work in, and a replay reads it alike.

A step touches the public part alone. A private field keeps its name and its words for ever: phones show it from the
very line that committed to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sync.changes import Change

Step = Callable[[Change], Change]

SCHEMA_VERSION = 1
"""The schema that this version of Wardledger writes. A manifest and an entry name the schema of their lines."""
FIRST = 1
"""The schema of an entry that names none."""
STEPS: Mapping[int, Step] = {}
"""{n: what lifts a change from schema n to n + 1}; one for each version below the present, for ever."""


def upcast(change: Change, schema: int) -> Change:
    """Return a change as the present schema says it; one of the present schema, or of a newer one, as it is."""
    for version in range(schema, SCHEMA_VERSION):
        change = STEPS[version](change)
    return change


def is_known(schema: int) -> bool:
    """Return whether changes of a schema can be read whole here."""
    return schema <= SCHEMA_VERSION


def renamed(kind: str, old: str, new: str) -> Step:
    """Return the step by which a public field of a record type got another name."""

    def lift(change: Change) -> Change:
        if change.type != kind:
            return change
        parts: dict[str, Any] = {
            which: {new if name == old else name: value for name, value in getattr(change, which).items()}
            for which in ("set", "add", "remove")
        }
        return replace(change, **parts)

    return lift


def reworded(kind: str, field: str, words: Mapping[Any, Any]) -> Step:
    """Return the step by which values of a public field were replaced; words: {the old one: the new one}.

    A step of the stage is reworded at both of its ends.
    """

    def word(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: words.get(end, end) for name, end in value.items()}
        return words.get(value, value)

    def lift(change: Change) -> Change:
        if change.type != kind:
            return change
        parts: dict[str, Any] = {}
        if field in change.set:
            parts["set"] = {**change.set, field: word(change.set[field])}
        for which in ("add", "remove"):
            values = getattr(change, which)
            if field in values:
                parts[which] = {**values, field: tuple(word(value) for value in values[field])}
        return replace(change, **parts) if parts else change

    return lift


def both(*steps: Step) -> Step:
    """Return the steps of one version as one, in their order."""

    def lift(change: Change) -> Change:
        for step in steps:
            change = step(change)
        return change

    return lift


__all__ = ["FIRST", "SCHEMA_VERSION", "STEPS", "both", "is_known", "renamed", "reworded", "upcast"]
