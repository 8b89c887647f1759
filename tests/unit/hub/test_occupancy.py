from computility.hub.occupancy import NONE, Occupancy, Place, Reserved, places_of_assignment, places_of_job
from computility.model.assignment import State
from computility.placement.held import Held, Stake
from support.stored import a_placed_job, an_assignment

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
