"""Jobs for the bench of quotes: their sizes and works are log-normal, their time limits generous."""

import random

from bench.quotes_truth import DECLARED_LOSS, efficiency
from bench.quotes_waits import NODES
from computility.model.compute_job import Mode, PlacementSpec, Policy, Requirements, Resources, Work
from computility.model.pool_facts import Precision
from computility.placement.request import Request

POLICIES = (Policy.CHEAPEST, Policy.FASTEST, Policy.GREENEST, Policy.BALANCED)
CARDS_PER_NODE = 8
CORES = 32
"""Of each node, for a job without cards."""
LONGEST_HOURS = 8
"""On the reference."""
LIMIT_HOURS = 24


def draw_job(chance: random.Random, policy: Policy, *, has_cards: bool) -> Request:
    """Draw a job of one to eight nodes; a median of 1.5 h on the reference, its limit six times that.

    It declares its work and how well it scales, and asks for a quote.
    """
    nodes = min(NODES[-1], max(1, round(chance.lognormvariate(0.5, 0.8))))
    hours = min(LONGEST_HOURS, max(0.1, chance.lognormvariate(0.4, 0.8)))
    left = efficiency(nodes, DECLARED_LOSS)
    each = CARDS_PER_NODE if has_cards else CORES
    amount = hours * nodes * each * left
    return Request(
        namespace="team-a",
        resources=_resources(nodes, has_cards=has_cards),
        requirements=Requirements(precisions=(Precision.BF16,) if has_cards else ()),
        placement=PlacementSpec(policy=policy, mode=Mode.QUOTE),
        max_run_seconds=round(min(LIMIT_HOURS, 6 * hours) * 3600),
        work=Work(
            reference_card_hours=amount if has_cards else None,
            reference_core_hours=None if has_cards else amount,
            parallel_efficiency=left,
        ),
    )


def _resources(nodes: int, *, has_cards: bool) -> Resources:
    if has_cards:
        return Resources(cards=CARDS_PER_NODE * nodes, cards_per_node=CARDS_PER_NODE, cpus_per_task=CORES)
    return Resources(nodes=nodes, cpus_per_task=CORES)
