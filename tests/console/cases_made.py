"""Cases as tests of many cases want them: each with a finding of its own, at a stage and with a last day."""

from __future__ import annotations

from typing import Any

from schemas.drafting import Draft
from server.commit.acts import new_id
from tests.server.world import World

WAYS = {
    "assigned": (),
    "notified": ("notified",),
    "rectifying": ("notified", "rectifying"),
    "report_submitted": ("notified", "rectifying", "report_submitted"),
    "verifying": ("notified", "rectifying", "report_submitted", "verifying"),
    "returned": ("notified", "rectifying", "report_submitted", "verifying", "returned"),
    "closed": ("notified", "rectifying", "report_submitted", "verifying", "closed"),
}
"""Through which stages a case comes to another."""


def opened(
    world: World, stage: str = "notified", *, due_on: str = "2026-12-08", fen: int = 100_00, **values: Any
) -> str:
    """Open a case over a finding of `fen`, by the supervisor, and return its id."""
    finding, case = new_id(world.services), new_id(world.services)
    found = {
        "inspection": world.inspection,
        "violation_code": "duplicate_charge",
        "facts": "重复收取床位费。",
        "amount_fen": fen,
        "origin": "on_site",
    }
    world.act(Draft("create", "finding", finding, found), by="member")
    world.move("finding", finding, "draft", "proposed", by="lead")
    heard = {"statement_kind": "agrees", "heard_on": "2026-11-17"}
    world.act(
        Draft("edit", "finding", finding, {**heard, "stage": {"from": "proposed", "to": "heard"}}), by="lead"
    )
    world.move("finding", finding, "heard", "confirmed", "in_case", by="supervisor")
    told = {
        "inspection": world.inspection,
        "institution": world.hospital,
        "working_days": 15,
        "owner": world.users["supervisor"],
        **({} if stage == "assigned" else {"served_on": "2026-11-17", "due_on": due_on, "due_version": 1}),
        **values,
    }
    world.act(Draft("create", "rectification_case", case, told, add={"findings": [finding]}), by="supervisor")
    *way, last = ("assigned", *WAYS[stage])
    world.move("rectification_case", case, *way, *(() if last == "closed" else (last,)), by="supervisor")
    if last == "closed":
        # Whoever had it verified is not who closes it.
        world.move("rectification_case", case, way[-1], last, by="city")
    return case
