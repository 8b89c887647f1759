"""What processes and the machine have used so far, as the kernel counts it."""

import os
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
# Fields 14 and 15 of proc(5)'s stat, counted from the state (field 3) on.
_UTIME, _STIME = 11, 12
# Columns of the line "cpu" in /proc/stat.
_IDLE, _IOWAIT, _STEAL = 3, 4, 7


class Machine(NamedTuple):
    """CPU-seconds of the whole machine since its boot, and its load average over one minute."""

    busy_seconds: float
    steal_seconds: float
    load: float


def cpu_seconds(pid: int) -> float:
    """Return the user and system time of a live process, all threads, in seconds.

    Raises:
        FileNotFoundError: It has ended.
    """
    text = (_PROC / str(pid) / "stat").read_text()
    fields = text[text.rindex(")") + 1 :].split()
    return (int(fields[_UTIME]) + int(fields[_STIME])) / _TICKS


def peak_rss_bytes(pid: int) -> int:
    """Return the most memory that a live process has had resident, in bytes."""
    lines = (_PROC / str(pid) / "status").read_text().splitlines()
    line = next(line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def machine() -> Machine:
    """Return what the machine as a whole has used."""
    columns = [int(c) / _TICKS for c in (_PROC / "stat").read_text().splitlines()[0].split()[1:9]]
    busy = sum(columns) - columns[_IDLE] - columns[_IOWAIT] - columns[_STEAL]
    return Machine(busy, columns[_STEAL], os.getloadavg()[0])
