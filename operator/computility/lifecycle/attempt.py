"""What an agent does next about one attempt.

The order that makes a payload start at most once: intent in the journal, look, submit held, record the
native id on the Assignment by compare-and-swap, go file, release. The agent may die between any two
actions; the next look finds what was done. Whoever takes an index's claim first, payload or agent, decides
for ever whether its payload may start: no end without a start is reported before the agent holds it.

A job without an array is an attempt at the one index 0: there is one way for both.
"""

from datetime import datetime, timedelta

from computility.lifecycle.aftermath import deliver
from computility.lifecycle.agent_actions import Action, Decision, IndexEnd, Note, Settle, WriteIntent
from computility.lifecycle.attempt_view import LATER, SOON, SUBMIT_SETTLES, AttemptView, patience
from computility.lifecycle.case import Case
from computility.lifecycle.endings import report_refused, report_unstarted
from computility.lifecycle.entry import Entry
from computility.lifecycle.evidence import ClaimHolder, Look
from computility.lifecycle.findings import Findings
from computility.lifecycle.following import follow, surely_over
from computility.lifecycle.progress import tell_progress
from computility.lifecycle.sight import Sight
from computility.lifecycle.unclaimed import tend_unclaimed
from computility.model.index_set import IndexSet


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
        told = report_refused(entry.refusal, has_workload=bool(view.recorded))
        return Decision(
            actions=(Settle(ends=(IndexEnd(indices=entry.open_indices, status=told),)),), look_at=now
        )
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
    for chunk in entry.chunks:
        if chunk.submitted_at:
            settles = timedelta(0) if chunk.answer else SUBMIT_SETTLES
            moments.append(chunk.submitted_at + settles)
    return max(moments)


def _act_on_look(view: AttemptView, entry: Entry, look: Look, now: datetime) -> Decision:
    """Sort what has not ended by who has its claim, and bring each index one step nearer to its end."""
    sight, left = Sight(look), entry.open_indices
    case = Case(view, entry, sight, Findings(now))
    started = sight.claimed_by(ClaimHolder.PAYLOAD, left)
    burned = sight.claimed_by(ClaimHolder.AGENT, left)
    for index in started:
        follow(case, index)
    for index in burned:
        _give_up(case, index)
    _note_started(case, started)
    if unclaimed := left - started - burned:
        tend_unclaimed(case, unclaimed)
    tell_progress(case)
    return case.found.decision()


def _note_started(case: Case, claimed: IndexSet) -> None:
    """Keep which of an array's payloads have started; without an array the Assignment says it."""
    if case.entry.array is not None:
        started = IndexSet.of(i for i in claimed if case.sight.of(i).started_at is not None)
        case.found.started = started - IndexSet.parse(case.entry.started)


def _give_up(case: Case, index: int) -> None:
    """End an index whose claim the agent holds: nothing of it can start any more."""
    found = case.found
    if case.sight.active(index):
        found.cancelled |= IndexSet.only(index)
        found.look_by(case.now + SOON)
    elif _may_run_unseen(case, index):
        found.look_by(min(surely_over(case, index), case.now + LATER))
    else:
        found.end(index, report_unstarted(case.entry, case.sight, index))


def _may_run_unseen(case: Case, index: int) -> bool:
    """Say whether a payload that has destroyed its claim may run on without a workload that stands for it."""
    is_lost = index in IndexSet.parse(case.entry.claim_lost) and not case.sight.covering(index)
    return is_lost and case.sight.look.taken_at < surely_over(case, index)
