"""What must hold after each step, and once the world has healed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from computility.lifecycle.evidence import ClaimHolder
from computility.lifecycle.outcome import outcomes_of
from computility.model.assignment import Assignment, Started, State
from computility.model.compute_job import ComputeJob, OnMemberLost, Phase
from computility.model.index_set import IndexSet
from computility.model.meta import Key
from computility.model.names import assignment_name
from simulation.api import Violation
from simulation.records import Payload, Start

if TYPE_CHECKING:
    from simulation.world import World


def check(world: World) -> None:
    """Check the promises that hold at every moment.

    Raises:
        Violation: One does not; the message names seed, promise and attempt.
    """
    _each_payload_starts_at_most_once(world)
    _never_two_at_once(world)
    _never_more_than_wanted_at_once(world)
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
        _everything_is_accounted_for(world, job)
        if job.status.phase is Phase.SUCCEEDED:
            _succeeded_for_real(world, job)
    left = [n for agent in world.heard for n in agent.centre.leftovers()]
    if left:
        _fail(world, "no orphan is left at a centre", str(left))
    untidied = [n for agent in world.heard for n, entry in agent.journal.items() if entry.is_open]
    if untidied:
        _fail(world, "every attempt that came to a centre is tidied", str(untidied))
    if world.api.shelves[Assignment].objects:
        _fail(world, "no Assignment is left", str(list(world.api.shelves[Assignment].objects)))


def check_answered_again(world: World) -> None:
    """Check that every Assignment which was made again has been told the end that its journal knows."""
    for agent in world.heard:
        for entry in agent.journal.values():
            again = world.api.get(Assignment, Key(agent.namespace, entry.name))
            assert entry.settled is not None
            told = again.status.state if again else None
            if told is not entry.settled.state:
                _fail(world, "a tidied attempt is still answered for", f"{entry.name}: {told}")


def _each_payload_starts_at_most_once(world: World) -> None:
    """In an attempt an index starts once; in a job as often as its user lets it, never after a success."""
    starts = [s for agent in world.agents for s in agent.centre.starts]
    if len(starts) == world.starts_checked:
        return
    world.starts_checked = len(starts)
    tampered = {p for agent in world.agents for p in agent.centre.tampered}
    for payload, count in Counter(s.payload for s in starts).items():
        if count > 1 and payload not in tampered:
            _fail(world, "an attempt's payload starts at most once", f"{payload} started {count} times")
    by_index: dict[Payload, dict[str, Start]] = {}
    for start in starts:
        by_index.setdefault(_job_index(start.payload), {})[start.payload[0]] = start
    for (job, index), attempts in by_index.items():
        if len(attempts) > _starts_allowed(world, job):
            _fail(world, "a payload starts as often as its user lets it", f"{job}/{index}: {list(attempts)}")
        well = [s for s in attempts.values() if s.exit_code == 0 and s.payload not in tampered]
        if well and any(int(_ordinal(n)) > int(_ordinal(well[0].payload[0])) for n in attempts):
            _fail(world, "what has succeeded never starts again", f"{job}/{index}: {list(attempts)}")


def _starts_allowed(world: World, job_part: str) -> int:
    spec, uid = world.specs[job_part.removeprefix("cj-")]
    losses = spec.failover.max_attempts - 1 if spec.failover.on_member_lost is OnMemberLost.REQUEUE else 0
    return 1 + spec.retry.max_per_index + losses + world.api.suspends.get(uid, 0)


def _never_two_at_once(world: World) -> None:
    running = [_job_index(p) for agent in world.agents for p in agent.centre.running()]
    if len(running) != len(set(running)):
        _fail(world, "never two attempts of an index at once", str(running))


def _never_more_than_wanted_at_once(world: World) -> None:
    running = Counter(_job_part(p[0]) for agent in world.agents for p in agent.centre.running())
    tampered = {_job_part(p[0]) for agent in world.agents for p in agent.centre.tampered}
    miscounts = any(agent.centre.miscounts for agent in world.agents)
    for job, count in running.items():
        array = world.specs[job.removeprefix("cj-")][0].array
        most = array.max_concurrent if array else 1
        if most is not None and count > most and job not in tampered and not miscounts:
            _fail(world, "never more of an array at once than maxConcurrent", f"{job}: {count}")


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
    live = [set(IndexSet.parse(a.indices or "0")) for a in status.attempts if not a.state.is_terminal]
    if sum(map(len, live)) != len(set().union(*live)):
        _fail(world, "an index has one live attempt", uid)
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
            recorded = world.recorded.get(start.payload[0], set())
            if str(start.native_id) not in recorded and not agent.is_atomic:
                _fail(world, "no payload starts before its workload is recorded", str(start.payload))
        world.checked[agent.namespace] = len(starts)


def _no_start_after_the_end(world: World) -> None:
    """What is booked as never started never starts; nothing runs of what is booked as ended."""
    running = {p for agent in world.heard for p in agent.centre.running()}
    started = {s.payload for agent in world.agents for s in agent.centre.starts}
    for uid, status in world.seen.items():
        for attempt in status.attempts:
            if not attempt.state.is_terminal:
                continue
            name = assignment_name(uid, attempt.ordinal)
            for outcome in outcomes_of(attempt):
                for index in IndexSet.parse(outcome.indices):
                    if outcome.started is Started.NO and (name, index) in started:
                        _fail(world, "what is booked as never started never starts", f"{name}/{index}")
                    if (name, index) in running:
                        _fail(world, "nothing runs of what is booked as ended", f"{name}/{index}")


def _what_is_tidied_keeps_its_claim(world: World) -> None:
    """What has been tidied can never start, because its claim stays, and is settled in the journal."""
    for agent in world.agents:
        for (name, index), files in agent.centre.files.items():
            if not files.is_tidy:
                continue
            if files.claim.holder is ClaimHolder.NOBODY:
                _fail(world, "a tidied attempt keeps its claims", f"{name}/{index}")
            if agent.journal[name].settled is None:
                _fail(world, "nothing is tidied before its end is settled", name)
            if any(w.payload == (name, index) and w.started_at is not None for w in agent.centre.wrappers):
                _fail(world, "nothing is tidied under a payload that runs", name)


def _succeeded_for_real(world: World, job: ComputeJob) -> None:
    """Each index of a job that has succeeded ran and exited 0, once."""
    starts = [s for agent in world.agents for s in agent.centre.starts]
    tampered = {p for agent in world.agents for p in agent.centre.tampered}
    for attempt in job.status.attempts:
        name = assignment_name(job.metadata.uid, attempt.ordinal)
        for outcome in outcomes_of(attempt):
            for index in IndexSet.parse(outcome.indices) if outcome.state is State.SUCCEEDED else ():
                codes = [s.exit_code for s in starts if s.payload == (name, index)]
                if codes != [0] and (name, index) not in tampered:
                    _fail(world, "Succeeded means that the payload ran and exited 0", f"{name}: {codes}")


def _everything_is_accounted_for(world: World, job: ComputeJob) -> None:
    """Of an array that has ended each index has either succeeded or failed."""
    if job.spec.array is None:
        return
    status = job.status
    succeeded, failed = IndexSet.parse(status.succeeded_indices), IndexSet.parse(status.failed_indices)
    if succeeded & failed or (succeeded | failed) != job.spec.indices:
        _fail(world, "each index is accounted for, once", f"{succeeded} and {failed}")


def _job_part(name: str) -> str:
    return name.rpartition("-")[0]


def _job_index(payload: Payload) -> Payload:
    return _job_part(payload[0]), payload[1]


def _ordinal(name: str) -> str:
    return name.rpartition("-")[2]


def _fail(world: World, promise: str, what: str) -> None:
    raise Violation(f"seed {world.seed}: broken: {promise}: {what}")
