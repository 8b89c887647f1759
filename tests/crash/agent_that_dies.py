"""The agent, ending itself by SIGKILL right after the step that DIE_AFTER names. Runs at the centre."""

import functools
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from computility.agent.journal import Journal
from computility.agent.main import main
from computility.agent.perform import Performer
from computility.backends.slurm.backend import SlurmBackend
from computility.lifecycle.entry import Entry

STEP = os.environ["DIE_AFTER"]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(step: str, function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return the function as it is, but for the death after it if it is the step."""

    @functools.wraps(function)
    async def wrapped(*arguments: Any, **options: Any) -> Any:
        answer = await function(*arguments, **options)
        if step == STEP:
            die()
        return answer

    return wrapped


carry_out = Performer._carry_out


async def carry_out_and_die(self: Performer, verb: type, steps: Sequence[Any]) -> Any:
    outcomes = await carry_out(self, verb, steps)
    if verb.__name__ == STEP:
        die()
    return outcomes


write = Journal.write


def write_and_die(self: Journal, entries: Any) -> None:
    """A submit that has begun is in the journal, and nothing more has happened."""
    entries = list(entries)
    write(self, entries)
    if STEP == "submit begun" and any(map(is_submitting, entries)):
        die()


def is_submitting(entry: Entry) -> bool:
    return not entry.settled and any(chunk.submits and chunk.answer is None for chunk in entry.chunks)


Performer._carry_out = carry_out_and_die  # type: ignore[method-assign]
Journal.write = write_and_die  # type: ignore[method-assign]
SlurmBackend.submit = after("submit sent", SlurmBackend.submit)  # type: ignore[method-assign]

if __name__ == "__main__":
    sys.exit(main())
