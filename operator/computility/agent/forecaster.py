"""Asks the centre once a minute when jobs would start, for each pool."""

import logging
from datetime import datetime, timedelta
from typing import NamedTuple

from computility.agent.forecasts import build_asks, build_forecast
from computility.backends.protocol import Backend, BackendUnreachable, PoolReport
from computility.model.pool_facts import StartForecast
from computility.model.resource_pool import ResourcePool

_log = logging.getLogger(__name__)

INTERVAL = timedelta(seconds=60)
SILENT_INTERVAL = timedelta(minutes=5)
"""A scheduler that did not answer is asked again, for any pool, only then: what it has is told meanwhile."""


class Told(NamedTuple):
    """What was told last of a pool, and when the centre was asked."""

    asked_at: datetime
    forecast: tuple[StartForecast, ...]


class Forecaster:
    """Keeps what is told of each pool.

    A centre whose time runs faster than the hub's is not asked: its answer would be past before it is read.

    Args:
        backend: The centre.
        clock_factor: How many seconds pass at the centre in one of the hub's.
    """

    def __init__(self, backend: Backend, clock_factor: float) -> None:
        self._backend = backend
        self._is_asked = clock_factor == 1
        self._told: dict[str, Told] = {}
        self._silent_until: datetime | None = None

    async def forecast(
        self, pool: ResourcePool, report: PoolReport, now: datetime
    ) -> tuple[StartForecast, ...]:
        """Return what the scheduler says of a pool, at most a minute old; nothing where it is silent."""
        name = pool.metadata.name
        if not self._is_asked or not report.total.nodes:
            self._told.pop(name, None)
            return ()
        told = self._told.get(name)
        if told is None or now >= told.asked_at + INTERVAL:
            before = told.forecast if told else pool.status.forecast
            told = self._told[name] = Told(now, await self._ask(pool, report.partition, now, before))
        return told.forecast

    async def _ask(
        self, pool: ResourcePool, partition: str, now: datetime, before: tuple[StartForecast, ...]
    ) -> tuple[StartForecast, ...]:
        if self._silent_until is not None and now < self._silent_until:
            return ()
        asks = build_asks(pool.spec, partition)
        try:
            starts = await self._backend.forecast(asks)
        except BackendUnreachable as error:
            _log.warning('the scheduler does not say when jobs of "%s" would start: %s', partition, error)
            self._silent_until = now + SILENT_INTERVAL
            return ()
        return build_forecast(asks, starts, now, before)
