"""Small networks and traces for replays, with the dull figures filled in."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from computility.model.job_placement import Policy
from computility.model.pool_facts import AllocationUnit, Benchmark, Energy, Measure, Precision
from computility.model.resource_pool import PoolLimits
from computility.placement.snapshot import PoolFacts, Snapshot
from computility.whatif.network import Network
from computility.whatif.replay import Replayed, replay
from computility.whatif.trace import Shape, Trace, TraceBuilder
from support.builders import NOON, a_pool

HOUR = 3600.0


class Job(NamedTuple):
    """A job of a trace: when it comes, how long it runs on the reference, what it takes."""

    submit: float
    seconds: float
    cores: int = 0
    cards: int = 0
    namespace: str = "team-a"


def a_site(
    member: str,
    *,
    nodes: int = 1,
    cores: int = 4,
    cards: int = 0,
    speed: float = 1.0,
    price: str = "1",
    kg_per_kwh: float = 0.5,
    max_queued: int = 1000,
    whole_nodes: bool = False,
    region: str = "",
) -> PoolFacts:
    """A pool with prices a core-hour and a card-hour, a benchmark and 100 W a core or card."""
    pool = a_pool(
        member,
        nodes=nodes,
        cores=cores,
        cards=cards,
        core_hour=price,
        card_hour=price,
        limits=PoolLimits(max_queued=max_queued, max_run_seconds=31_536_000),
        region=region,
    )
    measures = (Measure.CORE, Measure.BF16) if cards else (Measure.CORE,)
    spec = msgspec.structs.replace(
        pool.spec,
        benchmark=tuple(Benchmark(measure=measure, relative=speed) for measure in measures),
        precisions=(Precision.BF16,) if cards else (),
        energy=Energy(grid_kg_per_kwh=kg_per_kwh, watts_per_card=100, watts_per_core=100),
        allocation_unit=AllocationUnit.NODE if whole_nodes else AllocationUnit.CORE,
    )
    return msgspec.structs.replace(pool, spec=spec)


def a_trace(jobs: Iterable[Job]) -> Trace:
    """A trace of these jobs, each on one node."""
    builder = TraceBuilder()
    for job in jobs:
        shape = Shape(1, job.cores or job.cards, job.cards)
        builder.add(job.submit, job.seconds, shape, namespace=job.namespace, precision=Precision.BF16)
    return builder.build()


def a_network(*pools: PoolFacts) -> Network:
    return Network(Snapshot(pools=pools), NOON)


def run(jobs: Iterable[Job], *pools: PoolFacts, policy: Policy = Policy.CHEAPEST) -> Replayed:
    """Replay these jobs on these pools."""
    return replay(a_trace(jobs), a_network(*pools), policy)
