"""A change that arrives after the signature, for tests of what becomes of it."""

from __future__ import annotations

from typing import Any

from schemas.drafting import Draft
from server.casework.late_changes import Ruling
from server.commit.acts import act
from server.commit.submission import Result
from sync.changes import Anchor, At
from tests.server.pushing import City, Line, Phone, seen_now

KEEP = Ruling("adopt")
ASIDE = Ruling("set_aside", "irrelevant", "演示：与本案无关")


def before_signing(city: City) -> At:
    """Return the clocks of a phone that stands at the present head and hears nothing more."""
    services = city.installation.services
    head = seen_now(city.installation)
    now = services.now_ms()
    return At(now, 5, "s", Anchor(head.epoch, head.size - 1, now, now, 2, "s"))


def step(city: City, source: str, target: str, by: str) -> None:
    """Move the inspection on."""
    moved = Draft("edit", "inspection", city.inspection, {"stage": {"from": source, "to": target}})
    act(city.installation.services, [moved], user=by)


def sign(city: City) -> None:
    """Let the lead sign the record: nobody of the team records any more."""
    step(city, "on_site", "record_signed", city.phones[0].user)


def lines_of(phone: Phone, at: At, *drafts: Draft) -> list[Line]:
    """Return drafts as a phone wrote them then."""
    return [phone.line(draft, at=at) for draft in drafts]


def late_edit(city: City, **values: Any) -> tuple[Draft, Result]:
    """Return a finding, and what became of an edit of it that arrived after the signature."""
    one, two = city.phones
    finding = city.finding()
    one.push(finding)
    then = before_signing(city)
    values = values or {"amount_fen": 7, "facts": "演示数据：迟到的改动"}
    written = lines_of(two, then, Draft("edit", "finding", finding.record, values))
    sign(city)
    result = two.push_lines(written)
    assert [outcome.verdict for outcome in result.outcomes] == ["late"]
    return finding, result
