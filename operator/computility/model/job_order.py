"""Which job goes first: its priority among its namespace's, and what it has to wait for."""

import enum
from typing import Annotated

from msgspec import Meta

from computility.model.base import ObjectName, Value

Priority = Annotated[
    int,
    Meta(
        ge=-1000,
        le=1000,
        description=(
            "Which of the namespace's waiting jobs goes first when there is room: the one with the higher "
            "priority, among equal ones the older one. Between namespaces it counts nothing: there the fair "
            "share decides. It can be changed at any time and moves nothing that is placed."
        ),
    ),
]


class After(enum.Enum):
    """What has to have become of a job before another one may start."""

    SUCCEEDED = "Succeeded"
    ENDED = "Ended"


class Dependency(Value, frozen=True, kw_only=True):
    """A job of the same namespace that has to come first.

    The field is not called `on`: to YAML 1.1, and so to kubectl, that key is the boolean true.
    """

    name: Annotated[ObjectName, Meta(description="Its name.")]
    until: Annotated[
        After,
        Meta(
            description=(
                "`Succeeded`: once it has succeeded; when it failed or was cancelled, this job fails too "
                "(`DependencyFailed`). `Ended`: once it has ended, in whatever way."
            )
        ),
    ] = After.SUCCEEDED
