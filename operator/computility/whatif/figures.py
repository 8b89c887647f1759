"""What a replay came to, as figures to compare policies by."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from computility.model.base import Value
from computility.model.job_placement import Policy
from computility.placement.currency import CURRENCY
from computility.whatif.network import Network
from computility.whatif.replay import Replayed
from computility.whatif.schedule import NOWHERE, Schedule
from computility.whatif.trace import Trace


class WaitFigures(Value, frozen=True, kw_only=True):
    """How long jobs waited from submission to start."""

    mean_seconds: float
    p50_seconds: float
    p95_seconds: float
    longest_seconds: float


class Use(Value, frozen=True, kw_only=True):
    """Which share of cards and of cores was allocated meanwhile, 0 to 1; None where there are none."""

    cards: float | None
    cores: float | None


class Figures(Value, frozen=True, kw_only=True):
    """One policy's figures.

    `duration_seconds` is from the first submission to the last end. `use` is that of the time in which jobs
    are submitted, because a few long ones run on by themselves for days; of all the time if they are
    submitted at once. Without a place is a job that fits no pool at all; `reasons` counts these by the word
    under which most pools turned them down. `evaluations` says how many times all pools were asked.
    """

    policy: Policy
    jobs: int
    without_place: int
    reasons: Mapping[str, int]
    cost: float
    currency: str = CURRENCY
    wait: WaitFigures | None
    kwh: float | None
    kg_co2_market: float | None = msgspec.field(name="kgCO2Market")
    kg_co2_location: float | None = msgspec.field(name="kgCO2Location")
    duration_seconds: float
    use: Use
    use_by_region: Mapping[str, Use]
    evaluations: int


class _Columns(NamedTuple):
    """A schedule's columns without the jobs that have no place."""

    rows: NDArray[np.int64]
    waits: NDArray[np.float64]
    starts: NDArray[np.float64]
    ends: NDArray[np.float64]
    cores: NDArray[np.int64]
    cards: NDArray[np.int64]


def reckon_figures(trace: Trace, network: Network, policy: Policy, replayed: Replayed) -> Figures:
    """Add up what became of all jobs."""
    found = _placed(trace, replayed)
    totals = replayed.totals
    duration = float(found.ends.max(initial=0.0))
    use = _PoolUse(network, found, float(trace.submit.max(initial=0.0)) or duration)
    return Figures(
        policy=policy,
        jobs=len(trace),
        without_place=len(trace) - len(found.rows),
        reasons={reason.value: count for reason, count in sorted(replayed.nowhere.items())},
        cost=round(totals.cost, 2),
        wait=_wait_figures(found.waits),
        kwh=_known(totals.kwh),
        kg_co2_market=_known(totals.kg_market),
        kg_co2_location=_known(totals.kg_location),
        duration_seconds=round(duration, 1),
        use=use.of(np.ones(len(network.table), np.bool_)),
        use_by_region={region: use.of(rows) for region, rows in _regions(network).items()},
        evaluations=replayed.evaluations,
    )


def wait_quantiles(trace: Trace, replayed: Replayed) -> NDArray[np.float64]:
    """Return the 101 percentiles of seconds waited; empty if no job has a place."""
    waits = _placed(trace, replayed).waits
    return np.percentile(waits, np.arange(101)) if len(waits) else waits


def in_use(schedule: Schedule, amounts: Sequence[int], moments: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how much is allocated at each moment, in seconds from the first submission.

    Args:
        schedule: When jobs start and end.
        amounts: What each of them holds meanwhile: its `cards` or `cores`.
        moments: When to look.
    """
    starts, held = np.array(schedule.starts), np.array(amounts)
    ends = starts + np.array(schedule.seconds)
    return _begun(starts, held, moments) - _begun(ends, held, moments)


def _begun(
    times: NDArray[np.float64], amounts: NDArray[np.int64], moments: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the sum of what has its time by each moment; what has none (nan) is sorted last."""
    order = np.argsort(times)
    sums = np.concatenate([[0], np.cumsum(amounts[order])])
    return sums[np.searchsorted(times[order], moments, side="right")]


def _placed(trace: Trace, replayed: Replayed) -> _Columns:
    schedule = replayed.schedule
    rows, starts, seconds = map(np.array, (schedule.rows, schedule.starts, schedule.seconds))
    is_placed = rows != NOWHERE
    columns = (rows, starts - trace.submit, starts, starts + seconds, schedule.cores, schedule.cards)
    return _Columns(*(np.asarray(column)[is_placed] for column in columns))


def _wait_figures(waits: NDArray[np.float64]) -> WaitFigures | None:
    if not len(waits):
        return None
    mean, p50, p95 = waits.mean(), *np.percentile(waits, [50, 95])
    return WaitFigures(
        mean_seconds=round(float(mean), 1),
        p50_seconds=round(float(p50), 1),
        p95_seconds=round(float(p95), 1),
        longest_seconds=round(float(waits.max()), 1),
    )


class _PoolUse:
    """Card-seconds and core-seconds of each pool in the first so many seconds, allocated and in all."""

    def __init__(self, network: Network, found: _Columns, until: float) -> None:
        table, rows = network.table, found.rows
        seconds = np.maximum(np.minimum(found.ends, until) - found.starts, 0.0)
        self._cards = np.bincount(rows, found.cards * seconds, len(table))
        self._cores = np.bincount(rows, found.cores * seconds, len(table))
        self._all_cards = table.nodes * table.cards_per_node * until
        self._all_cores = table.nodes * table.cores_per_node * until

    def of(self, rows: NDArray[np.bool_]) -> Use:
        """Return the use of some pools together."""
        return Use(
            cards=_share(self._cards[rows].sum(), self._all_cards[rows].sum()),
            cores=_share(self._cores[rows].sum(), self._all_cores[rows].sum()),
        )


def _share(part: float, whole: float) -> float | None:
    return round(float(part / whole), 4) if whole else None


def _regions(network: Network) -> dict[str, NDArray[np.bool_]]:
    """Return the rows of each region, by its code; "" for members that do not say where they are."""
    regions = np.array([pool.region for pool in network.table.pools])
    return {region: regions == region for region in sorted(set(regions.tolist()))}


def _known(amount: float) -> float | None:
    """Return an amount; None if it is not known of a pool that was used."""
    return None if np.isnan(amount) else round(amount, 1)
