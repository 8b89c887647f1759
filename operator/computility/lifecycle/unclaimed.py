"""What an agent does about indices whose claim nobody has: see that they start, or that none ever will."""

from datetime import timedelta

import msgspec

from computility.lifecycle.attempt_view import LATER, SOON, patience
from computility.lifecycle.case import Case
from computility.lifecycle.endings import report_postponed
from computility.lifecycle.entry import ChunkEntry
from computility.lifecycle.evidence import SeenWorkload, WorkloadState
from computility.model.assignment import Started
from computility.model.index_set import IndexSet
from computility.model.reasons import Reason

SUBMITS = 3
ENDINGS_OF_PAYLOADS = frozenset({None, Reason.TIME_LIMIT, Reason.OUT_OF_MEMORY})
"""How only what has run can end; whatever else ends a workload may have done so before its start."""
HURRY = timedelta(seconds=10)
"""How long after an attempt was given up its claims are looked at again at once."""
LIMIT_PASSES = timedelta(seconds=30)
"""How long to wait before a submit that a passing limit of the centre turned down is tried again."""

LASTING = frozenset({Reason.LIMIT_REACHED, Reason.SCRATCH_FULL})
"""What may go on for long: the hub is told that an attempt waits for it."""


def tend_unclaimed(case: Case, indices: IndexSet) -> None:
    """Act on indices that nobody has claimed."""
    if case.entry.given_up_at is not None:
        _burn(case, indices)
        _cancel_active(case, indices)
    elif case.view.start_by is not None and case.view.start_by <= case.now:
        case.found.note("expired_at")
        case.found.look_by(case.now)
    elif case.view.assignment is None:
        _hold_back(case)
    elif case.view.is_draining:
        case.found.note("withdrawn_at")
        case.found.look_by(case.now)
    else:
        for number, chunk in enumerate(case.entry.chunk_sets):
            if mine := indices & chunk:
                _start(case, number, mine)
        if case.view.start_by is not None:
            case.found.look_by(case.view.start_by)


def _cancel_active(case: Case, indices: IndexSet) -> None:
    """End, on the hub's order, what is active although nobody has its claim: that may be hidden from us."""
    if case.entry.tombstone_at is not None:
        case.found.cancelled |= _standing(list(case.sight.look.workloads), WorkloadState.ACTIVE) & indices


def _hold_back(case: Case) -> None:
    """Leave what has not started alone while the Assignment is missing, and end it after one lease."""
    if not case.view.is_gone or case.entry.missing_at is None:
        case.found.look_by(case.now + LATER)
        return
    lease_seconds = case.entry.spec.lease.seconds * case.view.clock_factor
    ends = case.entry.missing_at + timedelta(seconds=lease_seconds)
    if case.now >= ends:
        case.found.note("withdrawn_at")
        ends = case.now
    case.found.look_by(ends)


def _start(case: Case, number: int, mine: IndexSet) -> None:
    """Bring those of a chunk that nobody has claimed one step nearer to their start."""
    own = _own_workloads(case, number)
    if not own:
        _submit(case, number, mine)
        return
    ended = _standing(own, WorkloadState.ENDED) & mine
    vanished = mine - IndexSet.of(i for w in own for i in w.indices)
    unguarded = _unguarded(case, _standing(own, WorkloadState.ACTIVE) & mine)
    if over := ended | vanished | unguarded:
        _burn(case, over)
    waiting = [w for w in own if w.state is not WorkloadState.ENDED and w.indices & (mine - over)]
    unknown = next((w for w in waiting if w.state is WorkloadState.UNKNOWN), None)
    if unknown is not None:
        _report_unknown(case, unknown)
    elif waiting:
        _let_start(case, number, waiting)


def _own_workloads(case: Case, number: int) -> list[SeenWorkload]:
    """Pick the workload that is the chunk's: the recorded one, else the first that was submitted."""
    seen = [w for w in case.sight.look.workloads if w.chunk == number]
    recorded = case.view.recorded.get(number)
    if recorded is None and seen:
        recorded = min((w.native_id for w in seen), key=lambda native_id: (len(native_id), native_id))
    return [w for w in seen if w.native_id == recorded]


def _standing(workloads: list[SeenWorkload], state: WorkloadState) -> IndexSet:
    indices = IndexSet()
    for workload in workloads:
        if workload.state is state:
            indices |= workload.indices
    return indices


def _unguarded(case: Case, active: IndexSet) -> IndexSet:
    """Return those whose payload has started and has destroyed its claim since.

    Whatever it does now, nothing guards it.
    """
    return IndexSet.of(i for i, seen in case.sight.look.indices.items() if seen.traces) & active


def _let_start(case: Case, number: int, waiting: list[SeenWorkload]) -> None:
    if number not in case.view.recorded and not case.view.is_atomic:
        case.found.recorded.append(waiting[0].workload)
        case.found.look_by(case.now)
        return
    if not case.sight.look.go:
        case.found.go = True
    if any(w.state is WorkloadState.HELD for w in waiting):
        case.found.released.append(waiting[0].native_id)
    submitted_at = case.entry.chunks[number].submitted_at
    wait = patience(case.now - (submitted_at or case.now))
    # What takes orders at once may have started, or even ended it, by now.
    is_immediate = case.view.is_atomic and bool(case.found.released)
    case.found.look_by(case.now if is_immediate else case.now + wait)


def _submit(case: Case, number: int, mine: IndexSet) -> None:
    chunk, is_recorded = case.entry.chunks[number], number in case.view.recorded
    if chunk.answer is not None and chunk.answer.postponed is not None and not is_recorded:
        _submit_later(case, number, chunk)
    elif is_recorded or chunk.answer is not None or chunk.submits >= SUBMITS:
        # Refused, or it was there and is gone: never submitted again under this name.
        _burn(case, mine)
    elif _is_next(case, number):
        case.found.submitted.append(number)
        case.found.look_by(case.now)


def _is_next(case: Case, number: int) -> bool:
    """Say whether a chunk may go to the centre: under `maxConcurrent` only after all chunks before it."""
    work = case.entry.spec.job
    if work is None or work.max_concurrent is None:
        return True
    return not any(case.entry.open_indices & chunk for chunk in case.entry.chunk_sets[:number])


def _burn(case: Case, indices: IndexSet) -> None:
    """Take claims that nobody has, and keep in mind which of them somebody must have had."""
    known = IndexSet.parse(case.entry.claim_lost)
    case.found.claims_lost |= IndexSet.of(i for i in indices if i not in known and _must_have_run(case, i))
    case.found.burned |= indices
    # A claim that cannot be taken, because a payload put something else in its place, is no reason to rush.
    given_up_at = case.entry.given_up_at
    age = case.now - given_up_at if given_up_at else timedelta(0)
    case.found.look_by(case.now if age < HURRY else case.now + patience(age))


def _must_have_run(case: Case, index: int) -> bool:
    """Say whether a payload may have started although nobody has the claim: it can destroy its own."""
    status = case.view.assignment.status if case.view.assignment else None
    if case.entry.array is not None:
        was_seen = index in IndexSet.parse(case.entry.started)
    else:
        was_seen = status is not None and status.started is Started.YES
    ended_by_itself = any(w.is_ended and w.ending in ENDINGS_OF_PAYLOADS for w in case.sight.covering(index))
    return case.sight.of(index).traces or was_seen or (case.sight.look.go and ended_by_itself)


def _submit_later(case: Case, number: int, chunk: ChunkEntry) -> None:
    """Submit again once the cause may have passed; say meanwhile why it waits, once."""
    assert case.view.assignment is not None  # noqa: S101 - the caller's conditions, for the type checker
    assert chunk.answer is not None and chunk.answer.postponed is not None  # noqa: S101, PT018
    reason, lasts = chunk.answer.postponed, chunk.answer.postponed in LASTING
    again_at = (chunk.submitted_at or case.now) + (LIMIT_PASSES if lasts else SOON)
    if case.now >= again_at:
        case.found.submitted.append(number)
        case.found.look_by(case.now)
        return
    case.found.look_by(again_at)
    if lasts and case.view.assignment.status.reason != reason.value:
        case.found.told = report_postponed(case.view.assignment.status, reason, chunk.answer.message)


def _report_unknown(case: Case, own: SeenWorkload) -> None:
    """Report a scheduler's word that we do not know, once, instead of guessing what it means."""
    assert case.view.assignment is not None  # noqa: S101 - the caller's condition, for the type checker
    case.found.look_by(case.now + LATER)
    status = case.view.assignment.status
    if status.reason != Reason.UNKNOWN_BACKEND_STATE.value:
        case.found.told = msgspec.structs.replace(
            status,
            reason=Reason.UNKNOWN_BACKEND_STATE.value,
            message=f'the scheduler reports state "{own.word}", unknown to this agent; it keeps looking',
        )
