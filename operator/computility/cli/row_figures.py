"""What an evaluation reckons for one row, whether the job fits or not, and by how much two rows differ."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from computility.cli.figures import amount, between, change, duration, kilograms
from computility.cli.standing import Standing
from computility.placement.cost_band import cost_band
from computility.placement.evaluation import Evaluation
from computility.placement.runs import find_benchmark
from computility.placement.table import Floats
from computility.placement.waits import wait_basis


class Figure(NamedTuple):
    """One figure of all rows, with its ends where it has any."""

    name: str
    write: Callable[[float], str]
    expected: Floats
    band: Callable[[int], tuple[float, float]] | None = None

    def cell(self, row: int) -> str:
        """Write it for one row, its ends behind it."""
        said = self.write(self.expected[row])
        if self.band is None or math.isnan(self.expected[row]):
            return said
        ends = between(*map(self.write, self.band(row)))
        return said if ends == said else f"{said} ({ends})"

    def margin(self, row: int, other: int) -> str:
        """Write by how much a row has more of it than another, also in percent."""
        apart = self.expected[row] - self.expected[other]
        if math.isnan(apart) or not apart:
            return ""
        percent = change(self.expected[row], self.expected[other])
        said = f"{'+' if apart > 0 else '-'}{self.write(abs(apart))}"
        return f"{said} ({percent})" if percent else said


def figures_of(evaluation: Evaluation) -> list[Figure]:
    """Return what pools are compared by, and what that is made up of."""
    found = evaluation.estimates
    return [
        Figure("Cost", amount, found.cost, lambda row: cost_band(evaluation, row, found)),
        Figure("Done in", duration, found.done.expected, _ends(found.done.low, found.done.high)),
        Figure("Run", duration, found.run.expected, _ends(found.run.low, found.run.high)),
        Figure("Wait", duration, found.wait.expected, _ends(found.wait.expected, found.wait.high)),
        Figure("Transfer", duration, found.transfer),
        Figure("kgCO2, market", kilograms, found.emissions.kg_market),
        Figure("kgCO2, grid", kilograms, found.emissions.kg_location),
        Figure("Reference hour", amount, found.per_reference_hour),
    ]


def _ends(low: Floats, high: Floats) -> Callable[[int], tuple[float, float]]:
    return lambda row: (float(low[row]), float(high[row]))


def describe_basis(standing: Standing) -> str:
    """Say where the run time and the wait come from."""
    evaluation, pool = standing.evaluation, standing.pool
    request = evaluation.question.request
    benchmark = find_benchmark(pool, request.measure)
    if request.reference_seconds is None:
        run = "a bound, maxRunSeconds"
    elif benchmark is None:
        run = f"no benchmark for {request.measure.value}"
    else:
        run = (
            f"{benchmark.source.value}, {benchmark.relative:g} times the reference in {request.measure.value}"
        )
    seconds = evaluation.estimates.wait.expected[standing.row]
    return f"run: {run}; wait: {wait_basis(pool, request, evaluation.question.now, seconds)}"


def write_figures(standing: Standing) -> dict[str, Any]:
    """Return what is known of each figure as numbers, under the receipt's names where it has one."""
    found, row = standing.evaluation.estimates, standing.row
    band = cost_band(standing.evaluation, row, found)
    numbers = {
        "cost": found.cost[row],
        "costLow": band.low,
        "costHigh": band.high,
        "doneSeconds": found.done.expected[row],
        "doneSecondsLow": found.done.low[row],
        "doneSecondsHigh": found.done.high[row],
        "runSeconds": found.run.expected[row],
        "waitSeconds": found.wait.expected[row],
        "transferSeconds": found.transfer[row],
        "kgCO2Market": found.emissions.kg_market[row],
        "kgCO2Location": found.emissions.kg_location[row],
    }
    return {name: round(float(value), 6) for name, value in numbers.items() if math.isfinite(value)}
