"""What an amount of use costs, in decimals: money is never a float."""

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache

from computility.metering.price import spans
from computility.model.tariff import Tariff

_HOUR = Decimal(3600)
_SMALLEST = Decimal("0.000001")
MOST = Decimal(10) ** 24
"""What is reported to us may be any number; the field of an amount has 32 characters."""
_WIDE = Context(prec=40)


@lru_cache(maxsize=4096)  # a burst of like jobs is charged the same
def charge(
    core_seconds: float,
    card_seconds: float,
    tariff: Tariff,
    start: datetime | None = None,
    run_seconds: float = 0,
    *,
    factor: float = 1,
) -> str:
    """Reckon the charge for allocated core-seconds and card-seconds.

    Args:
        core_seconds: Cores allocated times seconds.
        card_seconds: Cards allocated times seconds.
        tariff: The prices; of its windows those that the use falls into, taken as spread evenly over it.
        start: When the use began; unset, windows do not count.
        run_seconds: How long it lasted.
        factor: What of these prices the user pays; the tariff's own factors do not count.

    Returns:
        A decimal in the tariff's currency, rounded half to even at six places, without trailing zeros.
    """
    if start is None or not tariff.windows:
        amount = _amount(core_seconds, card_seconds, tariff.per_core_hour, tariff.per_card_hour)
        return render_amount(amount * Decimal(repr(factor)))
    parts = (
        Decimal(repr(span.share))
        * _amount(core_seconds, card_seconds, span.per_core_hour, span.per_card_hour)
        for span in spans(tariff, start, run_seconds)
    )
    return render_amount(sum(parts, Decimal(0)) * Decimal(repr(factor)))


def _amount(core_seconds: float, card_seconds: float, per_core_hour: str, per_card_hour: str) -> Decimal:
    cores = Decimal(repr(core_seconds)) / _HOUR * Decimal(per_core_hour)
    cards = Decimal(repr(card_seconds)) / _HOUR * Decimal(per_card_hour)
    return cores + cards


def amount(value: float) -> str:
    """Write an estimate as an amount."""
    return render_amount(Decimal(repr(float(value))))


def add_amounts(*amounts: str) -> str:
    """Add amounts of one currency."""
    return render_amount(sum((Decimal(a) for a in amounts), Decimal(0)))


def render_amount(amount: Decimal) -> str:
    """Write an amount without exponent and trailing zeros; one beyond any field as the most that fits."""
    text = f"{min(amount, MOST).quantize(_SMALLEST, ROUND_HALF_EVEN, _WIDE):f}"
    return text.rstrip("0").rstrip(".")
