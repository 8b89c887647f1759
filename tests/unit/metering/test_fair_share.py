"""Who goes first between namespaces: in proportion to weights, and nobody is for ever the last."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple, TypeVar

from hypothesis import given
from hypothesis import strategies as st

from computility.metering.fair_share import HALF_LIFE, card_hours, fair_order, weigh_use

V = TypeVar("V")
ROUNDING = 1 + 1e-9

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PARTIES = ("atmosphere", "biology", "chemistry", "physics")
weights = st.dictionaries(st.sampled_from(PARTIES), st.sampled_from((0.25, 0.5, 1.0, 2.0, 3.0, 10.0)))
parties = st.sets(st.sampled_from(PARTIES), min_size=1)
uses = st.dictionaries(st.sampled_from(PARTIES), st.integers(0, 2**40))
queues = st.dictionaries(st.sampled_from(PARTIES), st.lists(st.integers(1, 2**36), max_size=8))


class Job(NamedTuple):
    party: str
    number: int
    use: int


def waiting(queues: dict[str, list[int]]) -> dict[str, list[Job]]:
    return {party: [Job(party, n, use) for n, use in enumerate(jobs)] for party, jobs in queues.items()}


def deal(
    queues: dict[str, list[Job]], used: dict[str, int], weights: dict[str, float], *, hopeless: str = ""
) -> Iterator[Job]:
    """Give each job what it wants as it is called, but for those of one party, which find nothing."""
    use = dict(used)
    for job in fair_order(queues, use, weights):
        if job.party != hopeless:
            use[job.party] = use.get(job.party, 0) + job.use
        yield job


@given(queues, uses, weights)
def test_everything_that_waits_comes_once_and_in_its_partys_order(
    queues: dict[str, list[int]], used: dict[str, int], weights: dict[str, float]
) -> None:
    order = list(deal(waiting(queues), used, weights))

    assert {party: [job for job in order if job.party == party] for party in queues} == waiting(queues)
    assert len(order) == sum(map(len, queues.values()))


@given(queues, uses, weights)
def test_the_order_of_dicts_does_not_matter(
    queues: dict[str, list[int]], used: dict[str, int], weights: dict[str, float]
) -> None:
    again = deal(backwards(waiting(queues)), backwards(used), backwards(weights))

    assert list(again) == list(deal(waiting(queues), used, weights))


def backwards(mapping: dict[str, V]) -> dict[str, V]:
    return dict(reversed(mapping.items()))


@given(parties, uses, weights, st.integers(2**30, 2**36))
def test_nobody_waits_for_ever(
    parties: set[str], used: dict[str, int], weights: dict[str, float], size: int
) -> None:
    last = max(parties, key=lambda party: used.get(party, 0) / weights.get(party, 1.0))
    share = used.get(last, 0) / weights.get(last, 1.0)
    owed = {party: max(0.0, share * weights.get(party, 1.0) - used.get(party, 0)) for party in parties}
    longest = sum(int(debt // size) + 1 for debt in owed.values())
    queues = waiting({party: [size] * (longest + 1) for party in parties})

    assert last in {job.party for job in islice(deal(queues, used, weights), longest)}


@given(parties, weights, st.integers(1, 2**30), st.integers(50, 1000))
def test_what_parties_get_stands_in_proportion_to_their_weights(
    parties: set[str], weights: dict[str, float], size: int, taken: int
) -> None:
    queues = waiting({party: [size] * taken for party in parties})
    got = Counter(job.party for job in islice(deal(queues, {}, weights), taken))
    shares = {party: got[party] / weights.get(party, 1.0) for party in parties}
    one_job = max(1 / weights.get(party, 1.0) for party in parties)

    assert max(shares.values()) - min(shares.values()) <= one_job * ROUNDING


@given(queues, uses, weights, st.sampled_from(PARTIES))
def test_jobs_that_find_nothing_change_nothing_between_the_others(
    queues: dict[str, list[int]], used: dict[str, int], weights: dict[str, float], hopeless: str
) -> None:
    others = {party: jobs for party, jobs in queues.items() if party != hopeless}
    order = deal(waiting(queues), used, weights, hopeless=hopeless)

    assert [job for job in order if job.party != hopeless] == list(deal(waiting(others), used, weights))


@given(st.floats(0, 1e6), st.floats(1e-3, 1e6), st.integers(-60, 60))
def test_more_use_weighs_more_at_every_moment(hours: float, more: float, days: int) -> None:
    at = NOON + timedelta(days=days)

    assert weigh_use(hours, at, NOON) < weigh_use(hours + more, at, NOON)


def test_a_use_counts_half_as_much_as_the_same_use_one_half_life_later() -> None:
    assert weigh_use(8, NOON + HALF_LIFE, NOON) == 2 * weigh_use(8, NOON, NOON)


def test_a_clock_that_is_wrong_by_millennia_ends_nothing() -> None:
    latest, earliest = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)

    assert weigh_use(1e12, latest, NOON) > weigh_use(1e12, NOON, NOON)
    assert weigh_use(1, earliest, NOON) == 0


def test_sixteen_cores_count_as_one_card_unless_there_are_cards() -> None:
    assert card_hours(0, 32, 3600) == 2
    assert card_hours(4, 32, 1800) == 2


def test_equal_parties_alternate() -> None:
    order = deal(waiting({"biology": [5] * 3, "atmosphere": [5] * 3}), {}, {})

    assert "".join(job.party[0] for job in order) == "ababab"
