"""Builders for placement: pools with facts of their own, requests, and what was found of one pool."""

from typing import Any

import msgspec

from computility.model.data_link import DataLinkSpec
from computility.placement.evaluation import Evaluation
from computility.placement.facts import PoolFacts
from computility.placement.request import Request
from computility.placement.snapshot import Snapshot
from computility.placement.verdict import Refusal
from support.builders import NOON, a_job, a_pool


def a_pool_with(member: str = "alpha", *, region: str = "CN-SH", **facts: Any) -> PoolFacts:
    """Build a pool; what names a field of its spec is set there, what names a member's fact in its facts."""
    of_spec = {name: facts.pop(name) for name in SPEC_FIELDS if name in facts}
    pool = a_pool(member, region=region, **facts)
    return msgspec.structs.replace(pool, spec=msgspec.structs.replace(pool.spec, **of_spec))


SPEC_FIELDS = (
    "card_memory",
    "precisions",
    "toolkits",
    "modules",
    "mpi",
    "benchmark",
    "queue_wait",
    "hold_accrues_age",
    "energy",
    "allocation_unit",
    "taints",
    "tariff",
    "valid_seconds",
)


def a_request(**fields: Any) -> Request:
    """Build a request of team-a for one core and a minute, with these fields instead."""
    return msgspec.structs.replace(Request.of(a_job()), **fields)


def evaluate(request: Request, *pools: PoolFacts, links: tuple[DataLinkSpec, ...] = ()) -> Evaluation:
    """Evaluate a request at noon."""
    return Snapshot(pools=pools, links=links).answer(request, NOON).evaluation


def refusals(request: Request, pool: PoolFacts, links: tuple[DataLinkSpec, ...] = ()) -> list[Refusal]:
    """Return all that speaks against a pool."""
    return evaluate(request, pool, links=links).refusals(0)
