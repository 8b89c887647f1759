"""What the hub does next about one member: its namespace, its agent's rights, the answer on its Lease."""

from datetime import datetime

from computility.lifecycle.conditions import Stamp
from computility.lifecycle.member_actions import (
    Annotate,
    Bind,
    MakeAccount,
    MakeNamespace,
    MemberAction,
    Unbind,
)
from computility.lifecycle.member_status import report_member
from computility.lifecycle.member_view import MemberView
from computility.model.base import Value
from computility.model.member_cluster import MemberCluster, MemberClusterStatus
from computility.model.names import (
    ACCEPTED_ANNOTATION,
    AGENT_LEASE,
    JOIN_ACCOUNT,
    LEASE_SECONDS_ANNOTATION,
    MEMBER_UID_ANNOTATION,
    member_namespace,
)


class MemberDecision(Value, frozen=True, kw_only=True):
    """Actions in order, each of which may need the one before; then the status to write (None: as it is)."""

    actions: tuple[MemberAction, ...] = ()
    status: MemberClusterStatus | None = None


def decide_member(view: MemberView, now: datetime) -> MemberDecision:
    """Decide what the hub does next about a member; `now` is the hub's clock."""
    actions = () if view.home.is_foreign else (*_furnish(view), *_answer(view))
    status = report_member(view, Stamp(generation=view.member.metadata.generation, now=now), bool(actions))
    return MemberDecision(actions=actions, status=None if status == view.member.status else status)


def _furnish(view: MemberView) -> tuple[MemberAction, ...]:
    """Make namespace and accounts, and bind the agent's role for as long as the member is accepted."""
    name = view.member.metadata.name
    namespace, home = member_namespace(name), view.home
    wanted = {JOIN_ACCOUNT, AGENT_LEASE} if view.member.spec.accepted else {JOIN_ACCOUNT}
    actions: list[MemberAction] = []
    if not home.exists:
        actions.append(MakeNamespace(namespace=namespace, member=name))
    for account in (JOIN_ACCOUNT, AGENT_LEASE):
        if account not in home.accounts:
            actions.append(MakeAccount(namespace=namespace, account=account))
        if account in wanted - home.bound:
            actions.append(Bind(namespace=namespace, account=account))
        elif account in home.bound - wanted:
            actions.append(Unbind(namespace=namespace, account=account))
    return tuple(actions)


def _answer(view: MemberView) -> tuple[MemberAction, ...]:
    """Answer the agent on its Lease, if what stands there is not what it should be."""
    if view.lease is None:
        return ()
    answer = lease_answer(view.member)
    missing = {k: v for k, v in answer.items() if view.lease.annotations.get(k) != v}
    namespace = member_namespace(view.member.metadata.name)
    return (Annotate(namespace=namespace, annotations=missing),) if missing else ()


def lease_answer(member: MemberCluster) -> dict[str, str]:
    """Return what the hub says to the agent in annotations on its Lease."""
    return {
        MEMBER_UID_ANNOTATION: member.metadata.uid,
        ACCEPTED_ANNOTATION: "true" if member.spec.accepted else "false",
        LEASE_SECONDS_ANNOTATION: str(member.spec.lease.seconds),
    }
