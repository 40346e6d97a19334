"""Reports of an institution for programs: begun, answered, proven by files, handed in."""

from __future__ import annotations

from flask import Response, jsonify, request
from marshmallow import fields, validate

from schemas.records.rectification_report import MEASURES
from schemas.wire.parts import Strict, whole
from server.accounts import cookie
from server.api.answers import plain
from server.api.blueprint import blueprint
from server.api.bodies import body
from server.api.operations import PORTAL, Content, Operation, described
from server.api.views.portal import ACTING, PartyVersionBody, looking
from server.casework.proofs import FILE_BYTES_MAX, ProofFile
from server.casework.reports import FILES_MAX, WORDS_CHARS_MAX, Answer
from server.current import services
from server.intake import tus, uploads
from server.portal import reporting
from server.portal.handed_files import DIGEST_CHARS, FileBody
from server.portal.pages import PortalReport
from server.portal.proof_files import CIPHER_BYTES_MAX
from server.portal.report_page import report_page
from server.portal.report_views import file_answer
from sync.errors import FileCorrupt, Malformed, NotAllowed, TooLarge, TusVersion, UnsupportedType

ID_CHARS = 36
ANSWERS_MAX = 200


class AnswerBody(Strict):
    """What the institution says to one finding."""

    finding = fields.String(required=True, validate=validate.Length(ID_CHARS, ID_CHARS))
    measure = fields.String(required=True, validate=validate.OneOf(list(MEASURES)))
    words = fields.String(required=True, validate=validate.Length(1, WORDS_CHARS_MAX))
    done_on = fields.Date()
    proof = fields.List(
        fields.String(validate=validate.Length(DIGEST_CHARS, DIGEST_CHARS)),
        load_default=list,
        validate=validate.Length(0, FILES_MAX),
    )


class AnswersBody(Strict):
    """POST /api/portal/reports/<id>/answers."""

    version = whole(required=True)
    answers = fields.List(fields.Nested(AnswerBody), required=True, validate=validate.Length(1, ANSWERS_MAX))


class ProofBody(FileBody):
    """POST /api/portal/reports/<id>/files: a file whose upload is complete; digests in hex, the key in base64url."""

    version = whole(required=True)


@blueprint.post("/portal/cases/<record>/report")
@described(
    Operation(
        PORTAL,
        "开始填写整改报告（已有草稿则返回草稿）",
        "Begin a report, or go on with the draft there is",
        PortalReport,
        refusals=ACTING,
    )
)
def begin_report(record: str) -> Response:
    """Begin a report."""
    return _shown(reporting.begin(services(), cookie.signed_in().id, record))


@blueprint.get("/portal/reports/<record>")
@described(Operation(PORTAL, "一份整改报告", "One report", PortalReport, refusals=(NotAllowed,)))
def portal_report(record: str) -> Response:
    """Show one report."""
    return _shown(record)


@blueprint.post("/portal/reports/<record>/answers")
@described(
    Operation(
        PORTAL,
        "逐项填写整改情况",
        "Answer findings; what stood there before is replaced",
        PortalReport,
        body=AnswersBody,
        refusals=ACTING,
    )
)
def answer_findings(record: str) -> Response:
    """Write answers to findings."""
    who, given = cookie.signed_in(), body(AnswersBody())
    answers = [Answer(**{**one, "proof": tuple(one["proof"])}) for one in given["answers"]]
    reporting.answer(services(), who.id, record, answers, given["version"])
    return _shown(record)


@blueprint.post("/portal/reports/<record>/submit")
@described(
    Operation(
        PORTAL,
        "提交整改报告",
        "Hand the report in: each finding is answered",
        PortalReport,
        body=PartyVersionBody,
        refusals=ACTING,
    )
)
def submit_report(record: str) -> Response:
    """Hand a report in."""
    who, given = cookie.signed_in(), body(PartyVersionBody())
    reporting.submit(services(), who.id, record, given["version"])
    return _shown(record)


@blueprint.post("/portal/reports/<record>/files")
@described(
    Operation(
        PORTAL,
        "将上传完毕的佐证文件附于报告，由服务器核对摘要",
        "Add a file whose upload is complete; the server checks its digest first",
        PortalReport,
        body=ProofBody,
        refusals=(*ACTING, FileCorrupt, UnsupportedType),
    )
)
def add_report_file(record: str) -> Response:
    """Add a file of proof."""
    who, given = cookie.signed_in(), body(ProofBody())
    version = given.pop("version")
    reporting.add_file(services(), who.id, record, ProofFile(**given), version)
    return _shown(record)


@blueprint.get("/portal/reports/<record>/files/<digest>")
@described(
    Operation(
        PORTAL,
        "佐证文件原件",
        "A file of proof as it was handed in",
        Content("application/octet-stream"),
        refusals=(NotAllowed, FileCorrupt),
    )
)
def portal_report_file(record: str, digest: str) -> Response:
    """Give a file of one's own report."""
    return file_answer(record, digest)


@blueprint.post("/files")
@described(
    Operation(
        PORTAL,
        "创建可续传的上传（tus 1.0.0）；各部分传至应答 Location 所示地址",
        "Create a resumable upload (tus 1.0.0): its parts go to the address in `Location`",
        None,
        status=201,
        refusals=(NotAllowed, Malformed, TooLarge, TusVersion),
        told_once=True,
    )
)
def create_upload() -> Response:
    """Create an upload for an institution's user; Upload-Metadata names the cipher's digest."""
    here = services()
    with looking() as look:
        user = look.user
    if request.headers.get("Tus-Resumable") != tus.VERSION:
        raise TusVersion
    size = request.headers.get("Upload-Length", type=int)
    if size is None:
        raise Malformed("Upload-Length is missing", field="Upload-Length")
    if size > CIPHER_BYTES_MAX:
        raise TooLarge(f"a file of proof has at most {FILE_BYTES_MAX} bytes", limit=CIPHER_BYTES_MAX)
    secret, upload = uploads.create(
        here, user, size=size, metadata=request.headers.get("Upload-Metadata", "")
    )
    answer = Response(status=201)
    answer.headers["Location"] = f"/v1/files/uploads/{secret}"
    answer.headers["Tus-Resumable"] = tus.VERSION
    answer.headers["Upload-Offset"] = str(uploads.offset(here, upload))
    return answer


def _shown(record: str) -> Response:
    with looking() as look:
        return jsonify(plain(report_page(look, record)))
