"""Which key is next: the data under the queue. Does no I/O, asks no clock; times are monotonic seconds."""

import heapq
import itertools
from collections.abc import Sequence
from typing import Generic, TypeVar

from computility.hub.keys import Lane

K = TypeVar("K")


class Backlog(Generic[K]):
    """Keys that wait, each at most once; one that is being worked on waits until that is done.

    Whatever is added while its key is worked on is taken again afterwards: nothing that happened after
    the look began is missed.
    """

    def __init__(self) -> None:
        self._ready: dict[Lane, dict[K, float]] = {lane: {} for lane in Lane}
        self._due: dict[K, tuple[float, Lane]] = {}
        self._heap: list[tuple[float, int, K]] = []
        self._order = itertools.count()
        self._busy: dict[K, float] = {}
        self._again: dict[K, Lane] = {}

    def add(self, key: K, lane: Lane, now: float) -> None:
        """Let a key be taken as soon as its turn comes; the more urgent lane wins."""
        if key in self._busy:
            self._again[key] = min(lane, self._again.get(key, lane))
            return
        since = now
        for known, keys in self._ready.items():
            if key in keys:
                if known <= lane:
                    return
                since = keys.pop(key)
        self._ready[lane][key] = since

    def add_at(self, key: K, lane: Lane, at: float) -> None:
        """Let a key be taken from a time on, unless it is taken before; the earliest time wins."""
        known = self._due.get(key)
        if known is not None and known[0] <= at:
            return
        self._due[key] = (at, lane)
        heapq.heappush(self._heap, (at, next(self._order), key))

    def take(self, now: float) -> K | None:
        """Take the next key to work on, or None; `done` gives it back. Its delayed entry is used up."""
        self._ripen(now)
        for keys in self._ready.values():
            if keys:
                key = next(iter(keys))
                del keys[key]
                self._due.pop(key, None)
                self._busy[key] = now
                return key
        return None

    def done(self, key: K, now: float) -> None:
        """Give a key back after it was worked on."""
        self._busy.pop(key, None)
        lane = self._again.pop(key, None)
        if lane is not None:
            self.add(key, lane, now)

    def next_at(self) -> float | None:
        """Return when the next delayed key becomes ready; None without one."""
        while self._heap and self._is_outdated(*self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def clear(self) -> None:
        """Forget all that waits; what is worked on is still given back."""
        for keys in self._ready.values():
            keys.clear()
        self._due.clear()
        self._heap.clear()
        self._again.clear()

    def depth(self, lane: Lane) -> int:
        """Count the keys that are ready."""
        return len(self._ready[lane])

    def ready(self, lane: Lane) -> list[K]:
        """Return the keys of a lane that are ready, the next first."""
        return list(self._ready[lane])

    def rearrange(self, lane: Lane, order: Sequence[K]) -> None:
        """Let some keys that are ready in a lane change places: they are taken in this order."""
        moved, wanted = set(order), iter(order)
        self._ready[lane] = {
            next(wanted) if key in moved else key: since for key, since in self._ready[lane].items()
        }

    def is_busy(self) -> bool:
        """Say whether any key is being worked on."""
        return bool(self._busy)

    def oldest_since(self) -> float | None:
        """Return since when the key that waits or is worked on the longest does so; None without any."""
        first = [next(iter(keys.values())) for keys in self._ready.values() if keys]
        return min([*first, *self._busy.values()], default=None)

    def busy_since(self) -> float | None:
        """Return since when the key that is worked on the longest is; None without any."""
        return min(self._busy.values(), default=None)

    def _ripen(self, now: float) -> None:
        while (at := self.next_at()) is not None and at <= now:
            _, _, key = heapq.heappop(self._heap)
            _, lane = self._due.pop(key)
            self.add(key, lane, now)

    def _is_outdated(self, at: float, _: int, key: K) -> bool:
        known = self._due.get(key)
        return known is None or known[0] != at
