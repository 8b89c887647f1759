"""A hub with all its parts, Kopf too, on an event loop in a thread of its own."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from computility.hub.hub import Hub, utc_now
from computility.hub.keys import Task, Work
from computility.hub.main import MANAGER, Options, run_with
from computility.hub.metrics import Metrics
from computility.kube.client import Client
from computility.kube.config import ClusterConfig
from computility.kube.request import Request
from computility.kube.resource import resource_of
from computility.model.meta import key_of
from support.eventually import eventually

Send = Callable[[Request], Awaitable[bytes]]
REQUESTS = "computility_hub_api_requests_total"


class Meanwhile:
    """Lets something happen just before a hub's first request of a verb and resource."""

    def __init__(self, verb: str, resource: str, act: Callable[[], object]) -> None:
        self.verb, self.resource, self.act = verb, resource, act
        self.happened = threading.Event()

    def wrap(self, send: Send) -> Send:
        async def late_send(request: Request) -> bytes:
            if is_for(request, self.verb, self.resource) and not self.happened.is_set():
                self.happened.set()
                await asyncio.to_thread(self.act)
            return await send(request)

        return late_send


def is_for(request: Request, verb: str, resource: str) -> bool:
    return (request.verb, f"{request.resource}/{request.subresource}".rstrip("/")) == (verb, resource)


class HubThread:
    """One hub, with Kopf and all, on its own event loop."""

    def __init__(
        self, config: ClusterConfig, *, fault: Meanwhile | None = None, identity: str = "hub-0"
    ) -> None:
        self.options = Options(lease_namespace="computility-system", identity=identity)
        self.metrics = Metrics()
        self.hub: Hub | None = None
        self.error: BaseException | None = None
        self.unheard: list[str] = []
        self._config, self._fault = config, fault
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"hub {identity}", daemon=True)

    async def start(self) -> "HubThread":
        """Start, and wait until it leads or waits for another."""
        self._thread.start()
        await eventually(self._started.is_set, "the hub's event loop runs")
        return self

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    async def stop(self) -> None:
        """End it as SIGTERM does."""
        self._loop.call_soon_threadsafe(self._stop.set)
        await self._join()
        assert self.error is None, self.error

    @property
    def parts(self) -> Hub:
        assert self.hub is not None
        return self.hub

    def let_pass(self, seconds: float) -> None:
        """Let the clock that silence is counted by run ahead of the real one by so much."""
        self.parts.heartbeats._monotonic = lambda: time.monotonic() + seconds

    def let_clock_pass(self, seconds: float) -> None:
        """Let the time that is written, and that by which work is due, run ahead of the real one."""
        self.parts.now = lambda: utc_now() + timedelta(seconds=seconds)
        self.parts.monotonic = self.parts.queue._monotonic = lambda: time.monotonic() + seconds
        self._loop.call_soon_threadsafe(self.parts.queue._news.set)

    def deafen_to(self, *types: type[Any]) -> Callable[[], None]:
        """Keep watch events of these kinds from the hub, noted in `unheard`, until the answer is called."""
        intake: Any = self.parts.intake
        take = intake._take

        def take_others(seen: type[Any], kind: str | None, item: Any) -> None:
            if seen in types:
                self.unheard.append(f"{kind} {item.metadata.name}")
            else:
                take(seen, kind, item)

        def hear_again() -> None:
            intake._take = take

        intake._take = take_others
        return hear_again

    def resync(self, *types: type[Any]) -> None:
        """Have whole lists of these kinds compared now, and not in ten minutes."""
        for type_ in types:
            sweep = Work(Task.SWEEP, name=resource_of(type_).plural)
            self._loop.call_soon_threadsafe(self.parts.queue.add, sweep)

    async def until_heard(self, item: Any) -> None:
        """Wait until the hub has seen this version of an object, and has nothing left to do."""
        shelf = self.parts.store.shelf(type(item))
        key, version = key_of(item.metadata), int(item.metadata.resource_version)

        def is_heard() -> bool:
            seen = shelf.objects.get(key)
            return seen is not None and int(seen.metadata.resource_version) >= version

        await eventually(is_heard, f"the hub has seen {key}")
        await self.until_idle()

    async def until_idle(self) -> None:
        await eventually(lambda: self.parts.queue.oldest_seconds() == 0, "the hub has nothing left to do")

    async def until_read(self, resource: str) -> None:
        """Wait until the hub has read an object of a kind live."""
        count = lambda: self.metrics.value(REQUESTS, verb="get", resource=resource)  # noqa: E731
        before = count()
        await eventually(lambda: count() > before, f"the hub reads {resource}")

    async def writes(self) -> dict[str, int]:
        """Count its successful writes to jobs and Assignments so far, by verb and resource."""
        await self.until_idle()
        verbs = ("create", "patch", "delete", "deletecollection")
        resources = ("computejobs/status", "assignments")
        counts = {
            f"{verb} {resource}": sum(
                int(self.metrics.value(REQUESTS, verb=verb, resource=resource, code=code))
                for code in ("200", "201")
            )
            for verb in verbs
            for resource in resources
        }
        return {what: count for what, count in counts.items() if count}

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # shown by `stop`
            self.error = error

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        async with Client(self._config, manager=MANAGER, on_request=self.metrics.request) as client:
            if self._fault is not None:
                transport: Any = client.transport
                transport.send = self._fault.wrap(client.transport.send)
            self.hub = Hub(client, self.metrics)
            self._started.set()
            await run_with(self.hub, self.options, self._stop)

    async def _join(self) -> None:
        await eventually(lambda: not self._thread.is_alive(), "the hub's thread ends")
