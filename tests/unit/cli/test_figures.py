"""Estimates as people read them."""

import math

import pytest

from computility.cli import figures


@pytest.mark.parametrize(
    ("value", "told"),
    [
        pytest.param("3503.333333", "3,503.33", id="grouped-to-the-hundredth"),
        pytest.param("0.000667", "0.000667", id="below-one-three-digits-that-count"),
        pytest.param("0.0000012", "0.00000120", id="without-an-exponent"),
        pytest.param("0", "0.00", id="nothing"),
        pytest.param(math.nan, "-", id="unknown"),
    ],
)
def test_an_amount_is_no_finer_than_it_is_known(value: str | float, told: str) -> None:
    assert figures.amount(value) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        pytest.param(0, "0 s", id="none"),
        pytest.param(59.4, "59.4 s", id="seconds"),
        pytest.param(3428.6, "57.1 min", id="minutes"),
        pytest.param(123_600, "34.3 h", id="hours"),
        pytest.param(36_000_000, "10,000.0 h", id="very-many-hours"),
        pytest.param(math.inf, "-", id="never"),
    ],
)
def test_a_time_is_in_the_unit_that_suits_it(seconds: float, told: str) -> None:
    assert figures.duration(seconds) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        pytest.param(1312.4, "1,312", id="grouped"),
        pytest.param(4.256, "4.26", id="few"),
        pytest.param(0.0123, "0.012", id="grams"),
        pytest.param(0.001, "0.001", id="one-gram"),
        pytest.param(0.0, "0", id="none"),
        pytest.param(None, "-", id="unknown"),
    ],
)
def test_kilograms_are_whole_where_they_are_many(value: float | None, told: str) -> None:
    assert figures.kilograms(value) == told


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        pytest.param(112, 100, "+12.0 %", id="more"),
        pytest.param(88, 100, "-12.0 %", id="less"),
        pytest.param(100.01, 100, "the same", id="too-little-to-tell"),
        pytest.param(1, 0, "", id="of-nothing"),
        pytest.param(math.nan, 1, "", id="of-the-unknown"),
    ],
)
def test_a_change_is_told_in_percent(now: float, before: float, told: str) -> None:
    assert figures.change(now, before) == told


@pytest.mark.parametrize(
    ("value", "currency", "told"),
    [
        pytest.param("3503.33", "CNY", "¥3,503", id="whole-yuan"),
        pytest.param("2.67", "CNY", "¥2.67", id="a-few-yuan"),
        pytest.param("250", "EUR", "250 EUR", id="another-currency"),
    ],
)
def test_in_a_sentence_an_amount_is_short(value: str, currency: str, told: str) -> None:
    assert figures.short_money(value, currency) == told
