"""When a ComputeJob's template runs more than once: as an array, after a failure, after a loss."""

import enum
from typing import Annotated

from msgspec import Meta

from computility.model.base import Value
from computility.model.index_set import MAX_ARRAY_SIZE


class ArraySpec(Value, frozen=True, kw_only=True):
    """Many runs of the same template, told apart by an index, as one object."""

    size: Annotated[
        int,
        Meta(
            ge=1,
            le=MAX_ARRAY_SIZE,
            description=(
                "How many times the template runs: once for each index from 0 to size - 1, which it finds in "
                "`COMPUTILITY_INDEX` (and the size in `COMPUTILITY_SIZE`). `resources` are those of one run."
            ),
        ),
    ]
    max_concurrent: Annotated[
        Annotated[int, Meta(ge=1, le=MAX_ARRAY_SIZE)] | None,
        Meta(
            description=(
                "Most indices that run at the same time, all members together; unset leaves it to the "
                "centres. Where the array is split over members each gets its part of it."
            )
        ),
    ] = None


class Retry(Value, frozen=True, kw_only=True):
    """What happens to payloads that failed by themselves."""

    max_per_index: Annotated[
        int,
        Meta(
            ge=0,
            le=10,
            description=(
                "How often an index whose payload failed by itself is started again, in a new attempt. "
                "One that ran out of `maxRunSeconds` or was cancelled is not, nor one that was lost."
            ),
        ),
    ] = 0


class OnMemberLost(enum.Enum):
    """What becomes of an attempt whose member or node is lost."""

    WAIT = "Wait"
    REQUEUE = "Requeue"


class Failover(Value, frozen=True, kw_only=True):
    """What happens when a member, or the machine below a payload, is lost."""

    on_member_lost: Annotated[
        OnMemberLost,
        Meta(
            description=(
                "`Wait`: the payload starts at most once ever; an attempt on a silent member ends when the "
                "member returns, or when its MemberCluster is deleted. `Requeue`: it may start again, but "
                "never while an earlier start may still run. As long as members do not fence their "
                "payloads, only attempts that never started or are proved ended (preempted, or cancelled "
                "at the centre) are placed again; those of a silent member or a failed node are not."
            )
        ),
    ] = OnMemberLost.WAIT
    max_attempts: Annotated[
        int,
        Meta(
            ge=1,
            le=100,
            description=(
                "Under `Requeue`: a lost index is placed again while it has had fewer attempts than this, "
                "of whatever end."
            ),
        ),
    ] = 3
