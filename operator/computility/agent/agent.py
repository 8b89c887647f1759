"""The agent put together: its parts, and how long each of them runs."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from computility import __version__
from computility.agent.accounts import AccountsTable
from computility.agent.assignments import Assignments
from computility.agent.attempts import Attempts
from computility.agent.bookkeeping import Bookkeeping
from computility.agent.config import MemberSettings
from computility.agent.gate import Gate
from computility.agent.instants import HubTime, TranslatingWriter
from computility.agent.journal import Journal, JournalError
from computility.agent.loop import Loop
from computility.agent.membership import Membership
from computility.agent.orders import Orders, target_of
from computility.agent.perform import Performer
from computility.agent.pools import Pools
from computility.agent.reports import Reports
from computility.agent.schedule import Schedule
from computility.backends.protocol import Backend, Target
from computility.kube.client import Client
from computility.kube.lease import LeaseLock
from computility.lifecycle.agent_actions import (
    Burn,
    Cancel,
    Go,
    Note,
    NoteClaimsLost,
    NoteEnded,
    NoteStarted,
    Record,
    Release,
    Report,
    Settle,
    Submit,
    Tidy,
    WriteIntent,
)
from computility.model.names import AGENT_LEASE

_log = logging.getLogger(__name__)

KEEP_SETTLED = timedelta(days=30)
"""Of the hub's time: so long it may ask again about an attempt that has ended."""
PRUNE_SECONDS = 6 * 3600.0
DEFAULT_LEASE_SECONDS = 60
"""What the Lease promises until the hub has said the member's own terms."""


class Agent:
    """One member's agent over one backend; to be made inside a running event loop.

    Args:
        config: What the agent is told of its member.
        table: The centre's accounts.
        journal: Opened, and to be closed by whoever opened it.
        client: The hub, as this member's agent.
        backend: The centre.
        clock: Says what time it is at the centre; the backend must have the same one.
        hub_time: What time it is on the hub; unset means that it is the same there.
    """

    def __init__(
        self,
        config: MemberSettings,
        *,
        table: AccountsTable,
        journal: Journal,
        client: Client,
        backend: Backend,
        clock: Callable[[], datetime],
        hub_time: HubTime | None = None,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._hub_time = hub_time or HubTime(now=clock)
        instants, clock_factor = self._hub_time.instants, self._hub_time.clock_factor
        self.membership = self._build_membership(config, client)
        self.assignments = Assignments(client, config.namespace, self._wake, instants)
        self.attempts = Attempts(
            self.assignments,
            journal,
            backend,
            table,
            member_uid=lambda: self.membership.terms.member_uid,
            is_draining=lambda: self.membership.terms.drains,
            clock_factor=clock_factor,
            to_centre=self._hub_time.to_centre,
            clock=clock,
        )
        self.schedule = Schedule(self.attempts.lane, clock_factor=clock_factor)
        self.loop = Loop(
            self.attempts,
            self._build_performer(table, client, backend),
            self.schedule,
            clock=clock,
            is_holder=lambda: self.membership.is_holder,
            clock_factor=clock_factor,
        )
        self.pools = self._build_pools(config, table, client, backend)

    async def run(self) -> None:
        """Renew the Lease, and once the hub has accepted the member do its work, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.membership.keep())
            await self.membership.admission()
            tasks.create_task(self.assignments.follow())
            tasks.create_task(self.loop.run())
            tasks.create_task(self.pools.keep())
            tasks.create_task(self._prune())

    # The loop is made last; what wakes it is made before.
    def _wake(self, names: Iterable[str]) -> None:
        self.loop.wake(names)

    def _wake_all(self) -> None:
        self.loop.wake_all()

    async def _prune(self) -> None:
        """Keep the journal from growing for ever."""
        hub = self._hub_time
        while True:
            try:
                self._journal.prune(hub.before(hub.now() - KEEP_SETTLED))
            except JournalError as error:
                _log.warning("%s", error)
            await asyncio.sleep(PRUNE_SECONDS)

    def _holders(self) -> list[Target]:
        entries = self._journal.open_entries.values()
        return [target_of(e) for e in entries if e.submitted_at is not None and e.settled is None]

    def _build_membership(self, config: MemberSettings, client: Client) -> Membership:
        lock = LeaseLock(
            client,
            config.namespace,
            AGENT_LEASE,
            identity=self._journal.identity,
            duration_seconds=DEFAULT_LEASE_SECONDS,
        )
        return Membership(
            lock,
            heartbeat_seconds=config.heartbeat_seconds,
            version=__version__,
            clock=self._hub_time.now,
            on_change=self._wake_all,
        )

    def _build_pools(
        self, config: MemberSettings, table: AccountsTable, client: Client, backend: Backend
    ) -> Pools:
        return Pools(
            client,
            config.namespace,
            config.pools,
            table=table,
            backend=backend,
            ours=self._holders,
            troubles=self.attempts.troubles.summarize,
            clock=self._hub_time.now,
            clock_factor=self._hub_time.clock_factor,
        )

    def _build_performer(self, table: AccountsTable, client: Client, backend: Backend) -> Performer:
        books = Bookkeeping(self._journal, table, self._clock)
        orders = Orders(backend, self._journal, table, self._clock)
        instants, gate = self._hub_time.instants, Gate(self._hub_time.now)
        writer = client if instants is None else TranslatingWriter(client, instants)
        reports = Reports(writer, self.assignments, gate, self._journal.identity)
        return Performer(
            {
                WriteIntent: books.keep,
                Note: books.keep,
                NoteEnded: books.keep,
                NoteStarted: books.keep,
                NoteClaimsLost: books.keep,
                Settle: books.keep,
                Submit: orders.submit,
                Go: orders.go,
                Release: orders.release,
                Burn: orders.burn,
                Cancel: orders.cancel,
                Tidy: orders.tidy,
                Record: reports.report,
                Report: reports.report,
            },
            may_start=lambda: self.membership.may_start,
            forget_look=self.attempts.forget_look,
        )
