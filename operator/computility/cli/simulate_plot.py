"""A comparison of policies as a picture: cost, CO2, waiting, and cards in use over time."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import typer

from computility.cli.errors import CliError
from computility.cli.simulate_report import Run
from computility.whatif.figures import in_use, wait_quantiles
from computility.whatif.network import Network
from computility.whatif.trace import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ENDS = (".png", ".svg")
_COLOURS = ("#1b6ca8", "#c8553d", "#3a7d44", "#8e5ea2")
_HOUR = 3600.0
_MOMENTS = 500
_TIMES_SUBMITTED = 4


def find_plotter(path: Path) -> "type[Figure]":
    """Return what draws; before the replay, so that nobody waits for it in vain.

    Raises:
        CliError: matplotlib is not there, or the folder to write to.
    """
    if path.suffix not in _ENDS:
        raise typer.BadParameter(f'cannot draw "{path}": end its name in {" or ".join(_ENDS)}')
    if not path.parent.is_dir():
        raise CliError(f'cannot write "{path}": there is no folder "{path.parent}"')
    try:
        from matplotlib import rcParams  # noqa: PLC0415 - an extra that few installations have
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise CliError(f'--plot needs the package "{error.name}": install "computility[plot]"') from error
    # The same figures give the same file, and its text stays text.
    rcParams.update({"svg.hashsalt": "computility", "svg.fonttype": "none"})
    return Figure


def draw(
    figure_type: "type[Figure]", path: Path, trace: Trace, network: Network, runs: Sequence[Run]
) -> None:
    """Draw it.

    Raises:
        CliError: The file cannot be written.
    """
    figure = figure_type(figsize=(11, 7), layout="constrained")
    panels = figure.subplots(2, 2)
    _draw_costs(panels[0, 0], runs)
    _draw_emissions(panels[0, 1], runs)
    _draw_waits(panels[1, 0], trace, runs)
    _draw_use(panels[1, 1], trace, network, runs)
    try:
        figure.savefig(path, dpi=120, metadata={"Date": None} if path.suffix == ".svg" else {})
    except OSError as error:
        raise CliError(f'cannot write "{path}": {error.strerror}') from error


def _draw_costs(panel: "Axes", runs: Sequence[Run]) -> None:
    names = [run.figures.policy.value for run in runs]
    bars = panel.bar(names, [run.figures.cost for run in runs], color=_COLOURS[: len(runs)])
    panel.bar_label(bars, fmt="{:,.0f}")
    panel.margins(y=0.1)  # room for the labels
    panel.set_title(f"cost, {runs[0].figures.currency}")


def _draw_emissions(panel: "Axes", runs: Sequence[Run]) -> None:
    places = np.arange(len(runs))
    market = [run.figures.kg_co2_market or 0.0 for run in runs]
    location = [run.figures.kg_co2_location or 0.0 for run in runs]
    panel.bar(places - 0.2, market, 0.4, label="market-based", color="#3a7d44")
    panel.bar(places + 0.2, location, 0.4, label="location-based", color="#999999")
    panel.set_xticks(places, [run.figures.policy.value for run in runs])
    panel.set_title("kg CO2")
    panel.legend()


def _draw_waits(panel: "Axes", trace: Trace, runs: Sequence[Run]) -> None:
    for run, colour in zip(runs, _COLOURS, strict=False):
        hours = wait_quantiles(trace, run.replayed) / _HOUR
        panel.plot(hours, np.arange(len(hours)), label=run.figures.policy.value, color=colour)
    panel.set_xscale("symlog", linthresh=0.1)
    panel.set_title("% of jobs that waited no longer, over hours")
    panel.legend()


def _draw_use(panel: "Axes", trace: Trace, network: Network, runs: Sequence[Run]) -> None:
    """Draw the use of cards, or of cores on a fleet that has no cards."""
    cards, cores = network.table.free_cards.sum(), network.table.free_cores.sum()
    moments = np.linspace(0, _shown_seconds(trace, runs), _MOMENTS)
    for run, colour in zip(runs, _COLOURS, strict=False):
        schedule = run.replayed.schedule
        used = in_use(schedule, schedule.cards if cards else schedule.cores, moments)
        share = 100 * used / (cards or cores)
        panel.plot(moments / _HOUR, share, label=run.figures.policy.value, color=colour)
    panel.set_title(f"% of {'cards' if cards else 'cores'} in use, over hours")
    panel.legend()


def _shown_seconds(trace: Trace, runs: Sequence[Run]) -> float:
    """Return until when the use is shown: a few long jobs run on for days after the last submission."""
    last = max(run.figures.duration_seconds for run in runs)
    submitted = float(trace.submit[-1])
    return min(last, _TIMES_SUBMITTED * submitted) if submitted else last
