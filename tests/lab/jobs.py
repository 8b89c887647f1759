"""Jobs in the lab: submitted with kubectl, followed through the API."""

import json
from dataclasses import dataclass
from typing import Any

import yaml

from computility.lab.lab import Lab
from computility.lab.waiting import wait_until

TENANT = "team-a"
PATIENCE_SECONDS = 40.0


@dataclass
class Jobs:
    """Jobs of one test."""

    lab: Lab
    prefix: str
    tenant: str = TENANT
    count: int = 0

    def submit(self, script: str = "", name: str = "", **spec: Any) -> str:
        """Apply a job that runs this shell script, or has a template of its own, and return its name."""
        self.count += 1
        name = name or f"{self.prefix}-{self.count}"
        shell = {"script": f"#!/bin/sh\n{script}\n", "graceSeconds": spec.pop("graceSeconds", 2)}
        template = spec.pop("template", shell)
        self.lab.kubectl.apply(
            {
                "apiVersion": "computility.io/v1alpha1",
                "kind": "ComputeJob",
                "metadata": {"name": name, "namespace": self.tenant},
                "spec": {"template": template, "maxRunSeconds": 60, **spec},
            }
        )
        return name

    def edit(self, name: str, **spec: Any) -> None:
        """Set fields of the job's spec."""
        patch = json.dumps({"spec": spec})
        self.lab.kubectl("patch", "cjob", name, "-n", self.tenant, "--type=merge", f"-p={patch}")

    def cancel(self, name: str) -> None:
        self.edit(name, cancel=True)

    def delete(self, name: str) -> None:
        self.lab.kubectl("delete", "cjob", name, "-n", self.tenant)

    def get(self, name: str) -> dict[str, Any]:
        read: dict[str, Any] = yaml.safe_load(
            self.lab.kubectl("get", "cjob", name, "-n", self.tenant, "-o", "yaml")
        )
        return read

    def status(self, name: str) -> dict[str, Any]:
        status: dict[str, Any] = self.get(name).get("status", {})
        return status

    def wait_phase(self, name: str, *phases: str, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """Wait until the job is in one of these phases and return its status."""
        seen: dict[str, Any] = {}

        def is_there() -> bool:
            seen.update(status=self.status(name))
            return seen["status"].get("phase") in phases

        wait_until(is_there, f"job {name} to be {phases}, last {seen}", timeout_seconds=seconds)
        status: dict[str, Any] = seen["status"]
        return status

    def wait_end(self, name: str, *, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        return self.wait_phase(name, "Succeeded", "Failed", "Cancelled", seconds=seconds)

    def queue(self) -> list[str]:
        """Return the names of the workloads that have not ended at any centre, as Slurm's owner sees them."""
        argv = ["squeue", "--all", "--noheader", "--format=%j", "--states=PD,R,CG,S,CF"]
        centres = [self.lab.centre_of(site.name) for site in self.lab.federation.slurm]
        listed = [centre.run(argv, user="root") for centre in centres]
        assert all(each.returncode == 0 for each in listed), listed
        return [name for each in listed for name in each.stdout.split()]

    def assignments(self) -> list[dict[str, Any]]:
        listed = yaml.safe_load(self.lab.kubectl("get", "asg", "-A", "-o", "yaml"))
        items: list[dict[str, Any]] = listed["items"]
        return items

    def wait_nothing_left(self, uid: str) -> None:
        """Wait until neither the hub nor the centre has anything of this job any more."""
        part = uid.replace("-", "")

        def is_clean() -> bool:
            names = [a["metadata"]["name"] for a in self.assignments()] + self.queue()
            return not any(part in name for name in names)

        wait_until(is_clean, f"nothing of job {uid} to be left", timeout_seconds=PATIENCE_SECONDS)


def condition(status: dict[str, Any], type_: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in status["conditions"] if c["type"] == type_)
    return found
