"""The condition that says that card models were not compared, and how to have them compared."""

from computility.lifecycle.conditions import Stamp, set_conditions
from computility.model.compute_job import Receipt
from computility.model.meta import Condition, find_condition
from computility.model.reasons import Reason

WORK_UNKNOWN = "WorkUnknown"
_REMEDY = (
    "nothing tells how much work it is: spec.work is not set, or was measured on a card whose speed nobody"
    " knows. Costs are upper bounds from maxRunSeconds, and pools of other card models were not compared with"
    " the chosen one. Say it in a new job, such as"
    " `work: {measured: {cardModel: nvidia-a100, cards: 8, seconds: 18000}}`"
)


def say_whether_compared(
    conditions: tuple[Condition, ...], receipt: Receipt, stamp: Stamp
) -> tuple[Condition, ...]:
    """Set the condition where pools were passed over for want of declared work; take it back else."""
    is_so = any(each.reason == Reason.NOT_COMPARED.value for each in receipt.rejected)
    if not is_so and find_condition(conditions, WORK_UNKNOWN) is None:
        return conditions
    message = _REMEDY if is_so else ""
    return set_conditions(conditions, stamp.condition(WORK_UNKNOWN, is_so, Reason.WORK_UNKNOWN, message))
