"""What holds of placement over any fleet and any job."""

import random
from collections import Counter
from collections.abc import Callable
from itertools import islice
from math import inf

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
from computility.placement.held import Held, Stake
from computility.placement.ours import Ours
from computility.placement.place import place
from computility.placement.ranking import Ranking
from computility.placement.request import Request
from computility.placement.snapshot import Snapshot
from support.builders import NOON
from support.random_fleets import fleets, links, pools
from support.random_requests import requests
from support.scalar_placement import Takes, fits, takes

FEWER = settings(max_examples=40)
"""Examples are whole fleets: most of the time goes into drawing them."""


def stakes() -> st.SearchStrategy[list[Stake]]:
    """Draw what the network's own attempts hold at a pool, some of it placed after its report."""
    stake = st.builds(
        lambda nodes, cores, cards, age: Stake(
            Held(nodes, max(cores, nodes), cards), int(NOON.timestamp()) - age
        ),
        st.integers(0, 2),
        st.integers(0, 12),
        st.integers(0, 8),
        st.sampled_from((0, 89, 90, 91, 3600)),
    )
    return st.lists(stake, max_size=3)


Taken = dict[PoolKey, list[Stake]]


def draw_taken(data: st.DataObject, fleet: tuple[PoolFacts, ...]) -> Taken:
    return {pool.key: data.draw(stakes()) for pool in fleet}


def counted(taken: Taken) -> Ours:
    ours = Ours()
    for pool, held in taken.items():
        for stake in held:
            ours.add(pool, stake)
    return ours


def spelled_out(
    request: Request, snapshot: Snapshot, ways: tuple[DataLinkSpec, ...], taken: Taken | None = None
) -> dict[PoolKey, Takes]:
    """Return what it takes at each pool that nothing speaks against, without any column."""
    return {
        pool.key: takes(request, pool, ways, NOON, (taken or {}).get(pool.key, ()))
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
@given(fleets(least=1), links(), requests(most=9), st.data())
def test_the_receipt_shows_the_numbers_that_were_decided_by(
    fleet: tuple[PoolFacts, ...], ways: tuple[DataLinkSpec, ...], request: Request, data: st.DataObject
) -> None:
    """Amounts are rounded at six places, seconds to tenths, CO2 to grams.

    What an array costs in parts is a sum of shares, so that only whole ones are compared.
    """
    taken = draw_taken(data, fleet)
    snapshot = Snapshot(pools=fleet, links=ways, ours=counted(taken))
    receipt = place(msgspec.structs.replace(request, most_parts=1), snapshot, NOON).receipt
    fitting = spelled_out(request, snapshot, ways, taken)

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


def measures(
    policy: Policy, fitting: dict[PoolKey, Takes], scale: dict[PoolKey, Takes]
) -> dict[PoolKey, float]:
    """Return a policy's figure of each pool that fits; sums on the scale of what it would take if idle."""
    read = {
        Policy.CHEAPEST: lambda t: t.cost,
        Policy.FASTEST: lambda t: t.done,
        Policy.GREENEST: lambda t: t.kg_market,
    }
    if policy in read:
        return {key: read[policy](each) for key, each in fitting.items()}
    figures = {key: (each.cost, each.done, each.kg_market) for key, each in fitting.items()}
    idle = [(each.cost, each.done, each.kg_market) for each in scale.values()]
    spans = [(min(column), max(column)) for column in zip(*idle, strict=True)]
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
    taken = draw_taken(data, fleet)
    snapshot = Snapshot(pools=fleet, links=ways, live=live, ours=counted(taken))
    outcome = place(request, snapshot, NOON)
    chosen, promised = outcome.chosen, outcome.receipt.chosen

    fitting = spelled_out(request, snapshot, ways, taken)
    figures = measures(request.placement.policy, fitting, spelled_out(request, snapshot, ways))
    ready = {key for key in figures if snapshot.room(fleet_by_key(fleet)[key])}
    assert (chosen is None) == (not ready)
    if promised is None or chosen is None:
        return
    in_time = {key for key in ready if is_in_time(request, fitting[key])}
    best = min(figures[key] for key in in_time or ready)
    if len(outcome.parts) == 1:
        assert chosen.key in (in_time or ready)
        assert figures[chosen.key] == pytest.approx(best, rel=1e-9, abs=1.1e-6)
    elif in_time and request.placement.policy in SHOWN:
        # Amounts of parts are rounded each, seconds to tenths, CO2 to grams.
        assert SHOWN[request.placement.policy](promised) <= best * (1 + 1e-9) + 0.051


def is_in_time(request: Request, each: Takes) -> bool:
    left = (request.deadline - NOON).total_seconds() if request.deadline else inf
    return (each.done or 0) <= left


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


@FEWER
@given(fleets(least=1), links(), requests(most=9), st.data())
def test_the_less_is_taken_the_shorter_is_each_wait(
    fleet: tuple[PoolFacts, ...], ways: tuple[DataLinkSpec, ...], request: Request, data: st.DataObject
) -> None:
    taken = draw_taken(data, fleet)
    fewer = {key: held[: data.draw(st.integers(0, 3))] for key, held in taken.items()}
    freed = tuple(with_more_free(pool) if data.draw(st.booleans()) else pool for pool in fleet)
    before = waits(request, Snapshot(pools=fleet, links=ways, ours=counted(taken)))
    after = waits(request, Snapshot(pools=freed, links=ways, ours=counted(fewer)))

    assert after.keys() == before.keys(), "what is taken makes nothing unplaceable"
    assert all(after[key] <= before[key] for key in before)


def waits(request: Request, snapshot: Snapshot) -> dict[PoolKey, float]:
    ranking = snapshot.ranking(snapshot.answer(request, NOON))
    found = [ranking.candidate(row) for row in ranking.preferred()]
    return {(each.member, each.pool): each.wait_seconds for each in found}


@FEWER
@given(fleets(least=1), links(), requests(most=9), st.data())
def test_the_order_follows_from_what_is_taken_now_and_not_from_what_was(
    fleet: tuple[PoolFacts, ...], ways: tuple[DataLinkSpec, ...], request: Request, data: st.DataObject
) -> None:
    """A ranking that was walked, far or not, while attempts came and went, and one that is new."""
    taken, ours = draw_taken(data, fleet), Ours()
    snapshot = Snapshot(pools=fleet, links=ways, ours=ours)
    ranking = snapshot.ranking(snapshot.answer(request, NOON))
    for key in data.draw(st.lists(st.sampled_from([pool.key for pool in fleet]), max_size=12)):
        if taken[key]:
            ours.add(key, taken[key][0])
        list(islice(ranking.preferred(), data.draw(st.integers(0, len(fleet)))))
        if taken[key] and data.draw(st.booleans()):
            ours.remove(key, taken[key][0])
    fresh = Ranking(ranking.answer, ours)

    assert list(ranking.preferred()) == list(fresh.preferred())
    assert sorted(ranking.preferred()) == sorted(ranking.evaluation.order)


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
