"""Results as tables: medians over the runs of one label, with the spread beside them.

`python -m bench.table FILE...` shows results that were written before.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

import msgspec
from rich.console import Console
from rich.table import Table

from bench.result import Result

RARE = 0.01
"""Requests that come less often than once in a hundred jobs are shown as one sum."""


class Row(NamedTuple):
    """One figure: its name and, for each label, what the runs gave."""

    name: str
    cells: tuple[str, ...]


def rows(results: Sequence[Result]) -> tuple[list[str], list[Row]]:
    """Return the labels, and the figures to be shown for each of them."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.label or result.scenario, []).append(result)
    runs = list(groups.values())
    figures = [*_wall(), *_cpu(results), *_requests(results), *_size(results)]
    return list(groups), [Row(name, tuple(_spread(g, read) for g in runs)) for name, read in figures]


Figure = tuple[str, Callable[[Result], float]]


def _wall() -> Iterator[Figure]:
    yield "jobs", lambda r: r.load.jobs
    yield "jobs/s", lambda r: r.load.jobs_per_second
    yield "creates/s", lambda r: r.load.jobs / r.load.create_seconds
    yield "submit → placed p50, s", lambda r: r.load.placed.p50
    yield "submit → placed p99, s", lambda r: r.load.placed.p99
    yield "submit → done p50, s", lambda r: r.load.done.p50
    yield "submit → done p99, s", lambda r: r.load.done.p99
    yield "watch gaps", lambda r: r.load.watch_gaps


def _cpu(results: Sequence[Result]) -> Iterator[Figure]:
    yield "CPU-s per 1,000 jobs, all", lambda r: r.cpu_per_thousand()
    for name in sorted({name for r in results for name in r.cpu_seconds}):
        yield f"· {name}", lambda r, n=name: r.cpu_per_thousand(n)  # type: ignore[misc]
    yield "server ms per ConfigMap create", _calibration_ms
    yield "all, in ConfigMap creates per job", lambda r: r.cpu_per_thousand() / _calibration_ms(r)
    yield "others' CPU-s meanwhile", lambda r: r.noise.others_cpu_seconds


def _calibration_ms(result: Result) -> float:
    return result.calibration.server_cpu_seconds / result.calibration.creates * 1000


def _requests(results: Sequence[Result]) -> Iterator[Figure]:
    yield "writes per job", Result.writes_per_job
    kinds = {(r.what, q) for result in results for r in result.requests for q in (r.is_refused,)}
    common = [kind for kind in sorted(kinds) if any(_per_job(r, *kind) >= RARE for r in results)]
    for what, is_refused in common:
        name = f"· {what}{' refused' if is_refused else ''}"
        yield name, lambda r, w=what, q=is_refused: _per_job(r, w, q)  # type: ignore[misc]
    yield "· all others", lambda r: sum(_per_job(r, *kind) for kind in kinds - set(common))


def _per_job(result: Result, what: str, is_refused: bool) -> float:
    return result.per_job(
        sum(r.count for r in result.requests if r.what == what and r.is_refused is is_refused)
    )


def _size(results: Sequence[Result]) -> Iterator[Figure]:
    for name in sorted({name for r in results for name in r.peak_rss_bytes}):
        yield f"peak RSS {name}, MB", lambda r, n=name: r.peak_rss_bytes[n] / 1e6  # type: ignore[misc]
    yield "etcd database, MB", lambda r: r.stored_bytes / 1e6


def _spread(group: Sequence[Result], read: Callable[[Result], float]) -> str:
    values = sorted(read(result) for result in group)
    middle = _plain(median(values))
    return middle if len(values) == 1 else f"{middle} ({_plain(values[0])}…{_plain(values[-1])})"


def _plain(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"


def print_results(results: Sequence[Result], console: Console) -> None:
    """Print the figures as a table."""
    labels, figures = rows(results)
    table = Table("", *labels, title=f"{results[0].scenario}, {len(results)} runs")
    for row in figures:
        table.add_row(row.name, *row.cells)
    console.print(table)


def markdown(results: Sequence[Result]) -> str:
    """Return the figures as a Markdown table."""
    labels, figures = rows(results)
    head = f"| {results[0].scenario} | {' | '.join(labels)} |\n|---|{'---|' * len(labels)}\n"
    return head + "".join(f"| {row.name} | {' | '.join(row.cells)} |\n" for row in figures)


if __name__ == "__main__":
    read = [msgspec.json.decode(Path(name).read_bytes(), type=Result) for name in sys.argv[1:]]
    print_results(read, Console())
    sys.stdout.write(markdown(read))
