"""Candidates of a receipt as rows: what each costs, when it is done, and what that is made up of."""

from collections.abc import Sequence

from computility.cli.figures import UNKNOWN, amount, between, duration, kilograms, money
from computility.cli.pool_name import pool_name
from computility.cli.section import Row, Section
from computility.model.compute_job import Candidate, ComputeJob, Receipt
from computility.placement.candidates import complete
from computility.placement.request import Request

_HOUR = 3600.0


def describe_fit(receipt: Receipt) -> str:
    """Say how many pools fit, and by which policy the first is first."""
    return f"{receipt.fitting} of {receipt.considered} pools fit; policy {receipt.policy.value}"


def candidates(job: ComputeJob, receipt: Receipt, title: str) -> tuple[Section, Section]:
    """Show what was chosen and the next best: first what they are compared by, then what it rests on."""
    request = Request.of(job)
    named = [(place, complete(each, request)) for place, each in _named(receipt)]
    unit = "Card-hour" if job.spec.resources.cards else "Core-hour"
    cost = "Cost" if is_compared(receipt) else "Cost at most"
    heads = ("", "Pool", cost, "Done in", "kgCO2 market / grid", unit, "Reference hour")
    rows = [(place, *_compared(job, each)) for place, each in named]
    basis = [(place, *_basis(each)) for place, each in named]
    made_up = Section("What that is made up of", _BASIS, basis)
    return Section(title, heads, rows), _with_variants(made_up, job, [each for _, each in named])


def _with_variants(section: Section, job: ComputeJob, found: Sequence[Candidate]) -> Section:
    """Say of a job that has variants which one would run."""
    if not job.spec.template.variants:
        return section
    rows = [(*row, each.variant or UNKNOWN) for row, each in zip(section.rows, found, strict=True)]
    return section._replace(heads=(*section.heads, "Variant"), rows=rows)


_BASIS: Row = ("", "Pool", "Cost between", "Done between", "Run", "Wait", "Transfer", "Basis of run, wait")


def is_compared(receipt: Receipt) -> bool:
    """Say whether the job declares its work: else its costs are bounds."""
    return receipt.chosen is None or receipt.chosen.per_reference_hour is not None


def _named(receipt: Receipt) -> list[tuple[str, Candidate]]:
    first = [("chosen", receipt.chosen)] if receipt.chosen else []
    return first + [(f"next {place}", each) for place, each in enumerate(receipt.runners_up, start=1)]


def _compared(job: ComputeJob, found: Candidate) -> Row:
    worth = found.per_reference_hour
    return (
        pool_name(found),
        money(found.cost, found.currency),
        duration(found.done_seconds),
        f"{kilograms(found.kg_co2_market)} / {kilograms(found.kg_co2_location)}",
        sticker(job, found),
        UNKNOWN if worth is None else amount(worth),
    )


def _basis(found: Candidate) -> Row:
    costs, times = found.cost_range, found.done_range
    return (
        pool_name(found),
        between(amount(costs.low), amount(costs.high)) if costs else UNKNOWN,
        between(duration(times.low), duration(times.high)) if times else UNKNOWN,
        duration(found.run_seconds),
        duration(found.wait_seconds),
        duration(found.transfer_seconds),
        f"{found.run_basis or UNKNOWN}, {found.wait_basis or UNKNOWN}",
    )


def sticker(job: ComputeJob, found: Candidate) -> str:
    """Write what a card-hour (without cards, a core-hour) costs there.

    The receipt has the price of a reference hour, which is that of a card-hour over the card's speed, and
    speed is seconds on the reference over seconds there. Without declared work a card-hour is what is
    charged for, unless the cost has transfers or several indices in it.
    """
    request = Request.of(job)
    if not found.run_seconds:
        return UNKNOWN
    if found.per_reference_hour is not None and request.reference_seconds is not None:
        return amount(float(found.per_reference_hour) * request.reference_seconds / found.run_seconds)
    if request.input_bytes or job.spec.array is not None:
        return UNKNOWN
    return amount(float(found.cost) / (request.cards or request.cores) / found.run_seconds * _HOUR)
