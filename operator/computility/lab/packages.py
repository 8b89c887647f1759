"""Debian's packages for a Slurm centre of the lab; `python -m computility.lab.packages` installs them."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from computility.lab.enclosure import as_root
from computility.lab.namespace import SYSTEM_PATH

PROGRAMS = {
    "munged": "munge",
    "slurmctld": "slurmctld",
    "slurmd": "slurmd",
    "sbatch": "slurm-client",
    "sinfo": "slurm-client",
    "sudo": "sudo",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "modulecmd": "environment-modules",
    "mpirun": "openmpi-bin",
    "python3": "python3",
    "openssl": "openssl",
}
"""What a centre runs, and what makes the lab's certificates; with Debian's package of each."""
PLUGINS = "slurm-wlm-basic-plugins"
PMIX = ("libpmix.so", "libpmix-dev")
"""What Slurm's plugin for it loads under this name, without a version; with Debian's package of it."""
SYSTEM_ROOT = Path("/usr")
_LIBRARIES = ("lib/*", "lib64", "lib")
SERVICES = ("munge", "slurmctld", "slurmd")
REMEDY = "run `python -m computility.lab.packages`"


NULL_DEVICE = Path("/dev/null")


class PackagesMissing(Exception):
    """Packages are missing and could not be installed; the message has the command to run."""


def missing_programs() -> list[str]:
    """Return which programs of a centre this machine does not have, and the library if that is missing."""
    programs = [name for name in PROGRAMS if shutil.which(name, path=SYSTEM_PATH) is None]
    has_pmix = any(any(SYSTEM_ROOT.glob(f"{folder}/{PMIX[0]}")) for folder in _LIBRARIES)
    return programs if has_pmix else [*programs, PMIX[0]]


def missing_packages() -> list[str]:
    """Return Debian's packages for the programs that are missing; none if the machine has them all."""
    missing = {dict([*PROGRAMS.items(), PMIX])[name] for name in missing_programs()}
    return sorted({*missing, PLUGINS} if missing else set())


def install_packages(packages: Sequence[str], console: Console) -> None:
    """Install Debian packages by apt-get, and leave no service of theirs running.

    Raises:
        PackagesMissing: This is not Debian, we are not root and sudo asks for a password, or apt-get failed.
    """
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    by_hand = f"run `sudo apt-get update && sudo {' '.join(command)}`"
    _refuse_without_means(by_hand)
    for step in (["apt-get", "update"], command):
        with console.status(f"[bold]{' '.join(step)}"):
            _run_apt(step, by_hand)
    stop_services([name for name in SERVICES if name in packages])


def closed_null_device() -> str:
    """Say what to do about a /dev/null that only root may write; "" where it is open to all."""
    mode = stat.S_IMODE(NULL_DEVICE.stat().st_mode)
    if mode & 0o006 == 0o006:
        return ""
    return (
        f"{NULL_DEVICE} has mode {mode:04o}: programs of other users than root fail oddly, apt's downloads "
        f"among them; run `chmod 666 {NULL_DEVICE}` as root (the lab's centres have one of their own)"
    )


def stop_services(names: Sequence[str]) -> None:
    """Stop services that an installation has just started; the lab starts its own, elsewhere."""
    under_systemd = Path("/run/systemd/system").is_dir()
    for name in names:
        argv = ["systemctl", "disable", "--now", name] if under_systemd else ["service", name, "stop"]
        subprocess.run([*as_root(), *argv], capture_output=True, check=False)  # one that never ran is stopped


def _refuse_without_means(by_hand: str) -> None:
    if shutil.which("apt-get") is None:
        raise PackagesMissing(
            f"cannot install {', '.join(missing_programs())}: this machine has no apt-get; "
            f"install Slurm 22.05 or newer, munge, sudo and util-linux so that they are on {SYSTEM_PATH}"
        )
    if (
        os.geteuid() != 0
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode
    ):
        raise PackagesMissing(f"cannot install packages without root or passwordless sudo: {by_hand}")


def _run_apt(step: Sequence[str], by_hand: str) -> None:
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive"]
    done = subprocess.run([*as_root(), *quiet, *step], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise PackagesMissing(
            f"`{' '.join(step)}` failed: {' '.join(last)}; {by_hand} and look at what it says"
        )


def main() -> int:
    """Install what is missing; say so when nothing is."""
    console = Console(stderr=True)
    if warning := closed_null_device():
        console.print(f"[yellow]warning:[/yellow] {warning}", highlight=False)
    packages = missing_packages()
    if not packages:
        console.print("Slurm centre: all programs are installed")
        return 0
    try:
        install_packages(packages, console)
    except PackagesMissing as error:
        console.print(f"[red]error:[/red] {error}", highlight=False)
        return 1
    console.print(f"Slurm centre: installed {', '.join(packages)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
