"""Members as the hub sees them, and what it says of them, for tests of its decisions."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from computility.lifecycle.member import decide_member, lease_answer
from computility.lifecycle.member_view import AgentLease, Home, MemberView, Pulse
from computility.model.member_cluster import (
    BackendType,
    Location,
    MemberCluster,
    MemberClusterSpec,
    MemberClusterStatus,
)
from computility.model.meta import ConditionStatus, ObjectMeta, find_condition
from computility.model.names import ACCOUNTS, MEMBER_FINALIZER

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BOTH = frozenset(ACCOUNTS)
FURNISHED = Home(exists=True, is_ours=True, accounts=BOTH, bound=BOTH)


def a_member(
    *,
    accepted: bool = True,
    finalizers: tuple[str, ...] = (MEMBER_FINALIZER,),
    deleted_at: datetime | None = None,
    status: MemberClusterStatus | None = None,
    **spec: Any,
) -> MemberCluster:
    return MemberCluster(
        metadata=ObjectMeta(
            name="qingyang",
            uid="uid-q",
            generation=2,
            finalizers=finalizers,
            deletion_timestamp=deleted_at,
        ),
        spec=MemberClusterSpec(
            backend=BackendType.SLURM, location=Location(region="CN-GS"), accepted=accepted, **spec
        ),
        status=status or MemberClusterStatus(),
    )


def a_view(member: MemberCluster | None = None, **changes: Any) -> MemberView:
    member = member or a_member()
    lease = AgentLease(annotations=lease_answer(member), holder="j1", heard_at=NOON)
    view = MemberView(member=member, home=FURNISHED, pulse=Pulse.RENEWED, lease=lease)
    return msgspec.structs.replace(view, **changes)


def said(view: MemberView, type_: str) -> tuple[bool, str]:
    """Return status and reason of a condition as they are after the decision."""
    status = decide_member(view, NOON).status or view.member.status
    found = find_condition(status.conditions, type_)
    assert found is not None, f"nothing is said about {type_}"
    return found.status is ConditionStatus.TRUE, found.reason


def settled(view: MemberView) -> MemberView:
    """Return the view after what was decided on it was written."""
    status = decide_member(view, NOON).status or view.member.status
    return msgspec.structs.replace(view, member=msgspec.structs.replace(view.member, status=status))
