"""What the hub knows of one member when it decides about it."""

import enum
from collections.abc import Mapping
from datetime import datetime

from computility.model.base import Value
from computility.model.member_cluster import MemberCluster


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

    @property
    def is_foreign(self) -> bool:
        """Whether somebody else made the namespace: we would give an agent rights among their objects."""
        return self.exists and not self.is_ours


class MemberView(Value, frozen=True, kw_only=True):
    """All that the hub knows of one member."""

    member: MemberCluster
    home: Home
    pulse: Pulse
    lease: AgentLease | None = None
