"""The lease: for how long after its last contact a phone shows what it holds; recording never waits for it.

It runs by the steady clock while that runs on, and after a restart by the wall clock, counted from the latest time
that this phone has ever shown: setting the clock back wins nothing, and one that leaps ahead is put right by a sync.
The lock is the app's own. What is on the disk is guarded by the PIN alone.
"""

from __future__ import annotations

from typing import Any

from mobile_stub.kit import LEASE, Kit
from mobile_stub.transport import Answer
from mobile_stub.trouble import ReadingLocked
from schemas.wire.statement import read_lease
from sync.errors import BadProof, BadSignature, Malformed
from sync.key_chain import KeyCompromised

STEP_MS = 60_000
"""How much later than noted the phone's time may be without its being noted again."""


def renew(kit: Kit, answer: Answer) -> None:
    """Begin the lease anew by what an answer states, signed; anything else renews nothing, and is no alarm."""
    own, token = kit.identity, answer.headers.get("wardledger-lease")
    if not token:
        return
    try:
        said = read_lease(token, kit.ledger_keys, origin=own.origin, device=own.device)
    except (BadSignature, BadProof, Malformed, KeyCompromised):
        return
    known = kit.journal.get(LEASE) or {}
    if said.time <= int(known.get("time", 0)):
        return
    wall = kit.clock.wall_ms()
    begun = {"wall": wall, "mono": kit.clock.mono_ms(), "session": kit.clock.session, "high": wall}
    kit.journal.put(LEASE, {"time": said.time, "until": said.until, **begun})


def left_ms(kit: Kit) -> int | None:
    """Return for how long this phone still shows what it holds, 0 once that is over; None where no server limits it."""
    known: dict[str, Any] | None = kit.journal.get(LEASE)
    if known is None:
        return None
    return max(0, int(known["until"]) - int(known["time"]) - _gone(kit, known))


def _gone(kit: Kit, known: dict[str, Any]) -> int:
    if kit.clock.session == known["session"]:
        return max(0, kit.clock.mono_ms() - int(known["mono"]))
    latest = max(kit.clock.wall_ms(), int(known["high"]))
    if latest - int(known["high"]) > STEP_MS:
        kit.journal.put(LEASE, {**known, "high": latest})
    return latest - int(known["wall"])


def check_readable(kit: Kit) -> None:
    """Raise ReadingLocked once the lease is over: earlier records are shown again after a sync."""
    if left_ms(kit) == 0:
        raise ReadingLocked
