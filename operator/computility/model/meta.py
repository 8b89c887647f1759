"""What every object carries: metadata as we need it, conditions, and the description of its kind."""

import enum
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from computility.model.base import Generation, Message, Reason, Value, keyed_by
from computility.model.rules import Rule

GROUP = "computility.io"
VERSION = "v1alpha1"


class ObjectMeta(Value, frozen=True, kw_only=True):
    """The part of Kubernetes' ObjectMeta that decisions read; managedFields are dropped at decoding."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    annotations: dict[str, str] = msgspec.field(default_factory=dict)
    finalizers: tuple[str, ...] = ()


class ConditionStatus(enum.Enum):
    """The three values of a condition, as in Kubernetes."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


class Condition(Value, frozen=True, kw_only=True, omit_defaults=False):
    """One observation about an object, as in metav1.Condition."""

    type: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=64,
            pattern=r"^[A-Z][A-Za-z0-9]*\Z",
            description="What is observed, a PascalCase word.",
        ),
    ]
    status: Annotated[ConditionStatus, Meta(description="Whether it holds.")]
    observed_generation: Annotated[Generation, Meta(description="The spec's generation that was looked at.")]
    last_transition_time: Annotated[datetime, Meta(description="When `status` last changed.")]
    reason: Annotated[Reason, Meta(description="Why, one word from the list in docs/reasons.md.")]
    message: Annotated[Message, Meta(description="Why, a sentence for a person.")]


Conditions = Annotated[tuple[Condition, ...], Meta(max_length=16, extra_json_schema=keyed_by("type"))]


class Key(NamedTuple):
    """Where an object stands: its namespace ("" for cluster scope) and name."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


def key_of(metadata: ObjectMeta) -> Key:
    """Return where an object stands."""
    return Key(metadata.namespace, metadata.name)


def is_newer(one: ObjectMeta, other: ObjectMeta) -> bool:
    """Say whether one object was written after another of its kind: their resourceVersions are ordered."""
    return int(one.resource_version) > int(other.resource_version)


class Column(NamedTuple):
    """A column that kubectl prints for a kind."""

    name: str
    type: str
    json_path: str
    wide: bool = False


class Kind(NamedTuple):
    """How a kind is served: names, scope, what kubectl prints, and the rules its edits obey.

    `name_type` is an annotated string where an object's name is narrower than Kubernetes allows.
    """

    kind: str
    plural: str
    short_name: str
    namespaced: bool
    description: str
    columns: tuple[Column, ...] = ()
    rules: tuple[Rule, ...] = ()
    name_type: Any = None

    @property
    def api_version(self) -> str:
        return f"{GROUP}/{VERSION}"

    @property
    def crd_name(self) -> str:
        return f"{self.plural}.{GROUP}"


def find_condition(conditions: Iterable[Condition], type_: str) -> Condition | None:
    """Return the condition of this type, or None."""
    return next((c for c in conditions if c.type == type_), None)


def is_true(conditions: Iterable[Condition], type_: str) -> bool:
    """Say whether the condition of this type is there and True."""
    found = find_condition(conditions, type_)
    return found is not None and found.status is ConditionStatus.TRUE


def with_condition(conditions: tuple[Condition, ...], new: Condition) -> tuple[Condition, ...]:
    """Set one condition, keeping its transition time while its status stays, in a stable order."""
    old = find_condition(conditions, new.type)
    if old is not None and old.status is new.status:
        new = msgspec.structs.replace(new, last_transition_time=old.last_transition_time)
    if old is None:
        return (*conditions, new)
    return tuple(new if c.type == new.type else c for c in conditions)
