"""Money is decimal."""

import pytest

from computility.metering.charge import add_amounts, charge
from computility.model.tariff import Tariff, TariffWindow
from support.builders import NOON, seconds

SALE = TariffWindow(start=NOON, end=NOON + seconds(7200))


@pytest.mark.parametrize(
    ("core_seconds", "card_seconds", "tariff", "expected"),
    [
        pytest.param(3600, 0, Tariff(per_core_hour="0.12"), "0.12", id="one-core-hour"),
        pytest.param(0, 7200, Tariff(per_card_hour="5.6"), "11.2", id="two-card-hours"),
        pytest.param(0.1 * 3600, 0, Tariff(per_core_hour="0.3"), "0.03", id="no-binary-fractions"),
        pytest.param(1, 0, Tariff(per_core_hour="0.0018"), "0", id="half-of-the-smallest-goes-to-even"),
        pytest.param(0, 0, Tariff(per_core_hour="1"), "0", id="nothing"),
        pytest.param(3600 * 10**9, 0, Tariff(per_core_hour="1"), "1000000000", id="no-exponent"),
    ],
)
def test_a_charge(core_seconds: float, card_seconds: float, tariff: Tariff, expected: str) -> None:
    assert charge(core_seconds, card_seconds, tariff) == expected


@pytest.mark.parametrize("windows", [(), (SALE,)], ids=["usual-prices", "in-a-window"])
def test_a_factor_is_taken_of_the_whole_charge_exactly(windows: tuple[TariffWindow, ...]) -> None:
    tariff = Tariff(per_core_hour="0.7", windows=windows)

    assert charge(3 * 3600, 0, tariff, NOON, 3600, factor=0.1) == "0.21"


def test_amounts_add_up_exactly() -> None:
    assert add_amounts("0.1", "0.2") == "0.3"
