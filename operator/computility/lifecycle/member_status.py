"""How a member stands, in conditions that people, kstatus and Argo CD read."""

from computility.lifecycle.conditions import READY, RECONCILING, STALLED, Stamp, set_conditions
from computility.lifecycle.member_closing import is_leaving, report_closing
from computility.lifecycle.member_view import AgentLease, MemberView, Pulse
from computility.model.member_cluster import AgentInfo, MemberCluster, MemberClusterStatus
from computility.model.meta import Condition, find_condition
from computility.model.names import AGENT_LEASE, AGENT_VERSION_ANNOTATION, member_namespace
from computility.model.reasons import Reason

ACCEPTED = "Accepted"
_LONGEST_WORD = 64
"""How much of what an agent says of itself fits the status."""


def report_member(view: MemberView, stamp: Stamp, is_under_way: bool) -> MemberClusterStatus:
    """Return the status that says how the member stands; `is_under_way`: there is still work on it."""
    member = view.member
    accepted = member.spec.accepted
    conditions = set_conditions(
        member.status.conditions,
        stamp.condition(ACCEPTED, accepted, Reason.ACCEPTED if accepted else Reason.NOT_ACCEPTED),
        _ready(view, stamp),
        *report_closing(view, stamp),
        *_progress(view, stamp, is_under_way),
    )
    return MemberClusterStatus(
        observed_generation=stamp.generation,
        namespace=member_namespace(member.metadata.name),
        agent=_agent(view),
        cpid=view.identity.cpid,
        aliases=view.identity.aliases,
        pools=view.identity.pools,
        conditions=conditions,
    )


def _agent(view: MemberView) -> AgentInfo:
    if view.lease is None:
        return view.member.status.agent
    version = view.lease.annotations.get(AGENT_VERSION_ANNOTATION, "")
    return AgentInfo(version=version[:_LONGEST_WORD], holder=view.lease.holder[:_LONGEST_WORD])


def _ready(view: MemberView, stamp: Stamp) -> Condition:
    """Say whether the member is of use: accepted, itself and no other, and its agent renews the Lease.

    A cordon leaves it so, as that of a Kubernetes node does.
    """
    if is_leaving(view.member):
        return stamp.condition(READY, False, Reason.MEMBER_LEAVING)
    if view.identity.conflict:
        return stamp.condition(READY, False, Reason.CPID_CONFLICT, view.identity.conflict)
    if view.home.is_foreign:
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
    reason, message = _obstacle(view)
    if reason is not None:
        return stamp.condition(RECONCILING, False, reason), stamp.condition(STALLED, True, reason, message)
    is_under_way = is_under_way or view.home.is_ending or is_leaving(view.member)
    reason = Reason.NAMESPACE_ENDING if view.home.is_ending else Reason.IN_PROGRESS
    if not is_under_way:
        reason = Reason.RECONCILED
    return stamp.condition(RECONCILING, is_under_way, reason), stamp.condition(STALLED, False, reason)


def _obstacle(view: MemberView) -> tuple[Reason | None, str]:
    """Return what keeps the hub from what the spec wishes until a person does something."""
    if view.home.is_foreign and not is_leaving(view.member):
        return Reason.NAMESPACE_FOREIGN, _foreign_message(view.member)
    troubles = view.identity.troubles
    return (Reason.CPID_CONFLICT, troubles) if troubles else (None, "")


def _foreign_message(member: MemberCluster) -> str:
    namespace = member_namespace(member.metadata.name)
    return f'namespace "{namespace}" exists and is not ours: remove it, or name the member differently'


def _silence_message(lease: AgentLease | None) -> str:
    if lease is None or lease.heard_at is None:
        return "the agent has not renewed its Lease"
    return f"the agent renewed its Lease last at {lease.heard_at:%FT%TZ}"
