"""On a real API server: what may be edited, and that what may not cannot be changed, removed or added."""

from typing import NamedTuple

import pytest

from support.api import Answer, Api
from support.samples import Manifest, collection, fresh, full_status, path_of, sample, with_field

pytestmark = pytest.mark.control_plane

JOB, WORK = "computejob-full", "assignment-full"
CPID = "urn:cpid:gansu:CN-GS:other:member:1"
OTHER_UID = "00000000-0000-4000-8000-000000000000"
OVERLAPPING = [{"start": f"2026-12-0{day}T00:00:00Z", "end": "2026-12-09T00:00:00Z"} for day in range(1, 9)]
WORDS = [f"{n:x>64}" for n in range(64)]
BIGGEST_ASK: Manifest = {
    "resources": {"cards": 64, "cardsPerNode": 8},
    "requirements": {
        "architectures": ["amd64", "arm64", "loong64", "sw64", "riscv64"],
        "cardModels": WORDS[:32],
        "precisions": ["fp64", "fp32", "tf32", "fp16", "bf16", "fp8", "int8"],
        "toolkits": [{"name": name, "version": "999999.999999.999999"} for name in WORDS[:16]],
    },
    "work": {"measured": {"cardModel": WORDS[0], "cards": 1_000_000, "seconds": 31_536_000}},
    "data": {
        "inputs": [{"name": n, "size": "9" * 30 + "Ti", "at": "member/" + "m" * 50} for n in WORDS[:32]]
    },
    "dependsOn": [{"name": f"{n:j>253}", "until": "Succeeded"} for n in range(32)],
    "placement": {
        "poolSelector": {
            "matchLabels": {f"{n:k>317}": f"{n:v>63}" for n in range(32)},
            "regions": [f"CN-{n:A>3}" for n in range(64)],
            "exclude": [f"{n:m>50}" for n in range(64)],
        },
        "tolerations": [{"key": word, "value": word[:63]} for word in WORDS[:16]],
    },
}
FIXED_BUT_OPTIONAL = ["resources", "requirements", "work", "data", "dependsOn", "array", "retry", "managedBy"]


class Edit(NamedTuple):
    """An edit of a sample's field (`...`: removed), and the field that a refusal names."""

    base: str
    field: str
    value: object
    named: str = ""


REFUSED = {
    # ComputeJob: the work itself is fixed from the first moment.
    "template-changed": Edit(JOB, "spec.template.graceSeconds", 61, "spec:"),
    "command-changed": Edit(JOB, "spec.template.command", ["true"], "spec:"),
    "template-removed": Edit(JOB, "spec.template", ..., "spec.template: Required"),
    "script-added": Edit("computejob-minimal", "spec.template.script", "#!/bin/sh\n", "spec.template:"),
    "files-added": Edit("computejob-minimal", "spec.template.files", [{"path": "a"}], "spec:"),
    "files-removed": Edit(JOB, "spec.template.files", ..., "spec:"),
    "resources-changed": Edit(JOB, "spec.resources.memoryPerNode", "1Gi", "spec:"),
    "resources-removed": Edit(JOB, "spec.resources", ..., "spec:"),
    "resources-added": Edit("computejob-minimal", "spec.resources", {"nodes": 2}, "spec:"),
    "requirements-changed": Edit(JOB, "spec.requirements.cardModels", ["other"], "spec:"),
    "requirements-removed": Edit(JOB, "spec.requirements", ..., "spec:"),
    "requirements-added": Edit("computejob-minimal", "spec.requirements", {"cardModels": ["a"]}, "spec:"),
    "precisions-changed": Edit(JOB, "spec.requirements.precisions", ["fp64"], "spec:"),
    "toolkit-changed": Edit(JOB, "spec.requirements.toolkits.0.version", "9", "spec:"),
    "work-of-a-job-changed": Edit(JOB, "spec.work.referenceCardHours", 1281, "spec:"),
    "work-of-a-job-removed": Edit(JOB, "spec.work", ..., "spec:"),
    "work-of-a-job-added": Edit("computejob-minimal", "spec.work", {"referenceCoreHours": 1}, "spec:"),
    "data-changed": Edit(JOB, "spec.data.inputs.0.size", "4T", "spec:"),
    "data-moved": Edit(JOB, "spec.data.inputs.0.at", "CN-GS", "spec:"),
    "data-removed": Edit(JOB, "spec.data", ..., "spec:"),
    "inputs-removed": Edit(JOB, "spec.data.inputs", ..., "spec:"),
    "data-added": Edit(
        "computejob-minimal", "spec.data", {"inputs": [{"name": "a", "size": "1G", "at": "CN-SH"}]}, "spec:"
    ),
    "run-time-changed": Edit(JOB, "spec.maxRunSeconds", 60, "spec:"),
    "run-time-removed": Edit(JOB, "spec.maxRunSeconds", ..., "spec:"),
    "run-time-added": Edit("computejob-minimal", "spec.maxRunSeconds", 60, "spec:"),
    "array-grown": Edit(JOB, "spec.array.size", 21, "spec:"),
    "array-removed": Edit(JOB, "spec.array", ..., "spec:"),
    "array-added": Edit("computejob-minimal", "spec.array", {"size": 2}, "spec:"),
    "dependency-changed": Edit(JOB, "spec.dependsOn.1.until", "Succeeded", "spec:"),
    "dependency-added": Edit("computejob-minimal", "spec.dependsOn", [{"name": "prepare"}], "spec:"),
    "dependencies-removed": Edit(JOB, "spec.dependsOn", ..., "spec:"),
    "retry-changed": Edit(JOB, "spec.retry.maxPerIndex", 3, "spec:"),
    "retry-added": Edit("computejob-minimal", "spec.retry", {"maxPerIndex": 1}, "spec:"),
    "handed-to-another-controller": Edit(JOB, "spec.managedBy", "example.com/other", "spec:"),
    "taken-from-its-controller": Edit(JOB, "spec.managedBy", ..., "spec:"),
    "given-to-a-controller-later": Edit("computejob-minimal", "spec.managedBy", "example.com/other", "spec:"),
    "array-limit-changed": Edit(JOB, "spec.array.maxConcurrent", 5, "spec:"),
    "array-limit-removed": Edit(JOB, "spec.array.maxConcurrent", ..., "spec:"),
    "retry-removed": Edit(JOB, "spec.retry", ..., "spec:"),
    "cancel-taken-back": Edit(JOB, "spec.cancel", False, "spec.cancel:"),
    "cancel-removed": Edit(JOB, "spec.cancel", ..., "spec.cancel:"),
    # Assignment: all but `desired` is fixed, and that goes one way.
    "cancel-of-an-attempt-taken-back": Edit(WORK, "spec.desired", "Run", "spec.desired:"),
    "cancel-of-an-attempt-removed": Edit(WORK, "spec.desired", ..., "spec.desired:"),
    "member-changed": Edit(WORK, "spec.memberUID", OTHER_UID, "spec.memberUID:"),
    "member-removed": Edit(WORK, "spec.memberUID", ..., "spec.memberUID: Required"),
    "ordinal-changed": Edit(WORK, "spec.ordinal", 3, "spec.ordinal:"),
    "ordinal-removed": Edit(WORK, "spec.ordinal", ..., "spec.ordinal: Required"),
    "lease-changed": Edit(WORK, "spec.lease.seconds", 60, "spec.lease:"),
    "lease-removed": Edit(WORK, "spec.lease", ..., "spec.lease: Required"),
    "work-changed": Edit(WORK, "spec.job.pool", "other", "spec.job:"),
    "work-removed": Edit(WORK, "spec.job", ..., "spec:"),
    "work-added-to": Edit("assignment-minimal", "spec.job.env", [{"name": "A"}], "spec.job:"),
    "indices-changed": Edit(WORK, "spec.job.indices", "0-9", "spec.job:"),
    "array-size-changed": Edit(WORK, "spec.job.arraySize", 21, "spec.job:"),
    "limit-of-an-attempt-changed": Edit(WORK, "spec.job.maxConcurrent", 3, "spec.job:"),
    "limit-of-an-attempt-removed": Edit(WORK, "spec.job.maxConcurrent", ..., "spec.job:"),
    "movement-added": Edit(WORK, "spec.movement", {"source": "a", "destination": "b"}, "spec:"),
    "movement-changed": Edit("assignment-movement", "spec.movement.source", "other", "spec.movement:"),
    "movement-removed": Edit("assignment-movement", "spec.movement", ..., "spec:"),
    # MemberCluster
    "backend-changed": Edit("membercluster-full", "spec.backend", "kubernetes", "spec.backend:"),
    "member-claims-what-is-no-cpid": Edit("membercluster-minimal", "spec.cpid", "urn:cpid:x", "spec.cpid"),
    "backend-removed": Edit("membercluster-full", "spec.backend", ..., "spec.backend: Required"),
}

ALWAYS = {
    "suspended": Edit("computejob-minimal", "spec.suspend", True),
    "resumed": Edit(JOB, "spec.suspend", False),
    "suspend-removed": Edit(JOB, "spec.suspend", ...),
    "priority-set": Edit("computejob-minimal", "spec.priority", -1000),
    "priority-changed": Edit(JOB, "spec.priority", 1000),
    "priority-removed": Edit(JOB, "spec.priority", ...),
    "time-to-live-set": Edit("computejob-minimal", "spec.ttlSecondsAfterFinished", 0),
    "time-to-live-changed": Edit(JOB, "spec.ttlSecondsAfterFinished", 60),
    "time-to-live-removed": Edit(JOB, "spec.ttlSecondsAfterFinished", ...),
}

ALLOWED = {
    "cancel-set": Edit("computejob-minimal", "spec.cancel", True),
    **ALWAYS,
    "failover-changed-before-placing": Edit(JOB, "spec.failover.maxAttempts", 6),
    "placement-added-before-placing": Edit("computejob-minimal", "spec.placement", {"policy": "cheapest"}),
    "placement-changed-before-placing": Edit(JOB, "spec.placement.maxPricePerCoreHour", "1"),
    "placement-removed-before-placing": Edit(JOB, "spec.placement", ...),
    "policy-changed-before-placing": Edit(JOB, "spec.placement.policy", "fastest"),
    "quote-carried-out-before-placing": Edit("computejob-quote", "spec.placement.mode", "Run"),
    "deadline-put-off-before-placing": Edit(JOB, "spec.deadline", "2027-02-28T00:00:00Z"),
    "deadline-added-before-placing": Edit("computejob-minimal", "spec.deadline", "2027-02-28T00:00:00Z"),
    "deadline-removed-before-placing": Edit(JOB, "spec.deadline", ...),
    "failover-added-before-placing": Edit("computejob-minimal", "spec.failover", {"onMemberLost": "Requeue"}),
    "failover-removed-before-placing": Edit(JOB, "spec.failover", ...),
    "attempt-cancelled": Edit("assignment-minimal", "spec.desired", "Cancel"),
    "member-claims-a-cpid-in-time": Edit("membercluster-minimal", "spec.cpid", CPID),
    "member-drained": Edit("membercluster-minimal", "spec.drain", True),
    "member-no-longer-accepted": Edit("membercluster-full", "spec.accepted", False),
    "lease-terms-changed": Edit("membercluster-full", "spec.lease.seconds", 600),
    "pool-grown": Edit("resourcepool-full", "spec.shape.nodes", 33),
    "tariff-changed": Edit("resourcepool-full", "spec.tariff.perCardHour", "1.05"),
    "tariff-window-moved": Edit(
        "resourcepool-full", "spec.tariff.windows.0.start", "2026-12-31T23:59:59+08:00"
    ),
    "tariff-windows-overlapping": Edit("resourcepool-full", "spec.tariff.windows", OVERLAPPING),
    "tariff-windows-removed": Edit("resourcepool-full", "spec.tariff.windows", ...),
    "benchmark-measured-anew": Edit("resourcepool-full", "spec.benchmark.0.relative", 0.62),
    "link-widened": Edit("datalink-minimal", "spec.gbps", 100),
    "link-turned-round": Edit("datalink-minimal", "spec.from", "CN-NM"),
}

UNTIL_PLACED = {
    "failover-changed": Edit(JOB, "spec.failover.maxAttempts", 6, "spec.placement:"),
    "failover-added": Edit("computejob-minimal", "spec.failover", {"maxAttempts": 2}, "spec.placement:"),
    "placement-changed": Edit(JOB, "spec.placement.maxPricePerCoreHour", "1", "spec.placement:"),
    "placement-removed": Edit(JOB, "spec.placement", ..., "spec.placement:"),
    "placement-added": Edit(
        "computejob-minimal", "spec.placement", {"policy": "cheapest"}, "spec.placement:"
    ),
    "policy-changed": Edit(JOB, "spec.placement.policy", "fastest", "spec.placement:"),
    "turned-into-a-quote": Edit("computejob-minimal", "spec.placement", {"mode": "Quote"}, "spec.placement:"),
    "deadline-put-off": Edit(JOB, "spec.deadline", "2027-02-28T00:00:00Z", "deadline and failover cannot"),
    "deadline-added": Edit("computejob-minimal", "spec.deadline", "2027-02-28T00:00:00Z", "deadline and"),
    "deadline-removed": Edit(JOB, "spec.deadline", ..., "deadline and failover cannot change"),
    "failover-mode-changed": Edit(JOB, "spec.failover.onMemberLost", "Wait", "failover cannot change"),
    "failover-removed": Edit(JOB, "spec.failover", ..., "failover cannot change"),
}


def cases(edits: dict[str, Edit]) -> list[object]:
    return [pytest.param(edit, id=name) for name, edit in edits.items()]


def make(api: Api, base: str, namespace: str) -> Manifest:
    """Create a sample and return it as the API server has it, to be edited and put back."""
    manifest = fresh(sample(base), namespace)
    made = api.create(collection(manifest), manifest)
    assert made.is_ok, made.message
    return made.body


def put(api: Api, made: Manifest, edit: Edit) -> Answer:
    changed = with_field(made, edit.field, edit.value)
    assert changed != made
    return api.put(path_of(made), changed)


def place(api: Api, made: Manifest) -> Manifest:
    placed = api.patch(f"{path_of(made)}/status", {"status": {"lastOrdinal": 1}})
    assert placed.is_ok, placed.message
    return placed.body


@pytest.mark.parametrize("edit", cases(REFUSED))
def test_what_is_fixed_cannot_be_changed_removed_or_added(api: Api, namespace: str, edit: Edit) -> None:
    refusal = put(api, make(api, edit.base, namespace), edit)

    assert refusal.code == 422
    assert edit.named in refusal.message


@pytest.mark.parametrize("edit", cases(ALLOWED))
def test_what_is_open_can_be_edited(api: Api, namespace: str, edit: Edit) -> None:
    answer = put(api, make(api, edit.base, namespace), edit)

    assert answer.is_ok, answer.message


@pytest.mark.parametrize("edit", cases(UNTIL_PLACED))
def test_placement_deadline_and_failover_are_fixed_once_the_job_has_been_placed(
    api: Api, namespace: str, edit: Edit
) -> None:
    made = place(api, make(api, edit.base, namespace))

    refusal = put(api, made, edit)

    assert refusal.code == 422
    assert edit.named in refusal.message


def test_the_priority_of_a_placed_job_can_still_be_changed(api: Api, namespace: str) -> None:
    made = place(api, make(api, "computejob-minimal", namespace))

    assert api.patch(path_of(made), {"spec": {"priority": 7}}).is_ok


@pytest.mark.parametrize("wish", ["cancel", "suspend"])
def test_a_placed_job_can_still_be_ended(api: Api, namespace: str, wish: str) -> None:
    made = place(api, make(api, "computejob-minimal", namespace))

    assert api.patch(path_of(made), {"spec": {wish: True}}).is_ok


def test_how_long_an_ended_job_is_kept_can_still_be_said(api: Api, namespace: str) -> None:
    made = place(api, make(api, "computejob-minimal", namespace))

    for seconds in (60, 0, None):
        assert api.patch(path_of(made), {"spec": {"ttlSecondsAfterFinished": seconds}}).is_ok


@pytest.mark.parametrize("base", ["membercluster-full", "resourcepool-full", "datalink-full", JOB, WORK])
def test_a_put_without_spec_is_refused(api: Api, namespace: str, base: str) -> None:
    made = make(api, base, namespace)

    refusal = api.put(path_of(made), with_field(made, "spec", ...))

    assert refusal.code == 422
    assert "spec: Required" in refusal.message


@pytest.mark.parametrize("field", FIXED_BUT_OPTIONAL)
def test_a_fixed_field_cannot_be_exchanged_in_two_patches(api: Api, namespace: str, field: str) -> None:
    """An optional field's own rule would let it be removed first and put back with another value after."""
    made = make(api, JOB, namespace)

    assert api.patch(path_of(made), {"spec": {field: None}}).code == 422
    assert api.get(path_of(made)).body["spec"] == made["spec"]


def test_a_status_write_cannot_touch_the_spec(api: Api, namespace: str) -> None:
    made = make(api, "assignment-minimal", namespace)

    api.patch(f"{path_of(made)}/status", {"spec": {"desired": "Cancel"}, "status": {"sequence": 1}})

    read = api.get(path_of(made)).body
    assert (read["spec"]["desired"], read["status"]["sequence"]) == ("Run", 1)


@pytest.mark.parametrize("status", [{"lastOrdinal": 1}, {"lastOrdinal": None}, None])
def test_the_number_of_the_last_attempt_never_falls(api: Api, namespace: str, status: object) -> None:
    made = make(api, JOB, namespace)
    api.patch(f"{path_of(made)}/status", {"status": full_status("ComputeJob")})

    refusal = api.patch(f"{path_of(made)}/status", {"status": status})

    assert refusal.code == 422
    assert "status.lastOrdinal" in refusal.message


def test_the_number_of_the_last_attempt_may_rise(api: Api, namespace: str) -> None:
    made = place(api, make(api, JOB, namespace))

    assert api.patch(f"{path_of(made)}/status", {"status": {"lastOrdinal": 2}}).is_ok


def test_a_job_of_the_greatest_size_can_be_reported_on_and_cancelled(api: Api, namespace: str) -> None:
    """The rules compare all that is fixed at each write; their budget has to last for the biggest."""
    manifest = fresh(sample("computejob-minimal"), namespace)
    manifest["spec"]["template"] = {
        "command": ["x" * 256] * 256,
        "files": [{"path": f"f{n}", "content": "x" * 4096} for n in range(64)],
        "env": [{"name": f"A{n}", "value": "x" * 256} for n in range(256)],
    }
    manifest["spec"] |= BIGGEST_ASK
    made = api.create(collection(manifest), manifest)
    assert made.is_ok, made.message

    reported = api.patch(f"{path_of(manifest)}/status", {"status": full_status("ComputeJob")})
    cancelled = api.patch(path_of(manifest), {"spec": {"cancel": True}})

    assert reported.is_ok, reported.message
    assert cancelled.is_ok, cancelled.message


@pytest.mark.parametrize("value", [CPID, ...], ids=["changed", "removed"])
def test_a_cpid_stays_once_the_hub_has_written_it_down(api: Api, namespace: str, value: object) -> None:
    made = make(api, "membercluster-full", namespace)
    known = api.patch(f"{path_of(made)}/status", {"status": {"cpid": made["spec"]["cpid"]}})
    refusal = put(api, known.body, Edit("membercluster-full", "spec.cpid", value))

    assert known.is_ok, known.message
    assert refusal.code == 422
    assert "spec.cpid cannot change once status.cpid is set" in refusal.message
