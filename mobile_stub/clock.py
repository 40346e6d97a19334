"""The phone's clocks: a wall clock that may be wrong, and one that only runs on while its session lasts."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

Random = Callable[[int], bytes]
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Clock(Protocol):
    """What the phone knows of time; both clocks in ms."""

    @property
    def session(self) -> str:
        """Name of the span over which `mono_ms` runs on without a break."""

    def wall_ms(self) -> int:
        """Return what the phone shows as the time, Unix ms; may be wrong or jump."""

    def mono_ms(self) -> int:
        """Return ms since some point of the session; never jumps."""


class SystemClock:
    """The machine's clocks; a session is one boot where the system tells, else one run of the app."""

    def __init__(self, random: Random):
        self._boot = BOOT_ID.exists() and hasattr(time, "CLOCK_BOOTTIME")
        named = BOOT_ID.read_bytes() if self._boot else random(16)
        self._session = hashlib.sha256(named).hexdigest()[:16]

    @property
    def session(self) -> str:
        """See Clock."""
        return self._session

    def wall_ms(self) -> int:
        """See Clock."""
        return max(0, time.time_ns() // 1_000_000)

    def mono_ms(self) -> int:
        """See Clock; counts while the machine sleeps, where the system has such a clock."""
        # CLOCK_MONOTONIC stands still in sleep, and a phone in a pocket sleeps most of the day.
        nanos = time.clock_gettime_ns(time.CLOCK_BOOTTIME) if self._boot else time.monotonic_ns()
        return nanos // 1_000_000


@dataclass
class SteppedClock:
    """A clock that stands until it is advanced: for simulated phones and tests."""

    now_ms: int
    session: str = "session-1"
    ran_ms: int = 0

    def wall_ms(self) -> int:
        """See Clock."""
        return self.now_ms

    def mono_ms(self) -> int:
        """See Clock."""
        return self.ran_ms

    def advance(self, ms: int) -> None:
        """Let both clocks run on."""
        self.now_ms += ms
        self.ran_ms += ms

    def set_wall(self, ms: int) -> None:
        """Set the wall clock alone, as a user does who gets it wrong."""
        self.now_ms = ms

    def restart(self, session: str) -> None:
        """Begin a new session, as after a reboot."""
        self.session, self.ran_ms = session, 0
