"""The agent's loop: takes the attempts that are due, looks, decides, performs, and says when to look next.

It is level-triggered: what wakes an attempt (a change on the hub, a time, an effect of our own) only says
that it is to be looked into, never what has happened.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from computility.agent.attempts import Attempts
from computility.agent.perform import Performer
from computility.agent.schedule import Batch, Schedule
from computility.agent.steps import Outcome, Outcomes, Plan
from computility.lifecycle.agent_actions import Decision
from computility.lifecycle.attempt import decide_attempt
from computility.lifecycle.attempt_view import AttemptView

_log = logging.getLogger(__name__)

MOST_ROUNDS = 32
"""Rounds under way at once, each of another account: one that hangs delays its own attempts and no others."""
STOP_SECONDS = 8.0


class Loop:
    """Moves every attempt towards its end.

    Args:
        attempts: What is known of them.
        performer: Carries out what is decided.
        schedule: When which of them is due.
        clock: Says what time it is.
        is_holder: Whether the member's Lease is ours; nothing is done while it is another's.
        clock_factor: How many seconds of `clock` pass in one of the wall clock's.
    """

    def __init__(
        self,
        attempts: Attempts,
        performer: Performer,
        schedule: Schedule,
        *,
        clock: Callable[[], datetime],
        is_holder: Callable[[], bool],
        clock_factor: float = 1.0,
    ) -> None:
        self._attempts = attempts
        self._performer = performer
        self._schedule = schedule
        self._clock = clock
        self._is_holder = is_holder
        self._clock_factor = clock_factor
        self._stirred = asyncio.Event()
        self._rounds: set[asyncio.Task[None]] = set()

    def wake(self, names: Iterable[str]) -> None:
        """Have attempts looked into."""
        self._schedule.wake(names, self._clock())
        self._stirred.set()

    def wake_all(self) -> None:
        """Have every attempt looked into: something that concerns all of them has changed."""
        self.wake(self._attempts.names())

    async def run(self) -> None:
        """Work until cancelled; what is under way then gets a moment to come to its end."""
        self.wake_all()
        try:
            while True:
                self._stirred.clear()
                self._begin_rounds()
                await self._wait()
        finally:
            await self._finish_rounds()

    async def round(self, batch: Batch) -> None:
        """Look at the attempts that are due for it, decide about all, and perform what is decided."""
        try:
            await self._attempts.look(batch.looks)
            await self._step(batch.names)
        except Exception:
            # A mistake of ours in one account's round must not end all others' work.
            _log.exception("a round over %d attempts failed; they are tried again", len(batch.names))
            self._retry(batch.names)
        finally:
            self._schedule.done(batch)

    def _begin_rounds(self) -> None:
        if not self._is_holder():
            return
        for batch in self._schedule.take(self._clock(), MOST_ROUNDS - len(self._rounds)):
            task = asyncio.create_task(self.round(batch))
            self._rounds.add(task)
            task.add_done_callback(self._end_round)

    def _end_round(self, task: asyncio.Task[None]) -> None:
        self._rounds.discard(task)
        self._stirred.set()

    async def _wait(self) -> None:
        """Wait until something stirs, or until the next attempt is due."""
        at = self._schedule.next_at()
        if at is None or not self._is_holder() or len(self._rounds) >= MOST_ROUNDS:
            await self._stirred.wait()
            return
        seconds = (at - self._clock()).total_seconds() / self._clock_factor
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._stirred.wait()
        except TimeoutError:
            return

    async def _finish_rounds(self) -> None:
        if not self._rounds:
            return
        _, unfinished = await asyncio.wait(self._rounds, timeout=STOP_SECONDS)
        for task in unfinished:
            task.cancel()
        if unfinished:
            await asyncio.wait(unfinished)

    async def _step(self, names: Collection[str]) -> None:
        now = self._clock()
        views = await self._attempts.views(names)
        self._retry(set(names) - {view.name for view in views})
        decided = [(view, self._decide(view, now)) for view in views]
        plans = [Plan(view, decision.actions) for view, decision in decided if decision and decision.actions]
        outcomes = await self._performer.perform(plans)
        for view, decision in decided:
            if decision is not None:
                self._reschedule(Plan(view, decision.actions), decision.look_at, outcomes)

    def _retry(self, names: Iterable[str]) -> None:
        for name in names:
            self._schedule.retry(name, self._clock())

    def _decide(self, view: AttemptView, now: datetime) -> Decision | None:
        """Decide about one attempt; None when the decision itself fails, which concerns no other."""
        try:
            return decide_attempt(view, now)
        except Exception:
            _log.exception("cannot decide about %s; it is tried again", view.name)
            self._schedule.retry(view.name, now)
            return None

    def _reschedule(self, plan: Plan, look_at: datetime | None, outcomes: Outcomes) -> None:
        """Say when an attempt is next: at once after a change of ours to what decisions are made from."""
        outcome = outcomes.get(plan.name, Outcome.DONE)
        if outcome is Outcome.RETRY:
            self._schedule.retry(plan.name, self._clock())
            return
        self._schedule.succeed(plan.name)
        if outcome is Outcome.AGAIN or (plan.actions and not plan.changes_centre):
            self._schedule.wake((plan.name,), self._clock())
            return
        self._schedule.look(plan.name, look_at)
        if look_at is None:
            self._attempts.forget_look(plan.name)
