"""Numbers for the users of a centre that no other user of this machine has, nor another centre's.

Centres share this machine's kernel, and with it /dev/shm and System V IPC: where two tenants of different
centres had one number, each could read there what the other keeps to itself.
"""

import grp
import pwd
import random
from pathlib import Path

FIRST_UID, LAST_UID, UIDS = 64200, 65000, 16


def free_uids() -> int:
    """Return the first of `UIDS` numbers in a row that no account, group or process of this machine has.

    Which row is a matter of chance: a centre that another lab is about to start has no process yet.
    """
    taken = (
        {entry.pw_uid for entry in pwd.getpwall()} | {entry.gr_gid for entry in grp.getgrall()} | _running()
    )
    rows = [range(first, first + UIDS) for first in range(FIRST_UID, LAST_UID, UIDS)]
    return random.SystemRandom().choice([row.start for row in rows if taken.isdisjoint(row)])


def _running() -> set[int]:
    """Return whose processes run; centres keep theirs in namespaces that this machine looks into."""
    return {uid for process in Path("/proc").glob("[0-9]*") if (uid := _owner(process)) is not None}


def _owner(process: Path) -> int | None:
    try:
        return process.stat().st_uid
    except FileNotFoundError:
        return None
