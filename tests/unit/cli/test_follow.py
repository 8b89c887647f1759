"""Following a job through everything that can happen to a watch."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from computility.cli.errors import CliError, Expired, NotFound, Unreachable
from computility.cli.follow import Deleted, follow
from computility.cli.jobs import Change, Jobs
from computility.model.compute_job import ComputeJob, ComputeJobStatus, Phase
from support.builders import a_job

QUEUED, RUNNING, SUCCEEDED = Phase.QUEUED, Phase.RUNNING, Phase.SUCCEEDED


def job(phase: Phase, version: int, uid: str = "u1") -> ComputeJob:
    plain = a_job()
    metadata = msgspec.structs.replace(plain.metadata, uid=uid, resource_version=str(version))
    return msgspec.structs.replace(plain, metadata=metadata, status=ComputeJobStatus(phase=phase))


def changed(*jobs: ComputeJob) -> list[Change | Exception]:
    return [Change(is_deleted=False, job=each) for each in jobs]


class Script(Jobs):
    """Gives scripted answers to reads and to watches; `started_at` lists where watches started."""

    def __init__(self, reads: list[ComputeJob | Exception], watches: list[list[Change | Exception]]) -> None:
        self._reads, self._watches = reads, watches
        self.started_at: list[str] = []

    def get(self, name: str) -> ComputeJob:
        return given(self._reads.pop(0))

    def watch(self, job: ComputeJob, seconds: int) -> Iterator[Change]:
        self.started_at.append(job.metadata.resource_version)
        for change in self._watches.pop(0):
            yield given(change)


def given(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody waits here; the pauses that would have been made are listed."""
    made: list[float] = []
    monkeypatch.setattr("time.sleep", made.append)
    return made


def phases(script: Script, until: Phase = SUCCEEDED, notices: list[str] | None = None) -> list[Phase | None]:
    seen = []
    for each in follow(script, "hello", (notices if notices is not None else []).append, seconds=60):
        seen.append(each.status.phase)
        if each.status.phase is until:
            break
    return seen


def test_it_yields_the_job_as_it_is_and_then_each_change() -> None:
    script = Script([job(QUEUED, 1)], [changed(job(RUNNING, 2), job(SUCCEEDED, 3))])

    assert phases(script) == [QUEUED, RUNNING, SUCCEEDED]


def test_a_watch_that_ends_goes_on_from_where_it_was() -> None:
    script = Script([job(QUEUED, 1)], [changed(job(RUNNING, 2)), changed(job(SUCCEEDED, 3))])

    assert phases(script) == [QUEUED, RUNNING, SUCCEEDED]
    assert script.started_at == ["1", "2"]


def test_a_state_too_old_to_start_from_is_read_anew() -> None:
    script = Script([job(QUEUED, 1), job(SUCCEEDED, 9)], [[Expired("too old")]])

    assert phases(script) == [QUEUED, SUCCEEDED]


def test_an_api_server_that_is_away_is_told_and_outlasted(pauses: list[float]) -> None:
    away = Unreachable("no answer")
    script = Script([job(QUEUED, 1), away, away, job(SUCCEEDED, 9)], [[away]])
    notices: list[str] = []

    assert phases(script, notices=notices) == [QUEUED, SUCCEEDED]
    assert notices == ["no answer"] * 3
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1]


@pytest.mark.parametrize(
    ("reads", "watches"),
    [
        pytest.param([], [[Change(is_deleted=True, job=job(QUEUED, 2))]], id="the-watch-says-so"),
        pytest.param([], [changed(job(QUEUED, 9, uid="u2"))], id="another-job-has-its-name"),
        pytest.param([NotFound("none")], [[Expired("too old")]], id="while-nobody-looked"),
        pytest.param([job(QUEUED, 9, "u2")], [[Expired("too old")]], id="replaced-while-nobody-looked"),
    ],
)
def test_a_job_that_was_deleted_is_not_followed_any_further(
    reads: list[ComputeJob | Exception], watches: list[list[Change | Exception]]
) -> None:
    with pytest.raises(Deleted):
        phases(Script([job(QUEUED, 1), *reads], watches))


def test_a_job_that_was_never_there_is_not_called_deleted() -> None:
    with pytest.raises(NotFound):
        phases(Script([NotFound("none")], []))


def test_a_refusal_while_following_ends_it() -> None:
    with pytest.raises(CliError, match="no longer"):
        phases(Script([job(QUEUED, 1)], [[CliError("you may no longer")]]))


def test_it_ends_when_its_time_is_over() -> None:
    assert [each.status.phase for each in follow(Script([job(QUEUED, 1)], []), "hello", print, 0)] == [QUEUED]
