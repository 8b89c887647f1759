"""On a real API server: wrong manifests are refused, and the message names the field."""

from typing import NamedTuple

import pytest

from support.api import Api
from support.samples import collection, fresh, sample, with_field

pytestmark = pytest.mark.control_plane


class Wrong(NamedTuple):
    """A good sample with one field set to a wrong value (`...`: removed), and how the refusal names it."""

    base: str
    field: str
    value: object
    named: str


JOB, MEMBER, POOL, WORK = "computejob-full", "membercluster-full", "resourcepool-full", "assignment-full"
LINK, SMALL = "datalink-full", "computejob-minimal"

LABELS = "spec.placement.poolSelector.matchLabels"
TWO_FILES = [{"path": "a"}, {"path": "a"}]
TWO_VARIABLES = [{"name": "A"}, {"name": "A"}]
BIG_VARIABLES = [{"name": f"A{n}", "value": "x" * 32_000} for n in range(3)]

WRONG = {
    # MemberCluster
    "member-without-spec": Wrong(MEMBER, "spec", ..., "spec: Required"),
    "member-of-unknown-backend": Wrong(MEMBER, "spec.backend", "pbs", "spec.backend"),
    "member-without-location": Wrong(MEMBER, "spec.location", ..., "spec.location: Required"),
    "member-in-no-region": Wrong(MEMBER, "spec.location.region", "Gansu", "spec.location.region"),
    "member-region-with-newline": Wrong(MEMBER, "spec.location.region", "CN-GS\n", "spec.location.region"),
    "member-lease-too-short": Wrong(MEMBER, "spec.lease.seconds", 9, "spec.lease.seconds"),
    "member-lease-too-long": Wrong(MEMBER, "spec.lease.seconds", 86_401, "spec.lease.seconds"),
    "member-accepted-is-no-word": Wrong(MEMBER, "spec.accepted", "yes", "spec.accepted"),
    "member-with-unknown-field": Wrong(MEMBER, "spec.pause", True, 'unknown field "spec.pause"'),
    # ResourcePool
    "pool-of-unknown-architecture": Wrong(POOL, "spec.architecture", "x86", "spec.architecture"),
    "pool-without-shape": Wrong(POOL, "spec.shape", ..., "spec.shape: Required"),
    "pool-without-nodes": Wrong(POOL, "spec.shape.nodes", 0, "spec.shape.nodes"),
    "pool-memory-without-number": Wrong(POOL, "spec.shape.memoryPerNode", "much", "spec.shape.memoryPerNode"),
    "pool-cards-without-model": Wrong(POOL, "spec.cardModel", ..., "spec.cardModel"),
    "pool-model-without-cards": Wrong(POOL, "spec.shape.cardsPerNode", 0, "spec.cardModel"),
    "pool-price-is-a-number": Wrong(POOL, "spec.tariff.perCoreHour", 0.1, "spec.tariff.perCoreHour"),
    "pool-price-is-negative": Wrong(POOL, "spec.tariff.perCoreHour", "-1", "spec.tariff.perCoreHour"),
    "pool-currency-is-no-code": Wrong(POOL, "spec.tariff.currency", "yuan", "spec.tariff.currency"),
    "pool-for-no-namespace": Wrong(POOL, "spec.access.namespaces", ["Team A"], "spec.access.namespaces[0]"),
    "pool-for-a-minute-at-most": Wrong(POOL, "spec.limits.maxRunSeconds", 59, "spec.limits.maxRunSeconds"),
    "pool-queueing-nothing": Wrong(POOL, "spec.limits.maxQueued", 0, "spec.limits.maxQueued"),
    "pool-of-endless-precision": Wrong(POOL, "spec.precisions", ["fp128"], "spec.precisions[0]"),
    "pool-toolkit-twice": Wrong(
        POOL,
        "spec.toolkits",
        [{"name": "dtk", "version": "24"}, {"name": "dtk", "version": "25"}],
        "spec.toolkits[1]: Duplicate",
    ),
    "pool-toolkit-version-in-words": Wrong(
        POOL, "spec.toolkits.0.version", "24.04-beta", "spec.toolkits[0].version"
    ),
    "pool-measured-twice": Wrong(
        POOL, "spec.benchmark", [{"measure": "bf16", "relative": 1}] * 2, "spec.benchmark[1]: Duplicate"
    ),
    "pool-of-no-speed": Wrong(POOL, "spec.benchmark.0.relative", 0, "spec.benchmark[0].relative"),
    "pool-wait-without-its-tail": Wrong(
        POOL, "spec.queueWait.0.p95Seconds", ..., "spec.queueWait[0].p95Seconds: Required"
    ),
    "pool-greener-than-green": Wrong(POOL, "spec.energy.greenShare", 1.1, "spec.energy.greenShare"),
    "pool-of-impossible-pue": Wrong(POOL, "spec.energy.pue", 0.9, "spec.energy.pue"),
    "pool-from-hearsay": Wrong(POOL, "spec.energy.source", "rumoured", "spec.energy.source"),
    "pool-allocating-racks": Wrong(POOL, "spec.allocationUnit", "rack", "spec.allocationUnit"),
    "pool-evicting": Wrong(POOL, "spec.taints.0.effect", "NoExecute", "spec.taints[0].effect"),
    "pool-valid-for-no-time": Wrong(POOL, "spec.validSeconds", 9, "spec.validSeconds"),
    "pool-window-backwards": Wrong(
        POOL,
        "spec.tariff.windows.0.end",
        "2026-12-24T15:59:59Z",
        "spec.tariff.windows: a window's end must be after its start",
    ),
    "pool-window-of-no-length": Wrong(
        POOL,
        "spec.tariff.windows.0.end",
        "2026-12-24T16:00:00Z",
        "spec.tariff.windows: a window's end must be after its start",
    ),
    "pool-window-before-the-calendar": Wrong(
        POOL, "spec.tariff.windows.0.start", "0000-01-01T00:00:00Z", "spec.tariff.windows[0].start"
    ),
    "pool-window-without-end": Wrong(
        POOL, "spec.tariff.windows.0.end", ..., "spec.tariff.windows[0].end: Required"
    ),
    # DataLink
    "link-from-nowhere": Wrong(LINK, "spec.from", ..., "spec.from: Required"),
    "link-to-a-city": Wrong(LINK, "spec.to", "Shanghai", "spec.to"),
    "link-to-a-pool": Wrong(LINK, "spec.to", "member/qingyang-1/k100-ai", "spec.to"),
    "link-to-a-newline": Wrong(LINK, "spec.to", "CN-GS\n", "spec.to"),
    "link-that-carries-nothing": Wrong(LINK, "spec.gbps", 0, "spec.gbps"),
    "link-of-no-use": Wrong(LINK, "spec.usableShare", 0, "spec.usableShare"),
    "link-of-more-than-all": Wrong(LINK, "spec.usableShare", 1.01, "spec.usableShare"),
    "link-into-the-past": Wrong(LINK, "spec.roundTripMillis", -1, "spec.roundTripMillis"),
    "link-that-pays": Wrong(LINK, "spec.costPerGB", "-0.01", "spec.costPerGB"),
    "link-price-is-a-number": Wrong(LINK, "spec.costPerGB", 0.01, "spec.costPerGB"),
    "link-with-a-status": Wrong(LINK, "status.isUp", True, 'unknown field "status"'),
    # ComputeJob
    "job-without-spec": Wrong(JOB, "spec", ..., "spec: Required"),
    "job-without-template": Wrong(JOB, "spec.template", ..., "spec.template: Required"),
    "job-with-nothing-to-run": Wrong(SMALL, "spec.template.command", ..., "spec.template:"),
    "job-with-an-empty-command": Wrong(SMALL, "spec.template.command", [], "spec.template:"),
    "job-with-command-and-script": Wrong(JOB, "spec.template.script", "#!/bin/sh\n", "spec.template:"),
    "job-script-without-shebang": Wrong(JOB, "spec.template.script", "echo hello", "spec.template.script"),
    "job-command-is-a-string": Wrong(JOB, "spec.template.command", "echo hello", "spec.template.command"),
    "job-argument-is-a-number": Wrong(JOB, "spec.template.command", ["sleep", 3], "spec.template.command[1]"),
    "job-of-unknown-launcher": Wrong(JOB, "spec.template.launcher", "mpirun", "spec.template.launcher"),
    "job-file-outside": Wrong(JOB, "spec.template.files.0.path", "../x", "spec.template.files[0].path"),
    "job-file-absolute": Wrong(JOB, "spec.template.files.0.path", "/etc/x", "spec.template.files[0].path"),
    "job-argument-with-nul": Wrong(JOB, "spec.template.command", ["a\0b"], "spec.template.command[0]"),
    "job-script-with-nul": Wrong(JOB, "spec.template.script", "#!/bin/sh\n\0", "spec.template.script"),
    "job-value-with-an-escape": Wrong(
        JOB, "spec.template.env.0.value", "\x1b[31m", "spec.template.env[0].value"
    ),
    "job-file-with-control-characters": Wrong(
        JOB, "spec.template.files.0.content", "\x01" * 9, "spec.template.files[0].content"
    ),
    "job-file-that-is-a-folder": Wrong(
        JOB, "spec.template.files", [{"path": "a"}, {"path": "a/b"}], "spec.template.files:"
    ),
    "job-file-twice": Wrong(JOB, "spec.template.files", TWO_FILES, "spec.template.files[1]"),
    "job-files-too-big": Wrong(
        JOB,
        "spec.template.files",
        [{"path": "a", "content": "x" * 200_000}, {"path": "b", "content": "x" * 62_145}],
        "spec.template.files:",
    ),
    "job-file-of-big-characters": Wrong(
        JOB, "spec.template.files", [{"path": "a", "content": "算" * 87_382}], "spec.template.files:"
    ),
    "job-variable-with-a-dash": Wrong(JOB, "spec.template.env.0.name", "A-B", "spec.template.env[0].name"),
    "job-variable-of-the-loader": Wrong(JOB, "spec.template.env.0.name", "LD_PRELOAD", "spec.template.env:"),
    "job-variable-of-the-scheduler": Wrong(
        JOB, "spec.template.env.0.name", "SLURM_CONF", "spec.template.env:"
    ),
    "job-variable-twice": Wrong(JOB, "spec.template.env", TWO_VARIABLES, "spec.template.env[1]"),
    "job-variables-too-big": Wrong(
        JOB,
        "spec.template.env",
        [{"name": f"A{n}", "value": "x" * 32_000} for n in range(3)],
        "spec.template.env:",
    ),
    "job-command-too-big": Wrong(JOB, "spec.template.command", ["x" * 4000] * 17, "spec.template.command:"),
    "job-mpi-of-another-launcher": Wrong(JOB, "spec.template.launcher", "perTask", "spec.template.mpi"),
    "job-module-that-is-an-option": Wrong(JOB, "spec.template.modules", ["-v"], "spec.template.modules[0]"),
    "job-module-of-a-shell": Wrong(JOB, "spec.template.modules", ["gcc;id"], "spec.template.modules[0]"),
    "job-modules-without-end": Wrong(JOB, "spec.template.modules", ["gcc"] * 33, "modules: Too many"),
    "job-scratch-in-words": Wrong(JOB, "spec.resources.scratch", "much", "spec.resources.scratch"),
    "job-with-a-variant-of-no-name": Wrong(JOB, "spec.template.variants.0.name", ..., "[0].name: Required"),
    "job-with-a-variant-twice": Wrong(
        JOB, "spec.template.variants.1.name", "ascend", "spec.template.variants[1]: Duplicate"
    ),
    "job-with-too-many-variants": Wrong(
        JOB, "spec.template.variants", [{"name": f"v{n}"} for n in range(17)], "variants: Too many"
    ),
    "job-with-a-variant-of-two-payloads": Wrong(
        JOB, "spec.template.variants.0.script", "#!/bin/sh\n", "spec.template.variants:"
    ),
    "job-with-a-variant-that-sets-the-loader": Wrong(
        JOB, "spec.template.variants.0.env.0.name", "LD_PRELOAD", "spec.template.variants:"
    ),
    "job-with-nothing-to-run-but-a-variant-of-nothing": Wrong(
        SMALL,
        "spec.template",
        {"variants": [{"name": "a", "architecture": "arm64"}]},
        "spec.template.variants",
    ),
    "job-with-variants-too-big": Wrong(
        JOB,
        "spec.template.variants",
        [{"name": f"v{n}", "script": "#!" + "算" * 10_000} for n in range(5)],
        "spec.template.variants:",
    ),
    "job-grace-too-long": Wrong(JOB, "spec.template.graceSeconds", 3601, "spec.template.graceSeconds"),
    "job-on-no-node": Wrong(JOB, "spec.resources.nodes", 0, "spec.resources.nodes"),
    "job-cards-do-not-divide": Wrong(JOB, "spec.resources.cards", 63, "spec.resources.cards"),
    "job-cards-each-but-none": Wrong(JOB, "spec.resources.cards", ..., "spec.resources.cards"),
    "job-nodes-contradict-cards": Wrong(JOB, "spec.resources.nodes", 7, "spec.resources.nodes"),
    "job-memory-in-words": Wrong(JOB, "spec.resources.memoryPerNode", "4 GB", "spec.resources.memoryPerNode"),
    "job-for-ever": Wrong(JOB, "spec.maxRunSeconds", 31_536_001, "spec.maxRunSeconds"),
    "job-time-is-a-string": Wrong(JOB, "spec.maxRunSeconds", "1h", "spec.maxRunSeconds"),
    "job-by-unknown-policy": Wrong(JOB, "spec.placement.policy", "nearest", "spec.placement.policy"),
    "job-price-with-currency": Wrong(
        JOB, "spec.placement.maxPricePerCoreHour", "1 CNY", "spec.placement.maxPricePerCoreHour"
    ),
    "job-label-key-too-long": Wrong(
        JOB,
        "spec.placement.poolSelector.matchLabels",
        {"k" * 318: "v"},
        "spec.placement.poolSelector.matchLabels",
    ),
    "job-label-key-that-a-terminal-obeys": Wrong(
        JOB, "spec.placement.poolSelector.matchLabels", {"\x1b[2J": "v"}, "matchLabels is no label's name"
    ),
    "job-label-value-with-spaces": Wrong(
        JOB,
        "spec.placement.poolSelector.matchLabels",
        {"k": "a b"},
        "spec.placement.poolSelector.matchLabels.k",
    ),
    "job-array-of-nothing": Wrong(JOB, "spec.array.size", 0, "spec.array.size"),
    "job-array-too-big": Wrong(JOB, "spec.array.size", 10_001, "spec.array.size"),
    "job-array-without-size": Wrong(JOB, "spec.array.size", ..., "spec.array.size: Required"),
    "job-array-size-is-a-string": Wrong(JOB, "spec.array.size", "20", "spec.array.size"),
    "job-array-running-nothing": Wrong(JOB, "spec.array.maxConcurrent", 0, "spec.array.maxConcurrent"),
    "job-array-running-too-much": Wrong(JOB, "spec.array.maxConcurrent", 10_001, "spec.array.maxConcurrent"),
    "job-array-by-its-indices": Wrong(JOB, "spec.array.indices", "0-9", 'unknown field "spec.array.indices"'),
    "job-retrying-for-ever": Wrong(JOB, "spec.retry.maxPerIndex", 11, "spec.retry.maxPerIndex"),
    "job-retrying-less-than-never": Wrong(JOB, "spec.retry.maxPerIndex", -1, "spec.retry.maxPerIndex"),
    "job-restarting-on-loss": Wrong(
        JOB, "spec.failover.onMemberLost", "Restart", "spec.failover.onMemberLost"
    ),
    "job-with-no-attempt": Wrong(JOB, "spec.failover.maxAttempts", 0, "spec.failover.maxAttempts"),
    "job-with-endless-attempts": Wrong(JOB, "spec.failover.maxAttempts", 101, "spec.failover.maxAttempts"),
    "job-managed-by-nobody": Wrong(JOB, "spec.managedBy", "", "spec.managedBy"),
    "job-managed-by-a-person": Wrong(JOB, "spec.managedBy", "Alice and Bob", "spec.managedBy"),
    "job-before-all-others": Wrong(JOB, "spec.priority", 1001, "spec.priority"),
    "job-behind-all-others": Wrong(JOB, "spec.priority", -1001, "spec.priority"),
    "job-after-one-twice": Wrong(JOB, "spec.dependsOn.1.name", "prepare", "spec.dependsOn[1]: Duplicate"),
    "job-after-nobody": Wrong(JOB, "spec.dependsOn.0.name", ..., "dependsOn[0].name: Required"),
    "job-after-a-start": Wrong(JOB, "spec.dependsOn.0.until", "Started", "spec.dependsOn[0].until"),
    "job-after-too-many": Wrong(
        JOB, "spec.dependsOn", [{"name": f"j{n}"} for n in range(33)], "spec.dependsOn: Too many"
    ),
    "job-gone-before-its-end": Wrong(JOB, "spec.ttlSecondsAfterFinished", -1, "spec.ttlSecondsAfterFinished"),
    "job-suspended-in-words": Wrong(JOB, "spec.suspend", "yes", "spec.suspend"),
    "job-with-a-later-field": Wrong(JOB, "spec.data.outputs", ["a"], 'unknown field "spec.data.outputs"'),
    "job-due-on-a-day": Wrong(JOB, "spec.deadline", "2027-01-01", "spec.deadline"),
    "job-due-at-no-place": Wrong(JOB, "spec.deadline", "2027-01-31T00:00:00", "spec.deadline"),
    "job-due-before-the-calendar": Wrong(JOB, "spec.deadline", "0000-01-01T00:00:00Z", "spec.deadline"),
    "job-due-beyond-all-offsets": Wrong(JOB, "spec.deadline", "2027-01-31T00:00:00+24:00", "spec.deadline"),
    "job-due-a-comma-later": Wrong(JOB, "spec.deadline", "2027-01-31T00:00:00,5Z", "spec.deadline"),
    "job-in-unknown-precision": Wrong(JOB, "spec.requirements.precisions", ["fp4"], "precisions[0]"),
    "job-in-no-region": Wrong(
        JOB, "spec.placement.poolSelector.regions", ["Gansu"], "spec.placement.poolSelector.regions[0]"
    ),
    "job-next-door": Wrong(JOB, "spec.placement.latencyClass", "rack", "spec.placement.latencyClass"),
    "job-weighing-less-than-nothing": Wrong(
        JOB, "spec.placement.weights.cost", -1, "spec.placement.weights.cost"
    ),
    "job-half-quoted": Wrong(JOB, "spec.placement.mode", "Maybe", "spec.placement.mode"),
    "job-of-no-work": Wrong(JOB, "spec.work.referenceCardHours", 0, "spec.work.referenceCardHours"),
    "job-more-than-efficient": Wrong(
        JOB, "spec.work.parallelEfficiency", 1.1, "spec.work.parallelEfficiency"
    ),
    "job-reading-from-a-city": Wrong(JOB, "spec.data.inputs.0.at", "Shanghai", "spec.data.inputs[0].at"),
    "job-reading-a-thing-twice": Wrong(
        JOB, "spec.data.inputs.1.name", "corpus", "spec.data.inputs[1]: Duplicate"
    ),
    "job-reading-without-measure": Wrong(JOB, "spec.data.inputs.0.size", ..., "inputs[0].size: Required"),
    "job-with-a-typing-error": Wrong(JOB, "spec.resources.node", 2, 'unknown field "spec.resources.node"'),
    # Assignment
    "assignment-without-member": Wrong(WORK, "spec.memberUID", ..., "spec.memberUID: Required"),
    "assignment-of-attempt-zero": Wrong(WORK, "spec.ordinal", 0, "spec.ordinal"),
    "assignment-of-nothing": Wrong(WORK, "spec.job", ..., "spec:"),
    "assignment-of-two-things": Wrong(WORK, "spec.movement", {"source": "a", "destination": "b"}, "spec:"),
    "assignment-pausing": Wrong(WORK, "spec.desired", "Pause", "spec.desired"),
    "assignment-of-odd-indices": Wrong(WORK, "spec.job.indices", "0-9;14", "spec.job.indices"),
    "assignment-of-indices-too-high": Wrong(WORK, "spec.job.indices", "0-10000", "spec.job.indices"),
    "assignment-indices-with-newline": Wrong(WORK, "spec.job.indices", "0-9\n", "spec.job.indices"),
    "assignment-of-an-array-too-big": Wrong(WORK, "spec.job.arraySize", 10_001, "spec.job.arraySize"),
    "assignment-running-nothing": Wrong(WORK, "spec.job.maxConcurrent", 0, "spec.job.maxConcurrent"),
    "assignment-without-lease": Wrong(WORK, "spec.lease", ..., "spec.lease: Required"),
    "assignment-of-odd-uid": Wrong(WORK, "spec.job.uid", "a;b", "spec.job.uid"),
}


@pytest.mark.parametrize("wrong", [pytest.param(wrong, id=name) for name, wrong in WRONG.items()])
def test_a_wrong_manifest_is_refused_with_the_field_named(api: Api, namespace: str, wrong: Wrong) -> None:
    manifest = with_field(fresh(sample(wrong.base), namespace), wrong.field, wrong.value)

    refusal = api.create(collection(manifest), manifest)

    assert refusal.code in {400, 422}
    assert wrong.named in refusal.message


@pytest.mark.parametrize(
    ("base", "name"),
    [
        pytest.param(MEMBER, "a.b", id="a-member-with-a-dot"),
        pytest.param(MEMBER, "m" * 51, id="a-member-of-51-letters"),
        pytest.param(WORK, "train-1", id="an-assignment-named-by-a-person"),
        pytest.param(WORK, f"cj-{'0' * 32}-0", id="an-assignment-of-attempt-zero"),
    ],
)
def test_a_name_that_would_not_do_is_refused(api: Api, namespace: str, base: str, name: str) -> None:
    manifest = with_field(fresh(sample(base), namespace), "metadata.name", name)

    refusal = api.create(collection(manifest), manifest)

    assert refusal.code == 422
    assert "metadata.name" in refusal.message


def test_a_status_beyond_its_bounds_is_refused(api: Api, namespace: str) -> None:
    manifest = fresh(sample("assignment-minimal"), namespace)
    made = api.create(collection(manifest), manifest)
    assert made.is_ok, made.message

    refusal = api.patch(
        f"{collection(manifest)}/{manifest['metadata']['name']}/status",
        {"status": {"stdoutTail": "x" * 2049}},
    )

    assert refusal.code == 422
    assert "status.stdoutTail" in refusal.message
