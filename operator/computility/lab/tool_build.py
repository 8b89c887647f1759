"""Building a program from its Go module in `toolchain/`."""

import os
import subprocess
from pathlib import Path

from computility.lab.layout import NotACheckout, checkout_folder
from computility.lab.tool_specs import GO, ToolSpec, go_toolchain

_ERROR_LINES = 12


class BuildFailed(Exception):
    """A program could not be built; the message has the compiler's last words."""


def build(spec: ToolSpec, program: Path) -> None:
    """Build the program and put it at this path; minutes with a cold Go cache.

    Raises:
        BuildFailed: There is no Go, no `toolchain/`, or the build failed.
    """
    flags = " ".join(part for part in ("-s -w", spec.stamp) if part)
    argv = ["go", "build", "-trimpath", "-ldflags", flags, "-o", str(program), spec.package]
    try:
        _go(argv, checkout_folder("toolchain") / spec.module, {"GOTOOLCHAIN": go_toolchain(_installed_go())})
    except NotACheckout as error:
        raise BuildFailed(str(error)) from error


def _installed_go() -> str:
    return _go(["go", "env", "GOVERSION"], Path.cwd(), {"GOTOOLCHAIN": "local"}).strip()


def _go(argv: list[str], folder: Path, settings: dict[str, str]) -> str:
    environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", **settings}
    try:
        done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise BuildFailed(f"there is no go program: install Go {GO}") from error
    if done.returncode != 0:
        words = "\n".join(done.stderr.splitlines()[-_ERROR_LINES:])
        raise BuildFailed(f'"{" ".join(argv[:2])} {argv[-1]}" failed: {words}')
    return done.stdout
