"""Builders that carry the dull fields, so that a test names what it is about."""

from datetime import UTC, datetime, timedelta

import msgspec

from computility.lifecycle.attempt_view import AttemptView
from computility.lifecycle.entry import Entry
from computility.lifecycle.evidence import (
    Claim,
    ClaimHolder,
    Look,
    Result,
    SeenWorkload,
    SubmitAnswer,
    WorkloadState,
)
from computility.lifecycle.render import render_assignment
from computility.model.assignment import Assignment, AssignmentStatus, Desired, State, Workload
from computility.model.base import Architecture
from computility.model.compute_job import (
    Attempt,
    AttemptState,
    ComputeJob,
    ComputeJobSpec,
    ComputeJobStatus,
    Phase,
    PlacementSpec,
    Requirements,
    Resources,
    Template,
)
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


def an_entry(*, submitted: str = "", **fields: object) -> Entry:
    """Build a journal entry of a minute ago; `submitted` is the native id that a submit was answered with."""
    entry = Entry(name=NAME, spec=an_assignment().spec, account="alice", intent_at=NOON - seconds(60))
    if submitted:
        entry = msgspec.structs.replace(
            entry,
            submits=1,
            submitted_at=NOON - seconds(50),
            answer=SubmitAnswer(workload=Workload(native_id=submitted)),
        )
    return msgspec.structs.replace(entry, **fields)


def a_workload(
    state: WorkloadState = WorkloadState.HELD, native_id: str = "11", **fields: object
) -> SeenWorkload:
    return msgspec.structs.replace(SeenWorkload(native_id=native_id, state=state), **fields)


def a_look(*workloads: SeenWorkload, claim: ClaimHolder = ClaimHolder.NOBODY, **fields: object) -> Look:
    holder = Claim(holder=claim, native_id="11", claimed_at=NOON - seconds(30))
    look = Look(taken_at=NOON, complete=True, workloads=workloads, claim=holder)
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
