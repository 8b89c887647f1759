"""A tenant of the hub, and a hub that says what the test tells it."""

from pathlib import Path
from typing import Any, NamedTuple

from support.api import MERGE_PATCH, Api
from support.samples import Manifest, path_of, sample


class Team(NamedTuple):
    """A tenant, and how tests look behind the command's back."""

    api: Api
    namespace: str
    kubeconfig: Path

    def manifest(self, name: str = "hello", **spec: object) -> Manifest:
        """Write a small job; `namespace` is left to the context."""
        made = sample("computejob-minimal")
        return made | {"metadata": {"name": name}, "spec": made["spec"] | spec}

    def create(self, name: str = "hello", **spec: object) -> None:
        made = self.api.create(self.path(name).rpartition("/")[0], self.manifest(name, **spec))
        assert made.is_ok, made.message

    def read(self, name: str = "hello") -> Any:
        return self.api.get(self.path(name)).body

    def report(self, name: str = "hello", **status: object) -> None:
        """Say what the hub would say of a job."""
        said = self.api.ask("PATCH", f"{self.path(name)}/status", {"status": status}, type_=MERGE_PATCH)
        assert said.is_ok, said.message

    def delete(self, name: str = "hello") -> None:
        assert self.api.ask("DELETE", self.path(name)).is_ok

    def path(self, name: str) -> str:
        return path_of({"kind": "ComputeJob", "metadata": {"name": name, "namespace": self.namespace}})


def attempt(state: str, **fields: object) -> dict[str, object]:
    """Write an attempt as the hub would, on the pool `cpu` of the member `alpha`."""
    entry = {"ordinal": 1, "member": "alpha", "memberUID": "u1", "pool": "cpu", "leaseSeconds": 60}
    return entry | {"state": state} | fields
