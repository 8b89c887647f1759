"""The jobs that the preset p2 is asked about: one training under each policy, near and far from its data.

Each is a quote: it is placed, and not run.
"""

from computility.lab.fleets.build import TENANTS
from computility.lab.fleets.provinces import DATA_REGION
from computility.model.compute_job import ComputeJob, ComputeJobSpec, Resources, Template
from computility.model.job_placement import Mode, PlacementSpec, Policy, Requirements
from computility.model.job_work import DataInput, JobData, Work
from computility.model.meta import ObjectMeta
from computility.model.pool_facts import Precision

CORPUS_TERABYTES = (3, 30, 100, 300)
"""The more data, the nearer to it the job is better run."""
POLICIES = (Policy.CHEAPEST, Policy.FASTEST, Policy.GREENEST, Policy.BALANCED)
LONGEST_SECONDS = 8 * 86_400
"""Over what the slowest chip needs, so that it is compared too."""


def training_job(terabytes: int, policy: Policy) -> ComputeJob:
    """Build a BF16 training of 20 hours on 64 A100, with a corpus of so many TB in Qingpu."""
    spec = ComputeJobSpec(
        template=Template(command=("python3", "train.py", "--corpus", "corpus")),
        resources=Resources(cards=64, cards_per_node=8),
        requirements=Requirements(precisions=(Precision.BF16,)),
        work=Work(reference_card_hours=1280.0),
        data=JobData(inputs=(DataInput(name="corpus", size=f"{terabytes}T", at=DATA_REGION),)),
        max_run_seconds=LONGEST_SECONDS,
        placement=PlacementSpec(policy=policy, mode=Mode.QUOTE),
    )
    return _job(f"train-{terabytes}t-{policy.value}", spec)


def ensemble_job(policy: Policy = Policy.CHEAPEST) -> ComputeJob:
    """Build a forecast ensemble that asks for cores alone: 20 hours on 640 of them, with 0.2 TB of input."""
    spec = ComputeJobSpec(
        template=Template(command=("./ensemble", "--members", "16")),
        resources=Resources(nodes=16, tasks_per_node=40),
        work=Work(reference_core_hours=12_800.0),
        data=JobData(inputs=(DataInput(name="boundaries", size="200G", at=DATA_REGION),)),
        max_run_seconds=4 * 86_400,
        placement=PlacementSpec(policy=policy, mode=Mode.QUOTE),
    )
    return _job(f"ensemble-{policy.value}", spec)


def _job(name: str, spec: ComputeJobSpec) -> ComputeJob:
    return ComputeJob(metadata=ObjectMeta(name=name, namespace=TENANTS[0]), spec=spec)
