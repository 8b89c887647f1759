"""The soak's members: what each centre is like, and what breaks there by chance."""

import random
from typing import Any

import msgspec

from bench.soak.plan import HOUR, Plan
from bench.soak.tenants import CARD_MODEL, CIRCLE_LABEL, CIRCLES, LONGEST_RUN_SECONDS, TENANTS
from computility.backends.simulated.config import (
    Background,
    CentreConfig,
    Drain,
    Maintenance,
    NodeGroup,
    Partition,
    Spread,
)
from computility.backends.simulated.faults_config import Faults
from computility.model.base import Architecture
from computility.model.resource_pool import PoolLimits, ResourcePoolSpec, Shape
from computility.model.tariff import Tariff

POOL = "main"
CARDS_PER_NODE = 4
MAX_QUEUED = 6
"""Attempts of the network at one pool: what is cheapest fills up, and the rest goes on to others."""
DAY = 24 * HOUR


def draw_member(plan: Plan, number: int, name: str) -> dict[str, Any]:
    """Draw one member as fleet.yaml has it, but for its token."""
    chance = random.Random(f"{plan.seed}/{name}")  # noqa: S311 - to be repeated, not to be secret
    nodes, cores = chance.choice((8, 16, 24, 32)), chance.choice((32, 64, 96))
    cards = CARDS_PER_NODE if chance.random() < 1 / 3 else 0
    pool = a_pool(
        chance, Shape(nodes=nodes, cores_per_node=cores, memory_per_node="256Gi", cards_per_node=cards)
    )
    centre = a_centre(chance, plan, NodeGroup(
        name=POOL, nodes=nodes, cores=cores, memory_mib=256 << 10, cards=cards, card_model=pool.card_model
    ))  # fmt: skip
    known = TENANTS if chance.random() < 2 / 3 else TENANTS[:1]
    labels = {CIRCLE_LABEL: str(number % CIRCLES)}
    return {
        "name": name,
        "tenants": dict.fromkeys(known, "soak"),
        "pools": [{"name": POOL, "labels": labels, "spec": msgspec.to_builtins(pool)}],
        "centre": msgspec.to_builtins(centre),
    }


def a_pool(chance: random.Random, shape: Shape) -> ResourcePoolSpec:
    """Build what a centre offers."""
    return ResourcePoolSpec(
        architecture=Architecture.AMD64,
        shape=shape,
        card_model=CARD_MODEL if shape.cards_per_node else None,
        limits=PoolLimits(max_queued=MAX_QUEUED),
        tariff=Tariff(
            per_core_hour=f"0.{chance.randint(80, 200):03}", per_card_hour=f"{chance.uniform(4, 8):.2f}"
        ),
    )


def a_centre(chance: random.Random, plan: Plan, group: NodeGroup) -> CentreConfig:
    """Build a centre where something breaks every few hours, with a maintenance or a drain in its day."""
    start, seconds = chance.uniform(0.1, 0.8) * plan.hours * HOUR, chance.uniform(0.5, 2) * HOUR
    drain = Drain(start=start, seconds=seconds, group=POOL, nodes=group.nodes // 2)
    has_maintenance = chance.random() < 0.25
    return CentreConfig(
        groups=(group,),
        partitions=(Partition(name=POOL, max_run_seconds=10 * LONGEST_RUN_SECONDS),),
        seed=chance.randrange(2**31),
        background=(a_background(),),
        faults=Faults(
            node_failure_gap_seconds=20 * DAY, crash_gap_seconds=6 * HOUR, outage_gap_seconds=8 * HOUR
        ),
        maintenance=(Maintenance(start=start, seconds=seconds),) if has_maintenance else (),
        drains=() if has_maintenance else (drain,),
    )


def a_background() -> Background:
    """Build the jobs of a centre's own users: one in a quarter of an hour, most of them small."""
    return Background(
        partition=POOL,
        gap_seconds=900,
        nodes=Spread(median=1, p99=6),
        run_seconds=Spread(median=1200, p99=3 * HOUR),
        requested_factor=Spread(median=2, p99=10),
    )
