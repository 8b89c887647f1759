"""Asks Slurm when jobs would start, as the agent's own user, and without submitting anything."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from computility.backends.protocol import AT_ONCE_SECONDS, BackendUnreachable, StartAsk
from computility.backends.slurm.capacity import NODES_FORMAT, Node, parse_nodes
from computility.backends.slurm.cli import Command, Completed, Lane, Runner
from computility.backends.slurm.forecast import (
    PLANNED_FORMAT,
    Planned,
    explain_failure,
    is_implied,
    is_left_over,
    parse_planned,
    parse_start,
    render_test,
)

T = TypeVar("T")
_SECONDS = 10.0
ROUND_SECONDS = 20.0
"""All questions for one pool together: a controller that is slow is told nothing more then."""
PLANNED_SECONDS = 30.0
"""How long what waits is known, for all pools of the controller."""
_PRIVATE = re.compile(r"PrivateData\s*=\s*(\S+)")
_NO_RESERVATIONS = "No reservations in the system"


class Forecaster:
    """Asks one controller.

    It has a lane of its own: a question that hangs keeps nobody else from being answered, and is the last.

    Args:
        env: The environment of Slurm's commands.
        runner: Runs a command.
        clock: Says what time it is.
    """

    def __init__(self, *, env: Mapping[str, str], runner: Runner, clock: Callable[[], datetime]) -> None:
        self._env = env
        self._lane = Lane(runner)
        self._clock = clock
        self._until = 0.0
        self._known: list[Planned] | None = None
        self._known_until = 0.0

    async def ask(self, asks: Sequence[StartAsk]) -> dict[StartAsk, float]:
        """Return in how many seconds each would start, 0 at once; what Slurm refuses is left out.

        Raises:
            BackendUnreachable: Slurm did not answer, or not in time.
        """
        self._until = _monotonic() + ROUND_SECONDS
        nodes = await self._nodes(asks)
        planned = await self._planned()
        answers: dict[StartAsk, float] = {}
        # The largest first: where that starts at once the others need not be asked.
        for ask in sorted(asks, key=lambda each: (each.nodes, each.run_seconds), reverse=True):
            if is_implied(ask, (done for done, seconds in answers.items() if not seconds)):
                answers[ask] = 0.0
                continue
            seconds = await self._test(ask)
            if seconds is not None:
                is_idle = planned is not None and is_left_over(ask, nodes, planned, self._now)
                answers[ask] = 0.0 if is_idle or seconds < AT_ONCE_SECONDS else seconds
        return answers

    @property
    def _now(self) -> float:
        return self._clock().timestamp()

    async def _test(self, ask: StartAsk) -> float | None:
        completed = await self._run(*render_test(ask))
        complaint = completed.stderr.decode("utf-8", "replace")
        starts_at = parse_start(complaint) if completed.exit_code == 0 else None
        if starts_at is not None:
            return starts_at - self._now
        if explain_failure(complaint) is None:
            raise BackendUnreachable(f"sbatch --test-only says no start: {completed.complaint}")
        return None

    async def _nodes(self, asks: Sequence[StartAsk]) -> list[Node]:
        named = f"--partition={','.join(sorted({ask.partition for ask in asks}))}"
        output = await self._read("sinfo", "--Node", "--noheader", named, f"--Format={NODES_FORMAT}")
        return _parsed(parse_nodes, output)

    async def _planned(self) -> list[Planned] | None:
        """Return what waits, at most half a minute old."""
        if _monotonic() >= self._known_until:
            self._known = await self._read_planned()
            self._known_until = _monotonic() + PLANNED_SECONDS
        return self._known

    async def _read_planned(self) -> list[Planned] | None:
        """Return what waits; None where that does not tell: others' jobs are hidden, or nodes reserved."""
        private = _PRIVATE.search(await self._read("scontrol", "show", "config"))
        if private is None or "jobs" in private[1].split(","):
            return None
        if (await self._read("scontrol", "show", "reservation")).strip() != _NO_RESERVATIONS:
            return None
        # Of all partitions: some share nodes.
        options = ("--all", "--array", "--noheader", "--states=PENDING", f"--Format={PLANNED_FORMAT}")
        output = await self._read("squeue", *options)
        # There may be hundreds of thousands: the agent goes on meanwhile.
        return await asyncio.to_thread(_parsed, parse_planned, output)

    async def _read(self, *argv: str) -> str:
        completed = await self._run(*argv)
        if completed.exit_code != 0:
            raise BackendUnreachable(f"{argv[0]} ended with {completed.exit_code}: {completed.complaint}")
        return completed.stdout.decode("utf-8", "replace")

    async def _run(self, *argv: str) -> Completed:
        left = self._until - _monotonic()
        if left <= 0:
            raise BackendUnreachable(f"Slurm did not say in {ROUND_SECONDS:.0f} s when jobs would start")
        return await self._lane.run(Command(argv=argv, env=self._env, seconds=min(_SECONDS, left)))


def _monotonic() -> float:
    return asyncio.get_running_loop().time()


def _parsed(parse: Callable[[str], T], output: str) -> T:
    try:
        return parse(output)
    except ValueError as error:
        raise BackendUnreachable(str(error)) from error
