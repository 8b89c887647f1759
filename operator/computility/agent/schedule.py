"""Which attempts are to be looked at or decided about, and when. Does no I/O and reads no clock."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from computility.kube.backoff import Backoff

RETRY_FIRST_SECONDS = 0.2
RETRY_CAP_SECONDS = 30.0


class Batch(NamedTuple):
    """Attempts of one lane that are due together: those to look at first, and those only to decide about."""

    lane: str
    looks: set[str]
    decisions: set[str]

    @property
    def names(self) -> set[str]:
        return self.looks | self.decisions


class Schedule:
    """The attempts that have something coming, in lanes that do not wait for each other.

    What is taken of a lane is nobody else's until it is `done`, and nothing more of the lane is taken before.

    Args:
        lane_of: In which lane an attempt goes at this moment: what hangs for one may hang for all in it.
        look_gap: The least time between two batches of looks of a lane, so that what is due at about the
            same time costs the centre one call.
        clock_factor: How many seconds of the agent's clock pass in one of the wall clock's, which gaps and
            back-offs are meant in.
    """

    def __init__(
        self,
        lane_of: Callable[[str], str],
        look_gap: timedelta = timedelta(milliseconds=200),
        *,
        clock_factor: float = 1.0,
    ) -> None:
        self._lane_of = lane_of
        self._look_gap = look_gap * clock_factor
        self._clock_factor = clock_factor
        self._looks_from: dict[str, datetime] = {}
        self._decide_at: dict[str, datetime] = {}
        self._look_at: dict[str, datetime] = {}
        self._backoffs: dict[str, Backoff] = {}
        self._taken_lanes: set[str] = set()
        # Apart from the lanes: an attempt that gets an account meanwhile has another one by then.
        self._taken_names: set[str] = set()

    def wake(self, names: Iterable[str], now: datetime) -> None:
        """Have these decided about at once."""
        for name in names:
            self._decide_at[name] = now

    def look(self, name: str, at: datetime | None) -> None:
        """Have an attempt looked at; None calls it off. A new time replaces the one before."""
        if at is None:
            self._look_at.pop(name, None)
        else:
            self._look_at[name] = at

    def retry(self, name: str, now: datetime) -> None:
        """Have an attempt looked at again after a while, which doubles as long as that goes on.

        Looked at, and not only decided about: a hub that cannot be told how far an attempt came must not
        keep us from seeing how it goes on.
        """
        backoff = self._backoffs.setdefault(name, Backoff(RETRY_FIRST_SECONDS, RETRY_CAP_SECONDS))
        self._look_at[name] = now + timedelta(seconds=backoff.next_seconds() * self._clock_factor)

    def succeed(self, name: str) -> None:
        """Forget how often it was tried."""
        self._backoffs.pop(name, None)

    def take(self, now: datetime, most: int) -> list[Batch]:
        """Take what is due, of each lane in one batch; of more than `most` lanes those that waited longest.

        What is looked at is decided about as well, so that a wake beside it is spent.
        """
        batches: dict[str, Batch] = {}
        since: dict[str, datetime] = {}
        for times, is_look in ((self._look_at, True), (self._decide_at, False)):
            for name, at, lane in self._due(times, now, is_look=is_look):
                batch = batches.setdefault(lane, Batch(lane, set(), set()))
                (batch.looks if is_look else batch.decisions).add(name)
                since[lane] = min(at, since.get(lane, at))
        chosen = sorted(batches.values(), key=lambda batch: since[batch.lane])[:most]
        for batch in chosen:
            self._take(batch, now)
        return chosen

    def done(self, batch: Batch) -> None:
        """Give back what was taken."""
        self._taken_lanes.discard(batch.lane)
        self._taken_names -= batch.names

    def next_at(self) -> datetime | None:
        """Return when there will be something to take; None while nothing is coming."""
        soonest: datetime | None = None
        for times, is_look in ((self._look_at, True), (self._decide_at, False)):
            for name, at in times.items():
                # In this order: of thousands only a few are sooner than all before them.
                if (soonest is None or at < soonest) and not self._is_taken(name):
                    free_at = self._free_at(name, at) if is_look else at
                    soonest = min(free_at, soonest or free_at)
        return soonest

    def _due(
        self, times: dict[str, datetime], now: datetime, *, is_look: bool
    ) -> Iterator[tuple[str, datetime, str]]:
        for name, at in times.items():
            if at <= now and not self._is_taken(name) and (not is_look or self._free_at(name, at) <= now):
                yield name, at, self._lane_of(name)

    def _is_taken(self, name: str) -> bool:
        return name in self._taken_names or self._lane_of(name) in self._taken_lanes

    def _free_at(self, name: str, at: datetime) -> datetime:
        """Return when a look that is due at some time may be taken at the earliest."""
        return max(at, self._looks_from.get(self._lane_of(name), at))

    def _take(self, batch: Batch, now: datetime) -> None:
        self._taken_lanes.add(batch.lane)
        self._taken_names |= batch.names
        for name in batch.looks:
            del self._look_at[name]
        for name in batch.names:
            self._decide_at.pop(name, None)
        if batch.looks:
            self._looks_from[batch.lane] = now + self._look_gap
