"""Performs what was decided: for many attempts at once, each attempt's actions in their order.

An action is carried out only when the one before it, of the same attempt, has succeeded. Equal actions of
different attempts go together: into one commit of the journal, into one call to the centre.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence

from computility.agent.journal import JournalError
from computility.agent.steps import CENTRE_EFFECTS, STARTS, Outcome, Outcomes, Plan, Step
from computility.backends.protocol import BackendUnreachable
from computility.lifecycle.agent_actions import Action, Submit

_log = logging.getLogger(__name__)

Handler = Callable[[Sequence[Step]], Awaitable[Outcomes]]


class Performer:
    """Carries plans out.

    Args:
        handlers: What carries out the actions of each type, many at a time.
        may_start: Whether anything may be brought nearer to its start.
        forget_look: Lets go of the look at an attempt, which an effect at the centre overtakes.
    """

    def __init__(
        self,
        handlers: Mapping[type[Action], Handler],
        *,
        may_start: Callable[[], bool],
        forget_look: Callable[[str], None],
    ) -> None:
        self._handlers = handlers
        self._may_start = may_start
        self._forget_look = forget_look

    async def perform(self, plans: Sequence[Plan]) -> Outcomes:
        """Carry out plans of different attempts, and say for each how far it came."""
        outcomes = {plan.name: Outcome.DONE for plan in plans}
        for turn in range(max((len(plan.actions) for plan in plans), default=0)):
            going = [p for p in plans if turn < len(p.actions) and outcomes[p.name] is Outcome.DONE]
            outcomes |= await self._turn([Step(plan.view, plan.actions[turn]) for plan in going])
        return outcomes

    async def _turn(self, steps: Sequence[Step]) -> Outcomes:
        """Carry out one action of each attempt."""
        groups: dict[type[Action], list[Step]] = defaultdict(list)
        outcomes: Outcomes = {}
        for step in steps:
            if isinstance(step.action, STARTS) and not self._may_start():
                outcomes[step.name] = Outcome.RETRY
            else:
                groups[type(step.action)].append(step)
        calls = [self._carry_out(verb, some) for verb, some in groups.items()]
        for result in await asyncio.gather(*calls):
            outcomes |= result
        return outcomes

    async def _carry_out(self, verb: type[Action], steps: Sequence[Step]) -> Outcomes:
        if issubclass(verb, CENTRE_EFFECTS):
            for step in steps:
                self._forget_look(step.name)
        try:
            return await self._handlers[verb](steps)
        except (BackendUnreachable, JournalError) as error:
            _log.warning("cannot %s %s, trying again: %s", verb.__name__.lower(), _names(steps), error)
        except Exception:
            # A mistake of ours: it concerns these attempts, and no others.
            _log.exception("cannot %s %s; it is tried again", verb.__name__.lower(), _names(steps))
            if len(steps) > 1 and verb is not Submit:
                return await self._carry_out_singly(verb, steps)
        return {step.name: Outcome.RETRY for step in steps}

    async def _carry_out_singly(self, verb: type[Action], steps: Sequence[Step]) -> Outcomes:
        """Find out for which of them it cannot be done: all actions but a submit are safe to repeat."""
        outcomes: Outcomes = {}
        for step in steps:
            outcomes |= await self._carry_out(verb, [step])
        return outcomes


def _names(steps: Sequence[Step]) -> str:
    others = f" and {len(steps) - 1} others" if len(steps) > 1 else ""
    return f"{steps[0].name}{others}"
