"""Builders for placement: pools with facts of their own, requests, and what was found of one pool."""

from typing import Any

import msgspec

from computility.model.compute_job import Resources
from computility.model.data_link import DataLinkSpec
from computility.model.job_work import DataInput, JobData
from computility.model.pool_facts import Benchmark, Measure, Source
from computility.placement.cost_band import CostBand, cost_band
from computility.placement.estimates import Ends, Estimates
from computility.placement.evaluation import Evaluation
from computility.placement.facts import PoolFacts
from computility.placement.request import Request
from computility.placement.snapshot import Snapshot
from computility.placement.verdict import Refusal
from support.builders import NOON, a_job, a_pool

HOUR = 3600
CARDS = Resources(cards=8)
"""Eight cards, on one node."""


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


def estimates(request: Request, pool: PoolFacts, *links: DataLinkSpec) -> Estimates:
    """Return what is estimated of one pool at noon."""
    return evaluate(request, pool, links=links).estimates


def cost(request: Request, pool: PoolFacts, *links: DataLinkSpec) -> float:
    """Return what one pool is expected to charge."""
    return float(estimates(request, pool, *links).cost[0])


def cost_band_of(request: Request, pool: PoolFacts) -> CostBand:
    """Return between which ends lies what one pool charges."""
    evaluation = evaluate(request, pool)
    return cost_band(evaluation, 0, evaluation.estimates)


def cost_ends(request: Request, pool: PoolFacts) -> list[float]:
    """Return the low end, what is expected, and the high end of what one pool charges."""
    band = cost_band_of(request, pool)
    return [band.low, cost(request, pool), band.high]


def ends(found: Ends) -> list[float]:
    """Return the low end, what is expected, and the high end, of the first pool."""
    return [found.low[0], found.expected[0], found.high[0]]


def link_between(start: str, end: str, gbps: float = 10, **fields: Any) -> DataLinkSpec:
    """Build a link of which half may be used."""
    plain = DataLinkSpec(from_=start, to=end, gbps=float(gbps), usable_share=0.5)
    return msgspec.structs.replace(plain, **fields)


def data_from(**inputs: str) -> JobData:
    """Build inputs by name, each `<size>@<place>`."""
    split = ((name, *each.split("@")) for name, each in inputs.items())
    return JobData(inputs=tuple(DataInput(name=name, size=size, at=at) for name, size, at in split))


def speed(measure: Measure, relative: float, source: Source = Source.MEASURED) -> Benchmark:
    """Build a benchmark, relative to the reference."""
    return Benchmark(measure=measure, relative=relative, source=source)


def bf16(relative: float, source: Source = Source.MEASURED) -> tuple[Benchmark, ...]:
    """Build all that a pool of cards tells that was benchmarked in one precision only."""
    return (speed(Measure.BF16, relative, source),)
