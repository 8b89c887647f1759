"""The load generator, a process of its own: creates jobs, and sees through a watch how they go on.

`python -m bench.load KUBECONFIG NAMESPACE PREFIX JOBS CREATORS` prints a Load as JSON.
"""

import asyncio
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import msgspec

from bench.result import Latency, Load
from computility.kube.client import Client
from computility.kube.deltas import Added, Delta, Modified, Synced
from computility.kube.informer import Informer
from computility.kube.kubeconfig import load_kubeconfig
from computility.kube.listing import Selection
from computility.model.compute_job import ComputeJob, ComputeJobSpec, Resources, Template
from computility.model.meta import ObjectMeta

LONGEST_SECONDS = 900.0


class Observer:
    """Notes when each job was submitted, placed and ended, by one monotonic clock in this process."""

    def __init__(self, jobs: int) -> None:
        self.submitted: dict[str, float] = {}
        self.placed: dict[str, float] = {}
        self.ended: dict[str, float] = {}
        self.phases: Counter[str] = Counter()
        self.lists = 0
        self.is_listening = asyncio.Event()
        self.is_complete = asyncio.Event()
        self._jobs = jobs

    def take(self, delta: Delta[ComputeJob]) -> None:
        """Take in what the watch tells."""
        if isinstance(delta, Synced):
            self.lists += 1
            self.is_listening.set()
        elif isinstance(delta, Added | Modified) and delta.new.metadata.name in self.submitted:
            self._see(delta.new)

    def _see(self, job: ComputeJob) -> None:
        name, status, now = job.metadata.name, job.status, time.monotonic()
        if status.last_ordinal:
            self.placed.setdefault(name, now)
        if status.phase is not None and status.phase.is_terminal and name not in self.ended:
            self.ended[name] = now
            self.phases[status.phase.value] += 1
            if len(self.ended) == self._jobs:
                self.is_complete.set()


async def observe(client: Client, namespace: str, observer: Observer) -> None:
    """Follow the jobs of a namespace for ever."""
    informer = Informer(client, ComputeJob, Selection(namespace))
    async with aclosing(informer.deltas()) as deltas:
        async for delta in deltas:
            observer.take(delta)


async def create(client: Client, namespace: str, names: Iterator[str], observer: Observer) -> None:
    """Create jobs, one after the other, until the shared supply of names is used up."""
    for name in names:
        observer.submitted[name] = time.monotonic()
        await client.create(a_job(namespace, name))


def a_job(namespace: str, name: str) -> ComputeJob:
    """Build a job that does nothing, in the smallest of words."""
    spec = ComputeJobSpec(
        template=Template(command=("true",)), resources=Resources(cpus_per_task=1), max_run_seconds=60
    )
    return ComputeJob(metadata=ObjectMeta(name=name, namespace=namespace), spec=spec)


async def run(kubeconfig: Path, namespace: str, prefix: str, jobs: int, creators: int) -> Load:
    """Create the jobs and wait until each has ended.

    Raises:
        TimeoutError: Not all ended within 15 minutes.
    """
    observer = Observer(jobs)
    names = iter([f"{prefix}-{number}" for number in range(jobs)])
    config = load_kubeconfig(kubeconfig)
    async with Client(config, manager="bench-load", limit=creators) as client, asyncio.TaskGroup() as group:
        watching = group.create_task(observe(client, namespace, observer))
        await observer.is_listening.wait()
        before = _own_cpu_seconds()
        async with asyncio.timeout(LONGEST_SECONDS):
            async with asyncio.TaskGroup() as creating:
                for _ in range(creators):
                    creating.create_task(create(client, namespace, names, observer))
            created_at = time.monotonic()
            await observer.is_complete.wait()
        watching.cancel()
        return summarise(observer, created_at, _own_cpu_seconds() - before)


def summarise(observer: Observer, created_at: float, cpu_seconds: float) -> Load:
    """Reckon the figures from what was noted."""
    first = min(observer.submitted.values())
    return Load(
        jobs=len(observer.ended),
        phases=dict(observer.phases),
        create_seconds=created_at - first,
        total_seconds=max(observer.ended.values()) - first,
        placed=_latency(observer.submitted, observer.placed),
        done=_latency(observer.submitted, observer.ended),
        watch_gaps=observer.lists - 1,
        cpu_seconds=cpu_seconds,
    )


def _latency(begin: dict[str, float], end: dict[str, float]) -> Latency:
    waits = sorted(at - begin[name] for name, at in end.items())
    p50, p90, p99 = (waits[min(len(waits) - 1, int(len(waits) * part))] for part in (0.5, 0.9, 0.99))
    return Latency(p50=p50, p90=p90, p99=p99)


def _own_cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    file, tenant, name_prefix, job_count, creator_count = sys.argv[1:]
    load = asyncio.run(run(Path(file), tenant, name_prefix, int(job_count), int(creator_count)))
    sys.stdout.buffer.write(msgspec.json.encode(load))
