"""The cheapest assignment of a batch to pools, by HiGHS."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

_DEAR = 1000.0
"""How often the dearest candidate a job without a place counts: as many are placed as can be."""


class Optimum(NamedTuple):
    """What the best assignment costs, and how many jobs it leaves without a place."""

    cost: float
    unplaced: int


def cheapest_assignment(costs: NDArray[np.float64], rooms: NDArray[np.intp]) -> Optimum:
    """Solve the transportation problem; its matrix is totally unimodular, so that its vertices are integers.

    Args:
        costs: Shape (jobs, pools); inf where a pool does not fit.
        rooms: How many jobs each pool takes, shape (pools,).

    Raises:
        RuntimeError: HiGHS found no optimum.
    """
    jobs, pools = costs.shape
    job, pool = np.nonzero(np.isfinite(costs))
    cost = costs[job, pool]
    count = len(cost)
    # Behind the candidates stands a column for each job that says that it has no place.
    prices = np.concatenate([cost, np.full(jobs, _DEAR * cost.max())])
    nowhere = np.arange(count, count + jobs)
    once = csr_array(
        (np.ones(count + jobs), (np.concatenate([job, np.arange(jobs)]), np.arange(count + jobs))),
        shape=(jobs, count + jobs),
    )
    taken = csr_array((np.ones(count), (pool, np.arange(count))), shape=(pools, count + jobs))
    found = linprog(
        prices, A_ub=taken, b_ub=rooms, A_eq=once, b_eq=np.ones(jobs), bounds=(0, 1), method="highs"
    )
    if found.status != 0:
        raise RuntimeError(f"HiGHS found no optimum for {jobs} jobs and {pools} pools: {found.message}")
    return Optimum(float(cost @ found.x[:count]), round(float(found.x[nowhere].sum())))
