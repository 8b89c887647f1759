"""Which waiting tasks start now: first come, first served, and EASY backfill behind the first that cannot.

The first task that does not fit gets a reservation: the earliest time at which it fits if everything that
runs takes its whole limit. A later task may start before it if it is over by then by its limit, or if it
leaves the first one's nodes what they need then (Lifka, JSSPP 1995). Tasks that an array's own
`max_concurrent` or a maintenance keeps from starting are passed over: they wait for nothing that others hold.
"""

from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from math import inf
from typing import NamedTuple, Protocol

from computility.backends.simulated.free import Amount, FreeTable
from computility.backends.simulated.group import Group
from computility.backends.simulated.queue import Waiting
from computility.backends.simulated.records import Workload


class Wanted(Protocol):
    """Nodes that somebody wants, so much of each of them, for so long."""

    @property
    def nodes(self) -> int: ...
    @property
    def need(self) -> Amount: ...
    @property
    def limit_seconds(self) -> float: ...


class Start(NamedTuple):
    """A task that starts now, and the nodes that it gets."""

    workload: Workload
    task_index: int
    nodes: int


class Reservation(NamedTuple):
    """When the first task in the queue can start at the latest, and what is free then beside it."""

    at: float
    free: FreeTable


_NEVER = Reservation(inf, FreeTable({}))


def run_pass(group: Group, now: float, depth: int) -> Iterator[Start]:
    """Yield what starts now. Carry out each start before asking for the next.

    Args:
        group: The nodes, and what waits for them.
        now: The virtual time.
        depth: How many workloads behind the first that cannot start are tried.
    """
    closes_at = group.closes_at(now)
    waiting = group.queue.in_order()
    for each in waiting:
        if now + each.limit_seconds > closes_at:
            continue
        while each.may_start:
            nodes = group.free.choose(group.free.fitting(each.need) & group.usable, each.nodes)
            if not nodes:
                yield from _Behind(group, now, each).starts(islice(waiting, depth), closes_at)
                return
            yield Start(each.workload, each.workload.next_index, nodes)


def may_start_now(group: Group, wanted: Wanted, now: float) -> bool:
    """Say whether something would start now, were it last in the queue as the last pass has left it."""
    closes_at = group.closes_at(now)
    fitting = group.free.fitting(wanted.need) & group.usable
    if fitting.bit_count() < wanted.nodes or now + wanted.limit_seconds > closes_at:
        return False
    waiting = group.queue.in_order()
    first = next((w for w in waiting if w.may_start and now + w.limit_seconds <= closes_at), None)
    if first is None:
        return True
    reservation = reserve(group, first, now)
    beside = fitting & reservation.free.fitting(wanted.need)
    return now + wanted.limit_seconds <= reservation.at or beside.bit_count() >= wanted.nodes


class _Behind:
    """Backfill behind the first that cannot start: what is free only shrinks, what did not fit never will."""

    def __init__(self, group: Group, now: float, first: Waiting) -> None:
        self._group = group
        self._now = now
        self._first = first
        self._unfit: dict[int, int] = {}
        """Need → fewest nodes for which too little is free."""
        self._in_the_way: dict[int, int] = {}
        """Need → fewest nodes that would take from the first what it needs, if held beyond its start."""

    @cached_property
    def _reservation(self) -> Reservation:
        """Worked out only once something fits: most of the time nothing does."""
        return reserve(self._group, self._first, self._now)

    def starts(self, waiting: Iterator[Waiting], closes_at: float) -> Iterator[Start]:
        if self._group.free.is_full():
            return
        now, unfit, in_the_way = self._now, self._unfit, self._in_the_way
        for each in waiting:
            if each.nodes >= unfit.get(each.kind, inf) or now + each.limit_seconds > closes_at:
                continue
            if each.nodes >= in_the_way.get(each.kind, inf) and self._is_long(each):
                continue
            while each.may_start and (nodes := self._choose(each)):
                yield Start(each.workload, each.workload.next_index, nodes)
                if self._group.free.is_full():
                    return

    def _choose(self, each: Waiting) -> int:
        group = self._group
        fitting = group.free.fitting(each.need) & group.usable
        if fitting.bit_count() < each.nodes:
            self._unfit[each.kind] = each.nodes
            return 0
        if self._is_long(each):
            return self._choose_beside(each, fitting, self._reservation.free)
        return group.free.choose(fitting, each.nodes)

    def _is_long(self, each: Waiting) -> bool:
        """Whether it may run beyond the time at which the first starts."""
        return self._now + each.limit_seconds > self._reservation.at

    def _choose_beside(self, each: Waiting, fitting: int, free_then: FreeTable) -> int:
        nodes = self._group.free.choose(fitting & free_then.fitting(each.need), each.nodes)
        if nodes:
            free_then.take(nodes, each.need)
        else:
            self._in_the_way[each.kind] = each.nodes
        return nodes


def reserve(group: Group, first: Wanted, now: float) -> Reservation:
    """Find when a task that does not fit now will: what runs ends at its limit, or now if it is overdue."""
    free, then = group.free.copy(), now
    releases = _Releases(free)
    missing = first.nodes - (free.fitting(first.need) & group.usable).bit_count()
    for end, _, _, nodes, held in group.ends:
        if end > then:
            if missing <= 0:
                releases.carry_out()
                missing = first.nodes - (free.fitting(first.need) & group.usable).bit_count()
                if missing <= 0:
                    return _reserved(group, first, then, free)
            then = end
        releases.add(nodes, held)
        missing -= nodes.bit_count()  # at best: they may still not fit
    releases.carry_out()
    return _reserved(group, first, then, free)


class _Releases:
    """What will be free again, carried out many at a time: one at a time costs most of a pass."""

    def __init__(self, free: FreeTable) -> None:
        self._free = free
        self._nodes: dict[Amount, int] = {}

    def add(self, nodes: int, held: Amount) -> None:
        """Free so much on each of these nodes, which may have been freed of as much before."""
        before = self._nodes.get(held, 0)
        if before & nodes:
            self._free.give(before, held)
            before = 0
        self._nodes[held] = before | nodes

    def carry_out(self) -> None:
        for held, nodes in self._nodes.items():
            self._free.give(nodes, held)
        self._nodes.clear()


def _reserved(group: Group, first: Wanted, at: float, free: FreeTable) -> Reservation:
    nodes = free.choose(free.fitting(first.need) & group.usable, first.nodes)
    if not nodes or at + first.limit_seconds > group.closes_at(at):
        return _NEVER  # it starts after the maintenance, and all that starts now ends before
    free.take(nodes, first.need)
    return Reservation(at, free)
