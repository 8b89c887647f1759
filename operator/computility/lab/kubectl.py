"""kubectl with one kubeconfig, for what an administrator of the hub would type."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml


class KubectlFailed(Exception):
    """kubectl refused; the message has its words."""


class Kubectl:
    """Runs kubectl with one kubeconfig."""

    def __init__(self, program: Path, kubeconfig: Path) -> None:
        self.prefix = [str(program), f"--kubeconfig={kubeconfig}"]

    def __call__(self, *arguments: str, text: str = "") -> str:
        """Run kubectl, with `text` on its standard input, and return what it wrote.

        Raises:
            KubectlFailed: Its exit code was not 0.
        """
        done = subprocess.run(
            [*self.prefix, *arguments], input=text, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise KubectlFailed(f"kubectl {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

    def apply(self, *manifests: Mapping[str, Any] | str) -> str:
        """Apply manifests, as values or as text, with strict validation."""
        texts = [m if isinstance(m, str) else yaml.safe_dump(dict(m)) for m in manifests]
        return self("apply", "--server-side", "--validate=strict", "-f", "-", text="\n---\n".join(texts))
