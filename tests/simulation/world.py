"""The seeded world: users, two hubs, two members, and all that may go wrong between any two effects."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from computility.lifecycle import chunks
from computility.lifecycle.job import decide_job
from computility.model.assignment import Assignment
from computility.model.compute_job import (
    ComputeJob,
    ComputeJobSpec,
    ComputeJobStatus,
)
from computility.model.meta import Key, ObjectMeta
from computility.model.names import member_namespace
from computility.placement.snapshot import PoolFacts, Snapshot
from simulation.agent import SimAgent
from simulation.api import Api, Violation
from simulation.centre import Centre
from simulation.checks import check, check_answered_again, check_healed
from simulation.choices import NOON, TENANT, choose_spec, make_pool, with_deadline
from simulation.hub import SimHub
from simulation.mutants import decide_without_tombstone

SMALL_CHUNK = 2
"""Arrays are small here, and their chunks as well, so that some have several."""


@dataclass(frozen=True)
class Rules:
    """The protective rules; each can be switched off to see that the checks then fail."""

    look_up: bool = True
    hold: bool = True
    claim: bool = True
    compare_and_swap: bool = True
    tombstone: bool = True


ALL_RULES = Rules()


class World:
    """One seed's world. `run()` walks it, heals it and checks it after each step."""

    def __init__(self, seed: int, rules: Rules = ALL_RULES, *, steps: int = 160) -> None:
        self.seed, self.steps = seed, steps
        self.rng = random.Random(seed)
        self.now = NOON
        self.api = Api(compare_and_swap=rules.compare_and_swap)
        decide = decide_job if rules.tombstone else decide_without_tombstone
        self.pools = self._choose_pools()
        self.live: Counter[tuple[str, str]] = Counter()
        self.snapshot = Snapshot()
        self.silent: set[str] = set()
        self.removed: set[str] = set()
        self.hubs = [SimHub(self.api, self.rng, self.facts, self.removed, decide) for _ in range(2)]
        self.hubs[0].leads = True
        self.agents = [
            self._member("good", rules, refuses=False),
            self._member("broken", rules, refuses=True),
        ]
        self.asleep: SimHub | None = None
        self.seen: dict[str, ComputeJobStatus] = {}
        self.recorded: dict[str, set[str]] = {}
        self.checked: dict[str, int] = {}
        self.read = 0
        self.starts_checked = 0
        self.specs: dict[str, tuple[ComputeJobSpec, str]] = {}
        """The spec and uid of each job by the part of its attempts' names that is its own."""
        self.users = 0
        self.taken: Counter[str] = Counter()

    def _member(self, name: str, rules: Rules, *, refuses: bool) -> SimAgent:
        centre = Centre(self.rng, hold=rules.hold, claim=rules.claim, look_up=rules.look_up)
        is_atomic = not refuses and rules == ALL_RULES and self.rng.random() < 0.25
        namespace = member_namespace(name)
        return SimAgent(self.api, centre, self.rng, namespace, refuses=refuses, is_atomic=is_atomic)

    def _choose_pools(self) -> tuple[PoolFacts, ...]:
        broken_price = "1" if self.rng.random() < 0.3 else "3"
        room = 1 if self.rng.random() < 0.2 else 100
        return make_pool("broken", broken_price, room), make_pool("good", "2", room)

    def facts(self, jobs: Iterable[ComputeJob]) -> Snapshot:
        """Return what a hub that knows of these jobs knows of the pools."""
        self.live.clear()
        self.live.update(
            (a.member, a.pool) for j in jobs for a in j.status.attempts if not a.state.is_terminal
        )
        pools = tuple(
            msgspec.structs.replace(p, silent=p.member in self.silent)
            for p in self.pools
            if p.member_uid not in self.removed
        )
        if pools != self.snapshot.pools:
            self.snapshot = Snapshot(pools=pools, live=self.live)
        return self.snapshot

    # The walk -------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Walk `steps` steps with at least one fault, heal, and settle.

        Raises:
            Violation: A promise was broken; the message names the seed and the step.
        """
        size, chunks.CHUNK_SIZE = chunks.CHUNK_SIZE, SMALL_CHUNK
        try:
            self._walk()
            self.heal()
        finally:
            chunks.CHUNK_SIZE = size

    def _walk(self) -> None:
        self.create_job()
        fault_at = self.rng.randrange(self.steps)
        for step in range(self.steps):
            names, weights = (FAULTS, FAULT_WEIGHTS) if step == fault_at else (STEPS, STEP_WEIGHTS)
            self.take(self.rng.choices(names, weights)[0])

    def take(self, name: str) -> None:
        self.taken[name] += 1
        getattr(self, name)()
        check(self)

    def heal(self) -> None:
        """Stop all faults, wake everybody, and let time pass until nothing moves any more."""
        self.asleep = None
        self.silent.clear()
        self.resume_job()
        if self.removed:
            # Nobody is left to run what waits: its users give it up.
            for key in sorted(self.api.shelves[ComputeJob].objects):
                self.api.cancel_job(key)
        for agent in self.agents:
            agent.faulty = agent.is_draining = False
            agent.centre.show_all()
        for _ in range(600):
            self.now += timedelta(seconds=1 if self.rng.random() < 0.5 else 5)
            self.taken["settle"] += 1
            self._settle_round()
            check(self)
            if self._is_quiet():
                break
        check_healed(self)

    def make_assignments_again(self) -> None:
        """Have a hub that slept through all of it create what it meant to create, long after the end.

        Raises:
            Violation: Something started for it, or the end was not told.
        """
        for agent in self.heard:
            for entry in agent.journal.values():
                meta = ObjectMeta(name=entry.name, namespace=agent.namespace)
                self.api.create(Assignment(metadata=meta, spec=entry.spec))
        for _ in range(20):
            self.now += timedelta(seconds=1)
            for agent in self.agents:
                agent.centre.tick(self.now)
                agent.live(self.now)
            check(self)
        check_answered_again(self)

    def _settle_round(self) -> None:
        for agent in self.agents:
            agent.centre.tick(self.now)
            agent.live(self.now)
        for hub in self.hubs:
            hub.assignments.deliver(100)
            hub.jobs.deliver(100)
            while hub.pending:
                hub.step(self.now)
        hub = next(h for h in self.hubs if h.leads)
        for target in hub.targets():
            hub.look_at(target, self.now)
            while hub.pending:
                hub.step(self.now)

    def _is_quiet(self) -> bool:
        jobs = self.api.shelves[ComputeJob].objects.values()
        return (
            all(j.status.phase and j.status.phase.is_terminal for j in jobs)
            and not self.api.shelves[Assignment].objects
            and not any(a.centre.leftovers() for a in self.heard)
            and not any(entry.is_open for a in self.heard for entry in a.journal.values())
        )

    @property
    def heard(self) -> list[SimAgent]:
        """The agents of the members that there are."""
        return [agent for agent in self.agents if not agent.is_locked_out]

    # Steps ----------------------------------------------------------------------------------------------

    def hub_step(self) -> None:
        awake = [h for h in self.hubs if h is not self.asleep]
        self.rng.choice(awake).step(self.now)

    def agent_step(self) -> None:
        self.rng.choice((self.agents[0], self.agents[0], self.agents[1])).step(self.now)

    def hub_hears(self) -> None:
        for hub in self.hubs:
            if hub is not self.asleep:
                hub.deliver(self.rng)

    def agent_hears(self) -> None:
        for agent in self.agents:
            agent.assignments.deliver(self.rng.choice((1, 2)))

    def centre_ticks(self) -> None:
        self.now += timedelta(seconds=self.rng.choice((0.1, 0.5, 1, 3)))
        for agent in self.agents:
            agent.centre.tick(self.now)

    def create_job(self) -> None:
        if self.users < 4:
            self.users += 1
            self._create(f"job-{self.rng.randrange(3)}")

    def _create(self, name: str) -> None:
        key = Key(TENANT, name)
        if self.api.get(ComputeJob, key) is None:
            uid = f"{self.rng.getrandbits(128):032x}"
            meta = ObjectMeta(name=name, namespace=TENANT, uid=uid, generation=1, creation_timestamp=self.now)
            job = ComputeJob(metadata=meta, spec=with_deadline(choose_spec(self.rng), uid, self.now))
            self.specs[uid] = job.spec, uid
            self.api.create(job)

    def cancel_job(self) -> None:
        key = self._some_job()
        if key is not None:
            self.api.cancel_job(key)

    def suspend_job(self) -> None:
        key = self._some_job()
        if key is not None:
            self.api.suspend_job(key, suspend=True)

    def resume_job(self) -> None:
        for key in sorted(self.api.shelves[ComputeJob].objects):
            self.api.suspend_job(key, suspend=False)

    def delete_job(self) -> None:
        key = self._some_job()
        if key is not None:
            job = self.api.get(ComputeJob, key)
            assert job is not None
            self.api.delete(ComputeJob, key, job.metadata.uid)

    def replace_job(self) -> None:
        key = self._some_job()
        if key is not None:
            self.delete_job()
            self._create(key.name)

    def _some_job(self) -> Key | None:
        keys = sorted(self.api.shelves[ComputeJob].objects)
        return self.rng.choice(keys) if keys else None

    # Faults ---------------------------------------------------------------------------------------------

    def hub_crashes(self) -> None:
        self.rng.choice(self.hubs).crash()

    def agent_crashes(self) -> None:
        self.rng.choice(self.agents).crash()

    def leader_sleeps(self) -> None:
        """The leader stalls between two effects; the other takes over; later the first goes on."""
        if self.asleep is not None:
            self.asleep = None
            return
        leader = next(h for h in self.hubs if h.leads)
        other = next(h for h in self.hubs if not h.leads)
        leader.leads, other.leads = False, True
        other.assignments.relist()
        other.jobs.relist()
        self.asleep = leader

    def controller_crashes(self) -> None:
        self._any_centre().crash_controller(self.now)

    def workload_hidden(self) -> None:
        self._any_centre().hide_or_show()

    def claim_destroyed(self) -> None:
        self._any_centre().destroy_claim()

    def workload_requeued(self) -> None:
        self._any_centre().requeue(self.now)

    def centre_meddles(self) -> None:
        self._any_centre().meddle(self.now)

    def member_falls_silent(self) -> None:
        """A member stops renewing its lease, or begins again."""
        self.silent ^= {self.rng.choice(self.pools).member}

    def member_drains(self) -> None:
        """A member gives back what has not started, or takes work again."""
        agent = self.rng.choice(self.agents)
        agent.is_draining = not agent.is_draining

    def member_removed(self) -> None:
        """An administrator tears a member out: its namespace goes, and what runs there runs on."""
        agent = self.agents[0]
        if self.rng.random() < 0.1 and not agent.is_locked_out:
            agent.is_locked_out = True
            self.removed.add("uid-good")
            self.api.delete_namespace(agent.namespace)

    def assignment_vanishes(self) -> None:
        """Somebody deletes an Assignment by hand."""
        keys = sorted(self.api.shelves[Assignment].objects)
        if keys:
            key = self.rng.choice(keys)
            self.api.delete(Assignment, key, self.api.shelves[Assignment].objects[key].metadata.uid)

    def _any_centre(self) -> Centre:
        return self.agents[0].centre


STEP_MIX: dict[str, float] = {
    "hub_step": 28,
    "agent_step": 30,
    "hub_hears": 14,
    "agent_hears": 12,
    "centre_ticks": 16,
    "create_job": 2,
    "cancel_job": 0.5,
    "suspend_job": 0.5,
    "resume_job": 1.5,
    "delete_job": 0.25,
    "replace_job": 0.25,
    "hub_crashes": 0.7,
    "agent_crashes": 2,
    "leader_sleeps": 1.2,
    "controller_crashes": 1,
    "workload_requeued": 1.5,
    "workload_hidden": 1,
    "claim_destroyed": 0.5,
    "centre_meddles": 0.5,
    "assignment_vanishes": 0.3,
    "member_falls_silent": 0.6,
    "member_drains": 0.3,
    "member_removed": 0.2,
}
STEPS, STEP_WEIGHTS = tuple(STEP_MIX), tuple(STEP_MIX.values())
FAULTS = STEPS[STEPS.index("hub_crashes") :]
FAULT_WEIGHTS = tuple(1.0 for _ in FAULTS)


__all__ = ["ALL_RULES", "Rules", "Violation", "World"]
