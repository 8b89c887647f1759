"""What one Slurm centre of the lab consists of: its values, its paths inside, its files.

Paths are fixed, because each centre has a /srv and an /etc of its own; ports are not, because all
centres of a machine share its loopback.
"""

import os
import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2
import msgspec

from computility.lab.helper_files import HELPER_NAME, HELPER_PACKAGE
from computility.lab.modulefiles import MODULE_INIT, module_directories, module_files
from computility.lab.plan import Account, Directory, File, Group, Plan
from computility.lab.site import CARDS_PER_NODE, SlurmSite

AGENT_USER = "csvc"
TENANT_GROUP = "computility-tenants"
SLURM_CONF = "/etc/slurm/slurm.conf"
ACCOUNTS_ROOT = "/srv/computility"
AGENT_HOME = "/srv/agent"
LIBEXEC = "/srv/libexec"
HELPER = f"{LIBEXEC}/{HELPER_NAME}"
TABLE = "/etc/computility/table.yaml"
HELPER_CONFIG = "/etc/computility/exec.json"
MUNGE_DIRECTORY = "/srv/slurm/munge"
MUNGE_SOCKET = f"{MUNGE_DIRECTORY}/socket"
MUNGE_KEY = f"{MUNGE_DIRECTORY}/key"
CENTRE_NAME = re.compile(r"[a-z][a-z0-9-]{0,28}[a-z0-9]")
CARD_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random")[:CARDS_PER_NODE]


class CentreSpec(SlurmSite, frozen=True, kw_only=True):
    """A site with what it was given on this machine: ports, one for each node, and numbers for its users."""

    controller_port: int
    node_ports: Sequence[int]
    first_uid: int = 64200


def build_plan(
    spec: CentreSpec, root: Path, *, reveal: Sequence[str], helper_files: Mapping[str, str], tied: bool
) -> Plan:
    """Build the enclosure of a centre.

    Args:
        spec: The centre.
        root: Its directory on this machine; `srv` below it becomes /srv inside.
        reveal: Directories that the agent and the jobs may read at their own paths.
        helper_files: Relative path → text of what belongs into `LIBEXEC`, `computility-exec` among it.
        tied: Whether it ends together with this process.
    """
    accounts = sorted(set(spec.tenants.values()))
    users = [Account(AGENT_USER, spec.first_uid, AGENT_HOME, login="/bin/sh")]
    users += [Account(name, spec.first_uid + 2 + n, "/nonexistent") for n, name in enumerate(accounts)]
    return Plan(
        root=str(root),
        owner=os.getuid(),
        accounts=users,
        groups=[Group(TENANT_GROUP, spec.first_uid + 1, tuple(accounts))],
        directories=_directories(spec, accounts),
        files=[*_slurm_files(spec), *_agent_files(spec, helper_files)],
        reveal=reveal,
        tied=tied,
    )


def _directories(spec: CentreSpec, accounts: Sequence[str]) -> list[Directory]:
    fixed = [
        Directory("/etc/slurm"),
        Directory("/etc/computility"),
        Directory(LIBEXEC),
        Directory(f"{LIBEXEC}/{HELPER_PACKAGE}"),
        Directory("/srv/slurm"),
        Directory(MUNGE_DIRECTORY, "slurm"),
        Directory("/srv/slurm/state", "slurm", 0o700),
        Directory("/srv/slurm/run", "slurm"),
        Directory("/srv/slurm/spool"),
        Directory("/srv/slurm/tmp"),
        Directory(AGENT_HOME, AGENT_USER, 0o700),
        Directory(ACCOUNTS_ROOT),
        *module_directories(),
    ]
    spools = [Directory(f"/srv/slurm/spool/{node}") for node in spec.nodes]
    temporary = [Directory(f"/srv/slurm/tmp/{node}", mode=0o1777) for node in spec.nodes]
    own = [Directory(f"{ACCOUNTS_ROOT}/{account}", account, 0o700) for account in accounts]
    return [*fixed, *spools, *temporary, *own]


def _slurm_files(spec: CentreSpec) -> list[File]:
    return [
        File(SLURM_CONF, render_slurm_conf(spec)),
        File("/etc/slurm/gres.conf", _render("gres.conf", **_card_values(spec))),
        File(MUNGE_KEY, secrets.token_hex(512), "slurm", 0o400),
    ]


def _agent_files(spec: CentreSpec, helper_files: Mapping[str, str]) -> list[File]:
    sudoers = _render("sudoers", agent_user=AGENT_USER, tenant_group=TENANT_GROUP, helper=HELPER)
    config = {
        "root": ACCOUNTS_ROOT,
        "slurmConf": SLURM_CONF,
        "path": ["/usr/bin", "/bin"],
        "moduleInit": MODULE_INIT,
    }
    return [
        File("/etc/sudoers", sudoers, mode=0o440),
        File("/etc/nsswitch.conf", _render("nsswitch.conf")),
        *module_files(),
        *[_helper_file(path, text) for path, text in helper_files.items()],
        File(HELPER_CONFIG, msgspec.json.encode(config).decode()),
        File(TABLE, render_table(spec)),
    ]


def _helper_file(path: str, text: str) -> File:
    """Install a part of the helper, root's; only scripts can be run."""
    return File(f"{LIBEXEC}/{path}", text, mode=0o755 if text.startswith("#!") else 0o644)


def render_slurm_conf(spec: CentreSpec) -> str:
    """Render the centre's slurm.conf."""
    ported = list(zip(spec.nodes, spec.node_ports, strict=True))
    return _render(
        "slurm.conf",
        **msgspec.to_builtins(spec),
        **{name: f"/srv/slurm/{name}" for name in ("state", "run", "spool", "tmp")},
        munge_socket=MUNGE_SOCKET,
        cpu_nodes=ported[: spec.cpu_node_count],
        card_nodes=ported[spec.cpu_node_count :],
        card_devices=CARD_DEVICES,
    )


def render_table(spec: CentreSpec) -> str:
    """Render the centre's table of pools and tenants, as the agent reads it."""
    modules = {alias: list(names) for alias, names in spec.modules.items()}
    return _render(
        "table.yaml", accounts_root=ACCOUNTS_ROOT, pools=spec.pools, tenants=spec.tenants, modules=modules
    )


def _card_values(spec: CentreSpec) -> dict[str, object]:
    return {"card_devices": CARD_DEVICES, "card_nodes": spec.card_nodes, "card_model": spec.card_model}


def _render(template: str, **values: object) -> str:
    environment = jinja2.Environment(  # noqa: S701 - configuration files, no HTML
        loader=jinja2.PackageLoader("computility.lab"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(f"{template}.j2").render(**values)
