"""The client of one API server."""

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import aiohttp

from computility.kube.config import ClusterConfig
from computility.kube.reads import Reads
from computility.kube.transport import OnRequest, Sleep, Transport
from computility.kube.writes import Writes


class Client(Reads, Writes):
    """A client of one API server; to be made inside a running event loop, and closed.

    Args:
        config: How to reach the API server.
        manager: Who writes, as it shall stand in managedFields and the User-Agent ("computility-hub").
        limit: How many requests may be under way at once; watches are not counted.
        timeout_seconds: How long one try of a request may take.
        on_request: Told of each finished request, for metrics.
        monotonic: The clock for durations and token files, in seconds.
        sleep: How to wait between tries.
    """

    def __init__(
        self,
        config: ClusterConfig,
        *,
        manager: str = "computility",
        limit: int = 32,
        timeout_seconds: float = 30.0,
        on_request: OnRequest | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.config = config
        transport = Transport(
            config,
            user_agent=manager,
            limit=limit,
            timeout_seconds=timeout_seconds,
            on_request=on_request,
            monotonic=monotonic,
            sleep=sleep,
        )
        super().__init__(transport, manager)

    @property
    def session(self) -> aiohttp.ClientSession:
        """The session with the current token, to be shared with Kopf."""
        return self.transport.session.aiohttp

    async def close(self) -> None:
        await self.transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
