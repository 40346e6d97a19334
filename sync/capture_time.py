"""When something was captured, as an interval that no phone clock can shift.

Not before the anchor (the last server answer the phone had), not after arrival. While the app ran
on, its monotonic clock narrows the interval; a restart leaves it wide. The wall clock is only ever
a hint (`likely_ms`) and a reason for doubt: it widens and flags, it never narrows.
"""

from __future__ import annotations

from dataclasses import dataclass

from sync.changes import At

LATENCY_MS = 5_000
DRIFT_PPM = 200
JUMP_MS = 120_000


@dataclass(frozen=True, slots=True)
class Interval:
    """[earliest_ms, latest_ms] in Unix ms, the likeliest point, and flags in words of the protocol."""

    earliest_ms: int
    latest_ms: int
    likely_ms: int
    flags: tuple[str, ...] = ()


def interval(at: At, received_ms: int) -> Interval:
    """Return the interval in which the capture lies.

    Flags: `no_anchor` (the phone never heard the server), `restarted` (the app's session changed
    since the anchor, so only the bounds hold), `clock_jumped` (wall and monotonic clock disagree by
    over two minutes), `clock_impossible` (what the clocks say lies outside the bounds).
    """
    anchor = at.anchor
    if anchor is None:
        return Interval(0, received_ms, max(0, min(at.wall, received_ms)), ("no_anchor",))
    flags: list[str] = []
    earliest, latest = min(anchor.time, received_ms), received_ms
    if anchor.session != at.session:
        likely = at.wall - (anchor.wall - anchor.time)
        flags.append("restarted")
        if not earliest - JUMP_MS <= likely <= latest + JUMP_MS:
            flags.append("clock_impossible")
        return Interval(earliest, latest, max(earliest, min(likely, latest)), tuple(flags))
    elapsed = at.mono - anchor.mono
    point = anchor.time + elapsed
    # A monotonic clock may stand still while a phone sleeps, so what the wall clock says besides only widens.
    apart = abs((at.wall - anchor.wall) - elapsed)
    slack = LATENCY_MS + apart + abs(elapsed) * DRIFT_PPM // 1_000_000
    if apart > JUMP_MS:
        flags.append("clock_jumped")
    if elapsed < 0 or point - slack > latest:
        flags.append("clock_impossible")
    if flags:
        return Interval(earliest, latest, max(earliest, min(point, latest)), tuple(flags))
    low, high = max(earliest, point - slack), min(latest, point + slack)
    return Interval(low, max(low, high), max(low, min(point, high)), tuple(flags))
