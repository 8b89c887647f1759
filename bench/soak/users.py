"""The people of the soak: they submit their jobs in time, and cancel, suspend, resume or delete some."""

import asyncio
import time
from collections import Counter

from bench.soak.books import Books
from bench.soak.plan import Plan
from bench.soak.tenants import Planned, Turn, draw_jobs
from computility.kube.client import Client
from computility.kube.errors import AlreadyExists, ApiError, NotFound
from computility.model.compute_job import ComputeJob

AGAIN_SECONDS = 0.5
_EDITS = {
    Turn.CANCEL: {"cancel": True},
    Turn.SUSPEND: {"suspend": True},
    Turn.RESUME: {"suspend": False},
}


class Users:
    """All of them, acting by one plan.

    Attributes:
        turns: How many of their turns came in time; those that came too late count as "late".
    """

    def __init__(self, client: Client, books: Books, started_at: float) -> None:
        self.turns: Counter[str] = Counter()
        self._client = client
        self._books = books
        self._started_at = started_at

    async def work(self, plan: Plan) -> None:
        """Submit all jobs of the plan, each at its time, and return when all turns are done."""
        async with asyncio.TaskGroup() as tasks:
            for planned in draw_jobs(plan):
                await self._until(planned.at)
                tasks.create_task(self._own(planned))

    async def _own(self, planned: Planned) -> None:
        """Submit one job, and do to it what its owner does."""
        job = await self._submit(planned)
        for after, turn in planned.turns:
            await self._until(planned.at + after)
            found = await self._insist(turn, job)
            self.turns[turn.value if found else "late"] += 1

    async def _submit(self, planned: Planned) -> ComputeJob:
        while True:
            try:
                job = await self._client.create(planned.job)
            except AlreadyExists:  # an answer was lost
                meta = planned.job.metadata
                job = await self._client.get(ComputeJob, meta.namespace, meta.name)
            except ApiError as error:
                await _pause(error)
                continue
            self._books.submitted(job.metadata.uid, planned)
            return job

    async def _insist(self, turn: Turn, job: ComputeJob) -> bool:
        """Do one turn, and say whether the job was still there."""
        meta = job.metadata
        while True:
            try:
                if turn is Turn.DELETE:
                    self._books.condemn(meta.uid)
                    return await self._client.delete(ComputeJob, meta.namespace, meta.name, uid=meta.uid)
                await self._client.patch(ComputeJob, meta.namespace, meta.name, {"spec": _EDITS[turn]})
            except NotFound:
                return False
            except ApiError as error:
                await _pause(error)
            else:
                return True

    async def _until(self, at: float) -> None:
        await asyncio.sleep(max(0.0, self._started_at + at - time.monotonic()))


async def _pause(error: ApiError) -> None:
    """Wait a little for what passes.

    Raises:
        ApiError: It does not pass.
    """
    if not error.is_temporary:
        raise error
    await asyncio.sleep(AGAIN_SECONDS)
