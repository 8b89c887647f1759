"""A job that has just arrived takes no room that others wait for."""

from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest

from computility.hub.hub import Hub
from computility.hub.keys import ROOM, WAKE, Lane, Work, job_work
from computility.hub.turns import Turns
from computility.hub.work import do_work
from computility.model.assignment import Assignment
from computility.model.compute_job import ComputeJob, Phase
from computility.model.meta import Key, key_of
from computility.model.reasons import Reason
from support.network import a_job
from support.stored import a_placed_job, a_waiting_job, an_assignment, job_uid, stored

POOL = ("qingyang", "cpu")
OLD, NEW = Key("team", "old"), Key("team", "new")


def test_freed_room_is_closed_to_all_but_the_one_that_is_called_until_all_have_been() -> None:
    turns = Turns()
    turns.free({POOL})
    assert turns.closed_to(OLD) == {POOL}

    assert turns.begin(iter([OLD, NEW])) == OLD
    assert (turns.closed_to(OLD), turns.closed_to(NEW)) == (frozenset(), {POOL})

    assert turns.answer(OLD) == NEW
    assert (turns.closed_to(OLD), turns.closed_to(NEW)) == ({POOL}, frozenset())

    assert turns.answer(NEW) is None
    assert turns.closed_to(OLD) == frozenset()
    assert not turns.is_under_way


def test_those_who_are_called_for_something_else_leave_freed_room_to_those_who_wait_for_it() -> None:
    turns = Turns()
    turns.free({POOL})

    assert turns.begin(iter([OLD]), with_freed=False) == OLD
    assert (turns.closed_to(OLD), turns.closed_to(NEW)) == ({POOL}, {POOL})

    turns.answer(OLD)
    assert (turns.closed_to(OLD), turns.closed_to(NEW)) == ({POOL}, {POOL})

    turns.begin(iter([NEW]))
    assert turns.closed_to(NEW) == frozenset()


def test_the_next_is_asked_for_only_once_the_one_before_was_decided_on() -> None:
    turns, asked = Turns(), []

    def order() -> Iterator[Key]:
        for key in (OLD, NEW):
            asked.append(key)
            yield key

    turns.begin(order())
    turns.answer(NEW)
    assert asked == [OLD]

    turns.answer(OLD)
    assert asked == [OLD, NEW]


def test_room_that_nobody_is_called_for_is_for_anybody() -> None:
    turns = Turns()
    turns.free({POOL})

    assert turns.begin(iter([])) is None
    assert turns.closed_to(NEW) == frozenset()


def test_room_that_is_freed_after_the_call_waits_for_the_next_one() -> None:
    turns = Turns()
    turns.begin(iter([OLD]))
    turns.free({POOL})
    turns.answer(OLD)

    assert turns.closed_to(NEW) == {POOL}


def test_one_that_begins_to_lead_has_called_nobody() -> None:
    turns = Turns()
    turns.free({POOL})
    turns.begin(iter([OLD, NEW]))
    turns.forget()

    assert not turns.is_under_way
    assert turns.closed_to(NEW) == frozenset()


@pytest.fixture
def full(hub: Hub) -> Hub:
    """A hub whose one pool has its one attempt, while job "old" waits."""
    placed = a_placed_job("first")
    for item in (placed, an_assignment(placed), a_busy_job(hub, "old")):
        hub.intake.seen(item)
    hub.queue.open()
    return hub


def a_busy_job(hub: Hub, name: str) -> ComputeJob:
    job = a_waiting_job(name)
    made = msgspec.structs.replace(job.metadata, creation_timestamp=hub.now() - timedelta(hours=1))
    status = msgspec.structs.replace(job.status, reason=Reason.POOLS_BUSY.value)
    return msgspec.structs.replace(job, metadata=made, status=status)


def end_the_first(hub: Hub) -> None:
    """Let the pool have its room back."""
    first = hub.store.jobs.objects[Key("team", "first")]
    hub.intake.gone(ComputeJob, key_of(first.metadata), first.metadata.uid)
    (assignment,) = hub.store.assignments.objects.values()
    hub.intake.gone(Assignment, key_of(assignment.metadata), assignment.metadata.uid)


def arrive(hub: Hub, name: str) -> None:
    job = stored(a_job("team", name), uid=job_uid(name))
    made = msgspec.structs.replace(job.metadata, creation_timestamp=hub.now())
    hub.intake.seen(msgspec.structs.replace(job, metadata=made))


def phase_of(hub: Hub, key: Key) -> Phase | None:
    return hub.store.jobs.objects[key].status.phase


def is_due(hub: Hub, work: Work) -> bool:
    backlog = hub.queue._backlog
    return work in backlog._due or any(work in backlog._ready[lane] for lane in Lane)


async def test_one_that_has_just_arrived_does_not_take_the_room_of_those_that_wait(full: Hub) -> None:
    end_the_first(full)
    arrive(full, "new")
    await do_work(job_work(NEW), full)
    early = phase_of(full, NEW)
    await do_work(ROOM, full)
    await do_work(job_work(NEW), full)
    await do_work(job_work(OLD), full)

    assert early is None
    assert phase_of(full, NEW) is None
    assert phase_of(full, OLD) is Phase.PLACED


async def test_others_are_called_once_these_have_been(full: Hub) -> None:
    end_the_first(full)
    await do_work(ROOM, full)
    full.queue.close()
    full.queue.open()
    await do_work(WAKE, full)
    postponed = is_due(full, WAKE)
    await do_work(job_work(OLD), full)

    assert postponed
    assert not full.store.turns.is_under_way


async def test_the_called_go_before_all_that_is_new(full: Hub) -> None:
    end_the_first(full)
    await do_work(ROOM, full)

    assert job_work(OLD) in full.queue._backlog._ready[Lane.CALLED]


async def test_what_those_that_were_called_leave_is_for_anybody(full: Hub) -> None:
    end_the_first(full)
    full.intake.gone(ComputeJob, OLD, job_uid("old"))
    arrive(full, "new")
    await do_work(ROOM, full)
    await do_work(job_work(NEW), full)

    assert phase_of(full, NEW) is Phase.PLACED


async def test_one_that_left_room_to_a_job_that_did_not_take_it_is_called_itself(full: Hub) -> None:
    end_the_first(full)
    await do_work(ROOM, full)
    arrive(full, "new")
    await do_work(job_work(NEW), full)
    full.queue.close()
    full.queue.open()
    full.intake.gone(ComputeJob, OLD, job_uid("old"))
    await do_work(job_work(OLD), full)
    await do_work(ROOM, full)
    await do_work(job_work(NEW), full)

    assert phase_of(full, NEW) is Phase.PLACED


async def test_whoever_leaves_room_has_all_that_wait_called_again(full: Hub) -> None:
    end_the_first(full)
    await do_work(ROOM, full)
    full.queue.close()
    full.queue.open()
    arrive(full, "new")
    await do_work(job_work(NEW), full)

    assert is_due(full, ROOM)


async def test_a_job_that_waits_for_less_than_is_written_is_called_in_its_turn_all_the_same(
    full: Hub,
) -> None:
    arrive(full, "new")
    await do_work(job_work(NEW), full)
    full.intake.gone(ComputeJob, OLD, job_uid("old"))
    end_the_first(full)
    await do_work(ROOM, full)

    assert phase_of(full, NEW) is None
    assert job_work(NEW) in full.queue._backlog._ready[Lane.CALLED]


async def test_room_that_a_refused_write_gives_back_is_told_of(full: Hub) -> None:
    full.store.occupancy.freed.add(POOL)
    arrive(full, "new")

    assert full.store.turns.closed_to(NEW) == {POOL}
    assert is_due(full, ROOM)
