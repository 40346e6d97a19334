"""What is derived rather than sent: ids from digests and times, and capture times as intervals."""

from __future__ import annotations

from functools import partial

from schemas.vectors.fixed import EPOCH, SESSION, START_MS, identity, seed
from schemas.vectors.telling import Case
from sync import capture_time
from sync.changes import Anchor, At, at_json
from sync.ids import conflict_id, uuid7

HOUR_MS = 3_600_000


def make_conflict_ids() -> list[Case]:
    """Return the id of the conflict record of some fields."""
    cases = []
    for field in ("amount_fen", "facts", "stage", "alias"):
        record = identity(f"record with {field}")
        cases.append({"name": field, "record": record, "field": field, "id": conflict_id(record, field)})
    return cases


def make_time_ids() -> list[Case]:
    """Return ids made of a time and ten bytes of chance."""
    times = {"today": START_MS, "in 1970": 0, "in the year 10889": 2**48 - 1}
    cases = []
    for name, now in times.items():
        label = f"chance {name}"
        made = uuid7(now, partial(seed, label))
        cases.append({"name": name, "now_ms": now, "chance": seed(label, 10).hex(), "id": made})
    return cases


def at(wall: int, mono: int, session: str = SESSION, *, anchored: bool = True) -> At:
    """Return a capture time, both clocks in ms since the anchor."""
    anchor = Anchor(EPOCH, 41, START_MS, START_MS, 500, SESSION)
    return At(START_MS + wall, 500 + mono, session, anchor if anchored else None)


MOMENTS: dict[str, tuple[At, int]] = {
    "an hour after the anchor": (at(HOUR_MS, HOUR_MS), 2 * HOUR_MS),
    "at the anchor": (at(0, 0), HOUR_MS),
    "just before it arrived": (at(HOUR_MS, HOUR_MS), HOUR_MS),
    "without an anchor": (at(HOUR_MS, HOUR_MS, anchored=False), 2 * HOUR_MS),
    "without an anchor, in 1970": (At(0), HOUR_MS),
    "without an anchor, in 2099": (At(4_070_908_800_000), HOUR_MS),
    "after the app was started again": (at(HOUR_MS, 0, "another"), 2 * HOUR_MS),
    "after the app was started again, in 1970": (at(-START_MS, 0, "another"), 2 * HOUR_MS),
    "after the app was started again, in 2099": (at(START_MS, 0, "another"), 2 * HOUR_MS),
    "with a wall clock a minute ahead": (at(HOUR_MS + 60_000, HOUR_MS), 2 * HOUR_MS),
    "with a wall clock two minutes ahead": (at(HOUR_MS + 120_000, HOUR_MS), 2 * HOUR_MS),
    "with a wall clock a day ahead": (at(25 * HOUR_MS, HOUR_MS), 2 * HOUR_MS),
    "with a steady clock that slept": (at(HOUR_MS, 0), 2 * HOUR_MS),
    "with a steady clock that runs backwards": (at(0, -400), 2 * HOUR_MS),
    "after its own arrival": (at(3 * HOUR_MS, 3 * HOUR_MS), HOUR_MS),
    "a month after the anchor": (at(720 * HOUR_MS, 720 * HOUR_MS), 721 * HOUR_MS),
}


def make_capture_times() -> list[Case]:
    """Return the interval of each capture, by its clocks and the time of its arrival."""
    cases = []
    for name, (when, arrived) in MOMENTS.items():
        found = capture_time.interval(when, START_MS + arrived)
        told = {"earliest_ms": found.earliest_ms, "latest_ms": found.latest_ms, "likely_ms": found.likely_ms}
        given = {"at": at_json(when), "received_ms": START_MS + arrived}
        cases.append({"name": name, **given, "interval": {**told, "flags": list(found.flags)}})
    return cases
