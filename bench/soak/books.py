"""The soak's own books: what it submitted, and what it saw become of each job."""

from collections import Counter
from collections.abc import Iterator
from contextlib import aclosing
from typing import NamedTuple

from bench.soak.tenants import Planned
from computility.kube.client import Client
from computility.kube.deltas import Added, Deleted, Delta, Modified
from computility.kube.informer import Informer
from computility.model.compute_job import ComputeJob, Phase


class End(NamedTuple):
    """What was booked of a job; never to change again."""

    phase: Phase
    ended_at: str
    ordinal: int
    cost: str
    outcome: tuple[str, str]
    """Indices that succeeded, and those that did not."""


class Account(NamedTuple):
    """One submitted job."""

    uid: str
    planned: Planned


class Books:
    """What is known of all submitted jobs, by uid.

    Attributes:
        accounts: What was submitted.
        ends: The end of each job that was booked.
        deleted: Jobs that their owners deleted before their end was seen.
        wrong: What must never happen, in words.
        present: How many jobs the API server has.
    """

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.ends: dict[str, End] = {}
        self.deleted: set[str] = set()
        self.wrong: list[str] = []
        self.present = 0
        self._condemned: set[str] = set()

    @property
    def booked(self) -> Counter[Phase]:
        """How many ended in which phase."""
        return Counter(end.phase for end in self.ends.values())

    @property
    def open(self) -> int:
        """How many have neither ended nor been deleted."""
        return len(self.accounts.keys() - self.ends.keys() - self.deleted)

    def submitted(self, uid: str, planned: Planned) -> None:
        """Note a job that the API server has taken."""
        self.accounts[uid] = Account(uid, planned)

    def condemn(self, uid: str) -> None:
        """Note that the owner is about to delete a job."""
        self._condemned.add(uid)

    def take(self, delta: Delta[ComputeJob]) -> None:
        """Take in what the watch tells."""
        self.present += isinstance(delta, Added) - isinstance(delta, Deleted)
        if isinstance(delta, Added | Modified):
            self._see(delta.new)
        elif isinstance(delta, Deleted):
            self._see(delta.old)
            self._miss(delta.old.metadata.uid)

    def _see(self, job: ComputeJob) -> None:
        uid, name = job.metadata.uid, job.metadata.name
        before, now = self.ends.get(uid), end_of(job)
        if now is not None:
            self.ends.setdefault(uid, now)
        if before is not None and now != before:
            self.wrong.append(f"{name} was booked as {before} and then as {now}")
        if now is not None and before is None:
            self.wrong += [f"{name} ended {now.phase.value} {problem}" for problem in find_gaps(job)]

    def _miss(self, uid: str) -> None:
        if uid in self.ends:
            return
        self.deleted.add(uid)
        if uid not in self._condemned:
            self.wrong.append(f"{uid} vanished, and nobody had deleted it")


def end_of(job: ComputeJob) -> End | None:
    """Return what was booked of a job; None if it has not ended."""
    status = job.status
    if status.phase is None or not status.phase.is_terminal:
        return None
    cost = status.receipt.actual.cost if status.receipt and status.receipt.actual else ""
    outcome = (status.succeeded_indices, status.failed_indices)
    return End(status.phase, str(status.ended_at), status.last_ordinal, cost, outcome)


def find_gaps(job: ComputeJob) -> Iterator[str]:
    """Say what an ended job ought to tell and does not."""
    status = job.status
    if status.last_ordinal and (status.receipt is None or status.receipt.chosen is None):
        yield "without a receipt"
    if status.phase is Phase.SUCCEEDED and (status.receipt is None or status.receipt.actual is None):
        yield "without a charge"
    if any(not attempt.state.is_terminal for attempt in status.attempts):
        yield "with an attempt that has not"


async def keep(client: Client, books: Books) -> None:
    """Follow all jobs of the network for ever."""
    async with aclosing(Informer(client, ComputeJob).deltas()) as deltas:
        async for delta in deltas:
            books.take(delta)
