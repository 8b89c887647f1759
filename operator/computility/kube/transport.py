"""Requests on their way: one shared session, bounded concurrency, safe retries, typed errors, counters."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

import aiohttp

from computility.kube.answer import build_error, parse_status
from computility.kube.backoff import Backoff
from computility.kube.config import ClusterConfig
from computility.kube.errors import ApiError, Unauthorized, Unreachable
from computility.kube.request import Request
from computility.kube.session import Session

TRIES = 5
LONGEST_WAIT_SECONDS = 10.0
"""A server that asks to wait longer is not waited for here: the caller gets the error with `retry_after`."""


class Finished(NamedTuple):
    """One request that came to an end; `status` is 0 when there was no answer. Retries count singly."""

    verb: str
    resource: str
    subresource: str
    status: int
    seconds: float


OnRequest = Callable[[Finished], None]
Sleep = Callable[[float], Awaitable[None]]

# Raised before a byte of the request was sent.
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
_NO_ANSWER = (aiohttp.ClientError, TimeoutError, OSError)


class Transport:
    """Sends requests to one API server and returns the bytes of successful answers.

    Args:
        config: How to reach the API server.
        user_agent: How the requests introduce themselves.
        limit: How many requests may be under way at once; watches are not counted.
        timeout_seconds: How long one try may take from connecting to the last byte.
        on_request: Told of each finished try.
        monotonic: The clock for durations and token files, in seconds.
        sleep: How to wait between tries.
    """

    def __init__(
        self,
        config: ClusterConfig,
        *,
        user_agent: str,
        limit: int = 32,
        timeout_seconds: float = 30.0,
        on_request: OnRequest | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.session = Session(config, user_agent)
        self.sleep = sleep
        self._slots = asyncio.Semaphore(limit)
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds, sock_connect=10.0)
        self._on_request = on_request
        self.monotonic = monotonic

    async def close(self) -> None:
        await self.session.close()

    async def send(self, request: Request) -> bytes:
        """Send a request and return the answer's body.

        Reads are tried again while the trouble may pass. Writes are only when it is certain that they
        were not executed (429, connection refused): a write with a lost answer is never repeated here.

        Raises:
            ApiError: As its class says.
        """
        backoff = Backoff(first_seconds=0.1, cap_seconds=2.0)
        for _ in range(TRIES - 1):
            try:
                return await self._try(request)
            except ApiError as error:
                wait_seconds = self._wait_before_retry(request, error, backoff)
                if wait_seconds is None:
                    raise
            await self.sleep(wait_seconds)
        return await self._try(request)

    def _wait_before_retry(self, request: Request, error: ApiError, backoff: Backoff) -> float | None:
        """Return the seconds to wait before another try, or None when there must be none."""
        if isinstance(error, Unauthorized):
            return 0.0 if self.session.reread_token(self.monotonic()) else None
        if not error.is_temporary or (error.is_outcome_unknown and not request.is_read):
            return None
        wait_seconds = backoff.next_seconds() if error.retry_after is None else error.retry_after
        return wait_seconds if wait_seconds <= LONGEST_WAIT_SECONDS else None

    async def _try(self, request: Request) -> bytes:
        async with self._slots, self._answer(request, self._timeout) as response:
            return await response.read()

    @asynccontextmanager
    async def stream(self, request: Request, silence_seconds: float) -> AsyncIterator[aiohttp.StreamReader]:
        """Open an answer without an end, once; reading it fails with Unreachable after such a silence.

        Raises:
            ApiError: As its class says; also from within the block, when the stream breaks.
        """
        limits = aiohttp.ClientTimeout(total=None, sock_connect=10.0, sock_read=silence_seconds)
        async with self._answer(request, limits) as response:
            yield response.content

    @asynccontextmanager
    async def _answer(
        self, request: Request, limits: aiohttp.ClientTimeout
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        started, status = self.monotonic(), 0
        try:
            async with self.session.request(request, limits, started) as response:
                status = response.status
                if status >= 300:
                    await _refuse(request, response)
                yield response
        except _NO_ANSWER as error:
            raise _unreachable(request, self.session.server, error) from error
        finally:
            self._count(request, status, self.monotonic() - started)

    def _count(self, request: Request, status: int, seconds: float) -> None:
        if self._on_request is not None:
            self._on_request(Finished(request.verb, request.resource, request.subresource, status, seconds))


async def _refuse(request: Request, response: aiohttp.ClientResponse) -> None:
    status = parse_status(await response.read())
    retry_after = response.headers.get("Retry-After", "")
    raise build_error(request.verb, request.path, response.status, status, retry_after)


def _unreachable(request: Request, server: str, error: Exception) -> Unreachable:
    was_sent = not isinstance(error, _NOT_SENT)
    effect = "whether it was executed is unknown" if was_sent else "it was not sent"
    cause = f"no answer from {server} ({type(error).__name__}); {effect}"
    return Unreachable(request.verb, request.path, cause, is_outcome_unknown=was_sent)
