"""Tariff: a pool's price list, with dated windows in which other prices hold."""

from typing import Annotated

from msgspec import Meta

from computility.model.base import Currency, Instant, Price, Value
from computility.model.rules import Rule

WINDOW_RULE = Rule(
    "self.all(w, w.start < w.end)",
    "spec.tariff.windows: a window's end must be after its start",
    at=".spec.tariff.windows",
)


class TariffWindow(Value, frozen=True, kw_only=True):
    """A stretch of time in which other prices hold: a sale, a night rate, a dear week."""

    start: Annotated[Instant, Meta(description="From when on, that moment included.")]
    end: Annotated[Instant, Meta(description="Until when, that moment excluded; the usual prices return.")]
    per_core_hour: Annotated[
        Price | None, Meta(description="Price of a core-hour meanwhile; unset: the usual one.")
    ] = None
    per_card_hour: Annotated[
        Price | None, Meta(description="Price of a card-hour meanwhile; unset: the usual one.")
    ] = None


class Tariff(Value, frozen=True, kw_only=True):
    """The price list: what a core-hour and a card-hour cost."""

    currency: Annotated[Currency, Meta(description="ISO 4217 code of all its prices.")] = "CNY"
    per_core_hour: Annotated[
        Price, Meta(description="Price of one core for one hour, a decimal in `currency`.")
    ] = "0"
    per_card_hour: Annotated[
        Price, Meta(description="Price of one card for one hour, a decimal in `currency`.")
    ] = "0"
    windows: Annotated[
        tuple[TariffWindow, ...],
        Meta(
            max_length=32,
            description="Dated windows with prices of their own; of two that overlap the first counts.",
        ),
    ] = ()
