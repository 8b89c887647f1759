"""Whatever one centre publishes, jobs find their places at the others, and receipts can be stored."""

from datetime import datetime

import msgspec
import pytest

from computility.metering.charge import charge
from computility.model.compute_job import (
    ArraySpec,
    DataInput,
    JobData,
    PlacementSpec,
    Policy,
    Receipt,
    Resources,
    Work,
)
from computility.model.data_link import DataLinkSpec
from computility.model.pool_facts import Benchmark, Energy, Measure, QueueWait
from computility.model.resource_pool import PoolLimits, ResourcePoolSpec
from computility.model.tariff import Tariff, TariffWindow
from computility.placement.facts import PoolFacts
from computility.placement.place import place
from computility.placement.request import Request
from computility.placement.snapshot import Snapshot
from support.builders import NOON, a_job, a_pool

HUGE = "9" * 9
A_YEAR = 31_536_000
FOR_EVER = TariffWindow(
    start=datetime.fromisoformat("0001-01-01T00:00:00Z"),
    end=datetime.fromisoformat("9999-12-31T23:59:59Z"),
    per_core_hour=HUGE,
)


PLAIN: dict[str, object] = {
    "benchmark": (Benchmark(measure=Measure.CORE, relative=1),),
    "energy": Energy(grid_kg_per_kwh=0.5, watts_per_core=5),
    "limits": PoolLimits(max_run_seconds=A_YEAR),
}


def published(member: str, **fields: object) -> PoolFacts:
    """A pool with such facts, as the API server would take them: decoded from its JSON."""
    pool = a_pool(member, cores=64)
    spec = msgspec.structs.replace(pool.spec, **PLAIN | fields)
    taken = msgspec.json.decode(msgspec.json.encode(spec), type=ResourcePoolSpec)
    return msgspec.structs.replace(pool, spec=taken, region="CN-GS")


def the_biggest_request(policy: Policy) -> Request:
    job = a_job(
        resources=Resources(nodes=4, tasks_per_node=8),
        placement=PlacementSpec(policy=policy),
        array=ArraySpec(size=10_000),
        max_run_seconds=A_YEAR,
    )
    inputs = (DataInput(name="all", size="9" * 10 + "T", at="CN-SH"),)
    spec = msgspec.structs.replace(job.spec, work=Work(reference_core_hours=1e4), data=JobData(inputs=inputs))
    return Request.of(msgspec.structs.replace(job, spec=spec), count=10_000)


EXTREMES = [
    pytest.param({"tariff": Tariff(per_core_hour=HUGE, per_card_hour=HUGE)}, id="dear"),
    pytest.param({"tariff": Tariff(per_core_hour=HUGE + ".999999", windows=(FOR_EVER,) * 32)}, id="windows"),
    pytest.param({"benchmark": (Benchmark(measure=Measure.CORE, relative=1e-300),)}, id="slow"),
    pytest.param({"benchmark": (Benchmark(measure=Measure.CORE, relative=10_000),)}, id="fast"),
    pytest.param({"queue_wait": (QueueWait(p50_seconds=1e15, p95_seconds=1e15),)}, id="long-queue"),
    pytest.param({"energy": Energy(grid_kg_per_kwh=5, pue=5, watts_per_core=10_000)}, id="dirty"),
]


@pytest.mark.parametrize("policy", [p for p in Policy if p is not Policy.CUSTOM])
@pytest.mark.parametrize("extreme", EXTREMES)
def test_an_extreme_pool_breaks_no_placement_and_no_receipt(
    extreme: dict[str, object], policy: Policy
) -> None:
    pools = (published("evil", **extreme), published("good"))
    slow = DataLinkSpec(from_="CN-SH", to="CN-GS", gbps=0.001, usable_share=0.01)

    outcome = place(the_biggest_request(policy), Snapshot(pools=pools, links=(slow,)), NOON)

    assert outcome.chosen is not None
    stored = msgspec.json.encode(outcome.receipt)
    assert msgspec.json.decode(stored, type=Receipt) == outcome.receipt


def test_what_an_agent_reports_can_always_be_booked() -> None:
    assert charge(1e15, 1e15, Tariff(per_core_hour=HUGE, per_card_hour=HUGE)) == "555555555" + "0" * 12
    assert len(charge(1e30, 1e30, Tariff(per_core_hour=HUGE, per_card_hour=HUGE))) <= 32
