"""How a target is fuzzed: example after example, each from a number of its own, until its time is over.

A failure names its target and example; WARDLEDGER_FUZZ_SEED=<seed>:<example> tries that example alone again.
WARDLEDGER_FUZZ_SECONDS is the time of all targets together (60 unless told).
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sync.errors import Refusal
from tests.fuzz.mutations import Spoiler
from tests.fuzz.reducing import reduced

Check = Callable[[bytes], None]
SECONDS_DEFAULT = 60.0
EXAMPLE_SECONDS_MAX = 5.0
"""Of processor time: nobody's message may cost more."""
GROWTH_BYTES_MAX = 400 * 1024 * 1024
REDUCING_SECONDS = 20.0
GIVEN_SEED = os.environ.get("WARDLEDGER_FUZZ_SEED", "")
"""Read when the module is loaded: a test's own environment is cleared of settings."""
GIVEN_SECONDS = float(os.environ.get("WARDLEDGER_FUZZ_SECONDS", SECONDS_DEFAULT))


@dataclass(frozen=True)
class Target:
    """What is fuzzed. make: opens whatever it needs, in an empty folder, and yields the check.

    The check raises a Refusal, or returns; anything else that it raises is a fault. share: of the time
    """

    name: str
    examples: Spoiler
    make: Callable[[Path], AbstractContextManager[Check]]
    share: float = 1.0


class TooDear(AssertionError):
    """An example cost more time or memory than any message may."""


@dataclass
class Ran:
    """What a run came to; refused: how many of the examples were refused, the others were accepted."""

    target: str
    seed: str
    examples: int = 0
    refused: int = 0
    seconds: float = 0.0


def fresh_seed() -> str:
    """Return the seed of this run: the one that was given, else one from the clock."""
    return GIVEN_SEED.partition(":")[0] or str(time.time_ns() % 10**9)


def given_example() -> int | None:
    """Return the one example that was asked for, if any."""
    _, _, number = GIVEN_SEED.partition(":")
    return int(number) if number else None


def example(target: Target, seed: str, number: int) -> bytes:
    """Return one example: the same bytes whenever and wherever it is asked for."""
    return target.examples(Random(f"{seed}/{target.name}/{number}"))


def fuzz(target: Target, folder: Path, *, seconds: float, seed: str, only: int | None = None) -> Ran:
    """Fuzz a target for some seconds, or try one example; raises what the check raised, made small and replayable."""
    ran = Ran(target.name, seed)
    begun, rss = time.monotonic(), _rss_bytes()
    with target.make(folder) as check:
        while only is None or ran.examples == 0:
            number = ran.examples if only is None else only
            _try(check, example(target, seed, number), ran, number)
            ran.seconds = time.monotonic() - begun
            if ran.seconds >= seconds:
                break
    if _rss_bytes() - rss > GROWTH_BYTES_MAX:
        raise TooDear(f"{target.name} took {_rss_bytes() - rss} bytes more memory than before")
    return ran


def _try(check: Check, raw: bytes, ran: Ran, number: int) -> None:
    ran.examples += 1
    begun = time.process_time()
    try:
        check(raw)
    except Refusal:
        ran.refused += 1
    except Exception as error:
        small = reduced(raw, check, error, seconds=REDUCING_SECONDS)
        error.add_note(f"target {ran.target!r}, to be seen again by WARDLEDGER_FUZZ_SEED={ran.seed}:{number}")
        error.add_note(f"made small: {small!r}")
        raise
    spent = time.process_time() - begun
    if spent > EXAMPLE_SECONDS_MAX:
        raise TooDear(f"{ran.target}: example {ran.seed}:{number} of {len(raw)} bytes took {spent:.1f} s")


def _rss_bytes() -> int:
    """Return the most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
