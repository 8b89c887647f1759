"""Pools that would take a job, each as one line of facts."""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from computility.metering.charge import amount as exact
from computility.model.base import Value
from computility.model.compute_job import Rejection
from computility.model.reasons import Reason
from computility.placement.answer import Answer
from computility.placement.evaluation import Evaluation
from computility.placement.request import Request
from computility.placement.runs import find_benchmark
from computility.placement.waits import find_quantiles

_HOUR = 3600


class PoolLine(Value, frozen=True, kw_only=True):
    """What `pools find` shows of a pool; prices are of what was asked for, in `currency`."""

    member: str
    pool: str
    region: str
    architecture: str
    card_model: str = ""
    card_memory: str = ""
    precisions: tuple[str, ...] = ()
    toolkits: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    mpi: tuple[str, ...] = ()
    max_scratch: str = ""
    currency: str
    per_hour: str
    """Of all that is asked for, as it is allocated."""
    per_unit_hour: str
    """Of a card-hour; where no cards are asked for of a core-hour, with the cards of whole nodes in it."""
    per_reference_hour: str | None = None
    """Of what a reference card or core does in an hour; None without a benchmark or a price that tells."""
    benchmark_source: str = ""
    wait_p50_seconds: float | None = None
    green_share: float | None = None
    grid_kg_per_kwh: float | None = None
    pue: float | None = None
    free: int
    total: int
    """Cards; cores where no cards are asked for."""
    max_run_seconds: int
    round_trip_millis: float | None = None
    observed_at: datetime | None = None


class Found(NamedTuple):
    """What was found for a request; `limit` is how many of it are shown, 0 for all."""

    answer: Answer
    limit: int = 0

    @property
    def evaluation(self) -> Evaluation:
        return self.answer.evaluation

    @property
    def request(self) -> Request:
        return self.evaluation.question.request

    @property
    def rejected(self) -> list[Rejection]:
        """What was turned down; no work is declared here, and card models need not be compared."""
        return [each for each in self.answer.rejected if each.reason != Reason.NOT_COMPARED]

    @property
    def lines(self) -> list[PoolLine]:
        """The pools that are shown, the cheapest first."""
        order, estimates = self.evaluation.order, self.evaluation.estimates
        each = estimates.prices.card_hour if self.request.cards else estimates.core_hour
        return [_line(self, row, each[row]) for row in (order[: self.limit] if self.limit else order)]


def _line(found: Found, row: int, price: float) -> PoolLine:
    question, pool = found.evaluation.question, found.evaluation.pool(row)
    spec, request, table = pool.spec, question.request, question.table
    benchmark, wait = find_benchmark(pool, request.measure), find_quantiles(pool, request, question.now)
    hour = found.evaluation.estimates.cost[row] / request.max_run_seconds * _HOUR
    free, each = (
        (table.free_cards, table.cards_per_node)
        if request.cards
        else (table.free_cores, table.cores_per_node)
    )
    return PoolLine(
        member=pool.member,
        pool=pool.pool,
        region=pool.region,
        architecture=spec.architecture.value,
        card_model=spec.card_model or "",
        card_memory=spec.card_memory or "",
        precisions=tuple(precision.value for precision in spec.precisions),
        toolkits=tuple(f"{toolkit.name} {toolkit.version}" for toolkit in spec.toolkits),
        modules=spec.modules,
        mpi=spec.mpi,
        max_scratch=spec.limits.max_scratch or "",
        currency=spec.tariff.currency,
        per_hour=exact(hour),
        per_unit_hour=exact(price),
        per_reference_hour=exact(price / benchmark.relative) if benchmark and price else None,
        benchmark_source=benchmark.source.value if benchmark else "",
        wait_p50_seconds=wait.p50_seconds if wait else None,
        green_share=spec.energy.green_share if spec.energy else None,
        grid_kg_per_kwh=spec.energy.grid_kg_per_kwh if spec.energy else None,
        pue=spec.energy.pue if spec.energy else None,
        free=int(free[row]),
        total=int(table.nodes[row] * each[row]),
        max_run_seconds=spec.limits.max_run_seconds,
        round_trip_millis=question.links.round_trip(near, pool) if (near := request.placement.near) else None,
        observed_at=pool.status.observed_at,
    )


def document(found: Found) -> Any:
    """Build the same for machines."""
    return {
        "considered": len(found.evaluation.question.table),
        "fitting": len(found.evaluation.order),
        "pools": [msgspec.to_builtins(line) for line in found.lines],
        "rejected": [msgspec.to_builtins(each) for each in found.rejected],
    }
