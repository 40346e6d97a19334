"""What a search found, by group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from server.console.pages.frame import Paging


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """One thing that was found. endpoint: of its page, '' where it has none; query: what that address is filled with.

    kind: the record type, or `entry`; stage: '' where it has none; detail, more: words beside the title
    """

    kind: str
    id: str
    title: str
    detail: str = ""
    more: str = ""
    stage: str = ""
    endpoint: str = ""
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class HitGroup:
    """What was found of one group, by `marks.SEARCH_GROUPS`. total: as far as it is counted; over: there are more."""

    name: str
    total: int
    over: bool
    hits: tuple[Hit, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchPage:
    """What was found. asked: '' where a person's number was asked for, which no page repeats.

    problem: why nothing was looked for, by `marks.SEARCH_PROBLEMS`, or ''
    within: the one group that is shown a page at a time, or ''
    person: whether encounters of a person were looked for
    """

    template: ClassVar[str] = "console/search.html"
    asked: str
    groups: tuple[HitGroup, ...] = ()
    problem: str = ""
    within: str = ""
    paging: Paging | None = None
    person: bool = False
