"""What Slurm says of itself, asked as the agent's own user."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from computility.backends.protocol import BackendUnreachable
from computility.backends.slurm.capacity import NODES_FORMAT, Node, parse_nodes
from computility.backends.slurm.cli import Command, Lane, Runner
from computility.model.resource_pool import BackendInfo

_SETTING = re.compile(r"(BOOT_TIME|ClusterName|SLURM_VERSION)\s*=\s*(.*)")
_SECONDS = 15.0


class Controller:
    """The scheduler's own commands, those that need no tenant's account.

    Args:
        env: The environment that they get.
        runner: Runs a command.
    """

    def __init__(self, *, env: Mapping[str, str], runner: Runner) -> None:
        self._env = env
        self._lane = Lane(runner)

    async def describe(self) -> BackendInfo:
        """Ask which Slurm this is.

        Raises:
            BackendUnreachable: It did not answer.
        """
        return parse_config(await self._ask("scontrol", "show", "config"))

    async def nodes(self, partitions: Sequence[str]) -> list[Node]:
        """List the nodes of these partitions, hidden ones too.

        Raises:
            BackendUnreachable: It did not answer, or not what was asked.
        """
        named = f"--partition={','.join(partitions)}"
        try:
            return parse_nodes(
                await self._ask("sinfo", "--Node", "--noheader", named, f"--Format={NODES_FORMAT}")
            )
        except ValueError as error:
            raise BackendUnreachable(str(error)) from error

    async def _ask(self, *argv: str) -> str:
        completed = await self._lane.run(Command(argv=argv, env=self._env, seconds=_SECONDS))
        if completed.exit_code != 0:
            raise BackendUnreachable(f"{argv[0]} ended with {completed.exit_code}: {completed.complaint}")
        return completed.stdout.decode("utf-8", "replace")


def parse_config(output: str) -> BackendInfo:
    """Read `scontrol show config`, with times as seconds since the epoch."""
    found = {match[1]: match[2].strip() for match in map(_SETTING.fullmatch, output.splitlines()) if match}
    booted = found.get("BOOT_TIME", "")
    return BackendInfo(
        version=f"slurm {found.get('SLURM_VERSION', '')}".strip()[:64],
        cluster=found.get("ClusterName", "")[:64],
        booted_at=datetime.fromtimestamp(int(booted), UTC) if booted.isdecimal() else None,
    )
