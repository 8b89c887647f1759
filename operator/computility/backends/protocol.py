"""What a backend promises. Each sentence below is a test in tests/contract/.

Everything is asked in batches, because a call to a centre costs about the same for one attempt as for
a hundred. A batch never fails as a whole for the sake of one of its members.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from computility.lifecycle.evidence import Look, SubmitAnswer
from computility.model.assignment import JobWork
from computility.model.base import Value
from computility.model.resource_pool import BackendInfo, Capacity


class BackendUnreachable(Exception):
    """The centre did not answer; try again later. Says nothing about any workload."""


class Target(Value, frozen=True, kw_only=True):
    """An attempt at this centre: its name, and the local account that it runs as."""

    name: str
    account: str


class Submission(Value, frozen=True, kw_only=True):
    """An attempt to submit: what to run, and how this centre's own table resolves pool and tenant."""

    target: Target
    work: JobWork
    partition: str
    scheduler_account: str = ""
    qos: str = ""


class PoolReport(Value, frozen=True, kw_only=True):
    """What the centre has behind one partition; what our own attempts hold is no others' use."""

    partition: str
    complete: bool
    observed_at: datetime
    total: Capacity
    used_by_others: Capacity
    unavailable: Capacity
    problem: str = ""


class Backend(Protocol):
    """Runs workloads for the attempts of one member."""

    async def describe(self) -> BackendInfo:
        """Say which scheduler this is.

        Raises:
            BackendUnreachable: It did not answer.
        """
        ...

    async def look(self, targets: Sequence[Target]) -> Mapping[str, Look]:
        """Read everything that is known of these attempts; one entry for each name asked, always.

        A look is complete only if queue, claim, go file and result could all be read.
        A workload is found by the attempt's name, whatever id it has and whether it is held or not.
        A workload of another name is never shown, even if it has an id that was ours once.
        A result whose nonce is not the claim's is not a result.
        """
        ...

    async def submit(self, submissions: Sequence[Submission]) -> Mapping[str, SubmitAnswer]:
        """Put each attempt's files in place and hand it to the scheduler, held; one answer for each name.

        Nothing that is submitted runs before `release`, and no payload starts before `go`.
        A refusal or a postponement is answered only if the scheduler certainly did not take it.
        What a later try can succeed with is postponed, and never refused.
        Text of the tenant reaches no command line and no shell.
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
        """Take the claim of these attempts, unless a payload has it; safe to repeat.

        After a burn that the next look confirms, no payload of the attempt can ever start.
        A claim that a payload has taken stays the payload's.
        """
        ...

    async def cancel(self, targets: Sequence[Target]) -> None:
        """End whatever workloads carry these names, held or running; safe to repeat.

        A running payload gets SIGTERM, and SIGKILL after its grace.
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
