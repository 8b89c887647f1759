"""In which order jobs are placed that have the same claim to go first."""

from collections.abc import Sequence
from datetime import datetime

from computility.placement.request import Request
from computility.placement.snapshot import Snapshot


def dearest_first(requests: Sequence[Request], snapshot: Snapshot, now: datetime) -> list[int]:
    """Return the places of requests in their list, that which costs most first.

    Each job takes the best pool that is left: where the good ones have little room, a small job that comes
    first takes one from a large job that would have gained far more by it. This is no order of claims: let
    only jobs of the same namespace and priority change places, and only if all of them find one.

    Args:
        requests: In the order in which they came; that decides between equals.
        snapshot: The pools.
        now: When it is.
    """
    costs = [_least_cost(request, snapshot, now) for request in requests]
    return sorted(range(len(requests)), key=lambda place: -costs[place])


def _least_cost(request: Request, snapshot: Snapshot, now: datetime) -> float:
    """Return what it costs at the cheapest pool that fits; 0 where none does."""
    evaluation = snapshot.answer(request, now).evaluation
    costs = evaluation.estimates.cost.expected[evaluation.fitting]
    return float(costs.min()) if len(costs) else 0.0
