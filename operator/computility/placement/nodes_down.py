"""Pools that lack nothing but nodes that are down: these come back."""

from collections.abc import Set
from math import inf

from computility.model.reasons import Reason
from computility.placement.evaluation import Evaluation
from computility.placement.facts import PoolFacts, PoolKey
from computility.placement.request import Request

_FOR_WANT_OF_NODES = {Reason.TOO_FEW_NODES, Reason.CARD_LIMIT}


def awaits_nodes(evaluation: Evaluation, avoid: Set[PoolKey]) -> bool:
    """Say whether a pool that is not to be avoided would fit if all nodes that it declares were up."""
    places = [n for n, verdict in enumerate(evaluation.verdicts) if verdict.reason in _FOR_WANT_OF_NODES]
    rows = (row for row, first in enumerate(evaluation.first.tolist()) if first in places)
    return any(_lacks_only_nodes(evaluation, row) for row in rows if evaluation.pool(row).key not in avoid)


def _lacks_only_nodes(evaluation: Evaluation, row: int) -> bool:
    is_all = all(refusal.reason in _FOR_WANT_OF_NODES for refusal in evaluation.refusals(row))
    return is_all and _declares_enough(evaluation.pool(row), evaluation.question.request)


def _declares_enough(pool: PoolFacts, request: Request) -> bool:
    shape, limits = pool.spec.shape, pool.spec.limits
    nodes = min(limits.max_nodes or inf, shape.nodes)
    cards = min(limits.max_cards or inf, shape.nodes * shape.cards_per_node)
    return nodes >= request.nodes and cards >= request.cards
