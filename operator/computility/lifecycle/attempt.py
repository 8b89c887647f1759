"""What an agent does next about one attempt.

The order that makes a payload start at most once: intent in the journal, look, submit held, record the
native id on the Assignment by compare-and-swap, go file, release. The agent may die between any two
actions; the next look finds what was done. Whoever takes the claim first, payload or agent, decides for
ever whether the payload may start: no end without a start is reported before the agent holds it.
"""

from datetime import datetime, timedelta

import msgspec

from computility.lifecycle.aftermath import deliver
from computility.lifecycle.agent_actions import (
    Action,
    Burn,
    Cancel,
    Decision,
    Go,
    Note,
    Record,
    Release,
    Report,
    Submit,
    WriteIntent,
)
from computility.lifecycle.attempt_view import LATER, SOON, SUBMIT_SETTLES, AttemptView, patience
from computility.lifecycle.endings import (
    report_postponed,
    report_refused,
    report_unstarted,
)
from computility.lifecycle.entry import Entry
from computility.lifecycle.evidence import ClaimHolder, Look, SeenWorkload, SubmitAnswer, WorkloadState
from computility.lifecycle.following import finish, follow, settle
from computility.model.assignment import Started
from computility.model.reasons import Reason

SUBMITS = 3
ENDINGS_OF_PAYLOADS = frozenset({None, Reason.TIME_LIMIT, Reason.OUT_OF_MEMORY})
"""How only what has run can end; whatever else ends a workload may have done so before its start."""
LIMIT_PASSES = timedelta(seconds=30)
"""How long to wait before a submit that a passing limit of the centre turned down is tried again."""


def decide_attempt(view: AttemptView, now: datetime) -> Decision:
    """Decide what the agent does next about an attempt; `now` is the agent's own clock."""
    entry = view.entry
    if entry is None:
        return _begin(view)
    if entry.settled is not None:
        return deliver(view, entry, entry.settled, now)
    noted = _note_changes(view, entry, now)
    if noted:
        return Decision(actions=noted, look_at=now)
    if entry.refusal is not None:
        return settle(report_refused(entry.refusal, has_workload=bool(view.recorded_id)), now)
    fresh_from = _fresh_from(entry)
    if view.look is None or view.look.taken_at < fresh_from:
        return Decision(look_at=max(now, fresh_from))
    if not view.look.complete:
        return Decision(look_at=now + patience(now - entry.intent_at))
    return _act_on_look(view, entry, view.look, now)


def _begin(view: AttemptView) -> Decision:
    if view.assignment is None or view.assignment.status.state.is_terminal:
        return Decision()
    return Decision(actions=(WriteIntent(tombstone=view.wants_cancel, refusal=view.refusal),))


def _note_changes(view: AttemptView, entry: Entry, now: datetime) -> tuple[Action, ...]:
    if view.wants_cancel and entry.tombstone_at is None:
        return (Note(field="tombstone_at", at=now),)
    if view.is_gone and entry.missing_at is None:
        return (Note(field="missing_at", at=now),)
    if view.assignment is not None and entry.missing_at is not None:
        return (Note(field="missing_at", at=None),)
    return ()


def _fresh_from(entry: Entry) -> datetime:
    """Return the instant from which on a look says something about what the journal knows of."""
    moments = [entry.intent_at]
    if entry.given_up_at:
        moments.append(entry.given_up_at)
    if entry.submitted_at:
        moments.append(entry.submitted_at if entry.answer else entry.submitted_at + SUBMIT_SETTLES)
    return max(moments)


def _act_on_look(view: AttemptView, entry: Entry, look: Look, now: datetime) -> Decision:
    if look.claim.holder is ClaimHolder.PAYLOAD:
        if look.result is not None:
            return finish(entry, look, now)
        return follow(view, entry, look, now)
    if look.claim.holder is ClaimHolder.AGENT:
        return _give_up(entry, look, now)
    if entry.given_up_at is not None:
        return _burn(view, entry, look, now)
    if view.assignment is None:
        return _hold_back(view, entry, now)
    return _start(view, entry, look, now)


def _hold_back(view: AttemptView, entry: Entry, now: datetime) -> Decision:
    """Leave an unstarted attempt alone while its Assignment is missing, and end it after one lease."""
    if not view.is_gone or entry.missing_at is None:
        return Decision(look_at=now + LATER)
    ends = entry.missing_at + timedelta(seconds=entry.spec.lease.seconds)
    if now < ends:
        return Decision(look_at=ends)
    return Decision(actions=(Note(field="withdrawn_at", at=now),), look_at=now)


def _start(view: AttemptView, entry: Entry, look: Look, now: datetime) -> Decision:
    """Bring an attempt that nobody has claimed one step nearer to its start."""
    own = _own_workload(view, look)
    if own is None:
        return _submit(view, entry, look, now)
    if own.is_ended:
        return _burn(view, entry, look, now)
    if own.state is WorkloadState.UNKNOWN:
        return _report_unknown(view, own, now)
    if not view.recorded_id:
        return Decision(actions=(Record(workload=own.workload),), look_at=now)
    if own.state is WorkloadState.ACTIVE and look.traces:
        # Its payload has started and has destroyed its claim since: whatever it does now, nothing guards it.
        return _burn(view, entry, look, now)
    actions: list[Action] = []
    if not look.go:
        actions.append(Go())
    if own.state is WorkloadState.HELD:
        actions.append(Release(native_id=own.native_id))
    return Decision(actions=tuple(actions), look_at=now + patience(now - (entry.submitted_at or now)))


def _own_workload(view: AttemptView, look: Look) -> SeenWorkload | None:
    """Pick the workload that is the attempt's: the recorded one, else the first that was submitted."""
    if view.recorded_id:
        return next((w for w in look.workloads if w.native_id == view.recorded_id), None)
    return min(look.workloads, key=lambda w: (len(w.native_id), w.native_id), default=None)


def _submit(view: AttemptView, entry: Entry, look: Look, now: datetime) -> Decision:
    answer = entry.answer
    if answer is not None and answer.postponed is not None and not view.recorded_id:
        return _submit_later(view, entry, answer, now)
    if view.recorded_id or answer is not None or entry.submits >= SUBMITS:
        # Refused, or it was there and is gone: never submitted again under this name.
        return _burn(view, entry, look, now)
    return Decision(actions=(Submit(),), look_at=now)


def _burn(view: AttemptView, entry: Entry, look: Look, now: datetime) -> Decision:
    """Take a claim that nobody has, and keep it in mind if somebody must have had it."""
    if entry.claim_lost_at is None and _must_have_run(view, look):
        return Decision(actions=(Note(field="claim_lost_at", at=now), Burn()), look_at=now)
    return Decision(actions=(Burn(),), look_at=now)


def _must_have_run(view: AttemptView, look: Look) -> bool:
    """Say whether a payload may have started although nobody has the claim: it can destroy its own."""
    status = view.assignment.status if view.assignment else None
    was_reported = status is not None and status.started is Started.YES
    ended_by_itself = any(w.is_ended and w.ending in ENDINGS_OF_PAYLOADS for w in look.workloads)
    return look.traces or was_reported or (look.go and ended_by_itself)


def _submit_later(view: AttemptView, entry: Entry, answer: SubmitAnswer, now: datetime) -> Decision:
    """Submit again once the cause may have passed; say meanwhile why it waits, once."""
    assert view.assignment is not None  # noqa: S101 - the caller's conditions, for the type checker
    assert answer.postponed is not None  # noqa: S101
    again_at = (entry.submitted_at or now) + (
        LIMIT_PASSES if answer.postponed is Reason.LIMIT_REACHED else SOON
    )
    if now >= again_at:
        return Decision(actions=(Submit(),), look_at=now)
    status = view.assignment.status
    if answer.postponed is not Reason.LIMIT_REACHED or status.reason == answer.postponed.value:
        return Decision(look_at=again_at)
    told = report_postponed(status, answer.postponed, answer.message)
    return Decision(actions=(Report(status=told),), look_at=again_at)


def _give_up(entry: Entry, look: Look, now: datetime) -> Decision:
    """End an attempt whose claim the agent holds: nothing of it can start any more."""
    if any(not w.is_ended for w in look.workloads):
        return Decision(actions=(Cancel(),), look_at=now + SOON)
    return settle(report_unstarted(entry, look), now)


def _report_unknown(view: AttemptView, own: SeenWorkload, now: datetime) -> Decision:
    """Report a scheduler's word that we do not know, once, instead of guessing what it means."""
    assert view.assignment is not None  # noqa: S101 - the caller's condition, for the type checker
    status = view.assignment.status
    if status.reason == Reason.UNKNOWN_BACKEND_STATE.value:
        return Decision(look_at=now + LATER)
    told = msgspec.structs.replace(
        status,
        reason=Reason.UNKNOWN_BACKEND_STATE.value,
        message=f'the scheduler reports state "{own.word}", which this agent does not know; it keeps looking',
    )
    return Decision(actions=(Report(status=told),), look_at=now + LATER)
