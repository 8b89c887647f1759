"""Which parts of a lab run."""

from pathlib import Path

import msgspec

from computility.lab import fleet, hub_process, member
from computility.lab.centre import CONTROLLER
from computility.lab.control_plane import PROGRAMS
from computility.lab.layout import centre_root
from computility.lab.processes import find_daemon
from computility.lab.running import Lab
from computility.lab.site import SlurmSite
from computility.lab.slurm_centre import MUNGED


class NoSuchPart(Exception):
    """A lab has no part and no centre of this name; the message lists what it has."""


class Part(msgspec.Struct, frozen=True):
    """One process of a lab."""

    name: str
    runs: bool
    log: Path


def parts_of(lab: Lab) -> list[Part]:
    """Return every part that the lab should have, those of the hub's side first."""
    names = (*PROGRAMS, hub_process.NAME, *([fleet.NAME] if lab.federation.fleet_centres else []))
    ours = [_hub_part(lab, name) for name in names]
    return ours + [part for site in lab.federation.slurm for part in _centre_parts(lab, site)]


def find_parts(lab: Lab, name: str) -> list[Part]:
    """Return the part of this name, or all parts of the centre of this name.

    Raises:
        NoSuchPart: There is neither.
    """
    parts = parts_of(lab)
    sites = {site.name for site in lab.federation.slurm}
    found = [p for p in parts if p.name == name or (name in sites and p.name.startswith(f"{name}-"))]
    if not found:
        raise NoSuchPart(f'lab "{lab.name}" has no part "{name}": it has {", ".join(p.name for p in parts)}')
    return found


def part_name(site: SlurmSite, daemon: str) -> str:
    """Return what a lab calls a daemon of a centre: nodes by their names, others with the centre's before."""
    return daemon if daemon in site.nodes else f"{site.name}-{daemon}"


def _hub_part(lab: Lab, name: str) -> Part:
    daemon = find_daemon(lab.root, name)
    runs = daemon is not None and daemon.is_running()
    return Part(name, runs, lab.root / "logs" / f"{name}.log")


def _centre_parts(lab: Lab, site: SlurmSite) -> list[Part]:
    running = lab.centre_of(site.name).enclosure.running() if lab.has_centre(site.name) else {}
    logs = centre_root(lab.root, site.name) / "log"
    daemons = (member.AGENT, CONTROLLER, MUNGED, *site.nodes)
    return [Part(part_name(site, name), name in running, logs / f"{name}.log") for name in daemons]
