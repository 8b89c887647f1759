"""Two centres that keep the same promises, a real Slurm and a simulated one, in the same short words."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest

from computility.agent.fleet_member import JournalHost
from computility.agent.journal import Journal
from computility.backends.protocol import Target
from computility.backends.simulated.config import CentreConfig, NodeGroup, Partition
from computility.backends.simulated.opening import open_centre
from computility.backends.simulated.payload import EXIT_CODE, OUTPUT, RUN_SECONDS, WIND_DOWN_SECONDS
from computility.model.assignment import JobWork
from computility.model.compute_job import EnvVar, File
from support.agent_rig import StepClock
from support.workloads import ENDLESS, SECONDS, STUBBORN, Seen, World, a_work, an_array

CORES = 2
"""Of one node, at both centres."""
MOST_QUEUED = 100
CONFIG = CentreConfig(
    groups=(NodeGroup(name="cpu", nodes=3, cores=CORES, memory_mib=4096),),
    partitions=(Partition(name="cpu", max_run_seconds=86_400, max_queued=MOST_QUEUED),),
)


class Payloads(Protocol):
    """Works that do the same at both centres."""

    def ends(self, exit_code: int = 0, *, after: float = 0.0, output: str = "", **fields: object) -> JobWork:
        """Write something, run so long and exit."""
        ...

    def runs_on(self, **fields: object) -> JobWork:
        """Run until SIGTERM."""
        ...

    def runs_on_for_ever(self, **fields: object) -> JobWork:
        """Run until SIGKILL."""
        ...


class EitherWorld(World):
    """A backend, the centre behind it, and what can be told apart only by the centre's kind."""

    payloads: Payloads

    async def pass_time(self, seconds: float) -> None:
        """Let some time pass at the centre."""
        await asyncio.sleep(seconds)

    async def until_stubborn(self, target: Target) -> None:
        """Wait until a payload that runs on for ever takes no notice of SIGTERM."""
        raise NotImplementedError

    def silence(self) -> contextlib.AbstractAsyncContextManager[None]:
        """Have the controller not answer meanwhile."""
        raise NotImplementedError

    def shortage(self, target: Target) -> contextlib.AbstractAsyncContextManager[JobWork]:
        """Have the centre be short of something that it will have again; yields work that needs it."""
        raise NotImplementedError


class SlurmPayloads:
    def ends(self, exit_code: int = 0, *, after: float = 0.0, output: str = "", **fields: object) -> JobWork:
        return a_work("sh", "-c", f"printf '{output}'; sleep {after}; exit {exit_code}", **fields)

    def runs_on(self, **fields: object) -> JobWork:
        return a_work(*ENDLESS, **fields)

    def runs_on_for_ever(self, **fields: object) -> JobWork:
        return a_work(*STUBBORN, **fields)


class SlurmWorld(EitherWorld):
    payloads = SlurmPayloads()

    async def until_stubborn(self, target: Target) -> None:
        await self.until_output(target, "ready")

    @contextlib.asynccontextmanager
    async def silence(self) -> AsyncIterator[None]:
        self.centre.kill_controller()
        try:
            yield
        finally:
            self.centre.start_controller()

    @contextlib.asynccontextmanager
    async def shortage(self, target: Target) -> AsyncIterator[JobWork]:
        """Have a disk that is full."""
        folder = self.file(target, "")
        self.sh(f"mkdir -m 700 {folder}; chown alice {folder}", "root")
        self.sh(f"mount -t tmpfs -o size=32k,mode=0700,uid=$(id -u alice) full {folder}", "root")
        try:
            yield a_work(files=(File(path="big", content="x" * 100_000),))
        finally:
            self.sh(f"umount {folder}", "root")


class SimulatedPayloads:
    def ends(self, exit_code: int = 0, *, after: float = 0.0, output: str = "", **fields: object) -> JobWork:
        said = {EXIT_CODE: str(exit_code), RUN_SECONDS: str(after), OUTPUT: output}
        return a_work("payload", env=tuple(EnvVar(name=n, value=v) for n, v in said.items()), **fields)

    def runs_on(self, **fields: object) -> JobWork:
        return a_work("sleep", "1000000", **fields)

    def runs_on_for_ever(self, **fields: object) -> JobWork:
        env = (EnvVar(name=WIND_DOWN_SECONDS, value="1000000"),)
        return a_work("sleep", "1000000", env=env, **fields)


class SimulatedWorld(EitherWorld):
    """A simulated centre whose time is moved by hand.

    Args:
        folder: Where its journal is.
        config: The centre; as the real one, by default.
        factor: How many virtual seconds pass in one of `wall`.
    """

    payloads = SimulatedPayloads()

    def __init__(self, folder: Path, config: CentreConfig = CONFIG, factor: float = 1.0) -> None:
        self.wall = StepClock()
        self._file, self._config, self._factor = folder / "journal.db", config, factor
        self.open()

    def open(self) -> None:
        """Open the centre as it was left."""
        self.journal = Journal(self._file)
        self.backend, self.clock = open_centre(
            JournalHost(self.journal),
            self._config,
            cluster="alpha",
            accounts=["alice", "bob"],
            factor=self._factor,
            wall=self.wall,
        )
        self.engine = self.backend.engine

    def close(self) -> None:
        """Leave it without a last word, as a process that is killed."""
        self.journal.close()

    def reopen(self, factor: float | None = None) -> None:
        """Open it after a kill, at another clock factor if one is given."""
        self.close()
        self._factor = factor or self._factor
        self.open()

    async def pass_time(self, seconds: float) -> None:
        self.wall.now += timedelta(seconds=seconds)

    async def until_stubborn(self, target: Target) -> None:
        await self.until_started(target)

    @contextlib.asynccontextmanager
    async def silence(self) -> AsyncIterator[None]:
        await self.look(an_array(1))  # what has happened by now happens first
        self.engine.go_away(60)
        yield
        await self.pass_time(61)

    @contextlib.asynccontextmanager
    async def shortage(self, target: Target) -> AsyncIterator[JobWork]:
        """Have a queue that is full."""
        crowd = await self.hold(self.payloads.ends(), an_array(MOST_QUEUED))
        yield self.payloads.ends()
        await self.backend.cancel([crowd])

    async def until(self, target: Target, holds: Callable[[Seen], bool], what: str) -> Seen:
        for _ in range(int(SECONDS / 0.25)):
            look = await self.look(target)
            if holds(look):
                return look
            await self.pass_time(0.25)
        raise AssertionError(f"not within {SECONDS:g} s: {what}; last seen: {look}")

    def rows(self, table: str) -> int:
        """Count what is on disk, as somebody else reads it."""
        with sqlite3.connect(self._file) as database:
            return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def either_at(centre: str, *marks: pytest.MarkDecorator) -> Any:
    """Make a fixture of the two worlds, the real one of which stands on the fixture `centre`.

    Args:
        centre: The fixture's name; one that a test may break is its file's own.
        marks: What the tests on Slurm are marked as, beside `slurm`.
    """

    @pytest.fixture(params=[pytest.param("slurm", marks=[pytest.mark.slurm, *marks]), "simulated"])
    def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EitherWorld]:
        if request.param == "slurm":
            yield SlurmWorld(request.getfixturevalue(centre))
            return
        simulated = SimulatedWorld(tmp_path)
        yield simulated
        simulated.close()

    return world
