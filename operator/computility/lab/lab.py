"""A whole federation on one machine: control plane, hub, centres with a real Slurm, simulated ones."""

import shutil
from pathlib import Path

from rich.console import Console

from computility.lab import fleet, hub_process, member
from computility.lab.control_plane import ControlPlane
from computility.lab.crds import install_crds
from computility.lab.ending import stop_everything
from computility.lab.federation import Federation, write_federation
from computility.lab.fleets.files import manifest_of
from computility.lab.guard import guarded, start_guard
from computility.lab.kubectl import Kubectl
from computility.lab.layout import centre_root, lab_root, make_private
from computility.lab.mend import mend_centres, mend_hub
from computility.lab.running import Lab, NoLab, attach, is_up, labs_up
from computility.lab.site import SANDBOX
from computility.lab.slurm_centre import start_site
from computility.lab.steps import step
from computility.lab.tools import Tools, ensure_tools

__all__ = ["Lab", "LabRunning", "NoLab", "attach", "bring_up", "labs_up", "take_down"]

TENANTS = ("team-a", "team-b", SANDBOX)
SLURM_CENTRES, SIMULATED_CENTRES = 1, 3
"""Of a lab of which nobody said how many it is to have."""


class LabRunning(Exception):
    """A lab of this name is up already, and lacks nothing."""


def bring_up(
    name: str,
    console: Console,
    *,
    slurm: int | None = None,
    simulated: int | None = None,
    preset: str | None = None,
    owner: int | None = None,
    audit: bool = False,
) -> Lab:
    """Bring up a lab and return when its pools take jobs; what a killed one left is cleaned up first.

    Of a lab whose control plane runs, only what has ended is started again, and centres are added up to the
    number that is asked for; its jobs are kept.

    Args:
        name: The lab's name, part of its folder's.
        console: Shows the steps.
        slurm: How many centres with a real Slurm; None: as many as it has, `SLURM_CENTRES` if it is new.
        simulated: How many simulated centres; None: as many as it has, `SIMULATED_CENTRES` if it is new.
        preset: A fleet of simulated centres, such as `p2`; None: the one that it has. A new lab with a
            fleet has no other centres, unless they are asked for.
        owner: A pid; the lab ends with this process, however that dies. None: it stays up.
        audit: Whether the API server keeps an audit log of writes.

    Raises:
        LabRunning: It is up already, and lacks nothing.
        WrongSize: It cannot have so many centres, or has more; or there is no such fleet.
    """
    root = lab_root(name)
    if is_up(root):
        return _mend(_grow(attach(name), slurm, simulated, preset), console, tied=owner is not None)
    usual = Federation.of_size(0, 0) if preset else Federation.of_size(SLURM_CENTRES, SIMULATED_CENTRES)
    federation = usual.resized(slurm, simulated, preset)
    take_down(name)
    try:
        return _start(name, root, federation, console, owner=owner, audit=audit)
    except BaseException:
        take_down(name, keep_logs=True)
        raise


def _start(
    name: str, root: Path, federation: Federation, console: Console, *, owner: int | None, audit: bool
) -> Lab:
    tools = ensure_tools(console=console)
    make_private(root)
    if owner is not None:
        start_guard(root, owner)
    with guarded(root):
        write_federation(root, federation)
        plane, kubectl = _start_hub_side(root, tools, console, audit=audit)
        lab = Lab(name, root, plane, kubectl, federation)
        _add_centres(lab, console, tied=owner is not None)
        _run_fleet(lab, console)
        return lab


def _start_hub_side(
    root: Path, tools: Tools, console: Console, *, audit: bool
) -> tuple[ControlPlane, Kubectl]:
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
    return plane, kubectl


def _add_centres(lab: Lab, console: Console, *, tied: bool) -> bool:
    """Start the centres of which nothing runs, and let them join; say whether there were any."""
    sites = [site for site in lab.federation.slurm if not lab.has_centre(site.name)]
    if not sites:
        return False
    centres = []
    for site in sites:
        with step(console, f'Slurm centre "{site.name}": slurmctld and {len(site.nodes)} nodes'):
            centres.append(start_site(centre_root(lab.root, site.name), site, tied=tied))
    names = ", ".join(f'"{site.name}"' for site in sites)
    with step(console, f"{'agents' if len(sites) > 1 else 'agent'} at {names}: joined, pools offered"):
        member.join_centres(lab.plane, lab.kubectl, centres)
    return True


def _run_fleet(lab: Lab, console: Console) -> bool:
    """Start the simulated centres unless they run; say whether they had to be."""
    centres = lab.federation.fleet_centres
    if fleet.runs_for(lab.root, centres):
        return False
    with step(
        console, f"{fleet.NAME}: {len(centres)} simulated centres in one process, joined, pools offered"
    ):
        _apply_links(lab)
        fleet.start_fleet(lab.plane, lab.kubectl, centres)
    return True


def _apply_links(lab: Lab) -> None:
    """Tell the hub what is known of the ways between the fleet's places; what it knows already stays."""
    known = lab.kubectl("get", "dlink", "--output=jsonpath={.items[*].metadata.name}").split()
    links = [link for link in lab.federation.fleet.links if link.metadata.name not in known]
    if links:
        lab.kubectl.apply(*map(manifest_of, links))


def _grow(lab: Lab, slurm: int | None, simulated: int | None, preset: str | None) -> Lab:
    federation = lab.federation.grown_to(slurm, simulated, preset)
    write_federation(lab.root, federation)
    return Lab(lab.name, lab.root, lab.plane, lab.kubectl, federation)


def _mend(lab: Lab, console: Console, *, tied: bool) -> Lab:
    """Start again what a lab has lost; a Slurm centre that is gone as a whole comes back empty."""
    was_broken = [
        mend_hub(lab, console),
        mend_centres(lab, console),
        _add_centres(lab, console, tied=tied),
        _run_fleet(lab, console),
    ]
    if not any(was_broken):
        raise LabRunning(
            f'lab "{lab.name}" is up already: take it down with `computility lab down --name {lab.name}`'
        )
    return lab


def take_down(name: str, *, keep_logs: bool = False) -> list[str]:
    """End everything of a lab, also of one that was killed, and remove its folder; safe to repeat.

    Returns:
        What was found running: centres, daemons, and pids of processes that had lost theirs.
    """
    root = lab_root(name)
    if not root.exists():
        return []
    stopped = stop_everything(root)
    if not keep_logs:
        shutil.rmtree(root, ignore_errors=True)
    return stopped
