"""Records of every declared type: lists, one record, and what happened to it, with no line for any type."""

from __future__ import annotations

from flask import Response, jsonify, request

from server.api.answers import PAGE_WORDS, UnknownFilter, page_limit, plain
from server.api.blueprint import blueprint, looking
from server.api.operations import RECORDS, Listing, Operation, Parameter, described, number, text
from server.queries import records as queries
from server.queries.record_answers import answer, answers
from server.queries.record_history import Happened, history
from server.queries.records import OPEN, SORTS, UUID_FORMAT
from sync.errors import BadCode, BadValue
from sync.lines import INTEGER_MAX
from sync.merge import VOIDED

FILTERS = (
    text("stage", "只列出处于该阶段的", "Only those at one declared stage"),
    text("parent", "只列出该记录之下的", "Only those that lie in this record", **UUID_FORMAT),
    text("root", "只列出该权限根之下的", "Only those of this scope root", **UUID_FORMAT),
    text("region", "只列出该行政区划及其下级的", "Only those of this region and below it"),
    number(
        "changed_after",
        "只列出存证序号在此之后变动的",
        "Only those that changed after this ledger index",
        0,
        INTEGER_MAX,
    ),
    text("conflicts", "只列出有未决冲突的", "Only those with an open conflict", enum=[OPEN]),
    text("life", "只列出已作废的", "Only those that were voided", enum=[VOIDED]),
    Parameter(
        "sort",
        "排序：按编号不漏不重；按版本给出变动",
        "By id, which is complete and names nothing twice while records change, or by version, which tells "
        "what changed: a record that changes meanwhile comes once more",
        {"type": "string", "enum": list(SORTS), "default": SORTS[0]},
    ),
)
HISTORY_WORDS = (
    PAGE_WORDS[0],
    number("after", "上一页返回的 next", "The `next` of the page before", 0, INTEGER_MAX),
)


def _known(words: tuple[Parameter, ...]) -> None:
    """Raise UnknownFilter for a word that nobody reads: a list that ignored it would be longer than was asked."""
    known = [word.name for word in words]
    for name in request.args:
        if name not in known:
            raise UnknownFilter(f"there is no {name} to ask by; there is {', '.join(known)}", field=name)


@blueprint.get("/records/<type>")
@described(
    Operation(
        RECORDS,
        "一类记录的台账",
        "List records of one type",
        Listing("Record"),
        query=(*FILTERS, *PAGE_WORDS),
        refusals=(BadValue, BadCode, UnknownFilter),
    )
)
def list_records(type: str) -> Response:  # noqa: A002 - what the address calls it
    """List records of one type, in the reader's scope."""
    kind = queries.kind_of(type)
    _known((*FILTERS, *PAGE_WORDS))
    with looking() as look:
        wanted = queries.asked(kind, request.args)
        page = queries.page(look, kind, wanted, limit=page_limit(), after=request.args.get("after", ""))
        items = answers(look, kind, page.records)
    return jsonify(items=plain(items), next=page.next or None)


@blueprint.get("/records/<type>/<record>")
@described(Operation(RECORDS, "一条记录：字段、阶段、冲突、何人何时所写", "Show one record", "Record"))
def one_record(type: str, record: str) -> Response:  # noqa: A002
    """Show one record with its conflicts and who wrote what."""
    kind = queries.kind_of(type)
    with looking() as look:
        return jsonify(plain(answer(look, kind, queries.one(look, kind, record))))


@blueprint.get("/records/<type>/<record>/history")
@described(
    Operation(
        RECORDS,
        "一条记录的全部经过，含未生效的改动",
        "Tell what happened to a record, also what is not in force",
        Listing(Happened),
        query=HISTORY_WORDS,
        refusals=(BadValue, UnknownFilter),
    )
)
def record_history(type: str, record: str) -> Response:  # noqa: A002
    """Tell what happened to a record, oldest first."""
    kind = queries.kind_of(type)
    _known(HISTORY_WORDS)
    after = queries.index_of(request.args.get("after"), "after")
    with looking() as look:
        found = history(
            look,
            kind,
            queries.one(look, kind, record),
            after=-1 if after is None else after,
            limit=page_limit(),
        )
    return jsonify(items=plain(found.entries), next=found.next)
