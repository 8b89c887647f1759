"""What is looked at every few seconds of a soak: memory, processor time, objects, books."""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from bench.soak.books import Books
from bench.soak.network import Network
from bench.stage import FLEET, HUB
from bench.usage import cpu_seconds
from computility.kube.client import Client
from computility.kube.listing import EVERYTHING, read_list
from computility.lab.control_plane import API_SERVER, ETCD, ControlPlane
from computility.model.assignment import Assignment

_log = logging.getLogger(__name__)

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
Figure = TypeVar("Figure", int, float)


class Sample(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One look.

    Attributes:
        seconds: Since the start, by the wall clock.
        hours: The same in virtual hours.
        rss_bytes: Resident memory by process; a process that is being killed is left out.
        cpu_seconds: Processor time by process since it was started.
        submitted: Jobs so far.
        booked: Jobs whose end was booked, so far.
        deleted: Jobs that their owners deleted before their end, so far.
        jobs: Jobs that the API server has, as the watch tells it.
        assignments: Assignments that it has.
    """

    seconds: float
    hours: float
    rss_bytes: dict[str, int]
    cpu_seconds: dict[str, float]
    submitted: int
    booked: int
    deleted: int
    jobs: int
    assignments: int


class Sampler:
    """Takes samples of a running network.

    Attributes:
        samples: All so far.
    """

    def __init__(
        self, plane: ControlPlane, network: Network, books: Books, hours_at: Callable[[float], float]
    ) -> None:
        self.samples: list[Sample] = []
        self._plane = plane
        self._network = network
        self._books = books
        self._hours_at = hours_at

    async def work(self, client: Client, started_at: float, every_seconds: float) -> None:
        """Take one sample after the other, for ever."""
        while True:
            sample = await self._take(client, time.monotonic() - started_at)
            self.samples.append(sample)
            _log.info("%s", sample)
            await asyncio.sleep(every_seconds)

    async def _take(self, client: Client, seconds: float) -> Sample:
        pids = self._pids()
        return Sample(
            seconds=seconds,
            hours=self._hours_at(seconds),
            rss_bytes=_of_the_living(rss_bytes, pids),
            cpu_seconds=_of_the_living(cpu_seconds, pids),
            submitted=len(self._books.accounts),
            booked=len(self._books.ends),
            deleted=len(self._books.deleted),
            jobs=self._books.present,
            assignments=len((await read_list(client.transport, Assignment, EVERYTHING)).items),
        )

    def _pids(self) -> dict[str, int]:
        ours = {name: pid for name in (HUB, FLEET) if (pid := self._network.pid(name)) is not None}
        return ours | {name: self._plane.daemon(name).pid for name in (API_SERVER, ETCD)}


def rss_bytes(pid: int) -> int:
    """Return the resident memory of a live process, in bytes.

    Raises:
        FileNotFoundError: It has ended.
    """
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES


def _of_the_living(read: Callable[[int], Figure], pids: dict[str, int]) -> dict[str, Figure]:
    """Read a figure of each process, and leave out those that end meanwhile."""
    figures = {}
    for name, pid in pids.items():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            figures[name] = read(pid)
    return figures
