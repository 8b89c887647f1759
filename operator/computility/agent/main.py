"""The agent's process: `python -m computility.agent --config FILE`, or `... fleet --config FILE`."""

import argparse
import logging
import sys
from pathlib import Path

from computility.agent.accounts import AccountsTable, read_table
from computility.agent.agent import Agent
from computility.agent.config import AgentConfig, read_config
from computility.agent.fleet import run_fleet
from computility.agent.journal import Journal
from computility.agent.process import run_process
from computility.agent.settings import SettingsError
from computility.backends.slurm.backend import SlurmBackend, utc_now
from computility.kube.client import Client
from computility.kube.config import ClusterConfig, token_file_config
from computility.kube.logs import set_up_logs

_log = logging.getLogger(__name__)

FLEET = "fleet"
"""First argument of the process that runs many simulated members instead of one real one."""


def main() -> None:
    """Run the agent, or the fleet, until SIGTERM or SIGINT."""
    is_fleet = sys.argv[1:2] == [FLEET]
    parser = argparse.ArgumentParser(prog=_name_command(is_fleet=is_fleet), description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="fleet.yaml" if is_fleet else "agent.yaml")
    arguments = parser.parse_args(sys.argv[2:] if is_fleet else None)
    set_up_logs()
    sys.exit(run_fleet(arguments.config) if is_fleet else run(arguments.config))


def _name_command(*, is_fleet: bool) -> str:
    """Name the command as it was run; `python -m` puts the path of our own file there."""
    name = "python -m computility.agent" if sys.argv[0].endswith(".py") else sys.argv[0]
    return f"{name} {FLEET}" if is_fleet else name


def run(config_file: Path) -> int:
    """Run the agent of a configuration file, and return the exit code of the process."""
    return run_process(_run(config_file))


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
            await agent.run()


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
