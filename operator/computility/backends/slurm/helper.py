"""Acting as a tenant's account: through the one helper that the centre's sudo rule grants."""

from collections.abc import Mapping, Sequence
from typing import Any

from computility.backends.protocol import BackendUnreachable, Part
from computility.backends.slurm.cli import Command, Lane, Runner
from computility.backends.slurm.render import Request, parse_lines, part_of, render_lines

BATCH = 50
"""Attempts in one call: fifty submits fit well into the helper's own deadline."""
CALL_SECONDS = 25.0
"""Above the helper's own ends, at 20 s and at the latest 23 s, so that it says what it did not do."""

Answer = dict[str, Any]
"""The verb's fields, or `error` with its kind and message."""
Answers = dict[Part, Answer]


class Helper:
    """The installed `computility-exec`, and how to run it as an account.

    Args:
        path: Where it is.
        env: The environment that it gets.
        runner: Runs a command.
        become: What comes before the account's name; empty where the agent itself is the one account.
    """

    def __init__(
        self,
        path: str,
        *,
        env: Mapping[str, str],
        runner: Runner,
        become: tuple[str, ...] = ("sudo", "-n", "-u"),
    ) -> None:
        self._path = path
        self._env = env
        self._runner = runner
        self._become = become
        self._lanes: dict[str, Lane] = {}

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
        prefix = (*self._become, account, "--") if self._become else ()
        command = Command(
            argv=(*prefix, self._path, verb),
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


def build_errors(requests: Sequence[Request], kind: str, message: str) -> Answers:
    """Answer in the helper's stead, and as it would, that these were not carried out."""
    return {part_of(request): {"error": {"kind": kind, "message": message}} for request in requests}
