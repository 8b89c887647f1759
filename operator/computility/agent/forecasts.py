"""Which classes a scheduler is asked about, and what a pool's status tells of their starts. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import product

from computility.backends.protocol import StartAsk
from computility.model.pool_facts import StartForecast
from computility.model.resource_pool import ResourcePoolSpec

SAME = 0.1
"""By which share of a wait a start may move and still be the same: what is told must not flap."""
SAME_SECONDS = 60.0
LATEST_SECONDS = 31_536_000.0
"""A year: a start later than that is told as one in a year, whatever clock the scheduler goes by."""
MOST_ASKS = 16
_STEPS = 4
_HOURS = (1, 4, 12)


def build_asks(spec: ResourcePoolSpec, partition: str) -> list[StartAsk]:
    """Return what to ask for a pool, narrower classes first.

    These are the sizes and run times by which its declared waits go; without such, or with too many, four
    sizes up to its largest job, each for four run times up to its longest.
    """
    most, longest = (
        min(spec.limits.max_nodes or spec.shape.nodes, spec.shape.nodes),
        spec.limits.max_run_seconds,
    )
    sizes = _declared((wait.max_nodes for wait in spec.queue_wait), most)
    times = _declared((wait.max_run_seconds for wait in spec.queue_wait), longest)
    if not 1 < len(sizes) * len(times) <= MOST_ASKS:
        sizes = _sizes(most)
        times = sorted({min(hours * 3600, longest) for hours in _HOURS} | {longest})
    return [
        StartAsk(
            partition=partition, nodes=nodes, run_seconds=seconds, cards_per_node=spec.shape.cards_per_node
        )
        for nodes, seconds in product(sizes, times)
    ]


def _declared(bounds: Iterable[int | None], most: int) -> list[int]:
    return sorted({min(bound or most, most) for bound in bounds})


def _sizes(most: int) -> list[int]:
    """Return four sizes, each about as many times the one before: 1, 2, 4, 8; or 1, 6, 40, 250."""
    return sorted({round(most ** (step / (_STEPS - 1))) for step in range(_STEPS)})


def build_forecast(
    asks: Iterable[StartAsk],
    starts: Mapping[StartAsk, float],
    now: datetime,
    before: Sequence[StartForecast],
) -> tuple[StartForecast, ...]:
    """Say what was answered; a start that has hardly moved stays as it was told before.

    Args:
        asks: What was asked, narrower classes first.
        starts: In how many seconds each would start; what is missing is told nothing of.
        now: When that was.
        before: What was told last.
    """
    told = {(each.max_nodes, each.max_run_seconds): each for each in before}
    answered = (ask for ask in asks if ask in starts)
    return tuple(_settle(ask, starts[ask], now, told.get((ask.nodes, ask.run_seconds))) for ask in answered)


def _settle(ask: StartAsk, seconds: float, now: datetime, before: StartForecast | None) -> StartForecast:
    late = timedelta(seconds=min(seconds, LATEST_SECONDS))
    starts_at = (now + late).replace(microsecond=0) if seconds else None
    if before is not None and starts_at is not None and before.starts_at is not None:
        moved = abs((starts_at - before.starts_at).total_seconds())
        if moved <= max(SAME_SECONDS, SAME * seconds):
            return before
    return StartForecast(max_nodes=ask.nodes, max_run_seconds=ask.run_seconds, starts_at=starts_at)
