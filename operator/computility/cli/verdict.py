"""What a job's end means to the shell: the exit code of `computility wait`."""

from typing import NamedTuple

from computility.cli.indices import Failure, describe_counts, failures
from computility.model.compute_job import AttemptState, ComputeJob, Phase
from computility.model.outcome import State

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
    what no payload said; one that exits with such a code itself is told apart by the message. An array that
    failed has the code of its lowest failed index.
    """
    match job.status.phase:
        case Phase.SUCCEEDED:
            return Verdict(0, _counted("Succeeded", job))
        case Phase.CANCELLED:
            return Verdict(CANCELLED, _counted("Cancelled", job))
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
    if failed := failures(job):
        return _judge_index(job, failed[0])
    last = job.status.attempts[-1] if job.status.attempts else None
    why = f"Failed: {last.reason or last.state.value}" if last else "Failed"
    is_lost = last is not None and last.state is AttemptState.LOST
    return _judge_end(_counted(why, job), is_lost, job.status.signal, job.status.exit_code)


def _judge_index(job: ComputeJob, first: Failure) -> Verdict:
    outcome = first.outcome
    index = next(iter(first.indices))
    why = f"{_counted('Failed', job)}: index {index} {outcome.reason or outcome.state.value}"
    return _judge_end(why, outcome.state is State.LOST, outcome.signal, outcome.exit_code)


def _judge_end(why: str, is_lost: bool, signal: int | None, exit_code: int | None) -> Verdict:
    if is_lost:
        return Verdict(LOST, why)
    if signal is not None:
        return Verdict(_SIGNAL_BASE + signal, f"{why}, signal {signal}")
    if exit_code:
        return Verdict(exit_code, f"{why}, exit code {exit_code}")
    return Verdict(NEVER_RAN, why)


def _counted(word: str, job: ComputeJob) -> str:
    counts = describe_counts(job)
    return f"{word} ({counts})" if counts else word
