"""Policies: one figure for each pool that fits, the lower the better."""

from typing import NamedTuple

import numpy as np

from computility.model.compute_job import Policy, Weights
from computility.placement.table import Floats

DECIMALS = 6
EVEN = Weights(cost=1, done=1, carbon=1)


class Compared(NamedTuple):
    """What policies go by: cost, seconds until done, kg of market-based CO2."""

    cost: Floats
    done: Floats
    carbon: Floats


def score(policy: Policy, weights: Weights, figures: Compared, scale: Compared) -> Floats:
    """Return what the policy goes by.

    Args:
        policy: Which one.
        weights: How much each figure counts, for `custom`.
        figures: Of what is to be scored.
        scale: Of the rows that fit. `balanced` and `custom` add up cost, time and CO2, each brought to 0 for
            the best of these rows and 1 for the worst.

    Returns:
        One figure for each, rounded as amounts are: what looks equal is equal.
    """
    if policy in _SINGLE:
        return np.round(figures[_SINGLE[policy]], DECIMALS)
    counts = EVEN if policy is Policy.BALANCED else weights
    weights_of = (counts.cost, counts.done, counts.carbon)
    total = np.zeros(len(figures.cost))
    for weight, figure, among in zip(weights_of, figures, scale, strict=True):
        if weight:
            # Only proportions count: weights that are all tiny would be rounded away.
            total += weight / max(weights_of) * _min_max(figure, among)
    return np.round(total, DECIMALS)


_SINGLE = {Policy.CHEAPEST: 0, Policy.FASTEST: 1, Policy.GREENEST: 2}


def _min_max(figures: Floats, among: Floats) -> Floats:
    """Bring figures to 0 for the least and 1 for the most of some; to 0 where those are all the same."""
    if not len(among):
        return figures
    least, most = among.min(), among.max()
    return (figures - least) / (most - least) if most > least else np.zeros(len(figures))
