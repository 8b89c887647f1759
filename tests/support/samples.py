"""The samples in manifests/samples, as dicts and as what the model makes of them."""

import copy
import itertools
from pathlib import Path
from typing import Any

import msgspec
import yaml

from computility.model.kinds import KINDS
from computility.model.meta import Kind

SAMPLES = Path(__file__).parents[2] / "manifests" / "samples"
STATUSES = Path(__file__).with_name("statuses.yaml")
STRUCTS: dict[str, Any] = {struct.KIND.kind: struct for struct in KINDS}
REPORTED = [kind for kind in STRUCTS if kind != "DataLink"]
"""The kinds that somebody reports on in a status."""
_fresh = itertools.count(1)

Manifest = dict[str, Any]


def sample(name: str) -> Manifest:
    """Read manifests/samples/<name>.yaml."""
    return dict(yaml.safe_load((SAMPLES / f"{name}.yaml").read_text()))


def sample_names() -> list[str]:
    return sorted(path.stem for path in SAMPLES.glob("*.yaml"))


def full_status(kind: str) -> Manifest:
    """Read the status of this kind in which every field is set; empty for a kind that has no status."""
    return dict(yaml.safe_load(STATUSES.read_text()).get(kind, {}))


def kind_of(manifest: Manifest) -> Kind:
    return STRUCTS[manifest["kind"]].KIND


def decode(manifest: Manifest) -> Any:
    return msgspec.convert(manifest, STRUCTS[manifest["kind"]])


def encoded(value: Any) -> Any:
    """Encode as the hub does: without what only says the default."""
    return msgspec.json.decode(msgspec.json.encode(value))


def fresh(manifest: Manifest, namespace: str) -> Manifest:
    """Copy a manifest under a name that no test has used, into `namespace` where its kind has one."""
    made = copy.deepcopy(manifest)
    made["metadata"]["name"] = _fresh_name(made["kind"], f"{namespace}-{next(_fresh)}")
    if kind_of(made).namespaced:
        made["metadata"]["namespace"] = namespace
    return made


def _fresh_name(kind: str, text: str) -> str:
    return f"cj-{text.encode().hex()[-32:]:0>32}-1" if kind == "Assignment" else text


def collection(manifest: Manifest) -> str:
    """Return the path that the manifest is created at."""
    kind = kind_of(manifest)
    where = f"/namespaces/{manifest['metadata']['namespace']}" if kind.namespaced else ""
    return f"/apis/{kind.api_version}{where}/{kind.plural}"


def path_of(manifest: Manifest) -> str:
    return f"{collection(manifest)}/{manifest['metadata']['name']}"


def with_field(manifest: Manifest, path: str, value: object) -> Manifest:
    """Copy a manifest with the field at a dotted path set, or removed where the value is `...`."""
    changed = copy.deepcopy(manifest)
    *parents, last = path.split(".")
    place: Any = changed
    for parent in parents:
        place = place[int(parent)] if isinstance(place, list) else place.setdefault(parent, {})
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return changed
