"""How a person names a pool."""

from typing import Protocol


class AtPool(Protocol):
    """What is, or tells of, a pool of a member."""

    @property
    def member(self) -> str: ...
    @property
    def pool(self) -> str: ...


def pool_name(of: AtPool) -> str:
    """Name a pool as `why-not` takes it: MEMBER/POOL."""
    return f"{of.member}/{of.pool}"
