"""What passes between deciding and performing: plans, their single steps, and how far these came."""

import enum
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from computility.lifecycle.agent_actions import Action, Burn, Cancel, Go, Record, Release, Submit, Tidy
from computility.lifecycle.attempt_view import AttemptView

CENTRE_EFFECTS = (Submit, Go, Release, Burn, Cancel, Tidy)
"""Actions that change something at the centre, so that a look from before them no longer counts."""
STARTS = (Submit, Record, Go, Release)
"""Actions that bring an attempt nearer to its start: only for an agent that nobody can have replaced."""


class Outcome(enum.Enum):
    """What became of an action, and so what comes next for its attempt."""

    DONE = "Done"
    AGAIN = "Again"
    """What it was decided on has changed: decide again, at once."""
    RETRY = "Retry"
    """It could not be done now: decide again after a while."""


Outcomes: TypeAlias = dict[str, Outcome]


class Plan(NamedTuple):
    """What was decided about one attempt, and on what."""

    view: AttemptView
    actions: tuple[Action, ...]

    @property
    def name(self) -> str:
        return self.view.name

    @property
    def changes_centre(self) -> bool:
        return any(isinstance(action, CENTRE_EFFECTS) for action in self.actions)


class Step(NamedTuple):
    """One action of one attempt."""

    view: AttemptView
    action: Action

    @property
    def name(self) -> str:
        return self.view.name


def all_done(steps: Sequence[Step]) -> Outcomes:
    """Say that all of these were carried out."""
    return {step.name: Outcome.DONE for step in steps}
