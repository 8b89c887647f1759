"""What a job would cost at a pool, and what would come of it there."""

from computility.model.compute_job import Policy, Work
from computility.model.job_placement import Weights
from computility.model.pool_facts import AllocationUnit, Energy
from computility.model.reasons import Reason
from computility.model.tariff import PriceFactor, Tariff, TariffWindow
from support.builders import NOON, seconds
from support.filter_cases.case import Case, placed
from support.placing import CARDS, bf16, data_from

DAY = 86_400
NIGHT_RATE = TariffWindow(start=NOON - seconds(60), end=NOON + seconds(60), per_core_hour="9")
LATER_RATE = TariffWindow(start=NOON + seconds(3600), end=NOON + seconds(9000), per_core_hour="10")
FROM_NOW_ON = TariffWindow(start=NOON, end=NOON + seconds(60), per_card_hour="9")
UNTIL_NOW = TariffWindow(start=NOON - seconds(60), end=NOON, per_card_hour="9")
GRID = Energy(grid_kg_per_kwh=0.5, watts_per_core=5.0)
HOUR_ON_8 = {"resources": CARDS, "work": Work(reference_card_hours=8.0)}
CARD_NODES = {"cores": 40, "cards": 8, "card_hour": "1.6", "allocation_unit": AllocationUnit.NODE}

AT_WHAT_PRICE = (
    Case("currency", Reason.CURRENCY, refused={"currency": "USD"}, wanted="CNY", found="USD"),
    Case(
        "core-hour",
        Reason.PRICE_TOO_HIGH,
        wish=placed(max_price_per_core_hour="0.1"),
        refused={"core_hour": "0.11"},
        taken={"core_hour": "0.10"},
        wanted="0.1 per core-hour",
        found="0.11 CNY per core-hour",
    ),
    Case(
        "core-hour-with-the-cards-of-whole-nodes",
        Reason.PRICE_TOO_HIGH,
        wish=placed(max_price_per_core_hour="0.32"),
        refused={"core_hour": "0.005", **CARD_NODES},
        taken={"core_hour": "0", **CARD_NODES},
        wanted="0.32 per core-hour",
        found="0.325 CNY per core-hour",
    ),
    Case(
        "core-hour-in-a-window",
        Reason.PRICE_TOO_HIGH,
        wish=placed(max_price_per_core_hour="8"),
        refused={"tariff": Tariff(per_core_hour="7", windows=(NIGHT_RATE,))},
        taken={"tariff": Tariff(per_core_hour="7")},
        wanted="8 per core-hour",
        found="9 CNY per core-hour",
    ),
    Case(
        "core-hour-over-the-run",
        Reason.PRICE_TOO_HIGH,
        wish={"max_run_seconds": 7200, **placed(max_price_per_core_hour="8")},
        refused={"tariff": Tariff(per_core_hour="7", windows=(LATER_RATE,))},
        taken={"tariff": Tariff(per_core_hour="6", windows=(LATER_RATE,))},
        wanted="8 per core-hour",
        found="8.5 CNY per core-hour",
    ),
    Case(
        "core-hour-of-a-class",
        Reason.PRICE_TOO_HIGH,
        wish={"user_class": "academic", **placed(max_price_per_core_hour="0.3")},
        refused={
            "tariff": Tariff(per_core_hour="0.5", factors=(PriceFactor(user_class="academic", factor=0.7),))
        },
        taken={
            "tariff": Tariff(per_core_hour="3", factors=(PriceFactor(user_class="academic", factor=0.1),))
        },
        wanted="0.3 per core-hour",
        found="0.35 CNY per core-hour",
    ),
    Case(
        "card-hour-from-now-on",
        Reason.PRICE_TOO_HIGH,
        wish={"resources": CARDS, **placed(max_price_per_card_hour="8")},
        refused={"cards": 8, "tariff": Tariff(per_card_hour="7", windows=(FROM_NOW_ON,))},
        taken={"cards": 8, "tariff": Tariff(per_card_hour="7", windows=(UNTIL_NOW,))},
        wanted="8 per card-hour",
        found="9 CNY per card-hour",
    ),
    Case(
        "card-hour",
        Reason.PRICE_TOO_HIGH,
        wish={"resources": CARDS, **placed(max_price_per_card_hour="4")},
        refused={"cards": 8, "card_hour": "4.01"},
        taken={"cards": 8, "card_hour": "4"},
        wanted="4 per card-hour",
        found="4.01 CNY per card-hour",
    ),
)
WHAT_COMES_OF_IT = (
    Case(
        "benchmark",
        Reason.NO_BENCHMARK,
        wish=HOUR_ON_8 | {"max_run_seconds": DAY},
        refused={"cards": 8},
        taken={"cards": 8, "benchmark": bf16(1.0)},
        wanted="bf16",
    ),
    Case(
        "time-out",
        Reason.WOULD_TIME_OUT,
        wish=HOUR_ON_8 | {"max_run_seconds": 3600},
        refused={"cards": 8, "benchmark": bf16(1.0)},
        taken={"cards": 8, "benchmark": bf16(1.2)},
        wanted="3600 s",
        found="up to 4223 s",
    ),
    Case(
        "deadline",
        Reason.DEADLINE_MISSED,
        wish=HOUR_ON_8 | {"max_run_seconds": DAY, "deadline": NOON + seconds(3600)},
        refused={"cards": 8, "benchmark": bf16(0.5)},
        taken={"cards": 8, "benchmark": bf16(1.0)},
        wanted="done in 3600 s",
        found="7200 s",
    ),
    Case(
        "energy-of-the-greenest",
        Reason.ENERGY_UNKNOWN,
        wish=placed(policy=Policy.GREENEST),
        refused={},
        taken={"energy": GRID},
        wanted="spec.energy of the pool",
    ),
    Case(
        "energy-of-the-balanced",
        Reason.ENERGY_UNKNOWN,
        wish=placed(policy=Policy.BALANCED),
        refused={},
        taken={"energy": GRID},
        wanted="spec.energy of the pool",
    ),
    Case(
        "energy-that-weighs",
        Reason.ENERGY_UNKNOWN,
        wish=placed(policy=Policy.CUSTOM, weights=Weights(cost=1, carbon=0.1)),
        refused={},
        taken={"energy": GRID},
        wanted="spec.energy of the pool",
    ),
    Case(
        "link",
        Reason.NO_LINK,
        wish={"data": data_from(corpus="7T@CN-GS")},
        refused={},
        taken={"region": "CN-GS"},
        wanted="a link from CN-GS",
    ),
)
