"""Seeded instances for the quality of placement: a batch of jobs, and pools with little room or ample."""

import random
from typing import NamedTuple

import msgspec

from bench.placement_cycle import NOW
from bench.placement_jobs import REGIONS
from computility.lab.fleets.p3 import p3_fleet
from computility.lab.fleets.snapshot import snapshot_of
from computility.model.compute_job import Requirements, Resources, Work
from computility.model.data_link import DataLinkSpec
from computility.model.job_placement import PlacementSpec, PoolSelector
from computility.model.job_work import DataInput, JobData
from computility.model.pool_facts import Precision
from computility.model.resource_pool import PoolLimits
from computility.placement.facts import PoolFacts
from computility.placement.request import Request

MOST_POOLS, MOST_JOBS = 300, 200
_DAY = 86_400


class Instance(NamedTuple):
    """One batch.

    Attributes:
        pools: With the room that each has in `limits.max_queued`.
        links: Ways between all regions.
        jobs: In the order in which they arrived.
        is_tight: Whether the preferred pools have less room than jobs that want them.
    """

    pools: tuple[PoolFacts, ...]
    links: tuple[DataLinkSpec, ...]
    jobs: list[Request]
    is_tight: bool


def draw_instance(seed: int) -> Instance:
    """Draw an instance; those with even seeds are tight.

    Pools are of the preset p3, 30 to 300 of them. Jobs, 20 to 200, are trainings in BF16 on 1 to 16 nodes of
    eight cards. Their work is log-normal with a median of 400 card-hours: one of 20 is five times as large.
    Half have data in a region, mostly below 5 TB; one of five needs FP64 too, one of five stays in half of
    the regions. In a tight instance all pools together have room for 1.05 to 2 times as many jobs, or for one
    each if that is more; else each has room for all.
    """
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    fleet = p3_fleet(chance.randint(30, MOST_POOLS), seed)
    jobs = [_draw_job(chance, number) for number in range(chance.randint(20, MOST_JOBS))]
    pools = snapshot_of(fleet, NOW).pools
    is_tight = seed % 2 == 0
    rooms = _draw_rooms(chance, len(pools), len(jobs)) if is_tight else [MOST_JOBS] * len(pools)
    return Instance(
        tuple(_with_room(pool, room) for pool, room in zip(pools, rooms, strict=True)),
        tuple(link.spec for link in fleet.links),
        jobs,
        is_tight,
    )


def _draw_job(chance: random.Random, number: int) -> Request:
    nodes = 2 ** chance.randint(0, 4)
    size = min(20_000, max(1, round(chance.lognormvariate(6, 1.5))))
    data = JobData(inputs=(DataInput(name="in", size=f"{size}G", at=chance.choice(REGIONS)),))
    return Request(
        namespace="team-a",
        resources=Resources(cards=8 * nodes, cards_per_node=8),
        requirements=Requirements(precisions=(Precision.BF16, *_draw_precision(chance))),
        placement=PlacementSpec(pool_selector=PoolSelector(regions=_draw_regions(chance))),
        max_run_seconds=30 * _DAY,
        work=Work(reference_card_hours=round(chance.lognormvariate(6, 1), 3) + number / 1e3),
        data=data if chance.random() < 0.5 else JobData(),
    )


def _draw_precision(chance: random.Random) -> tuple[Precision, ...]:
    return (Precision.FP64,) if chance.random() < 0.2 else ()


def _draw_regions(chance: random.Random) -> tuple[str, ...]:
    return tuple(sorted(chance.sample(REGIONS, 7))) if chance.random() < 0.2 else ()


def _draw_rooms(chance: random.Random, pools: int, jobs: int) -> list[int]:
    rooms = [1] * pools
    for _ in range(round(jobs * chance.uniform(1.05, 2)) - pools):
        rooms[chance.randrange(pools)] += 1
    return rooms


def _with_room(pool: PoolFacts, room: int) -> PoolFacts:
    limits = PoolLimits(max_queued=room, max_run_seconds=pool.spec.limits.max_run_seconds)
    return msgspec.structs.replace(pool, spec=msgspec.structs.replace(pool.spec, limits=limits))
