"""One soak, from an empty stage to its verdict."""

import asyncio
import contextlib
import re
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from bench.run import admin_client
from bench.soak.books import Books, keep
from bench.soak.network import Network
from bench.soak.plan import Plan
from bench.soak.samples import Sample, Sampler
from bench.soak.troubles import Trouble, befall, draw_troubles
from bench.soak.users import Users
from bench.soak.verdict import Check, Trend, check_all, trend
from bench.soak.witness import arm, read_chances, read_rest, read_starts
from bench.stage import FLEET, HUB, Stage
from bench.waiting import until
from computility.kube.client import Client
from computility.kube.listing import EVERYTHING, read_list
from computility.lab.control_plane import API_SERVER, ETCD
from computility.model.assignment import Assignment

PROCESSES = (HUB, FLEET, API_SERVER, ETCD)
LONGEST_TIDYING_SECONDS = 60.0
MISTAKE = re.compile(r'"level": "(critical|error)"|Traceback|was never (retrieved|awaited)')


class Outcome(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a soak has shown.

    Attributes:
        plan: What it was made of.
        troubles: What befell the network.
        chances: What came by chance at the centres, all together.
        turns: How many turns the owners took of each kind.
        phases: How many jobs ended in which phase.
        deleted: How many their owners deleted before.
        starts: How many payloads the centres started.
        checks: Whether the books agree.
        trends: How memory went, by process.
        mistakes: Lines in the logs of hub and fleet that tell of a mistake of ours.
        hours: Virtual hours until nothing was left.
        samples: All looks.
    """

    plan: Plan
    troubles: list[Trouble]
    chances: dict[str, int]
    turns: dict[str, int]
    phases: dict[str, int]
    deleted: int
    starts: int
    checks: list[Check]
    trends: dict[str, Trend]
    mistakes: list[str]
    hours: float
    samples: list[Sample]

    @property
    def is_good(self) -> bool:
        return all(check.holds for check in self.checks) and not self.mistakes


async def soak(plan: Plan, stage: Stage) -> Outcome:
    """Build the network, let its day pass, wait until nothing is left, and compare the books."""
    network = Network(plan, stage)
    async with admin_client(stage.plane) as client:
        await network.build(client)
        for member in network.members:
            arm(network.journal(member))
        day = Day(plan, stage, network, client)
        await day.pass_by()
        return await day.conclude()


class Day:
    """The time in which all happens."""

    def __init__(self, plan: Plan, stage: Stage, network: Network, client: Client) -> None:
        self._plan = plan
        self._network = network
        self._client = client
        self._books = Books()
        self._started_at = time.monotonic()
        self._users = Users(client, self._books, self._started_at)
        self._troubles = draw_troubles(plan, network.members)
        self._sampler = Sampler(stage.plane, network, self._books, plan.hours_at)

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._started_at

    async def pass_by(self) -> None:
        """Submit, break, and wait for the end of everything; what never ends is left to the verdict."""
        async with asyncio.TaskGroup() as tasks:
            looks = self._sampler.work(self._client, self._started_at, self._plan.sample_seconds)
            beside = [tasks.create_task(keep(self._client, self._books)), tasks.create_task(looks)]
            async with asyncio.TaskGroup() as acting:
                acting.create_task(self._users.work(self._plan))
                acting.create_task(befall(self._network, self._troubles, self._started_at))
            with contextlib.suppress(TimeoutError):
                left = self._plan.seconds - self._seconds
                await until(self._has_passed, max(0.0, left) + self._plan.longest_drain_seconds)
            with contextlib.suppress(TimeoutError):
                await until(self._is_tidy, LONGEST_TIDYING_SECONDS)
            for task in beside:
                task.cancel()

    async def _has_passed(self) -> bool:
        return self._seconds >= self._plan.seconds and not self._books.open

    async def _is_tidy(self) -> bool:
        rests = [read_rest(self._network.journal(member)) for member in self._network.members]
        return all(rest.is_nothing for rest in rests) and not await self._count_assignments()

    async def _count_assignments(self) -> int:
        return len((await read_list(self._client.transport, Assignment, EVERYTHING)).items)

    async def conclude(self) -> Outcome:
        """Compare the books and draw the trends."""
        journals = {member: self._network.journal(member) for member in self._network.members}
        starts = [start for journal in journals.values() for start in read_starts(journal)]
        chances = sum((read_chances(journal) for journal in journals.values()), Counter[str]())
        rests = {member: read_rest(journal) for member, journal in journals.items()}
        calm = (self._plan.seconds * self._plan.kill_share, self._plan.seconds)
        trends = {name: trend(self._sampler.samples, name, *calm) for name in PROCESSES}
        return Outcome(
            plan=self._plan,
            troubles=self._troubles,
            chances=dict(chances),
            turns=dict(self._users.turns),
            phases={phase.value: count for phase, count in self._books.booked.items()},
            deleted=len(self._books.deleted),
            starts=len(starts),
            checks=check_all(self._books, starts, rests, await self._count_assignments()),
            trends={name: found for name, found in trends.items() if found is not None},
            mistakes=find_mistakes(self._network.logs),
            hours=self._plan.hours_at(self._seconds),
            samples=self._sampler.samples,
        )


def find_mistakes(logs: Iterable[Path]) -> list[str]:
    """Return the lines of logs that tell of a mistake of ours."""
    lines = (line for log in logs for line in log.read_text(errors="replace").splitlines())
    return [line for line in lines if MISTAKE.search(line)]
