"""The soak's checks find what they are there for: each is shown a network that does wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from bench.soak.books import Books
from bench.soak.plan import Plan
from bench.soak.samples import Sample
from bench.soak.tenants import Planned, Turn, draw_jobs
from bench.soak.troubles import draw_troubles
from bench.soak.verdict import check_all, trend
from bench.soak.witness import Rest, Start
from computility.kube.deltas import Added, Deleted, Modified
from computility.model.compute_job import (
    Actual,
    ArraySpec,
    AttemptState,
    Candidate,
    ComputeJob,
    Phase,
    Policy,
    Receipt,
)
from computility.model.names import assignment_name
from support.builders import UID, a_job, an_attempt

BEGAN = datetime(2026, 1, 1, 12, tzinfo=UTC)
DONE = Rest(open_entries=0, attempts=0, running=0)


def an_ended_job(phase: Phase = Phase.SUCCEEDED, cost: str = "1.5", **fields: Any) -> ComputeJob:
    job = a_job(phase=phase, attempts=(an_attempt(state=AttemptState.SUCCEEDED),), **fields)
    chosen = Candidate(member="m00", pool="main", cost="9", currency="CNY")
    actual = Actual(cost=cost, currency="CNY", run_seconds=10)
    receipt = Receipt(
        decided_at=BEGAN, policy=Policy.CHEAPEST, considered=1, fitting=1, chosen=chosen, actual=actual
    )
    return with_status(job, receipt=receipt)


def with_status(job: ComputeJob, **fields: Any) -> ComputeJob:
    return msgspec.structs.replace(job, status=msgspec.structs.replace(job.status, **fields))


def books_with(*seen: ComputeJob, turns: tuple[tuple[float, Turn], ...] = ()) -> Books:
    """Keep books of one submitted job that the watch showed so, one after the other."""
    books = Books()
    books.submitted(UID, Planned(0.0, seen[0] if seen else a_job(), turns))
    for before, job in zip((None, *seen), seen, strict=False):
        books.take(Added(job) if before is None else Modified(before, job))
    return books


def a_start(ordinal: int = 1, *, after: float = 0, lasts: float | None = 10, **fields: Any) -> Start:
    began_at = BEGAN + timedelta(seconds=after)
    ended_at = None if lasts is None else began_at + timedelta(seconds=lasts)
    start = Start(
        attempt=assignment_name(UID, ordinal), index=0, began_at=began_at, ended_at=ended_at, succeeded=True
    )
    return msgspec.structs.replace(start, **fields)


def broken(books: Books, *starts: Start, rest: Rest = DONE, assignments: int = 0) -> list[str]:
    return [c.claim for c in check_all(books, starts, {"m00": rest}, assignments) if not c.holds]


def test_a_network_that_does_right_breaks_nothing() -> None:
    assert broken(books_with(an_ended_job()), a_start()) == []


def test_a_job_that_never_ends_is_missed() -> None:
    assert broken(books_with(a_job())) == ["every job submitted is booked, or was deleted by its owner"]


def test_a_job_that_vanishes_by_itself_is_missed_and_one_that_its_owner_deleted_is_not() -> None:
    for is_condemned in (True, False):
        books = books_with(a_job())
        if is_condemned:
            books.condemn(UID)
        books.take(Deleted(a_job()))

        assert bool(broken(books)) is not is_condemned
        assert books.deleted == {UID}


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(an_ended_job(cost="3"), id="another-cost"),
        pytest.param(an_ended_job(phase=Phase.FAILED), id="another-end"),
        pytest.param(a_job(), id="no-end-any-more"),
    ],
)
def test_an_end_that_is_booked_twice_is_noticed(later: ComputeJob) -> None:
    found = broken(books_with(an_ended_job(), later), a_start())

    assert found == ["what was booked stays so, with receipt and charge, and nothing vanishes"]


@pytest.mark.parametrize(
    "lacks", [{"receipt": None}, {"attempts": (an_attempt(),)}], ids=["receipt", "attempt"]
)
def test_a_job_that_ends_without_receipt_or_with_a_live_attempt_is_noticed(lacks: dict[str, Any]) -> None:
    found = broken(books_with(with_status(an_ended_job(), **lacks)), a_start())

    assert found == ["what was booked stays so, with receipt and charge, and nothing vanishes"]


def test_what_members_and_the_api_server_have_left_is_noticed() -> None:
    found = broken(
        books_with(an_ended_job()),
        a_start(),
        rest=Rest(open_entries=0, attempts=0, running=1),
        assignments=1,
    )

    assert found == ["no Assignment is left", "no member has anything left to do, to run or to tidy"]


def test_an_index_that_its_attempt_starts_twice_is_noticed() -> None:
    found = broken(books_with(an_ended_job()), a_start(), a_start(after=20))

    assert "no attempt starts an index twice" in found


@pytest.mark.parametrize("may_start_again", [False, True])
def test_a_second_attempt_may_start_only_what_may_start_again(may_start_again: bool) -> None:
    turns = ((1.0, Turn.SUSPEND), (2.0, Turn.RESUME)) if may_start_again else ()
    found = broken(books_with(an_ended_job(), turns=turns), a_start(), a_start(2, after=20))

    assert bool(found) is not may_start_again


@pytest.mark.parametrize("lasts", [30.0, None], ids=["still-runs", "never-ended"])
def test_an_index_that_runs_in_two_places_at_once_is_noticed(lasts: float | None) -> None:
    turns = ((2.0, Turn.RESUME),)
    found = broken(books_with(an_ended_job(), turns=turns), a_start(lasts=lasts), a_start(2, after=20))

    assert found == ["no index ever runs in two places at once"]


def test_a_success_that_no_centre_has_recorded_is_noticed() -> None:
    claim = ["what was booked as succeeded did succeed, by the centre's own record"]
    array = with_status(an_ended_job(array=ArraySpec(size=2)), succeeded_indices="0-1")

    assert broken(books_with(an_ended_job())) == claim
    assert broken(books_with(an_ended_job()), a_start(succeeded=False)) == claim
    assert broken(books_with(array), a_start()) == claim
    assert broken(books_with(array), a_start(), a_start(index=1)) == []


def test_memory_that_grows_has_a_slope() -> None:
    samples = [
        Sample(
            seconds=n, hours=n / 10, rss_bytes={"hub": (50 + n) << 20}, cpu_seconds={},
            submitted=0, booked=0, deleted=0, jobs=0, assignments=0,
        )
        for n in range(100)
    ]  # fmt: skip
    found = trend(samples, "hub", 20, 79)

    assert found is not None
    assert found.mib_per_hour == pytest.approx(10)
    assert (found.first_mib, found.last_mib) == (73, 127)
    assert trend(samples, "fleet", 20, 79) is None


def test_a_plan_gives_the_same_jobs_and_troubles_each_time() -> None:
    plan = Plan(jobs=200)
    members = [f"m{number:02}" for number in range(plan.members)]

    assert list(draw_jobs(plan)) == list(draw_jobs(plan))
    assert list(draw_jobs(plan)) != list(draw_jobs(Plan(jobs=200, seed=2)))
    assert draw_troubles(plan, members) == draw_troubles(plan, members)


def test_nothing_is_killed_while_memory_is_judged() -> None:
    plan = Plan()
    killed = [t for t in draw_troubles(plan, ["m00"]) if t.what in ("hub", "fleet")]

    assert len(killed) == 2 * plan.kills
    assert max(t.at + t.seconds for t in killed) < plan.seconds * plan.kill_share
