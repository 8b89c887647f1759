"""Measures quotes against what then ran: `python -m bench.quotes`.

Small fleets whose true speed, efficiency and load come from hidden seeds publish what they could know. Jobs
are quoted at random times, submitted to the chosen centre's simulated engine, and run to their end.
"""

import argparse
import sys
from collections.abc import Callable, Sequence

import msgspec
from rich.console import Console
from rich.table import Table

from bench.quotes_fleet import Scale
from bench.quotes_trial import run_fleet
from bench.quotes_verdict import LEAST_WITHIN, MOST_WIDTH, Verdict, judge_all

_FIGURES: dict[str, Callable[[Verdict], str]] = {
    "jobs": lambda v: str(v.jobs),
    "ended by their limit": lambda v: str(v.killed),
    "cost within": lambda v: f"{v.cost_within:.1%}",
    "finish within": lambda v: f"{v.finish_within:.1%}",
    "both within": lambda v: f"{v.both_within:.1%}",
    "width of cost, p50/p95": lambda v: f"{v.cost_width_p50:.2f}/{v.cost_width_p95:.2f}",
    "width of finish, p50/p95": lambda v: f"{v.finish_width_p50:.2f}/{v.finish_width_p95:.2f}",
    "finish no wider than 3": lambda v: f"{v.finish_width_kept:.1%}",
    "finish over expected, p95": lambda v: f"{v.done_ratio_p95:.2f}",
    "p95/p50 of waits, p50": lambda v: f"{v.wait_width_p50:.2f}",
    "said to start at once": lambda v: f"{v.said_at_once:.1%}",
    "of these: waited < 60 s": lambda v: f"{v.prompt_as_said:.1%}",
    "of the others": lambda v: f"{v.prompt_unsaid:.1%}",
    "width of finish of others, p50/p95": lambda v: f"{v.later_width_p50:.2f}/{v.later_width_p95:.2f}",
    "waited beyond p95": lambda v: f"{v.beyond_p95:.1%}",
    "missed by the wait alone": lambda v: f"{v.only_late:.1%}",
    "spread needed for cost": lambda v: f"{v.cost_spread_needed:.2f}",
    "spread needed for finish": lambda v: f"{v.finish_spread_needed:.2f}",
    "spread needed for both": lambda v: f"{v.both_spread_needed:.2f}",
}


def show(verdicts: Sequence[Verdict], console: Console) -> None:
    """Print one column a group of jobs: shares within, widths, and the spreads that 95 of 100 would need."""
    table = Table(title="quotes against what ran", box=None)
    table.add_column("")
    for each in verdicts:
        table.add_column(each.name, justify="right")
    for name, figure in _FIGURES.items():
        table.add_row(name, *map(figure, verdicts))
    console.print(table)
    for each in verdicts:
        if "," not in each.name:
            console.print(_say(each))


def _say(each: Verdict) -> str:
    within = "met" if each.is_within else "missed"
    narrow = "met" if each.is_narrow else "missed"
    return (
        f"{each.name}: {LEAST_WITHIN:.0%} within: {within}; "
        f"high at most {MOST_WIDTH:g} times the expected, at the 95th percentile of jobs: {narrow}"
    )


def main() -> int:
    """Measure what the command line says, and print it."""
    options = build_parser().parse_args()
    scale = Scale(
        jobs=options.jobs,
        calibration_days=options.calibration_days,
        quote_days=options.quote_days,
        error_scale=options.error_scale,
        load=options.load,
        hidden_queues=options.hidden_queues,
        burst=options.burst,
    )
    seeds = range(options.seed, options.seed + options.fleets)
    trials = [trial for seed in seeds for trial in run_fleet(seed, scale)]
    verdicts = judge_all(trials)
    if options.output == "json":
        report = {"scale": scale._asdict(), "verdicts": verdicts, "trials": trials}
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
    else:
        show(verdicts, Console())
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    usual = Scale()
    parser = argparse.ArgumentParser(prog="bench.quotes", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first fleet; each next one has the next")
    parser.add_argument("--fleets", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=usual.jobs, help="of one fleet, half of them with cards")
    parser.add_argument("--calibration-days", type=float, default=usual.calibration_days)
    parser.add_argument("--quote-days", type=float, default=usual.quote_days)
    parser.add_argument("--error-scale", type=float, default=usual.error_scale, help="of all hidden errors")
    parser.add_argument("--load", type=float, default=usual.load, help="share of nodes own users ask for")
    parser.add_argument("--hidden-queues", action="store_true", help="centres hide others' jobs from agents")
    parser.add_argument("--burst", type=int, default=usual.burst, help="so many jobs come at one moment")
    parser.add_argument("-o", "--output", choices=("table", "json"), default="table")
    return parser


if __name__ == "__main__":
    sys.exit(main())
