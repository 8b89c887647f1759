"""The private view of the machine in an enclosure: own accounts and settings, empty /run, /tmp and /srv.

Runs as root inside new mount and process namespaces; nothing that it does is seen outside of them, but for
the directory `srv` of the enclosure, which is /srv inside.
"""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from computility.lab.mounts import bind, hold, mount_empty, reveal

ETC = Path("/etc")


def build_view(plan: Mapping[str, Any]) -> int:
    """Build what a plan (`plan.Plan`, as JSON has it) describes; return a descriptor of its root."""
    root = hold(Path(plan["root"]))
    revealed = {Path(path): hold(Path(path)) for path in plan["reveal"]}
    _mount_all(root)
    _add_accounts(plan["accounts"], plan["groups"])
    for directory in plan["directories"]:
        _make_directory(directory)
    for file in plan["files"]:
        write_file(file)
    for path, held in revealed.items():
        reveal(path, held)
        os.close(held)
    return root


def _mount_all(root: int) -> None:
    shutil.rmtree("srv", ignore_errors=True, dir_fd=root)  # left by an enclosure that was killed
    os.mkdir("srv", dir_fd=root)
    srv = os.open("srv", os.O_PATH | os.O_CLOEXEC, dir_fd=root)
    mount_empty(Path("/run"))
    _copy_etc(Path("/run/etc"))
    bind(srv, Path("/srv"))
    mount_empty(Path("/tmp"), mode=0o1777)  # noqa: S108 - inside, and empty
    _own_null_device(Path("/run/null"))
    os.close(srv)


def _copy_etc(copy: Path) -> None:
    """Show a copy of /etc in its place, so that accounts and sudo's rules can be changed inside alone."""
    subprocess.run(["cp", "--archive", f"{ETC}/.", str(copy)], check=True)
    bind(hold(copy), ETC)


def _own_null_device(path: Path) -> None:
    """Show a /dev/null that everybody may write: on some machines it is 0644, and jobs then fail."""
    os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    path.chmod(0o666)
    bind(hold(path), Path("/dev/null"))


def _add_accounts(accounts: Sequence[Mapping[str, Any]], groups: Sequence[Mapping[str, Any]]) -> None:
    _append("passwd", [f"{a['name']}:x:{a['uid']}:{a['uid']}::{a['home']}:{a['login']}" for a in accounts])
    _append("shadow", [f"{a['name']}:*:19000:0:99999:7:::" for a in accounts])
    _append("group", [f"{a['name']}:x:{a['uid']}:" for a in accounts])
    _append("group", [f"{g['name']}:x:{g['gid']}:{','.join(g['members'])}" for g in groups])


def _append(name: str, lines: Sequence[str]) -> None:
    with (ETC / name).open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


def _make_directory(directory: Mapping[str, Any]) -> None:
    path = Path(directory["path"])
    path.mkdir(exist_ok=True)
    path.chmod(directory["mode"])
    shutil.chown(path, directory["owner"], directory["owner"])


def write_file(file: Mapping[str, Any]) -> str:
    """Write a file whole, by renaming, with its owner and mode; return its path.

    Root writes here into directories of others, so it follows no link at the name and changes what it holds.
    """
    path = Path(file["path"])
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(file["text"])
        owner = pwd.getpwnam(file["owner"])
        os.fchown(stream.fileno(), owner.pw_uid, owner.pw_gid)
        os.fchmod(stream.fileno(), file["mode"])
    beside.rename(path)
    return str(path)
