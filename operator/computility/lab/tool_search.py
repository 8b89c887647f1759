"""Looking for a program that is on this machine already."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from computility.lab.tool_specs import ToolSpec, Version

SETTING = "COMPUTILITY_TOOLS"
ENVTEST = "KUBEBUILDER_ASSETS"
VERSION_SECONDS = 20
_VERSION = re.compile(r".*?(\d+)\.(\d+)(?:\.(\d+))?.*", re.DOTALL)


class WrongSetting(Exception):
    """COMPUTILITY_TOOLS names a folder or a program that will not do."""


@dataclass(slots=True)
class Search:
    """One search for one program; keeps the reasons for passing candidates over."""

    spec: ToolSpec
    passed_over: list[str] = field(default_factory=list)

    def find(self, environment: Mapping[str, str], cache: Path) -> Path | None:
        """Return the first program that will do: the setting, envtest's folder, PATH, our cache.

        Raises:
            WrongSetting: The setting names no folder, or its program will not do.
        """
        explicit = self._find_explicit(environment.get(SETTING, ""))
        return explicit or self._find_installed(environment) or self._find_cached(cache)

    def _find_explicit(self, setting: str) -> Path | None:
        if not setting:
            return None
        if not Path(setting).is_dir():
            raise WrongSetting(f'{SETTING} is "{setting}", which is no folder')
        program = Path(setting).resolve() / self.spec.name
        if not program.exists():
            self.passed_over.append(f'{SETTING} "{setting}" has none')
            return None
        if not self._will_do(program):
            raise WrongSetting(f"{SETTING}: {self.passed_over[-1]}")
        return program

    def _find_installed(self, environment: Mapping[str, str]) -> Path | None:
        candidates = _candidates(self.spec.name, environment)
        return next((program for program in candidates if self._will_do(program)), None)

    def _find_cached(self, cache: Path) -> Path | None:
        program = cached_program(cache, self.spec)
        return program if program.is_file() else None

    def _will_do(self, program: Path) -> bool:
        problem = version_problem(program, self.spec)
        if problem:
            self.passed_over.append(problem)
        return not problem


def cached_program(cache: Path, spec: ToolSpec) -> Path:
    """Return where our cache keeps this version of the program, whether it is there or not."""
    return cache / f"{spec.name}-{spec.version}" / spec.name


def version_problem(program: Path, spec: ToolSpec) -> str:
    """Run a program for its version and say why it will not do; empty if it will."""
    try:
        output = _version_output(program, spec)
    except (OSError, subprocess.SubprocessError) as error:
        return f'"{program}" does not tell its version: {error}'
    version = parse_version(output)
    if version is None:
        return f'"{program}" tells no version: {output.strip()[:80]!r}'
    return "" if spec.accepts(version) else f'"{program}" is {_dotted(version)}, {_wish(spec)}'


def parse_version(output: str) -> Version | None:
    """Return the first thing that looks like a version number, as numbers."""
    match = _VERSION.fullmatch(output)
    return tuple(int(part) for part in match.groups() if part is not None) if match else None


def _version_output(program: Path, spec: ToolSpec) -> str:
    argv = [str(program), *spec.version_arguments]
    return subprocess.run(
        argv, capture_output=True, text=True, check=True, timeout=VERSION_SECONDS, stdin=subprocess.DEVNULL
    ).stdout


def _candidates(name: str, environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield the executables of this name in envtest's folder and all folders of PATH."""
    folders = [environment.get(ENVTEST, ""), *environment.get("PATH", "").split(os.pathsep)]
    programs = (Path(folder).resolve() / name for folder in folders if folder)
    return (program for program in programs if program.is_file() and os.access(program, os.X_OK))


def _dotted(version: Version) -> str:
    return ".".join(str(part) for part in version)


def _wish(spec: ToolSpec) -> str:
    return f"not at least {_dotted(spec.at_least)} and below {_dotted(spec.below)}"
