"""Which machine a job asks for, and which software on it."""

from typing import Any

from computility.model.base import Architecture
from computility.model.compute_job import Form, Requirements, Resources
from computility.model.pool_facts import Precision, Toolkit
from computility.model.reasons import Reason
from computility.model.resource_pool import Capacity, PoolLimits, ResourcePoolStatus
from support.builders import NOON
from support.filter_cases.case import Case
from support.placing import CARDS


def up_to(nodes: int, away: int) -> ResourcePoolStatus:
    """What an agent says that has seen all nodes of eight cores, of which some are down."""
    return ResourcePoolStatus(
        observed_at=NOON,
        complete=True,
        total=Capacity(nodes=nodes, cores=nodes * 8),
        unavailable=Capacity(nodes=away, cores=away * 8),
    )


def wants(**fields: Any) -> dict[str, Any]:
    """What is required of a machine with eight cards."""
    return {"resources": CARDS, "requirements": Requirements(**fields)}


WHICH_MACHINE = (
    Case(
        "architecture",
        Reason.ARCHITECTURE,
        wish={"requirements": Requirements(architectures=(Architecture.AMD64, Architecture.ARM64))},
        refused={"architecture": Architecture.SW64},
        taken={"architecture": Architecture.ARM64},
        wanted="amd64,arm64",
        found="sw64",
    ),
    Case(
        "card-model",
        Reason.CARD_MODEL,
        wish=wants(card_models=("k100", "z100")),
        refused={"cards": 8, "card_model": "a100"},
        taken={"cards": 8, "card_model": "z100"},
        wanted="k100,z100",
        found="a100",
    ),
    Case(
        "cards-on-a-node",
        Reason.TOO_FEW_CARDS,
        wish={"resources": Resources(cards=16, cards_per_node=8)},
        refused={"cards": 4, "nodes": 9},
        taken={"cards": 8, "nodes": 2},
        wanted="8 per node",
        found="4 per node",
    ),
    Case(
        "cards-for-one-job",
        Reason.CARD_LIMIT,
        wish={"resources": Resources(cards=16, cards_per_node=8)},
        refused={"cards": 8, "limits": PoolLimits(max_cards=15)},
        taken={"cards": 8, "limits": PoolLimits(max_cards=16)},
        wanted="16 in all",
        found="15 in all",
    ),
    Case(
        "precision",
        Reason.PRECISION,
        wish=wants(precisions=(Precision.BF16, Precision.FP64)),
        refused={"cards": 8, "precisions": (Precision.BF16, Precision.FP8)},
        taken={"cards": 8, "precisions": (Precision.FP64, Precision.FP32, Precision.BF16)},
        wanted="bf16,fp64",
        found="bf16,fp8",
    ),
    Case(
        "no-precision-declared",
        Reason.PRECISION,
        wish=wants(precisions=(Precision.BF16,)),
        refused={"cards": 8},
        taken={"cards": 8, "precisions": (Precision.BF16,)},
        wanted="bf16",
        found="none declared",
    ),
    Case(
        "card-memory",
        Reason.TOO_LITTLE_CARD_MEMORY,
        wish=wants(min_card_memory="40Gi"),
        refused={"cards": 8, "card_memory": "40G"},
        taken={"cards": 8, "card_memory": "40Gi"},
        wanted="40Gi",
        found="40G",
    ),
    Case(
        "card-memory-unknown",
        Reason.TOO_LITTLE_CARD_MEMORY,
        wish=wants(min_card_memory="40Gi"),
        refused={"cards": 8},
        taken={"cards": 8, "card_memory": "64Gi"},
        wanted="40Gi",
        found="unknown",
    ),
    Case(
        "toolkit-too-old",
        Reason.TOOLKIT,
        wish={"requirements": Requirements(toolkits=(Toolkit(name="cuda", version="12.10"),))},
        refused={"toolkits": (Toolkit(name="cuda", version="12.9.1"), Toolkit(name="dtk", version="25"))},
        taken={"toolkits": (Toolkit(name="cuda", version="12.10.0"),)},
        wanted="cuda 12.10",
        found="cuda 12.9.1",
    ),
    Case(
        "no-toolkit",
        Reason.TOOLKIT,
        wish={"requirements": Requirements(toolkits=(Toolkit(name="cuda", version="12"),))},
        refused={"toolkits": (Toolkit(name="dtk", version="25"),)},
        taken={"toolkits": (Toolkit(name="cuda", version="12"),)},
        wanted="cuda 12",
        found="none",
    ),
    Case(
        "scratch",
        Reason.TOO_LITTLE_SCRATCH,
        wish={"resources": Resources(scratch="2T")},
        refused={"limits": PoolLimits(max_scratch="1.8Ti")},
        taken={"limits": PoolLimits(max_scratch="2Ti")},
        wanted="2T",
        found="1.8Ti",
    ),
    Case(
        "scratch-unknown",
        Reason.TOO_LITTLE_SCRATCH,
        wish={"resources": Resources(scratch="2T")},
        refused={},
        taken={"limits": PoolLimits(max_scratch="2T")},
        wanted="2T",
        found="unknown",
    ),
    Case(
        "nodes",
        Reason.TOO_FEW_NODES,
        wish={"resources": Resources(nodes=5)},
        refused={"nodes": 4},
        taken={"nodes": 5},
        wanted="5",
        found="4",
    ),
    Case(
        "nodes-that-are-up",
        Reason.TOO_FEW_NODES,
        wish={"resources": Resources(nodes=5)},
        refused={"nodes": 9, "status": up_to(nodes=8, away=4)},
        taken={"nodes": 9, "status": up_to(nodes=8, away=3)},
        wanted="5",
        found="4 of 9 nodes up",
    ),
    Case(
        "nodes-for-one-job",
        Reason.TOO_FEW_NODES,
        wish={"resources": Resources(nodes=5)},
        refused={"nodes": 9, "limits": PoolLimits(max_nodes=4)},
        taken={"nodes": 9, "limits": PoolLimits(max_nodes=5)},
        wanted="5",
        found="4",
    ),
    Case(
        "cores",
        Reason.TOO_FEW_CORES,
        wish={"resources": Resources(tasks_per_node=3, cpus_per_task=3)},
        refused={"cores": 8},
        taken={"cores": 9},
        wanted="9",
        found="8",
    ),
    Case(
        "memory",
        Reason.TOO_LITTLE_MEMORY,
        wish={"resources": Resources(memory_per_node="17G")},
        refused={"memory": "15Gi"},
        taken={"memory": "16Gi"},
        wanted="17G",
        found="15Gi",
    ),
    Case(
        "run-time",
        Reason.RUN_TOO_LONG,
        wish={"max_run_seconds": 61},
        refused={"limits": PoolLimits(max_run_seconds=60)},
        taken={"limits": PoolLimits(max_run_seconds=61)},
        wanted="61 s",
        found="60 s",
    ),
)
DCU, ASCEND = (
    Form(name="dcu", card_models=("k100", "z100")),
    Form(name="ascend", architecture=Architecture.ARM64),
)


WHICH_SOFTWARE = (
    Case(
        "variant",
        Reason.VARIANT,
        wish={"forms": (DCU, ASCEND)},
        refused={"cards": 8, "card_model": "a100"},
        taken={"cards": 8, "card_model": "z100"},
        wanted="k100,z100|arm64",
        found="amd64 a100",
    ),
    Case(
        "variant-for-an-architecture",
        Reason.VARIANT,
        wish={"forms": (DCU, ASCEND)},
        refused={"architecture": Architecture.SW64},
        taken={"architecture": Architecture.ARM64},
        wanted="k100,z100|arm64",
        found="sw64",
    ),
    Case(
        "modules",
        Reason.MODULE,
        wish={"forms": (Form(modules=("gcc", "openmpi")),)},
        refused={"modules": ("cmake", "gcc")},
        taken={"modules": ("cmake", "gcc", "openmpi")},
        wanted="gcc,openmpi",
        found="gcc",
    ),
    Case(
        "modules-of-the-variant-that-is-taken",
        Reason.MODULE,
        wish={"forms": (Form(name="dcu", card_models=("k100",), modules=("dtk",)), Form(modules=("cuda",)))},
        refused={"cards": 8, "card_model": "k100", "modules": ("cuda",)},
        taken={"cards": 8, "card_model": "k100", "modules": ("dtk",)},
        wanted="dtk|cuda",
        found="none",
    ),
    Case(
        "mpi",
        Reason.MPI,
        wish={"mpi": "openmpi"},
        refused={"mpi": ("mpich",)},
        taken={"mpi": ("openmpi",)},
        wanted="openmpi",
        found="mpich",
    ),
    Case(
        "any-mpi",
        Reason.MPI,
        wish={"mpi": ""},
        refused={},
        taken={"mpi": ("mpich",)},
        wanted="any",
        found="none",
    ),
)
