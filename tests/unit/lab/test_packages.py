"""Installing a centre's packages, with an apt-get of our own in its place."""

import os
from pathlib import Path

import pytest
from rich.console import Console

from computility.lab import packages
from computility.lab.packages import PackagesMissing, install_packages, missing_packages, missing_programs


@pytest.fixture(name="machine")
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that is the whole PATH, with the one library that is looked for."""
    monkeypatch.setattr(packages, "SYSTEM_PATH", str(tmp_path))
    monkeypatch.setattr(packages, "SYSTEM_ROOT", tmp_path)
    (tmp_path / "lib64").mkdir()
    (tmp_path / "lib64" / "libpmix.so").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.fixture(name="apt_log")
def apt_with_log(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the machine's apt-get was asked, and with which frontend, line by line."""
    program(machine / "apt-get", f'echo "$DEBIAN_FRONTEND: $*" >> {machine}/apt.log')
    program(machine / "sudo", 'shift; exec "$@"')
    program(machine / "service", f'echo "$*" >> {machine}/service.log')
    program(machine / "systemctl", f'echo "$*" >> {machine}/service.log')
    (machine / "env").symlink_to("/usr/bin/env")
    return machine / "apt.log"


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_program_that_is_missing_names_its_package(machine: Path) -> None:
    for name in packages.PROGRAMS:
        program(machine / name, "true")
    (machine / "slurmd").unlink()

    assert missing_programs() == ["slurmd"]
    assert missing_packages() == ["slurm-wlm-basic-plugins", "slurmd"]


def test_a_library_that_is_missing_names_its_package(machine: Path) -> None:
    for name in packages.PROGRAMS:
        program(machine / name, "true")
    (machine / "lib64" / "libpmix.so").rename(machine / "lib64" / "libpmix.so.2")

    assert missing_packages() == ["libpmix-dev", "slurm-wlm-basic-plugins"]


def test_nothing_is_missing_where_all_programs_are(machine: Path) -> None:
    for name in packages.PROGRAMS:
        program(machine / name, "true")

    assert missing_packages() == []


def test_lists_are_fetched_before_packages_and_nobody_is_asked(apt_log: Path) -> None:
    install_packages(["munge", "slurmd"], Console(quiet=True))

    assert apt_log.read_text().splitlines() == [
        "noninteractive: update",
        "noninteractive: install --yes --no-install-recommends munge slurmd",
    ]


def test_only_services_that_were_just_installed_are_stopped(apt_log: Path) -> None:
    install_packages(["munge", "slurm-client"], Console(quiet=True))

    stopped = apt_log.with_name("service.log").read_text().splitlines()
    assert stopped in (["munge stop"], ["disable --now munge"])


def test_a_failure_of_apt_is_shown_with_the_command_to_run(apt_log: Path) -> None:
    program(apt_log.parent / "apt-get", "echo 'E: no space left' >&2; exit 100")

    with pytest.raises(PackagesMissing, match=r"no space left.*sudo apt-get update && sudo apt-get install"):
        install_packages(["munge"], Console(quiet=True))


def test_without_root_and_with_a_password_the_command_is_named_and_nothing_tried(
    apt_log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(apt_log.parent / "sudo", "exit 1")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(PackagesMissing, match="run `sudo apt-get update"):
        install_packages(["munge"], Console(quiet=True))
    assert not apt_log.exists()


def test_a_machine_without_apt_is_told_what_to_install(machine: Path) -> None:
    with pytest.raises(PackagesMissing, match=r"install Slurm 22\.05 or newer"):
        install_packages(["munge"], Console(quiet=True))


@pytest.mark.parametrize(("mode", "is_told"), [(0o666, False), (0o644, True)])
def test_a_null_device_that_only_root_may_write_is_told(
    mode: int, is_told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = tmp_path / "null"
    device.touch()
    device.chmod(mode)
    monkeypatch.setattr(packages, "NULL_DEVICE", device)

    assert ("chmod 666" in packages.closed_null_device()) == is_told
