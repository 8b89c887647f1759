"""Arrays in words: counts, the split, and what failed."""

from typing import Any

import msgspec
import pytest

from computility.cli.indices import describe_counts, failures, shorten
from computility.cli.progress import describe
from computility.cli.receipt import headline, sections
from computility.cli.section import Section
from computility.cli.verdict import judge
from computility.model.assignment import State
from computility.model.compute_job import (
    ArraySpec,
    AttemptState,
    ComputeJob,
    ComputeJobStatus,
    Phase,
    Policy,
    Receipt,
    Share,
)
from computility.model.index_set import IndexSet
from computility.model.outcome import Counts, IndexOutcome
from support.builders import NOON, a_job, an_attempt

ALPHA = an_attempt(
    1,
    AttemptState.RUNNING,
    indices="0-11",
    counts=Counts(running=5, succeeded=6, failed=1),
    outcomes=(
        IndexOutcome(indices="0-5", state=State.SUCCEEDED, exit_code=0),
        IndexOutcome(indices="9", state=State.FAILED, reason="NonZeroExitCode", exit_code=3),
    ),
)
BETA = an_attempt(
    2,
    AttemptState.RUNNING,
    member="beta",
    indices="12-19",
    counts=Counts(succeeded=8),
    outcomes=(IndexOutcome(indices="12-19", state=State.SUCCEEDED, exit_code=0),),
)
COUNTS = Counts(running=5, succeeded=14, failed=1)


def an_array(phase: Phase = Phase.RUNNING, **status: Any) -> ComputeJob:
    """Build an array of 20, twelve at alpha and eight at beta."""
    job = a_job()
    spec = msgspec.structs.replace(job.spec, array=ArraySpec(size=20))
    told = {"attempts": (ALPHA, BETA), "counts": COUNTS, "failed_indices": "9"} | status
    return msgspec.structs.replace(job, spec=spec, status=ComputeJobStatus(phase=phase, **told))


def section(job: ComputeJob, title: str) -> Section:
    return next(each for each in sections(job) if title in each.title)


def failed_with(*outcomes: IndexOutcome, **status: Any) -> ComputeJob:
    ended = an_attempt(1, AttemptState.FAILED, indices="0-19", outcomes=outcomes)
    return an_array(Phase.FAILED, attempts=(ended,), **status)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        pytest.param(COUNTS, "14/20 succeeded, 1 failed, 5 running", id="under-way"),
        pytest.param(Counts(pending=20), "0/20 succeeded, 20 pending", id="not-begun"),
        pytest.param(Counts(succeeded=20), "20/20 succeeded", id="done"),
        pytest.param(None, "", id="not-looked-at"),
    ],
)
def test_the_counts_are_told_without_what_is_none(counts: Counts | None, told: str) -> None:
    assert describe_counts(an_array(counts=counts)) == told


def test_a_job_without_an_array_has_no_counts() -> None:
    assert describe_counts(a_job()) == ""


def test_while_it_runs_it_is_told_where_and_how_far() -> None:
    assert describe(an_array()) == "Running on alpha/cpu, beta/cpu: 14/20 succeeded, 1 failed, 5 running"
    assert headline(an_array()) == "team-a/train: Running, 14/20 succeeded, 1 failed, 5 running"


def test_each_member_has_a_line_with_its_indices() -> None:
    assert section(an_array(), "Indices: 14/20").rows == [
        ("1", "alpha", "cpu", "0-11", "0", "5", "6", "1"),
        ("2", "beta", "cpu", "12-19", "0", "0", "8", "0"),
    ]


def test_the_promised_split_has_its_costs() -> None:
    shares = (Share(member="beta", pool="cpu", count=8, cost="0.4", currency="CNY"),)
    receipt = Receipt(decided_at=NOON, policy=Policy.CHEAPEST, considered=2, fitting=2, shares=shares)

    assert section(an_array(receipt=receipt), "How the array was split").rows == [
        ("beta", "cpu", "8", "0.4 CNY")
    ]


def test_failed_indices_have_their_exit_codes() -> None:
    assert section(an_array(), "Failed indices").rows == [
        ("9", "1", "alpha", "Failed", "NonZeroExitCode", "3")
    ]


def test_an_index_that_failed_before_it_succeeded_is_no_failed_one() -> None:
    assert failures(an_array(failed_indices="")) == []


def test_an_index_that_failed_twice_is_told_by_its_last_attempt() -> None:
    again = an_attempt(
        3,
        AttemptState.FAILED,
        indices="9",
        outcomes=(IndexOutcome(indices="9", state=State.FAILED, reason="KilledBySignal", signal=9),),
    )

    (failure,) = failures(an_array(attempts=(ALPHA, BETA, again)))

    assert (failure.attempt.ordinal, failure.outcome.signal) == (3, 9)


FAIL_3 = IndexOutcome(indices="4,7-8", state=State.FAILED, reason="NonZeroExitCode", exit_code=3)
KILLED = IndexOutcome(indices="2", state=State.FAILED, reason="KilledBySignal", signal=9)
LOST = IndexOutcome(indices="1", state=State.LOST, reason="NodeFailed")
REFUSED = IndexOutcome(indices="0", state=State.FAILED, reason="PartitionUnknown")


@pytest.mark.parametrize(
    ("job", "code", "told"),
    [
        pytest.param(
            failed_with(FAIL_3, failed_indices="4,7-8"), 3, "index 4 NonZeroExitCode, exit code 3", id="code"
        ),
        pytest.param(
            failed_with(FAIL_3, KILLED, failed_indices="2,4,7-8"), 137, "index 2 KilledBySignal", id="signal"
        ),
        pytest.param(
            failed_with(FAIL_3, KILLED, LOST, failed_indices="1-2,4,7-8"),
            121,
            "index 1 NodeFailed",
            id="lost",
        ),
        pytest.param(
            failed_with(FAIL_3, REFUSED, failed_indices="0,4,7-8"), 122, "index 0 Partition", id="never-ran"
        ),
    ],
)
def test_a_failed_array_exits_as_its_lowest_failed_index(job: ComputeJob, code: int, told: str) -> None:
    verdict = judge(job)

    assert verdict is not None
    assert verdict.exit_code == code
    assert told in verdict.message
    assert "14/20 succeeded" in verdict.message


def test_an_array_that_succeeded_says_how_many_did() -> None:
    verdict = judge(an_array(Phase.SUCCEEDED, counts=Counts(succeeded=20), failed_indices=""))

    assert verdict == (0, "Succeeded (20/20 succeeded)")


def test_a_long_set_of_indices_is_cut_between_two_of_its_ranges() -> None:
    odd = IndexSet.of(range(1, 200, 2))

    assert len(shorten(odd)) < 50
    assert shorten(odd).startswith("1,3,5,")
    assert all(part.isdigit() for part in shorten(odd).removesuffix(",…").split(","))
    assert shorten(IndexSet.first(10_000)) == "0-9999"
