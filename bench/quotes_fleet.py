"""A small fleet for the bench of quotes: some of p2's centres, cut down, each over its simulated engine."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from bench.placement_cycle import NOW
from bench.quotes_truth import Truth, draw_truth
from computility.backends.protocol import AT_ONCE_SECONDS
from computility.backends.simulated.config import CentreConfig, NodeGroup, Partition
from computility.backends.simulated.engine import Engine
from computility.backends.simulated.profiles import theta_like_share
from computility.lab.fleets.p2 import p2_fleet
from computility.lab.fleets.snapshot import snapshot_of
from computility.model.pool_facts import AllocationUnit, Benchmark, Measure, Source
from computility.model.quantity import parse_bytes
from computility.model.resource_pool import PoolLimits, ResourcePoolSpec, ResourcePoolStatus, Shape
from computility.model.tariff import Tariff
from computility.placement.facts import PoolFacts

DAY = 86_400.0
PARTITION = "main"
LEAST_NODES, MOST_NODES = 24, 64
CPU_CORES = 64
WARM_UP_SECONDS = 7 * DAY
_SOURCES = (Source.MEASURED, Source.NOMINAL, Source.MEASURED, Source.NOMINAL, Source.ESTIMATED)


class Scale(NamedTuple):
    """How large a run is.

    Attributes:
        card_pools, cpu_pools: Pools of one fleet.
        jobs: Of one fleet; every second one has cards.
        calibration_days: How long queues are probed before.
        quote_days: Over how long a time jobs are quoted.
        error_scale: By how much hidden errors are larger than assumed.
        load: Share of the nodes that the centres' own users ask for, the mean of all centres.
        hidden_queues: Whether centres hide others' jobs from the agents: then what backfill would start at
            once is said to wait.
        burst: So many jobs come at the same moment, before any scheduler was asked anew.
    """

    card_pools: int = 6
    cpu_pools: int = 3
    jobs: int = 200
    calibration_days: float = 60
    quote_days: float = 30
    error_scale: float = 1
    load: float = 0.65
    hidden_queues: bool = False
    burst: int = 1


class Site:
    """A pool as it publishes itself, with what it really is.

    Args:
        pool: What the hub knows; `queue_wait` is set once it was measured.
        truth: What nobody knows.
        hides_queue: Whether the agent cannot see others' jobs.
    """

    def __init__(self, pool: PoolFacts, truth: Truth, *, hides_queue: bool = False) -> None:
        self.pool = pool
        self.hides_queue = hides_queue
        self.truth = truth
        self.engine = Engine(_config(pool.spec, truth))

    def forecast(self, nodes: int, seconds: float) -> float | None:
        """Return in how many seconds the scheduler says that a job on whole nodes would start."""
        found = self.engine.forecast(PARTITION, nodes, seconds, sees_queue=not self.hides_queue)
        return 0.0 if found is not None and found < AT_ONCE_SECONDS else found

    def report(self) -> PoolFacts:
        """Return the pool as its agent reports it now."""
        found = self.engine.measure(PARTITION)
        if found is None:
            raise ValueError(f'the centre of pool "{self.pool.pool}" has no partition "{PARTITION}"')
        status = ResourcePoolStatus(
            observed_generation=1,
            observed_at=moment(found.at),
            complete=True,
            total=found.total,
            used_by_others=found.used_by_others,
            unavailable=found.unavailable,
        )
        return msgspec.structs.replace(self.pool, status=status)


def moment(clock: float) -> datetime:
    """Return the time of day at a virtual time."""
    return NOW + timedelta(seconds=clock)


def draw_sites(seed: int, scale: Scale) -> list[Site]:
    """Draw a fleet; the same seed brings the same."""
    chance = random.Random(f"quotes/{seed}")  # noqa: S311 - to be repeated, not to be secret
    drawn = [*_draw_card_pools(chance, scale.card_pools), *_draw_cpu_pools(chance, scale.cpu_pools)]
    # A generator of its own: what is hidden tells nothing of what is published.
    hidden = random.Random(f"hidden/{seed}")  # noqa: S311
    return [
        Site(
            pool,
            draw_truth(hidden, pool.spec.benchmark[0].source, scale.error_scale, scale.load),
            hides_queue=scale.hidden_queues,
        )
        for pool in drawn
    ]


def _draw_card_pools(chance: random.Random, count: int) -> Iterator[PoolFacts]:
    for number, pool in enumerate(chance.sample(_trainable(), count)):
        spec = pool.spec
        source = _SOURCES[number % len(_SOURCES)]
        yield _cut(
            pool,
            chance,
            benchmark=tuple(msgspec.structs.replace(each, source=source) for each in spec.benchmark),
            shape=msgspec.structs.replace(spec.shape, nodes=chance.randint(LEAST_NODES, MOST_NODES)),
        )


def _draw_cpu_pools(chance: random.Random, count: int) -> Iterator[PoolFacts]:
    """Draw pools without cards at some of p2's places, with cores of different speed and price."""
    for number, pool in enumerate(chance.sample(_trainable(), count)):
        source, speed = _SOURCES[number % len(_SOURCES)], round(chance.uniform(0.6, 1.6), 3)
        yield _cut(
            msgspec.structs.replace(pool, pool="cpu"),
            chance,
            benchmark=(Benchmark(measure=Measure.CORE, relative=speed, source=source),),
            shape=Shape(
                nodes=chance.randint(LEAST_NODES, MOST_NODES),
                cores_per_node=CPU_CORES,
                memory_per_node=pool.spec.shape.memory_per_node,
            ),
            card_model=None,
            card_memory=None,
            precisions=(),
            tariff=Tariff(per_core_hour=f"{0.06 * speed * chance.uniform(0.7, 1.4):.3f}"),
            allocation_unit=AllocationUnit.CORE,
        )


def _trainable() -> list[PoolFacts]:
    """Return p2's pools whose cards train in BF16."""
    pools = snapshot_of(p2_fleet(), NOW).pools
    return [pool for pool in pools if any(b.measure is Measure.BF16 for b in pool.spec.benchmark)]


def _cut(pool: PoolFacts, chance: random.Random, **changes: object) -> PoolFacts:
    limits = PoolLimits(max_run_seconds=round(DAY))
    spec = msgspec.structs.replace(pool.spec, queue_wait=(), limits=limits, **changes)
    member = f"{pool.member}-{chance.randrange(1 << 16):04x}"
    return msgspec.structs.replace(pool, member=member, spec=spec)


def _config(spec: ResourcePoolSpec, truth: Truth) -> CentreConfig:
    """Configure the centre behind a pool, with users of its own."""
    shape = spec.shape
    group = NodeGroup(
        name=PARTITION,
        nodes=shape.nodes,
        cores=shape.cores_per_node,
        memory_mib=parse_bytes(shape.memory_per_node) >> 20,
        cards=shape.cards_per_node,
    )
    return CentreConfig(
        groups=(group,),
        partitions=(Partition(name=PARTITION, max_run_seconds=DAY),),
        seed=truth.seed,
        background=(theta_like_share(PARTITION, nodes=shape.nodes, share=truth.load),),
        warm_up_seconds=WARM_UP_SECONDS,
    )
