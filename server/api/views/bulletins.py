"""Weekly bulletins for programs: issued with what follows; they are read as records of the type `bulletin`."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, jsonify

from schemas.wire.parts import Strict, whole
from server.accounts import cookie
from server.api.answers import plain
from server.api.blueprint import blueprint
from server.api.bodies import body
from server.api.operations import ACTS, Operation, described
from server.current import services
from server.documents import issuing
from sync.errors import BadTransition, Busy, LedgerStopped, NotAllowed, NotFound, VersionChanged


@dataclass(frozen=True, kw_only=True)
class IssuedBulletin:
    """The bulletin, and how many tasks follow from it."""

    id: str
    tasks: int


class IssueBulletinBody(Strict):
    """POST /api/bulletins/<id>/issue: exactly one version."""

    version = whole(required=True)


@blueprint.post("/bulletins/<record>/issue")
@described(
    Operation(
        ACTS,
        "印发周通报：连续通报的电话提醒、约谈和暂停结算建议随之生成",
        "Issue a weekly bulletin; calls, interviews and proposals that follow from its streaks are made",
        IssuedBulletin,
        body=IssueBulletinBody,
        refusals=(NotFound, NotAllowed, BadTransition, VersionChanged, Busy, LedgerStopped),
    )
)
def issue_weekly_bulletin(record: str) -> Response:
    """Issue a bulletin."""
    made = issuing.issue_bulletin(
        services(), cookie.signed_in().id, record, body(IssueBulletinBody())["version"]
    )
    return jsonify(plain(IssuedBulletin(id=record, tasks=made)))
