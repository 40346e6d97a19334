"""Whether the original of a copy stands in the ledger, for anybody who holds one."""

from __future__ import annotations

from flask import Response, jsonify

from server.api.answers import plain
from server.api.blueprint import blueprint
from server.api.operations import ITEMS, Operation, described
from server.current import services
from server.queries import record_paper
from server.queries.record_paper import Vouched
from sync.errors import NotFound


@blueprint.get("/verify/<record>/<digest>")
@described(
    Operation(
        ITEMS,
        "笔录副本的原件是否在台账中；只按编号和摘要回答，不透露内容",
        "Whether the original of a copy stands in the ledger: by id and digest alone, nothing of what it says",
        Vouched,
        signed_in=False,
        refusals=(NotFound,),
    )
)
def verify(record: str, digest: str) -> Response:
    """Tell whether the ledger holds a written record of this id and digest."""
    found = record_paper.vouch(services(), record, digest)
    if found is None:
        raise NotFound("the ledger holds no original of this copy")
    answer = jsonify(plain(found))
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
