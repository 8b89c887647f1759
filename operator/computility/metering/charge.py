"""What an amount of use costs, in decimals: money is never a float."""

from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from computility.model.resource_pool import Tariff

_HOUR = Decimal(3600)
_SMALLEST = Decimal("0.000001")


@lru_cache(maxsize=4096)  # a burst of like jobs asks every pool the same
def charge(core_seconds: float, card_seconds: float, tariff: Tariff) -> str:
    """Reckon the charge for allocated core-seconds and card-seconds.

    Returns:
        A decimal in the tariff's currency, rounded half to even at six places, without trailing zeros.
    """
    cores = Decimal(repr(core_seconds)) / _HOUR * Decimal(tariff.per_core_hour)
    cards = Decimal(repr(card_seconds)) / _HOUR * Decimal(tariff.per_card_hour)
    return render_amount(cores + cards)


def add_amounts(*amounts: str) -> str:
    """Add amounts of one currency."""
    return render_amount(sum((Decimal(a) for a in amounts), Decimal(0)))


def render_amount(amount: Decimal) -> str:
    """Write an amount without exponent and trailing zeros."""
    text = f"{amount.quantize(_SMALLEST, ROUND_HALF_EVEN):f}"
    return text.rstrip("0").rstrip(".")
