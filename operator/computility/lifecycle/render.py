"""An attempt's entry and its job's spec give its Assignment, wholly: any hub process renders the same."""

from computility.model.assignment import (
    Assignment,
    AssignmentSpec,
    AttemptLease,
    Desired,
    JobWork,
    WorkResources,
)
from computility.model.compute_job import Attempt, ComputeJob
from computility.model.meta import ObjectMeta
from computility.model.names import (
    ATTEMPT_LABEL,
    JOB_NAMESPACE_LABEL,
    JOB_UID_LABEL,
    assignment_name,
    member_namespace,
)


def render_assignment(job: ComputeJob, attempt: Attempt, desired: Desired) -> Assignment:
    """Render the Assignment of one recorded attempt."""
    meta = job.metadata
    name = assignment_name(meta.uid, attempt.ordinal)
    return Assignment(
        metadata=ObjectMeta(
            name=name,
            namespace=member_namespace(attempt.member),
            labels={
                ATTEMPT_LABEL: name,  # by which ended attempts are deleted, many at once
                JOB_UID_LABEL: meta.uid,
                JOB_NAMESPACE_LABEL: meta.namespace,
            },
        ),
        spec=AssignmentSpec(
            member_uid=attempt.member_uid,
            ordinal=attempt.ordinal,
            desired=desired,
            lease=AttemptLease(seconds=attempt.lease_seconds),
            job=render_work(job, attempt),
        ),
    )


def render_work(job: ComputeJob, attempt: Attempt) -> JobWork:
    """Render what the member shall run."""
    spec, template = job.spec, job.spec.template.in_form(attempt.variant)
    return JobWork(
        namespace=job.metadata.namespace,
        name=job.metadata.name,
        uid=job.metadata.uid,
        pool=attempt.pool,
        indices=attempt.indices,
        array_size=spec.array.size if spec.array else 0,
        max_concurrent=attempt.max_concurrent,
        launcher=template.launcher,
        resources=WorkResources(
            nodes=spec.resources.node_count,
            tasks_per_node=spec.resources.tasks_per_node,
            cpus_per_task=spec.resources.cpus_per_task,
            cards_per_node=spec.resources.cards_on_each_node,
            memory_per_node=spec.resources.memory_per_node,
            scratch=spec.resources.scratch,
        ),
        max_run_seconds=spec.max_run_seconds,
        grace_seconds=template.grace_seconds,
        start_by=spec.deadline,
        command=template.command,
        script=template.script,
        mpi=template.mpi,
        modules=template.modules,
        files=template.files,
        env=template.env,
    )
