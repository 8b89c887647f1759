"""What a backend promises. Each sentence below is a test in tests/contract/.

Everything is asked in batches, because a call to a centre costs about the same for one attempt as for
a hundred. A batch never fails as a whole for the sake of one of its members.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

from computility.lifecycle.evidence import ONE, Look, SubmitAnswer
from computility.model.assignment import JobWork
from computility.model.base import Value
from computility.model.index_set import IndexSet
from computility.model.resource_pool import BackendInfo, Capacity


class BackendUnreachable(Exception):
    """The centre did not answer; try again later. Says nothing about any workload."""


class Target(Value, frozen=True, kw_only=True):
    """An attempt at this centre: its name, and the local account that it runs as.

    `array` has all indices of an attempt at an array; None without an array, where the one index is 0.
    `indices` are those that are meant.
    """

    name: str
    account: str
    array: IndexSet | None = None
    indices: IndexSet = ONE

    @property
    def all_indices(self) -> IndexSet:
        """Every index of the attempt."""
        return ONE if self.array is None else self.array


class Submission(Value, frozen=True, kw_only=True):
    """A chunk of an attempt to submit: what to run, and how this centre's own table resolves pool and tenant.

    `target.indices` are the chunk's own: number `chunk` of `lifecycle.chunks.split_into_chunks`.
    `modules` are the centre's own names, in the order in which they are loaded. `mpi` is how its scheduler
    starts the ranks of an MPI program.
    """

    target: Target
    work: JobWork
    partition: str
    chunk: int = 0
    scheduler_account: str = ""
    qos: str = ""
    modules: tuple[str, ...] = ()
    mpi: str = ""


class PoolReport(Value, frozen=True, kw_only=True):
    """What the centre has behind one partition; what our own attempts hold is no others' use."""

    partition: str
    complete: bool
    observed_at: datetime
    total: Capacity
    used_by_others: Capacity
    unavailable: Capacity
    problem: str = ""


class StartAsk(Value, frozen=True, kw_only=True):
    """A job on whole nodes that nobody submits: the scheduler is asked when it would start."""

    partition: str
    nodes: int
    run_seconds: int
    cards_per_node: int = 0


AT_ONCE_SECONDS = 60.0
"""A start sooner than this is one at once: schedulers go through their queues twice a minute."""


Part: TypeAlias = tuple[str, int]
"""One chunk of an attempt: the attempt's name and the chunk's number."""


class Backend(Protocol):
    """Runs workloads for the attempts of one member.

    Each index of an array is a payload of its own: it has a claim, a start, an end and a result of its own,
    finds its index in COMPUTILITY_INDEX and the array's size in COMPUTILITY_SIZE. Of a chunk's indices as
    many as `work.max_concurrent` run at a time and no more; the agent submits the next chunk only when all
    of those before it have ended. A job without an array is one payload.

    Attributes:
        is_atomic: Whether it keeps what it is given in the journal's own transaction, so that no submit can
            be lost or be done twice.
    """

    is_atomic: bool

    async def describe(self) -> BackendInfo:
        """Say which scheduler this is.

        Raises:
            BackendUnreachable: It did not answer.
        """
        ...

    async def look(self, targets: Sequence[Target]) -> Mapping[str, Look]:
        """Read everything that is known of these indices; one look for each name asked, always.

        A look is complete only if queue, claim, go file and result could all be read.
        A workload is found by the attempt's name, whatever id it has and whether it is held or not.
        A workload of another name is never shown, even if it has an id that was ours once.
        Every workload of the name is shown, whichever indices are asked for.
        A result whose nonce is not the claim's is not a result.
        """
        ...

    async def submit(self, submissions: Sequence[Submission]) -> Mapping[Part, SubmitAnswer]:
        """Put each attempt's files in place and hand it to the scheduler, held; one answer for each chunk.

        Nothing that is submitted runs before `release`, and no payload starts before `go`.
        A refusal or a postponement is answered only if the scheduler certainly did not take it.
        What a later try can succeed with is postponed, and never refused.
        Text of the tenant reaches no command line and no shell.
        Modules are loaded before the payload starts; it never starts if one of them cannot be.
        Nothing is submitted while there is less room for files than the work asks for.
        """
        ...

    async def go(self, targets: Sequence[Target]) -> None:
        """Allow these payloads to start; safe to repeat."""
        ...

    async def release(self, targets: Sequence[tuple[Target, str]]) -> None:
        """Release these held workloads, given with their native ids; safe to repeat.

        A workload whose name is not the attempt's is left alone.
        """
        ...

    async def burn(self, targets: Sequence[Target]) -> None:
        """Take the claims of these indices, unless a payload has them; safe to repeat.

        After a burn that the next look confirms, no payload of the index can ever start.
        A claim that a payload has taken stays the payload's.
        """
        ...

    async def cancel(self, targets: Sequence[Target]) -> None:
        """End whatever workloads stand for these indices, held or running; safe to repeat.

        A running payload gets SIGTERM, and SIGKILL after its grace.
        The array's other indices are left alone.
        """
        ...

    async def tidy(self, targets: Sequence[Target]) -> None:
        """Remove what these attempts, which have ended, need no more; safe to repeat.

        Of an attempt only claim, result and output are left; of one that is burned only the claim.
        Nothing that a payload has left is ever removed, nor a link followed.
        A tidied attempt tells its result as before, and can never start.
        An attempt that nobody has claimed is left as it is.
        """
        ...

    async def capacity(self, partitions: Sequence[str], ours: Sequence[Target]) -> Mapping[str, PoolReport]:
        """Read what each partition has, what others use of it, and what is down.

        A report is complete only if the partition and every one of our attempts could be read.

        Args:
            partitions: The centre's own names.
            ours: Attempts whose workloads are the network's own; they are no others' use. What they hold is
                known from the last look at them; those that were never looked at are looked at now.
        """
        ...

    async def forecast(self, asks: Sequence[StartAsk]) -> Mapping[StartAsk, float]:
        """Ask the scheduler in how many seconds each of these would start; 0 is at once, within a minute.

        Nothing is submitted, and nothing is changed at the centre.
        What the scheduler would refuse, or cannot tell of, is not in the answer.
        Later starts rest on requested times: jobs mostly end sooner.

        Raises:
            BackendUnreachable: It did not answer.
        """
        ...
