"""The fleet of manifests/fleet/p2 as placement sees it, read from the committed files."""

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml

from computility.lab.fleets.preset import Preset, PresetCentre
from computility.lab.fleets.snapshot import snapshot_of
from computility.model.data_link import DataLink
from computility.model.member_cluster import MemberCluster
from computility.model.names import member_namespace
from computility.model.resource_pool import ResourcePool
from computility.placement.snapshot import Snapshot

FOLDER = Path(__file__).parents[2] / "manifests" / "fleet" / "p2"


def committed_fleet(at: datetime) -> Snapshot:
    """Read the committed objects; their agents have all just reported."""
    pools = _read("2-pools", ResourcePool)
    centres = (
        PresetCentre(member, tuple(p for p in pools if p.metadata.namespace == _home(member)))
        for member in _read("1-members", MemberCluster)
    )
    return snapshot_of(Preset(centres=tuple(centres), links=tuple(_read("3-links", DataLink))), at)


def _home(member: MemberCluster) -> str:
    return member_namespace(member.metadata.name)


def _read(name: str, kind: type[Any]) -> list[Any]:
    documents = yaml.safe_load_all((FOLDER / f"{name}.yaml").read_text())
    return [msgspec.convert(each, kind, strict=False) for each in documents]
