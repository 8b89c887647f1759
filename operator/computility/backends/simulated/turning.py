"""How time goes on at a simulated centre: what is due happens, then what can start does."""

from collections.abc import Iterator

from computility.backends.simulated import chances, faults, life
from computility.backends.simulated.agenda import Entry, Kind
from computility.backends.simulated.backfill import run_pass
from computility.backends.simulated.capacity import take_figures
from computility.backends.simulated.centre import Centre


def advance(centre: Centre, to: float) -> Iterator[None]:
    """Let everything happen until then, and yield after each instant at which something did.

    At each instant all that is due comes first, the queues after it. Whoever stops in between leaves a
    centre that is as old as the instant reached, and may be told and asked as at any other.
    """
    _settle(centre)
    while (at := centre.agenda.next_at()) is not None and at <= to:
        centre.counters.clock = max(centre.clock, float(at))
        while entry := centre.agenda.pop_until(at):
            _turn(centre, entry)
        _settle(centre)
        yield
    centre.counters.clock = max(centre.clock, float(to))


def _turn(centre: Centre, entry: Entry) -> None:
    _, kind, which, number = entry
    if kind == Kind.TASK:
        life.turn_task(centre, which, number)
    elif kind == Kind.REPAIR:
        faults.repair_node(centre, list(centre.groups.values())[which], number)
    elif kind == Kind.EDGE:
        faults.turn_edge(centre)
    elif kind == Kind.PURGE:
        life.purge(centre, which)
    else:
        chances.turn_chance(centre, entry)


def _settle(centre: Centre) -> None:
    """Start what can start, in every group in which something has changed."""
    if not centre.unsettled or not centre.is_up:
        return
    for name, group in centre.groups.items():
        if name in centre.unsettled:
            for start in run_pass(group, centre.clock, centre.config.backfill_depth):
                life.start_task(centre, start)
            take_figures(centre, group)
    centre.unsettled.clear()
    centre.touched.add(("centre",))
