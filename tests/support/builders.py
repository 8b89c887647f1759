"""Builders that carry the dull fields, so that a test names what it is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from computility.lifecycle.attempt_view import AttemptView
from computility.lifecycle.chunks import split_into_chunks
from computility.lifecycle.entry import ChunkEntry, Entry
from computility.lifecycle.evidence import (
    Claim,
    ClaimHolder,
    IndexLook,
    Look,
    Result,
    SeenWorkload,
    SubmitAnswer,
    WorkloadState,
)
from computility.lifecycle.render import render_assignment
from computility.model.assignment import (
    Assignment,
    AssignmentSpec,
    AssignmentStatus,
    Desired,
    State,
    Workload,
)
from computility.model.base import Architecture
from computility.model.compute_job import (
    ArraySpec,
    Attempt,
    AttemptState,
    ComputeJob,
    ComputeJobSpec,
    ComputeJobStatus,
    Failover,
    OnMemberLost,
    Phase,
    PlacementSpec,
    Requirements,
    Resources,
    Retry,
    Template,
)
from computility.model.index_set import IndexSet
from computility.model.meta import ObjectMeta
from computility.model.names import assignment_name
from computility.model.resource_pool import (
    Access,
    PoolLimits,
    ResourcePoolSpec,
    ResourcePoolStatus,
    Shape,
    Tariff,
)
from computility.placement.snapshot import PoolFacts

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
UID = "0f8fad5b-d9cb-469f-a165-70867728950e"
NAME = assignment_name(UID, 1)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def a_pool(
    member: str = "alpha",
    pool: str = "cpu",
    *,
    nodes: int = 4,
    cores: int = 8,
    memory: str = "16Gi",
    cards: int = 0,
    card_model: str | None = None,
    core_hour: str = "0.1",
    card_hour: str = "0",
    currency: str = "CNY",
    architecture: Architecture = Architecture.AMD64,
    namespaces: tuple[str, ...] = ("team-a",),
    limits: PoolLimits | None = None,
    labels: dict[str, str] | None = None,
    **facts: object,
) -> PoolFacts:
    spec = ResourcePoolSpec(
        architecture=architecture,
        shape=Shape(nodes=nodes, cores_per_node=cores, memory_per_node=memory, cards_per_node=cards),
        card_model=card_model or ("a100" if cards else None),
        limits=limits or PoolLimits(),
        tariff=Tariff(per_core_hour=core_hour, per_card_hour=card_hour, currency=currency),
        access=Access(namespaces=namespaces),
    )
    status = ResourcePoolStatus(observed_at=NOON, complete=True)
    return msgspec.structs.replace(
        PoolFacts(member=member, member_uid=f"uid-{member}", pool=pool, spec=spec, status=status),
        labels=labels or {},
        **facts,
    )


def a_job(
    *,
    name: str = "train",
    cancel: bool = False,
    attempts: tuple[Attempt, ...] = (),
    phase: Phase | None = None,
    resources: Resources | None = None,
    requirements: Requirements | None = None,
    placement: PlacementSpec | None = None,
    max_run_seconds: int = 60,
    deleted_at: datetime | None = None,
    array: ArraySpec | None = None,
    retries: int = 0,
    on_member_lost: OnMemberLost = OnMemberLost.WAIT,
    max_attempts: int = 3,
    suspend: bool = False,
) -> ComputeJob:
    return ComputeJob(
        metadata=ObjectMeta(
            name=name,
            namespace="team-a",
            uid=UID,
            generation=1,
            resource_version="7",
            creation_timestamp=NOON - seconds(60),
            deletion_timestamp=deleted_at,
        ),
        spec=ComputeJobSpec(
            template=Template(command=("true",), grace_seconds=5),
            resources=resources or Resources(),
            requirements=requirements or Requirements(),
            placement=placement or PlacementSpec(),
            max_run_seconds=max_run_seconds,
            cancel=cancel,
            suspend=suspend,
            array=array,
            retry=Retry(max_per_index=retries),
            failover=Failover(on_member_lost=on_member_lost, max_attempts=max_attempts),
        ),
        status=ComputeJobStatus(
            attempts=attempts,
            last_ordinal=max((a.ordinal for a in attempts), default=0),
            phase=phase or (Phase.PLACED if attempts else None),
        ),
    )


def an_attempt(ordinal: int = 1, state: AttemptState = AttemptState.PLACED, **fields: object) -> Attempt:
    attempt = Attempt(
        ordinal=ordinal, member="alpha", member_uid="uid-alpha", pool="cpu", lease_seconds=60, state=state
    )
    return msgspec.structs.replace(attempt, **fields)


def an_assignment(
    job: ComputeJob | None = None,
    ordinal: int = 1,
    *,
    desired: Desired = Desired.RUN,
    native_id: str = "",
    **status: object,
) -> Assignment:
    job = job or a_job()
    rendered = render_assignment(job, an_attempt(ordinal), desired)
    meta = msgspec.structs.replace(rendered.metadata, uid=f"asg-{ordinal}", resource_version="3")
    workloads = (Workload(native_id=native_id),) if native_id else ()
    report = msgspec.structs.replace(AssignmentStatus(workloads=workloads), **status)
    return msgspec.structs.replace(rendered, metadata=meta, status=report)


def held(native_id: str = "11") -> Assignment:
    return an_assignment(state=State.HELD, native_id=native_id)


def a_chunk(submitted: str = "", **fields: object) -> ChunkEntry:
    """Build what is known of a chunk; `submitted` is the native id that a submit was answered with."""
    if not submitted:
        return msgspec.structs.replace(ChunkEntry(), **fields)
    chunk = ChunkEntry(
        submits=1,
        submitted_at=NOON - seconds(50),
        answer=SubmitAnswer(workload=Workload(native_id=submitted)),
    )
    return msgspec.structs.replace(chunk, **fields)


def an_entry(*, submitted: str = "", **fields: Any) -> Entry:
    """Build a journal entry of a minute ago, without an array.

    What names a field of its one chunk is that chunk's; `ended_at` and `has_lost_claim` are index 0's.
    """
    of_chunk = {name: fields.pop(name) for name in ChunkEntry.__struct_fields__ if name in fields}
    ended_at, has_lost_claim = fields.pop("ended_at", None), fields.pop("has_lost_claim", False)
    return msgspec.structs.replace(
        Entry(
            name=NAME,
            spec=an_assignment().spec,
            account="alice",
            intent_at=NOON - seconds(60),
            chunks=(a_chunk(submitted, **of_chunk),),
            ended_at={0: ended_at} if ended_at else {},
            claim_lost="0" if has_lost_claim else "",
        ),
        **fields,
    )


def array_spec(indices: IndexSet, max_concurrent: int | None = None) -> AssignmentSpec:
    """Build the spec of an attempt at these indices of an array."""
    attempt = an_attempt(indices=str(indices), max_concurrent=max_concurrent)
    job = a_job(array=ArraySpec(size=max(indices) + 1))
    return render_assignment(job, attempt, Desired.RUN).spec


def an_array_entry(indices: IndexSet, *, max_concurrent: int | None = None, **fields: object) -> Entry:
    """Build a journal entry of an attempt at an array, of a minute ago; all its chunks are submitted."""
    chunks = tuple(a_chunk(str(11 + number)) for number, _ in enumerate(split_into_chunks(indices)))
    entry = msgspec.structs.replace(an_entry(), spec=array_spec(indices, max_concurrent), chunks=chunks)
    return msgspec.structs.replace(entry, **fields)


def an_array_assignment(
    indices: IndexSet,
    *,
    native_ids: tuple[str, ...] = (),
    max_concurrent: int | None = None,
    **status: object,
) -> Assignment:
    """Build an Assignment of an attempt at an array, on which the workloads of its first chunks stand."""
    workloads = tuple(Workload(native_id=native_id, chunk=n) for n, native_id in enumerate(native_ids))
    made = an_assignment(**{"workloads": workloads, **status})
    return msgspec.structs.replace(made, spec=array_spec(indices, max_concurrent))


def a_workload(
    state: WorkloadState = WorkloadState.HELD, native_id: str = "11", **fields: object
) -> SeenWorkload:
    return msgspec.structs.replace(SeenWorkload(native_id=native_id, state=state), **fields)


def an_index(claim: ClaimHolder = ClaimHolder.NOBODY, native_id: str = "11", **fields: object) -> IndexLook:
    """Build what was found of one index."""
    if claim is ClaimHolder.NOBODY:
        return msgspec.structs.replace(IndexLook(), **fields)
    mine = native_id if claim is ClaimHolder.PAYLOAD else ""
    holder = Claim(holder=claim, native_id=mine, claimed_at=NOON - seconds(30))
    return msgspec.structs.replace(IndexLook(claim=holder), **fields)


def a_look(*workloads: SeenWorkload, claim: ClaimHolder = ClaimHolder.NOBODY, **fields: Any) -> Look:
    """Build a complete look; what names a field of an index is index 0's."""
    of_index = {name: fields.pop(name) for name in IndexLook.__struct_fields__ if name in fields}
    found = an_index(claim, **of_index)
    look = Look(
        taken_at=NOON,
        complete=True,
        workloads=workloads,
        indices={0: found} if found != IndexLook() else {},
    )
    return msgspec.structs.replace(look, **fields)


def a_result(exit_code: int | None = 0, signal: int | None = None, **fields: object) -> Result:
    result = Result(
        started_at=NOON - seconds(20),
        ended_at=NOON - seconds(10),
        run_seconds=10.0,
        exit_code=exit_code,
        signal=signal,
    )
    return msgspec.structs.replace(result, **fields)


def a_view(
    assignment: Assignment | None = None,
    entry: Entry | None = None,
    look: Look | None = None,
    **fields: object,
) -> AttemptView:
    view = AttemptView(name=NAME, assignment=assignment, entry=entry, look=look)
    return msgspec.structs.replace(view, **fields)
