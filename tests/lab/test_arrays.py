"""Arrays on two real Slurm centres: split, limited, retried, cancelled, suspended; each index counted."""

from typing import Any

import pytest

from computility.lab.lab import Lab
from computility.lab.waiting import wait_until
from computility.model.index_set import IndexSet
from lab.jobs import Jobs, condition
from lab.tally import IN, OUT, STARTED, Tally, by_index

FOUR_CORES = {"cpusPerTask": 4, "memoryPerNode": "64Mi"}
"""Sixteen fit into beta, six into alpha: an array of twenty is split, to end sooner."""
FASTEST = {"policy": "fastest"}


@pytest.fixture
def arrays(pair: Lab, request: pytest.FixtureRequest) -> Jobs:
    """Submit arrays, under names of this test's own."""
    return Jobs(pair, request.node.name.removeprefix("test_").replace("_", "-")[:30].strip("-"))


@pytest.fixture(scope="module")
def tally(pair: Lab) -> Tally:
    tally = Tally(pair)
    tally.prepare()
    return tally


def uid_of(jobs: Jobs, name: str) -> str:
    return str(jobs.get(name)["metadata"]["uid"])


def indices(status: dict[str, Any], field: str) -> IndexSet:
    return IndexSet.parse(status.get(field, ""))


def wait_starts(tally: Tally, uid: str, count: int) -> None:
    wait_until(lambda: tally.starts(uid).total() >= count, f"{count} starts", timeout_seconds=30)


def test_an_array_is_split_over_two_members_and_each_index_runs_once(arrays: Jobs, tally: Tally) -> None:
    name = arrays.submit(STARTED, array={"size": 20}, resources=FOUR_CORES, placement=FASTEST)
    uid = uid_of(arrays, name)

    status = arrays.wait_end(name)

    assert (status["phase"], status["counts"]) == ("Succeeded", {"succeeded": 20})
    shares = {share["member"]: share["count"] for share in status["receipt"]["shares"]}
    assert shares == {"beta": 16, "alpha": 4}
    booked = {attempt["member"]: IndexSet.parse(attempt["indices"]) for attempt in status["attempts"]}
    assert booked == {"beta": IndexSet.first(16), "alpha": IndexSet.first(20) - IndexSet.first(16)}
    assert by_index(tally.starts(uid)) == dict.fromkeys(range(20), 1)
    arrays.wait_nothing_left(uid)


def test_no_more_run_at_once_than_allowed_at_all_members_together(arrays: Jobs, tally: Tally) -> None:
    script = f"{IN}; sleep 0.5; {OUT}"
    array = {"size": 20, "maxConcurrent": 6}
    name = arrays.submit(script, array=array, resources=FOUR_CORES, placement=FASTEST)

    status = arrays.wait_end(name)

    assert status["counts"] == {"succeeded": 20}
    peaks = tally.most_at_once(uid_of(arrays, name))
    # Under a limit two pools end it no sooner than one: it may be split, or not.
    assert 2 <= sum(peaks) <= 6


def test_an_index_that_failed_once_is_started_again_alone(arrays: Jobs, tally: Tally) -> None:
    """The first attempt knows itself by its workload's name."""
    script = f'{STARTED}; case "$COMPUTILITY_INDEX $SLURM_JOB_NAME" in "3 "*-1.0) exit 7;; esac'
    name = arrays.submit(script, array={"size": 6}, retry={"maxPerIndex": 1})
    uid = uid_of(arrays, name)

    status = arrays.wait_end(name)

    assert (status["phase"], status["exitCode"], status["counts"]) == ("Succeeded", 0, {"succeeded": 6})
    assert [attempt["indices"] for attempt in status["attempts"]] == ["0-5", "3"]
    assert by_index(tally.starts(uid)) == {0: 1, 1: 1, 2: 1, 3: 2, 4: 1, 5: 1}


def test_an_index_that_fails_again_has_failed_and_says_how(arrays: Jobs, tally: Tally) -> None:
    script = f'{STARTED}; test $COMPUTILITY_INDEX -ne 3 || {{ echo "no input 3" >&2; exit 7; }}'
    name = arrays.submit(script, array={"size": 6}, retry={"maxPerIndex": 1})
    uid = uid_of(arrays, name)

    status = arrays.wait_end(name)

    assert (status["phase"], status["exitCode"], status["failedIndices"]) == ("Failed", 7, "3")
    assert (status["counts"], status["succeededIndices"]) == ({"succeeded": 5, "failed": 1}, "0-2,4-5")
    assert condition(status, "Failed")["reason"] == "NonZeroExitCode"
    assert status["stderrTail"] == "no input 3\n"
    assert by_index(tally.starts(uid))[3] == 2
    arrays.wait_nothing_left(uid)


def test_an_array_cancelled_half_way_keeps_what_succeeded_and_leaves_nothing(
    arrays: Jobs, tally: Tally
) -> None:
    name = arrays.submit(f"{STARTED}; sleep 1", array={"size": 40, "maxConcurrent": 4}, graceSeconds=1)
    uid = uid_of(arrays, name)
    wait_starts(tally, uid, 9)

    arrays.edit(name, cancel=True)

    status = arrays.wait_end(name)
    starts = tally.starts(uid)
    succeeded = indices(status, "succeededIndices")
    assert status["phase"] == "Cancelled"
    assert 4 <= len(succeeded) < 40
    assert sum(status["counts"].values()) == 40
    assert set(succeeded) <= set(by_index(starts))
    assert set(starts.values()) == {1}
    arrays.wait_nothing_left(uid)
    assert tally.starts(uid) == starts


def test_a_resumed_array_runs_only_what_had_not_succeeded(arrays: Jobs, tally: Tally) -> None:
    name = arrays.submit(f"{STARTED}; sleep 0.5", array={"size": 24, "maxConcurrent": 4}, graceSeconds=1)
    uid = uid_of(arrays, name)
    wait_starts(tally, uid, 9)
    arrays.edit(name, suspend=True)
    suspended = arrays.wait_phase(name, "Suspended")
    before = tally.starts(uid)
    had_succeeded = indices(suspended, "succeededIndices")
    assert 4 <= len(had_succeeded) < 24

    arrays.edit(name, suspend=False)

    status = arrays.wait_end(name)
    assert (status["phase"], status["counts"]) == ("Succeeded", {"succeeded": 24})
    again = tally.starts(uid) - before
    assert {start.index for start in again} == set(IndexSet.first(24) - had_succeeded)
    assert set(tally.starts(uid).values()) == {1}
    assert all(start.attempt.endswith("-2") for start in again)
