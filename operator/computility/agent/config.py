"""The agent's configuration file, agent.yaml."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from computility.agent.settings import Setting, SettingsError, convert_settings, load_yaml, unknown_field
from computility.model.base import MemberName, ObjectName
from computility.model.names import member_namespace
from computility.model.resource_pool import ResourcePoolSpec


class HubSettings(Setting, frozen=True, kw_only=True):
    """Where the hub's API server is, and who says that we are we.

    `token_file` is read again whenever it changes; without `ca_file` the system's authorities are trusted.
    """

    server: str
    token_file: str
    ca_file: str | None = None


class SlurmSettings(Setting, frozen=True, kw_only=True):
    """How the centre's Slurm is reached.

    `helper` is the installed `computility-exec`. `sudo` false means that the agent runs everything as
    itself, which must then be the one account in the table. `config` "" takes Slurm's own default.
    """

    helper: str
    config: str = ""
    path: tuple[str, ...] = ("/usr/local/bin", "/usr/bin", "/bin")
    sudo: bool = True


class PoolSettings(Setting, frozen=True, kw_only=True):
    """A pool that the centre offers; without `spec` somebody else (GitOps) applies it."""

    name: ObjectName
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    spec: ResourcePoolSpec | None = None


class MemberSettings(Setting, frozen=True, kw_only=True):
    """What an agent is told of its member, whatever the backend."""

    member: MemberName
    heartbeat_seconds: Annotated[float, Meta(ge=0.2, le=3600)] = 10.0
    pools: tuple[PoolSettings, ...] = ()

    @property
    def namespace(self) -> str:
        """The member's namespace on the hub."""
        return member_namespace(self.member)


class AgentConfig(MemberSettings, frozen=True, kw_only=True):
    """All that the agent of a Slurm centre is told.

    `table_owner` is the uid that must own the accounts table: whoever can write it can make the agent
    run work as any account.
    """

    hub: HubSettings
    slurm: SlurmSettings
    journal: str
    table: str = "/etc/computility/table.yaml"
    table_owner: int = 0


def read_config(path: Path) -> AgentConfig:
    """Read agent.yaml.

    Raises:
        SettingsError: It cannot be read, a field is unknown or wrong, or a pool is named twice.
    """
    plain = load_yaml(path)
    config = convert_settings(path, plain, AgentConfig)
    for number, pool in enumerate(config.pools):
        unknown = unknown_field(plain["pools"][number], pool, f"pools[{number}]")
        if unknown:
            raise SettingsError(f'cannot use "{path}": a pool has no field "{unknown}"')
    names = [pool.name for pool in config.pools]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SettingsError(f'cannot use "{path}": pool "{twice[0]}" stands there twice')
    return config
