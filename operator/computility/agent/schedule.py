"""Which attempts are to be looked at or decided about, and when. Does no I/O and reads no clock."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from computility.kube.backoff import Backoff

RETRY_FIRST_SECONDS = 0.2
RETRY_CAP_SECONDS = 30.0


class Schedule:
    """The attempts that have something coming; what is `taken` is nobody else's until it is `done`.

    Args:
        look_gap: The least time between two batches of looks, so that what is due at about the same time
            costs the centre one call.
    """

    def __init__(self, look_gap: timedelta = timedelta(milliseconds=200)) -> None:
        self._look_gap = look_gap
        self._looks_from: datetime | None = None
        self._decide_at: dict[str, datetime] = {}
        self._look_at: dict[str, datetime] = {}
        self._backoffs: dict[str, Backoff] = {}
        self._taken: set[str] = set()

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
        self._look_at[name] = now + timedelta(seconds=backoff.next_seconds())

    def succeed(self, name: str) -> None:
        """Forget how often it was tried."""
        self._backoffs.pop(name, None)

    def take_looks(self, now: datetime) -> set[str]:
        """Take all that is due to be looked at, which is decided about as well; nothing within the gap."""
        if self._looks_from is not None and now < self._looks_from:
            return set()
        due = self._due(self._look_at, now)
        for name in due:
            del self._look_at[name]
            self._decide_at.pop(name, None)
        if due:
            self._looks_from = now + self._look_gap
        self._taken |= due
        return due

    def take_decisions(self, now: datetime) -> set[str]:
        """Take all that is due to be decided about."""
        due = self._due(self._decide_at, now)
        for name in due:
            del self._decide_at[name]
        self._taken |= due
        return due

    def done(self, names: Iterable[str]) -> None:
        """Give back what was taken."""
        self._taken.difference_update(names)

    def next_at(self) -> datetime | None:
        """Return when there will be something to take; None while nothing is coming."""
        decisions = [at for name, at in self._decide_at.items() if name not in self._taken]
        looks = [at for name, at in self._look_at.items() if name not in self._taken]
        if looks and self._looks_from is not None:
            looks = [max(min(looks), self._looks_from)]
        return min(decisions + looks, default=None)

    def _due(self, times: dict[str, datetime], now: datetime) -> set[str]:
        return {name for name, at in times.items() if at <= now and name not in self._taken}
