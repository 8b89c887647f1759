"""What an account's owner has locked away from us, or replaced."""

from typing import Any, Optional

from .files import OWNERS_DOING

LOCKED = "locked or replaced by its owner: "


class Locked:
    """Passes over what the account's owner has locked or replaced: it is as good as not there.

    Nothing but that owner brings it back, and an attempt must not wait for that: its looks stay complete.
    """

    def __init__(self, what: str = "") -> None:
        self.problem = what and LOCKED + what

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: Optional[BaseException], trace: Any) -> bool:
        if not isinstance(error, OSError) or error.errno not in OWNERS_DOING:
            return False
        self.problem = self.problem or LOCKED + str(error)
        return True
