"""What the kernel says of processes. A pid alone names nobody: it is given out again."""

from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
_AFTER_NAME = 2
_STATE, _GROUP, _START_TICKS = 3 - _AFTER_NAME - 1, 5 - _AFTER_NAME - 1, 22 - _AFTER_NAME - 1
_GONE = (FileNotFoundError, ProcessLookupError)


def boot_id() -> str:
    """Return the kernel's name for this boot; start times count from it."""
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def start_ticks(pid: int) -> int | None:
    """Return when a live process started, in clock ticks since boot; None if there is none (or a zombie)."""
    fields = _stat_fields(pid)
    return int(fields[_START_TICKS]) if fields and fields[_STATE] not in "ZX" else None


def group_members(group: int) -> list[int]:
    """Return the live processes of a process group."""
    return [pid for pid in _pids() if _is_member(pid, group)]


def pids_with_environment(name: str, value: str) -> list[int]:
    """Return the processes that were started with this environment variable, as far as we may read theirs."""
    entry = f"{name}={value}".encode()
    return [pid for pid in _pids() if entry in _environment(pid) and start_ticks(pid) is not None]


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal())


def _is_member(pid: int, group: int) -> bool:
    fields = _stat_fields(pid)
    return bool(fields) and int(fields[_GROUP]) == group and fields[_STATE] not in "ZX"


def _stat_fields(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on (field 3 in proc(5)); none if it is gone."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except _GONE:
        return []
    # The name (field 2) is in parentheses and may contain both spaces and parentheses.
    return text[text.rindex(")") + 1 :].split()


def _environment(pid: int) -> list[bytes]:
    try:
        return (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except (*_GONE, PermissionError):
        return []
