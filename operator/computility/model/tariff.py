"""Tariff: a pool's price list, with dated windows in which other prices hold."""

from typing import Annotated

import msgspec
from msgspec import Meta

from computility.model.base import Currency, Instant, Price, Value, Word, keyed_by
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


class PriceFactor(Value, frozen=True, kw_only=True):
    """What users of one class pay of the prices."""

    user_class: Annotated[
        Word, Meta(description="The class, as the label `computility.io/user-class` of a namespace says it.")
    ] = msgspec.field(name="class")
    factor: Annotated[
        float, Meta(ge=0, le=100, description="All prices are multiplied by it; 0.6 takes 40 % off.")
    ]


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
    factors: Annotated[
        tuple[PriceFactor, ...],
        Meta(
            max_length=32,
            extra_json_schema=keyed_by("class"),
            description="By class of user, a factor on all these prices; 1 for who is in none of them.",
        ),
    ] = ()


def factor_for(user_class: str, factors: tuple[PriceFactor, ...]) -> float:
    """Return what users of a class pay of a tariff's prices; "" is who is in no class."""
    return next((each.factor for each in factors if each.user_class == user_class), 1.0)
