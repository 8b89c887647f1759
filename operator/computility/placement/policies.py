"""Policies: one figure for each pool that fits, the lower the better."""

import numpy as np

from computility.model.compute_job import Policy, Weights
from computility.placement.estimates import Estimates
from computility.placement.table import Floats, Rows

DECIMALS = 6
EVEN = Weights(cost=1, done=1, carbon=1)


def score(policy: Policy, weights: Weights, found: Estimates, rows: Rows) -> Floats:
    """Return what the policy goes by.

    Args:
        policy: Which one.
        weights: How much each figure counts, for `custom`.
        found: Estimates of all pools.
        rows: The rows that fit, and are compared.

    Returns:
        One figure a row, rounded as amounts are: what looks equal is equal. `balanced` and `custom` add up
        cost, time and market-based CO2, each brought to 0 for the best row and 1 for the worst.
    """
    figures = [found.cost.expected, found.done.expected, found.emissions.kg_market]
    if policy in _SINGLE:
        return np.round(figures[_SINGLE[policy]][rows], DECIMALS)
    counts = EVEN if policy is Policy.BALANCED else weights
    weights_of = (counts.cost, counts.done, counts.carbon)
    total = np.zeros(len(rows))
    for weight, figure in zip(weights_of, figures, strict=True):
        if weight:
            # Only proportions count: weights that are all tiny would be rounded away.
            total += weight / max(weights_of) * _min_max(figure[rows])
    return np.round(total, DECIMALS)


_SINGLE = {Policy.CHEAPEST: 0, Policy.FASTEST: 1, Policy.GREENEST: 2}


def _min_max(figures: Floats) -> Floats:
    """Bring figures to 0 for the least and 1 for the most; all to 0 where they are the same."""
    if not len(figures):
        return figures
    least, most = figures.min(), figures.max()
    return (figures - least) / (most - least) if most > least else np.zeros(len(figures))
