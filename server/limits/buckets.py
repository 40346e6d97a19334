"""Token buckets: so many requests at once, so many a second after that, for each of many keys, in bounded memory."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

KEYS_MAX = 20_000
ROUNDING_SECONDS = 1e-7


class Buckets:
    """One bucket for each key; it begins full.

    rate: tokens a second that a bucket is filled with; 0: nothing is limited. burst: how many it holds
    mono: seconds of a clock that is never set, so that no leap of the wall clock shuts anybody out
    """

    def __init__(
        self,
        rate: float,
        burst: float,
        *,
        keys_max: int = KEYS_MAX,
        mono: Callable[[], float] = time.monotonic,
    ):
        self._rate, self._burst, self._keys_max, self._mono = rate, burst, keys_max, mono
        # When each bucket will be full again; what is not here is full. The longest unasked stand first.
        self._full_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, key: str) -> int:
        """Take a token and return 0, or take none and return after how many whole seconds there will be one."""
        if not self._rate:
            return 0
        with self._lock:
            now = self._mono()
            full_at = max(self._full_at.pop(key, now), now)
            after = full_at + 1 / self._rate
            short = full_at - now - (self._burst - 1) / self._rate
            if short < ROUNDING_SECONDS:
                short = 0  # What binary fractions leave over must not keep a token back that is there.
            self._full_at[key] = full_at if short > 0 else after
            if len(self._full_at) > self._keys_max:
                del self._full_at[next(iter(self._full_at))]
        return max(1, math.ceil(short)) if short > 0 else 0
