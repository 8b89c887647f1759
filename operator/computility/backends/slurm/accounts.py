"""Acting as a tenant's account: through the one helper that the centre's sudo rule grants."""

from collections.abc import Mapping, Sequence
from typing import Any

from computility.backends.protocol import BackendUnreachable
from computility.backends.slurm.cli import Command, Runner
from computility.backends.slurm.render import Request, parse_lines, render_lines
from computility.model.base import Value

BATCH = 50
"""Attempts in one call: fifty submits fit well into the helper's own deadline."""
CALL_SECONDS = 25.0
"""Above the helper's own deadline of 20 s, so that it is the helper that says what it did not do."""


class Helper(Value, frozen=True, kw_only=True):
    """The installed `computility-exec`, and how to run it as an account.

    `become` comes before the account's name; empty where the agent itself is the one account.
    """

    path: str
    env: Mapping[str, str]
    runner: Runner
    become: tuple[str, ...] = ("sudo", "-n", "-u")

    async def ask(self, account: str, verb: str, requests: Sequence[Request]) -> dict[str, dict[str, Any]]:
        """Have one verb carried out for these attempts; answers by name, with gaps where it said nothing.

        Raises:
            BackendUnreachable: The helper could not be run, or says that it did nothing.
        """
        answers: dict[str, dict[str, Any]] = {}
        for start in range(0, len(requests), BATCH):
            answers.update(await self._ask(account, verb, requests[start : start + BATCH]))
        return answers

    async def _ask(self, account: str, verb: str, requests: Sequence[Request]) -> dict[str, dict[str, Any]]:
        prefix = (*self.become, account, "--") if self.become else ()
        command = Command(
            argv=(*prefix, self.path, verb), env=self.env, stdin=render_lines(requests), seconds=CALL_SECONDS
        )
        completed = await self.runner(command)
        if completed.exit_code != 0:
            raise BackendUnreachable(
                f'cannot {verb} as account "{account}": computility-exec ended with '
                f"{completed.exit_code}: {completed.complaint}"
            )
        return parse_lines(completed.stdout)
