"""Fleets and the ways between them, as Hypothesis draws them."""

from itertools import combinations
from typing import Any

import msgspec
from hypothesis import strategies as st

from computility.model.data_link import DataLinkSpec
from computility.model.pool_facts import (
    AllocationUnit,
    Benchmark,
    Energy,
    Measure,
    Precision,
    QueueWait,
    Source,
    StartForecast,
    Taint,
)
from computility.model.reasons import Reason
from computility.model.resource_pool import Capacity, PoolLimits, ResourcePoolStatus
from computility.model.tariff import PriceFactor, Tariff, TariffWindow
from computility.placement.facts import PoolFacts
from support.builders import NOON, seconds
from support.placing import a_pool_with

REGIONS = ("CN-SH", "CN-GS", "CN-NX")
TENTHS = st.integers(1, 40).map(lambda n: n / 10)
PRICES = st.integers(0, 30).map(lambda n: str(n / 10))


def optional(drawn: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | drawn


def some_of(*values: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.sets(st.sampled_from(values)).map(lambda drawn: tuple(v for v in values if v in drawn))


def queue_waits() -> st.SearchStrategy[tuple[QueueWait, ...]]:
    wait = st.builds(
        QueueWait,
        max_nodes=optional(st.integers(1, 3)),
        max_run_seconds=optional(st.sampled_from((60, 3600))),
        min_start_seconds=optional(st.sampled_from((1, 3600))),
        p50_seconds=st.integers(0, 500).map(float),
        p95_seconds=st.integers(500, 900).map(float),
    )
    return st.lists(wait, max_size=3).map(tuple)


def windows() -> st.SearchStrategy[tuple[TariffWindow, ...]]:
    window = st.builds(
        lambda start, length, core, card: TariffWindow(
            start=NOON + seconds(start),
            end=NOON + seconds(start + length),
            per_core_hour=core,
            per_card_hour=card,
        ),
        st.integers(-600, 3600),
        st.integers(1, 3600),
        optional(PRICES),
        optional(PRICES),
    )
    return st.lists(window, max_size=2).map(tuple)


def tariffs() -> st.SearchStrategy[Tariff]:
    return st.builds(
        Tariff,
        currency=st.sampled_from(("CNY",) * 15 + ("USD",)),
        per_core_hour=PRICES,
        per_card_hour=PRICES,
        windows=windows(),
        factors=factors(),
    )


def factors() -> st.SearchStrategy[tuple[PriceFactor, ...]]:
    factor = st.sampled_from((0.0, 0.5, 2.0))
    return st.just(()) | factor.map(lambda each: (PriceFactor(user_class="academic", factor=each),))


def benchmarks() -> st.SearchStrategy[tuple[Benchmark, ...]]:
    def build(speeds: tuple[float, ...], source: Source) -> tuple[Benchmark, ...]:
        pairs = zip((Measure.BF16, Measure.FP64, Measure.CORE), speeds, strict=True)
        return tuple(Benchmark(measure=measure, relative=speed, source=source) for measure, speed in pairs)

    return st.builds(build, st.tuples(TENTHS, TENTHS, TENTHS), st.sampled_from(Source))


def statuses() -> st.SearchStrategy[ResourcePoolStatus]:
    return st.builds(
        lambda total, used, forecast: seen_before(
            0,
            total=Capacity(nodes=total, cores=8 * total, cards=8 * total),
            used_by_others=Capacity(nodes=used // 8, cores=used, cards=used),
            forecast=forecast,
        ),
        st.integers(0, 4),
        st.integers(0, 40),
        st.lists(forecasts(), max_size=3).map(tuple),
    )


def forecasts() -> st.SearchStrategy[StartForecast]:
    return st.builds(
        StartForecast,
        max_nodes=st.integers(1, 3),
        max_run_seconds=st.sampled_from((60, 3600, 86_400)),
        starts_at=st.none() | st.integers(-60, 7200).map(lambda late: NOON + seconds(late)),
    )


def seen_before(age: float, **counted: Any) -> ResourcePoolStatus:
    return ResourcePoolStatus(observed_at=NOON - seconds(age), **counted)


def energies() -> st.SearchStrategy[Energy]:
    share = st.integers(0, 10).map(lambda n: n / 10)
    return st.builds(
        lambda grid, green, watts: Energy(
            grid_kg_per_kwh=grid,
            green_share=green,
            pue=1.3,
            watts_per_card=100.0 * watts,
            watts_per_core=watts,
        ),
        share,
        share,
        TENTHS,
    )


TRAITS: tuple[dict[str, Any], ...] = (
    {"cores": 2},
    {"cards": 4},
    {"cards": 0, "card_model": None},
    {"card_model": "k100"},
    {"memory": "8Gi"},
    {"labels": {"age": "new", "tier": "gold"}},
    {"hold_accrues_age": True},
    {"allocation_unit": AllocationUnit.NODE},
    {"limits": PoolLimits(max_nodes=1)},
    {"limits": PoolLimits(max_cards=4, max_queued=2)},
    {"limits": PoolLimits(max_run_seconds=3600, max_queued=1)},
    {"limits": PoolLimits(max_scratch="1T", max_queued=3)},
    {"modules": ("gcc", "openmpi"), "mpi": ("openmpi",)},
    {"modules": ("dtk",), "mpi": ("mpich",), "card_model": "k100"},
    {"precisions": (Precision.BF16,)},
    {"benchmark": ()},
    {"energy": None},
    {"namespaces": ("team-b",)},
    {"accepted": False},
    {"silent": True},
    {"closed": Reason.CORDONED},
    {"taints": (Taint(key="new"),)},
    {"status": seen_before(600)},
    {"status": seen_before(601)},
    {"status": ResourcePoolStatus()},
)


@st.composite
def pools(draw: st.DrawFn, member: str) -> PoolFacts:
    facts = {
        "region": draw(st.sampled_from(REGIONS)),
        "nodes": draw(st.integers(1, 4)),
        "cards": 8,
        "namespaces": ("team-a", "team-b"),
        "limits": PoolLimits(max_queued=3),
        "status": draw(statuses()),
        "tariff": draw(tariffs()),
        "precisions": (Precision.BF16, Precision.FP64),
        "benchmark": draw(benchmarks()),
        "queue_wait": draw(queue_waits()),
        "energy": draw(energies()),
        "valid_seconds": 600,
    }
    for trait in draw(st.lists(st.sampled_from(TRAITS), max_size=3)):
        facts |= trait
    return a_pool_with(member, **facts)


@st.composite
def fleets(draw: st.DrawFn, least: int = 0) -> tuple[PoolFacts, ...]:
    count = draw(st.integers(least, 7))
    return tuple(draw(pools(f"m{number}")) for number in range(count))


def links() -> st.SearchStrategy[tuple[DataLinkSpec, ...]]:
    """Draw ways between the regions, some of them one way only, and seldom none."""
    link = st.builds(
        lambda gbps, price, both: DataLinkSpec(from_="", to="", gbps=gbps, cost_per_gb=price, both_ways=both),
        TENTHS,
        PRICES,
        st.sampled_from((True, True, False)),
    )
    pairs = tuple(combinations(REGIONS, 2))
    return st.lists(link, min_size=2, max_size=len(pairs)).map(
        lambda ways: tuple(
            msgspec.structs.replace(way, from_=start, to=end)
            for way, (start, end) in zip(ways, pairs, strict=False)
        )
    )
