"""What comes by chance: jobs of the centre's own users, dead nodes, crashes and outages.

Each sort is a sequence of its own. The n-th of a sort draws all that it needs from a generator of its own,
the gap to its successor too: so nothing that happens in between changes what chance brings.
"""

from collections.abc import Iterator
from random import Random

from computility.backends.simulated.agenda import Entry, Kind
from computility.backends.simulated.centre import Centre
from computility.backends.simulated.chance import draw_gap, draw_range, draw_spread
from computility.backends.simulated.config import Background
from computility.backends.simulated.faults import crash, fail_node, go_away
from computility.backends.simulated.life import accept, release
from computility.backends.simulated.requests import Request, Run

_Sort = tuple[Kind, int, float]
"""Kind, which of it, and mean seconds between two."""


def start_chances(centre: Centre) -> None:
    """Draw when the first of each sort comes."""
    for kind, which, gap in _sorts(centre):
        _plan(centre, kind, which, 0, gap)


def resume_chances(centre: Centre) -> None:
    """Put what was drawn before back on the agenda."""
    for at, kind, which, number in centre.counters.timers.values():
        centre.agenda.add(at, Kind(kind), which, number)


def turn_chance(centre: Centre, entry: Entry) -> None:
    """Let what chance brings now happen, and draw when the next of its sort comes."""
    _, number_of_kind, which, number = entry
    kind = Kind(number_of_kind)
    random = _random(centre, kind, which, number)
    faults = centre.config.faults
    if kind is Kind.ARRIVAL:
        _submit_foreign(centre, which, number, random)
    elif kind is Kind.NODE_FAILURE:
        group = list(centre.groups.values())[which]
        node, repair = random.randrange(group.config.nodes), draw_range(faults.repair_seconds, random)
        fail_node(centre, group, node, repair, random)
    elif kind is Kind.CRASH:
        crash(centre, draw_range(faults.forgets_seconds, random), draw_range(faults.restart_seconds, random))
    else:
        go_away(centre, centre.clock + draw_range(faults.outage_seconds, random))
    gap = next(gap for each, place, gap in _sorts(centre) if (each, place) == (kind, which))
    _plan(centre, kind, which, number + 1, gap)


def _sorts(centre: Centre) -> Iterator[_Sort]:
    config, faults = centre.config, centre.config.faults
    for which, stream in enumerate(config.background):
        yield Kind.ARRIVAL, which, stream.gap_seconds
    if faults.node_failure_gap_seconds is not None:
        for which, group in enumerate(config.groups):
            yield Kind.NODE_FAILURE, which, faults.node_failure_gap_seconds / group.nodes
    if faults.crash_gap_seconds is not None:
        yield Kind.CRASH, 0, faults.crash_gap_seconds
    if faults.outage_gap_seconds is not None:
        yield Kind.OUTAGE, 0, faults.outage_gap_seconds


def _plan(centre: Centre, kind: Kind, which: int, number: int, gap: float) -> None:
    at = centre.clock + draw_gap(gap, centre.chance.stream("gap", kind.name, which, number))
    centre.counters.timers[f"{kind.name} {which}"] = (at, kind, which, number)
    centre.agenda.add(at, kind, which, number)
    centre.touched.add(("centre",))


def _random(centre: Centre, kind: Kind, which: int, number: int) -> Random:
    return centre.chance.stream(kind.name, which, number)


def _submit_foreign(centre: Centre, which: int, number: int, random: Random) -> None:
    request = draw_request(centre, centre.config.background[which], random, f"user-{which}-{number}")
    release(centre, accept(centre, request, is_foreign=True))


def draw_request(centre: Centre, stream: Background, random: Random, name: str) -> Request:
    """Draw a job of the centre's own users, within what the partition takes."""
    partition = centre.partitions[stream.partition]
    group = centre.groups[partition.group_name].config
    nodes = min(round(draw_spread(stream.nodes, random)), partition.max_nodes or group.nodes, group.nodes)
    run = draw_spread(stream.run_seconds, random)
    limit = min(run * max(1.0, draw_spread(stream.requested_factor, random)), partition.max_run_seconds)
    is_whole = stream.cores_per_node is None
    return Request(
        name=name,
        account="users",
        partition=stream.partition,
        nodes=max(1, nodes),
        cores_per_node=min(stream.cores_per_node or group.cores, group.cores),
        cards_per_node=group.cards if is_whole else min(stream.cards_per_node, group.cards),
        memory_mib=group.memory_mib if is_whole else 0,
        limit_seconds=limit,
        run=Run(seconds=min(run, limit)),
    )
