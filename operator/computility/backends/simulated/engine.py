"""A simulated centre: what can be asked of it, and what it can be told."""

from collections import deque
from collections.abc import Iterator, Mapping

from computility.backends.simulated import chances, course, faults, life
from computility.backends.simulated.capacity import Measured, read_figures
from computility.backends.simulated.centre import Centre
from computility.backends.simulated.config import CentreConfig
from computility.backends.simulated.forecast import forecast_start
from computility.backends.simulated.records import ALL_INDICES, Attempt, Task, Workload
from computility.backends.simulated.refusing import find_refusal
from computility.backends.simulated.requests import Refusal, Request
from computility.backends.simulated.saving import restore, take_changes
from computility.backends.simulated.turning import advance
from computility.model.index_set import IndexSet

__all__ = ["ControllerAway", "Engine", "Measured"]

_NOTHING = Attempt()


class ControllerAway(Exception):
    """The controller is in an outage; what needs it raises this, and nothing happened."""


class Engine:
    """One centre in virtual time: pure, seeded, without a clock of its own.

    Call `advance(now)` first, then ask or command: everything else happens at the engine's `clock`.
    What was commanded is scheduled when `advance` is called next, also with the same instant. Commands
    to the scheduler raise `ControllerAway` in an outage; `go`, `burn` and `claims` work on files, always.

    State: after any calls `changes()` returns the rows to write in one transaction (None deletes one);
    an engine built from all rows that were ever written goes on exactly as this one.

    Args:
        config: The centre; an engine from saved state needs the one that it had.
        state: The saved rows; empty for a new centre, whose clock starts `warm_up_seconds` before 0.

    Raises:
        ValueError: The configuration contradicts itself or the state; the message says where.
    """

    def __init__(self, config: CentreConfig, state: Mapping[str, bytes] | None = None) -> None:
        self._centre = centre = Centre(config)
        if state:
            restore(centre, state)
            chances.resume_chances(centre)
        else:
            chances.start_chances(centre)
            faults.turn_edge(centre)
        faults.plan_edges(centre)

    @property
    def clock(self) -> float:
        """The virtual time up to which everything has happened."""
        return self._centre.clock

    @property
    def is_up(self) -> bool:
        """Whether the controller answers."""
        return self._centre.is_up

    def advance(self, to: float) -> None:
        """Let everything happen that happens until then, that instant included; going back is a no-op."""
        deque(advance(self._centre, to), maxlen=0)

    def advancing(self, to: float) -> Iterator[None]:
        """Do what `advance` does, and yield after each instant at which something happened."""
        return advance(self._centre, to)

    def next_event_at(self) -> float | None:
        """Return when something may happen next: the clock itself if a command waits to be scheduled."""
        if self._centre.unsettled and self.is_up:
            return self.clock
        return self._centre.agenda.next_at()

    def submit(self, request: Request, *, held: bool = True) -> int | Refusal:
        """Take a submission in and return its id, or say why not; what is held waits for its release."""
        self._need_controller()
        if refusal := find_refusal(self._centre, request):
            return refusal
        workload = life.accept(self._centre, request)
        if not held:
            life.release(self._centre, workload)
        return workload.id

    def release(self, native_id: int, name: str) -> None:
        """Let a held workload queue; a no-op if it is not held, unknown or of another name."""
        for workload in self.find(name):
            if workload.id == native_id and workload.is_held and workload.pending:
                life.release(self._centre, workload)

    def cancel(self, name: str, tasks: IndexSet = ALL_INDICES) -> None:
        """End these tasks of every workload of the name: SIGTERM now, SIGKILL after the grace."""
        for workload in self.find(name):
            life.cancel(self._centre, workload, tasks)

    def find(self, name: str) -> list[Workload]:
        """Return what the controller knows under the name: ended ones too, for `min_job_age_seconds`."""
        self._need_controller()
        return [workload for workload in self._attempt(name).workloads if not workload.is_forgotten]

    def measure(self, partition: str) -> Measured | None:
        """Return the partition's figures of some seconds ago; None if there is no such partition."""
        self._need_controller()
        found = self._centre.partitions.get(partition)
        return read_figures(self._centre, self._centre.groups[found.group_name]) if found else None

    def forecast(
        self, partition: str, nodes: int, limit_seconds: float, *, sees_queue: bool = True
    ) -> float | None:
        """Return in how many seconds a job on whole nodes would start; None if that cannot be told.

        `sees_queue` false is for those from whom others' jobs are hidden: what backfill would start is late.
        """
        self._need_controller()
        found = self._centre.partitions.get(partition)
        if found is None:
            return None
        group = self._centre.groups[found.group_name]
        return forecast_start(group, nodes, limit_seconds, self.clock, sees_queue=sees_queue)

    def go(self, name: str) -> None:
        """Allow the payloads of an attempt to start; those whose tasks wait for it start now."""
        attempt = self._centre.attempt(name)
        if attempt.go:
            return
        attempt.go = True
        self._centre.touched.add(("attempt", name))
        for workload, task in attempt.claims.values():
            if course.is_waiting(task):
                course.begin(task, workload.request, self.clock)
                self._centre.plan(workload, task)

    def burn(self, name: str, indices: IndexSet = ALL_INDICES) -> None:
        """Take these claims unless a task has them: no payload of theirs can ever start."""
        attempt = self._centre.attempt(name)
        attempt.burned = attempt.burned | (indices - IndexSet.of(attempt.claims))
        self._centre.touched.add(("attempt", name))

    def knows(self, name: str) -> bool:
        """Whether anything is kept of an attempt: submitted, told to go or burned, and not forgotten."""
        return name in self._centre.attempts

    def has_go(self, name: str) -> bool:
        """Whether `go` was said."""
        return self._attempt(name).go

    def burned(self, name: str) -> IndexSet:
        """Return the claims that were burned."""
        return self._attempt(name).burned

    def claims(self, name: str) -> Mapping[int, tuple[Workload, Task]]:
        """Return the task that took each claimed index, running or over, known to the controller or not."""
        return self._attempt(name).claims

    def forget(self, name: str) -> None:
        """Drop everything of an attempt whose workloads are over; a no-op while one is not."""
        attempt = self._attempt(name)
        if any(workload.ended_at is None for workload in attempt.workloads):
            return
        for workload in attempt.workloads:
            life.drop(self._centre, workload)
        if self._centre.attempts.pop(name, None):
            self._centre.touched.add(("attempt", name))

    def fail_node(self, group: str, node: int, *, repair_seconds: float) -> None:
        """Let a node die now; the controller notices after the configured delay."""
        random = self._centre.chance.stream("by hand", group, node, self.clock)
        faults.fail_node(self._centre, self._centre.groups[group], node, repair_seconds, random)

    def crash(self, *, forgets_seconds: float, restart_seconds: float) -> None:
        """Let the controller crash now: it forgets what came in the last seconds, and reuses the ids."""
        faults.crash(self._centre, forgets_seconds, restart_seconds)

    def go_away(self, seconds: float) -> None:
        """Begin an outage of the controller."""
        faults.go_away(self._centre, self.clock + seconds)

    def drain(self, group: str, nodes: IndexSet) -> None:
        """Let these nodes take no new work; what runs there goes on. Replaces what was drained before."""
        found = self._centre.groups[group]
        found.drained_by_hand = nodes.bits & found.all_nodes
        faults.refresh_nodes(self._centre, found)

    def changes(self) -> dict[str, bytes | None]:
        """Return the rows that changed since the last call."""
        return take_changes(self._centre)

    def _attempt(self, name: str) -> Attempt:
        return self._centre.attempts.get(name, _NOTHING)

    def _need_controller(self) -> None:
        if not self.is_up:
            raise ControllerAway(f"the controller is away until {self._centre.counters.away_until:.1f} s")
