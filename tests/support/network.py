"""A member and its agent, and a tenant with jobs, played by the test against a real API server."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from computility.kube.builtin import Lease, LeaseSpec, Namespace, render_micro_time
from computility.kube.client import Client
from computility.kube.errors import NotFound
from computility.kube.resource import resource_of
from computility.lifecycle.conditions import PLACED
from computility.model.assignment import Assignment, AssignmentStatus, Desired, Started, State
from computility.model.compute_job import ComputeJob, ComputeJobSpec, Phase, Resources, Template
from computility.model.data_link import DataLink, DataLinkSpec
from computility.model.member_cluster import (
    BackendType,
    LeaseTerms,
    Location,
    MemberCluster,
    MemberClusterSpec,
)
from computility.model.meta import ConditionStatus, ObjectMeta, find_condition, is_true
from computility.model.names import (
    AGENT_LEASE,
    AGENT_VERSION_ANNOTATION,
    ATTEMPT_LABEL,
    assignment_name,
    member_namespace,
)
from computility.model.resource_pool import (
    Access,
    Architecture,
    PoolLimits,
    ResourcePool,
    ResourcePoolSpec,
    ResourcePoolStatus,
    Shape,
    Tariff,
)

OUTCOMES = {
    State.SUCCEEDED: AssignmentStatus(state=State.SUCCEEDED, started=Started.YES, exit_code=0),
    State.FAILED: AssignmentStatus(
        state=State.FAILED, started=Started.YES, exit_code=3, reason="NonZeroExitCode"
    ),
    State.CANCELLED: AssignmentStatus(state=State.CANCELLED, started=Started.NO, reason="Cancelled"),
    State.RUNNING: AssignmentStatus(state=State.RUNNING, started=Started.YES),
}


def a_member(name: str, *, accepted: bool = True, lease_seconds: int = 600) -> MemberCluster:
    spec = MemberClusterSpec(
        backend=BackendType.SLURM,
        location=Location(region="CN-GS"),
        accepted=accepted,
        lease=LeaseTerms(seconds=lease_seconds),
    )
    return MemberCluster(metadata=ObjectMeta(name=name), spec=spec)


def a_pool(
    member: str,
    tenant: str,
    *,
    name: str = "cpu",
    price: str = "1",
    max_queued: int = 100,
    cores: int = 8,
) -> ResourcePool:
    spec = ResourcePoolSpec(
        architecture=Architecture.AMD64,
        shape=Shape(nodes=4, cores_per_node=cores, memory_per_node="8Gi"),
        limits=PoolLimits(max_queued=max_queued),
        tariff=Tariff(per_core_hour=price),
        access=Access(namespaces=(tenant,)),
    )
    return ResourcePool(metadata=ObjectMeta(name=name, namespace=member_namespace(member)), spec=spec)


def a_link(name: str, *, gbps: float = 10, to: str = "CN-GS") -> DataLink:
    return DataLink(metadata=ObjectMeta(name=name), spec=DataLinkSpec(from_="CN-SH", to=to, gbps=gbps))


def with_spec(item: Any, **changes: Any) -> Any:
    """Copy an object with other fields in its spec."""
    return msgspec.structs.replace(item, spec=msgspec.structs.replace(item.spec, **changes))


def a_job(tenant: str, name: str, *, cpus_per_task: int = 1, **more: Any) -> ComputeJob:
    spec = ComputeJobSpec(
        template=Template(command=("true",)),
        resources=Resources(cpus_per_task=cpus_per_task),
        max_run_seconds=60,
        **more,
    )
    return ComputeJob(metadata=ObjectMeta(name=name, namespace=tenant), spec=spec)


class Network:
    """What people and agents do, as administrator; a method is one of their acts, or waits for the hub's."""

    def __init__(self, client: Client, tenant: str) -> None:
        self.client, self.tenant = client, tenant

    async def join(self, member: str, **settings: Any) -> None:
        """Make a member, let its agent show itself, and wait until the hub calls it ready."""
        await self.client.create(a_member(member, **settings))
        await self.until_found(Namespace, "", member_namespace(member))
        await self.renew(member)
        await self.until(
            MemberCluster, "", member, lambda m: is_true(m.status.conditions, "Ready"), "is ready"
        )

    async def leave(self, member: str) -> None:
        """Delete a member, as the platform team would."""
        await self.client.delete(MemberCluster, "", member)

    async def tear_out(self, member: str) -> None:
        """Delete a member and take all finalizers off, as an administrator may who cannot wait."""
        await self.leave(member)
        await self.client.patch(MemberCluster, "", member, {"metadata": {"finalizers": None}})

    async def edit_member(self, member: str, **spec: Any) -> MemberCluster:
        """Edit a member's spec; names as the API has them."""
        return await self.client.patch(MemberCluster, "", member, {"spec": spec})

    async def renew(self, member: str) -> Lease:
        """Renew the agent's Lease, or make it."""
        at = render_micro_time(datetime.now(UTC))
        meta = ObjectMeta(
            name=AGENT_LEASE,
            namespace=member_namespace(member),
            annotations={AGENT_VERSION_ANNOTATION: "0.1.0"},
        )
        return await self.client.apply(
            Lease(metadata=meta, spec=LeaseSpec(holder_identity="j1", renew_time=at))
        )

    async def offer(self, member: str, **settings: Any) -> ResourcePool:
        """Offer a pool for the tenant, looked at by its agent."""
        return await self.offer_pool(a_pool(member, self.tenant, **settings))

    async def offer_pool(self, pool: ResourcePool) -> ResourcePool:
        """Offer this pool, looked at by its agent."""
        pool = await self.client.create(pool)
        now = datetime.now(UTC).replace(microsecond=0)
        return await self.client.write_status(pool, ResourcePoolStatus(observed_at=now, complete=True))

    async def submit(self, name: str, **settings: Any) -> ComputeJob:
        return await self.client.create(a_job(self.tenant, name, **settings))

    async def place(self, member: str, name: str) -> Assignment:
        """Submit a job and wait for its Assignment, the only one at the member."""
        await self.submit(name)
        (assignment,) = await self.until_assigned(member)
        return assignment

    async def start(self, member: str, name: str) -> Assignment:
        """Submit a job and see it run at the member, as its only one."""
        assignment = await self.place(member, name)
        await self.report(assignment, State.RUNNING)
        await self.until_phase(name, "Running")
        return assignment

    async def withdraw_waiting(self) -> None:
        """Delete the jobs that wait for a place: each pool of a later test would be news to them."""
        for job in (await self.client.list(ComputeJob, self.tenant)).items:
            if job.status.phase in {None, Phase.QUEUED}:
                await self.client.delete(ComputeJob, self.tenant, job.metadata.name)

    async def cancel(self, name: str) -> None:
        await self.client.patch(ComputeJob, self.tenant, name, {"spec": {"cancel": True}})

    async def edit(self, name: str, **spec: Any) -> ComputeJob:
        """Change fields of a job's spec, as they are written; None removes one."""
        return await self.client.patch(ComputeJob, self.tenant, name, {"spec": spec})

    async def delete(self, name: str) -> None:
        await self.client.delete(ComputeJob, self.tenant, name)

    async def job(self, name: str) -> ComputeJob:
        return await self.client.get(ComputeJob, self.tenant, name)

    async def assignments(self, member: str) -> list[Assignment]:
        return (await self.client.list(Assignment, member_namespace(member))).items

    async def report(self, assignment: Assignment, state: State, **fields: Any) -> Assignment:
        """Report as the agent does: on the object as it is now."""
        meta = assignment.metadata
        now = await self.client.get(Assignment, meta.namespace, meta.name)
        status = msgspec.to_builtins(OUTCOMES[state]) | fields
        return await self.client.write_status(now, status)

    async def remove(self, assignment: Assignment) -> None:
        """Delete an Assignment by hand, as an administrator might."""
        meta = assignment.metadata
        await self.client.delete(Assignment, meta.namespace, meta.name, uid=meta.uid)

    async def assign_by_hand(self, like: Assignment, job: ComputeJob) -> Assignment:
        """Make an Assignment for a job as another controller might, with another one as the pattern."""
        assert like.spec.job is not None
        name = assignment_name(job.metadata.uid, 1)
        meta = ObjectMeta(name=name, namespace=like.metadata.namespace, labels={ATTEMPT_LABEL: name})
        work = msgspec.structs.replace(like.spec.job, name=job.metadata.name, uid=job.metadata.uid)
        spec = msgspec.structs.replace(like.spec, job=work)
        return await self.client.create(Assignment(metadata=meta, spec=spec))

    async def until_given_up(self, assignment: Assignment) -> Assignment:
        meta = assignment.metadata
        return await self.until(
            Assignment, meta.namespace, meta.name, lambda a: a.spec.desired is Desired.CANCEL, "is given up"
        )

    async def until_replaced(self, assignment: Assignment) -> Assignment:
        meta = assignment.metadata
        return await self.until(
            Assignment, meta.namespace, meta.name, lambda a: a.metadata.uid != meta.uid, "is made again"
        )

    async def until_gone(self, item: Any) -> None:
        """Wait until there is no object of this kind, namespace and name."""
        type_, meta = type(item), item.metadata

        async def look() -> bool:
            return await self.client.find(type_, meta.namespace, meta.name) is None

        await _eventually(look, lambda: f"{meta.name} is deleted")

    async def until_job_gone(self, name: str) -> None:
        async def look() -> bool:
            return await self.client.find(ComputeJob, self.tenant, name) is None

        await _eventually(look, lambda: f"job {name} is deleted")

    async def until_assigned(self, member: str, count: int = 1) -> list[Assignment]:
        """Wait for the hub's Assignments."""
        found: list[Assignment] = []

        async def look() -> bool:
            found[:] = await self.assignments(member)
            return len(found) == count

        await _eventually(look, lambda: f"{count} Assignments at {member}; there are {found}")
        return found

    async def until_phase(self, name: str, phase: str) -> ComputeJob:
        return await self.until(
            ComputeJob,
            self.tenant,
            name,
            lambda job: job.status.phase is not None and job.status.phase.value == phase,
            f"has phase {phase}",
        )

    async def until_waiting(self, name: str, reason: str) -> ComputeJob:
        def waits(job: ComputeJob) -> bool:
            placed = find_condition(job.status.conditions, PLACED)
            return placed is not None and placed.reason == reason

        return await self.until(ComputeJob, self.tenant, name, waits, f"waits for {reason}")

    async def until_turned_down(self, name: str, reason: str) -> ComputeJob:
        """Wait until the job's receipt counts pools under this word."""

        def is_so(job: ComputeJob) -> bool:
            receipt = job.status.receipt
            return receipt is not None and any(each.reason == reason for each in receipt.rejected)

        return await self.until(ComputeJob, self.tenant, name, is_so, f"has pools turned down for {reason}")

    async def until_condition(self, name: str, type_: str, status: ConditionStatus) -> ComputeJob:
        def is_so(job: ComputeJob) -> bool:
            found = find_condition(job.status.conditions, type_)
            return found is not None and found.status is status

        return await self.until(ComputeJob, self.tenant, name, is_so, f"says {type_} is {status.value}")

    async def until_reason(self, member: str, type_: str, reason: str) -> MemberCluster:
        def is_so(seen: MemberCluster) -> bool:
            found = find_condition(seen.status.conditions, type_)
            return found is not None and found.reason == reason

        return await self.until(MemberCluster, "", member, is_so, f"has {type_} for {reason}")

    async def until_identified(self, member: str, *, pools: int) -> MemberCluster:
        """Wait until the hub has written down the member's cpid, and so many of its pools."""

        def is_so(seen: MemberCluster) -> bool:
            return bool(seen.status.cpid) and len(seen.status.pools) == pools

        return await self.until(MemberCluster, "", member, is_so, f"has a cpid and {pools} pools")

    async def until_found(self, type_: type[Any], namespace: str, name: str) -> Any:
        return await self.until(type_, namespace, name, lambda _: True, "is there")

    async def until(
        self, type_: type[Any], namespace: str, name: str, claim: Callable[[Any], bool], what: str
    ) -> Any:
        seen: list[Any] = []

        async def look() -> bool:
            try:
                seen[:] = [await self.client.get(type_, namespace, name)]
            except NotFound:
                return False
            return claim(seen[0])

        await _eventually(look, lambda: f"{resource_of(type_).kind} {name} {what}; it is {seen}")
        return seen[0]


async def _eventually(look: Callable[[], Awaitable[bool]], what: Callable[[], str]) -> None:
    """Look every 30 ms until the answer is yes; fail when it is not within 20 s."""
    end = time.monotonic() + 20
    while not await look():
        if time.monotonic() > end:
            raise AssertionError(f"not within 20 s: {what()}")
        await asyncio.sleep(0.03)
