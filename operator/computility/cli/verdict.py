"""What a job's end means to the shell: the exit code of `computility wait`."""

from typing import NamedTuple

from computility.model.compute_job import Attempt, AttemptState, ComputeJob, Phase

UNANSWERED = 119
CANCELLED = 120
LOST = 121
NEVER_RAN = 122
DELETED = 123
TIMED_OUT = 124
NOT_PLACED = 125
INTERRUPTED = 130
_SIGNAL_BASE = 128


class Verdict(NamedTuple):
    """An exit code, and what it says in words."""

    exit_code: int
    message: str


def judge(job: ComputeJob) -> Verdict | None:
    """Judge a job that has ended; None if it has not.

    A payload's own exit code is passed on, a signal as 128 + its number, as shells do. From 119 on stands
    what no payload said; one that exits with such a code itself is told apart by the message.
    """
    match job.status.phase:
        case Phase.SUCCEEDED:
            return Verdict(0, "Succeeded")
        case Phase.CANCELLED:
            return Verdict(CANCELLED, "Cancelled")
        case Phase.FAILED:
            return _judge_failure(job)
        case _:
            return None


def judge_waiting(job: ComputeJob, seconds: float) -> Verdict:
    """Judge a job that has not ended although it was waited for so long."""
    phase = job.status.phase.value if job.status.phase else "not looked at yet"
    if job.status.attempts:
        return Verdict(TIMED_OUT, f"{phase} after {seconds:g} s")
    return Verdict(NOT_PLACED, f"{phase} after {seconds:g} s: it has no place yet")


def _judge_failure(job: ComputeJob) -> Verdict:
    last = job.status.attempts[-1] if job.status.attempts else None
    why = f"Failed: {_reason(last)}" if last else "Failed"
    if last is not None and last.state is AttemptState.LOST:
        return Verdict(LOST, why)
    if job.status.signal is not None:
        return Verdict(_SIGNAL_BASE + job.status.signal, f"{why}, signal {job.status.signal}")
    if job.status.exit_code:
        return Verdict(job.status.exit_code, f"{why}, exit code {job.status.exit_code}")
    return Verdict(NEVER_RAN, why)


def _reason(attempt: Attempt) -> str:
    return attempt.reason or attempt.state.value
