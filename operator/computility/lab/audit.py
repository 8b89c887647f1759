"""The API server's audit log: which writes were made, by whom."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

# Reads are many and nobody counts them.
POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, verbs: [get, list, watch]}
- {level: Metadata}
"""


class _User(msgspec.Struct, frozen=True):
    username: str


class _ObjectRef(msgspec.Struct, frozen=True):
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""


class _ResponseStatus(msgspec.Struct, frozen=True):
    code: int = 0


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    verb: str
    user: _User
    object_ref: _ObjectRef = _ObjectRef()
    response_status: _ResponseStatus = _ResponseStatus()


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """One write request: create, update, patch, delete or deletecollection."""

    verb: str
    resource: str
    subresource: str
    namespace: str
    name: str
    user: str
    code: int


def read_writes(log: Path) -> Iterator[Write]:
    """Yield the writes recorded so far, in the order of their answers; a half-written last line is left out.

    The log is of `ControlPlane.start(..., audit=True)`. A create names no object where the server named it.
    """
    decoder = msgspec.json.Decoder(_Event)
    with log.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                yield _as_write(decoder.decode(line))


def _as_write(event: _Event) -> Write:
    ref = event.object_ref
    return Write(
        verb=event.verb,
        resource=ref.resource,
        subresource=ref.subresource,
        namespace=ref.namespace,
        name=ref.name,
        user=event.user.username,
        code=event.response_status.code,
    )
