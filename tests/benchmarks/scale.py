"""How much is measured: a first table in under a minute, or the whole."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Load:
    """One way of pushing: `sets` sets of `batch` changes from each of `phones` phones at once."""

    batch: int
    phones: int
    sets: int

    @property
    def name(self) -> str:
        """Return how tables and keys call it."""
        return f"{self.batch}x{self.phones}"

    @property
    def changes(self) -> int:
        """Return how many changes it pushes."""
        return self.batch * self.phones * self.sets


@dataclass(frozen=True)
class Scale:
    """The counts of one run; `headline` names the load that stands for `push_changes_per_s`."""

    loads: tuple[Load, ...]
    repeats: int
    profiled: int
    empty_feeds: int
    file_bytes: int
    file_repeats: int
    growth: tuple[int, ...] = ()
    growth_sets: int = 40
    slow_sync: bool = True
    peers: bool = False
    headline: str = "25x8"


QUICK = Scale(
    loads=(
        Load(1, 1, 30),
        Load(1, 8, 8),
        Load(25, 1, 10),
        Load(25, 8, 4),
        Load(100, 1, 3),
        Load(100, 8, 1),
    ),
    repeats=1,
    profiled=12,
    empty_feeds=100,
    file_bytes=32 * MIB,
    file_repeats=1,
)
FULL = Scale(
    loads=(
        Load(1, 1, 100),
        Load(1, 8, 25),
        Load(25, 1, 24),
        Load(25, 8, 10),
        Load(100, 1, 8),
        Load(100, 8, 3),
    ),
    repeats=3,
    profiled=60,
    empty_feeds=300,
    file_bytes=256 * MIB,
    file_repeats=3,
    growth=(10_000, 100_000, 1_000_000),
    peers=True,
)
