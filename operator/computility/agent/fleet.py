"""The fleet: the agents of many simulated members in one process, `python -m computility.agent.fleet`.

Each has what a real agent has: its own token, watch, Lease and journal, in a folder of its own. What goes
wrong with one of them is tried again by itself and concerns no other.
"""

import argparse
import asyncio
import logging
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from computility.agent.fleet_member import make_folder, run_member
from computility.agent.fleet_settings import FleetConfig, FleetMember, read_fleet
from computility.agent.journal import JournalError
from computility.agent.process import run_process
from computility.agent.settings import SettingsError
from computility.kube.config_error import ConfigError
from computility.kube.logs import MEMBER, set_up_logs

_log = logging.getLogger(__name__)

RETRY_SECONDS = 10.0
"""How long a member that cannot be run is left alone: a token or a disk is mended by people."""
EXPECTED = (SettingsError, JournalError, ConfigError)


def main() -> None:
    """Run the fleet until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m computility.agent.fleet", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="fleet.yaml")
    arguments = parser.parse_args()
    set_up_logs()
    sys.exit(run_fleet(arguments.config))


def run_fleet(config_file: Path) -> int:
    """Run the fleet of a configuration file, and return the exit code of the process."""
    return run_process(_run(config_file))


async def _run(config_file: Path) -> None:
    config = read_fleet(config_file)
    make_folder(Path(config.folder))
    _raise_file_limit()
    _log.info("%d simulated members start, at clock factor %g", len(config.members), config.clock_factor)
    async with asyncio.TaskGroup() as tasks:
        for member in config.members:
            tasks.create_task(keep_member(config, member))


def _raise_file_limit() -> None:
    """Take as many open files as we may: each member has about ten, and the usual limit is 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def keep_member(config: FleetConfig, member: FleetMember) -> None:
    """Run one member until cancelled, whatever goes wrong with it."""
    MEMBER.set(member.name)
    while True:
        try:
            await run_member(config, member)
        except* EXPECTED as unusable:
            for error in leaves(unusable):
                _log.error("%s", error)
        except* Exception:
            _log.critical("the agent of this member fails; it is started again", exc_info=True)
        _stop_if_cancelled()
        await asyncio.sleep(RETRY_SECONDS)


def _stop_if_cancelled() -> None:
    """Go on with a cancellation: a TaskGroup drops it where one of its tasks fails as it is cancelled."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """Return the single exceptions in a group of groups."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from leaves(error)
        else:
            yield error


if __name__ == "__main__":
    main()
