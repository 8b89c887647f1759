"""What the hub does next about one member: its namespace, its agent's rights, the answer on its Lease."""

from datetime import datetime, timedelta

from computility.lifecycle.conditions import Stamp
from computility.lifecycle.member_actions import (
    Annotate,
    Bind,
    Hold,
    MakeAccount,
    MakeNamespace,
    MemberAction,
    Unbind,
)
from computility.lifecycle.member_closing import is_emptied, is_leaving
from computility.lifecycle.member_leaving import leave
from computility.lifecycle.member_status import report_member
from computility.lifecycle.member_view import MemberView
from computility.model.base import Value
from computility.model.member_cluster import MemberCluster, MemberClusterStatus
from computility.model.names import (
    ACCEPTED_ANNOTATION,
    ACCOUNTS,
    AGENT_ACCOUNT,
    DRAIN_ANNOTATION,
    JOIN_ACCOUNT,
    LEASE_SECONDS_ANNOTATION,
    MEMBER_UID_ANNOTATION,
    member_namespace,
)

LEAVING_LOOK = timedelta(seconds=2)
"""A member that leaves is looked at again this often, whatever is told: not all that it waits for is."""
DRAINING_LOOK = timedelta(seconds=30)
ENDING_LOOK = timedelta(seconds=2)
"""How often to look whether the namespace of an earlier member of this name is gone."""


class MemberDecision(Value, frozen=True, kw_only=True):
    """Actions in order, each of which may need the one before; then the status to write (None: as it is).

    `look_at` is when to look again although nothing may have been told.
    """

    actions: tuple[MemberAction, ...] = ()
    status: MemberClusterStatus | None = None
    look_at: datetime | None = None


def decide_member(view: MemberView, now: datetime) -> MemberDecision:
    """Decide what the hub does next about a member; `now` is the hub's clock."""
    if not view.is_held:
        # Nothing is made for a member that could vanish without a look at what was made.
        return MemberDecision() if is_leaving(view.member) else MemberDecision(actions=(Hold(),))
    actions = _choose(view)
    status = report_member(view, Stamp(generation=view.member.metadata.generation, now=now), bool(actions))
    return MemberDecision(
        actions=actions,
        status=None if status == view.member.status else status,
        look_at=_look_at(view, now),
    )


def _choose(view: MemberView) -> tuple[MemberAction, ...]:
    if is_leaving(view.member):
        return leave(view, _answer(view))
    if view.home.is_foreign or view.home.is_ending:
        return ()
    return (*_furnish(view), *_answer(view))


def _look_at(view: MemberView, now: datetime) -> datetime | None:
    if is_leaving(view.member):
        return now + LEAVING_LOOK
    if view.home.is_ending:
        return now + ENDING_LOOK
    return now + DRAINING_LOOK if view.member.spec.drain and view.left.attempts else None


def _furnish(view: MemberView) -> tuple[MemberAction, ...]:
    """Make namespace and accounts, and bind the agent's role for as long as the member is accepted."""
    name = view.member.metadata.name
    namespace, home = member_namespace(name), view.home
    wanted = {JOIN_ACCOUNT, AGENT_ACCOUNT} if view.member.spec.accepted else {JOIN_ACCOUNT}
    actions: list[MemberAction] = []
    if not home.exists:
        actions.append(MakeNamespace(namespace=namespace, member=name))
    for account in ACCOUNTS:
        if account not in home.accounts:
            actions.append(MakeAccount(namespace=namespace, account=account))
        if account in wanted - home.bound:
            actions.append(Bind(namespace=namespace, account=account))
        elif account in home.bound - wanted:
            actions.append(Unbind(namespace=namespace, account=account))
    return tuple(actions)


def _answer(view: MemberView) -> tuple[MemberAction, ...]:
    """Answer the agent on its Lease, if what stands there is not what it should be."""
    if view.lease is None or view.home.is_ending:
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
        DRAIN_ANNOTATION: "true" if is_emptied(member) else "false",
    }
