"""The exit code of `computility wait`."""

from typing import Any

import msgspec
import pytest

from computility.cli.verdict import judge, judge_waiting
from computility.model.compute_job import Attempt, AttemptState, ComputeJob, ComputeJobStatus, Phase
from support.builders import a_job


def ended(phase: Phase, state: AttemptState | None = None, **fields: Any) -> ComputeJob:
    """Build a job that has ended, after one attempt if a state is given."""
    entry = Attempt(ordinal=1, member="alpha", member_uid="u", pool="cpu", lease_seconds=60)
    attempts = () if state is None else (msgspec.structs.replace(entry, state=state, reason="Because"),)
    status = ComputeJobStatus(phase=phase, attempts=attempts, **fields)
    return msgspec.structs.replace(a_job(), status=status)


FAILED, LOST = AttemptState.FAILED, AttemptState.LOST


@pytest.mark.parametrize(
    ("job", "code"),
    [
        pytest.param(ended(Phase.SUCCEEDED, AttemptState.SUCCEEDED, exit_code=0), 0, id="success-is-0"),
        pytest.param(ended(Phase.FAILED, FAILED, exit_code=3), 3, id="the-exit-code-is-passed-on"),
        pytest.param(ended(Phase.FAILED, FAILED, signal=15), 143, id="a-signal-is-128-and-its-number"),
        pytest.param(ended(Phase.FAILED, FAILED, signal=9), 137, id="killed-is-137"),
        pytest.param(ended(Phase.CANCELLED, AttemptState.CANCELLED, signal=15), 120, id="cancelled-is-120"),
        pytest.param(ended(Phase.CANCELLED), 120, id="cancelled-before-it-was-placed-is-120-too"),
        pytest.param(ended(Phase.FAILED, LOST), 121, id="lost-is-121"),
        pytest.param(ended(Phase.FAILED, FAILED), 122, id="refused-by-the-centre-is-122"),
    ],
)
def test_a_jobs_end_has_its_exit_code(job: ComputeJob, code: int) -> None:
    verdict = judge(job)

    assert verdict is not None
    assert verdict.exit_code == code


@pytest.mark.parametrize("phase", [None, Phase.QUEUED, Phase.PLACED, Phase.RUNNING, Phase.FINISHING])
def test_a_job_that_has_not_ended_is_not_judged(phase: Phase | None) -> None:
    job = msgspec.structs.replace(a_job(), status=ComputeJobStatus(phase=phase))

    assert judge(job) is None


def test_waiting_in_vain_for_a_place_is_told_apart_from_waiting_in_vain_for_the_end() -> None:
    assert judge_waiting(ended(Phase.QUEUED), 5).exit_code == 125
    assert judge_waiting(ended(Phase.RUNNING, AttemptState.RUNNING), 5).exit_code == 124


def test_a_failure_names_its_reason_and_code() -> None:
    verdict = judge(ended(Phase.FAILED, FAILED, exit_code=3))

    assert verdict is not None
    assert verdict.message == "Failed: Because, exit code 3"
