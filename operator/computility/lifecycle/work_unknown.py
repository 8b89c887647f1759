"""The condition that says that card models were not compared, and how to have them compared."""

from computility.lifecycle.conditions import Stamp, set_conditions
from computility.model.compute_job import Receipt
from computility.model.meta import Condition, find_condition
from computility.model.reasons import Reason

WORK_UNKNOWN = "WorkUnknown"
_BOUNDS = (
    "Costs are upper bounds from maxRunSeconds, and pools of other card models were not compared with the"
    " chosen one. Say it in a new job, such as"
    " `work: {measured: {cardModel: nvidia-a100, cards: 8, seconds: 18000}}`"
)


def describe_unknown(receipt: Receipt, problem: str) -> str:
    """Say why nobody knows how much work a job is, and the remedy; "" where that is known, or does not count.

    Args:
        receipt: What was found.
        problem: What is wrong with what the job declares, as `declared_work` says; "" without that.
    """
    if problem:
        return f"{problem}. {_BOUNDS}"
    if any(each.reason == Reason.NOT_COMPARED.value for each in receipt.rejected):
        return f"nothing tells how much work it is: spec.work is not set. {_BOUNDS}"
    return ""


def say_whether_compared(
    conditions: tuple[Condition, ...], receipt: Receipt, problem: str, stamp: Stamp
) -> tuple[Condition, ...]:
    """Set the condition where pools were passed over for want of declared work; take it back else."""
    message = describe_unknown(receipt, problem)
    if not message and find_condition(conditions, WORK_UNKNOWN) is None:
        return conditions
    said = stamp.condition(WORK_UNKNOWN, bool(message), Reason.WORK_UNKNOWN, message)
    return set_conditions(conditions, said)
