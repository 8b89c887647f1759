"""Measures what placing jobs one by one costs beside the optimum: `python -m bench.placement_quality`."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from statistics import mean

import msgspec
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.placement_cycle import NOW
from bench.placement_instances import Instance, draw_instance
from bench.placement_optimum import Optimum, cheapest_assignment
from computility.placement.batch import dearest_first
from computility.placement.facts import PoolKey
from computility.placement.place import place
from computility.placement.snapshot import Snapshot


class Gap(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one instance came to.

    Attributes:
        pools, jobs: How many.
        is_tight: Whether room is short at the preferred pools.
        bound: By which share the optimum costs more than if each job had its cheapest pool.
        arrival: By which share placing in the order of arrival costs more than the optimum.
        dearest_first: The same in the order of `placement.batch`.
        unplaced: How many more jobs than in the optimum found no place, in both orders together.
    """

    seed: int
    pools: int
    jobs: int
    is_tight: bool
    bound: float
    arrival: float
    dearest_first: float
    unplaced: int


def measure(seed: int) -> Gap:
    """Place an instance in both orders, and solve it."""
    instance = draw_instance(seed)
    snapshot = Snapshot(pools=instance.pools, links=instance.links)
    costs = cost_matrix(instance, snapshot)
    least = costs.min(axis=1)
    best = cheapest_assignment(costs, np.array([pool.spec.limits.max_queued for pool in snapshot.pools]))
    arrival = place_all(instance, list(range(len(instance.jobs))))
    dearest = place_all(instance, dearest_first(instance.jobs, snapshot, NOW))
    return Gap(
        seed=seed,
        pools=len(instance.pools),
        jobs=len(instance.jobs),
        is_tight=instance.is_tight,
        bound=best.cost / float(least[np.isfinite(least)].sum()) - 1,
        arrival=arrival.cost / best.cost - 1,
        dearest_first=dearest.cost / best.cost - 1,
        unplaced=arrival.unplaced + dearest.unplaced - 2 * best.unplaced,
    )


def cost_matrix(instance: Instance, snapshot: Snapshot) -> NDArray[np.float64]:
    """Return what each job costs at each pool, shape (jobs, pools); inf where it does not fit."""
    found = (snapshot.answer(job, NOW).evaluation for job in instance.jobs)
    return np.array([np.where(each.first < 0, each.estimates.cost.expected, np.inf) for each in found])


def place_all(instance: Instance, order: Sequence[int]) -> Optimum:
    """Place jobs one by one as the hub does, each taking its place, and add up what the receipts say."""
    live: Counter[PoolKey] = Counter()
    snapshot = Snapshot(pools=instance.pools, links=instance.links, live=live)
    cost, unplaced = 0.0, 0
    for number in order:
        chosen = place(instance.jobs[number], snapshot, NOW).receipt.chosen
        if chosen is None:
            unplaced += 1
            continue
        live[chosen.member, chosen.pool] += 1
        cost += float(chosen.cost)
    return Optimum(cost, unplaced)


def show(gaps: Sequence[Gap], console: Console) -> None:
    """Print mean and worst of both halves."""
    table = Table(title="cost above the optimum", box=None)
    for name in ("instances", "room", "bound by", "arrival", "worst", "dearest first", "worst", "unplaced"):
        table.add_column(name, justify="right")
    for name, half in (
        ("short", [g for g in gaps if g.is_tight]),
        ("ample", [g for g in gaps if not g.is_tight]),
    ):
        if half:
            table.add_row(str(len(half)), name, *_figures(half))
    table.add_row(str(len(gaps)), "all", *_figures(gaps))
    console.print(table)


def _figures(gaps: Sequence[Gap]) -> list[str]:
    arrival, dearest = [each.arrival for each in gaps], [each.dearest_first for each in gaps]
    shares = (mean(each.bound for each in gaps), mean(arrival), max(arrival), mean(dearest), max(dearest))
    return [*(f"{round(share, 6) + 0:.2%}" for share in shares), str(sum(each.unplaced for each in gaps))]


def main() -> int:
    """Measure as many instances as the command line says, and print what they came to."""
    parser = argparse.ArgumentParser(prog="bench.placement_quality", description=__doc__)
    parser.add_argument("--instances", type=int, default=200)
    parser.add_argument("-o", "--output", choices=("table", "json"), default="table")
    options = parser.parse_args()
    gaps = [measure(seed) for seed in range(options.instances)]
    if options.output == "json":
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(gaps), indent=1) + b"\n")
    else:
        show(gaps, Console())
    return 0


if __name__ == "__main__":
    sys.exit(main())
