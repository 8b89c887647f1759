"""The hub on a real API server: waiting jobs are called when a window begins, or a queue is shorter."""

from datetime import UTC, datetime, timedelta

import pytest

from computility.model.compute_job import PlacementSpec
from computility.model.pool_facts import StartForecast
from computility.model.resource_pool import ResourcePool, ResourcePoolStatus
from computility.model.tariff import Tariff, TariffWindow
from support.hub import HubThread
from support.network import Network, a_pool, with_spec

pytestmark = pytest.mark.control_plane


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


async def test_a_job_capped_at_the_night_price_goes_when_the_night_tariff_begins(
    network: Network, hub: HubThread, member: str
) -> None:
    night = TariffWindow(start=now() + seconds(600), end=now() + seconds(3000), per_core_hour="10")
    tariff = Tariff(per_core_hour="60", windows=(night,))
    await hub.until_heard(await network.offer_pool(with_spec(a_pool(member, network.tenant), tariff=tariff)))
    await network.submit("thrifty", placement=PlacementSpec(max_price_per_core_hour="10"))
    await network.until_waiting("thrifty", "NoPoolFits")
    hub.let_clock_pass(300)
    await hub.until_idle()
    by_day = await network.assignments(member)
    hub.let_clock_pass(601)
    await network.until_assigned(member)
    status = (await network.job("thrifty")).status

    assert by_day == []
    assert status.receipt is not None
    assert status.receipt.chosen is not None
    assert float(status.receipt.chosen.cost) == pytest.approx(10 / 60, abs=1e-6)


async def test_a_job_that_misses_its_deadline_goes_once_a_pool_tells_of_a_shorter_queue(
    network: Network, hub: HubThread, member: str
) -> None:
    pool = await network.offer(member)
    await hub.until_heard(await tell_start(network, pool, in_hours=9))
    await network.submit("urgent", deadline=now() + seconds(3600))
    await network.until_turned_down("urgent", "DeadlineMissed")

    await hub.until_heard(await tell_start(network, pool, in_hours=8))
    hub.let_clock_pass(31)
    await hub.until_idle()
    still_late = await network.assignments(member)
    await hub.until_heard(await tell_start(network, pool, in_hours=0))
    hub.let_clock_pass(62)
    await network.until_assigned(member)

    assert still_late == []


async def tell_start(network: Network, pool: ResourcePool, *, in_hours: int) -> ResourcePool:
    """Report as an agent whose scheduler would start any job in so many hours; 0 for at once."""
    at = now() + seconds(in_hours * 3600) if in_hours else None
    forecast = StartForecast(max_nodes=4, max_run_seconds=86400, starts_at=at)
    meta = pool.metadata
    seen = await network.client.get(ResourcePool, meta.namespace, meta.name)
    status = ResourcePoolStatus(observed_at=now(), complete=True, forecast=(forecast,))
    return await network.client.write_status(seen, status)
