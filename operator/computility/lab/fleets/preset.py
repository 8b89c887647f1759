"""What a preset fleet is: centres, each a member with its pools, and the ways between them."""

from collections.abc import Iterator

import msgspec

from computility.model.data_link import DataLink
from computility.model.member_cluster import MemberCluster
from computility.model.resource_pool import ResourcePool


class PresetCentre(msgspec.Struct, frozen=True):
    """A simulated centre: its entry on the hub, and the pools that it offers."""

    member: MemberCluster
    pools: tuple[ResourcePool, ...]

    @property
    def name(self) -> str:
        """The member's name."""
        return self.member.metadata.name


class Preset(msgspec.Struct, frozen=True):
    """A whole fleet, always the same under its name."""

    centres: tuple[PresetCentre, ...]
    links: tuple[DataLink, ...]

    @property
    def members(self) -> tuple[MemberCluster, ...]:
        return tuple(centre.member for centre in self.centres)

    @property
    def pools(self) -> tuple[ResourcePool, ...]:
        return tuple(self._pools())

    def _pools(self) -> Iterator[ResourcePool]:
        for centre in self.centres:
            yield from centre.pools
