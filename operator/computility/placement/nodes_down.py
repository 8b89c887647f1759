"""Pools that lack nothing but nodes that are down: these come back."""

from collections.abc import Set

from computility.model.reasons import Reason
from computility.placement.evaluation import Evaluation
from computility.placement.facts import PoolKey
from computility.placement.question import Question

_FOR_WANT_OF_NODES = {Reason.TOO_FEW_NODES, Reason.CARD_LIMIT}


def awaits_nodes(evaluation: Evaluation, avoid: Set[PoolKey]) -> bool:
    """Say whether a pool that is not to be avoided would fit if all nodes that it declares were up."""
    places = [n for n, verdict in enumerate(evaluation.verdicts) if verdict.reason in _FOR_WANT_OF_NODES]
    rows = (row for row, first in enumerate(evaluation.first.tolist()) if first in places)
    return any(_lacks_only_nodes(evaluation, row) for row in rows if evaluation.pool(row).key not in avoid)


def _lacks_only_nodes(evaluation: Evaluation, row: int) -> bool:
    is_all = all(refusal.reason in _FOR_WANT_OF_NODES for refusal in evaluation.refusals(row))
    return is_all and _declares_enough(evaluation.question, row)


def _declares_enough(q: Question, row: int) -> bool:
    return bool(q.table.most_nodes[row] >= q.request.nodes and q.table.most_cards[row] >= q.request.cards)
