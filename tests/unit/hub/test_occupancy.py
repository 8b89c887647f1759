from computility.hub.occupancy import NONE, Occupancy, Place, Reserved, places_of_assignment, places_of_job
from computility.model.assignment import State
from support.stored import a_placed_job, an_assignment

POOL = ("qingyang", "cpu")


def test_an_attempt_that_two_sources_name_counts_once_until_neither_does() -> None:
    occupancy = Occupancy()
    place = frozenset({Place(POOL, "cj-1")})
    counts = []
    for source, places in (("job", place), (Reserved("job"), place), ("job", NONE), (Reserved("job"), NONE)):
        occupancy.set(source, places)
        counts.append(occupancy.count(POOL))

    assert counts == [1, 1, 1, 0]
    assert occupancy.freed == {POOL}


def test_a_source_replaces_what_it_said_before() -> None:
    occupancy = Occupancy()
    occupancy.set("job", frozenset({Place(POOL, "cj-1")}))
    occupancy.set("job", frozenset({Place(("lanzhou", "gpu"), "cj-2")}))

    assert (occupancy.count(POOL), occupancy.count(("lanzhou", "gpu"))) == (0, 1)


def test_a_job_and_its_assignment_name_the_same_place() -> None:
    job = a_placed_job()

    assert places_of_job(job) == places_of_assignment(an_assignment(job))
    assert len(places_of_job(job)) == 1


def test_what_has_ended_takes_no_place() -> None:
    assert places_of_assignment(an_assignment(a_placed_job(), State.SUCCEEDED)) == NONE
