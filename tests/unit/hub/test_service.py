"""Whether the hub calls itself well, and how it ends when it can no longer work."""

import asyncio
import math
from collections.abc import AsyncIterator
from typing import Any

import pytest

from computility.hub.hub import Hub
from computility.hub.keys import Task, Work
from computility.hub.service import Service
from computility.kube.errors import Unreachable
from support.fake_client import FakeClient

JOB = Work(Task.JOB, "team", "train")


class Lock:
    """A Lease that is ours for the asking, or never."""

    expires_at = math.inf

    def __init__(self, *, is_free: bool, refusals: int = 0) -> None:
        self.is_free = is_free
        self.refusals_left = refusals

    async def acquire(self, _: object) -> object:
        return object() if self.is_free else None

    async def release(self, _: object) -> None:
        if self.refusals_left:
            self.refusals_left -= 1
            raise Unreachable("patch", "/leases", "no answer", is_outcome_unknown=True)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def service(client: FakeClient, clock: Clock) -> AsyncIterator[Service]:
    """A standby, whose queue the test works on instead of it."""
    anybody: Any = client
    hub = Hub(anybody, monotonic=clock)
    lock: Any = Lock(is_free=False)
    service = Service(hub, lock)
    service.start(on_failure=lambda: None)
    hub.queue.open()
    yield service
    await service.stop()


async def test_keys_that_wait_however_long_are_no_illness(service: Service, clock: Clock) -> None:
    service._hub.queue.add(JOB)
    clock.now = 10_000.0

    assert service._hub.queue.oldest_seconds() == 10_000.0
    assert service.health() == ""


async def test_work_that_is_under_way_for_two_minutes_is(service: Service, clock: Clock) -> None:
    service._hub.queue.add(JOB)
    work = await service._hub.queue.take()
    clock.now = 120.0
    well = service.health()
    clock.now = 121.0
    sick = service.health()
    service._hub.queue.done(work)

    assert (well, sick) == ("", "a piece of work has been under way for 121 s")
    assert service.health() == ""


async def test_a_hub_that_stops_hands_its_lease_over_also_at_the_third_try(client: FakeClient) -> None:
    anybody: Any = client
    lock: Any = Lock(is_free=False, refusals=2)
    service = Service(Hub(anybody), lock)
    service.start(on_failure=lambda: None)
    await service.stop()

    assert lock.refusals_left == 0


async def test_a_hub_that_can_no_longer_work_ends_with_the_reason(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(hub: Hub) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("computility.hub.service.prime", fails)
    lock: Any = Lock(is_free=True)
    service = Service(hub, lock)
    failed = asyncio.Event()
    service.start(on_failure=failed.set)
    async with asyncio.timeout(5):
        await failed.wait()
    sick = service.health()
    await service.stop()

    assert sick == "the hub does not run"
    assert isinstance(service.failure, ZeroDivisionError)
