"""What is said of each address beside its code: the one source of /api/openapi.json and of the page at /api/."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from schemas.wire.parts import Strict
from sync.errors import Refusal

View = TypeVar("View", bound=Callable[..., Any])
SESSION, ITEMS, ACTS, RECORDS, TYPES, USERS, PORTAL, DESCRIPTION = (
    "session", "items", "acts", "records", "types", "users", "portal", "description",
)  # fmt: skip
TAGS: Mapping[str, tuple[str, str]] = {
    SESSION: ("登录", "The session"),
    ITEMS: ("列表与详情", "Lists and items"),
    ACTS: ("处理", "Acts"),
    RECORDS: ("台账", "Registers of every record type"),
    TYPES: ("记录类型与表单", "Record types and forms"),
    USERS: ("用户管理与访问日志", "Users and the log of accesses"),
    PORTAL: ("机构端", "The portal of an institution's users"),
    DESCRIPTION: ("接口说明", "This description"),
}


@dataclass(frozen=True)
class Listing:
    """An answer of `items` and `next`, a page of a list; of: a dataclass, or the name of a component."""

    of: type | str


@dataclass(frozen=True)
class Content:
    """An answer that is no JSON of ours: its media type."""

    media: str


Answer = type | str | Listing | Content | None
"""A dataclass, the name of a component, a page of a list, other content, or nothing."""


@dataclass(frozen=True)
class Parameter:
    """One word of the query."""

    name: str
    zh: str
    en: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    """One method of one address.

    tag: one of TAGS; zh, en: what it does; body: the schema of what is sent; sends: the media type of what is sent
    as a file, in the place of a body; refusals: besides those that
    follow from a session, a body or an id in the address; told_once: whether the answer holds a secret, which
    is kept nowhere
    """

    tag: str
    zh: str
    en: str
    answer: Answer
    status: int = 200
    query: tuple[Parameter, ...] = ()
    body: type[Strict] | None = None
    sends: str = ""
    refusals: tuple[type[Refusal], ...] = ()
    signed_in: bool = True
    told_once: bool = False

    @property
    def takes_key(self) -> bool:
        """Return whether a POST of it may carry a key of its own: its answer is then kept, so it must be no secret."""
        return self.signed_in and not (self.told_once or self.sends) and self.tag != SESSION


OPERATIONS: dict[Callable[..., Any], Operation] = {}


def described(operation: Operation) -> Callable[[View], View]:
    """Return a decorator that says what a view does; it stands below the view's address."""

    def note(view: View) -> View:
        OPERATIONS[view] = operation
        return view

    return note


def text(name: str, zh: str, en: str, **schema: Any) -> Parameter:
    """Return a word of the query that is text."""
    return Parameter(name, zh, en, {"type": "string", **schema})


def number(name: str, zh: str, en: str, low: int, high: int) -> Parameter:
    """Return a word of the query that is a whole number."""
    return Parameter(name, zh, en, {"type": "integer", "minimum": low, "maximum": high})
