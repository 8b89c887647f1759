"""Measures placement in this process: `python -m bench.placement`, for so many pools and classes of jobs.

A cycle is what a hub does when jobs wait: a snapshot of facts of which some have changed, each class once
evaluated at each pool and ranked, then jobs placed one after another, each with a receipt and taking a place.
"""

import argparse
import gc
import sys
from collections.abc import Iterator, Sequence

import msgspec
from rich.console import Console
from rich.table import Table

from bench.placement_cycle import Cycle, Federation
from bench.placement_jobs import draw_classes

POOLS = (30, 300, 7_000)
CLASSES = (1, 20, 200)
WARM_UP = 2


class Result(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one size came to; times are percentiles over its cycles.

    Attributes:
        pools, classes: How many.
        cycles: How many were measured.
        jobs: How many each cycle placed, or found no place for.
        placed: How many of them found one, over all cycles.
        evaluate_seconds_p50, evaluate_seconds_p99: The snapshot, and all classes at all pools.
        evaluate_cpu_seconds_p99: The same of processor time, which others on the machine do not change.
        decisions_per_second: Jobs over the whole cycle, the median; receipts included.
        decisions_per_cpu_second: The same of processor time.
        place_micros: Placing one job, once its class is evaluated, the median.
    """

    pools: int
    classes: int
    cycles: int
    jobs: int
    placed: int
    evaluate_seconds_p50: float
    evaluate_seconds_p99: float
    evaluate_cpu_seconds_p99: float
    decisions_per_second: float
    decisions_per_cpu_second: float
    place_micros: float


def measure(sizes: Sequence[tuple[int, int]], cycles: int, jobs: int) -> Iterator[Result]:
    """Measure each size, pools times classes, on a fleet of its own."""
    for pools, classes in sizes:
        federation, requests = Federation(pools, jobs), draw_classes(classes)
        for _ in range(WARM_UP):
            federation.run_cycle(requests, jobs)
        # What the bench itself holds, such as the fleet's objects, is not searched for garbage each time.
        gc.collect()
        gc.freeze()
        done = [federation.run_cycle(requests, jobs) for _ in range(cycles)]
        gc.unfreeze()
        yield summarise(pools, classes, jobs, done)


def summarise(pools: int, classes: int, jobs: int, cycles: Sequence[Cycle]) -> Result:
    """Bring a size's cycles to figures."""
    wall = [each.evaluate_seconds + each.place_seconds for each in cycles]
    cpu = [each.evaluate_cpu_seconds + each.place_cpu_seconds for each in cycles]
    evaluated = [each.evaluate_seconds for each in cycles]
    return Result(
        pools=pools,
        classes=classes,
        cycles=len(cycles),
        jobs=jobs,
        placed=sum(each.placed for each in cycles),
        evaluate_seconds_p50=quantile(evaluated, 0.5),
        evaluate_seconds_p99=quantile(evaluated, 0.99),
        evaluate_cpu_seconds_p99=quantile([each.evaluate_cpu_seconds for each in cycles], 0.99),
        decisions_per_second=jobs / quantile(wall, 0.5),
        decisions_per_cpu_second=jobs / quantile(cpu, 0.5),
        place_micros=quantile([each.place_seconds for each in cycles], 0.5) / jobs * 1e6,
    )


def quantile(values: Sequence[float], share: float) -> float:
    """Return the least value that such a share of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def show(results: Sequence[Result], console: Console) -> None:
    """Print the figures as a table."""
    table = Table(title="evaluation of a cycle in ms, placing one job in µs, decisions", box=None)
    for name in ("pools", "classes", "p50", "p99", "CPU p99", "a job", "per s", "per CPU-s", "placed"):
        table.add_column(name, justify="right")
    for each in results:
        table.add_row(
            f"{each.pools:,}",
            f"{each.classes:,}",
            f"{each.evaluate_seconds_p50 * 1e3:.1f}",
            f"{each.evaluate_seconds_p99 * 1e3:.1f}",
            f"{each.evaluate_cpu_seconds_p99 * 1e3:.1f}",
            f"{each.place_micros:.1f}",
            f"{each.decisions_per_second:,.0f}",
            f"{each.decisions_per_cpu_second:,.0f}",
            f"{each.placed / each.jobs / each.cycles:.0%}",
        )
    console.print(table)


def main() -> int:
    """Measure what the command line says, and print it."""
    options = build_parser().parse_args()
    sizes = [(pools, classes) for pools in options.pools for classes in options.classes]
    results = list(measure(sizes, options.cycles, options.jobs))
    if options.output == "json":
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")
    else:
        show(results, Console())
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(prog="bench.placement", description=__doc__)
    parser.add_argument("--pools", type=int, nargs="+", default=POOLS, metavar="N")
    parser.add_argument("--classes", type=int, nargs="+", default=CLASSES, metavar="N")
    parser.add_argument("--cycles", type=int, default=100, help="how many are measured of each size")
    parser.add_argument("--jobs", type=int, default=10_000, help="how many each cycle places")
    parser.add_argument("-o", "--output", choices=("table", "json"), default="table")
    return parser


if __name__ == "__main__":
    sys.exit(main())
