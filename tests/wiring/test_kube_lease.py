"""The Lease as a lock, on a real API server."""

import asyncio
import math
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from computility.kube.builtin import Lease
from computility.kube.client import Client
from computility.kube.lease import LeaseLock, LeaseLost
from computility.kube.request import Request
from computility.lab.control_plane import ControlPlane
from support.kube import client_of

pytestmark = pytest.mark.control_plane

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Clock:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def client(control_plane: ControlPlane) -> AsyncIterator[Client]:
    async with client_of(control_plane) as client:
        yield client


@pytest.fixture
def clock() -> Clock:
    return Clock()


def a_lock(client: Client, namespace: str, identity: str, clock: Clock, *, seconds: int = 10) -> LeaseLock:
    return LeaseLock(client, namespace, "agent", identity=identity, duration_seconds=seconds, monotonic=clock)


async def test_the_first_comer_holds_the_lease_and_reads_back_what_it_wrote(
    client: Client, tenant: str, clock: Clock
) -> None:
    lock = a_lock(client, tenant, "one", clock)

    lease = await lock.acquire(NOON, {"computility.io/agent-version": "1"})

    assert lease is not None
    assert lease.spec.holder_identity == "one"
    assert lease.spec.renew_time == "2026-11-24T12:00:00.000000Z"
    assert lease.metadata.annotations == {"computility.io/agent-version": "1"}
    assert lock.expires_at == clock.now + 10


async def test_of_many_that_come_at_once_exactly_one_gets_the_lease(
    client: Client, tenant: str, clock: Clock
) -> None:
    locks = [a_lock(client, tenant, f"contender-{number}", clock) for number in range(8)]

    outcomes = await asyncio.gather(*(lock.acquire(NOON) for lock in locks))

    assert sum(outcome is not None for outcome in outcomes) == 1
    assert sum(lock.expires_at > clock.now for lock in locks) == 1


async def test_of_many_that_find_it_run_out_exactly_one_gets_the_lease(
    client: Client, tenant: str, clock: Clock
) -> None:
    await a_lock(client, tenant, "dead", clock).acquire(NOON)
    locks = [a_lock(client, tenant, f"contender-{number}", clock) for number in range(4)]
    assert [await lock.acquire(NOON) for lock in locks] == [None] * 4
    clock.now += 10

    outcomes = await asyncio.gather(*(lock.acquire(NOON) for lock in locks))

    assert sum(outcome is not None for outcome in outcomes) == 1


async def test_another_waits_for_the_whole_duration_as_it_saw_it_itself(
    client: Client, tenant: str, clock: Clock
) -> None:
    # The holder's own clock is a day behind: its renewTime means nothing to the one that waits.
    await a_lock(client, tenant, "one", clock).acquire(NOON - timedelta(days=1))
    other = a_lock(client, tenant, "two", clock)

    assert await other.acquire(NOON) is None
    assert other.wait_seconds == 10
    clock.now += 9.9
    assert await other.acquire(NOON) is None
    clock.now += 0.1
    taken = await other.acquire(NOON)

    assert taken is not None
    assert (taken.spec.holder_identity, taken.spec.lease_transitions) == ("two", 1)


async def test_a_renewal_starts_the_waiting_anew(client: Client, tenant: str, clock: Clock) -> None:
    holder, other = a_lock(client, tenant, "one", clock), a_lock(client, tenant, "two", clock)
    await holder.acquire(NOON)
    await other.acquire(NOON)
    clock.now += 9
    await holder.renew(NOON + timedelta(seconds=9))
    await other.acquire(NOON)
    clock.now += 9

    assert await other.acquire(NOON) is None


async def test_an_annotation_by_the_hub_is_no_renewal(client: Client, tenant: str, clock: Clock) -> None:
    await a_lock(client, tenant, "one", clock).acquire(NOON)
    other = a_lock(client, tenant, "two", clock)
    await other.acquire(NOON)
    clock.now += 10
    await client.patch(Lease, tenant, "agent", {"metadata": {"annotations": {"hub": "answer"}}})

    assert await other.acquire(NOON) is not None


async def test_the_same_identity_resumes_at_once(client: Client, tenant: str, clock: Clock) -> None:
    first = await a_lock(client, tenant, "one", clock).acquire(NOON)
    resumed = await a_lock(client, tenant, "one", clock).acquire(NOON + timedelta(seconds=1))

    assert first is not None
    assert resumed is not None
    assert resumed.spec.lease_transitions == 0
    assert resumed.spec.acquire_time == first.spec.acquire_time


async def test_a_renewal_brings_what_the_hub_wrote_in_between(
    client: Client, tenant: str, clock: Clock
) -> None:
    lock = a_lock(client, tenant, "one", clock)
    await lock.acquire(NOON, {"mine": "1"})
    await client.patch(Lease, tenant, "agent", {"metadata": {"annotations": {"hub": "accepted"}}})
    lock.duration_seconds = 30

    renewed = await lock.renew(NOON, {"mine": "2"})

    assert renewed.metadata.annotations == {"mine": "2", "hub": "accepted"}
    assert renewed.spec.lease_duration_seconds == 30
    assert lock.expires_at == clock.now + 30


async def a_sleeper(client: Client, tenant: str, clock: Clock) -> LeaseLock:
    """Return the lock of "one", which slept until "two" had its lease."""
    sleeper, other = a_lock(client, tenant, "one", clock), a_lock(client, tenant, "two", clock)
    await sleeper.acquire(NOON)
    await other.acquire(NOON)
    clock.now += 10
    await other.acquire(NOON)
    return sleeper


async def test_a_holder_that_slept_finds_out_that_it_lost_the_lease(
    client: Client, tenant: str, clock: Clock
) -> None:
    sleeper = await a_sleeper(client, tenant, clock)

    with pytest.raises(LeaseLost):
        await sleeper.renew(NOON)

    assert sleeper.expires_at == -math.inf
    assert (await client.get(Lease, tenant, "agent")).spec.holder_identity == "two"


async def test_a_lease_whose_taking_was_never_answered_is_released_too(
    client: Client, tenant: str, clock: Clock
) -> None:
    lock, other = a_lock(client, tenant, "one", clock), a_lock(client, tenant, "two", clock)
    transport: Any = client.transport
    send = transport.send

    async def lose_the_answer_to_a_write(request: Request) -> bytes:
        answer: bytes = await send(request)
        if not request.is_read:
            raise asyncio.CancelledError
        return answer

    transport.send = lose_the_answer_to_a_write
    with pytest.raises(asyncio.CancelledError):
        await lock.acquire(NOON)
    transport.send = send
    await lock.release(NOON)

    assert await other.acquire(NOON) is not None


async def test_a_released_lease_is_free_at_once(client: Client, tenant: str, clock: Clock) -> None:
    lock, other = a_lock(client, tenant, "one", clock), a_lock(client, tenant, "two", clock)
    await lock.acquire(NOON)
    await client.patch(Lease, tenant, "agent", {"metadata": {"annotations": {"hub": "answer"}}})
    await lock.release(NOON)

    assert lock.expires_at == -math.inf
    assert await other.acquire(NOON) is not None


async def test_releasing_a_lost_lease_leaves_its_new_holder_alone(
    client: Client, tenant: str, clock: Clock
) -> None:
    sleeper = await a_sleeper(client, tenant, clock)

    await sleeper.release(NOON)

    assert (await client.get(Lease, tenant, "agent")).spec.holder_identity == "two"


async def test_a_lease_that_was_deleted_is_made_again(client: Client, tenant: str, clock: Clock) -> None:
    lock = a_lock(client, tenant, "one", clock)
    await lock.acquire(NOON)
    await client.delete(Lease, tenant, "agent")

    renewed = await lock.renew(NOON)

    assert renewed.spec.holder_identity == "one"
