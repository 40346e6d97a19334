"""The log of accesses, for programs of auditors and administrators."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, jsonify, request

from server.api.answers import PAGE_WORDS, UnknownFilter, page_limit, plain
from server.api.blueprint import blueprint, looking
from server.api.operations import USERS, Operation, described, text
from server.console.pages.accesses import AccessLine, AccessPage
from server.queries import accesses as queries
from sync.errors import BadValue, NotAllowed

FILTERS = (
    text("user", "只列出该用户的", "Only those of one user", format="uuid"),
    text("record", "只列出关于该记录的", "Only those about one record", format="uuid"),
    text("act", "只列出该种操作", "Only those of one act, such as sign_in or read_file"),
    text("day", "只列出该日的", "Only those of one day in the ledger's zone", format="date"),
)


@dataclass(frozen=True, kw_only=True)
class AccessList:
    """Lines of the log, the newest first; next: the cursor of what is older, or null."""

    items: tuple[AccessLine, ...]
    next: str | None


@blueprint.get("/access-log")
@described(
    Operation(USERS, "访问日志（审计员、管理员）", "List who accessed what, the newest first", AccessList,
              query=(*FILTERS, *PAGE_WORDS), refusals=(BadValue, NotAllowed, UnknownFilter))
)  # fmt: skip
def list_accesses() -> Response:
    """List the lines of the access log in the reader's regions."""
    known = [word.name for word in (*FILTERS, *PAGE_WORDS)]
    for name in request.args:
        if name not in known:
            raise UnknownFilter(f"there is no {name} to ask by", field=name)
    with looking() as look:
        wanted = queries.asked(look, request.args)
        rows, after = queries.page(look, wanted, request.args.get("after", ""), page_limit())
    return jsonify(plain(AccessList(items=rows, next=after or None)))


@blueprint.get("/access-log/<record>")
@described(
    Operation(USERS, "一条访问日志及其存证证明", "One line with its proof, computed anew", AccessPage,
              refusals=(NotAllowed,))
)  # fmt: skip
def one_access(record: str) -> Response:
    """Show one line with its proof."""
    with looking() as look:
        return jsonify(plain(queries.access_page(look, record)))
