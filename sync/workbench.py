"""What one change-set is judged on: a working copy of the records, and how the judging of a change ends early."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sync import errors
from sync.merge import Record
from sync.natural_keys import Names
from sync.outcomes import REFUSED, Outcome
from sync.proposals import States
from sync.rules import Grants, TypeRules


class Stop(Exception):
    """Carries an outcome that ends the judging of one change; never leaves the judging."""

    def __init__(self, outcome: Outcome):
        self.outcome = outcome


def refuse(kind: type[errors.Refusal], name: str | None = None) -> Stop:
    """Return what ends the judging with a refusal; name: the field at fault."""
    return Stop(Outcome(REFUSED, code=kind.code, field=name))


@dataclass
class Desk:
    """The working copy that one change-set is judged on."""

    records: dict[str, Record]
    rules: Mapping[str, TypeRules]
    grants: Grants
    states: States
    used: dict[str, str]
    names: Names

    def copy(self) -> Desk:
        """Return a copy that grows on its own."""
        return Desk(
            dict(self.records),
            self.rules,
            self.grants.copy(),
            self.states,
            dict(self.used),
            self.names.copy(),
        )
