"""`computility simulate`: replay a job trace under several policies, and compare what comes of it."""

import sys
import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from computility.cli.fleet_files import read_fleet
from computility.cli.options import Document
from computility.cli.printing import print_document, print_sections
from computility.cli.simulate_options import (
    CardsPerNode,
    CoresPerNode,
    Fleet,
    Jobs,
    Load,
    Owner,
    Plot,
    Policies,
    Processors,
    TraceFile,
)
from computility.cli.simulate_plot import draw, find_plotter
from computility.cli.simulate_report import Run, document, sections
from computility.cli.trace_file import read_trace
from computility.lab.fleets.snapshot import snapshot_of
from computility.model.job_placement import Policy
from computility.whatif.figures import reckon_figures
from computility.whatif.network import Network
from computility.whatif.replay import replay
from computility.whatif.shapes import Shaping
from computility.whatif.swf import Processor
from computility.whatif.trace import Trace

_POLICIES = [policy for policy in Policy if policy is not Policy.CUSTOM]
_START = datetime(2026, 1, 1, tzinfo=UTC)


def simulate(
    trace: TraceFile,
    *,
    policy: Policies = "cheapest,fastest,greenest,balanced",
    fleet: Fleet = "p2",
    jobs: Jobs = None,
    load: Load = 1.0,
    namespace: Owner = "team-a",
    processors: Processors = Processor.CORES,
    cards_per_node: CardsPerNode = 8,
    cores_per_node: CoresPerNode = 40,
    output: Annotated[Document, typer.Option("--output", "-o", help="How to print.")] = Document.TABLE,
    plot: Plot = None,
) -> None:
    """Replay a job trace under several policies, and compare cost, waiting, CO2 and use.

    Jobs are placed by the code that places real ones, in virtual time, and wait in the queues of a fleet that
    is otherwise idle. Nothing runs, and no cluster is asked.
    """
    policies = _parse_policies(policy)
    plotter = find_plotter(plot) if plot else None
    network = Network(snapshot_of(read_fleet(fleet), _START), _START)
    read = read_trace(trace, namespace, processors, Shaping(cards_per_node, cores_per_node))
    wanted = read.first(jobs).at_load(load)
    runs = [_run(wanted, network, each) for each in policies]
    if output is Document.TABLE:
        print_sections(sections(wanted, runs))
    else:
        print_document(document(fleet, wanted, runs), output)
    if plot and plotter:
        draw(plotter, plot, wanted, network, runs)


def _run(trace: Trace, network: Network, policy: Policy) -> Run:
    began = time.perf_counter()
    replayed = replay(trace, network, policy)
    seconds = time.perf_counter() - began
    rate = len(trace) / seconds
    print(f"{policy.value}: {len(trace):,} jobs in {seconds:.1f} s, {rate:,.0f} a second", file=sys.stderr)
    return Run(reckon_figures(trace, network, policy, replayed), replayed)


def _parse_policies(text: str) -> list[Policy]:
    known = {policy.value: policy for policy in _POLICIES}
    names = list(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if name not in known:
            raise typer.BadParameter(f'no policy "{name}" to compare: write some of {",".join(known)}')
    return [known[name] for name in names]
