"""What the hub knows of one member when it decides about it."""

import enum
from collections.abc import Mapping
from datetime import datetime

from computility.lifecycle.member_identity import Identity
from computility.model.base import Value
from computility.model.member_cluster import MemberCluster
from computility.model.names import MEMBER_FINALIZER


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
    `is_ending` says that it is being deleted: nothing can be made in it any more.
    """

    exists: bool = False
    is_ours: bool = False
    is_ending: bool = False
    uid: str = ""
    accounts: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()

    @property
    def is_foreign(self) -> bool:
        """Whether somebody else made the namespace: we would give an agent rights among their objects."""
        return self.exists and not self.is_ours


class Left(Value, frozen=True, kw_only=True):
    """What of the network's work is at a member: attempts that have not ended, and how many of them run.

    Counted only at a member that is to be empty.
    """

    attempts: int = 0
    running: int = 0


class MemberView(Value, frozen=True, kw_only=True):
    """All that the hub knows of one member."""

    member: MemberCluster
    home: Home
    pulse: Pulse
    lease: AgentLease | None = None
    left: Left = Left()
    identity: Identity = Identity()

    @property
    def is_held(self) -> bool:
        """Whether our finalizer keeps the member until it has been left."""
        return MEMBER_FINALIZER in self.member.metadata.finalizers
