"""Environment modules of the lab's Slurm centres: small ones, but loaded as any other."""

from collections.abc import Mapping

from computility.lab.plan import Directory, File

MODULE_INIT = "/etc/computility/modules.sh"
MPI: Mapping[str, tuple[str, ...]] = {"openmpi": ("openmpi/4.1",)}
GREETINGS: Mapping[str, tuple[str, ...]] = {"greeter": ("language/en", "greeter/1.2")}
"""Aliases that a centre may have: the greeter needs a language to be loaded before it."""

_SYSTEM_INIT = "/usr/share/modules/init/bash"
_FILES, _APPS = "/srv/modules", "/srv/apps"
_LANGUAGE = """#%Module
setenv GREETING hello
"""
_GREETER = f"""#%Module
prereq language
prepend-path PATH {_APPS}/greeter
"""
_OPENMPI = """#%Module
# All nodes of a lab are this machine: they must not meet in its memory, and speak over its loopback.
setenv OMPI_MCA_btl self,tcp
setenv OMPI_MCA_btl_tcp_if_include lo
"""
_PROGRAM = """#!/bin/sh
echo "$GREETING, $1"
"""


def module_directories() -> list[Directory]:
    """Return where modules and what they bring are."""
    paths = (
        _FILES,
        f"{_FILES}/language",
        f"{_FILES}/greeter",
        f"{_FILES}/openmpi",
        _APPS,
        f"{_APPS}/greeter",
    )
    return [Directory(path) for path in paths]


def module_files() -> list[File]:
    """Return the modules, what they bring, and what has a shell know `module`."""
    return [
        File(MODULE_INIT, f". {_SYSTEM_INIT}\nmodule use {_FILES}\n"),
        File(f"{_FILES}/language/en", _LANGUAGE),
        File(f"{_FILES}/greeter/1.2", _GREETER),
        File(f"{_FILES}/openmpi/4.1", _OPENMPI),
        File(f"{_APPS}/greeter/greet", _PROGRAM, mode=0o755),
    ]
