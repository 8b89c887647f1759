"""A row of an evaluation as the receipt shows it."""

import msgspec
import numpy as np

from computility.metering.charge import amount
from computility.model.compute_job import AmountRange, Candidate, SecondsRange
from computility.placement.cost_band import CostBand, cost_band
from computility.placement.estimates import Estimates
from computility.placement.evaluation import Evaluation
from computility.placement.request import Request
from computility.placement.runs import find_benchmark
from computility.placement.waits import wait_basis

BOUND = "bound"
_TENTH, _GRAM = 1, 3
MOST_FIGURE = 1e15


def write_candidate(
    evaluation: Evaluation, row: int, found: Estimates, *, is_behind: bool = False
) -> Candidate:
    """Write what the request would take at one pool, with the numbers that the decision used.

    The ends of the cost are left out: they take longer than all else, see `with_cost_range`.

    Args:
        evaluation: What was asked.
        row: The pool.
        found: The numbers: the evaluation's own, or those where it waits for what is ours.
        is_behind: Whether it does.
    """
    request, pool = evaluation.question.request, evaluation.pool(row)
    is_known = request.reference_seconds is not None
    return Candidate(
        member=pool.member,
        pool=pool.pool,
        variant=_variant(evaluation, row),
        cost=amount(found.cost[row]),
        currency=pool.spec.tariff.currency,
        per_reference_hour=amount(found.per_reference_hour[row]) if is_known else None,
        done_seconds=round_seconds(found.done.expected[row]),
        done_range=SecondsRange(
            low=round_seconds(found.done.low[row]), high=round_seconds(found.done.high[row])
        ),
        run_seconds=round_seconds(found.run.expected[row]),
        wait_seconds=round_seconds(found.wait.expected[row]),
        transfer_seconds=round_seconds(found.transfer[row]),
        kg_co2_market=round_kilograms(found.emissions.kg_market[row]),
        kg_co2_location=round_kilograms(found.emissions.kg_location[row]),
        run_basis=_run_basis(evaluation, row) if is_known else BOUND,
        wait_basis=wait_basis(
            pool, request, evaluation.question.now, found.wait.expected[row], is_behind=is_behind
        ),
    )


def with_cost_range(written: Candidate, evaluation: Evaluation, row: int, found: Estimates) -> Candidate:
    """Say between which ends the cost lies, where the work is declared; `found` as it was written with."""
    if evaluation.question.request.reference_seconds is None:
        return written
    return msgspec.structs.replace(written, cost_range=_amounts(cost_band(evaluation, row, found)))


def _variant(evaluation: Evaluation, row: int) -> str:
    form = evaluation.question.request.form_at(evaluation.pool(row).spec)
    return form.name if form else ""


def brief(found: Candidate, request: Request) -> Candidate:
    """Leave out what a runner-up can do without: bands, where figures come from, and what follows.

    Nine times a figure costs the API server as much as all else in a short job's receipt.
    """
    return msgspec.structs.replace(
        found,
        cost_range=None,
        done_range=None,
        per_reference_hour=None,
        run_seconds=0 if request.reference_seconds is None else found.run_seconds,
        done_seconds=0 if found.done_seconds == found.run_seconds else found.done_seconds,
        run_basis="",
        wait_basis="",
    )


def complete(found: Candidate, request: Request) -> Candidate:
    """Fill in what was left out because it follows: the bound of the run, and when it is done."""
    run = found.run_seconds
    if request.reference_seconds is None:
        run = run or request.max_run_seconds
    return msgspec.structs.replace(found, run_seconds=run, done_seconds=found.done_seconds or run)


def _amounts(band: CostBand) -> AmountRange:
    return AmountRange(low=amount(band.low), high=amount(band.high))


def _run_basis(evaluation: Evaluation, row: int) -> str:
    found = find_benchmark(evaluation.pool(row), evaluation.question.request.measure)
    return found.source.value if found else ""


def round_seconds(value: float) -> float:
    """Round to what is worth saying, and to what the field can hold: a centre may publish any wait."""
    return round(min(float(value), MOST_FIGURE), _TENTH)


def round_kilograms(value: float) -> float | None:
    """Round to the gram, and to what the field can hold; None where nobody knows."""
    return None if np.isnan(value) else round(min(float(value), MOST_FIGURE), _GRAM)
