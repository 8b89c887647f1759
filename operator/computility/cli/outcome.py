"""Promise and outcome of a job as rows: what it was to cost, when it was to be done, and what it came to."""

from computility.cli.candidates import is_compared
from computility.cli.figures import between, change, duration, kilograms
from computility.cli.section import Row, Section
from computility.model.compute_job import Actual, Candidate, ComputeJob, Receipt

_HEADS = ("", "Cost", "Between", "Done in", "Between", "Run time", "kgCO2 market / grid")


def outcome(job: ComputeJob, receipt: Receipt) -> Section:
    """Show the promise, and once the job has ended what it came to beside it."""
    chosen, actual = receipt.chosen, receipt.actual
    rows: list[Row] = []
    if chosen is not None:
        rows.append(_promised(job, receipt, chosen))
    if actual is not None:
        rows.append(_came_to(receipt, actual))
    return Section("Promise and outcome", _HEADS, rows)


def _promised(job: ComputeJob, receipt: Receipt, chosen: Candidate) -> Row:
    costs, times = chosen.cost_range, chosen.done_range
    each = " each" if job.spec.array else ""
    return (
        "promised" if is_compared(receipt) else "promised, at most",
        f"{chosen.cost} {chosen.currency}",
        between(costs.low, costs.high) if costs else "",
        duration(chosen.done_seconds),
        between(duration(times.low), duration(times.high)) if times else "",
        f"{duration(chosen.run_seconds or job.spec.max_run_seconds)}{each}",
        _emitted(chosen),
    )


def _came_to(receipt: Receipt, actual: Actual) -> Row:
    chosen = receipt.chosen
    return (
        "came to",
        f"{actual.cost} {actual.currency}",
        _against_cost(chosen, actual) if chosen else "",
        "" if actual.done_seconds is None else duration(actual.done_seconds),
        # How long all of it takes is not reckoned for an array that several pools share.
        _against_time(receipt, chosen, actual) if chosen and not receipt.shares else "",
        duration(actual.run_seconds),
        _emitted(actual),
    )


def _emitted(found: Candidate | Actual) -> str:
    if found.kg_co2_market is None:
        return ""
    return f"{kilograms(found.kg_co2_market)} / {kilograms(found.kg_co2_location)}"


def _against_cost(chosen: Candidate, actual: Actual) -> str:
    if chosen.currency != actual.currency:
        return ""
    ends = chosen.cost_range
    bounds = (float(ends.low), float(ends.high)) if ends else None
    return _against(float(actual.cost), float(chosen.cost), bounds)


def _against_time(receipt: Receipt, chosen: Candidate, actual: Actual) -> str:
    if actual.done_seconds is None:
        return ""
    ends = chosen.done_range if is_compared(receipt) else None
    return _against(actual.done_seconds, chosen.done_seconds, (ends.low, ends.high) if ends else None)


def _against(actual: float, promised: float, ends: tuple[float, float] | None) -> str:
    """Say how far a figure is from what was promised, and whether it is within the range."""
    apart = change(actual, promised)
    if ends is None:
        return apart
    low, high = ends
    where = "below" if actual < low else "above" if actual > high else "within"
    return f"{where}: {apart}" if apart else where
