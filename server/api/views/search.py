"""Institutions, search and the ledger's entries for programs."""

from __future__ import annotations

from flask import Response, jsonify, request
from marshmallow import fields, validate

from schemas.records import TYPES
from schemas.wire.parts import Strict
from server.access.may_see import READING_PERSONS
from server.accounts import cookie
from server.api.answers import plain
from server.api.blueprint import blueprint, looking
from server.api.bodies import body
from server.api.operations import ITEMS, Content, Operation, described, number, text
from server.console.dossier_answer import dossier_answer
from server.console.pages.institutions import InstitutionPage, InstitutionsPage
from server.console.pages.ledger import EntriesPage, EntryPage
from server.console.pages.search import SearchPage
from server.current import services
from server.queries import entries as entry_queries
from server.queries import institutions as queries
from server.queries import search as search_queries
from server.queries import search_persons as persons
from server.queries.institution import institution_page
from server.queries.reading import PAGES_MAX, page_number
from server.queries.records import index_of, place_of
from sync.entries import KINDS
from sync.errors import BadValue, NotAllowed
from sync.lines import INTEGER_MAX

PAGE = number("page", "第几页", "Which page, from 1", 1, PAGES_MAX)
NARROWED = (
    text("q", "名称或编码的一部分", "A part of the name or code"),
    *(
        text(name, zh, en, enum=list(queries.CHOICES[name]))
        for name, zh, en in (
            ("kind", "类别", "Kind"),
            ("level", "级别", "Level"),
            ("grade", "信用等级", "Credit grade"),
            ("sort", "排序", "Order"),
        )
    ),
    text("region", "行政区划及其下级", "A region and what is below it"),
    PAGE,
)
SEARCHED = (
    text("q", "要找的内容", "What is looked for"),
    text("in", "只在一类中查找", "One group alone, a page at a time", enum=list(search_queries.GROUPS)),
    PAGE,
)
LISTED = (
    text("kind", "条目种类", "Kind of entry", enum=list(KINDS)),
    text("type", "记录类型", "Type of record", enum=sorted(TYPES)),
    number("from", "从此序号向前", "From this place downwards", 0, INTEGER_MAX),
)


class PersonBody(Strict):
    """POST /api/search/persons: a person's number, which no address ever holds."""

    number = fields.String(required=True, validate=validate.Length(15, 40))


@blueprint.get("/institutions")
@described(
    Operation(ITEMS, "机构列表及其未结事项", "List institutions with what is open at each", InstitutionsPage,
              query=NARROWED, refusals=(BadValue,))
)  # fmt: skip
def list_institutions() -> Response:
    """List institutions, a page at a time."""
    with looking() as look:
        page = page_number(request.args.get("page"))
        return jsonify(plain(queries.institutions_page(look, queries.asked(request.args), page=page)))


@blueprint.get("/institutions/<record>")
@described(Operation(ITEMS, "一家机构及其卷宗", "Show an institution with its dossier", InstitutionPage))
def one_institution(record: str) -> Response:
    """Show an institution with its dossier in seven parts."""
    with looking() as look:
        return jsonify(plain(institution_page(look, record)))


@blueprint.get("/institutions/<record>/dossier")
@described(
    Operation(ITEMS, "机构卷宗（PDF/A）", "The dossier of an institution as PDF/A", Content("application/pdf"),
              refusals=(NotAllowed,))
)  # fmt: skip
def institution_dossier(record: str) -> Response:
    """Send the dossier as PDF/A."""
    with looking() as look:
        return dossier_answer(look, record)


@blueprint.get("/search")
@described(
    Operation(ITEMS, "全局查找，不含人员号码", "Search everything, but no person's number", SearchPage,
              query=SEARCHED, refusals=(BadValue,))
)  # fmt: skip
def search_everything() -> Response:
    """Search by number or name."""
    with looking() as look:
        page = page_number(request.args.get("page"))
        asked, within = request.args.get("q", ""), request.args.get("in", "")
        return jsonify(plain(search_queries.search_page(look, asked, within=within, page=page)))


@blueprint.post("/search/persons")
@described(
    Operation(ITEMS, "按证件号或人员编号查找就诊记录；查找会留痕", "Find the encounters of a person; it is logged",
              SearchPage, body=PersonBody, refusals=(BadValue, NotAllowed))
)  # fmt: skip
def search_persons() -> Response:
    """Find the encounters of the person of a number."""
    cookie.signed_in()
    asked = str(body(PersonBody())["number"])
    if not search_queries.is_person(asked):
        raise BadValue("a person's number has 15 or 18 characters", field="number")
    with looking() as look:
        found = persons.of_number(look, asked)
        persons.note(services(), look.user, found)
        if not found.allowed:
            raise NotAllowed(f"persons are looked for by {', '.join(sorted(READING_PERSONS))}")
        return jsonify(plain(persons.page(look, found, asked)))


@blueprint.get("/ledger/entries")
@described(
    Operation(ITEMS, "台账条目，从新到旧", "List ledger entries, newest first", EntriesPage, query=LISTED,
              refusals=(BadValue,))
)  # fmt: skip
def list_entries() -> Response:
    """List entries from a place downwards."""
    with looking() as look:
        start = index_of(request.args.get("from"), "from")
        kind, of_type = request.args.get("kind", ""), request.args.get("type", "")
        return jsonify(plain(entry_queries.entries_page(look, kind=kind, of_type=of_type, start=start)))


@blueprint.get("/ledger/entries/<index>")
@described(
    Operation(ITEMS, "一条台账条目，当场重算其证明", "Show an entry, its proof recomputed now", EntryPage)
)
def one_entry(index: str) -> Response:
    """Show one entry."""
    place = place_of(index)
    with looking() as look:
        return jsonify(plain(entry_queries.entry_page(look, place)))
