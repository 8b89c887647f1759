"""A simulated centre as a backend: the protocol of `backends.protocol`, over the engine in virtual time.

All instants are virtual, but for those that tell the hub of the centre itself (`observed_at`,
`booted_at`): the agent decides by the same clock. Nothing is told that is not on disk: a look commits.
"""

import asyncio
import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from computility.backends.protocol import (
    AT_ONCE_SECONDS,
    BackendUnreachable,
    Part,
    PoolReport,
    StartAsk,
    Submission,
    Target,
)
from computility.backends.simulated.clock import VirtualClock
from computility.backends.simulated.engine import ControllerAway, Engine
from computility.backends.simulated.looks import Looker, complain_of, key_of
from computility.backends.simulated.payload import parse_habits
from computility.backends.simulated.requests import Refusal, Request
from computility.backends.simulated.store import Store
from computility.backends.simulated.submits import build_request, explain_refusal
from computility.lifecycle.evidence import Look, SubmitAnswer
from computility.model.assignment import Fault, Workload
from computility.model.reasons import Reason
from computility.model.resource_pool import BackendInfo, Capacity

VERSION = "simulated 1"
INSTANTS_IN_A_ROW = 200
"""Of virtual time, without a pause for other members of the same process: about 10 ms of work."""


class SimulatedBackend:
    """The workloads of one simulated centre; `opening.open_centre` makes it.

    Args:
        engine: The centre.
        store: Where it is kept.
        clock: Its time.
        accounts: Local accounts that the centre lets the agent act as.
        cluster: The scheduler's name of its cluster.
    """

    is_atomic = True

    def __init__(
        self, engine: Engine, store: Store, clock: VirtualClock, *, accounts: Collection[str], cluster: str
    ) -> None:
        self.engine = engine
        self._store = store
        self._clock = clock
        self._accounts = frozenset(accounts)
        self._cluster = cluster
        self._looker = Looker(engine, store, clock, accounts=self._accounts, cluster=cluster)

    async def describe(self) -> BackendInfo:
        """Say that it is simulated, and since when."""
        await self._advance()
        if not self.engine.is_up:
            raise BackendUnreachable(self._silence())
        booted_at = self._clock.to_wall(self._clock.at(0.0))
        return BackendInfo(version=VERSION, cluster=self._cluster, booted_at=booted_at)

    async def look(self, targets: Sequence[Target]) -> Mapping[str, Look]:
        """Read what the controller and the attempts' files say, once it is on disk."""
        await self._advance()
        return self._looker.look(targets)

    async def submit(self, submissions: Sequence[Submission]) -> Mapping[Part, SubmitAnswer]:
        """Take these chunks in, held."""
        await self._advance()
        return {(one.target.name, one.chunk): self._submit(one) for one in submissions}

    def _submit(self, submission: Submission) -> SubmitAnswer:
        target = submission.target
        if target.account not in self._accounts:
            message = complain_of(target.account)
            return SubmitAnswer(refused=Reason.ACCOUNT_REFUSED, fault=Fault.SITE, message=message)
        try:
            habits = parse_habits(submission.work)
        except ValueError as error:
            return SubmitAnswer(refused=Reason.INVALID, fault=Fault.USER, message=str(error))
        if not target.indices - self._looker.claimed(target):
            return SubmitAnswer(message="it is claimed: nothing of it could start")
        answer = self._hand_over(build_request(submission, key_of(target), habits))
        if answer.workload is not None and habits.output is not None:
            self._store.keep_output(key_of(target), habits.output)
        return answer

    def _hand_over(self, request: Request) -> SubmitAnswer:
        try:
            answer = self.engine.submit(request)
        except ControllerAway:
            return SubmitAnswer(message=self._silence())
        if isinstance(answer, Refusal):
            return explain_refusal(answer)
        submitted_at = self._clock.at(self.engine.clock)
        return SubmitAnswer(
            workload=Workload(native_id=str(answer), cluster=self._cluster, submitted_at=submitted_at)
        )

    async def go(self, targets: Sequence[Target]) -> None:
        """Let these payloads start."""
        await self._advance()
        for target in self._open(targets):
            self.engine.go(key_of(target))

    async def release(self, targets: Sequence[tuple[Target, str]]) -> None:
        """Release these held workloads, given with their ids."""
        await self._advance()
        with self._scheduler():
            for target, native_id in targets:
                if native_id.isdecimal():
                    self.engine.release(int(native_id), key_of(target))

    async def burn(self, targets: Sequence[Target]) -> None:
        """Take the claims of these indices that nobody has."""
        await self._advance()
        for target in self._open(targets):
            self.engine.burn(key_of(target), target.indices)

    async def cancel(self, targets: Sequence[Target]) -> None:
        """End whatever stands for these indices."""
        await self._advance()
        with self._scheduler():
            for target in targets:
                self.engine.cancel(key_of(target), target.indices)

    async def tidy(self, targets: Sequence[Target]) -> None:
        """Keep of attempts that are over only what a look tells of them."""
        await self._advance()
        with self._scheduler():
            for target in self._open(targets):
                self._tidy(target)

    def _tidy(self, target: Target) -> None:
        whole = msgspec.structs.replace(target, indices=target.all_indices)
        if not self._looker.is_over(whole):
            return
        look = self._looker.see(whole)
        self.engine.forget(key_of(target))
        if not self.engine.knows(key_of(target)):
            self._store.tidy(key_of(target), look, self._clock.to_wall(look.taken_at))

    def forget_tidied(self, before: datetime) -> None:
        """Forget attempts that were tidied before an instant of the wall clock.

        Raises:
            BackendUnreachable: It could not be written.
        """
        self._store.forget_tidied(before)

    async def capacity(
        self,
        partitions: Sequence[str],
        ours: Sequence[Target],
    ) -> Mapping[str, PoolReport]:
        """Read what each partition had some seconds ago; the engine itself knows what is the network's."""
        await self._advance()
        closed = next((target.account for target in ours if target.account not in self._accounts), None)
        problem = "" if closed is None else complain_of(closed)
        return {partition: self._report(partition, problem) for partition in partitions}

    def _report(self, partition: str, problem: str) -> PoolReport:
        measured = self.engine.measure(partition) if self.engine.is_up else None
        if measured is None:
            problem = f'there is no partition "{partition}"' if self.engine.is_up else self._silence()
            return report_nothing(partition, self._clock.to_wall(self._clock()), problem)
        return PoolReport(
            partition=partition,
            complete=not problem,
            problem=problem,
            observed_at=self._clock.to_wall(self._clock.at(measured.at)),
            total=measured.total,
            used_by_others=measured.used_by_others,
            unavailable=measured.unavailable,
        )

    async def forecast(self, asks: Sequence[StartAsk]) -> Mapping[StartAsk, float]:
        """Ask when these would start; the answer is in virtual seconds."""
        await self._advance()
        with self._scheduler():
            starts = {ask: self.engine.forecast(ask.partition, ask.nodes, ask.run_seconds) for ask in asks}
        return {
            ask: seconds if seconds >= AT_ONCE_SECONDS else 0.0
            for ask, seconds in starts.items()
            if seconds is not None
        }

    async def _advance(self) -> None:
        """Let everything happen that has happened by now; others have their turn meanwhile."""
        for number, _ in enumerate(self.engine.advancing(self._clock.seconds), start=1):
            if number % INSTANTS_IN_A_ROW == 0:
                await asyncio.sleep(0)

    @contextlib.contextmanager
    def _scheduler(self) -> Iterator[None]:
        try:
            yield
        except ControllerAway as error:
            raise BackendUnreachable(self._silence()) from error

    def _open(self, targets: Sequence[Target]) -> list[Target]:
        """Return those that the centre still has files of: not the tidied ones, nor any of other accounts."""
        return [t for t in targets if t.account in self._accounts and not self._looker.is_tidied(t)]

    def _silence(self) -> str:
        return f'the controller of "{self._cluster}" does not answer'


def report_nothing(partition: str, at: datetime, problem: str) -> PoolReport:
    """Report a partition of which nothing can be seen."""
    nothing = Capacity()
    return PoolReport(
        partition=partition, complete=False, observed_at=at, problem=problem,
        total=nothing, used_by_others=nothing, unavailable=nothing,
    )  # fmt: skip
