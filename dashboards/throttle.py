"""How often somebody may try: attempts within a span of time, counted for each of several keys."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

_MOST_KEYS = 20_000


class Throttle:
    """Attempts that failed, or whose end is not known yet, during the last seconds."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._times: dict[Hashable, deque[float]] = {}

    def attempt(self, limits: Mapping[Hashable, int]) -> float:
        """Count an attempt for each key and return 0, or how many seconds it has to wait, uncounted."""
        now = self._clock()
        if len(self._times) > _MOST_KEYS:
            self._times = {key: times for key, times in self._times.items() if times[-1] > now - self._seconds}
        waits = [self._wait(key, most, now) for key, most in limits.items()]
        if max(waits) <= 0:
            for key in limits:
                self._times.setdefault(key, deque()).append(now)
        return max(waits)

    def forgive(self, limits: Mapping[Hashable, int]) -> None:
        """Take back the last attempt of each key: it was right."""
        for key in limits:
            times = self._times.get(key)
            if times:
                times.pop()
            if not times:
                self._times.pop(key, None)

    def _wait(self, key: Hashable, most: int, now: float) -> float:
        """Seconds until one more attempt is allowed."""
        times = self._times.get(key, deque())
        while times and times[0] <= now - self._seconds:
            times.popleft()
        return times[-most] + self._seconds - now if len(times) >= most else 0.0
