"""A whole federation on one machine: control plane, hub, and one real Slurm centre with its agent."""

import shutil
from pathlib import Path

import msgspec
from rich.console import Console

from computility.lab import hub_process, member
from computility.lab.centre import CONTROLLER, Centre
from computility.lab.control_plane import PROGRAMS, ControlPlane, NoControlPlane
from computility.lab.crds import install_crds
from computility.lab.guard import guarded, start_guard
from computility.lab.kubectl import Kubectl
from computility.lab.layout import lab_root, make_private
from computility.lab.leftovers import stop_leftovers
from computility.lab.mend import is_centre_up, mend_centre, mend_hub
from computility.lab.slurm_centre import MUNGED, start_centre, stop_centre
from computility.lab.steps import step
from computility.lab.tools import Tools, ensure_tools

CENTRE = "alpha"
REGION = "CN-GS"
TENANTS = ("team-a", "team-b")


class LabRunning(Exception):
    """A lab of this name is up already, and lacks nothing."""


class NoLab(Exception):
    """No lab of this name is up."""


class Lab(msgspec.Struct, frozen=True):
    """A lab that is up; any process of its user may hold one."""

    name: str
    root: Path
    plane: ControlPlane
    centre: Centre
    kubectl: Kubectl

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.plane.admin_kubeconfig

    def logs(self) -> dict[str, Path]:
        """Return the log file of each part."""
        ours = {name: self.root / "logs" / f"{name}.log" for name in (*PROGRAMS, hub_process.NAME)}
        parts = (member.AGENT, CONTROLLER, MUNGED, *self.centre.spec.nodes)
        return ours | {part: self.centre.log(part) for part in parts}

    def restart_hub(self) -> None:
        """Start the hub again after it ended."""
        hub_process.restart_hub(self.plane)


def bring_up(name: str, console: Console, *, owner: int | None = None, audit: bool = False) -> Lab:
    """Bring up a lab and return when its pools take jobs; what a killed one left is cleaned up first.

    Of a lab whose control plane runs, only what has ended is started again; its jobs are kept.

    Args:
        name: The lab's name, part of its folder's.
        console: Shows the steps.
        owner: A pid; the lab ends with this process, however that dies. None: it stays up.
        audit: Whether the API server keeps an audit log of writes.

    Raises:
        LabRunning: It is up already, and lacks nothing.
    """
    root = lab_root(name)
    if _is_up(root):
        return _mend(name, root, console, tied=owner is not None)
    take_down(name)
    tools = ensure_tools(console=console)
    make_private(root)
    if owner is not None:
        start_guard(root, owner)
    try:
        with guarded(root):
            return _start_parts(name, root, tools, console, tied=owner is not None, audit=audit)
    except BaseException:
        take_down(name, keep_logs=True)
        raise


def _start_parts(name: str, root: Path, tools: Tools, console: Console, *, tied: bool, audit: bool) -> Lab:
    with step(console, "control plane: etcd, kube-apiserver, kube-controller-manager"):
        plane = ControlPlane.start(root, tools, audit=audit)
        kubectl = Kubectl(tools["kubectl"], plane.admin_kubeconfig)
    with step(console, "kinds, and the rights of hub, agents and tenants"):
        install_crds(tools["kubectl"], plane.admin_kubeconfig)
        hub_process.grant_rights(tools, kubectl)
        for tenant in TENANTS:
            kubectl("create", "namespace", tenant, "--save-config")
    with step(console, "hub"):
        hub_process.start_hub(plane)
    centre = _start_centre(root, plane, kubectl, console, tied=tied)
    return Lab(name, root, plane, centre, kubectl)


def _start_centre(
    root: Path, plane: ControlPlane, kubectl: Kubectl, console: Console, *, tied: bool
) -> Centre:
    with step(console, f'Slurm centre "{CENTRE}": slurmctld and 4 nodes'):
        centre = start_centre(root / CENTRE, CENTRE, tied=tied)
    with step(console, f'agent at "{CENTRE}" joins and offers its pools'):
        member.join_centre(plane, kubectl, centre, region=REGION)
    return centre


def _mend(name: str, root: Path, console: Console, *, tied: bool) -> Lab:
    """Start again what a lab has lost; a centre that is gone as a whole comes back empty."""
    plane, kubectl = _attach_plane(root)
    was_broken = mend_hub(plane, console)
    if not is_centre_up(root / CENTRE):
        centre = _start_centre(root, plane, kubectl, console, tied=tied)
        with step(console, "the agent before is given up: its journal is gone, its Lease runs out"):
            member.await_takeover(plane, centre)
        return Lab(name, root, plane, centre, kubectl)
    centre = Centre.attach(root / CENTRE)
    if not (mend_centre(plane, centre, console) or was_broken):
        raise LabRunning(
            f'lab "{name}" is up already: take it down with `computility lab down --name {name}`'
        )
    return Lab(name, root, plane, centre, kubectl)


def attach(name: str) -> Lab:
    """Return the lab of this name that another process brought up.

    Raises:
        NoLab: None is up, or its centre is gone.
    """
    root = lab_root(name)
    if not _is_up(root):
        raise NoLab(f'lab "{name}" is not up: bring it up with `computility lab up --name {name}`')
    plane, kubectl = _attach_plane(root)
    if not is_centre_up(root / CENTRE):
        raise NoLab(
            f'lab "{name}" has lost its centre "{CENTRE}": `computility lab up --name {name}` brings it back'
        )
    return Lab(name, root, plane, Centre.attach(root / CENTRE), kubectl)


def _attach_plane(root: Path) -> tuple[ControlPlane, Kubectl]:
    plane = ControlPlane.attach(root)
    return plane, Kubectl(ensure_tools(["kubectl"])["kubectl"], plane.admin_kubeconfig)


def take_down(name: str, *, keep_logs: bool = False) -> list[str]:
    """End everything of a lab, also of one that was killed, and remove its folder; safe to repeat.

    Returns:
        What was found running.
    """
    root = lab_root(name)
    if not root.exists():
        return []
    stop_centre(root / CENTRE)
    stopped = stop_leftovers(root)
    if not keep_logs:
        shutil.rmtree(root, ignore_errors=True)
    return stopped


def _is_up(root: Path) -> bool:
    try:
        ControlPlane.attach(root)
    except NoControlPlane:
        return False
    return True
