"""What the hub can do to the Assignments of a job: one write each, safe to repeat."""

from computility.model.assignment import Assignment
from computility.model.base import Value


class Create(Value, frozen=True, kw_only=True):
    """Create this Assignment; that it is there already is as good."""

    assignment: Assignment


class GiveUp(Value, frozen=True, kw_only=True):
    """Set `desired: Cancel` on this Assignment; that it is gone is as good."""

    namespace: str
    name: str
    uid: str


class Delete(Value, frozen=True, kw_only=True):
    """Delete this Assignment, whose end is reported and booked."""

    namespace: str
    name: str
    uid: str


Action = Create | GiveUp | Delete


def give_up(assignment: Assignment) -> GiveUp:
    """Build the action for one observed Assignment."""
    meta = assignment.metadata
    return GiveUp(namespace=meta.namespace, name=meta.name, uid=meta.uid)


def delete(assignment: Assignment) -> Delete:
    """Build the action for one observed Assignment."""
    meta = assignment.metadata
    return Delete(namespace=meta.namespace, name=meta.name, uid=meta.uid)
