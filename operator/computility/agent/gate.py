"""Keeps requests from a hub that does not answer, for a while that doubles as long as that goes on."""

from collections.abc import Callable
from datetime import datetime, timedelta

from computility.kube.backoff import Backoff

FIRST_SECONDS = 0.2
CAP_SECONDS = 30.0


class Gate:
    """Open while the hub answers; one for all attempts, because it is away for all of them at once."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._backoff = Backoff(FIRST_SECONDS, CAP_SECONDS)
        self._shut_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self._shut_until is None or self._clock() >= self._shut_until

    def shut(self) -> None:
        """Stay shut for a while; once more while shut changes nothing: that was asked before."""
        if self.is_open:
            self._shut_until = self._clock() + timedelta(seconds=self._backoff.next_seconds())

    def open(self) -> None:
        """Open for all."""
        self._shut_until = None
        self._backoff.reset()
