"""What a job came to, beside what its receipt promised."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from computility.metering.charge import add_amounts
from computility.metering.emissions import kg_location, kg_market, kwh
from computility.model.compute_job import Actual, Attempt, ComputeJobStatus, Receipt, Resources
from computility.placement.candidates import round_kilograms


def settle_receipt(status: ComputeJobStatus, resources: Resources) -> Receipt | None:
    """Write what it came to beside what was promised; a job that was never placed promised nothing.

    Cost, run time and CO2 are of all attempts; the time until it was done counts from the decision that the
    receipt is of, which is that of the last ones.
    """
    receipt, attempts = status.receipt, status.attempts
    if receipt is None or not attempts:
        return receipt
    emitted = _emitted(attempts, resources)
    actual = Actual(
        cost=add_amounts(*(a.cost or "0" for a in attempts)),
        currency=attempts[-1].tariff.currency,
        run_seconds=sum(a.run_seconds or 0.0 for a in attempts),
        done_seconds=_done_seconds(attempts, receipt),
        kg_co2_market=round_kilograms(emitted.market) if emitted else None,
        kg_co2_location=round_kilograms(emitted.location) if emitted else None,
    )
    return msgspec.structs.replace(receipt, actual=actual)


def _done_seconds(attempts: Iterable[Attempt], receipt: Receipt) -> float | None:
    """Return when the last of what was decided at once had ended, in seconds from the decision."""
    decided = (a for a in attempts if a.placed_at == receipt.decided_at)
    return max((a.done_seconds for a in decided if a.done_seconds is not None), default=None)


class _Emitted(NamedTuple):
    location: float
    market: float


def _emitted(attempts: Iterable[Attempt], resources: Resources) -> _Emitted | None:
    """Return the kg of CO2 of all that ran; None if it is not known of all of it."""
    ran = [a for a in attempts if a.run_seconds is not None]
    known = [_emitted_by(a, resources) for a in ran]
    if not known or None in known:
        return None
    return _Emitted(sum(e.location for e in known if e), sum(e.market for e in known if e))


def _emitted_by(attempt: Attempt, resources: Resources) -> _Emitted | None:
    """Reckon it as the promise was: of the cards that were asked for, and of the cores without cards."""
    energy, cards = attempt.energy, resources.node_count * resources.cards_on_each_node
    if energy is None:
        return None
    watts = cards * energy.watts_per_card if cards else resources.cores * energy.watts_per_core
    by_location = kg_location(kwh(watts, energy.pue, attempt.run_seconds or 0.0), energy.grid_kg_per_kwh)
    return _Emitted(by_location, kg_market(by_location, energy.green_share))
