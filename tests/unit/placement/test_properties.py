"""What holds of placement over any fleet and any job."""

import random
from collections import Counter
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from computility.model.compute_job import Candidate, Policy, Receipt
from computility.model.data_link import DataLinkSpec
from computility.model.reasons import Reason
from computility.model.resource_pool import Capacity
from computility.placement.candidates import complete
from computility.placement.facts import PoolFacts, PoolKey
from computility.placement.place import place
from computility.placement.request import Request
from computility.placement.snapshot import Snapshot
from support.builders import NOON
from support.random_fleets import fleets, links, pools
from support.random_requests import requests
from support.scalar_placement import Takes, fits, takes

FEWER = settings(max_examples=40, deadline=None)
"""Examples are whole fleets: most of the time goes into drawing them."""


def spelled_out(request: Request, snapshot: Snapshot, ways: tuple[DataLinkSpec, ...]) -> dict[PoolKey, Takes]:
    """Return what it takes at each pool that nothing speaks against, without any column."""
    return {
        pool.key: takes(request, pool, ways, NOON)
        for pool in snapshot.pools
        if fits(request, pool, ways, NOON)
    }


@FEWER
@given(fleets(), links(), requests(most=9))
def test_who_fits_is_whom_no_filter_refuses_said_one_by_one(
    fleet: tuple[PoolFacts, ...], ways: tuple[DataLinkSpec, ...], request: Request
) -> None:
    snapshot = Snapshot(pools=fleet, links=ways)
    evaluation = snapshot.answer(request, NOON).evaluation

    assert {evaluation.pool(row).key for row in evaluation.order} == set(spelled_out(request, snapshot, ways))


@FEWER
@given(fleets(least=1), links(), requests())
def test_the_chosen_and_all_runners_up_fit_and_each_pool_is_counted_once(
    fleet: tuple[PoolFacts, ...], ways: tuple[DataLinkSpec, ...], request: Request
) -> None:
    snapshot = Snapshot(pools=fleet, links=ways)
    receipt = place(request, snapshot, NOON).receipt
    fitting = spelled_out(request, snapshot, ways)
    refused = [each for each in receipt.rejected if each.reason != Reason.NOT_COMPARED.value]

    assert {(each.member, each.pool) for each in candidates(receipt)} <= set(fitting)
    assert receipt.fitting == len(fitting)
    assert sum(each.count for each in refused) + len(fitting) == len(fleet)


def candidates(receipt: Receipt) -> tuple[Candidate, ...]:
    return ((receipt.chosen,) if receipt.chosen else ()) + receipt.runners_up


@FEWER
@given(fleets(least=1), links(), requests(most=9))
def test_the_receipt_shows_the_numbers_that_were_decided_by(
    fleet: tuple[PoolFacts, ...], ways: tuple[DataLinkSpec, ...], request: Request
) -> None:
    """Amounts are rounded at six places, seconds to tenths, CO2 to grams.

    What an array costs in parts is a sum of shares, so that only whole ones are compared.
    """
    snapshot = Snapshot(pools=fleet, links=ways)
    receipt = place(request, snapshot, NOON, most_parts=1).receipt
    fitting = spelled_out(request, snapshot, ways)

    for each in candidates(receipt):
        assert_shows(complete(each, request), fitting[each.member, each.pool])


def assert_shows(candidate: Candidate, expected: Takes) -> None:
    assert float(candidate.cost) == pytest.approx(expected.cost, abs=0.6e-6, rel=1e-9)
    assert candidate.done_seconds == pytest.approx(expected.done, abs=0.051)
    assert candidate.run_seconds == pytest.approx(expected.run, abs=0.051)
    assert candidate.wait_seconds == pytest.approx(expected.wait, abs=0.051)
    assert candidate.transfer_seconds == pytest.approx(expected.transfer, abs=0.051)
    if expected.kg_market is None:
        assert candidate.kg_co2_market is None
    else:
        assert candidate.kg_co2_market == pytest.approx(expected.kg_market, abs=0.00051)


def measures(policy: Policy, fitting: dict[PoolKey, Takes]) -> dict[PoolKey, float]:
    """Return a policy's figure of each pool that fits."""
    read = {
        Policy.CHEAPEST: lambda t: t.cost,
        Policy.FASTEST: lambda t: t.done,
        Policy.GREENEST: lambda t: t.kg_market,
    }
    if policy in read:
        return {key: read[policy](each) for key, each in fitting.items()}
    figures = {key: (each.cost, each.done, each.kg_market) for key, each in fitting.items()}
    spans = [(min(column), max(column)) for column in zip(*figures.values(), strict=True)]
    return {
        key: sum(
            (value - least) / (most - least)
            for value, (least, most) in zip(each, spans, strict=True)
            if most > least
        )
        for key, each in figures.items()
    }


@FEWER
@given(fleets(least=1), links(), requests(most=9), st.data())
def test_no_pool_with_room_is_better_than_the_chosen_by_the_policys_own_figure(
    fleet: tuple[PoolFacts, ...], ways: tuple[DataLinkSpec, ...], request: Request, data: st.DataObject
) -> None:
    live = {pool.key: data.draw(st.integers(0, 3)) for pool in fleet}
    snapshot = Snapshot(pools=fleet, links=ways, live=live)
    outcome = place(request, snapshot, NOON)
    chosen, promised = outcome.chosen, outcome.receipt.chosen

    figures = measures(request.placement.policy, spelled_out(request, snapshot, ways))
    ready = {key for key in figures if snapshot.room(fleet_by_key(fleet)[key])}
    assert (chosen is None) == (not ready)
    if promised is None or chosen is None:
        return
    best = min(figures[key] for key in ready)
    if len(outcome.parts) == 1:
        assert figures[chosen.key] == pytest.approx(best, rel=1e-9, abs=1.1e-6)
    elif request.placement.policy in SHOWN:
        # Amounts of parts are rounded each, seconds to tenths, CO2 to grams.
        assert SHOWN[request.placement.policy](promised) <= best * (1 + 1e-9) + 0.051


SHOWN: dict[Policy, Callable[[Candidate], float]] = {
    Policy.CHEAPEST: lambda c: float(c.cost),
    Policy.FASTEST: lambda c: c.done_seconds,
    Policy.GREENEST: lambda c: c.kg_co2_market or 0.0,
}
"""A policy's figure as the receipt shows it."""


def fleet_by_key(fleet: tuple[PoolFacts, ...]) -> dict[PoolKey, PoolFacts]:
    return {pool.key: pool for pool in fleet}


@FEWER
@given(fleets(), links(), st.lists(requests(most=9), max_size=12), st.randoms())
def test_no_pool_ever_gets_more_attempts_than_it_takes(
    fleet: tuple[PoolFacts, ...],
    ways: tuple[DataLinkSpec, ...],
    jobs: list[Request],
    chance: random.Random,
) -> None:
    """Each job takes its places before the next is looked at; some end in between."""
    live: Counter[PoolKey] = Counter()
    snapshot = Snapshot(pools=fleet, links=ways, live=live)
    for job in jobs:
        parts = place(job, snapshot, NOON).parts
        live.update(part.pool.key for part in parts)
        assert len({part.pool.key for part in parts}) == len(parts)
        assert all(live[pool.key] <= pool.spec.limits.max_queued for pool in fleet)
        if chance.random() < 0.3 and live.total():
            live[chance.choice(sorted(live.elements()))] -= 1


@FEWER
@given(fleets(), links(), requests(most=9), st.randoms(use_true_random=False), st.data())
def test_neither_the_order_of_pools_nor_of_labels_nor_of_counts_matters(
    fleet: tuple[PoolFacts, ...],
    ways: tuple[DataLinkSpec, ...],
    request: Request,
    chance: random.Random,
    data: st.DataObject,
) -> None:
    live = {pool.key: data.draw(st.integers(0, 3)) for pool in fleet}
    shuffled = [reversed_labels(pool) for pool in fleet]
    chance.shuffle(shuffled)

    assert place(request, Snapshot(pools=fleet, links=ways, live=live), NOON) == place(
        request,
        Snapshot(pools=tuple(shuffled), links=ways, live=dict(reversed(live.items()))),
        NOON,
    )


def reversed_labels(pool: PoolFacts) -> PoolFacts:
    return msgspec.structs.replace(pool, labels=dict(reversed(pool.labels.items())))


@FEWER
@given(fleets(least=1), links(), requests(most=9), st.data())
def test_more_that_is_free_never_makes_a_job_unplaceable(
    fleet: tuple[PoolFacts, ...], ways: tuple[DataLinkSpec, ...], request: Request, data: st.DataObject
) -> None:
    live = {pool.key: data.draw(st.integers(0, 3)) for pool in fleet}
    number = data.draw(st.integers(0, len(fleet) - 1))
    freed = list(fleet)
    freed[number] = with_more_free(fleet[number])
    fewer = {**live, fleet[number].key: 0}

    before = place(request, Snapshot(pools=fleet, links=ways, live=live), NOON)
    after = place(request, Snapshot(pools=tuple(freed), links=ways, live=fewer), NOON)
    assert after.chosen is not None or before.chosen is None


def with_more_free(pool: PoolFacts) -> PoolFacts:
    status = msgspec.structs.replace(pool.status, used_by_others=Capacity())
    return msgspec.structs.replace(pool, status=status)


@FEWER
@given(fleets(), pools("n"), links(), requests(most=9))
def test_one_pool_more_never_makes_a_job_unplaceable(
    fleet: tuple[PoolFacts, ...], more: PoolFacts, ways: tuple[DataLinkSpec, ...], request: Request
) -> None:
    before = place(request, Snapshot(pools=fleet, links=ways), NOON)
    after = place(request, Snapshot(pools=(*fleet, more), links=ways), NOON)

    assert after.chosen is not None or before.chosen is None


@FEWER
@given(fleets(least=1), links(), requests(), st.data())
def test_a_snapshot_that_answered_before_answers_the_same(
    fleet: tuple[PoolFacts, ...], ways: tuple[DataLinkSpec, ...], request: Request, data: st.DataObject
) -> None:
    """What other requests left behind in a snapshot's columns changes nothing."""
    used = Snapshot(pools=fleet, links=ways)
    for other in data.draw(st.lists(requests(), max_size=4)):
        place(other, used, NOON)

    assert place(request, used, NOON) == place(request, Snapshot(pools=fleet, links=ways), NOON)
