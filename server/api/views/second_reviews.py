"""The second review for programs: what was drawn, and agreeing or not."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, jsonify, request
from marshmallow import fields, validate

from schemas.records.decision import REASONS
from schemas.wire.parts import Strict, whole
from server.accounts import cookie
from server.api.answers import plain
from server.api.blueprint import blueprint, looking
from server.api.bodies import NOTE_CHARS_MAX, assertion, body
from server.api.operations import ACTS, ITEMS, Operation, described, text
from server.api.views.acts import DECIDING, SIGNING
from server.casework import second_reviewing
from server.casework.second_review import AGREE, DISAGREE, Second
from server.console.pages.second_reviews import SecondReviewPage, SecondReviewsPage
from server.queries import second_reviews as queries
from server.queries.reading import page_number
from sync.errors import BadCode, BadProof, BadValue, FileCorrupt


class AgainBody(Strict):
    """POST /api/second-reviews/<id>: agreeing or not with exactly one version of the item."""

    act = fields.String(required=True, validate=validate.OneOf([AGREE, DISAGREE]))
    version = whole(required=True)
    reason = fields.String(validate=validate.OneOf(list(REASONS)))
    note = fields.String(validate=validate.Length(max=NOTE_CHARS_MAX))
    assertion = assertion()


@dataclass(frozen=True, kw_only=True)
class ReviewedAgain:
    """What a second review led to; stage: of the item; ledger_index: the first entry of the act."""

    id: str
    item: str
    stage: str
    ledger_index: int


QUERY = (
    text("state", "waiting 待复审，done 已复审", "waiting or done"),
    text("page", "页码，从 1 开始", "The page, from 1"),
    text("region", "只列出该地区及其下级的", "Only those in this region and below it"),
    text("sort", "排序", "The order", enum=[order.name for order in queries.ORDERS]),
)


@blueprint.get("/second-reviews")
@described(
    Operation(
        ITEMS,
        "复审队列与复审一致率",
        "The queue of second reviews, and how often they agreed",
        SecondReviewsPage,
        query=QUERY,
        refusals=(BadValue, BadCode),
    )
)
def list_second_reviews() -> Response:
    """List drawn reviews."""
    with looking() as look:
        page = page_number(request.args.get("page"))
        state = request.args.get("state", queries.OPEN)
        found = queries.second_reviews(look, state=state, page=page, given=request.args)
        return jsonify(plain(found))


@blueprint.get("/second-reviews/<record>")
@described(Operation(ITEMS, "一件抽中的复审", "Show one drawn review", SecondReviewPage))
def one_second_review(record: str) -> Response:
    """Show one drawn review."""
    with looking() as look:
        return jsonify(plain(queries.second_review(look, record)))


@blueprint.post("/second-reviews/<record>")
@described(
    Operation(
        ACTS,
        "复审：一致，或不一致（附理由，重新打开）",
        "Agree with a first review, or disagree with a reason, which opens the item again",
        ReviewedAgain,
        body=AgainBody,
        refusals=(*DECIDING, *SIGNING, FileCorrupt, BadProof),
    )
)
def review_again(record: str) -> Response:
    """Agree or disagree."""
    who = cookie.signed_in()
    given = body(AgainBody())
    wanted = Second(given["act"], given["version"], given.get("reason"), given.get("note"))
    result = second_reviewing.review_again(cookie.deciding(given.get("assertion")), who.id, record, wanted)
    with looking() as look:
        row = queries.second_review(look, record).row
    done = ReviewedAgain(id=record, item=row.item.id, stage=row.item.state, ledger_index=result.first)
    return jsonify(plain(done))
