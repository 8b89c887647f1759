"""Fleets to replay traces on: a preset by its name, or manifests of members, pools and links in a folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import yaml

from computility.cli.errors import CliError
from computility.cli.strict import unknown_fields
from computility.lab.fleets.preset import Preset, PresetCentre
from computility.lab.fleets.presets import PRESETS
from computility.model.crd import render_root
from computility.model.data_link import DataLink
from computility.model.member_cluster import MemberCluster
from computility.model.names import member_namespace
from computility.model.resource_pool import ResourcePool

_KINDS: dict[str, Any] = {kind.KIND.kind: kind for kind in (MemberCluster, ResourcePool, DataLink)}
_SCHEMAS = {name: render_root(kind)["properties"] for name, kind in _KINDS.items()}


def read_fleet(name: str) -> Preset:
    """Return the preset of this name, or what stands in the `.yaml` files of this folder.

    Raises:
        CliError: There is neither, or a manifest is not what it has to be.
    """
    if name in PRESETS:
        return PRESETS[name]()
    paths = sorted(Path(name).glob("*.yaml"))
    if not paths:
        known = ", ".join(PRESETS)
        raise CliError(
            f'no fleet "{name}": write {known}, or a folder with manifests as in manifests/fleet/p2'
        )
    found = [served for path in paths for served in _read(path)]
    links = tuple(each for each in found if isinstance(each, DataLink))
    fleet = Preset(centres=tuple(_centres(name, found)), links=links)
    if not fleet.pools:
        raise CliError(f'fleet "{name}" has no pool: add ResourcePools in namespaces member-<name>')
    return fleet


def _centres(name: str, found: list[Any]) -> Iterator[PresetCentre]:
    pools: dict[str, list[ResourcePool]] = {}
    for pool in found:
        if isinstance(pool, ResourcePool):
            pools.setdefault(pool.metadata.namespace, []).append(pool)
    for member in found:
        if isinstance(member, MemberCluster):
            theirs = pools.pop(member_namespace(member.metadata.name), [])
            yield PresetCentre(member, tuple(theirs))
    if pools:
        raise CliError(
            f'cannot read fleet "{name}": namespace "{min(pools)}" has pools, but no MemberCluster'
        )


def _read(path: Path) -> Iterator[Any]:
    try:
        documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CliError(f'cannot read "{path}": {error.strerror}') from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise CliError(f'cannot read "{path}": it is no YAML: {" ".join(str(error).split())}') from error
    except RecursionError as error:
        raise CliError(f'cannot read "{path}": its lists or mappings lie too deep in one another') from error
    for number, document in enumerate(documents, start=1):
        if document is not None:
            yield _parse(f'document {number} of "{path}"', document)


def _parse(source: str, document: Any) -> Any:
    kind = document.get("kind") if isinstance(document, dict) else None
    if kind not in _KINDS:
        raise CliError(f"cannot read {source}: it is no {', no '.join(_KINDS)}: leave it out of this folder")
    spec = _SCHEMAS[kind]["spec"]
    for unknown in unknown_fields(document.get("spec"), spec, "spec"):
        raise CliError(f"cannot read {source}: {unknown}")
    try:
        return msgspec.convert(document, _KINDS[kind])
    except msgspec.ValidationError as error:
        raise CliError(f"cannot read {source}: {error}") from error
