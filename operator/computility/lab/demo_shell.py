"""What both acts of the demo have in common: its tenant, and commands shown as a person would type them."""

import os
import shlex
import subprocess
import sys

from rich.console import Console

from computility.lab.lab import Lab
from computility.lab.layout import checkout_folder

QUICKSTART = "manifests/quickstart"
TENANT = "team-a"
JOBS = "/apis/computility.io/v1alpha1/computejobs"


class Shell:
    """Runs what a person would type, with the lab's kubeconfig, and shows command and output."""

    def __init__(self, lab: Lab, console: Console) -> None:
        self._console = console
        self._checkout = checkout_folder(QUICKSTART).parents[1]
        self._env = {**os.environ, "KUBECONFIG": str(lab.kubeconfig)}
        self._programs = {
            "kubectl": lab.kubectl.prefix[:1],
            "computility": [sys.executable, "-m", "computility.cli.main"],
        }

    def __call__(self, *argv: str) -> None:
        """Run one command; what it prints is shown, also when it fails."""
        self._console.print(f"\n[bold]$ {shlex.join(argv)}[/bold]", highlight=False)
        self._console.file.flush()
        program = self._programs[argv[0]]
        subprocess.run([*program, *argv[1:]], env=self._env, cwd=self._checkout, check=False)
