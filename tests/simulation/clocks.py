"""The world's time, and the clocks of phones, which are right as long as nobody touches them."""

from __future__ import annotations

from dataclasses import dataclass

from tests.server.builders import START_MS


@dataclass
class WorldClock:
    """True time in Unix ms, and how far the server's clock is off it."""

    now: int = START_MS
    server_off: int = 0

    def server(self) -> int:
        """Return what the server takes for the time."""
        return self.now + self.server_off


@dataclass
class PhoneClock:
    """A phone's wall clock, which somebody may set, and its steady clock, which begins anew with each session."""

    world: WorldClock
    off_ms: int = 0
    booted: int = 0
    boots: int = 0

    def wall_ms(self) -> int:
        """Return what the phone shows."""
        return max(1, self.world.now + self.off_ms)

    def mono_ms(self) -> int:
        """Return ms since this session began."""
        return self.world.now - self.booted

    @property
    def session(self) -> str:
        """Return the session's word."""
        return f"s{self.boots}"

    def reboot(self) -> None:
        """Begin a new session."""
        self.boots, self.booted = self.boots + 1, self.world.now
