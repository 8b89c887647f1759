"""The cpid: the one name of a member or a pool, which outlives renames, restores and price lists."""

from typing import Annotated

from msgspec import Meta

from computility.model.base import Message, ObjectName, Uid, Value

AUTHORITY = "computility"
"""Who mints, where the hub is not told otherwise."""

_SEGMENTS = (
    r"[a-z0-9][-a-z0-9.]{0,62}",  # authority
    r"[A-Z]{2}-[A-Z0-9]{1,3}",  # region, ISO 3166-2
    r"[a-z0-9][-a-z0-9]{0,62}",  # centre
    r"[a-z]{1,32}",  # kind
    r"[A-Za-z0-9][-A-Za-z0-9]{0,63}",  # opaque
)
Cpid = Annotated[str, Meta(min_length=9, max_length=255, pattern=rf"^urn:cpid:{':'.join(_SEGMENTS)}\Z")]
Alias = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[!-~]+\Z")]
"""A code under which others know it: printable ASCII without spaces."""
Aliases = Annotated[tuple[Alias, ...], Meta(max_length=8)]
KnownCpid = Annotated[str, Meta(max_length=255)]


class PoolIdentity(Value, frozen=True, kw_only=True):
    """Under which names the hub knows one pool of a member."""

    name: Annotated[ObjectName, Meta(description="The pool.")]
    uid: Annotated[Uid, Meta(description="Its uid: a pool made again under this name is another one.")]
    cpid: Annotated[
        KnownCpid, Meta(description="Its cpid, claimed or minted; empty while another holds what it claims.")
    ] = ""
    aliases: Annotated[Aliases, Meta(description="Those of its aliases that it holds.")] = ()
    conflict: Annotated[
        Message, Meta(description="Which of its names another holds, and who; nothing is placed here then.")
    ] = ""


def mint_cpid(kind: str, region: str, centre: str, uid: str, authority: str = AUTHORITY) -> str:
    """Make a cpid out of what never changes about an object: where it began, and its uid.

    The same object gets the same one again, also from a hub that lost its statuses.
    """
    return f"urn:cpid:{authority}:{region}:{centre}:{kind}:{uid.replace('-', '').lower()}"
