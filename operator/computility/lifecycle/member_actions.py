"""What the hub can do for a member: one write each, safe to repeat."""

from collections.abc import Mapping

from computility.model.base import Value


class Hold(Value, frozen=True, kw_only=True):
    """Put our finalizer on the MemberCluster, if it is still as it was seen."""


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


class RemoveAccount(Value, frozen=True, kw_only=True):
    """Delete a ServiceAccount, and with it every token that was minted for it."""

    namespace: str
    account: str


class RemoveNamespace(Value, frozen=True, kw_only=True):
    """Delete the member's namespace, if it is still the one of this uid."""

    namespace: str
    uid: str


class Release(Value, frozen=True, kw_only=True):
    """Take our finalizer off the MemberCluster, which is the end of it, if it is still as it was seen."""


MemberAction = (
    Hold | MakeNamespace | MakeAccount | Bind | Unbind | Annotate | RemoveAccount | RemoveNamespace | Release
)
