"""Reviews of evidence: one item, several in one act, taken back within the minute, voided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Response, jsonify

from server.accounts import cookie
from server.api.answers import plain
from server.api.blueprint import blueprint
from server.api.bodies import ReviewBody, TogetherBody, UndoBody, UndoTogetherBody, VoidBody, body
from server.api.operations import ACTS, Operation, described
from server.api.views.acts import DECIDING, SIGNING
from server.casework import reviewing
from server.casework.review import VOID, BuiltUpon, Review, UndoExpired
from server.casework.reviewing import NotAll
from server.commit.submission import Result
from server.current import services
from sync.errors import BadProof, FileCorrupt, FileUnverified, RecordVoided


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """What a review led to; ledger_index: the first entry of the act."""

    id: str
    version: int
    stage: str
    ledger_index: int


@dataclass(frozen=True, kw_only=True)
class ReviewedTogether:
    """What an act on several items led to, in the order of the request."""

    items: tuple[Reviewed, ...]


def _reviewed(result: Result, record: str) -> Reviewed:
    item = result.records[record]
    return Reviewed(id=record, version=item.version, stage=str(item.stage), ledger_index=result.first)


def _together(result: Result, records: Iterable[str]) -> Response:
    return jsonify(plain(ReviewedTogether(items=tuple(_reviewed(result, each) for each in records))))


@blueprint.post("/evidence/<record>/review")
@described(
    Operation(
        ACTS,
        "审核一件证据的一个版本：通过、退回或不予采用",
        "Approve, return or reject exactly one version of an evidence item",
        Reviewed,
        body=ReviewBody,
        refusals=(*DECIDING, *SIGNING, FileUnverified, FileCorrupt, BadProof),
    )
)
def review(record: str) -> Response:
    """Approve, return or reject one version."""
    who = cookie.signed_in()
    given = body(ReviewBody())
    wanted = Review(given["act"], given["version"], given.get("reason"), given.get("note"))
    result = reviewing.review_evidence(cookie.deciding(given.get("assertion")), who.id, record, wanted)
    return jsonify(plain(_reviewed(result, record)))


@blueprint.post("/evidence/<record>/undo")
@described(
    Operation(
        ACTS,
        "撤回本人刚作出的审核：60 秒内，且尚无后续事项以其为依据",
        "Take back the caller's own review, within 60 seconds and while nothing has built on it",
        Reviewed,
        body=UndoBody,
        refusals=(*DECIDING, UndoExpired, BuiltUpon),
    )
)
def undo(record: str) -> Response:
    """Take one review back."""
    who = cookie.signed_in()
    given = body(UndoBody())
    result = reviewing.undo_review(services(), who.id, record, given["version"])
    return jsonify(plain(_reviewed(result, record)))


@blueprint.post("/evidence/<record>/void")
@described(
    Operation(
        ACTS,
        "作废一件证据，任何状态均可，须说明理由；不删除任何内容",
        "Void an evidence item in whatever stage, with a reason; nothing is deleted",
        Reviewed,
        body=VoidBody,
        refusals=(*DECIDING, *SIGNING, RecordVoided),
    )
)
def void(record: str) -> Response:
    """Void one version."""
    who = cookie.signed_in()
    given = body(VoidBody())
    wanted = Review(VOID, given["version"], given["reason"], given["note"])
    result = reviewing.review_evidence(cookie.deciding(given.get("assertion")), who.id, record, wanted)
    return jsonify(plain(_reviewed(result, record)))


@blueprint.post("/evidence/review")
@described(
    Operation(
        ACTS,
        "一次审核多件证据：全部成立，或一件也不成立并逐件说明",
        "Review several items in one act: all of them, or none and each that stands against it is named",
        ReviewedTogether,
        body=TogetherBody,
        refusals=(*DECIDING, *SIGNING, NotAll),
    )
)
def review_together() -> Response:
    """Decide on several items in one act."""
    who = cookie.signed_in()
    given = body(TogetherBody())
    wanted = [
        (each["id"], Review(given["act"], each["version"], given.get("reason"), given.get("note")))
        for each in given["items"]
    ]
    result, _ = reviewing.review_together(cookie.deciding(given.get("assertion")), who.id, wanted)
    return _together(result, [each["id"] for each in given["items"]])


@blueprint.post("/evidence/undo")
@described(
    Operation(
        ACTS,
        "一次撤回本人刚作出的多件审核：全部撤回，或一件也不撤回",
        "Take back several of the caller's own reviews in one act: all of them, or none",
        ReviewedTogether,
        body=UndoTogetherBody,
        refusals=(*DECIDING, NotAll),
    )
)
def undo_together() -> Response:
    """Take several reviews back in one act."""
    who = cookie.signed_in()
    given = body(UndoTogetherBody())
    chosen = [(each["id"], each["version"]) for each in given["items"]]
    result = reviewing.undo_together(services(), who.id, chosen)
    return _together(result, [record for record, _ in chosen])
