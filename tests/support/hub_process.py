"""A hub in a process of its own that kills itself (SIGKILL) before or after one of its writes.

`python -m support.hub_process KUBECONFIG MOMENT VERB RESOURCE NTH TENANT HOME`
"""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from computility.hub.hub import Hub
from computility.hub.main import MANAGER, Options, run_with
from computility.kube.client import Client
from computility.kube.kubeconfig import load_kubeconfig
from computility.kube.request import Request
from support.eventually import eventually
from support.hub import Send, is_for

FOLDERS = [str(Path(__file__).parents[2] / folder) for folder in ("operator", "tests")]


def hub_environment() -> dict[str, str]:
    """Return what a process needs to find our sources."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(FOLDERS)}


class Crash(NamedTuple):
    """When a hub dies: before or after its n-th request of a verb and resource that is about a test's own.

    That is: in its tenant's namespace, or about the member whose namespace is `home`.
    """

    moment: str
    verb: str
    resource: str
    nth: int = 1
    tenant: str = ""
    home: str = ""

    def is_for(self, request: Request) -> bool:
        ours = {self.tenant, self.home, self.home.removeprefix("member-")} - {""}
        return is_for(request, self.verb, self.resource) and not ours.isdisjoint(request.path.split("/"))


class HubProcess:
    """A hub that dies by itself, at its crash."""

    def __init__(self, kubeconfig: Path, crash: Crash) -> None:
        argv = [sys.executable, "-m", "support.hub_process", str(kubeconfig), *map(str, crash)]
        self._crash = crash
        self._process = subprocess.Popen(argv, env=hub_environment())

    async def until_dead(self) -> None:
        """Wait until it came to its crash."""
        await eventually(lambda: self._process.poll() is not None, f"the hub comes to {self._crash}")
        assert self._process.returncode == -signal.SIGKILL

    def end(self) -> None:
        """End it if it never came to its crash."""
        self._process.kill()
        self._process.wait()


def dying(send: Send, crash: Crash) -> Send:
    """Wrap a client's way to send."""
    left = crash.nth

    async def dying_send(request: Request) -> bytes:
        nonlocal left
        left -= crash.is_for(request)
        if left or not crash.is_for(request):
            return await send(request)
        if crash.moment == "after":
            await send(request)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("unreachable")

    return dying_send


async def main(kubeconfig: str, moment: str, verb: str, resource: str, nth: str, *where: str) -> None:
    options = Options(lease_namespace="computility-system", identity="hub-0")
    async with Client(load_kubeconfig(Path(kubeconfig)), manager=MANAGER) as client:
        transport: Any = client.transport
        transport.send = dying(client.transport.send, Crash(moment, verb, resource, int(nth), *where))
        await run_with(Hub(client), options, asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
