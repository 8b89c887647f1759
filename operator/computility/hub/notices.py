"""What of a job's new status is worth an Event: an attempt that never started, one lost, the job failed."""

from collections.abc import Iterator
from typing import NamedTuple

from computility.model.compute_job import Attempt, ComputeJobStatus, Phase
from computility.model.outcome import IndexOutcome, Started, State


class Notice(NamedTuple):
    """One thing that people should hear of; a job, an ordinal and a reason have one between them."""

    ordinal: int
    reason: str
    action: str
    note: str


def notices(old: ComputeJobStatus, new: ComputeJobStatus) -> list[Notice]:
    """Return what a step brought that is worth an Event; a job that ends well brings nothing."""
    ended_before = {a.ordinal for a in old.attempts if a.state.is_terminal}
    news = [a for a in new.attempts if a.state.is_terminal and a.ordinal not in ended_before]
    found = [notice for attempt in news for notice in _about_attempt(attempt)]
    if new.phase is Phase.FAILED and old.phase is not Phase.FAILED:
        found.append(Notice(new.last_ordinal, new.reason, "End", new.message))
    return list({(each.ordinal, each.reason): each for each in found if each.reason}.values())


def _about_attempt(attempt: Attempt) -> Iterator[Notice]:
    """Tell what became of an ended attempt as a whole, and of those of its indices that fared otherwise."""
    for outcome in (_whole(attempt), *attempt.outcomes):
        if (fate := _fate(outcome)) is not None:
            which = f", indices {outcome.indices}" if outcome.indices else ""
            told = f": {attempt.message}" if attempt.message else ""
            note = f'attempt {attempt.ordinal} on "{attempt.member}"{which}: {fate} ({outcome.reason}){told}'
            yield Notice(attempt.ordinal, outcome.reason, "Run", note)


def _whole(attempt: Attempt) -> IndexOutcome:
    return IndexOutcome(
        indices=attempt.indices,
        state=State(attempt.state.value),
        reason=attempt.reason,
        started=Started(attempt.started or Started.UNKNOWN.value),
    )


def _fate(outcome: IndexOutcome) -> str | None:
    if outcome.state is State.LOST:
        return "lost"
    return "never started" if (outcome.state, outcome.started) == (State.FAILED, Started.NO) else None
