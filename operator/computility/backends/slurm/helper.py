"""Acting as a tenant's account: through the one helper that the centre's sudo rule grants."""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from computility.backends.protocol import BackendUnreachable, Part
from computility.backends.slurm.cli import Command, Lane, Runner
from computility.backends.slurm.render import Request, parse_lines, part_of, render_lines

BATCH = 50
"""Attempts in one call: fifty submits fit well into the helper's own deadline."""
CALL_SECONDS = 25.0
"""Above the helper's own ends, at 20 s and at the latest 23 s, so that it says what it did not do."""

ALONE_SECONDS = 30.0
"""So long after this agent's first call no helper of an agent before it lives: it ends itself after 23 s."""
ALONE = "--alone"
LOCKING = frozenset({"look", "submit"})
"""Verbs for which the helper locks its account against those that another agent has left behind."""

Answer = dict[str, Any]
"""The verb's fields, or `error` with its kind and message."""
Answers = dict[Part, Answer]


class Helper:
    """The installed `computility-exec`, and how to run it as an account.

    Of the verbs that lock an account one call is made at a time. So whoever has the lock is no call of ours;
    once those of an agent before us have ended, too, it is a payload, and the helper is told to pass it over.

    Args:
        path: Where it is.
        env: The environment that it gets.
        runner: Runs a command.
        become: What comes before the account's name; empty where the agent itself is the one account.
        monotonic: A clock in seconds.
    """

    def __init__(
        self,
        path: str,
        *,
        env: Mapping[str, str],
        runner: Runner,
        become: tuple[str, ...] = ("sudo", "-n", "-u"),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._env = env
        self._runner = runner
        self._become = become
        self._monotonic = monotonic
        self._lanes: dict[str, Lane] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._first_call_at: float | None = None

    async def ask(self, account: str, verb: str, requests: Sequence[Request]) -> Answers:
        """Have one verb carried out for these attempts; answers by attempt and chunk, with gaps.

        Fifty attempts make a call. After one that failed no more are made: what it was to do is answered with
        an error of the kind `unreachable`, what was left with one of the kind `untried`.
        """
        answers: Answers = {}
        for start in range(0, len(requests), BATCH):
            batch = requests[start : start + BATCH]
            try:
                answers.update(await self._call(account, verb, batch))
            except BackendUnreachable as error:
                left = requests[start + BATCH :]
                return (
                    answers
                    | build_errors(batch, "unreachable", str(error))
                    | build_errors(left, "untried", str(error))
                )
        return answers

    async def _call(self, account: str, verb: str, requests: Sequence[Request]) -> Answers:
        async with self._turns[account] if verb in LOCKING else contextlib.nullcontext():
            command = Command(
                argv=self._argv(account, verb),
                env=self._env,
                stdin=render_lines(requests),
                seconds=CALL_SECONDS,
            )
            completed = await self._lanes.setdefault(account, Lane(self._runner)).run(command)
        if completed.exit_code != 0:
            raise BackendUnreachable(
                f'cannot {verb} as account "{account}": computility-exec ended with '
                f"{completed.exit_code}: {completed.complaint}"
            )
        return parse_lines(completed.stdout)

    def _argv(self, account: str, verb: str) -> tuple[str, ...]:
        prefix = (*self._become, account, "--") if self._become else ()
        alone = (ALONE,) if verb in LOCKING and self._is_alone() else ()
        return (*prefix, self._path, *alone, verb)

    def _is_alone(self) -> bool:
        """Say whether no helper of an agent before us can live any more.

        Counted from our first call and not from our start: an agent may wait long for the Lease of another,
        which is at work until then.
        """
        now = self._monotonic()
        if self._first_call_at is None:
            self._first_call_at = now
        return now - self._first_call_at >= ALONE_SECONDS


def build_errors(requests: Sequence[Request], kind: str, message: str) -> Answers:
    """Answer in the helper's stead, and as it would, that these were not carried out."""
    return {part_of(request): {"error": {"kind": kind, "message": message}} for request in requests}
