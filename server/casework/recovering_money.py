"""Recoveries (追回): found, agreed, paid voucher by voucher, or written off by a leader; pure.

What is paid is the sum of its payments, to the fen, and never more than what was agreed; what is agreed is never more
than what was found.
"""

from __future__ import annotations

from typing import Any

from server.casework.courses import (
    CREATE,
    VOID,
    Course,
    More,
    Step,
    Taking,
    Words,
    not_later,
    record_of,
    refuse,
)
from sync.errors import OwnWork

MORE_THAN_FOUND: Words = ("确认金额高于认定金额", "more is agreed than was found")
MORE_THAN_AGREED: Words = ("缴款合计高于确认金额", "more would be paid than was agreed")
NOTHING_PAID: Words = ("缴款金额应大于零", "a payment is more than nothing")
NOTHING_OWED: Words = ("金额应大于零", "an amount is more than nothing")
SAME_VOUCHER: Words = ("该凭证号已经登记", "this voucher is entered already")
ANOTHER_PLACE: Words = ("机构与整改案件不一致", "the institution is not the one of the case")
NO_PLACE: Words = ("请填写机构", "name the institution")


def _found(taking: Taking) -> More:
    if taking.given["found_fen"] <= 0:
        raise refuse(NOTHING_OWED, "found_fen")
    return More(values=place_of(taking))


def place_of(taking: Taking) -> dict[str, Any]:
    """Return the institution that a new record is about: its case's, or the one that was named; raises BadValue."""
    named, case = taking.given.get("institution"), taking.seen.related.get("case")
    sanction = taking.seen.related.get("sanction")
    for one in (case, sanction):
        own = one.values["institution"] if one is not None else named
        if named is not None and own != named:
            raise refuse(ANOTHER_PLACE, "institution")
        named = own
    if named is None:
        raise refuse(NO_PLACE, "institution")
    return {"institution": named}


def _agreed(taking: Taking) -> More:
    agreed = taking.given["agreed_fen"]
    if agreed > record_of(taking).values["found_fen"]:
        raise refuse(MORE_THAN_FOUND, "agreed_fen")
    if agreed <= 0:
        raise refuse(NOTHING_OWED, "agreed_fen")
    return More()


def _paid(taking: Taking) -> More:
    """Add the payment to what was paid; the last fen that was agreed makes it paid."""
    record, amount = record_of(taking), taking.given["amount_fen"]
    payments = list(record.values.get("payments") or ())
    not_later(taking, "paid_on")
    if amount <= 0:
        raise refuse(NOTHING_PAID, "amount_fen")
    if any(one["voucher"] == taking.given["voucher"] for one in payments):
        raise refuse(SAME_VOUCHER, "voucher")
    paid = sum(one["amount_fen"] for one in payments) + amount
    agreed = record.values["agreed_fen"]
    if paid > agreed:
        raise refuse(MORE_THAN_AGREED, "amount_fen")
    if paid == agreed:
        return More(values={"paid_fen": paid}, target="paid")
    return More(values={"paid_fen": paid}, target="partly_paid" if record.stage == "agreed" else None)


def _written_off(taking: Taking) -> More:
    record = record_of(taking)
    if record.created_by == taking.seen.user:
        raise OwnWork("whoever entered a recovery does not write it off", item=record.id)
    return More()


COURSE = Course(
    kind="recovery",
    noun="recoveries",
    begin=Step(
        "find",
        ("登记追回款", "Enter a recovery"),
        op=CREATE,
        asks=("case", "sanction", "institution", "kind", "fund", "found_fen"),
        wants=("kind", "found_fen"),
        rule=_found,
    ),
    steps=(
        Step(
            "agree",
            ("确认金额", "Agree the amount"),
            ("found",),
            "agreed",
            asks=("agreed_fen", "pay_by", "plan"),
            wants=("agreed_fen", "pay_by"),
            rule=_agreed,
        ),
        Step(
            "pay",
            ("登记缴款", "Enter a payment"),
            ("agreed", "partly_paid"),
            asks=("payments",),
            wants=("payments",),
            rule=_paid,
            says=(
                "每笔缴款附凭证号；缴清后自动转为已缴清。",
                "Each with its voucher; the last fen makes it paid.",
            ),
        ),
        Step(
            "write_off",
            ("核销", "Write off"),
            ("found", "agreed", "partly_paid"),
            "written_off",
            asks=("write_off_reason",),
            wants=("write_off_reason",),
            decides="decide",
            rule=_written_off,
            aside=True,
        ),
        Step("withdraw", ("作废", "Void"), ("found",), op=VOID, aside=True),
    ),
    path=("found", "agreed", "partly_paid", "paid"),
    filters=("kind", "fund"),
)
