"""Numbers for the users of a centre that no other user of this machine has, nor another centre's.

Centres share this machine's kernel, and with it /dev/shm and System V IPC: where two tenants of different
centres had one number, each could read there what the other keeps to itself.
"""

import grp
import pwd
import random
import socket
import threading
import time
from pathlib import Path

from computility.lab.centre import CentreError

FIRST_UID, LAST_UID, UIDS = 64200, 65000, 16
CLAIM_SECONDS = 60.0
"""Within that time a centre has processes of its own users, by which it is seen."""

_claims: dict[int, tuple[float, socket.socket]] = {}
_claiming = threading.Lock()


def free_uids() -> int:
    """Return the first of `UIDS` numbers in a row that no account, group or process of this machine has.

    They are claimed for a while: another centre that is just being started, by whatever process, gets others.

    Raises:
        CentreError: No row is left.
    """
    taken = (
        {entry.pw_uid for entry in pwd.getpwall()} | {entry.gr_gid for entry in grp.getgrall()} | _running()
    )
    rows = [range(first, first + UIDS) for first in range(FIRST_UID, LAST_UID, UIDS)]
    free = [row.start for row in rows if taken.isdisjoint(row)]
    random.SystemRandom().shuffle(free)
    with _claiming:
        _let_go(time.monotonic() - CLAIM_SECONDS)
        for first in free:
            if _claim(first):
                return first
    raise CentreError(
        f"no {UIDS} user numbers in a row between {FIRST_UID} and {LAST_UID} are left on this machine: "
        "take down labs that you do not need"
    )


def _claim(first: int) -> bool:
    """Claim a row by a socket of that name, which the kernel closes with this process at the latest."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0computility-uids-{first}")
    except OSError:
        claim.close()
        return False
    _claims[first] = time.monotonic(), claim
    return True


def _let_go(until: float) -> None:
    for first, (at, claim) in list(_claims.items()):
        if at <= until:
            claim.close()
            del _claims[first]


def _running() -> set[int]:
    """Return whose processes run; centres keep theirs in namespaces that this machine looks into."""
    return {uid for process in Path("/proc").glob("[0-9]*") if (uid := _owner(process)) is not None}


def _owner(process: Path) -> int | None:
    try:
        return process.stat().st_uid
    except FileNotFoundError:
        return None
