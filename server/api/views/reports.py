"""Reports, and every list as a file."""

from __future__ import annotations

from flask import Response, jsonify, request

from server.api.answers import plain
from server.api.blueprint import blueprint, looking
from server.api.operations import ITEMS, RECORDS, Content, Operation, described, text
from server.console.pages.home import Overview
from server.console.pages.reports import Report
from server.console.table_answer import table_answer
from server.documents import tables
from server.queries import overview, records, register_table, reports
from sync.errors import BadCode, BadValue

DAYS = (
    text("since", "起始日期，默认一个月前", "The first day; a month ago unless told", format="date"),
    text("until", "截止日期，默认今天", "The last day, today unless told; at most 92 days", format="date"),
)
FILTERS = (
    text("stage", "只列出处于该阶段的", "Only those at one stage"),
    text("region", "只列出该行政区划之内的", "Only those of one region's subtree"),
    text("conflicts", "open：只列出有待决冲突的", "`open`: only those with an open conflict"),
    text("life", "voided：只列出已作废的", "`voided`: only those that were voided"),
    text("root", "只列出该记录之内的", "Only those that lie in one root"),
    text("parent", "只列出该记录之下的", "Only those below one record"),
    text("sort", "排序", "The order"),
)
TABLE = Content(tables.MEDIA[tables.CSV])


@blueprint.get("/overview")
@described(
    Operation(
        ITEMS,
        "辖区概况：各县区未销号整改、覆盖率、办理阶段、手机同步",
        "How things stand: open cases by county, coverage, stages, phones",
        Overview,
    )
)
def how_things_stand() -> Response:
    """Tell how things stand in the reader's region."""
    with looking() as look:
        return jsonify(plain(overview.overview(look)))


@blueprint.get("/reports/<name>")
@described(
    Operation(
        ITEMS,
        "一张报表：presence、ageing、zeroing 或 coverage",
        "One report: presence, ageing, zeroing or coverage",
        Report,
        query=DAYS,
        refusals=(BadValue,),
    )
)
def one_report(name: str) -> Response:
    """Answer one question by a table."""
    with looking() as look:
        return jsonify(
            plain(reports.report(look, name, request.args.get("since"), request.args.get("until")))
        )


@blueprint.get("/reports/<name>/<form>")
@described(
    Operation(
        ITEMS,
        "报表存为 csv 或 xlsx 文件",
        "One report as a file: csv or xlsx",
        TABLE,
        query=DAYS,
        refusals=(BadValue,),
    )
)
def report_as_file(name: str, form: str) -> Response:
    """Send one report's table as a file."""
    with looking() as look:
        found = reports.report(look, name, request.args.get("since"), request.args.get("until"))
        return table_answer(look, found.table, form)


@blueprint.get("/records/<type>/export/<form>")
@described(
    Operation(
        RECORDS,
        "一类记录的台账存为 csv 或 xlsx 文件，至多 20000 行",
        "A register as a file, csv or xlsx, at most 20,000 rows",
        TABLE,
        query=FILTERS,
        refusals=(BadValue, BadCode),
    )
)
def register_as_file(type: str, form: str) -> Response:  # noqa: A002 - what the address calls it
    """Send a register as a file."""
    with looking() as look:
        table = register_table.register_table(look, records.kind_of(type), request.args, tables.ROWS_MAX)
        return table_answer(look, table, form)
