"""A hub in a process of its own, started as people start it."""

import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from support.eventually import eventually
from support.hub_process import hub_environment

LEADING = "computility_hub_leading"


class HubRun:
    """A hub process and what it says; a file takes it all, where a pipe would stop the hub when full."""

    def __init__(self, log: Path, *options: str) -> None:
        self._log = log
        argv = [sys.executable, "-m", "computility.hub", *options]
        with log.open("w") as stderr:
            self.process = subprocess.Popen(argv, stderr=stderr, env=hub_environment())

    @property
    def said(self) -> str:
        return self._log.read_text()

    @property
    def port(self) -> int:
        """The port that the system gave it; 0 while it has none."""
        found = re.search(r"answering .* port (\d+)", self.said)
        return int(found[1]) if found else 0

    def page(self, name: str) -> str:
        """Read one of its pages; "" while it does not answer with 200."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{name}", timeout=5) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return ""

    def figure(self, name: str) -> float | None:
        """Read one of its metrics, without labels; None while it does not answer."""
        found = re.search(rf"^{name} (\S+)$", self.page("metrics"), re.MULTILINE)
        return float(found[1]) if found else None

    @property
    def is_leading(self) -> bool:
        return self.figure(LEADING) == 1

    @property
    def is_standing_by(self) -> bool:
        return self.figure(LEADING) == 0

    def stop(self) -> None:
        """End it if it runs: asked to, so that it lets the Lease go, and else by force."""
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    async def ended(self) -> int:
        await eventually(lambda: self.process.poll() is not None, "it ends")
        return self.process.wait()
