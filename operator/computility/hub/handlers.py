"""Kopf's part in the hub: start-up, credentials, watches, shutdown. The only module that imports it.

Kopf names the objects to look at and nothing else: no change detection, no patches, no annotations, no
finalizers, no timers. All of those write to the objects, and none survives a failed write.
"""

import asyncio
import copy
import itertools
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import kopf

from computility.hub.follow import FOLLOWED
from computility.hub.intake import Intake
from computility.hub.service import Service
from computility.hub.store import KINDS
from computility.hub.sweep import AGENT_LEASES
from computility.kube.config import ClusterConfig
from computility.kube.resource import Object, resource_of
from computility.kube.session import Session

SERVER_TIMEOUT_SECONDS = 270  # a whole number: the API server refuses 270.0
_RELOGIN_SECONDS = 1.0


async def run_operator(service: Service, intake: Intake, config: ClusterConfig, stop: asyncio.Event) -> None:
    """Run Kopf, and the hub's own half from its start to its end, until told to stop or signalled."""
    # Kopf tells of each handled event at INFO: that would cost a third of its time.
    logging.getLogger("kopf").setLevel(logging.WARNING)
    await kopf.operator(
        registry=build_registry(service, intake, config, stop),
        settings=build_settings(),
        clusterwide=True,
        standalone=True,
        stop_flag=stop,
    )


def build_registry(
    service: Service, intake: Intake, config: ClusterConfig, stop: asyncio.Event
) -> kopf.OperatorRegistry:
    """Register what Kopf shall call."""
    registry = kopf.OperatorRegistry()

    @kopf.on.startup(registry=registry)
    async def start(**_: Any) -> None:
        service.start(on_failure=stop.set)

    @kopf.on.cleanup(registry=registry)
    async def end(**_: Any) -> None:
        stop.set()  # after a signal Kopf would wait 5 s for its own task that waits for this
        await service.stop()

    kopf.on.login(registry=registry)(_login_by(config))
    for type_ in (kind for kind in KINDS if kind not in FOLLOWED):
        resource = resource_of(type_)
        on_event = kopf.on.event(resource.group, resource.version, resource.plural, registry=registry)
        on_event(_take_events(type_, intake))
    return registry


def build_settings() -> kopf.OperatorSettings:
    """Turn off whatever would write to objects, and keep the watches going whatever the server does."""
    settings = kopf.OperatorSettings()
    settings.persistence.diffbase_storage = NoDiffBase()
    settings.persistence.progress_storage = NoProgress()
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.queueing.idle_timeout = 0.5
    settings.watching.server_timeout = SERVER_TIMEOUT_SECONDS
    settings.watching.client_timeout = SERVER_TIMEOUT_SECONDS + 30
    settings.watching.chunk_size = 500
    settings.watching.field_selectors["coordination.k8s.io", "leases"] = AGENT_LEASES
    settings.networking.request_timeout = 60.0
    settings.networking.connect_timeout = 10.0
    settings.networking.error_backoffs = Unending()
    settings.process.ultimate_exiting_timeout = 20.0
    return settings


class Unending:
    """Waits between tries of a request, without end: Kopf would end the process after the last one."""

    def __iter__(self) -> Iterator[float]:
        for seconds in itertools.chain((0.2, 0.5, 1, 2, 5), itertools.repeat(10)):
            yield seconds * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load


class NoDiffBase(kopf.DiffBaseStorage):
    """Keeps no last-seen state, and builds none: that would copy each object for each event."""

    def build(self, **_: Any) -> Any:
        return {}

    def fetch(self, **_: Any) -> Any:
        return None

    def store(self, **_: Any) -> None:
        return None


class NoProgress(kopf.ProgressStorage):
    """Keeps no handlers' progress."""

    def fetch(self, **_: Any) -> Any:
        return None

    def store(self, **_: Any) -> None:
        return None

    def purge(self, **_: Any) -> None:
        return None

    def touch(self, **_: Any) -> None:
        return None

    def clear(self, *, essence: Any) -> Any:
        return copy.copy(essence)


def _take_events(type_: type[Object], intake: Intake) -> Callable[..., Awaitable[None]]:
    async def take_event(event: Any, **_: Any) -> None:
        intake.take_event(type_, event["type"], event["object"])

    return take_event


def _login_by(config: ClusterConfig) -> Callable[..., Awaitable[kopf.AiohttpSession]]:
    """Lend Kopf a session of its own: it closes the one it has when its token is refused, and at its end."""
    logins = itertools.count()

    async def login(**_: Any) -> kopf.AiohttpSession:
        if next(logins):
            await asyncio.sleep(_RELOGIN_SECONDS)
            config.credentials.reread(time.monotonic())
        session = Session(config, "computility-hub")
        session.authorize(time.monotonic())
        return kopf.AiohttpSession(server=config.server, aiohttp_session=session.aiohttp)

    return login
