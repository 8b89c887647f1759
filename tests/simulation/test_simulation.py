"""Seeded walks of the pure core of hub and agent. COMPUTILITY_SEEDS says how many seeds in all."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from computility import lifecycle
from simulation.walk import Figures, first_failure, kept_seeds, walk
from simulation.world import Rules

pytestmark = pytest.mark.simulation

SEEDS = int(os.environ.get("COMPUTILITY_SEEDS", "2000"))
CHUNKS = 8
CORE = Path(lifecycle.__file__).parent
COVERAGE = (sys.executable, "-m", "coverage")


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_promise_holds_through_crashes_losses_and_delays(
    chunk: int, record_property: Callable[[str, object], None]
) -> None:
    figures = walk(range(chunk, SEEDS, CHUNKS))

    assert figures.faults >= figures.seeds
    assert figures.starts > figures.seeds / 2, "the walks hardly get to run anything: mend the mix"
    record_property("simulation", _plain(figures))


def test_seeds_that_failed_once_hold() -> None:
    seeds = kept_seeds()

    assert walk(seeds).seeds == len(seeds)


@pytest.mark.parametrize(
    ("rules", "within"),
    [
        pytest.param(Rules(look_up=False), 100, id="look-up"),
        pytest.param(Rules(hold=False), 100, id="hold"),
        pytest.param(Rules(claim=False), 1000, id="claim"),
        pytest.param(Rules(compare_and_swap=False), 100, id="compare-and-swap"),
        pytest.param(Rules(tombstone=False), 1500, id="tombstone"),
    ],
)
def test_without_a_protective_rule_a_promise_breaks(
    rules: Rules, within: int, record_property: Callable[[str, object], None]
) -> None:
    failure = first_failure(range(within), rules)

    assert failure is not None, f"{within} seeds did not notice that the rule is gone"
    record_property("mutant", f"{failure[0]} of at most {within} seeds: {failure[1]}")


@pytest.mark.slow
def test_the_walks_reach_nearly_every_line_of_the_core(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """In a process of its own, so that lines which run at import are counted as well."""
    data = f"--data-file={tmp_path / 'coverage'}"
    run = [*COVERAGE, "run", data, "--branch", f"--include={CORE}/*", "-m", "simulation.walk", "0", "400"]
    subprocess.run(run, check=True, env={"PYTHONPATH": os.pathsep.join(sys.path)}, stdout=subprocess.PIPE)
    report = subprocess.run([*COVERAGE, "json", data, "-q", "-o", "-"], check=True, stdout=subprocess.PIPE)

    files = json.loads(report.stdout)["files"]
    reached = {Path(name).name: f["summary"]["percent_covered"] for name, f in files.items()}
    record_property("coverage", ", ".join(f"{n} {share:.0f} %" for n, share in sorted(reached.items())))
    assert reached["attempt.py"] > 85
    assert reached["aftermath.py"] > 85
    assert reached["job.py"] > 75


def _plain(figures: Figures) -> dict[str, object]:
    return {
        "seeds": figures.seeds,
        "steps": figures.steps,
        "seconds": figures.seconds,
        "starts": figures.starts,
        "mix": dict(figures.mix),
        "writes": dict(figures.writes),
        "phases": dict(figures.phases),
    }
