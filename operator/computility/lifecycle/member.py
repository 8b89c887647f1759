"""What the hub does next about one member: its namespace, its agent's rights, and how it stands."""

import enum
from collections.abc import Mapping
from datetime import datetime

from computility.lifecycle.conditions import READY, RECONCILING, STALLED, Stamp, set_conditions
from computility.lifecycle.member_actions import (
    Annotate,
    Bind,
    MakeAccount,
    MakeNamespace,
    MemberAction,
    Unbind,
)
from computility.model.base import Value
from computility.model.member_cluster import AgentInfo, MemberCluster, MemberClusterStatus
from computility.model.meta import Condition, find_condition
from computility.model.names import (
    ACCEPTED_ANNOTATION,
    AGENT_LEASE,
    AGENT_VERSION_ANNOTATION,
    JOIN_ACCOUNT,
    LEASE_SECONDS_ANNOTATION,
    MEMBER_UID_ANNOTATION,
    member_namespace,
)
from computility.model.reasons import Reason

ACCEPTED = "Accepted"
_HOLDER_LENGTH = 64


class Pulse(enum.Enum):
    """What the hub's own clock says of a member's Lease."""

    NEVER = "never"
    """There is no Lease: no agent has ever shown itself."""
    UNHEARD = "unheard"
    """There is one, but it was not renewed since this hub began to listen, less than one lease ago."""
    RENEWED = "renewed"
    SILENT = "silent"


class AgentLease(Value, frozen=True, kw_only=True):
    """What stands on the agent's Lease; `heard_at` is the agent's own time of its last renewal."""

    annotations: Mapping[str, str]
    holder: str = ""
    heard_at: datetime | None = None


class Home(Value, frozen=True, kw_only=True):
    """What there is of the member's namespace.

    `accounts` and `bound` hold the names of the accounts that are there, and of those with their role.
    """

    exists: bool = False
    is_ours: bool = False
    accounts: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()


class MemberView(Value, frozen=True, kw_only=True):
    """All that the hub knows of one member."""

    member: MemberCluster
    home: Home
    pulse: Pulse
    lease: AgentLease | None = None


class MemberDecision(Value, frozen=True, kw_only=True):
    """Actions in order, each of which may need the one before; then the status to write (None: as it is)."""

    actions: tuple[MemberAction, ...] = ()
    status: MemberClusterStatus | None = None


def decide_member(view: MemberView, now: datetime) -> MemberDecision:
    """Decide what the hub does next about a member; `now` is the hub's clock."""
    actions = () if _is_foreign(view.home) else (*_furnish(view), *_answer(view))
    status = _next_status(view, Stamp(generation=view.member.metadata.generation, now=now), bool(actions))
    return MemberDecision(actions=actions, status=None if status == view.member.status else status)


def _is_foreign(home: Home) -> bool:
    """Say whether somebody else made the namespace: we would give an agent rights among their objects."""
    return home.exists and not home.is_ours


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


def _next_status(view: MemberView, stamp: Stamp, is_under_way: bool) -> MemberClusterStatus:
    member = view.member
    accepted = member.spec.accepted
    conditions = set_conditions(
        member.status.conditions,
        stamp.condition(ACCEPTED, accepted, Reason.ACCEPTED if accepted else Reason.NOT_ACCEPTED),
        _ready(view, stamp),
        *_progress(view, stamp, is_under_way),
    )
    return MemberClusterStatus(
        observed_generation=stamp.generation,
        namespace=member_namespace(member.metadata.name),
        agent=_agent(view),
        conditions=conditions,
    )


def _agent(view: MemberView) -> AgentInfo:
    if view.lease is None:
        return view.member.status.agent
    version = view.lease.annotations.get(AGENT_VERSION_ANNOTATION, "")
    return AgentInfo(version=version[:_HOLDER_LENGTH], holder=view.lease.holder[:_HOLDER_LENGTH])


def _ready(view: MemberView, stamp: Stamp) -> Condition:
    """Say whether work may go there: accepted, and its agent renews the Lease."""
    if _is_foreign(view.home):
        return stamp.condition(READY, False, Reason.NAMESPACE_FOREIGN, _foreign_message(view.member))
    if not view.member.spec.accepted:
        message = "the platform team has not accepted the member: set spec.accepted"
        return stamp.condition(READY, False, Reason.NOT_ACCEPTED, message)
    match view.pulse:
        case Pulse.RENEWED:
            return stamp.condition(READY, True, Reason.RENEWED)
        case Pulse.SILENT:
            return stamp.condition(READY, False, Reason.MEMBER_SILENT, _silence_message(view.lease))
        case Pulse.UNHEARD:
            return _as_before(view.member, stamp)
        case Pulse.NEVER:
            message = f'no agent has made its Lease "{AGENT_LEASE}" in the member\'s namespace yet'
            return stamp.condition(READY, False, Reason.NEVER_SEEN, message)


def _as_before(member: MemberCluster, stamp: Stamp) -> Condition:
    """Keep what an earlier hub process saw: one that has just begun to listen knows no better."""
    old = find_condition(member.status.conditions, READY)
    if old is not None and old.reason in {Reason.RENEWED.value, Reason.MEMBER_SILENT.value}:
        return stamp.condition(READY, old.reason == Reason.RENEWED.value, old.reason, old.message)
    return stamp.condition(READY, False, Reason.IN_PROGRESS, "the agent's next renewal is awaited")


def _progress(view: MemberView, stamp: Stamp, is_under_way: bool) -> tuple[Condition, Condition]:
    """Say to kstatus and Argo CD whether the hub is still at work on the member, or cannot go on."""
    foreign = _is_foreign(view.home)
    reason = Reason.IN_PROGRESS if is_under_way else Reason.RECONCILED
    if foreign:
        reason = Reason.NAMESPACE_FOREIGN
    return (
        stamp.condition(RECONCILING, is_under_way, reason),
        stamp.condition(STALLED, foreign, reason, _foreign_message(view.member) if foreign else ""),
    )


def _foreign_message(member: MemberCluster) -> str:
    namespace = member_namespace(member.metadata.name)
    return f'namespace "{namespace}" exists and is not ours: remove it, or name the member differently'


def _silence_message(lease: AgentLease | None) -> str:
    if lease is None or lease.heard_at is None:
        return "the agent has not renewed its Lease"
    return f"the agent renewed its Lease last at {lease.heard_at:%FT%TZ}"
