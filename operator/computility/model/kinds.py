"""The kinds that the API serves, in the order in which a person meets them."""

from typing import ClassVar, Protocol

from computility.model.assignment import Assignment
from computility.model.compute_job import ComputeJob
from computility.model.data_link import DataLink
from computility.model.member_cluster import MemberCluster
from computility.model.meta import Kind
from computility.model.resource_pool import ResourcePool


class Served(Protocol):
    """A struct that is served as a kind."""

    KIND: ClassVar[Kind]


KINDS: tuple[type[Served], ...] = (MemberCluster, ResourcePool, DataLink, ComputeJob, Assignment)
