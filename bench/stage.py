"""What a run stands on: a control plane of its own, and the hub with its chart's rights."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from computility.lab.control_plane import API_SERVER, CONTROLLER_MANAGER, ETCD, ControlPlane
from computility.lab.crds import install_crds
from computility.lab.guard import start_guard
from computility.lab.hub_process import PROGRAM, grant_rights, launch_hub
from computility.lab.kubectl import Kubectl
from computility.lab.loopback import free_ports
from computility.lab.plain_http import answers_ok
from computility.lab.processes import Daemon, find_daemon
from computility.lab.tools import ensure_tools

CHECKOUT = Path(__file__).parents[1]
HUB, FLEET, LOAD = "hub", "fleet", "load"
HUB_READY_SECONDS = 60.0


class Stage(NamedTuple):
    """The running parts; `hub_port` answers /metrics."""

    plane: ControlPlane
    hub: Daemon
    hub_port: int

    @property
    def pids(self) -> dict[str, int]:
        """The measured processes that there are so far."""
        root = Path(self.plane.root)
        fleet = find_daemon(root, FLEET)
        return {
            HUB: self.hub.pid,
            **({FLEET: fleet.pid} if fleet else {}),
            API_SERVER: self.plane.daemon(API_SERVER).pid,
            ETCD: self.plane.daemon(ETCD).pid,
            CONTROLLER_MANAGER: self.plane.daemon(CONTROLLER_MANAGER).pid,
        }


@contextmanager
def standing(hub_options: Sequence[str] = (), checkout: Path = CHECKOUT) -> Iterator[Stage]:
    """Start all parts in a temporary folder, and stop them in the end, whatever happens.

    Args:
        hub_options: Options for the hub.
        checkout: Where the hub's sources and the CRDs are from: to compare two states of the project.

    Raises:
        DaemonFailed: One did not start; the message has the end of its log.
    """
    tools = ensure_tools()
    with tempfile.TemporaryDirectory(prefix="computility-bench-") as folder:
        root = Path(folder)
        start_guard(root, os.getpid())
        plane = ControlPlane.start(root, tools)
        try:
            install_crds(tools["kubectl"], plane.admin_kubeconfig, checkout / "crds")
            grant_rights(tools, Kubectl(tools["kubectl"], plane.admin_kubeconfig))
            yield Stage(plane, *_start_hub(plane, hub_options, checkout))
        finally:
            for name in (HUB, FLEET):
                daemon = find_daemon(root, name)
                if daemon is not None:
                    daemon.stop()
            plane.stop()


def bench_environment() -> dict[str, str]:
    """Return what our own processes need to find their sources, `bench` too."""
    return {"PYTHONPATH": os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")])}


def _start_hub(plane: ControlPlane, options: Sequence[str], checkout: Path) -> tuple[Daemon, int]:
    (port,) = free_ports(1)
    sources = {"PYTHONPATH": str(checkout / "operator")}
    hub = launch_hub(plane, port, program=[*PROGRAM, "--log-level", "warning", *options], env=sources)
    hub.wait_ready(partial(answers_ok, port, "/readyz"), timeout_seconds=HUB_READY_SECONDS)
    return hub, port
