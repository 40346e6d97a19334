"""What a rule can say about an address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.security.access.targets import Place

OPEN_TO_ALL, FOR_SIGNED_IN, IN_SCOPE, ACT, OF_DEVICES, ELSEWHERE, OPEN_ELSEWHERE = (
    "open to all", "for whoever is signed in", "what lies in scope", "act", "of devices", "elsewhere", "open elsewhere",
)  # fmt: skip
Body = Callable[[Place, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Rule:
    """Who gets which answer at one address.

    sort: one of the words above; kind: of the record whose id stands in the address; fills: further parts of
    the address; may: who is let in of those who see it, None for all of them; body: what is sent;
    status: of what went well; query: words of the query; tested: the test that shows the rest
    """

    sort: str
    kind: str = ""
    fills: Mapping[str, str] = field(default_factory=dict)
    may: frozenset[str] | None = None
    body: Body | None = None
    status: int = 200
    query: Mapping[str, str] = field(default_factory=dict)
    tested: str = ""


def open_to_all(status: int = 200, /, *, query: Mapping[str, str] | None = None, **fills: str) -> Rule:
    """Return the rule of an address that answers everybody alike, signed in or not."""
    return Rule(OPEN_TO_ALL, status=status, fills=fills, query=query or {})


def lists(*, may: str = "", status: int = 200, **fills: str) -> Rule:
    """Return the rule of a page that everybody signed in may open; what stands in it follows from his scope.

    may: logins, where it is only for some, such as "admin supervisor"; others get 403
    """
    return Rule(FOR_SIGNED_IN, may=frozenset(may.split()) if may else None, status=status, fills=fills)


def reads(kind: str, /, *, may: str = "", status: int = 200, **fills: str) -> Rule:
    """Return the rule of one record: who reaches its place gets it, 404 all others, as if there were none.

    kind: a target of access/targets.py; may: logins, where not all who reach it may: the others get 403
    """
    return Rule(IN_SCOPE, kind, fills, frozenset(may.split()) if may else None, status=status)


def acts(kind: str, body: Body, /, *, may: str, status: int = 303, **fills: str) -> Rule:
    """Return the rule of an act on a record that each who tries gets afresh.

    body: gives what is sent, of (place, the record's id); may: logins of those who may, of whoever sees it;
    others who see it get 403, who does not see it 404; status: of the act done
    """
    return Rule(ACT, kind, fills, frozenset(may.split()), body, status)


def shown_by(test: str, kind: str = "", /, **fills: str) -> Rule:
    """Return the rule of an address whose rights a test of its own shows: `tests/room/test_file.py::test_name`.

    The matrix still sees that nobody without a session gets in, and nobody without its token.
    """
    return Rule(ELSEWHERE, kind, fills, tested=test)


def open_but_shown_by(test: str, /, **fills: str) -> Rule:
    """Return the rule of an address that anybody may ask for and that has a test of its own, such as signing in."""
    return Rule(OPEN_ELSEWHERE, fills=fills, tested=test)


LISTS = lists()
OPEN = open_to_all()
OF_PHONES = Rule(OF_DEVICES)
"""An address that knows a device's signed requests alone: a session of the desk opens nothing there."""
