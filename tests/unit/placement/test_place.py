"""Placement over one snapshot."""

import itertools
import random
from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from computility.model.base import Architecture
from computility.model.compute_job import PlacementSpec, PoolSelector, Requirements, Resources
from computility.model.pool_facts import Precision
from computility.model.reasons import Reason
from computility.model.resource_pool import PoolLimits, ResourcePoolStatus
from computility.placement import snapshot
from computility.placement.facts import PoolKey
from computility.placement.place import Outcome, place
from computility.placement.snapshot import PoolFacts, Request, Snapshot
from support.builders import NOON, a_job, a_pool, seconds
from support.placing import a_pool_with


def a_request(**fields: object) -> Request:
    return Request.of(a_job(**fields))


def choose(
    *pools: PoolFacts,
    avoid: tuple[PoolKey, ...] = (),
    live: Mapping[PoolKey, int] = MappingProxyType({}),
    **fields: object,
) -> Outcome:
    return place(a_request(**fields), Snapshot(pools=pools, live=live), NOON, avoid=avoid)


@pytest.mark.parametrize(
    ("pool", "wish", "reason"),
    [
        pytest.param(a_pool(accepted=False), {}, Reason.NOT_ACCEPTED, id="not-accepted"),
        pytest.param(a_pool(silent=True), {}, Reason.MEMBER_SILENT, id="silent"),
        pytest.param(a_pool(status=ResourcePoolStatus()), {}, Reason.NO_STATUS, id="never-reported"),
        pytest.param(a_pool(namespaces=()), {}, Reason.ACCESS, id="an-empty-list-admits-nobody"),
        pytest.param(
            a_pool(),
            {"placement": PlacementSpec(pool_selector=PoolSelector(match_labels={"tier": "gold"}))},
            Reason.SELECTOR,
            id="label-missing",
        ),
        pytest.param(
            a_pool(cards=8),
            {"resources": Resources(cards=8), "requirements": Requirements(card_models=("k100-ai",))},
            Reason.CARD_MODEL,
            id="other-cards",
        ),
        pytest.param(a_pool(cards=4), {"resources": Resources(cards=8)}, Reason.TOO_FEW_CARDS, id="cards"),
        pytest.param(a_pool(nodes=4), {"resources": Resources(nodes=5)}, Reason.TOO_FEW_NODES, id="nodes"),
        pytest.param(
            a_pool(limits=PoolLimits(max_nodes=2)),
            {"resources": Resources(nodes=3)},
            Reason.TOO_FEW_NODES,
            id="nodes-for-one-job",
        ),
        pytest.param(
            a_pool(cores=8), {"resources": Resources(cpus_per_task=9)}, Reason.TOO_FEW_CORES, id="cores"
        ),
        pytest.param(
            a_pool(memory="16Gi"),
            {"resources": Resources(memory_per_node="17Gi")},
            Reason.TOO_LITTLE_MEMORY,
            id="memory",
        ),
        pytest.param(
            a_pool(limits=PoolLimits(max_run_seconds=60)),
            {"max_run_seconds": 61},
            Reason.RUN_TOO_LONG,
            id="time",
        ),
        pytest.param(
            a_pool(architecture=Architecture.ARM64),
            {"requirements": Requirements(architectures=(Architecture.AMD64,))},
            Reason.ARCHITECTURE,
            id="other-instructions",
        ),
        pytest.param(a_pool(currency="USD"), {}, Reason.CURRENCY, id="no-rate-to-compare-by"),
        pytest.param(
            a_pool(core_hour="0.11"),
            {"placement": PlacementSpec(max_price_per_core_hour="0.1")},
            Reason.PRICE_TOO_HIGH,
            id="price",
        ),
    ],
)
def test_a_pool_that_does_not_fit(pool: PoolFacts, wish: dict[str, object], reason: Reason) -> None:
    outcome = choose(pool, **wish)

    assert outcome.chosen is None
    assert outcome.reason is Reason.NO_POOL_FITS
    assert [(r.reason, r.count) for r in outcome.receipt.rejected] == [(reason.value, 1)]


def test_the_cheapest_of_those_that_fit_is_chosen() -> None:
    outcome = choose(
        a_pool("dear", core_hour="3"), a_pool("fair", core_hour="2"), a_pool("small", cores=0, core_hour="1")
    )

    assert outcome.chosen is not None
    assert outcome.chosen.member == "fair"
    assert [c.member for c in outcome.receipt.runners_up] == ["dear"]
    assert outcome.receipt.considered == 3


def test_a_price_cap_on_cards_does_not_concern_a_job_without_cards() -> None:
    wish = PlacementSpec(max_price_per_card_hour="1")

    assert choose(a_pool(cards=4, card_hour="9"), placement=wish).chosen is not None


def test_a_pool_with_as_many_attempts_as_it_takes_is_passed_over() -> None:
    full = a_pool("full", core_hour="1", limits=PoolLimits(max_queued=5))
    live = {full.key: 5}

    assert choose(full, live=live).reason is Reason.POOLS_BUSY
    elsewhere = choose(full, a_pool("dear", core_hour="9"), live=live).chosen
    assert elsewhere is not None
    assert elsewhere.member == "dear"


def test_what_was_tried_before_is_counted_as_such() -> None:
    outcome = choose(a_pool("alpha"), avoid=(("alpha", "cpu"),))

    assert [r.reason for r in outcome.receipt.rejected] == ["TriedBefore"]


def test_a_network_without_pools_says_so() -> None:
    assert choose().reason is Reason.NO_POOLS


def test_the_message_counts_and_says_how_near_the_nearest_came() -> None:
    pools = [a_pool(f"m{i}", nodes=i + 1) for i in range(4)]

    message = choose(*pools, resources=Resources(nodes=64)).message

    assert message == "no pool fits: 4 considered; 4 TooFewNodes (wanted 64, nearest 4)"


def test_the_largest_is_told_of_the_pools_that_compute_in_what_is_wanted() -> None:
    other = a_pool_with("other", nodes=6, cards=8, precisions=(Precision.BF16,))
    right = a_pool_with("right", nodes=4, cards=8, precisions=(Precision.FP64,))
    wanted = Requirements(precisions=(Precision.FP64,))

    message = choose(
        other, right, resources=Resources(cards=64, cards_per_node=8), requirements=wanted
    ).message

    assert "CardLimit (wanted 64 in all, nearest 32 in all)" in message


def test_of_prices_above_the_cap_the_lowest_is_told() -> None:
    pools = [a_pool(name, core_hour=price) for name, price in {"a": "7", "b": "3", "c": "5"}.items()]

    message = choose(*pools, placement=PlacementSpec(max_price_per_core_hour="2")).message

    assert "3 PriceTooHigh (wanted 2 per core-hour, nearest 3 CNY per core-hour)" in message


def test_a_node_whose_memory_is_just_enough_will_do() -> None:
    assert choose(a_pool(memory="16Gi"), resources=Resources(memory_per_node="16Gi")).chosen is not None


def test_an_answer_is_used_again_for_seconds_and_not_for_ever() -> None:
    """The deadline is met at noon, and 40 s later no more."""
    request = msgspec.structs.replace(a_request(), deadline=NOON + seconds(90))
    snapshot = Snapshot(pools=(a_pool(),))

    assert place(request, snapshot, NOON).reason is Reason.PLACED
    assert place(request, snapshot, NOON + seconds(40)).reason is Reason.NO_POOL_FITS


def test_closing_some_pools_leaves_others_as_full_as_they_are() -> None:
    one = PoolLimits(max_queued=1)
    pools = a_pool("full", limits=one), a_pool("closed"), a_pool("free", core_hour="9")
    snapshot = Snapshot(pools=pools, live={("full", "cpu"): 1}).without_room({("closed", "cpu")})

    chosen = place(a_request(), snapshot, NOON).chosen
    assert chosen is not None
    assert chosen.member == "free"


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=12),
    st.integers(1, 40),
    st.randoms(use_true_random=False),
)
def test_the_order_of_pools_does_not_matter(sizes: list[int], wanted: int, rng: random.Random) -> None:
    pools = [a_pool(f"m{i}", nodes=size, core_hour=str(size % 3)) for i, size in enumerate(sizes)]
    shuffled = pools[:]
    rng.shuffle(shuffled)

    wish = Resources(nodes=wanted)
    assert choose(*pools, resources=wish) == choose(*shuffled, resources=wish)


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(0, 3)), max_size=12),
    st.integers(1, 9),
)
def test_the_chosen_fits_and_none_that_fits_is_cheaper(
    pools: list[tuple[int, int, int]], wanted: int
) -> None:
    facts = [
        a_pool(f"m{i}", nodes=n, core_hour=str(price), limits=PoolLimits(max_queued=3))
        for i, (n, price, _) in enumerate(pools)
    ]
    live = {(f"m{i}", "cpu"): count for i, (_, _, count) in enumerate(pools)}
    outcome = choose(*facts, live=live, resources=Resources(nodes=wanted))

    fitting = [f for f in facts if f.spec.shape.nodes >= wanted]
    ready = [f for f in fitting if live[f.key] < 3]
    assert outcome.receipt.fitting == len(fitting)
    assert (outcome.chosen is None) == (not ready)
    if outcome.chosen is not None:
        assert int(outcome.chosen.spec.tariff.per_core_hour) == min(
            int(f.spec.tariff.per_core_hour) for f in ready
        )


def test_the_receipt_is_bounded_at_any_fleet_size() -> None:
    prices = itertools.cycle("123456789")
    fleet = [a_pool(f"m{i}", nodes=1 + i % 9, core_hour=next(prices)) for i in range(2000)]

    receipt = choose(*fleet, resources=Resources(nodes=5)).receipt

    assert len(receipt.runners_up) == 9
    assert all(len(r.examples) <= 3 for r in receipt.rejected)
    assert sum(r.count for r in receipt.rejected) + receipt.fitting == 2000


def test_what_is_kept_of_answers_has_an_end_also_where_there_is_no_pool(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else a hub keeps an answer to each request that it was ever asked, such as one for each deadline."""
    monkeypatch.setattr(snapshot, "_MOST_ROWS", 10 * snapshot._ROWS_OF_ANY)
    shown = Snapshot()
    for n in range(100):
        place(a_request(max_run_seconds=60 + n), shown, NOON)

    assert len(shown._answers) <= 10
