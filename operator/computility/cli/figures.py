"""Estimates as people read them: amounts, times and kilograms, no finer than they are known."""

import math

UNKNOWN = "-"
SAME = "the same"
_MINUTE, _HOUR = 60, 3600
_GRAM = 3
"""Places of a kilogram that are known."""
_SYMBOLS = {"CNY": "¥"}


def amount(value: str | float) -> str:
    """Write an amount of money to the hundredth; one below 1 with three digits that count."""
    number = float(value)
    if not math.isfinite(number):
        return UNKNOWN
    return _digits(number) if 0 < number < 1 else f"{number:,.2f}"


def money(value: str | float, currency: str) -> str:
    """Write an amount with its currency."""
    return f"{amount(value)} {currency}"


def short_money(value: str | float, currency: str) -> str:
    """Write an amount as it is said in a sentence: ¥3,503, ¥2.67."""
    number = float(value)
    said = f"{number:,.0f}" if number >= 100 else amount(number)
    return f"{_SYMBOLS[currency]}{said}" if currency in _SYMBOLS else f"{said} {currency}"


def duration(seconds: float) -> str:
    """Write a time in the unit that suits it: 45 s, 12.5 min, 34.3 h."""
    if not math.isfinite(seconds):
        return UNKNOWN
    if seconds < _MINUTE:
        return f"{seconds:.3g} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.1f} min"
    return f"{seconds / _HOUR:,.1f} h"


def kilograms(value: float | None) -> str:
    """Write kg of CO2: whole ones from 10 on, three digits below, and no finer than the gram."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return f"{value:,.0f}" if value >= 10 or value == 0 else _digits(value, most=_GRAM)


def between(low: str, high: str) -> str:
    """Write a range of two figures; one alone if they are the same."""
    return low if low == high else f"{low} to {high}"


def change(now: float, before: float) -> str:
    """Write by how much a figure differs from another, +12.3 %; "" where there is nothing to compare with."""
    if not (math.isfinite(now) and math.isfinite(before) and before > 0):
        return ""
    percent = (now / before - 1) * 100
    return f"{percent:+.1f} %" if f"{percent:.1f}".strip("-") != "0.0" else SAME


def _digits(number: float, most: int = 99) -> str:
    """Write a number below 1, or of a few, with three digits that count and no exponent."""
    places = min(max(0, 2 - math.floor(math.log10(number))), most)
    return f"{number:.{places}f}"
