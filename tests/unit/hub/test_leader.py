import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from computility.hub.leader import MARGIN_SECONDS, Leader
from computility.kube.errors import Unreachable
from computility.kube.lease import LeaseLost
from support.eventually import eventually


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class FakeLock:
    """A Lease that does what the test has it do at each renewal."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.expires_at, self.wait_seconds = clock, -1.0, 0.0
        self.acquired = self.renewals = 0
        self.at_renewal: Callable[[int], None] = lambda _: None

    async def acquire(self, _: datetime) -> object:
        self.acquired += 1
        self.expires_at = self.clock.now + 15
        return object()

    async def renew(self, _: datetime) -> object:
        self.renewals += 1
        self.at_renewal(self.renewals)
        self.expires_at = self.clock.now + 15
        return object()


class Work:
    """Work that runs until it is cancelled, and counts how often it was begun and ended."""

    def __init__(self) -> None:
        self.begun = self.ended = 0

    async def __call__(self) -> None:
        self.begun += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.ended += 1


class Office:
    """A leader with a fake Lease."""

    def __init__(self, work: Callable[[], Any] | None = None) -> None:
        self.clock = Clock()
        self.lock, self.work, self.contacts = FakeLock(self.clock), Work(), 0
        lock: Any = self.lock
        self.leader = Leader(
            lock, work or self.work, on_contact=self._count, renew_seconds=0.01, monotonic=self.clock
        )

    def _count(self) -> None:
        self.contacts += 1

    async def __aenter__(self) -> "Office":
        self.task = asyncio.create_task(self.leader.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.wait({self.task})


async def test_the_holder_works_and_renews() -> None:
    async with Office() as office:
        await eventually(lambda: office.lock.renewals >= 3, "three renewals")

        assert office.leader.is_leading
        assert (office.work.begun, office.work.ended) == (1, 0)


async def test_losing_the_lease_stops_the_work_and_waiting_begins_anew() -> None:
    async with Office() as office:
        office.lock.at_renewal = raising_once(LeaseLost("taken"))
        await eventually(lambda: office.work.begun == 2, "it leads again")

        assert office.work.ended == 1
        assert office.lock.acquired == 2


async def test_work_stops_before_a_lease_that_cannot_be_renewed_runs_out() -> None:
    async with Office() as office:

        def is_unreachable(_: int) -> None:
            office.clock.now = max(office.clock.now, office.lock.expires_at - MARGIN_SECONDS)
            office.lock.at_renewal = lambda _: None
            raise Unreachable("patch", "/leases", "no answer")

        office.lock.at_renewal = is_unreachable
        await eventually(lambda: office.work.ended == 1, "the work ends")

        assert office.lock.expires_at > office.clock.now or office.lock.acquired == 2


async def test_a_failed_renewal_is_tried_again_and_the_new_contact_told() -> None:
    async with Office() as office:
        office.lock.at_renewal = raising_once(Unreachable("patch", "/leases", "no answer"))
        await eventually(lambda: office.lock.renewals >= 3, "it renews on")

        assert office.contacts == 1
        assert office.work.ended == 0


async def test_work_that_ends_with_an_error_ends_the_leader() -> None:
    async def broken() -> None:
        raise RuntimeError("a bug")

    async with Office(broken) as office:
        with pytest.raises(RuntimeError, match="a bug"):
            await office.task


def raising_once(error: Exception) -> Callable[[int], None]:
    def at_renewal(nth: int) -> None:
        if nth == 1:
            raise error

    return at_renewal
