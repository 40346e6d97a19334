"""The log of accesses: who signed in, who opened which evidence, and how the ledger vouches for each line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessLine:
    """One line. user, record: ids; name: of the person; type: of the record or ''; place: None while it waits."""

    id: str
    at: datetime
    user: str
    name: str
    act: str
    record: str
    type: str
    place: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessesPage:
    """Lines, the newest first. after: of the next page, '' where there is none; day: as it was asked for."""

    template: ClassVar[str] = "console/accesses.html"
    rows: tuple[AccessLine, ...]
    acts: tuple[str, ...]
    act: str = ""
    day: str = ""
    user: str = ""
    person: str = ""
    record: str = ""
    after: str = ""
    failed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessPage:
    """One line with its proof, computed anew. verdict: `ok`, `bad`, or `waiting` for its root.

    hash: of the line as a leaf; first, count: the stretch under the root; index: the ledger entry of the root
    """

    template: ClassVar[str] = "console/access.html"
    line: AccessLine
    hash: str
    verdict: str
    first: int = 0
    count: int = 0
    root: str = ""
    computed: str = ""
    index: int | None = None
