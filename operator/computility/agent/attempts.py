"""What is known of each attempt, put together from the hub's word, the journal and the centre."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from computility.agent.accounts import AccountsTable, resolve
from computility.agent.assignments import Assignments
from computility.agent.instants import Convert, unchanged
from computility.agent.journal import Journal
from computility.agent.orders import target_of
from computility.agent.troubles import Troubles
from computility.backends.protocol import Backend
from computility.kube.errors import ApiError
from computility.lifecycle.attempt_view import AttemptView
from computility.lifecycle.entry import Entry, Refusal
from computility.lifecycle.evidence import Look
from computility.model.assignment import Assignment
from computility.model.index_set import IndexSet

_log = logging.getLogger(__name__)


class Attempts:
    """Reads what decisions need; the one place where looks are kept.

    Attributes:
        troubles: What the looks could not see.

    Args:
        assignments: The hub's word.
        journal: Our own.
        backend: The centre.
        table: The centre's accounts.
        member_uid: Says which member the hub takes us for.
        is_draining: Whether the member shall give back what has not started.
        clock_factor: How many seconds of `clock` pass in one of the hub's.
        to_centre: Turns an instant of the hub's into one of `clock`'s.
        clock: Says what time it is.
    """

    def __init__(
        self,
        assignments: Assignments,
        journal: Journal,
        backend: Backend,
        table: AccountsTable,
        *,
        member_uid: Callable[[], str],
        is_draining: Callable[[], bool] = lambda: False,
        clock_factor: float = 1.0,
        to_centre: Convert = unchanged,
        clock: Callable[[], datetime],
    ) -> None:
        self._assignments = assignments
        self._journal = journal
        self._backend = backend
        self._table = table
        self._member_uid = member_uid
        self._is_draining = is_draining
        self._clock_factor = clock_factor
        self._to_centre = to_centre
        self._clock = clock
        self._looks: dict[str, Look] = {}
        self.troubles = Troubles(lambda name: name in journal.open_entries)

    def names(self) -> set[str]:
        """Return the names of all attempts that may need something done."""
        return self._assignments.names() | self._journal.open_entries.keys()

    def lane(self, name: str) -> str:
        """Return the account that an attempt needs at the centre; "" while it needs none."""
        entry = self._journal.open_entries.get(name)
        return entry.account if entry is not None else ""

    async def look(self, names: Iterable[str]) -> None:
        """Look at these at the centre, in one batch; those that it has nothing of are left out."""
        entries = [entry for entry in map(self._journal.open_entries.get, names) if entry and entry.account]
        if entries:
            targets = [target_of(entry, _asked(entry)) for entry in entries]
            looks = await self._backend.look(targets)
            self._looks.update(looks)
            self.troubles.hear(targets, looks)

    def forget_look(self, name: str) -> None:
        """Let go of a look that an effect has overtaken."""
        self._looks.pop(name, None)

    async def views(self, names: Iterable[str]) -> list[AttemptView]:
        """Put together what is known of these attempts; one that cannot be read is left out."""
        views = await asyncio.gather(*(self._try_view(name) for name in names))
        return [view for view in views if view is not None]

    async def _try_view(self, name: str) -> AttemptView | None:
        try:
            return await self._view(name)
        except Exception:
            _log.exception("cannot put together what is known of %s", name)
            return None

    async def _view(self, name: str) -> AttemptView:
        entry = self._journal.get(name)
        # Asked before the copy is read: the question itself may bring the Assignment back.
        is_gone = await self._is_gone(name, entry)
        assignment = self._assignments.get(name)
        return AttemptView(
            name=name,
            assignment=assignment,
            is_gone=is_gone,
            entry=entry,
            look=self._looks.get(name),
            refusal=self._refusal(assignment) if assignment and entry is None else None,
            is_atomic=self._backend.is_atomic,
            is_draining=self._is_draining(),
            start_by=self._start_by(entry),
            clock_factor=self._clock_factor,
        )

    def _start_by(self, entry: Entry | None) -> datetime | None:
        work = entry.spec.job if entry else None
        if work is None or work.start_by is None:
            return None
        try:
            return self._to_centre(work.start_by)
        except OverflowError:  # a far deadline lies beyond a fast clock's calendar
            return None

    async def _is_gone(self, name: str, entry: Entry | None) -> bool:
        if entry is None or not entry.is_open or self._assignments.get(name) is not None:
            return False
        try:
            return await self._assignments.is_gone(name)
        except ApiError:
            return False

    def _refusal(self, assignment: Assignment) -> Refusal | None:
        terms = resolve(self._table, assignment, self._member_uid())
        return terms if isinstance(terms, Refusal) else None


def _asked(entry: Entry) -> IndexSet:
    """Return what to look at: what has not ended yet; once all has, whatever is there."""
    return entry.open_indices or entry.indices
