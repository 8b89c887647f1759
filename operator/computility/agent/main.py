"""The agent's process: `python -m computility.agent --config FILE`."""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from computility.agent.accounts import AccountsTable, read_table
from computility.agent.agent import Agent
from computility.agent.config import AgentConfig, read_config
from computility.agent.journal import Journal, JournalError
from computility.agent.settings import SettingsError
from computility.backends.slurm.backend import SlurmBackend, utc_now
from computility.kube.client import Client
from computility.kube.config import ClusterConfig, token_file_config
from computility.kube.config_error import ConfigError
from computility.kube.logs import set_up_logs

_log = logging.getLogger(__name__)

UNUSABLE = 2
"""Exit code for what no restart mends: the configuration, the table, the journal."""
BROKEN = 1
"""Exit code for a mistake of ours: start it again."""


def main() -> None:
    """Run the agent until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="computility-agent", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="agent.yaml")
    arguments = parser.parse_args()
    set_up_logs()
    sys.exit(run(arguments.config))


def run(config_file: Path) -> int:
    """Run the agent of a configuration file, and return the exit code of the process."""
    code = 0
    try:
        asyncio.run(_run(config_file))
    except* (SettingsError, JournalError, ConfigError) as unusable:
        for error in unusable.exceptions:
            _log.critical("%s", error)
        code = UNUSABLE
    except* Exception:
        _log.critical("the agent fails; jobs at the centre go on", exc_info=True)
        code = BROKEN
    return code


async def _run(config_file: Path) -> None:
    config = read_config(config_file)
    table = read_table(Path(config.table), config.table_owner)
    check_pools(config, table)
    with Journal(Path(config.journal)) as journal:
        async with Client(_hub(config), manager="computility-agent") as client:
            agent = Agent(
                config,
                table=table,
                journal=journal,
                client=client,
                backend=_backend(config, table),
                clock=utc_now,
            )
            _log.info('agent of member "%s" starts with journal %s', config.member, journal.identity)
            await _until_signal(agent)


async def _until_signal(agent: Agent) -> None:
    """Run the agent; a signal ends it cleanly, whatever else ends it is raised."""
    task = asyncio.create_task(agent.run())
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not stopped:
            raise
        _log.info("stopped; jobs at the centre go on")


def check_pools(config: AgentConfig, table: AccountsTable) -> None:
    """See that the centre's table has every pool that is offered.

    Raises:
        SettingsError: It lacks one.
    """
    for pool in config.pools:
        if pool.name not in table.pools:
            raise SettingsError(
                f'cannot offer pool "{pool.name}": "{config.table}" does not say which partition it is'
            )


def _hub(config: AgentConfig) -> ClusterConfig:
    hub = config.hub
    return token_file_config(
        hub.server, Path(hub.token_file), Path(hub.ca_file) if hub.ca_file else None, config.namespace
    )


def _backend(config: AgentConfig, table: AccountsTable) -> SlurmBackend:
    slurm = config.slurm
    return SlurmBackend(
        accounts=table.accounts,
        helper=slurm.helper,
        slurm_conf=slurm.config,
        path=slurm.path,
        become=("sudo", "-n", "-u") if slurm.sudo else (),
        clock=utc_now,
    )
