"""Kubernetes' own kinds, with the fields that we read or write."""

from datetime import UTC, datetime
from typing import ClassVar

import msgspec

from computility.kube.resource import Resource
from computility.model.base import Value
from computility.model.meta import ObjectMeta


class NamespaceStatus(Value, frozen=True, kw_only=True):
    """`phase` is Active or Terminating."""

    phase: str = ""


class Namespace(Value, frozen=True, kw_only=True):
    """v1 Namespace."""

    KIND: ClassVar = Resource("", "v1", "namespaces", "Namespace", namespaced=False)

    metadata: ObjectMeta = ObjectMeta()
    status: NamespaceStatus = NamespaceStatus()


class ServiceAccount(Value, frozen=True, kw_only=True):
    """v1 ServiceAccount."""

    KIND: ClassVar = Resource("", "v1", "serviceaccounts", "ServiceAccount", namespaced=True)

    metadata: ObjectMeta = ObjectMeta()


class ConfigMap(Value, frozen=True, kw_only=True):
    """v1 ConfigMap, its text part."""

    KIND: ClassVar = Resource("", "v1", "configmaps", "ConfigMap", namespaced=True)

    metadata: ObjectMeta = ObjectMeta()
    data: dict[str, str] = msgspec.field(default_factory=dict)


class RoleRef(Value, frozen=True, kw_only=True, omit_defaults=False):
    """The role that is bound; it cannot be changed."""

    name: str
    kind: str = "ClusterRole"
    api_group: str = "rbac.authorization.k8s.io"


class Subject(Value, frozen=True, kw_only=True, omit_defaults=False):
    """The ServiceAccount that a role is bound to."""

    name: str
    namespace: str
    kind: str = "ServiceAccount"


class RoleBinding(Value, frozen=True, kw_only=True):
    """rbac.authorization.k8s.io/v1 RoleBinding of ServiceAccounts."""

    KIND: ClassVar = Resource(
        "rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", namespaced=True
    )

    metadata: ObjectMeta = ObjectMeta()
    role_ref: RoleRef
    subjects: tuple[Subject, ...] = ()


class CrdCondition(Value, frozen=True, kw_only=True):
    """A condition of a CustomResourceDefinition, which has no observedGeneration."""

    type: str
    status: str


class CrdStatus(Value, frozen=True, kw_only=True):
    """What the API server says of a CustomResourceDefinition."""

    conditions: tuple[CrdCondition, ...] | None = None


class CustomResourceDefinition(Value, frozen=True, kw_only=True):
    """apiextensions.k8s.io/v1 CustomResourceDefinition, read only."""

    KIND: ClassVar = Resource(
        "apiextensions.k8s.io",
        "v1",
        "customresourcedefinitions",
        "CustomResourceDefinition",
        namespaced=False,
    )

    metadata: ObjectMeta = ObjectMeta()
    status: CrdStatus = CrdStatus()

    @property
    def is_established(self) -> bool:
        """Whether the kind is served."""
        found = self.status.conditions or ()
        return any(c.type == "Established" and c.status == "True" for c in found)


class LeaseSpec(Value, frozen=True, kw_only=True):
    """Who holds the Lease and since when, by the holder's own clock."""

    holder_identity: str | None = None
    lease_duration_seconds: int | None = None
    acquire_time: str | None = None
    renew_time: str | None = None
    lease_transitions: int | None = None


class Lease(Value, frozen=True, kw_only=True):
    """coordination.k8s.io/v1 Lease."""

    KIND: ClassVar = Resource("coordination.k8s.io", "v1", "leases", "Lease", namespaced=True)

    metadata: ObjectMeta = ObjectMeta()
    spec: LeaseSpec = LeaseSpec()


def render_micro_time(at: datetime) -> str:
    """Write a time as metav1.MicroTime: UTC with exactly six digits, or the API server refuses it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
