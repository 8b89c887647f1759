"""Measures what placing jobs one by one costs beside the optimum: `python -m bench.placement_quality`."""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.placement_cycle import NOW
from bench.placement_instances import Instance, Room, draw_instance
from bench.placement_optimum import Optimum, cheapest_assignment
from computility.metering.fair_share import fair_order, weigh_use
from computility.metering.use import hours_of_one
from computility.placement.allocation import allocated_beyond
from computility.placement.ask import Ask
from computility.placement.batch import arrange
from computility.placement.facts import PoolKey
from computility.placement.ours import Ours
from computility.placement.place import place
from computility.placement.rehearsal import Kind, Round, Shares
from computility.placement.request import Request
from computility.placement.shares import stake_of
from computility.placement.snapshot import Snapshot

HALVES = ((Room.SHORT, 1), (Room.AMPLE, 1))
"""Room and teams of the instances that the aim is about, half of them each."""
OTHERS = ((Room.SCARCE, 1), (Room.SHORT, 4), (Room.SCARCE, 4))


class Waiting(NamedTuple):
    """A job of an instance, by its number; all have one priority."""

    number: int
    kind: Kind
    claim: int = 0


class Called(NamedTuple):
    """What came of a round of calls."""

    cost: float
    placed: frozenset[int]


class Gap(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one instance came to.

    Attributes:
        pools, jobs, teams: How many.
        room: For all jobs together.
        bound: By which share the optimum costs more than if each job had its cheapest pool.
        by_age: By which share placing in the order of age costs more than the optimum.
        as_called: The same in the order in which the hub calls them.
        placed: How many find a place by age; the optimum is that of these.
        unplaced: How many of them find none as they are called.
    """

    seed: int
    pools: int
    jobs: int
    teams: int
    room: Room
    bound: float
    by_age: float
    as_called: float
    placed: int
    unplaced: int


def measure(seed: int, room: Room, teams: int) -> Gap:
    """Call an instance in both orders, and solve it."""
    instance = draw_instance(seed, room, teams)
    snapshot = Snapshot(pools=instance.pools, links=instance.links)
    queues = queues_of(instance)
    asks = {job.key: Ask(job) for job in instance.jobs}
    by_age = call_all(instance, queues)
    as_called = call_all(instance, arrange(queues, Round(asks, snapshot, NOW, Shares({}, {}, _weigh))))
    costs = cost_matrix([instance.jobs[number] for number in sorted(by_age.placed)], snapshot)
    best = cheapest_assignment(costs, np.array([pool.spec.limits.max_queued for pool in snapshot.pools]))
    return Gap(
        seed=seed,
        pools=len(instance.pools),
        jobs=len(instance.jobs),
        teams=teams,
        room=room,
        bound=best.cost / float(costs.min(axis=1).sum()) - 1,
        by_age=_above(by_age.cost, best),
        as_called=_above(as_called.cost, best),
        placed=len(by_age.placed),
        unplaced=len(by_age.placed - as_called.placed),
    )


def _above(cost: float, best: Optimum) -> float:
    return cost / best.cost - 1


def _weigh(hours: float) -> int:
    return weigh_use(hours, NOW, NOW)


def queues_of(instance: Instance) -> dict[str, list[Waiting]]:
    """Return each team's jobs as they came."""
    queues: defaultdict[str, list[Waiting]] = defaultdict(list)
    for number, job in enumerate(instance.jobs):
        queues[job.namespace].append(Waiting(number, job.key))
    return queues


def cost_matrix(jobs: Iterable[Request], snapshot: Snapshot) -> NDArray[np.float64]:
    """Return what each job costs at each pool, shape (jobs, pools); inf where it does not fit."""
    found = (snapshot.answer(job, NOW).evaluation for job in jobs)
    return np.array([np.where(each.first < 0, each.estimates.cost, np.inf) for each in found])


def call_all(instance: Instance, queues: Mapping[str, Sequence[Waiting]]) -> Called:
    """Place jobs one by one as the hub does, each taking its place, and add up what the receipts say."""
    live: Counter[PoolKey] = Counter()
    used: Counter[str] = Counter()
    ours = Ours()
    snapshot = Snapshot(pools=instance.pools, links=instance.links, live=live, ours=ours)
    cost, placed = 0.0, set()
    for turn in fair_order(queues, used, {}):
        job = instance.jobs[turn.number]
        outcome = place(job, snapshot, NOW)
        if outcome.chosen is None or outcome.receipt.chosen is None:
            continue
        for part in outcome.parts:
            live[part.pool.key] += 1
            ours.add(part.pool.key, stake_of(part, job, NOW))
        allocated = allocated_beyond(job, outcome.chosen.spec)
        used[job.namespace] += _weigh(hours_of_one(job.resources, allocated, job.max_run_seconds))
        cost += float(outcome.receipt.chosen.cost)
        placed.add(turn.number)
    return Called(cost, frozenset(placed))


def show(gaps: Sequence[Gap], console: Console) -> None:
    """Print mean and worst of both halves, of all of them, and of the others."""
    table = Table(title="cost above the optimum", box=None)
    for name in (
        "instances",
        "room",
        "teams",
        "bound by",
        "by age",
        "worst",
        "as called",
        "worst",
        "unplaced",
    ):
        table.add_column(name, justify="right")
    of = {group: [gap for gap in gaps if (gap.room, gap.teams) == group] for group in (*HALVES, *OTHERS)}
    for room, teams in HALVES:
        table.add_row(*_row(of[room, teams], room, teams))
    table.add_row(*_row([gap for group in HALVES for gap in of[group]], "both", 1), end_section=True)
    for room, teams in OTHERS:
        table.add_row(*_row(of[room, teams], room, teams))
    console.print(table)


def _row(gaps: Sequence[Gap], room: str, teams: int) -> list[str]:
    if not gaps:
        return ["0", room, str(teams)]
    by_age, as_called = [gap.by_age for gap in gaps], [gap.as_called for gap in gaps]
    shares = (mean(gap.bound for gap in gaps), mean(by_age), max(by_age), mean(as_called), max(as_called))
    printed = (f"{round(share, 6) + 0:.2%}" for share in shares)
    return [str(len(gaps)), room, str(teams), *printed, str(sum(gap.unplaced for gap in gaps))]


def main() -> int:
    """Measure as many instances as the command line says, and print what they came to."""
    parser = argparse.ArgumentParser(prog="bench.placement_quality", description=__doc__)
    parser.add_argument("--instances", type=int, default=200, help="half of them with short room")
    parser.add_argument("--others", type=int, default=100, help="of each other sort")
    parser.add_argument("-o", "--output", choices=("table", "json"), default="table")
    options = parser.parse_args()
    gaps = [measure(seed, *HALVES[seed % 2]) for seed in range(options.instances)]
    gaps += [measure(2 * seed, *group) for group in OTHERS for seed in range(options.others)]
    if options.output == "json":
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(gaps), indent=1) + b"\n")
    else:
        show(gaps, Console(width=110))
    return 0


if __name__ == "__main__":
    sys.exit(main())
