"""How many times a request fits each pool at once."""

import numpy as np

from computility.placement.request import Request
from computility.placement.table import Floats, Table


def free_slots(request: Request, table: Table) -> Floats:
    """Return how many of the request's indices each pool could run at once, as it was last reported.

    What the network's own attempts hold is not taken off: the agents' reports leave it out.
    """
    return _slots(request, table, table.free_nodes, table.free_cores, table.free_cards)


def all_slots(request: Request, table: Table) -> Floats:
    """Return how many each could run at once if all of it were free."""
    nodes = table.nodes
    return _slots(request, table, nodes, nodes * table.cores_per_node, nodes * table.cards_per_node)


def _slots(request: Request, table: Table, nodes: Floats, cores: Floats, cards: Floats) -> Floats:
    # Floats hold these counts exactly, and their floor division takes ten times as long.
    slots = np.minimum(np.floor(cores / request.cores), _all_on_nodes(request, table))
    if request.memory_bytes:
        on_each = np.floor(table.memory_per_node / request.memory_bytes)
        slots = np.minimum(slots, np.floor(nodes * on_each / request.nodes))
    # One that takes several nodes, or is given nothing less than a node, shares none with another.
    on_nodes = np.floor(nodes / request.nodes)
    is_alone = (table.has_whole_nodes > 0) | (request.nodes > 1)
    slots = np.where(is_alone, np.minimum(slots, on_nodes), slots)
    if request.cards:
        slots = np.minimum(slots, np.floor(cards / request.cards))
    return slots


def _all_on_nodes(request: Request, table: Table) -> Floats:
    """Return how many fit the nodes while all are free: no node's part of a run is spread over two."""
    wanted = request.resources
    on_each = np.floor(table.cores_per_node / wanted.cores_on_each_node)
    if request.cards:
        on_each = np.minimum(on_each, np.floor(table.cards_per_node / wanted.cards_on_each_node))
    return np.floor(table.nodes * on_each / request.nodes)
