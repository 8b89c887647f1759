"""How the ends of an array's indices add up to the end of its attempt."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import msgspec

from computility.lifecycle.agent_actions import IndexEnd
from computility.model.assignment import AssignmentStatus, Counts, Fault, IndexOutcome, Started, State
from computility.model.base import cut_message
from computility.model.index_set import IndexSet

KINDS = 64
"""Most kinds of ends that are told apart; past it exit codes and signals are not."""


class _Kind(NamedTuple):
    state: State
    reason: str
    fault: Fault | None
    started: Started
    exit_code: int | None
    signal: int | None


def fold(so_far: AssignmentStatus | None, ends: Iterable[IndexEnd]) -> AssignmentStatus:
    """Add the ends of indices to what those before them came to.

    Usage is summed, the first start and the last end are kept, and of the outputs that of the first index
    seen to have failed, else that of the first seen to have ended whose output the look had.
    """
    ended = tuple(ends)
    total = so_far or AssignmentStatus()
    has_failed = any(o.state is State.FAILED for o in total.outcomes)
    is_first = not total.outcomes
    for end in ended:
        fails = end.status.state is State.FAILED
        shows = is_first or (not has_failed and (fails or _tells_first(total, end.status)))
        total = _add(total, end, shows=shows)
        is_first, has_failed = False, has_failed or fails
    # All at once: which indices there are of a kind is a long text, and thousands may end in one look.
    return msgspec.structs.replace(total, outcomes=add_outcomes(total.outcomes, map(_outcome, ended)))


def _tells_first(total: AssignmentStatus, end: AssignmentStatus) -> bool:
    """Say whether a success brings output where the one that is shown, a success too, had none."""
    is_silent = total.exit_code == 0 and not (total.stdout_tail or total.stderr_tail)
    return is_silent and end.exit_code == 0 and bool(end.stdout_tail or end.stderr_tail)


def _add(total: AssignmentStatus, end: IndexEnd, *, shows: bool) -> AssignmentStatus:
    status, count = end.status, len(end.indices)
    shown = status if shows else total
    known = {(w.chunk, w.native_id) for w in total.workloads}
    return msgspec.structs.replace(
        total,
        message=shown.message,
        exit_code=shown.exit_code,
        signal=shown.signal,
        stdout_tail=shown.stdout_tail,
        stderr_tail=shown.stderr_tail,
        workloads=(
            *total.workloads,
            *(w for w in status.workloads if (w.chunk, w.native_id) not in known),
        )[:KINDS],
        started_at=_earliest(total.started_at, status.started_at),
        ended_at=_latest(total.ended_at, status.ended_at),
        run_seconds=_sum(total.run_seconds, status.run_seconds, count),
        core_seconds=_sum(total.core_seconds, status.core_seconds, count),
        card_seconds=_sum(total.card_seconds, status.card_seconds, count),
    )


def _outcome(end: IndexEnd) -> IndexOutcome:
    status = end.status
    return IndexOutcome(
        indices=str(end.indices),
        state=status.state,
        reason=status.reason,
        fault=status.fault,
        started=status.started,
        exit_code=status.exit_code,
        signal=status.signal,
    )


def add_outcomes(
    outcomes: tuple[IndexOutcome, ...], more: Iterable[IndexOutcome]
) -> tuple[IndexOutcome, ...]:
    """Put indices with those that ended alike; when there are too many kinds, with those nearly alike."""
    merged = _merge((*outcomes, *more))
    if len(merged) <= KINDS:
        return merged
    return _merge(msgspec.structs.replace(o, exit_code=None, signal=None) for o in merged)


def _merge(outcomes: Iterable[IndexOutcome]) -> tuple[IndexOutcome, ...]:
    groups: dict[_Kind, IndexSet] = {}
    for o in outcomes:
        kind = _Kind(o.state, o.reason, o.fault, o.started, o.exit_code, o.signal)
        groups[kind] = groups.get(kind, IndexSet()) | IndexSet.parse(o.indices)
    return tuple(IndexOutcome(indices=str(found), **kind._asdict()) for kind, found in groups.items())


def count_ended(so_far: AssignmentStatus | None) -> tuple[int, int]:
    """Return how many indices have succeeded, and how many have ended in another way."""
    succeeded = failed = 0
    for outcome in so_far.outcomes if so_far else ():
        count = len(IndexSet.parse(outcome.indices))
        if outcome.state is State.SUCCEEDED:
            succeeded += count
        else:
            failed += count
    return succeeded, failed


def conclude_array(total: AssignmentStatus) -> AssignmentStatus:
    """Say how an attempt ended of which every index has: as the worst of them, and with how many."""
    succeeded, failed = count_ended(total)
    worst = max(total.outcomes, key=lambda o: _BADNESS[o.state])
    message = f"{succeeded} of {succeeded + failed} indices succeeded"
    if failed and total.message:
        message += f"; the first that failed: {total.message}"
    return msgspec.structs.replace(
        total,
        state=worst.state,
        reason=worst.reason,
        fault=worst.fault,
        started=_started(total.outcomes),
        message=cut_message(message),
        counts=Counts(succeeded=succeeded, failed=failed),
    )


_BADNESS = {State.SUCCEEDED: 0, State.CANCELLED: 1, State.LOST: 2, State.FAILED: 3}


def _started(outcomes: tuple[IndexOutcome, ...]) -> Started:
    said = {outcome.started for outcome in outcomes}
    return next((word for word in (Started.YES, Started.UNKNOWN) if word in said), Started.NO)


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((t for t in (one, other) if t is not None), default=None)


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((t for t in (one, other) if t is not None), default=None)


def _sum(so_far: float | None, each: float | None, count: int) -> float | None:
    return so_far if each is None else (so_far or 0.0) + each * count
