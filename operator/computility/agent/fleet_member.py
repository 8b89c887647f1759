"""One member of a fleet: an agent over a simulated centre that lives in the agent's own journal."""

import asyncio
import logging
import sqlite3
from pathlib import Path

from computility.agent.agent import KEEP_SETTLED, PRUNE_SECONDS, Agent
from computility.agent.fleet_settings import (
    FleetConfig,
    FleetMember,
    build_centre,
    build_settings,
    build_table,
)
from computility.agent.instants import HubTime, Instants
from computility.agent.journal import Journal, JournalError
from computility.agent.settings import SettingsError
from computility.backends.protocol import BackendUnreachable
from computility.backends.simulated.backend import SimulatedBackend
from computility.backends.simulated.clock import VirtualClock, wall_now
from computility.backends.simulated.opening import open_centre
from computility.backends.simulated.store import Store
from computility.kube.client import Client
from computility.kube.config import ClusterConfig, token_file_config
from computility.model.names import member_namespace

_log = logging.getLogger(__name__)

JOURNAL = "journal.db"
MANAGER = "computility-agent"
REQUESTS = 4
"""Of one member under way at once: each has a connection, and one costs a quarter of a MiB here."""


class JournalHost:
    """Keeps a centre in its agent's journal: what the one announces and the other does is one transaction."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def accompany(self, companion: Store) -> sqlite3.Connection:
        """Write the centre with every transaction of the journal."""
        return self._journal.accompany(companion)

    def write(self) -> None:
        """Write the centre now.

        Raises:
            BackendUnreachable: The journal could not be written.
        """
        try:
            self._journal.write()
        except JournalError as error:
            raise BackendUnreachable(str(error)) from error


async def run_member(config: FleetConfig, member: FleetMember) -> None:
    """Run the agent of one member until cancelled, or until something is wrong with it.

    Raises:
        SettingsError: Its folder cannot be made, or its centre does not go with what is in there.
        JournalError: Its journal cannot be used.
        ConfigError: The hub's address, authority or token cannot be used.
    """
    folder = Path(config.folder) / member.name
    make_folder(folder)
    with Journal(folder / JOURNAL) as journal:
        backend, clock = _open(config, member, journal)
        async with Client(_hub(config, member), manager=MANAGER, limit=REQUESTS) as client:
            agent = Agent(
                build_settings(config, member),
                table=build_table(member),
                journal=journal,
                client=client,
                backend=backend,
                clock=clock,
                hub_time=hub_time_of(clock),
            )
            _log.info('agent of member "%s" starts with journal %s', member.name, journal.identity)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(agent.run())
                tasks.create_task(keep_forgetting(backend))


async def keep_forgetting(backend: SimulatedBackend) -> None:
    """Keep what is left of tidied attempts from growing for ever, until cancelled."""
    while True:
        try:
            backend.forget_tidied(wall_now() - KEEP_SETTLED)
        except BackendUnreachable as error:
            _log.warning("%s", error)
        await asyncio.sleep(PRUNE_SECONDS)


def hub_time_of(clock: VirtualClock) -> HubTime:
    """Say how a simulated centre's time and the hub's go together."""
    instants = None if clock.is_wall else Instants(clock.to_wall, clock.from_wall)
    return HubTime(
        now=wall_now,
        clock_factor=clock.factor,
        instants=instants,
        before=clock.before,
        to_centre=clock.from_wall,
    )


def make_folder(folder: Path) -> None:
    """Make a folder that is ours alone, if it is not there.

    Raises:
        SettingsError: It cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f'cannot make the folder "{folder}": {error.strerror}') from error


def _open(
    config: FleetConfig, member: FleetMember, journal: Journal
) -> tuple[SimulatedBackend, VirtualClock]:
    table = build_table(member)
    try:
        return open_centre(
            JournalHost(journal),
            build_centre(member),
            cluster=member.name,
            accounts=table.accounts,
            factor=config.clock_factor,
        )
    except ValueError as error:
        raise SettingsError(f'cannot open the centre of member "{member.name}": {error}') from error


def _hub(config: FleetConfig, member: FleetMember) -> ClusterConfig:
    ca_file = Path(config.ca_file) if config.ca_file else None
    return token_file_config(config.server, Path(member.token_file), ca_file, member_namespace(member.name))
