"""Starting again what a lab that is up has lost: its hub, its centres or parts of them, their agents."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from rich.console import Console

from computility.lab import hub_process, member
from computility.lab.centre import CONTROLLER, Centre
from computility.lab.control_plane import ControlPlane
from computility.lab.processes import find_daemon
from computility.lab.running import Lab
from computility.lab.slurm_centre import MUNGED, start_munged
from computility.lab.status import part_name
from computility.lab.steps import step


class Part(NamedTuple):
    """A part of a running centre, and what starts it and waits until it works."""

    name: str
    start: Callable[[], None]


def mend_hub(lab: Lab, console: Console) -> bool:
    """Start the hub again if it has ended; say whether it had."""
    daemon = find_daemon(lab.root, hub_process.NAME)
    if daemon is not None and daemon.is_running():
        return False
    with step(console, "hub, which had ended"):
        lab.restart_hub()
    return True


def mend_centres(lab: Lab, console: Console) -> bool:
    """Start again what has ended of the centres of which anything runs; say whether anything had."""
    running = [site.name for site in lab.federation.slurm if lab.has_centre(site.name)]
    mended = [_mend_centre(lab.plane, lab.centre_of(name), console) for name in running]
    return any(mended)


def _mend_centre(plane: ControlPlane, centre: Centre, console: Console) -> bool:
    running = centre.enclosure.running()
    missing = [part for part in _parts(plane, centre) if part.name not in running]
    for part in missing:
        with step(console, f"{part_name(centre.spec, part.name)}, which had ended"):
            part.start()
    return bool(missing)


def _parts(plane: ControlPlane, centre: Centre) -> Iterator[Part]:
    """Yield all parts of a centre, each after those that it needs."""
    yield Part(MUNGED, partial(start_munged, centre))
    yield Part(CONTROLLER, centre.start_controller)
    for number, node in enumerate(centre.spec.nodes):
        yield Part(node, partial(centre.node_back, number))
    yield Part(member.AGENT, partial(member.restart_agent, plane, centre))
