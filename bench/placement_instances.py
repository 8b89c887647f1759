"""Seeded instances for the quality of placement: a batch of jobs, and pools with little room or ample."""

import enum
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
from computility.model.resource_pool import Access, PoolLimits
from computility.placement.facts import PoolFacts
from computility.placement.request import Request

MOST_POOLS, MOST_JOBS = 300, 200
_DAY = 86_400


class Room(enum.StrEnum):
    """How much room there is for a batch."""

    SHORT = "short"
    """The preferred pools have less room than jobs that want them; all together have some for everybody."""
    AMPLE = "ample"
    SCARCE = "scarce"
    """There are fewer places than jobs."""


class Instance(NamedTuple):
    """One batch.

    Attributes:
        pools: With the room that each has in `limits.max_queued`.
        links: Ways between all regions.
        jobs: In the order in which they arrived.
    """

    pools: tuple[PoolFacts, ...]
    links: tuple[DataLinkSpec, ...]
    jobs: list[Request]


def draw_instance(seed: int, room: Room, teams: int = 1) -> Instance:
    """Draw an instance.

    Pools are of the preset p3, 30 to 300 of them. Jobs, 20 to 200, are trainings in BF16 on 1 to 16 nodes of
    eight cards. Their work is log-normal with a median of 400 card-hours: one of 20 is five times as large.
    Half have data in a region, mostly below 5 TB; one of five needs FP64 too, one of five stays in half of
    the regions. Where room is short all pools together have it for 1.05 to 2 times as many jobs, or for one
    each if that is more; where it is scarce for 0.4 to 0.8 times as many, and some pools for none; where it
    is ample each has room for all. The jobs are dealt out to the teams at random.
    """
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    fleet = p3_fleet(chance.randint(30, MOST_POOLS), seed)
    jobs = [_draw_job(chance, number) for number in range(chance.randint(20, MOST_JOBS))]
    pools = snapshot_of(fleet, NOW).pools
    rooms = _draw_rooms(chance, room, len(pools), len(jobs))
    names = tuple(f"team-{number}" for number in range(teams))
    return Instance(
        tuple(_with(pool, room, names) for pool, room in zip(pools, rooms, strict=True) if room),
        tuple(link.spec for link in fleet.links),
        [msgspec.structs.replace(job, namespace=chance.choice(names)) for job in jobs],
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


def _draw_rooms(chance: random.Random, room: Room, pools: int, jobs: int) -> list[int]:
    if room is Room.AMPLE:
        return [MOST_JOBS] * pools
    is_scarce = room is Room.SCARCE
    rooms = [0 if is_scarce else 1] * pools
    count = round(jobs * (chance.uniform(0.4, 0.8) if is_scarce else chance.uniform(1.05, 2)))
    for _ in range(count - sum(rooms)):
        rooms[chance.randrange(pools)] += 1
    return rooms


def _with(pool: PoolFacts, room: int, teams: tuple[str, ...]) -> PoolFacts:
    limits = PoolLimits(max_queued=room, max_run_seconds=pool.spec.limits.max_run_seconds)
    spec = msgspec.structs.replace(pool.spec, limits=limits, access=Access(namespaces=teams))
    return msgspec.structs.replace(pool, spec=spec)
