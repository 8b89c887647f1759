"""A lab that is up, for the process that brought it up and for any other of its user."""

from pathlib import Path

import msgspec

from computility.lab import hub_process
from computility.lab.centre import Centre
from computility.lab.control_plane import ControlPlane, NoControlPlane
from computility.lab.enclosure import Enclosure
from computility.lab.federation import Federation, read_federation
from computility.lab.kubectl import Kubectl
from computility.lab.layout import centre_root, lab_root, labs_folder
from computility.lab.tools import ensure_tools


class NoLab(Exception):
    """No lab of this name is up, or it lacks the centre that is asked for."""


class Lab(msgspec.Struct, frozen=True):
    """A lab whose control plane runs; what else of it runs, `status.parts_of` says."""

    name: str
    root: Path
    plane: ControlPlane
    kubectl: Kubectl
    federation: Federation

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.plane.admin_kubeconfig

    @property
    def centre(self) -> Centre:
        """The first Slurm centre.

        Raises:
            NoLab: There is none.
            CentreError: It does not run.
        """
        if not self.federation.slurm:
            raise NoLab(f'lab "{self.name}" has no Slurm centre: it was brought up with `--slurm 0`')
        return self.centre_of(self.federation.slurm[0].name)

    def centre_of(self, member: str) -> Centre:
        """Return a Slurm centre that runs, by its name.

        Raises:
            CentreError: None of this name does.
        """
        return Centre.attach(centre_root(self.root, member))

    def has_centre(self, member: str) -> bool:
        """Say whether anything of this Slurm centre runs."""
        return Enclosure(centre_root(self.root, member)).is_running()

    def restart_hub(self) -> None:
        """Start the hub again after it ended."""
        hub_process.restart_hub(self.plane)


def attach(name: str) -> Lab:
    """Return the lab of this name that another process brought up.

    Raises:
        NoLab: None is up.
    """
    root = lab_root(name)
    if not is_up(root):
        raise NoLab(f'lab "{name}" is not up: bring it up with `computility lab up --name {name}`')
    plane = ControlPlane.attach(root)
    kubectl = Kubectl(ensure_tools(["kubectl"])["kubectl"], plane.admin_kubeconfig)
    return Lab(name, root, plane, kubectl, read_federation(root))


def labs_up() -> list[Lab]:
    """Return the labs of this user whose control planes run, by name."""
    names = sorted(root.name for root in labs_folder().glob("*") if is_up(root))
    return [attach(name) for name in names]


def is_up(root: Path) -> bool:
    """Say whether the control plane of a lab runs at this root."""
    try:
        ControlPlane.attach(root)
    except NoControlPlane:
        return False
    return True
