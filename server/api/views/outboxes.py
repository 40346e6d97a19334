"""A phone's outbox that is brought as a file, for programs and for the desk's page."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO, cast

from flask import Response, jsonify, request

from schemas.wire.outbox_file import MEDIA_TYPE
from server.accounts import cookie
from server.api.answers import plain
from server.api.blueprint import blueprint, looking
from server.api.operations import ACTS, Operation, described
from server.current import services
from server.intake import outbox_file
from server.queries import devices as queries
from sync.errors import Malformed, NotAllowed, UnknownDevice, WrongLedger


@dataclass(frozen=True, kw_only=True)
class BroughtPart:
    """What became of one part: `taken`, `known`, `kept` (in quarantine) or `refused`, with the code that says why."""

    part: int
    kind: str
    became: str
    digest: str
    size: int
    seq: int | None
    code: str | None
    detail: str
    verdicts: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class BroughtOutbox:
    """What a file held; announced: how many parts; broken: why it ended before them, null where it was read whole."""

    device: str
    whole: bool
    announced: int
    parts: tuple[BroughtPart, ...]
    broken: str | None


@blueprint.post("/outboxes")
@described(
    Operation(
        ACTS,
        "导入手机导出的待发文件（.wlo）：逐件按手机上报办理，重复导入不再改变任何内容",
        "Take in what a phone exported because it could not send it: each part goes the way of a push, once",
        BroughtOutbox,
        sends=MEDIA_TYPE,
        refusals=(Malformed, NotAllowed, WrongLedger, UnknownDevice),
    )
)
def bring_outbox() -> Response:
    """Take in a phone's outbox."""
    cookie.signed_in()
    with looking() as look:
        queries.check_brings(look)
    if request.mimetype != MEDIA_TYPE:
        raise Malformed(f"the content type must be {MEDIA_TYPE}")
    # Read as it comes: photos and videos of weeks must not lie in memory.
    source = io.BufferedReader(cast(io.RawIOBase, request.stream))
    done = outbox_file.bring(services(), cast(BinaryIO, source), _is_theirs)
    parts = tuple(BroughtPart(**one.told()) for one in done.parts)
    told = BroughtOutbox(
        device=done.header.device,
        whole=done.whole,
        announced=done.header.parts,
        parts=parts,
        broken=done.broken[1] if done.broken else None,
    )
    return jsonify(plain(told))


def _is_theirs(device: str) -> None:
    with looking() as look:
        queries.check_brings(look, device)
