"""tus 1.0.0 as HTTP: core, creation (with the first part if one likes), checksum, expiration, termination.

Each view reads its request, calls one function of uploads.py, and answers; refusals carry the offset to go
on from. https://tus.io/protocols/resumable-upload
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flask import Blueprint, Response, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.http import http_date

from server import problems
from server.current import services
from server.intake import uploads
from server.intake.proof import calling_device
from server.storage.file_store import Upload
from server.storage.files import CHECKSUMS
from sync.errors import ChecksumMismatch, Malformed, NotFound, Refusal, TooLarge, TusVersion, UnsupportedType

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
PART = "application/offset+octet-stream"
READ_BYTES = 256 * 1024
OVERRIDE = "X-HTTP-Method-Override"
blueprint = Blueprint("tus", __name__, url_prefix="/v1")


@blueprint.before_request
def _version() -> None:
    # Bodies stream to the store, so their size costs no memory; the upload's own length is what bounds them.
    request.max_content_length = uploads.FILE_BYTES_MAX + 1
    if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
        raise TusVersion


@blueprint.after_request
def _told(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Tus-Resumable"] = VERSION
    return answer


@blueprint.errorhandler(Refusal)
def _refused(refusal: Refusal) -> Response:
    answer = problems.refused(refusal)
    if "offset" in refusal.facts:
        answer.headers["Upload-Offset"] = str(refusal.facts["offset"])
    if isinstance(refusal, TusVersion):
        answer.headers["Tus-Version"] = VERSION
    return answer


@blueprint.errorhandler(RequestEntityTooLarge)
def _too_large(_: RequestEntityTooLarge) -> Response:
    return _refused(TooLarge(limit=uploads.FILE_BYTES_MAX))


@blueprint.route("/files", methods=["OPTIONS"])
@blueprint.route("/files/uploads/<secret>", methods=["OPTIONS"])
def options(secret: str = "") -> Response:
    """Say what of tus there is; secret: does not matter."""
    answer = Response(status=204)
    answer.headers["Tus-Version"] = VERSION
    answer.headers["Tus-Extension"] = EXTENSIONS
    answer.headers["Tus-Max-Size"] = str(uploads.FILE_BYTES_MAX)
    answer.headers["Tus-Checksum-Algorithm"] = ",".join(CHECKSUMS)
    return answer


@blueprint.post("/files")
def create() -> Response:
    """Create an upload for a device, and take the first part if the request brings one.

    A device that is shut out hands over its files too: they may be evidence, and wait for a record like any other.
    """
    here = services()
    device = calling_device(here, revoked_too=True)
    size = _number("Upload-Length")
    has_part = request.content_type is not None
    if has_part and request.content_type != PART:
        raise UnsupportedType
    metadata = request.headers.get("Upload-Metadata", "")
    secret, upload = uploads.create(here, device.id, size=size, metadata=metadata)
    answer = Response(status=201)
    answer.headers["Location"] = f"{here.config.url}/v1/files/uploads/{secret}"
    if has_part:
        try:
            reached, upload = _append(upload, 0)
        except ChecksumMismatch:
            # The upload stands; a part that was damaged is one that has still to come.
            reached = 0
    else:
        reached = uploads.offset(here, upload)
    return _stands(answer, upload, reached)


@blueprint.route("/files/uploads/<secret>", methods=["HEAD"])
def tell(secret: str) -> Response:
    """Say how far an upload has come."""
    here = services()
    upload = uploads.find(here, secret)
    answer = _stands(Response(status=200), upload, uploads.offset(here, upload))
    answer.headers["Upload-Length"] = str(upload.size)
    return answer


@blueprint.patch("/files/uploads/<secret>")
def append(secret: str) -> Response:
    """Append a part."""
    if request.content_type != PART:
        raise UnsupportedType
    at = _number("Upload-Offset")
    reached, upload = _append(uploads.find(services(), secret), at)
    return _stands(Response(status=204), upload, reached)


@blueprint.delete("/files/uploads/<secret>")
def terminate(secret: str) -> Response:
    """End an upload."""
    here = services()
    uploads.terminate(here, uploads.find(here, secret))
    return Response(status=204)


@blueprint.post("/files/uploads/<secret>")
def overridden(secret: str) -> Response:
    """Do what the header X-HTTP-Method-Override names, for networks that let nothing but GET and POST through."""
    ways: dict[str, Callable[[str], Response]] = {"PATCH": append, "DELETE": terminate, "HEAD": tell}
    way = ways.get(request.headers.get(OVERRIDE, ""))
    if way is None:
        raise NotFound
    return way(secret)


def _append(upload: Upload, at: int) -> tuple[int, Upload]:
    checksum = request.headers.get("Upload-Checksum")
    return uploads.append(services(), upload, at=at, body=_body(), checksum=checksum)


def _stands(answer: Response, upload: Upload, reached: int) -> Response:
    answer.headers["Upload-Offset"] = str(reached)
    answer.headers["Upload-Expires"] = http_date(upload.expires_at // 1000)
    return answer


def _number(name: str) -> int:
    found = request.headers.get(name, type=int)
    if found is None:
        raise Malformed(f"{name} is missing", field=name)
    return found


def _body() -> Iterator[bytes]:
    """Yield the body as it arrives; one that is cut ends early, and what came of it counts."""
    try:
        while chunk := request.stream.read(READ_BYTES):
            yield chunk
    except ClientDisconnected:
        return
