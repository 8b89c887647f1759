"""Pools that lack nothing but nodes that are down: these come back."""

from collections.abc import Set

import numpy as np

from computility.model.reasons import Reason
from computility.placement.evaluation import Evaluation
from computility.placement.facts import PoolKey

_FOR_WANT_OF_NODES = {Reason.TOO_FEW_NODES, Reason.CARD_LIMIT}


def awaits_nodes(evaluation: Evaluation, avoid: Set[PoolKey]) -> bool:
    """Say whether a pool that is not to be avoided would fit if all nodes that it declares were up."""
    request, table = evaluation.question.request, evaluation.question.table
    declares_enough = (table.most_nodes >= request.nodes) & (table.most_cards >= request.cards)
    rows = np.flatnonzero(evaluation.refused_only_for(_FOR_WANT_OF_NODES) & declares_enough)
    return any(evaluation.pool(row).key not in avoid for row in rows.tolist())
