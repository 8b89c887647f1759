"""The hub's work queue: keys in, one worker for each at a time, failures again later and later."""

import asyncio
import time
from collections.abc import Callable, Sequence

from computility.hub.backlog import Backlog
from computility.hub.keys import Lane, Work
from computility.kube.backoff import Backoff

FIRST_RETRY_SECONDS = 0.1
LAST_RETRY_SECONDS = 60.0


class WorkQueue:
    """Keys that wait for a worker. Closed (as on a standby), it takes none."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._backlog: Backlog[Work] = Backlog()
        self._backoffs: dict[Work, Backoff] = {}
        self._news = asyncio.Event()
        self._given_back = asyncio.Event()
        self.is_open = False

    def open(self) -> None:
        self.is_open = True

    def close(self) -> None:
        """Take no more and forget what waits: the next leader looks at everything anyway."""
        self.is_open = False
        self._backlog.clear()
        self._backoffs.clear()

    def add(self, key: Work, lane: Lane = Lane.NEWS) -> None:
        if self.is_open:
            self._backlog.add(key, lane, self._monotonic())
            self._news.set()

    def add_after(self, key: Work, seconds: float, lane: Lane = Lane.NEWS) -> None:
        """Add a key in a while, unless it is taken before."""
        if self.is_open:
            self._backlog.add_at(key, lane, self._monotonic() + max(0.0, seconds))
            self._news.set()

    def ready(self, lane: Lane) -> list[Work]:
        """Return the keys of a lane that only wait for a worker, the next first."""
        return self._backlog.ready(lane)

    def rearrange(self, lane: Lane, order: Sequence[Work]) -> None:
        """Let some of these change places among themselves: they are taken in this order."""
        self._backlog.rearrange(lane, order)

    async def take(self) -> Work:
        """Wait for the next key; for one caller only. Whoever takes a key gives it back by `done`."""
        while (key := self._backlog.take(self._monotonic())) is None:
            self._news.clear()
            await self._wait_for_news()
        return key

    def done(self, key: Work) -> None:
        """Give back a key that was worked on with success."""
        self._backoffs.pop(key, None)
        self._give_back(key)

    def fail(self, key: Work, retry_after: float | None = None) -> None:
        """Give back a key that has to be tried again: later each time, or when the server asks for it."""
        backoff = self._backoffs.setdefault(key, Backoff(FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS))
        self.add_after(key, backoff.next_seconds() if retry_after is None else retry_after)
        self._give_back(key)

    async def until_idle(self) -> None:
        """Wait until nothing is being worked on."""
        while self._backlog.is_busy():
            self._given_back.clear()
            await self._given_back.wait()

    def depth(self, lane: Lane) -> int:
        return self._backlog.depth(lane)

    def oldest_seconds(self) -> float:
        """Return how long the oldest ready or running key has been at it; 0 when all is done."""
        since = self._backlog.oldest_since()
        return 0.0 if since is None else self._monotonic() - since

    def busy_seconds(self) -> float:
        """Return how long the oldest piece of work under way has been worked on; 0 when there is none."""
        since = self._backlog.busy_since()
        return 0.0 if since is None else self._monotonic() - since

    def _give_back(self, key: Work) -> None:
        self._backlog.done(key, self._monotonic())
        self._news.set()
        self._given_back.set()

    async def _wait_for_news(self) -> None:
        at = self._backlog.next_at()
        seconds = None if at is None else max(0.0, at - self._monotonic())
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return
