"""What an agent does next about one attempt.

The order that makes a payload start at most once: intent in the journal, look, submit held, record the
native id on the Assignment by compare-and-swap, go file, release. The agent may die between any two
actions; the next look finds what was done. Whoever takes the claim first, payload or agent, decides for
ever whether the payload may start: no end without a start is reported before the agent holds it.
"""

from datetime import datetime, timedelta

import msgspec

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
    Settle,
    Submit,
    WriteIntent,
)
from computility.lifecycle.endings import (
    report_refused,
    report_result,
    report_running,
    report_unexplained,
    report_unstarted,
)
from computility.lifecycle.entry import Entry, Refusal
from computility.lifecycle.evidence import ClaimHolder, Look, SeenWorkload, WorkloadState
from computility.model.assignment import Assignment, AssignmentStatus, Desired, State, Workload
from computility.model.base import Value
from computility.model.reasons import Reason

SUBMIT_SETTLES = timedelta(seconds=10)
"""A submit without an answer may still arrive this long after it was sent (slurm.md 7)."""
RESULT_SETTLES = timedelta(seconds=5)
"""A result may become visible this long after its workload has ended: shared file systems lag."""
KILL_MARGIN = timedelta(seconds=60)
"""Past `maxRunSeconds` and grace, a payload that we cannot see has ended itself by this much later."""
SHORT = timedelta(seconds=1)
"""A payload that ended within this time is reported once, at its end."""
CANCEL_AGAIN = timedelta(seconds=10)
SUBMITS = 3

SOON = timedelta(seconds=1)
LATER = timedelta(seconds=10)


class AttemptView(Value, frozen=True, kw_only=True):
    """All that is known of one attempt.

    `assignment` None with `is_gone` means that the hub has no such object, proved by a complete list
    and a 404; without it, that the agent does not know. `look` is the newest since the last effect.
    """

    name: str
    assignment: Assignment | None = None
    is_gone: bool = False
    entry: Entry | None = None
    look: Look | None = None
    refusal: Refusal | None = None

    @property
    def wants_cancel(self) -> bool:
        return self.assignment is not None and self.assignment.spec.desired is Desired.CANCEL

    @property
    def recorded_id(self) -> str:
        """The native id that stands on the Assignment; "" while none does."""
        workloads = self.assignment.status.workloads if self.assignment else ()
        return workloads[0].native_id if workloads else ""


def decide_attempt(view: AttemptView, now: datetime) -> Decision:
    """Decide what the agent does next about an attempt; `now` is the agent's own clock."""
    entry = view.entry
    if entry is None:
        return _begin(view)
    if entry.settled is not None:
        return _deliver(view, entry, entry.settled)
    noted = _note_changes(view, entry, now)
    if noted:
        return Decision(actions=noted, look_at=now)
    if entry.refusal is not None:
        return _settle(report_refused(entry.refusal, has_workload=bool(view.recorded_id)), now)
    fresh_from = _fresh_from(entry)
    if view.look is None or view.look.taken_at < fresh_from:
        return Decision(look_at=max(now, fresh_from))
    if not view.look.complete:
        return Decision(look_at=now + SOON)
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
            return _finish(entry, look, now)
        return _follow(view, entry, look, now)
    if look.claim.holder is ClaimHolder.AGENT:
        return _give_up(entry, look, now)
    if entry.given_up_at is not None:
        return Decision(actions=(Burn(),), look_at=now)
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
        return _submit(view, entry, now)
    if own.is_ended:
        return Decision(actions=(Burn(),), look_at=now)
    if own.state is WorkloadState.UNKNOWN:
        return _report_unknown(view, own, now)
    if not view.recorded_id:
        workload = Workload(native_id=own.native_id, cluster=own.cluster, submitted_at=own.submitted_at)
        return Decision(actions=(Record(workload=workload),), look_at=now)
    actions: list[Action] = []
    if not look.go:
        actions.append(Go())
    if own.state is WorkloadState.HELD:
        actions.append(Release(native_id=own.native_id))
    return Decision(actions=tuple(actions), look_at=now + SOON)


def _own_workload(view: AttemptView, look: Look) -> SeenWorkload | None:
    """Pick the workload that is the attempt's: the recorded one, else the first that was submitted."""
    if view.recorded_id:
        return next((w for w in look.workloads if w.native_id == view.recorded_id), None)
    return min(look.workloads, key=lambda w: (len(w.native_id), w.native_id), default=None)


def _submit(view: AttemptView, entry: Entry, now: datetime) -> Decision:
    certain = entry.answer is not None
    if view.recorded_id or certain or entry.submits >= SUBMITS:
        # Refused, or it was there and is gone: never submitted again under this name.
        return Decision(actions=(Burn(),), look_at=now)
    return Decision(actions=(Submit(),), look_at=now)


def _give_up(entry: Entry, look: Look, now: datetime) -> Decision:
    """End an attempt whose claim the agent holds: nothing of it can start any more."""
    if any(not w.is_ended for w in look.workloads):
        return Decision(actions=(Cancel(),), look_at=now + SOON)
    return _settle(report_unstarted(entry, look), now)


def _follow(view: AttemptView, entry: Entry, look: Look, now: datetime) -> Decision:
    """Follow a claimed payload that has left no result yet."""
    active = [w for w in look.workloads if not w.is_ended]
    if not active:
        return _await_result(entry, look, now)
    if entry.tombstone_at is not None:
        return _cancel(entry, now)
    if not view.recorded_id:
        return _record_claimed(view, look, active, now)
    if view.assignment is not None and not look.go:
        return Decision(actions=(Go(),), look_at=now + SOON)
    return _report_start(view, look, now)


def _report_start(view: AttemptView, look: Look, now: datetime) -> Decision:
    """Report that the payload runs, once it is clear that it is not a short one."""
    assignment, started = view.assignment, look.started_at
    if started is None:
        return Decision(look_at=now + SOON)
    if assignment is None or assignment.status.state.rank >= State.RUNNING.rank:
        return Decision(look_at=now + _patience(now - started))
    if now < started + SHORT:
        return Decision(look_at=started + SHORT)
    return Decision(actions=(Report(status=report_running(assignment, look)),), look_at=now + SOON)


def _patience(age: timedelta) -> timedelta:
    """Return how long not to look at a payload that has run so long: its end is then seen a tenth late."""
    return min(max(age / 10, SOON), LATER)


def _record_claimed(view: AttemptView, look: Look, active: list[SeenWorkload], now: datetime) -> Decision:
    """Record a workload that somebody else released: it waits for the go file, not for us."""
    if view.assignment is None:
        return Decision(look_at=now + LATER)
    own = next((w for w in active if w.native_id == look.claim.native_id), active[0])
    workload = Workload(native_id=own.native_id, cluster=own.cluster, submitted_at=own.submitted_at)
    return Decision(actions=(Record(workload=workload),), look_at=now)


def _cancel(entry: Entry, now: datetime) -> Decision:
    if entry.cancelled_at is not None and now < entry.cancelled_at + CANCEL_AGAIN:
        return Decision(look_at=now + SOON)
    return Decision(actions=(Note(field="cancelled_at", at=now), Cancel()), look_at=now + SOON)


def _await_result(entry: Entry, look: Look, now: datetime) -> Decision:
    """Wait for the result of a payload that no workload stands for any more."""
    if entry.ended_at is None:
        return Decision(actions=(Note(field="ended_at", at=now),), look_at=now + SOON)
    patience = entry.ended_at + RESULT_SETTLES
    if not look.workloads:
        # Gone without a word: a controller that lost its memory leaves its payloads running.
        patience = max(patience, _surely_over(entry, look))
    if now < patience:
        return Decision(look_at=min(patience, now + LATER))
    return _settle(report_unexplained(entry, look), now)


def _surely_over(entry: Entry, look: Look) -> datetime:
    work = entry.spec.job
    seconds = work.max_run_seconds + work.grace_seconds if work else 0
    since = max(t for t in (look.claim.claimed_at, look.started_at, entry.intent_at) if t is not None)
    return since + timedelta(seconds=seconds) + KILL_MARGIN


def _finish(entry: Entry, look: Look, now: datetime) -> Decision:
    """Settle an attempt whose payload left a result."""
    active = any(not w.is_ended for w in look.workloads)
    if active and entry.ended_at is None:
        # The scheduler's word tells a kill for memory from any other; the wrapper is about to leave.
        return Decision(actions=(Note(field="ended_at", at=now),), look_at=now + SOON)
    if active and entry.ended_at is not None and now < entry.ended_at + RESULT_SETTLES:
        return Decision(look_at=now + SOON)
    assert look.result is not None  # noqa: S101 - the caller's condition, for the type checker
    return _settle(report_result(entry, look, look.result), now)


def _settle(status: AssignmentStatus, now: datetime) -> Decision:
    return Decision(actions=(Settle(status=status),), look_at=now)


def _deliver(view: AttemptView, entry: Entry, settled: AssignmentStatus) -> Decision:
    """Say what the journal knows, also to an Assignment that was made again; end what came late."""
    actions: list[Action] = []
    if view.assignment is not None and not view.assignment.status.state.is_terminal:
        actions.append(Report(status=_with_workloads(view, settled)))
    if not entry.is_uncertain or entry.submitted_at is None:
        return Decision(actions=tuple(actions))
    settles = entry.submitted_at + SUBMIT_SETTLES
    if view.look is None or view.look.taken_at < settles or not view.look.complete:
        return Decision(actions=tuple(actions), look_at=settles)
    if any(not w.is_ended for w in view.look.workloads):
        actions.append(Cancel())
        return Decision(actions=tuple(actions), look_at=settles)
    return Decision(actions=tuple(actions))


def _with_workloads(view: AttemptView, status: AssignmentStatus) -> AssignmentStatus:
    if status.workloads or view.assignment is None:
        return status
    return msgspec.structs.replace(status, workloads=view.assignment.status.workloads)


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
