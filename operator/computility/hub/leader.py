"""One of several hub processes acts: the holder of the hub's Lease. The others watch and wait."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

from computility.hub.hub import utc_now
from computility.kube.backoff import Backoff
from computility.kube.errors import ApiError
from computility.kube.lease import LeaseLock, LeaseLost

LEASE_NAME = "computility-hub"
LEASE_SECONDS = 15
"""How long after the sudden end of one hub process the next takes over."""
RENEW_SECONDS = 4.0
WAIT_SECONDS = 2.0
"""How often a standby looks whether the Lease was let go."""
MARGIN_SECONDS = 2.0
"""Work stops this long before others may take the Lease: requests on their way still arrive."""

_log = logging.getLogger(__name__)


class Leader:
    """Holds the Lease and works while it does; losing it stops the work at once, and the waiting begins anew.

    A process that slept through the loss may still send a write or two; decisions are made so that these
    do no harm (conditional writes, names that follow from the job).

    Args:
        lock: The hub's Lease.
        work: What to do while leading; cancelled when the Lease is lost.
        on_contact: Told when the API server answers again after it did not.
        renew_seconds: How often to renew.
        now: The time that is written.
        monotonic: The clock that is counted by.
    """

    def __init__(
        self,
        lock: LeaseLock,
        work: Callable[[], Awaitable[None]],
        *,
        on_contact: Callable[[], None],
        renew_seconds: float = RENEW_SECONDS,
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock = lock
        self._work = work
        self._on_contact = on_contact
        self._renew_seconds = renew_seconds
        self._now = now
        self._monotonic = monotonic
        self.is_leading = False

    async def run(self) -> None:
        """Wait for the Lease, lead, and wait again, until cancelled.

        Raises:
            Exception: The work itself ended with it.
        """
        while True:
            await self._acquire()
            _log.info("leading")
            await self._lead()
            _log.warning("no longer leading")

    async def release(self) -> None:
        """Let another process lead without waiting.

        Raises:
            ApiError: It could not be written; the others wait until the Lease runs out.
        """
        await self._lock.release(self._now())

    async def _acquire(self) -> None:
        backoff = Backoff(first_seconds=0.1, cap_seconds=WAIT_SECONDS)
        while True:
            seconds = WAIT_SECONDS
            try:
                if await self._lock.acquire(self._now()) is not None:
                    return
                backoff.reset()
            except ApiError as error:
                _log.warning("cannot take the hub's Lease yet: %s", error)
                seconds = backoff.next_seconds()
            await asyncio.sleep(seconds)

    async def _lead(self) -> None:
        """Work while the Lease holds."""
        work = asyncio.ensure_future(self._work())
        self.is_leading = True
        try:
            while self._seconds_left() > 0 and await self._keep(work):
                continue
        finally:
            self.is_leading = False
            work.cancel()
            await asyncio.wait({work})
        if not work.cancelled():
            work.result()

    async def _keep(self, work: asyncio.Future[None]) -> bool:
        """Renew after a while, or when that failed soon; False when there is nothing left to keep."""
        await asyncio.wait({work}, timeout=min(self._renew_seconds, self._seconds_left()))
        return not work.done() and await self._renew()

    async def _renew(self) -> bool:
        """Renew, trying again until the Lease runs out; False once it is lost."""
        is_first_try = True
        while (seconds := self._seconds_left()) > 0:
            try:
                async with asyncio.timeout(seconds):
                    await self._lock.renew(self._now())
            except LeaseLost:
                return False
            except (ApiError, TimeoutError) as error:
                _log.warning("cannot renew the hub's Lease: %s", str(error) or "no answer in time")
                is_first_try = False
                await asyncio.sleep(min(1.0, self._renew_seconds, max(0.0, self._seconds_left())))
            else:
                if not is_first_try:
                    self._on_contact()
                return True
        return False

    def _seconds_left(self) -> float:
        return self._lock.expires_at - MARGIN_SECONDS - self._monotonic()
