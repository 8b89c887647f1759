"""When a member takes no new work: cordoned, drained, refused for its names, or about to leave."""

from computility.lifecycle.conditions import Stamp
from computility.lifecycle.member_view import Left, MemberView, Pulse
from computility.model.member_cluster import MemberCluster
from computility.model.meta import Condition, find_condition
from computility.model.reasons import Reason

CORDONED = "Cordoned"
DRAINED = "Drained"
LEAVING = "Leaving"


def is_leaving(member: MemberCluster) -> bool:
    """Whether the platform team has deleted it: it is there until its work is settled."""
    return member.metadata.deletion_timestamp is not None


def is_emptied(member: MemberCluster) -> bool:
    """Whether its unstarted attempts are to go elsewhere."""
    return member.spec.drain or is_leaving(member)


def is_beyond_reach(member: MemberCluster, pulse: Pulse) -> bool:
    """Whether nobody will report on what is there: the member leaves, and its agent is gone or locked out."""
    return is_leaving(member) and (not member.spec.accepted or pulse in {Pulse.SILENT, Pulse.NEVER})


def closed_because(member: MemberCluster, *, has_conflict: bool) -> Reason | None:
    """Return why no new work goes there although it is accepted; None when it does.

    `has_conflict`: another has the cpid or alias that the member, or the pool in question, claims.
    """
    if is_leaving(member):
        return Reason.MEMBER_LEAVING
    if has_conflict:
        return Reason.CPID_CONFLICT
    return Reason.CORDONED if member.spec.cordon or member.spec.drain else None


def report_closing(view: MemberView, stamp: Stamp) -> tuple[Condition, ...]:
    """Say what is closed about a member; of one that never was anything but open, nothing."""
    said = (_cordoned(view, stamp), _drained(view, stamp), _leaving(view, stamp))
    before = view.member.status.conditions
    return tuple(c for c, is_news in said if is_news or find_condition(before, c.type) is not None)


def _cordoned(view: MemberView, stamp: Stamp) -> tuple[Condition, bool]:
    spec = view.member.spec
    holds = spec.cordon or spec.drain
    return stamp.condition(CORDONED, holds, Reason.CORDONED if holds else Reason.UNCORDONED), holds


def _drained(view: MemberView, stamp: Stamp) -> tuple[Condition, bool]:
    if not view.member.spec.drain:
        return stamp.condition(DRAINED, False, Reason.UNCORDONED), False
    if view.left.attempts:
        return stamp.condition(DRAINED, False, Reason.DRAINING, _describe(view.left)), True
    return stamp.condition(DRAINED, True, Reason.DRAINED), True


def _leaving(view: MemberView, stamp: Stamp) -> tuple[Condition, bool]:
    if not is_leaving(view.member):
        return stamp.condition(LEAVING, False, Reason.RECONCILED), False
    message = _describe(view.left) if view.left.attempts else "its accounts and its namespace are removed"
    if view.left.attempts and is_beyond_reach(view.member, view.pulse):
        message += "; nobody is left to report on them: they are booked as lost"
    return stamp.condition(LEAVING, True, Reason.MEMBER_LEAVING, message), True


def _describe(left: Left) -> str:
    return f"attempts that have not ended: {left.attempts}, running: {left.running}"
