"""How long a request waits in each pool's queue."""

from typing import NamedTuple

import numpy as np

from computility.model.pool_facts import QueueWait
from computility.placement.facts import PoolFacts
from computility.placement.question import Question
from computility.placement.request import Request
from computility.placement.slots import free_slots
from computility.placement.table import Floats

FREE = "free"
UNKNOWN = "unknown"


class Waits(NamedTuple):
    """Seconds in the queue, the expected and the high end (p50 and p95); one a pool."""

    expected: Floats
    high: Floats


def reckon_waits(q: Question) -> Waits:
    """Take the pool's quantiles of the request's class.

    Where there are none a request that fits into what is free does not wait. For one that does not, a run
    as long as its own is taken to be ahead of it, two at the high end: it has to be worse than a free pool.
    """
    nodes, seconds = q.request.nodes, q.request.max_run_seconds
    expected = np.where(free_slots(q.request, q.table) >= 1, 0.0, float(seconds))
    high = 2 * expected
    for most_nodes, most_seconds, p50, p95 in q.table.wait_classes[::-1]:
        covers = (nodes <= most_nodes) & (seconds <= most_seconds)
        np.copyto(expected, p50, where=covers)
        np.copyto(high, np.maximum(p50, p95), where=covers)
    return Waits(expected, high)


def find_quantiles(pool: PoolFacts, request: Request) -> QueueWait | None:
    """Return the first of a pool's classes that covers the request, or None."""
    return next((each for each in pool.spec.queue_wait if _covers(each, request)), None)


def wait_basis(pool: PoolFacts, request: Request, seconds: float) -> str:
    """Say in a word where a wait comes from."""
    found = find_quantiles(pool, request)
    if found is not None:
        return found.source.value
    return UNKNOWN if seconds else FREE


def _covers(wait: QueueWait, request: Request) -> bool:
    is_small = wait.max_nodes is None or request.nodes <= wait.max_nodes
    return is_small and (wait.max_run_seconds is None or request.max_run_seconds <= wait.max_run_seconds)
