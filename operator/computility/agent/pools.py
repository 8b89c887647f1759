"""The member's pools on the hub: applied from the configuration, with what the centre has as status."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from computility.agent.accounts import AccountsTable
from computility.agent.config import PoolSettings
from computility.agent.forecaster import Forecaster
from computility.agent.log import brief
from computility.agent.pool_status import build_pool_status, is_worth_writing, with_troubles
from computility.backends.protocol import Backend, BackendUnreachable, PoolReport, Target
from computility.kube.client import Client
from computility.kube.errors import ApiError
from computility.model.meta import ObjectMeta
from computility.model.resource_pool import Access, BackendInfo, ResourcePool, ResourcePoolSpec

_log = logging.getLogger(__name__)

REPORT_SECONDS = 10.0
REFRESH = timedelta(minutes=5)
"""How old figures may get that do not change, and how long another's edit of a pool may stand."""


def build_pool(settings: PoolSettings, namespace: str, table: AccountsTable) -> ResourcePool | None:
    """Build the object for a configured pool: for tenants, with modules and MPIs that the centre's table has.

    Of those only the ones that the configuration names itself, if it names any. None when somebody else
    applies the pool.
    """
    if settings.spec is None:
        return None
    namespaces = _narrow(table.namespaces, settings.spec.access.namespaces)
    spec: ResourcePoolSpec = msgspec.structs.replace(
        settings.spec,
        access=Access(namespaces=namespaces),
        modules=_narrow(table.modules(settings.name), settings.spec.modules),
        mpi=_narrow(table.mpi(settings.name), settings.spec.mpi),
    )
    meta = ObjectMeta(name=settings.name, namespace=namespace, labels=dict(settings.labels))
    return ResourcePool(metadata=meta, spec=spec)


def _narrow(known: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Return what is known, of it only what is wanted if anything is named."""
    return tuple(name for name in known if not wanted or name in wanted)


class Pools:
    """Keeps the pools on the hub in step with the configuration and the centre.

    Args:
        client: The hub.
        namespace: The member's namespace there.
        settings: The configured pools; each stands in the table.
        table: The centre's accounts.
        backend: The centre.
        ours: The attempts that may hold something at the centre.
        troubles: Says what cannot be seen of them; "" if nothing.
        clock: Says what time it is on the hub.
        clock_factor: How many seconds pass at the centre in one of the hub's.
    """

    def __init__(
        self,
        client: Client,
        namespace: str,
        settings: Sequence[PoolSettings],
        *,
        table: AccountsTable,
        backend: Backend,
        ours: Callable[[], Sequence[Target]],
        troubles: Callable[[], str],
        clock: Callable[[], datetime],
        clock_factor: float = 1.0,
    ) -> None:
        self._client = client
        self._namespace = namespace
        self._settings = settings
        self._table = table
        self._backend = backend
        self._ours = ours
        self._troubles = troubles
        self._clock = clock
        self._clock_factor = clock_factor
        self._forecaster = Forecaster(backend, clock_factor)
        self._seen: dict[str, ResourcePool] = {}
        self._info = BackendInfo()
        self._apply_at: datetime | None = None
        self._describe_at: datetime | None = None

    async def keep(self) -> None:
        """Apply and report, for ever."""
        while True:
            await self.beat()
            await asyncio.sleep(REPORT_SECONDS)

    async def beat(self) -> None:
        """Apply what is to be applied, and report what has changed."""
        now = self._clock()
        if self._apply_at is None or now >= self._apply_at:
            self._seen.clear()
            self._apply_at = now + REFRESH
        if self._describe_at is None or now >= self._describe_at:
            await self._describe(now)
        partitions = sorted({self._partition(pool) for pool in self._settings})
        reports = await self._backend.capacity(partitions, self._ours())
        troubles = self._troubles()
        for pool in self._settings:
            report = with_troubles(reports[self._partition(pool)], troubles)
            await self._report(pool, report, now)

    async def _describe(self, now: datetime) -> None:
        """Ask which scheduler this is; while it is silent, again at every beat."""
        try:
            self._info = await self._backend.describe()
        except BackendUnreachable as error:
            _log.warning("the scheduler does not say which it is: %s", error)
            return
        self._describe_at = now + REFRESH

    def _partition(self, pool: PoolSettings) -> str:
        return self._table.pools[pool.name].partition

    async def _report(self, settings: PoolSettings, report: PoolReport, now: datetime) -> None:
        """Bring one pool and its status up to date; what fails is done again at the next beat."""
        try:
            seen = self._seen.get(settings.name) or await self._apply(settings)
            forecast = await self._forecaster.forecast(seen, report, now)
            status = build_pool_status(
                seen, report, self._info, now, forecast=forecast, clock_factor=self._clock_factor
            )
            if is_worth_writing(seen.status, status, REFRESH):
                seen = await self._client.write_status(seen, status)
            self._seen[settings.name] = seen
        except ApiError as error:
            self._seen.pop(settings.name, None)
            _log.warning('cannot report on pool "%s", trying again: %s', settings.name, brief(error))

    async def _apply(self, settings: PoolSettings) -> ResourcePool:
        pool = build_pool(settings, self._namespace, self._table)
        if pool is None:
            return await self._client.get(ResourcePool, self._namespace, settings.name)
        return await self._client.apply(pool)
