"""Looks at a simulated centre: what its controller shows and what the attempts' files say, put together."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from computility.backends.protocol import BackendUnreachable, Target
from computility.backends.simulated.clock import VirtualClock
from computility.backends.simulated.engine import Engine
from computility.backends.simulated.sights import BURNED, see_claim, see_workloads
from computility.backends.simulated.store import Store
from computility.lifecycle.evidence import IndexLook, Look, Result, SeenWorkload
from computility.model.index_set import IndexSet
from computility.model.names import ASSIGNMENT_NAME

TAIL_BYTES = 2048


def key_of(target: Target) -> str:
    """Return the attempt's name at the centre: another account's attempt is another one."""
    return f"{target.account}/{target.name}"


def complain_of(account: str) -> str:
    """Say that the centre does not let the agent act as an account."""
    return f'the centre lets the agent act as no account "{account}": add it to the tenants of the member'


class Looker:
    """Reads a centre.

    Args:
        engine: The centre.
        store: What of it is on disk only.
        clock: Its time.
        accounts: Local accounts that the agent may act as; of others nothing can be read.
        cluster: The scheduler's name of its cluster.
    """

    def __init__(
        self, engine: Engine, store: Store, clock: VirtualClock, *, accounts: Collection[str], cluster: str
    ) -> None:
        self._engine = engine
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._cluster = cluster

    def look(self, targets: Sequence[Target]) -> Mapping[str, Look]:
        """Look at these; of all of them nothing can be said while it cannot be put on disk."""
        try:
            self._store.flush()
        except BackendUnreachable as error:
            return {target.name: self._see_nothing(str(error)) for target in targets}
        return {target.name: self.see(target) for target in targets}

    def see(self, target: Target) -> Look:
        """Look at one attempt."""
        if target.account not in self._accounts:
            return self._see_nothing(complain_of(target.account))
        if ASSIGNMENT_NAME.fullmatch(target.name) is None:
            return self._see_nothing("this is not the name of an attempt")
        tidied = None if self._engine.knows(key_of(target)) else self._store.tidied(key_of(target))
        if tidied is not None:
            return msgspec.structs.replace(tidied, taken_at=self._now())
        return self._see_open(target)

    def claimed(self, target: Target) -> IndexSet:
        """Return the indices of the attempt whose claim somebody has."""
        if self.is_tidied(target):
            return target.all_indices
        key = key_of(target)
        return IndexSet.of(self._engine.claims(key)) | self._engine.burned(key)

    def is_tidied(self, target: Target) -> bool:
        """Whether only a look at it is left: the engine has forgotten it then."""
        return not self._engine.knows(key_of(target)) and self._store.has_tidied(key_of(target))

    def is_over(self, target: Target) -> bool:
        """Whether nothing of the attempt can happen any more: all is claimed, and no workload is left."""
        is_claimed = not target.all_indices - self.claimed(target)
        return is_claimed and all(w.is_ended for w in self._see_workloads(target))

    def _see_open(self, target: Target) -> Look:
        key, is_up = key_of(target), self._engine.is_up
        indices = dict(self._see_indices(target))
        tail_index = _choose_tail({i: seen.result for i, seen in indices.items() if seen.result})
        return Look(
            taken_at=self._now(),
            complete=is_up,
            workloads=tuple(self._see_workloads(target)) if is_up else (),
            indices=indices,
            go=self._engine.has_go(key),
            tail_index=tail_index,
            stdout_tail="" if tail_index is None else self._tail(target),
            problem="" if is_up else f'the controller of "{self._cluster}" does not answer',
        )

    def _see_workloads(self, target: Target) -> Iterator[SeenWorkload]:
        now = self._engine.clock
        for workload in self._engine.find(key_of(target)):
            yield from see_workloads(target, workload, self._clock.at, now, self._cluster)

    def _see_indices(self, target: Target) -> Iterator[tuple[int, IndexLook]]:
        key = key_of(target)
        for index in self._engine.burned(key) & target.indices:
            yield index, BURNED
        for index, (workload, task) in self._engine.claims(key).items():
            if index in target.indices:
                yield index, see_claim(workload, task, self._clock.at)

    def _tail(self, target: Target) -> str:
        said = self._store.output(key_of(target))
        text = f"simulated: nothing was executed for {target.name}\n" if said is None else said
        return text.encode()[-TAIL_BYTES:].decode(errors="ignore")

    def _now(self) -> datetime:
        """Return the instant up to which everything has happened."""
        return self._clock.at(self._engine.clock)

    def _see_nothing(self, problem: str) -> Look:
        return Look(taken_at=self._now(), complete=False, problem=problem)


def _choose_tail(results: Mapping[int, Result]) -> int | None:
    """Choose whose output is shown: of the first that ended badly, else of the first."""
    bad = [index for index, result in results.items() if result.exit_code != 0]
    return min(bad or results, default=None)
