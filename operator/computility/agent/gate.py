"""Keeps requests from a hub that does not answer, for a while that doubles as long as that goes on."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from computility.kube.backoff import Backoff

FIRST_SECONDS = 0.2
CAP_SECONDS = 30.0


class Gate:
    """Open while the hub answers; one for all attempts, because it is away for all of them at once.

    Shut, it lets one request through after each pause: the answer to that decides about all others.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._backoff = Backoff(FIRST_SECONDS, CAP_SECONDS)
        self._shut_until: datetime | None = None
        self._is_tried = False

    @contextlib.contextmanager
    def passage(self) -> Iterator[bool]:
        """Say whether a request may be made now; within the context its answer is to be told."""
        if self._shut_until is None:
            yield True
        elif self._is_tried or self._clock() < self._shut_until:
            yield False
        else:
            self._is_tried = True
            try:
                yield True
            finally:
                self._is_tried = False

    def shut(self) -> None:
        """Stay shut for a while; once more while shut changes nothing: that was asked before."""
        if self._shut_until is None or self._clock() >= self._shut_until:
            self._shut_until = self._clock() + timedelta(seconds=self._backoff.next_seconds())

    def open(self) -> None:
        """Open for all."""
        self._shut_until = None
        self._backoff.reset()
