"""Submitting to a simulated centre: a chunk as the engine's request, its answer as evidence."""

from computility.backends.protocol import Submission
from computility.backends.simulated.payload import Habits, draw_run
from computility.backends.simulated.requests import Refusal, RefusalReason, Request, Run
from computility.lifecycle.evidence import SubmitAnswer
from computility.model.assignment import Fault
from computility.model.index_set import IndexSet
from computility.model.quantity import parse_bytes
from computility.model.reasons import Reason

_REASONS = {
    RefusalReason.UNKNOWN_PARTITION: (Reason.PARTITION_UNKNOWN, Fault.SITE),
    RefusalReason.LIMIT_EXCEEDED: (Reason.REQUEST_REFUSED, Fault.USER),
    RefusalReason.NEVER_FITS: (Reason.REQUEST_REFUSED, Fault.USER),
    RefusalReason.BEYOND_QUEUE: (Reason.REQUEST_REFUSED, Fault.SITE),
}


def build_request(submission: Submission, key: str, habits: Habits) -> Request:
    """Build the engine's request for a chunk; `key` is the attempt's name at the centre."""
    work, resources = submission.work, submission.work.resources
    indices = submission.target.indices
    run, runs = build_runs(habits, submission.target.name, indices)
    return Request(
        name=key,
        account=submission.target.account,
        partition=submission.partition,
        nodes=resources.nodes,
        cores_per_node=resources.tasks_per_node * resources.cpus_per_task,
        cards_per_node=resources.cards_per_node,
        memory_mib=parse_bytes(resources.memory_per_node or "0") >> 20,
        limit_seconds=work.max_run_seconds,
        grace_seconds=work.grace_seconds,
        tasks=str(indices),
        max_concurrent=work.max_concurrent,
        run=run,
        runs=runs,
    )


def build_runs(habits: Habits, name: str, indices: IndexSet) -> tuple[Run, dict[int, Run]]:
    """Say what each index does: all the same, or each its own."""
    if habits.are_alike:
        return draw_run(habits, name, 0), {}
    return Run(), {index: draw_run(habits, name, index) for index in indices}


def explain_refusal(refusal: Refusal) -> SubmitAnswer:
    """Say what the engine's refusal means: certain, and for ever unless it passes."""
    if refusal.passes:
        return SubmitAnswer(postponed=Reason.LIMIT_REACHED, message=refusal.message)
    reason, fault = _REASONS[refusal.reason]
    return SubmitAnswer(refused=reason, fault=fault, message=refusal.message)
