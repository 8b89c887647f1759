"""The hub on a real API server: which job goes first, and which has to wait for others."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from computility.lab.control_plane import ControlPlane
from computility.model.assignment import State
from computility.model.compute_job import After, Dependency
from computility.model.resource_pool import Access
from support.hub import HubThread
from support.hub_plane import fresh_name
from support.network import Network, a_pool, with_spec

pytestmark = pytest.mark.control_plane

StartHub = Callable[..., Awaitable[HubThread]]
MINUTE = {"coreSeconds": 60, "runSeconds": 60}


@pytest.fixture
async def other(network: Network, hub_plane: ControlPlane) -> AsyncIterator[Network]:
    """Another tenant of the same network."""
    other = Network(network.client, fresh_name("team"))
    hub_plane.admin.post("/api/v1/namespaces", {"metadata": {"name": other.tenant}})
    yield other
    await other.withdraw_waiting()


def after(name: str, until: After = After.SUCCEEDED) -> tuple[Dependency, ...]:
    return (Dependency(name=name, until=until),)


async def test_a_job_goes_once_its_predecessor_is_there_and_has_succeeded(
    network: Network, hub: HubThread, member: str
) -> None:
    await hub.until_heard(await network.offer(member))
    await network.submit("train", depends_on=after("prepare"))
    await network.until_waiting("train", "DependencyMissing")
    first = await network.place(member, "prepare")
    waiting = await network.until_waiting("train", "DependencyPending")
    await network.report(first, State.SUCCEEDED)
    await network.until_gone(first)
    (second,) = await network.until_assigned(member)

    assert '"prepare"' in waiting.status.message
    assert (first.spec.job.name, second.spec.job.name) == ("prepare", "train")


async def test_after_a_failure_only_those_go_that_asked_for_an_end(
    network: Network, hub: HubThread, member: str
) -> None:
    await hub.until_heard(await network.offer(member))
    await network.submit("prepare")
    await network.submit("train", depends_on=after("prepare"))
    await network.submit("report", depends_on=after("train"))
    await network.submit("clean", depends_on=after("report", After.ENDED))
    (first,) = await network.until_assigned(member)
    await network.report(first, State.FAILED)
    train = await network.until_phase("train", "Failed")
    report = await network.until_phase("report", "Failed")
    await network.until_gone(first)
    (last,) = await network.until_assigned(member)

    assert [job.status.reason for job in (train, report)] == ["DependencyFailed"] * 2
    assert [job.status.last_ordinal for job in (train, report)] == [0, 0]
    assert last.spec.job.name == "clean"


async def test_jobs_that_wait_in_a_circle_all_say_so_until_one_is_cancelled(
    network: Network, hub: HubThread, member: str
) -> None:
    await hub.until_heard(await network.offer(member))
    for name, predecessor in (("a", "b"), ("b", "c"), ("c", "a")):
        await network.submit(name, depends_on=after(predecessor, After.ENDED))
    waiting = [await network.until_waiting(name, "DependencyCycle") for name in "abc"]
    await network.cancel("a")
    (assignment,) = await network.until_assigned(member)
    await network.until_waiting("b", "DependencyPending")

    assert [job.status.message.partition(";")[0] for job in waiting] == [
        f"it waits for itself: {way}" for way in ("a -> b -> c -> a", "b -> c -> a -> b", "c -> a -> b -> c")
    ]
    assert assignment.spec.job.name == "c"


async def test_room_is_dealt_out_in_turn_between_tenants_and_by_priority_within_one(
    network: Network, other: Network, hub: HubThread, member: str
) -> None:
    small = a_pool(member, network.tenant, max_queued=1)
    both = with_spec(small, access=Access(namespaces=(network.tenant, other.tenant)))
    await hub.until_heard(await network.offer_pool(both))
    assignment = await network.place(member, "first")
    for team in (network, other):
        await team.submit("low", priority=-1)
        await team.submit("old")
        await team.submit("urgent")
        await team.edit("urgent", priority=1)
    for team in (network, other):
        for name in ("low", "old", "urgent"):
            await team.until_waiting(name, "PoolsBusy")
    order = []
    for _ in range(6):
        await network.report(assignment, State.SUCCEEDED, **MINUTE)
        await network.until_gone(assignment)
        (assignment,) = await network.until_assigned(member)
        order.append(assignment.spec.job)

    for team in (network, other):
        assert [job.name for job in order if job.namespace == team.tenant] == ["urgent", "old", "low"]
    ahead = 1  # so many more of the one tenant's jobs have run: the first one was its
    for job in order:
        ahead += 1 if job.namespace == network.tenant else -1
        assert abs(ahead) <= 1


SIZES = {"a-small": 1, "b-large": 8, "c-middle": 4}
"""Cores by job, in the order in which they come."""
PRICES = {"good": "1", "fair": "3", "poor": "9"}
"""Of one core for an hour, by pool; each has one place."""


@pytest.mark.parametrize("waited", [True, False], ids=["that-wait", "that-nobody-has-looked-at"])
async def test_jobs_that_a_hub_finds_go_dearest_first_and_cost_less_than_by_age(
    network: Network, start_hub: StartHub, hub: HubThread, member: str, waited: bool
) -> None:
    if waited:
        for name in await submit_sizes(network):
            await network.until_phase(name, "Queued")
    await hub.stop()
    for name, price in PRICES.items():
        await network.offer(member, name=name, price=price, max_queued=1)
    if not waited:
        await submit_sizes(network)
    await start_hub()
    assigned = await network.until_assigned(member, len(SIZES))
    receipts = [(await network.job(name)).status.receipt for name in SIZES]

    pools = {each.spec.job.name: each.spec.job.pool for each in assigned}
    assert pools == {"a-small": "poor", "b-large": "good", "c-middle": "fair"}
    by_age = [
        each.cost
        for receipt, pool in zip(receipts, PRICES, strict=True)
        for each in (receipt.chosen, *receipt.runners_up)
        if each.pool == pool
    ]
    assert sum(float(receipt.chosen.cost) for receipt in receipts) < sum(map(float, by_age))


async def submit_sizes(network: Network) -> list[str]:
    return [(await network.submit(name, cpus_per_task=cores)).metadata.name for name, cores in SIZES.items()]


async def test_a_job_that_has_just_arrived_goes_after_those_that_wait(
    network: Network, hub: HubThread, member: str
) -> None:
    await hub.until_heard(await network.offer(member, max_queued=1))
    assignment = await network.place(member, "first")
    await network.submit("waiting")
    await network.until_waiting("waiting", "PoolsBusy")
    await network.report(assignment, State.SUCCEEDED)
    await network.until_phase("first", "Succeeded")
    await network.submit("new")
    await network.until_gone(assignment)
    (second,) = await network.until_assigned(member)

    assert second.spec.job.name == "waiting"
    assert (await network.job("new")).status.last_ordinal == 0
