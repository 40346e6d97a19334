"""Files that institutions handed in, for programs: of reports, statements and appeals; one's own, or at the desk."""

from __future__ import annotations

from flask import Response

from server.accounts import cookie
from server.api.blueprint import blueprint
from server.api.operations import ITEMS, PORTAL, Content, Operation, described
from server.console.proof_answer import REPORT, desk_answer, writing_answer
from server.current import services
from server.portal.statement_views import own_file
from sync.errors import FileCorrupt, NotAllowed

BYTES = Content("application/octet-stream")


@blueprint.get("/rectification-reports/<record>/files/<digest>")
@described(
    Operation(
        ITEMS,
        "整改报告的佐证文件原件（核查用）",
        "A file of proof of a report, for whoever verifies it; every reading is logged",
        BYTES,
        refusals=(FileCorrupt,),
    )
)
def report_proof(record: str, digest: str) -> Response:
    """Give a file of a report to the desk."""
    return desk_answer(services(), cookie.signed_in().id, REPORT, record, digest)


@blueprint.get("/handed-in/<kind>/<record>/files/<digest>")
@described(
    Operation(
        ITEMS,
        "陈述申辩（statement）或申辩复议（appeal）所附文件原件，每次查阅均留痕",
        "A file of a `statement` or an `appeal`, for whoever decides; every reading is logged",
        BYTES,
        refusals=(FileCorrupt,),
    )
)
def handed_in_file(kind: str, record: str, digest: str) -> Response:
    """Give a file of a statement or an appeal to the desk."""
    return writing_answer(services(), cookie.signed_in().id, kind, record, digest)


@blueprint.get("/portal/files/<kind>/<record>/<digest>")
@described(
    Operation(
        PORTAL,
        "本机构陈述申辩（statement）或申辩复议（appeal）所附文件原件",
        "A file of one's own `statement` or `appeal` as it was handed in",
        BYTES,
        refusals=(NotAllowed, FileCorrupt),
    )
)
def portal_handed_file(kind: str, record: str, digest: str) -> Response:
    """Give a file of one's own statement or appeal."""
    return own_file(kind, record, digest)
