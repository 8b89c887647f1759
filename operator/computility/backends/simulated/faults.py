"""What breaks: nodes, the controller's memory, its presence; and windows that begin and end."""

from random import Random

from computility.backends.simulated import course
from computility.backends.simulated.agenda import Kind
from computility.backends.simulated.centre import Centre
from computility.backends.simulated.chance import draw_range
from computility.backends.simulated.group import Group
from computility.backends.simulated.life import close_if_over, drop, hold, lighten, running
from computility.backends.simulated.records import Workload
from computility.model.index_set import IndexSet


def fail_node(centre: Centre, group: Group, node: int, repair_seconds: float, random: Random) -> None:
    """Let a node die: it takes no work until it is repaired, and its tasks end when that is noticed."""
    if node in group.down:
        return
    noticed_at = centre.clock + draw_range(centre.config.faults.detection_seconds, random)
    group.down[node] = max(noticed_at, centre.clock + repair_seconds)
    number = list(centre.groups).index(group.config.name)
    centre.agenda.add(group.down[node], Kind.REPAIR, number, node)
    for workload in list(group.workloads.values()):
        for task in running(workload):
            if node in task.nodes:
                course.strike(task, noticed_at)
                centre.plan(workload, task)
    refresh_nodes(centre, group)


def repair_node(centre: Centre, group: Group, node: int) -> None:
    """Take a node back whose time of repair has come."""
    if group.down.get(node, centre.clock + 1) <= centre.clock:
        del group.down[node]
        refresh_nodes(centre, group)


def refresh_nodes(centre: Centre, group: Group) -> None:
    """Work out anew which of a group's nodes take work now."""
    drained = group.drained_by_hand
    for drain in centre.config.drains:
        if drain.group == group.config.name and drain.start <= centre.clock < drain.end:
            drained |= (1 << (drain.nodes or group.config.nodes)) - 1
    group.set_unusable(drained)
    centre.unsettle(group)
    centre.touched.add(("group", group.config.name))


def plan_edges(centre: Centre) -> None:
    """Put on the agenda when windows will begin and end, and the controller come back."""
    windows = (*centre.config.maintenance, *centre.config.drains, *centre.config.faults.outages)
    edges = {at for window in windows for at in (window.start, window.end)}
    for at in edges | {centre.counters.away_until}:
        if at > centre.clock:
            centre.agenda.add(at, Kind.EDGE)


def turn_edge(centre: Centre) -> None:
    """Let every window that begins or ends now do so; safe to repeat."""
    for outage in centre.config.faults.outages:
        if outage.start <= centre.clock < outage.end:
            go_away(centre, outage.end)
    for group in centre.groups.values():
        refresh_nodes(centre, group)


def go_away(centre: Centre, until: float) -> None:
    """Let the controller be silent at least until then: it answers nothing and starts nothing."""
    if until > centre.counters.away_until:
        centre.counters.away_until = until
        centre.agenda.add(until, Kind.EDGE)
        centre.touched.add(("centre",))


def crash(centre: Centre, forgets_seconds: float, restart_seconds: float) -> None:
    """Let the controller crash: it comes back with what it had saved some seconds ago."""
    saved_at = centre.clock - forgets_seconds
    go_away(centre, centre.clock + restart_seconds)
    forgotten = _accepted_since(centre, saved_at)
    if forgotten:
        centre.counters.next_id = min(workload.id for workload in forgotten)
        centre.touched.add(("centre",))
    for workload in forgotten:
        _forget(centre, workload)
    for workload in _released_since(centre, saved_at):
        hold(centre, workload)


def _accepted_since(centre: Centre, saved_at: float) -> list[Workload]:
    found = []
    for workload in reversed(centre.workloads.values()):
        if workload.submitted_at <= saved_at:
            break
        if not workload.is_forgotten:
            found.append(workload)
    return found


def _released_since(centre: Centre, saved_at: float) -> list[Workload]:
    waiting = (w for group in centre.groups.values() for w in group.workloads.values() if not w.tasks)
    return [w for w in waiting if w.released_at is not None and w.released_at > saved_at]


def _forget(centre: Centre, workload: Workload) -> None:
    """Let the controller not know it: what waits is gone, what runs is killed once it is back."""
    workload.is_forgotten = True
    waited = workload.pending
    workload.pending = IndexSet()
    lighten(centre, workload, len(waited))
    centre.group_of(workload).dequeue(workload)
    for task in running(workload):
        course.orphan(task, centre.counters.away_until)
        centre.plan(workload, task)
    if workload.tasks:
        close_if_over(centre, workload)
        return
    centre.group_of(workload).let_go(workload)
    if not workload.is_foreign:
        centre.attempt(workload.name).workloads.remove(workload)
    drop(centre, workload)
