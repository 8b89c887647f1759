"""Classes of jobs for the bench of placement: what a mixed federation asks for, drawn from a seed."""

import random
from datetime import timedelta

from bench.placement_cycle import NOW
from computility.lab.fleets.provinces import PROVINCES
from computility.model.compute_job import PlacementSpec, Policy, Requirements, Resources, Work
from computility.model.job_placement import PoolSelector
from computility.model.job_work import DataInput, JobData
from computility.model.pool_facts import Precision
from computility.placement.request import Request

REGIONS = tuple(province.region for province in PROVINCES)
_POLICIES = (Policy.CHEAPEST, Policy.CHEAPEST, Policy.FASTEST, Policy.GREENEST, Policy.BALANCED)
_PRECISIONS = ((Precision.BF16,), (Precision.BF16,), (Precision.FP64,), (Precision.BF16, Precision.FP8))
_DAY = 86_400


def draw_classes(count: int, seed: int = 11) -> list[Request]:
    """Draw so many requests, no two alike: three of four want cards, four of five tell their work."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    return [_draw(chance, number) for number in range(count)]


def _draw(chance: random.Random, number: int) -> Request:
    has_cards = chance.random() < 0.75
    hours = round(chance.lognormvariate(6, 1), 3) + number / 1000
    work = {"reference_card_hours" if has_cards else "reference_core_hours": hours}
    return Request(
        namespace=chance.choice(("team-a", "team-b")),
        resources=_resources(chance, has_cards=has_cards),
        requirements=Requirements(precisions=chance.choice(_PRECISIONS) if has_cards else ()),
        placement=_placement(chance),
        max_run_seconds=chance.randint(2, 30) * _DAY - number,
        count=1 if chance.random() < 0.9 else chance.randint(2, 500),
        work=Work(**work) if chance.random() < 0.8 else None,
        data=_data(chance),
        deadline=NOW + timedelta(days=chance.randint(5, 60)) if chance.random() < 0.1 else None,
    )


def _resources(chance: random.Random, *, has_cards: bool) -> Resources:
    memory = chance.choice((None, "64Gi", "256Gi"))
    if not has_cards:
        return Resources(nodes=2 ** chance.randint(0, 5), cpus_per_task=16, memory_per_node=memory)
    nodes = 2 ** chance.randint(0, 5)
    return Resources(cards=8 * nodes, cards_per_node=8, cpus_per_task=32, memory_per_node=memory)


def _placement(chance: random.Random) -> PlacementSpec:
    regions = tuple(sorted(chance.sample(REGIONS, 4))) if chance.random() < 0.2 else ()
    cap = f"{chance.uniform(2, 15):.2f}" if chance.random() < 0.2 else None
    return PlacementSpec(
        policy=chance.choice(_POLICIES),
        pool_selector=PoolSelector(regions=regions),
        max_price_per_card_hour=cap,
    )


def _data(chance: random.Random) -> JobData:
    """Draw a data set in one region, seldom two, of up to 100 TB; half of the jobs have none."""
    count = chance.choice((0, 0, 1, 1, 2, 0))
    sizes = (max(1, round(chance.lognormvariate(5, 2))) for _ in range(count))
    return JobData(
        inputs=tuple(
            DataInput(name=f"d{number}", size=f"{min(size, 100_000)}G", at=chance.choice(REGIONS))
            for number, size in enumerate(sizes)
        )
    )
