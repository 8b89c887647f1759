"""What must hold after each step, and once the world has healed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from computility.lifecycle.evidence import ClaimHolder
from computility.model.assignment import Assignment
from computility.model.compute_job import AttemptState, ComputeJob, Phase
from computility.model.meta import Key
from computility.model.names import assignment_name
from simulation.api import Violation

if TYPE_CHECKING:
    from simulation.world import World


def check(world: World) -> None:
    """Check the promises that hold at every moment.

    Raises:
        Violation: One does not; the message names seed, promise and attempt.
    """
    starts = [s for agent in world.agents for s in agent.centre.starts]
    _each_payload_starts_at_most_once(world, [s.name for s in starts])
    _never_two_at_once(world)
    for job in world.api.shelves[ComputeJob].objects.values():
        _status_only_goes_forward(world, job)
    _no_start_before_the_record(world)
    _no_start_after_the_end(world)
    _what_is_tidied_keeps_its_claim(world)


def check_healed(world: World) -> None:
    """Check what must be so once nothing moves any more."""
    for job in world.api.shelves[ComputeJob].objects.values():
        if job.status.phase is None or not job.status.phase.is_terminal:
            _fail(world, "every job ends after healing", f"{job.metadata.uid} is {job.status.phase}")
        if job.status.phase is Phase.SUCCEEDED:
            _succeeded_for_real(world, job)
    left = [n for agent in world.agents for n in agent.centre.leftovers()]
    if left:
        _fail(world, "no orphan is left at a centre", str(left))
    untidied = [n for agent in world.agents for n, entry in agent.journal.items() if entry.is_open]
    if untidied:
        _fail(world, "every attempt that came to a centre is tidied", str(untidied))
    if world.api.shelves[Assignment].objects:
        _fail(world, "no Assignment is left", str(list(world.api.shelves[Assignment].objects)))


def check_answered_again(world: World) -> None:
    """Check that every Assignment which was made again has been told the end that its journal knows."""
    for agent in world.agents:
        for entry in agent.journal.values():
            again = world.api.get(Assignment, Key(agent.namespace, entry.name))
            assert entry.settled is not None
            told = again.status.state if again else None
            if told is not entry.settled.state:
                _fail(world, "a tidied attempt is still answered for", f"{entry.name}: {told}")


def _each_payload_starts_at_most_once(world: World, names: list[str]) -> None:
    if len(names) == len(set(names)) == len({_job_part(n) for n in names}):
        return
    tampered = {n for agent in world.agents for n in agent.centre.tampered}
    for name, count in Counter(names).items():
        if count > 1 and name not in tampered:
            _fail(world, "an attempt's payload starts at most once", f"{name} started {count} times")
    for job, count in Counter(_job_part(n) for n in set(names)).items():
        if count > 1:
            _fail(world, "a job's payload starts at most once", f"{job} started {count} times")


def _never_two_at_once(world: World) -> None:
    running = [_job_part(n) for agent in world.agents for n in agent.centre.running()]
    if len(running) != len(set(running)):
        _fail(world, "never two attempts of a job at once", str(running))


def _status_only_goes_forward(world: World, job: ComputeJob) -> None:
    uid, status = job.metadata.uid, job.status
    before = world.seen.get(uid)
    world.seen[uid] = status
    if before is None or before is status:
        return
    if status.last_ordinal < before.last_ordinal:
        _fail(world, "lastOrdinal never falls", uid)
    if before.phase is not None and before.phase.is_terminal and status != before:
        _fail(world, "an ended job never changes again", uid)
    if sum(not a.state.is_terminal for a in status.attempts) > 1:
        _fail(world, "a job has one live attempt", uid)
    for old, new in zip(before.attempts, status.attempts, strict=False):
        if old.state.is_terminal and old != new:
            _fail(world, "a booked attempt never changes", f"{uid} {old.ordinal}")


def _no_start_before_the_record(world: World) -> None:
    """A payload starts only once its workload stands on the Assignment."""
    log = world.api.shelves[Assignment].log
    for key, assignment in log[world.read :]:
        if isinstance(assignment, Assignment):
            ids = {w.native_id for w in assignment.status.workloads}
            world.recorded.setdefault(key.name, set()).update(ids)
    world.read = len(log)
    for agent in world.agents:
        starts = agent.centre.starts
        for start in starts[world.checked.get(agent.namespace, 0) :]:
            recorded = world.recorded.get(start.name, set())
            if str(start.native_id) not in recorded:
                _fail(world, "no payload starts before its workload is recorded", start.name)
        world.checked[agent.namespace] = len(starts)


def _no_start_after_the_end(world: World) -> None:
    """Once an attempt is booked as never started it never starts; once a job ended nothing of it runs."""
    running = {n for agent in world.agents for n in agent.centre.running()}
    started = {s.name for agent in world.agents for s in agent.centre.starts}
    for uid, status in world.seen.items():
        for attempt in status.attempts:
            name = assignment_name(uid, attempt.ordinal)
            if attempt.started == "No" and name in started:
                _fail(world, "what is booked as never started never starts", name)
            if attempt.state.is_terminal and name in running:
                _fail(world, "nothing runs of an attempt that is booked as ended", name)


def _what_is_tidied_keeps_its_claim(world: World) -> None:
    """What has been tidied can never start, because its claim stays, and is settled in the journal."""
    for agent in world.agents:
        for name, files in agent.centre.files.items():
            if not files.is_tidy:
                continue
            if files.claim.holder is ClaimHolder.NOBODY:
                _fail(world, "a tidied attempt keeps its claim", name)
            if agent.journal[name].settled is None:
                _fail(world, "nothing is tidied before its end is settled", name)
            if any(w.name == name and w.started_at is not None for w in agent.centre.wrappers):
                _fail(world, "nothing is tidied under a payload that runs", name)


def _succeeded_for_real(world: World, job: ComputeJob) -> None:
    names = {
        assignment_name(job.metadata.uid, a.ordinal)
        for a in job.status.attempts
        if a.state is AttemptState.SUCCEEDED
    }
    tampered = {n for agent in world.agents for n in agent.centre.tampered}
    codes = [s.exit_code for agent in world.agents for s in agent.centre.starts if s.name in names]
    if codes != [0] and not names & tampered:
        _fail(world, "Succeeded means that the payload ran and exited 0", f"{names}: {codes}")


def _job_part(name: str) -> str:
    return name.rpartition("-")[0]


def _fail(world: World, promise: str, what: str) -> None:
    raise Violation(f"seed {world.seed}: broken: {promise}: {what}")
