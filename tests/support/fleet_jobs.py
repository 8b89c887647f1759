"""The job that the preset fleets' figures are known for."""

from typing import Any


def a_manifest(name: str = "train", **spec: Any) -> dict[str, Any]:
    """Write the job of the fleet's table; what is given replaces whole fields of its spec."""
    wanted = {
        "template": {"command": ["train"]},
        "resources": {"cards": 64, "cardsPerNode": 8},
        "requirements": {"precisions": ["bf16"]},
        "work": {"referenceCardHours": 1280},
        "data": {"inputs": [{"name": "corpus", "size": "3T", "at": "CN-SH"}]},
        "maxRunSeconds": 691200,
    }
    return {
        "apiVersion": "computility.io/v1alpha1",
        "kind": "ComputeJob",
        "metadata": {"name": name, "namespace": "team-a"},
        "spec": {field: value for field, value in (wanted | spec).items() if value is not None},
    }
