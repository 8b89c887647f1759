"""Arrays at Slurm: sets of indices, rows of the queue, and what agent and helper must agree on."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from computility.backends.protocol import Submission
from computility.backends.slurm.capacity import parse_footprint
from computility.backends.slurm.exec import computility_wrapper as wrapper
from computility.backends.slurm.exec import indices as sets
from computility.backends.slurm.exec.checks import check_request
from computility.backends.slurm.exec.options import sbatch_options
from computility.backends.slurm.exec.problem import Problem
from computility.backends.slurm.exec.rows import render_tasks, tasks_of
from computility.backends.slurm.exec.slurm import Row
from computility.backends.slurm.parse import Row as SeenRow
from computility.backends.slurm.parse import parse_look
from computility.backends.slurm.render import render_submit, render_target
from computility.backends.slurm.states import explain_state
from computility.lifecycle.chunks import CHUNK_SIZE, split_into_chunks
from computility.lifecycle.evidence import WorkloadState
from computility.model.index_set import MAX_ARRAY_SIZE, IndexSet
from support.workloads import a_work, an_array, some

NAME = f"cj-{'0' * 32}-1"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TEXTS = ["0", "0-499,700", "3,7-9,41", "0-9999", "9999", "1,3,5,7"]


def a_row(tasks: str, state: str = "RUNNING", name: str = f"{NAME}.0", elapsed: str = "0:05") -> Row:
    return Row("7", tasks, state, "1795521600", "cpu", "1", "1", "N/A", elapsed, name, "None")


@pytest.mark.parametrize("text", TEXTS)
def test_agent_and_helper_mean_the_same_indices_by_a_text(text: str) -> None:
    assert sets.parse_indices(text) == list(IndexSet.parse(text))
    assert sets.render_indices(sets.parse_indices(text)) == str(IndexSet.parse(text)) == text


@pytest.mark.parametrize("count", [1, 999, 1000, 1001, 2500, 10_000])
def test_agent_and_helper_split_an_array_into_the_same_chunks(count: int) -> None:
    array = IndexSet.of(range(MAX_ARRAY_SIZE - count, MAX_ARRAY_SIZE))

    assert sets.split(list(array)) == [list(chunk) for chunk in split_into_chunks(array)]
    assert (sets.CHUNK_SIZE, sets.MAX_ARRAY_SIZE) == (CHUNK_SIZE, MAX_ARRAY_SIZE)


@pytest.mark.parametrize(
    "text", [None, 3, "", "a", "0-", "5-1\n", "1,,2", "-1", "00000", "1-2-3", "0 1", "9-2"]
)
def test_text_that_is_no_set_of_indices_is_refused_by_its_name(text: object) -> None:
    with pytest.raises(Problem, match="array"):
        sets.read_array({"array": text})


def test_the_tasks_of_a_chunk_are_its_indices_in_order() -> None:
    target = an_array(IndexSet.parse("3,7-9,41"))
    rows = [a_row("3-4%2", "PENDING"), a_row("0"), a_row("2", "FAILED"), a_row("1", "COMPLETED")]
    answer = {
        "complete": True,
        "workloads": render_tasks(tasks_of(rows, NAME, sets.split(list(target.all_indices)))),
    }

    look = parse_look(answer, target, NOON, "alpha")

    assert {(w.state, str(w.indices), w.elapsed_seconds, w.native_id) for w in look.workloads} == {
        (WorkloadState.QUEUED, "9,41", 5.0, "7"),
        (WorkloadState.ACTIVE, "3", 5.0, "7"),
        (WorkloadState.ENDED, "8", 5.0, "7"),
        (WorkloadState.ENDED, "7", 5.0, "7"),
    }


def test_tasks_that_are_alike_are_told_together_each_with_its_own_seconds() -> None:
    rows = [a_row(str(task), "COMPLETED", elapsed=f"0:0{task}") for task in (2, 0, 1)]

    (told,) = render_tasks(tasks_of(rows, NAME, [[0, 1, 2]]))

    assert (told["tasks"], told["elapsedSeconds"]) == ("0-2", [0, 1, 2])


def test_what_was_cancelled_before_it_started_is_the_rest_of_its_job() -> None:
    rows = [a_row("N/A", "CANCELLED"), a_row("1", "COMPLETED"), a_row("4")]

    tasks = {one.row.state: one.tasks for one in tasks_of(rows, NAME, [[0, 1, 2, 3, 4]])}

    assert tasks == {"CANCELLED": [0, 2, 3], "COMPLETED": [1], "RUNNING": [4]}


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(a_row("N/A", "RUNNING"), id="a-job-that-is-no-array"),
        pytest.param(a_row("7"), id="a-task-that-the-chunk-does-not-have"),
        pytest.param(a_row("0", name=f"{NAME}.1"), id="a-chunk-that-the-attempt-does-not-have"),
        pytest.param(a_row("0", name=f"{NAME}.0x"), id="another-name"),
        pytest.param(a_row("0", name=NAME), id="the-name-without-a-chunk"),
        pytest.param(a_row("0", name=f"{NAME}0.0"), id="another-ordinal"),
    ],
)
def test_a_job_that_is_none_of_the_arrays_stands_for_nothing(row: Row) -> None:
    assert tasks_of([row], NAME, [[0, 1]]) == []


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("JobHeldUser", WorkloadState.HELD),
        ("JobHeldUser,JobHeldAdmin", WorkloadState.HELD),
        ("JobHeldUser,None", WorkloadState.QUEUED),
        ("JobArrayTaskLimit,None", WorkloadState.QUEUED),
    ],
)
def test_tasks_that_wait_together_are_held_if_all_of_them_are(reason: str, state: WorkloadState) -> None:
    assert explain_state("PENDING", reason, has_claim=False).state is state


def test_a_chunk_is_submitted_as_tasks_from_0_under_a_name_of_its_own() -> None:
    target = an_array(IndexSet.parse("5-1004,2000-2009"))
    work = a_work(array_size=3000, indices=str(target.array), max_concurrent=7)
    request = dict(
        render_submit(
            Submission(target=some(target, *range(2000, 2010)), work=work, partition="cpu", chunk=1)
        )
    )

    check_request(request)

    options = sbatch_options("/root/alice", request)
    assert "--array=0-9%7" in options  # the chunks go one after another: each has the whole limit
    assert f"--job-name={target.name}.1" in options
    assert "--hold" in options


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"array": "x"}, "array"), ({"chunk": 1}, "chunk"), ({"chunk": -1}, "chunk"),
        ({"chunk": "0"}, "chunk"), ({"chunk": True}, "chunk"),
        ({"arraySize": 0}, "arraySize"), ({"arraySize": 10_001}, "arraySize"),
        ({"maxConcurrent": 0}, "maxConcurrent"), ({"maxConcurrent": "2"}, "maxConcurrent"),
    ],
)  # fmt: skip
def test_a_part_of_an_array_that_is_not_allowed_is_refused_by_its_name(
    change: dict[str, object], named: str
) -> None:
    submission = Submission(target=an_array(3), work=a_work(array_size=3), partition="cpu")

    with pytest.raises(Problem, match=named):
        check_request({**render_submit(submission), **change})


def test_an_attempt_without_an_array_is_asked_for_by_its_name_alone() -> None:
    target = an_array(3)

    assert render_target(target) == {"name": target.name, "array": "0-2", "indices": "0-2"}
    assert render_target(type(target)(name=NAME, account="alice")) == {"name": NAME}


def test_running_tasks_hold_their_share_each() -> None:
    row = {"state": "RUNNING", "reason": "None", "submitted_at": "1", "partition": "gpu", "nodes": "1"}
    footprint = parse_footprint(SeenRow(native_id="7", cpus="2", gres="gres:gpu:3", tasks="0-4", **row))

    assert footprint is not None
    assert (footprint.cores, footprint.cards) == (10, 15)


@pytest.fixture
def attempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An array's attempt as `submit` leaves it, and a task of it about to claim."""
    attempt = tmp_path / NAME
    (attempt / "indices").mkdir(parents=True)
    (tmp_path / "claims" / NAME).mkdir(parents=True)
    (attempt / "chunk.0.json").write_text(json.dumps({"indices": [3, 7, 41]}))
    monkeypatch.setenv("SLURM_JOB_ID", "9")
    monkeypatch.setenv("SLURM_ARRAY_JOB_ID", "7")
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "1")
    return attempt


def claims_of(attempt: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in (attempt.parent / "claims" / NAME).iterdir()}


def test_a_task_claims_the_index_that_the_table_has_for_it(attempt: Path) -> None:
    part = wrapper.Part(str(attempt), wrapper.find_index(str(attempt), "0"))

    assert wrapper.take_claim(part) is not None
    assert wrapper.take_claim(part) is None
    assert {name: json.loads(text)["job"] for name, text in claims_of(attempt).items()} == {"7": "7"}


@pytest.mark.parametrize("entry", ["7", 7.0, True, None, -1, 10_000])
def test_a_table_that_names_no_index_starts_nothing(attempt: Path, entry: object) -> None:
    (attempt / "chunk.0.json").write_text(json.dumps({"indices": [3, entry]}))

    with pytest.raises(ValueError, match="no index"):
        wrapper.find_index(str(attempt), "0")


def test_a_claim_that_is_won_after_the_fold_is_given_back(attempt: Path) -> None:
    (attempt.parent / "claims" / NAME / "folded").write_text("{}")

    assert wrapper.take_claim(wrapper.Part(str(attempt), 7)) is None
    assert claims_of(attempt).keys() == {"folded"}


def test_a_fold_that_comes_while_a_task_claims_is_seen_by_it(
    attempt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The latest moment at which it can come: the claim's own file goes, and so the task's link succeeds."""
    claims = attempt.parent / "claims" / NAME
    claim = claims / "7"
    claim.write_text("burned")
    link = os.link

    def folds_first(own: str, name: str) -> None:
        (claims / "folded").write_text("{}")
        claim.unlink()
        link(own, name)

    monkeypatch.setattr(os, "link", folds_first)

    assert wrapper.take_claim(wrapper.Part(str(attempt), 7)) is None
    assert claims_of(attempt).keys() == {"folded"}


@pytest.mark.parametrize("links_first", [True, False], ids=["after-its-link", "before-its-link"])
def test_a_task_that_is_tidied_away_while_it_claims_starts_nothing(
    attempt: Path, monkeypatch: pytest.MonkeyPatch, links_first: bool
) -> None:
    claims = attempt.parent / "claims" / NAME
    link = os.link

    def meets_tidy(own: str, name: str) -> None:
        if links_first:
            link(own, name)
        (claims / "folded").write_text("{}")
        for file in claims.iterdir():
            if file.name != "folded":
                file.unlink()
        if not links_first:
            link(own, name)

    monkeypatch.setattr(os, "link", meets_tidy)

    assert wrapper.main(str(attempt), "0") == wrapper.CLAIM_LOST
    assert claims_of(attempt).keys() == {"folded"}


def test_a_task_is_signalled_by_its_number_because_the_last_one_has_the_id_of_the_whole_array(
    attempt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(wrapper, "start", called.append)
    monkeypatch.setenv("SLURM_JOB_ID", "7")

    wrapper.perform(wrapper.Step(0.0, "steps", 15), None)  # type: ignore[arg-type]

    assert called == [["scancel", "--signal=15", "7_1"]]
