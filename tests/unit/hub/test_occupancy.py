from collections.abc import Hashable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from computility.hub.occupancy import (
    NONE,
    Occupancy,
    Place,
    Reserved,
    new_places,
    places_of_assignment,
    places_of_job,
)
from computility.hub.store import Store
from computility.model.assignment import State
from computility.model.compute_job import AttemptState
from computility.placement.facts import PoolKey
from computility.placement.held import NOTHING, Held, Stake
from support.stored import a_placed_job, an_assignment, stored

POOL = ("qingyang", "cpu")
ONE = Stake(Held(nodes=2, cores=16, cards=8), since=100)


def test_an_attempt_that_two_sources_name_counts_once_until_neither_does() -> None:
    occupancy = Occupancy()
    place = {Place(POOL, "cj-1"): ONE}
    counts = []
    for source, places in (("job", place), (Reserved("job"), place), ("job", NONE), (Reserved("job"), NONE)):
        occupancy.set(source, places)
        counts.append(occupancy.count(POOL))

    assert counts == [1, 1, 1, 0]
    assert occupancy.freed == {POOL}


def test_a_source_replaces_what_it_said_before() -> None:
    occupancy = Occupancy()
    occupancy.set("job", {Place(POOL, "cj-1"): ONE})
    occupancy.set("job", {Place(("lanzhou", "gpu"), "cj-2"): ONE})

    assert (occupancy.count(POOL), occupancy.count(("lanzhou", "gpu"))) == (0, 1)


def test_a_job_and_its_assignment_name_the_same_place() -> None:
    job = a_placed_job()

    assert places_of_job(job).keys() == places_of_assignment(an_assignment(job)).keys()
    assert len(places_of_job(job)) == 1


def test_what_has_ended_takes_no_place() -> None:
    assert places_of_assignment(an_assignment(a_placed_job(), State.SUCCEEDED)) == NONE


def held_at(occupancy: Occupancy) -> Held:
    stakes = occupancy.ours.at(POOL)
    return stakes.held if stakes else NOTHING


def test_of_an_attempt_the_most_counts_that_any_source_says_and_nothing_once_none_does() -> None:
    occupancy, place = Occupancy(), Place(POOL, "cj-1")
    less, more = (Stake(Held(nodes=count, cores=8 * count), since=100) for count in (1, 2))
    held = []
    for source, said in (
        ("job", {place: more}),
        ("assignment", {place: less}),
        ("job", {place: less}),
        ("assignment", NONE),
        ("job", NONE),
    ):
        occupancy.set(source, said)
        held.append(held_at(occupancy).nodes)

    assert held == [2, 2, 1, 1, 0]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("job", "assignment", Reserved("job"))),
            st.dictionaries(
                st.builds(
                    Place, st.sampled_from((POOL, ("lanzhou", "gpu"))), st.sampled_from(("cj-1", "cj-2"))
                ),
                st.builds(Stake, st.builds(Held, *[st.integers(0, 3)] * 3), st.integers(0, 3)),
            ),
        ),
        max_size=8,
    )
)
def test_what_is_held_follows_from_what_the_sources_say_now(
    events: list[tuple[Hashable, dict[Place, Stake]]],
) -> None:
    """A hub that starts hears only the last word of each, in another order."""
    lived, started = Occupancy(), Occupancy()
    for source, said in events:
        lived.set(source, said)
    for source, said in reversed(dict(events).items()):
        started.set(source, said)

    for pool in (POOL, ("lanzhou", "gpu")):
        assert lived.count(pool) == started.count(pool)
        assert stakes_at(lived, pool) == stakes_at(started, pool)


def stakes_at(occupancy: Occupancy, pool: PoolKey) -> tuple[Held, list[Held]]:
    stakes = occupancy.ours.at(pool)
    if stakes is None:
        return NOTHING, []
    return stakes.held, [stakes.later_than(moment) for moment in range(4)]


@pytest.mark.parametrize("state", [AttemptState.SUCCEEDED, AttemptState.CANCELLED, AttemptState.LOST])
def test_an_attempt_that_has_ended_or_is_lost_holds_nothing(state: AttemptState) -> None:
    store, job = Store(), a_placed_job(version=1)
    store.put(job)
    before = held_at(store.occupancy)
    ended = msgspec.structs.replace(job.status.attempts[0], state=state)
    status = msgspec.structs.replace(job.status, attempts=(ended,))
    store.put(stored(msgspec.structs.replace(job, status=status), uid=job.metadata.uid, version=2))

    assert (before, held_at(store.occupancy)) == (Held(cores=1), NOTHING)


def test_only_what_a_decision_adds_is_reserved() -> None:
    job = a_placed_job()
    second = msgspec.structs.replace(job.status.attempts[0], ordinal=2)
    status = msgspec.structs.replace(job.status, attempts=(*job.status.attempts, second))

    assert new_places(job, status).keys() == places_of_job(job, status).keys() - places_of_job(job).keys()
    assert len(new_places(job, status)) == 1
    assert new_places(job, job.status) == NONE
