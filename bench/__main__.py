"""Runs scenarios and shows what they cost: `python -m bench --scenario s1 --runs 3`."""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
from rich.console import Console

from bench.network import FLEETS
from bench.result import Result
from bench.run import run_scenario
from bench.scenario import load_scenario
from bench.stage import CHECKOUT, Stage, standing
from bench.table import markdown, print_results

# Taken as they are from the environment by Go programs: recorded, since they change what is measured.
PROFILE_SECONDS = 30.0
_RECORDED = ("GOGC", "GOMAXPROCS", "GOMEMLIMIT")


def main() -> int:
    """Run, print a table, and write the results where the command line says."""
    options = build_parser().parse_args()
    scenario = load_scenario(options.scenario)
    settings = {name: os.environ[name] for name in _RECORDED if name in os.environ}
    settings |= {"fleet": options.fleet}
    settings |= {"checkout": str(options.checkout)} if options.checkout != CHECKOUT else {}
    settings |= {"hub": " ".join(options.hub_option)} if options.hub_option else {}
    results = []
    for number in range(options.runs):
        with standing(options.hub_option, options.checkout) as stage:
            profile = Profile(options.profile)
            result = asyncio.run(run_scenario(scenario, stage, options.label, settings, profile.start))
            profile.stop()
        results.append(result)
        if options.out:
            target: Path = (
                options.out / f"{scenario.name}-{options.label or 'run'}-{os.getpid()}-{number}.json"
            )
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1))
    show(results, as_markdown=options.markdown)
    return 0


def show(results: list[Result], *, as_markdown: bool) -> None:
    """Print the tables of some runs."""
    if as_markdown:
        sys.stdout.write(markdown(results))
    else:
        print_results(results, Console())


class Profile:
    """A sampling profiler beside the hub, if one was asked for: the path of a py-spy and of its output."""

    def __init__(self, words: list[str] | None) -> None:
        self._words = words
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, stage: Stage) -> None:
        """Begin to sample."""
        if self._words:
            program, output = self._words
            argv = [program, "record", "--pid", str(stage.hub.pid), "--format", "raw", "--output", output]
            argv += ["--rate", "200", "--nonblocking"]
            self._process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        """Let it write what it has."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PROFILE_SECONDS)


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--scenario", default="s1", help="a file in bench/scenarios (default: %(default)s)")
    parser.add_argument("--fleet", default="simulated", choices=sorted(FLEETS), help="who plays the agents")
    parser.add_argument("--runs", type=int, default=1, help="how many runs, each on a new control plane")
    parser.add_argument("--label", default="", help="what is compared; stands in the results")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where to write each result as JSON")
    parser.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
    parser.add_argument(
        "--checkout", type=Path, default=CHECKOUT, metavar="FOLDER", help="take hub and CRDs from another one"
    )
    parser.add_argument(
        "--hub-option", action="append", default=[], metavar="OPTION", help="an option for the hub"
    )
    parser.add_argument(
        "--profile", nargs=2, metavar=("PY_SPY", "FILE"), help="sample the hub while it is measured"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
