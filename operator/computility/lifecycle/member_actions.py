"""What the hub can do for a member: one write each, safe to repeat."""

from collections.abc import Mapping

from computility.model.base import Value


class MakeNamespace(Value, frozen=True, kw_only=True):
    """Create the member's namespace; that it is there already is as good, if it is ours."""

    namespace: str
    member: str


class MakeAccount(Value, frozen=True, kw_only=True):
    """Create a ServiceAccount; that it is there already is as good."""

    namespace: str
    account: str


class Bind(Value, frozen=True, kw_only=True):
    """Bind the ClusterRole of an account's name to that account."""

    namespace: str
    account: str


class Unbind(Value, frozen=True, kw_only=True):
    """Remove that binding; that it is gone is as good."""

    namespace: str
    account: str


class Annotate(Value, frozen=True, kw_only=True):
    """Write what the hub answers on the agent's Lease."""

    namespace: str
    annotations: Mapping[str, str]


MemberAction = MakeNamespace | MakeAccount | Bind | Unbind | Annotate
