"""How many times a request fits each pool at once."""

from collections.abc import Iterator
from functools import reduce
from math import inf
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from computility.placement.held import Held
from computility.placement.request import Request
from computility.placement.sorts import Floats
from computility.placement.table import Table

T = TypeVar("T", float, Floats)


class Room(NamedTuple, Generic[T]):
    """Some machine of a pool, and what one run takes of it; a number of each, or a column for many pools.

    Attributes:
        most: So many runs fit the nodes while all are free.
        nodes, cores, cards: What there is; nodes without end where a run shares its node with any other.
        on_each: How many runs a node has memory for; at most 1 where runs share none.
        nodes_each, cores_each, cards_each: What one run takes.
    """

    most: T
    nodes: T
    cores: T
    cards: T
    on_each: T
    nodes_each: int
    cores_each: int
    cards_each: int


def _runs(room: Room[T], nodes: T, cores: T, cards: T) -> Iterator[T]:
    """Yield for how many runs there is enough of each, not rounded yet: the fewest count."""
    yield room.most
    yield nodes * room.on_each / room.nodes_each
    yield cores / room.cores_each
    if room.cards_each:
        yield cards / room.cards_each


def free_room(request: Request, table: Table) -> Room[Floats]:
    """Return what is free of each pool as it was last reported: the agents' reports leave our own out."""
    return _room(request, table, table.free_nodes, table.free_cores, table.free_cards)


def free_slots(request: Request, table: Table) -> Floats:
    """Return how many of the request's indices each pool could run at once, if nothing were ours."""
    return _fewest(free_room(request, table))


def all_slots(request: Request, table: Table) -> Floats:
    """Return how many each could run at once if all of it were free."""
    nodes = table.nodes
    return _fewest(_room(request, table, nodes, nodes * table.cores_per_node, nodes * table.cards_per_node))


class FreeRooms:
    """The free room of pools one by one: of thousands only some are looked at."""

    def __init__(self, request: Request, table: Table) -> None:
        room = free_room(request, table)
        self._rows = np.stack((room.most, room.nodes, room.cores, room.cards, room.on_each), axis=1)
        self._each = room.nodes_each, room.cores_each, room.cards_each

    def at(self, row: int) -> Room[float]:
        most, nodes, cores, cards, on_each = self._rows[row].tolist()
        return Room(most, nodes, cores, cards, on_each, *self._each)


def slots_beside(room: Room[float], held: Held, nodes: int) -> int:
    """Return how many one pool could run at once beside what is held there, on so many nodes."""
    left = (room.nodes - nodes, room.cores - held.cores, room.cards - held.cards)
    return max(0, int(min(_runs(room, *left))))


def _fewest(room: Room[Floats]) -> Floats:
    # Floats hold these counts exactly, and their floor division takes ten times as long.
    return np.floor(reduce(np.minimum, _runs(room, room.nodes, room.cores, room.cards)))


def _room(request: Request, table: Table, nodes: Floats, cores: Floats, cards: Floats) -> Room[Floats]:
    # One that takes several nodes, or is given nothing less than a node, shares none with another.
    is_alone = (table.has_whole_nodes > 0) | (request.nodes > 1)
    on_each: Floats = np.ones(len(table))
    if request.memory_bytes:
        on_each = np.floor(table.memory_per_node / request.memory_bytes)
        on_each = np.where(is_alone, np.minimum(on_each, 1), on_each)
    else:
        nodes = np.where(is_alone, nodes, inf)
    most = _all_on_nodes(request, table)
    return Room(most, nodes, cores, cards, on_each, request.nodes, request.cores, request.cards)


def _all_on_nodes(request: Request, table: Table) -> Floats:
    """Return how many fit the nodes while all are free: no node's part of a run is spread over two."""
    wanted = request.resources
    on_each = np.floor(table.cores_per_node / wanted.cores_on_each_node)
    if request.cards:
        on_each = np.minimum(on_each, np.floor(table.cards_per_node / wanted.cards_on_each_node))
    return np.floor(table.nodes * on_each / request.nodes)
